//! The commands, as an operator types them: the real program on a Maildir and SQLite.

mod account;
mod audit;
mod check;
mod demo;
mod firm;
mod firm_csv;
mod help;
mod keys;
mod ledger;
mod quarantine;
mod reconcile;
mod replay;
mod request;

use std::path::Path;

use crate::support::daemon::{Installation, Ran};

/// An installation that reads a Maildir and writes one.
fn installation() -> Installation {
    Installation::new(config)
}

/// The same with a server key.
pub fn with_key() -> Installation {
    let house = installation();
    house.cli_ok(&["keys", "init"]);
    house
}

/// The same with firm 1001.
fn with_firm() -> Installation {
    let house = with_key();
    house.cli_ok(&[
        "firm",
        "add",
        "--number",
        "1001",
        "--name",
        "あおぞら会計事務所",
        "--sender",
        "office@aozora.example",
    ]);
    house
}

fn config(dir: &Path) -> String {
    let dir = dir.display();
    format!(
        r#"
[store]
url = "sqlite:{dir}/data/renkei.db"
[keys]
folder = "{dir}/keys"
[mailbox]
kind = "maildir"
[mailbox.maildir]
path = "{dir}/inbox"
[relay]
kind = "maildir"
[relay.maildir]
path = "{dir}/outbox"
[sender]
address = "noreply@renkei.example"
contact = "03-0000-0000"
[web]
listen = "127.0.0.1:{port}"
base_url = "https://renkei.example"
"#,
        port = crate::support::port::free(),
    )
}

/// The command was wrong: exit 2, one line that names `what`, and nothing else was said.
#[track_caller]
fn assert_wrong(ran: &Ran, what: &str) {
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains(what), "{what} in {}", ran.stderr);
    assert_eq!((ran.stderr.lines().count(), ran.stdout.as_str()), (1, ""), "{}", ran.stderr);
}

/// What a command printed as JSON.
#[track_caller]
fn json(house: &Installation, args: &[&str]) -> serde_json::Value {
    serde_json::from_str(&house.cli_ok(&[args, &["--json"]].concat())).unwrap()
}
