//! Holds the import rules of the house: who may use whom, who alone asks the time, draws randomness or speaks SQL, and how
//! long a file may grow. It reads the sources as text: what a macro makes of them it does not see.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod source;

use std::fs;
use std::path::Path;

use source::{Import, Source};

/// Each room and what of ours it may import besides itself: a room, or one part of it.
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("clock", &["domain"]),
    ("entropy", &["domain"]),
    ("keys", &["domain", "config::keys", "entropy"]),
    ("passwords", &["domain", "entropy"]),
    ("bell", &[]),
    ("links", &["domain", "keys"]),
    ("schedule", &["domain"]),
    ("config", &["domain", "schedule"]),
    // adapters: never one another
    ("mailbox", &["domain", "clock", "entropy", "config::mailbox", "config::secret"]),
    ("intake", &["domain", "clock", "entropy", "config::intake"]),
    (
        "mail",
        &["domain", "clock", "entropy", "links", "config::sender", "config::relay", "config::dkim", "config::secret"],
    ),
    ("contracts", &["domain", "clock", "entropy", "config::contracts", "config::secret"]),
    ("store", &["domain", "clock", "entropy", "config::store", "config::secret"]),
    (
        "flows",
        &["domain", "store", "mail", "contracts", "intake", "clock", "entropy", "keys", "links", "passwords", "bell"],
    ),
    // what runs for ever calls flows, and only the inbox sees a mailbox
    ("loops", &["flows", "domain", "lifecycle", "clock", "entropy", "schedule"]),
    ("loops/inbox", &["flows", "domain", "lifecycle", "clock", "entropy", "mailbox"]),
    ("web", &["flows", "domain", "links", "lifecycle"]),
    ("telemetry", &["config::log", "clock"]),
    // its tests read what it logs
    ("lifecycle", &["config::log", "clock", "telemetry"]),
    ("app", EVERYTHING),
    (
        "cli",
        &[
            "app",
            "config",
            "flows",
            "domain",
            "loops",
            "mailbox",
            "intake",
            "contracts::ledger",
            "clock",
            "entropy",
            "keys",
            "links",
            "lifecycle",
            "telemetry",
        ],
    ),
    ("main", &["cli"]),
    // the map of the rooms: it names all of them
    ("lib", EVERYTHING),
];

const EVERYTHING: &[&str] = &["*"];

/// Paths that only some files may write, wherever they come from; the last word may be only the beginning of one.
const RESERVED: &[Reserved] = &[
    Reserved { path: &["sqlx", "query"], only: &["store", "contracts/ledger"], why: "all SQL is in src/store" },
    Reserved { path: &["SystemTime", "now"], only: &["clock"], why: "only clock.rs asks the time" },
    Reserved { path: &["Utc", "now"], only: &["clock"], why: "only clock.rs asks the time" },
    Reserved { path: &["Local", "now"], only: &["clock"], why: "only clock.rs asks the time" },
    Reserved { path: &["rand", ""], only: &["entropy"], why: "only entropy.rs draws randomness" },
];

struct Reserved {
    path: &'static [&'static str],
    only: &'static [&'static str],
    why: &'static str,
}

/// The most lines of a file, tests included.
const LINES: usize = 400;
/// Files that may be longer, and why.
const LONGER: &[(&str, &str)] = &[];

/// What is wrong with one source, a sentence each.
fn faults(source: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    let path = &source.path;
    match ROOMS.iter().filter(|(room, _)| stands_in(path, room)).max_by_key(|(room, _)| room.len()) {
        None => {
            faults.push(format!("src/{path}:1: is in no room that tests/architecture.rs knows: give it a rule there"));
        }
        Some((room, may)) => {
            let own = room.split('/').next().unwrap();
            let allowed =
                |import: &&Import| may.iter().chain([&own]).any(|allowed| *allowed == "*" || import.is_within(allowed));
            faults.extend(source.own_imports().iter().filter(|import| !allowed(import)).map(|import| {
                let (line, what) = (import.line, import.path.join("::"));
                let list = if may.is_empty() { "nothing of ours".to_owned() } else { may.join(", ") };
                format!("src/{path}:{line}: imports {what}, but {room} may import only: {list}")
            }));
        }
    }
    for reserved in RESERVED {
        if reserved.only.iter().any(|room| stands_in(path, room)) {
            continue;
        }
        faults.extend(source.uses(reserved.path).into_iter().map(|import| {
            let (line, what) = (import.line, import.path.join("::"));
            format!("src/{path}:{line}: writes {what}, but {}", reserved.why)
        }));
    }
    if source.lines > LINES && !LONGER.iter().any(|(longer, _)| longer == path) {
        let lines = source.lines;
        faults.push(format!("src/{path}:{LINES}: has {lines} lines: split it, or give tests/architecture.rs a reason"));
    }
    faults
}

