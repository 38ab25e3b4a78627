//! The daemon is killed at each commit in turn: strace counts the syncs of the database's thread and kills at the n-th.
//! SQLite syncs once a commit (WAL, synchronous=FULL), so n runs over all boundaries until the story ends without a kill.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use super::{nothing_is_lost_or_twice, wait_until_done};
use crate::servers::office::{BLUE, GREEN, Letter, Office, SOON, customers, relay};
use crate::support::poll;
use crate::support::smtp_script::SmtpScript;

/// More commits than the story can have.
const MOST: usize = 60;

/// Starts the daemon under strace, which kills it when one of its threads enters `call` for the `n`-th time; lets it do
/// everything and stops it. Gives back whether it was killed on the way.
fn killed_at(office: &mut Office, call: &str, n: usize, letters: usize, mails: usize) -> bool {
    let traced = office.house.path().join("traced");
    let script = format!(
        "#!/bin/sh\nexec strace -D -f -qq -o '{log}' -e trace={call} -e inject={call}:signal=SIGKILL:when={n} {program} \"$@\"\n",
        log = office.house.path().join("strace").display(),
        program = env!("CARGO_BIN_EXE_renkei"),
    );
    std::fs::write(&traced, script).unwrap();
    std::fs::set_permissions(&traced, PermissionsExt::from_mode(0o755)).unwrap();
    let house = office.house.replace_program(&traced);
    let mut daemon = office.house.launch();
    let killed = poll::until("the end of the story, or of the daemon", SOON, || {
        if let Some(status) = daemon.ended() {
            assert_eq!(status.signal(), Some(9), "{}", daemon.log());
            return Some(true);
        }
        let sent = office.count("SELECT COUNT(*) FROM outbound_mail WHERE state = 'sent'");
        (sent == letters && office.lying_in("accepted") == mails && office.lying_in("") == 0).then_some(false)
    });
    let ended = if killed { None } else { Some(daemon.stop()) };
    office.house.replace_program(&house);
    let killed = ended.is_none_or(|status| status.signal() == Some(9));
    assert!(killed || ended.is_some_and(|status| status.success()), "{}", daemon.log());
    killed
}

fn strace_can_work() {
    let trial = ["-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "true"];
    let worked = Command::new("strace").args(trial).output().expect("strace is installed: tests/run does it");
    assert!(
        worked.status.success(),
        "this test kills the daemon with strace, which may not trace here: {}",
        String::from_utf8_lossy(&worked.stderr)
    );
}

/// Tells the whole story once for each kill: a few mails of two firms, receipts for each, killed at every `step`-th time that
/// the daemon enters `call`, started again.
fn killed_at_each(call: &str, step: usize) {
    strace_can_work();
    let customers = customers(3);
    let (mails, letters) = (customers.len(), 2 * customers.len());
    for n in (1..=MOST).map(|kill| 1 + (kill - 1) * step) {
        let script = SmtpScript::start();
        let url = |dir: &Path| format!("sqlite:{}", dir.join("renkei.db").display());
        let mut office = Office::on(&url, &relay(script.port(), ""), "each");
        for (customer, firm) in customers.iter().zip([BLUE, GREEN, BLUE]) {
            office.ask(firm, customer);
        }
        let killed = killed_at(&mut office, call, n, letters, mails);
        if killed {
            let mut daemon = office.house.start();
            wait_until_done(&office, mails, letters, SOON);
            assert_eq!(daemon.stop().code(), Some(0), "{}", daemon.log());
        }
        nothing_is_lost_or_twice(&office, &customers, Letter::all(&script.mails()));
        if !killed {
            assert!(n > 5 * step, "the story has more of {call} than {n}: strace did not see them");
            return;
        }
    }
    panic!("the story never ended without a kill");
}

#[test]
fn killed_at_any_commit_it_loses_nothing_and_says_nothing_twice() {
    killed_at_each("fsync,fdatasync", 1);
}

#[test]
fn killed_before_or_within_a_commit_it_loses_nothing_and_says_nothing_twice() {
    // every commit writes many pages: a step of seven comes to every part of one in some commit
    killed_at_each("pwrite64", 7);
}
