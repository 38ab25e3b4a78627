//! The integration tests. What needs a server, ours or another's, stands under `servers` and runs with
//! `cargo nextest run --profile full`; `tests/run` installs what that takes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on ends, and clippy takes only #[test] functions for tests"
)]

mod commands;
mod example;
mod flows;
mod mutating;
mod servers;
mod support;
mod web;