/// Whether the file `path` (`mail/compose.rs`) is `room` or stands in it.
fn stands_in(path: &str, room: &str) -> bool {
    path.strip_prefix(room).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

fn sources(folder: &Path, root: &Path) -> Vec<Source> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path, root));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            found.push(Source::read(&name, &fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

#[test]
fn the_house_keeps_its_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources = sources(&root, &root);
    assert!(sources.len() > 10, "the sources were not found");
    let faults: Vec<_> = sources.iter().flat_map(faults).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn no_exception_outlives_its_file() {
    for (path, why) in LONGER {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(path)).unwrap();
        assert!(text.lines().count() > LINES && !why.is_empty(), "{path} needs no exception any more");
    }
}

#[track_caller]
fn caught(path: &str, text: &str, expected: &[&str]) {
    let faults = faults(&Source::read(path, text));
    assert_eq!(faults.len(), expected.len(), "{text}: {faults:?}");
    for (fault, expected) in faults.iter().zip(expected) {
        assert!(fault.starts_with(&format!("src/{path}:{expected}")), "{fault}, not {expected}");
    }
}

#[test]
fn a_forbidden_import_is_caught_however_it_is_written() {
    caught(
        "domain/x.rs",
        "\nuse crate::store::Store;",
        &["2: imports store::Store, but domain may import only: nothing"],
    );
    caught("mail/x.rs", "use crate::{domain::ids, store};", &["1: imports store, but mail may import only: domain, "]);
    caught(
        "mail/x.rs",
        "use crate::{\n  domain,\n  store::{self, X},\n};",
        &["3: imports store::self", "3: imports store::X"],
    );
    caught("mail/x.rs", "fn f() {\n    crate::store::open();\n}", &["2: imports store::open"]);
    caught("mail/x.rs", "use super::super::store::X;", &["1: imports store::X"]);
    caught("mail/mod.rs", "use super::store::X;", &["1: imports store::X"]);
    caught("clock.rs", "mod tests {\n use super::super::store::X; }", &["2: imports store::X"]);
    caught("web/x.rs", "pub use crate::mail as post;", &["1: imports mail"]);
    caught("mail/x.rs", "use crate::*;", &["1: imports *"]);
    caught("main.rs", "fn main() { renkei::app::run() }", &["1: imports app::run, but main may import only: cli"]);
    caught("cli/x.rs", "use crate::web::router;", &["1: imports web::router"]);
    caught("attic/x.rs", "", &["1: is in no room"]);
}

#[test]
fn parts_of_rooms_are_told_apart() {
    caught("loops/inbox.rs", "use crate::mailbox::Mailbox; use super::pace;", &[]);
    caught("loops/inbox/window.rs", "use crate::mailbox::Mailbox; use crate::loops::pace;", &[]);
    caught("loops/outbox.rs", "use crate::mailbox::Mailbox;", &["1: imports mailbox::Mailbox, but loops may"]);
    caught("mailbox/x.rs", "use crate::config::{mailbox::Mailbox, secret};", &[]);
    caught(
        "mailbox/x.rs",
        "use crate::config::{relay, mailboxes};",
        &["1: imports config::relay", "1: imports config::ma"],
    );
    caught("mailbox/x.rs", "use crate::config;", &["1: imports config,"]);
    caught("config/x.rs", "use super::secret::SecretFile; use crate::config::y;", &[]);
    caught("app.rs", "use crate::{store, web, mail};", &[]);
}

#[test]
fn what_is_no_code_of_ours_is_passed_over() {
    let text = r##"
        // use crate::store::X;
        /// [`crate::store`] /* crate::web */
        /* crate::mail /* crate::web */ crate::store */
        const A: &str = "crate::store \" SystemTime::now()";
        const B: &str = r#"crate::store " "#;
        const C: (char, char, u8) = ('"', '\'', b'"');
        fn f<'a>(x: &'a str) { pub(crate) fn g() {} mycrate::store::x(); lettre::transport::smtp(); }
        mod tests { use super::*; mod deeper { use super::super::*; } }
    "##;
    caught("domain/x.rs", text, &[]);
    // and the reader is still awake behind all that
    let end = format!("{}: imports web::y", text.lines().count());
    caught("domain/x.rs", &format!("{text}crate::web::y();"), &[&end]);
}

#[test]
fn time_randomness_and_sql_stay_where_they_belong() {
    caught(
        "flows/x.rs",
        "fn f() { std::time::SystemTime::now(); }",
        &["1: writes std::time::SystemTime::now, but only clock"],
    );
    caught(
        "mail/x.rs",
        "let a = Utc::now();\nchrono::Local::now();",
        &["1: writes Utc::now", "2: writes chrono::Local::now"],
    );
    caught(
        "flows/x.rs",
        "sqlx::query_scalar(X); use sqlx::{Any, query};",
        &["1: writes sqlx::query_s", "1: writes sqlx::query,"],
    );
    caught("mail/x.rs", "use rand::Rng; use ring::rand::SystemRandom;", &["1: writes rand::Rng, but only entropy.rs"]);
    caught("store/x.rs", "sqlx::query(X);", &[]);
    caught("contracts/ledger/x.rs", "sqlx::query(X);", &[]);
    caught("contracts/http.rs", "sqlx::query(X);", &["1: writes sqlx::query, but all SQL"]);
    caught("clock.rs", "SystemTime::now(); Instant::now();", &[]);
}

#[test]
fn a_long_file_needs_a_reason() {
    caught("domain/x.rs", &"\n".repeat(LINES), &[]);
    caught("domain/x.rs", &"\n".repeat(LINES + 1), &["400: has 401 lines"]);
}
