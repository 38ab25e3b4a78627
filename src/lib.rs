//! renkei: an accounting firm asks by mail, the customer decides.
//!
//! The house, bottom-up; each room may use only what stands above it in this list (held by `tests/architecture.rs`):
//!
//! | room | what it is | may use |
//! |---|---|---|
//! | [`domain`] | the rules: pure, no IO, no clock, no randomness | nothing of ours |
//! | [`clock`], [`entropy`], [`keys`] | the only sources of time, randomness and server keys | `domain` |
//! | [`passwords`] | passwords at rest, a few at once | `domain`, `entropy` |
//! | [`bell`] | wakes a loop of this process | nothing of ours |
//! | [`links`] | each URL, declared once | `domain`, `keys` |
//! | [`schedule`] | cron expressions in a zone that keeps its clocks | `domain` |
//! | [`config`] | one small struct a section of the TOML file | `domain`, `schedule` |
//! | [`mailbox`] | where mail comes from: IMAP or a Maildir | `domain`, `clock`, `entropy`, its config section |
//! | [`intake`] | bytes in, what was asked and by whom out | `domain`, `clock`, `entropy`, its config section |
//! | [`mail`] | what we say and how it leaves | `domain`, `clock`, `entropy`, `links`, its config section |
//! | [`contracts`] | the contract-management system: the one built in, and the client of another | `domain`, `clock`, `entropy`, its config section |
//! | [`store`] | all SQL | `domain`, `clock`, `entropy`, its config section |
//! | [`flows`] | one use case a file, one transaction each | all above but `config` |
//! | [`loops`], [`web`] | what runs for ever, what answers HTTP | `flows`, `domain`, `lifecycle`, `schedule`, `mailbox` (the inbox loop alone) |
//! | [`app`], [`lifecycle`], [`telemetry`] | the composition root | everything |
//! | [`cli`] | one file a command | `app`, `flows`, `config`, the ledger of `contracts` |
#![forbid(unsafe_code)]

pub mod app;
pub mod bell;
pub mod cli;
pub mod clock;
pub mod config;
pub mod contracts;
pub mod domain;
pub mod entropy;
pub mod flows;
pub mod intake;
pub mod keys;
pub mod lifecycle;
pub mod links;
pub mod loops;
pub mod mail;
pub mod mailbox;
pub mod passwords;
pub mod schedule;
pub mod store;
pub mod telemetry;
pub mod web;
