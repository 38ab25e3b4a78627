use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use crate::support::daemon::Installation;
use crate::support::notify_socket::NotifySocket;
use crate::support::process::{self, Signal};
use crate::support::{folder, poll};

const LIMIT: Duration = Duration::from_secs(10);

/// An installation of a program that says how it was called and does as a daemon does, but for telling systemd.
fn stand_in() -> Installation {
    const PROGRAM: &str = r#"#!/bin/sh
[ "$1" = run ] || { echo "ran $* with $COLOUR"; echo oops >&2; exit 3; }
trap 'echo reloaded' HUP
trap 'echo stopping; exit 0' TERM
echo "started $* for $NOTIFY_SOCKET with $(cat "$3")" >&2
while :; do sleep 0.05; done
"#;
    let installation =
        Installation::new(|dir| format!("folder = {:?}", dir.display().to_string())).env("COLOUR", "red");
    let program = installation.path().join("program");
    std::fs::write(&program, PROGRAM).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    installation.with_program(program)
}

#[test]
fn it_starts_with_its_config_and_obeys_signals() {
    let installation = stand_in();
    let mut daemon = installation.launch();
    let started = format!("started run --config {}", installation.config().display());
    daemon.wait_for_log(&started, LIMIT);
    assert!(daemon.log().contains(&format!("with folder = {:?}", installation.path().display().to_string())));
    assert!(daemon.log().contains(&daemon.notify.path().display().to_string()));
    daemon.signal(Signal::Hup);
    daemon.wait_for_log("reloaded", LIMIT);
    assert_eq!(daemon.stop().code(), Some(0));

    let mut again = installation.launch();
    again.wait_for_log(&started, LIMIT);
    assert!(!again.log().contains("stopping") && installation.log().contains("stopping"));
    again.kill();
    assert_eq!(again.ended().unwrap().code(), None);
}

#[test]
fn it_is_gone_after_drop() {
    let daemon = stand_in().launch();
    let id = daemon.id();
    drop(daemon);
    assert!(!process::lives(id));
}

#[test]
fn commands_run_on_the_same_config() {
    let installation = stand_in();
    let ran = installation.cli(&["firm", "list"]);
    let expected = format!("ran firm list --config {} with red\n", installation.config().display());
    assert_eq!((ran.code, ran.stdout, ran.stderr.as_str()), (Some(3), expected, "oops\n"));
    let secret = installation.secret("password", "hush");
    assert_eq!(std::fs::metadata(secret).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_a_service_tells_systemd_is_heard() {
    let dir = folder::new();
    let notify = NotifySocket::listen(&dir.path().join("notify"));
    let service = UnixDatagram::unbound().unwrap();
    service.send_to(b"RELOADING=1\nMONOTONIC_USEC=5\n", notify.path()).unwrap();
    service.send_to(b"READY=1", notify.path()).unwrap();
    notify.wait_for("READY=1", 1, LIMIT);
    assert_eq!(notify.heard(), ["RELOADING=1", "MONOTONIC_USEC=5", "READY=1"]);
    assert_eq!(notify.count("WATCHDOG=1"), 0);
    drop(notify);
    poll::until_true("the socket to close", LIMIT, || service.send_to(b"READY=1", dir.path().join("notify")).is_err());
}
