use std::process::Command;
use std::time::Duration;

use crate::support::process::{self, Process, Signal};
use crate::support::{folder, poll};

const LIMIT: Duration = Duration::from_secs(10);

/// A server with a child of its own, which does not care for SIGTERM.
fn stubborn() -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' TERM; sleep 600 & echo up; wait; wait"]);
    command
}

fn start(command: &mut Command) -> (Process, tempfile::TempDir) {
    let dir = folder::new();
    let log = dir.path().join("log");
    let process = Process::start(command, dir.path(), &log, Signal::Term);
    poll::until_true("the process to be up", LIMIT, || {
        std::fs::read_to_string(&log).is_ok_and(|text| text.contains("up"))
    });
    (process, dir)
}

#[test]
fn drop_ends_the_whole_group() {
    let (process, _dir) = start(&mut stubborn());
    let group = process.id();
    assert_eq!(process::group(group).len(), 2);
    drop(process);
    assert!(process::group(group).is_empty());
}

/// Runs in a process of its own, which [`the_leash_ends_what_a_killed_test_left`] kills.
#[test]
#[ignore = "a part of the_leash_ends_what_a_killed_test_left"]
fn a_test_that_is_killed() {
    let (process, _dir) = start(&mut stubborn());
    std::fs::write(std::env::var("GROUP_FILE").unwrap(), process.id().to_string()).unwrap();
    std::thread::sleep(Duration::from_mins(10));
}

#[test]
fn the_leash_ends_what_a_killed_test_left() {
    let dir = folder::new();
    let file = dir.path().join("group");
    let mut test = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "servers::harness::process::a_test_that_is_killed", "--ignored", "--nocapture"])
        .env("GROUP_FILE", &file)
        .env("TMPDIR", dir.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let group = poll::until("the other test", LIMIT, || std::fs::read_to_string(&file).ok()?.parse::<u32>().ok());
    assert_eq!(process::group(group).len(), 2);
    test.kill().unwrap();
    test.wait().unwrap();
    poll::until_true("the leash to pull", LIMIT, || process::group(group).is_empty());
}

#[test]
fn kill_is_at_once() {
    let (mut process, _dir) = start(&mut stubborn());
    let group = process.id();
    process.kill();
    assert!(process.ended().is_some());
    poll::until_true("the group to be gone", LIMIT, || process::group(group).is_empty());
}
