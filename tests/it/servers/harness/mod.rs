//! Each server of [`crate::support`] works by itself, and is gone once it is dropped.

mod browser;
mod daemon;
mod dns;
mod dovecot;
mod firm_mail;
mod postgres;
mod process;
mod proxy;
mod smtp_script;
mod smtp_sink;
