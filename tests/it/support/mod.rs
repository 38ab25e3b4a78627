//! The servers a mail daemon meets, private to the test that starts them: each stands on a free port of 127.0.0.1, works in
//! a folder of its own and stops when it is dropped. If the test is killed instead, its leash stops it (see [`process`]).
//!
//! Everything here blocks the calling thread and none of it needs the caller's runtime: what is written in tokio runs on
//! threads of its own (see [`background`]), so a test may wait in either style.
#![allow(dead_code, reason = "a workshop: a tool may wait for its first test")]

pub mod axe;
pub mod background;
pub mod browser;
pub mod chromium;
pub mod daemon;
pub mod dkim;
pub mod dns;
pub mod dovecot;
pub mod dovecot_conf;
pub mod firm_key;
pub mod firm_mail;
pub mod folder;
pub mod line_client;
pub mod notify_socket;
pub mod poll;
pub mod port;
pub mod postgres;
pub mod process;
pub mod proxy;
pub mod smtp_script;
pub mod smtp_sink;
pub mod smtp_talk;
pub mod socket;
pub mod tls;
pub mod txt_cache;
