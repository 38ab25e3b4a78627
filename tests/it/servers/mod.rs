//! Tests that start servers. The harness proves itself first: a fault in it must not look like one of the daemon's.

mod browser;
mod crash;
mod flows;
mod harness;
mod inbox;
mod nightly;
mod office;
mod outbox;
mod port;
