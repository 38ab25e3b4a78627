use std::convert::Infallible;
use std::future::pending;
use std::os::unix::net::UnixDatagram;
use std::process::{self, Command};

use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use super::*;
use crate::telemetry::Capture;

const MOMENT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_mins(1);

/// A service manager that only listens.
struct Manager {
    socket: UnixDatagram,
    folder: TempDir,
}

impl Manager {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
        socket.set_nonblocking(true).unwrap();
        Self { socket, folder }
    }

    fn lifecycle(&self, watchdog: Option<Duration>) -> Lifecycle {
        let path = self.folder.path().join("notify");
        Lifecycle::new(Notifier::new(path.to_str().unwrap(), watchdog).unwrap()).unwrap()
    }

    fn heard(&self) -> Vec<String> {
        let mut datagram = [0; 256];
        std::iter::from_fn(|| self.socket.recv(&mut datagram).ok().map(|length| datagram[..length].to_vec()))
            .map(|bytes| String::from_utf8(bytes).unwrap())
            .collect()
    }
}

fn kill(signal: &str) {
    assert!(Command::new("kill").args([signal, &process::id().to_string()]).status().unwrap().success());
}

fn never_ends(group: &mut Group, name: &'static str) {
    group.spawn(name, pending::<Result<(), Infallible>>());
}

fn stops(group: &mut Group, name: &'static str) {
    let token = group.token();
    group.spawn(name, async move {
        token.cancelled().await;
        Ok::<(), Infallible>(())
    });
}

#[tokio::test]
async fn the_manager_is_told_each_step() {
    let manager = Manager::new();
    let mut lifecycle = manager.lifecycle(None);
    lifecycle.ready();
    lifecycle.status("3 mails wait");
    lifecycle.reloading();
    lifecycle.stop([]).await.unwrap();
    let heard = manager.heard();
    let [ready, status, reloading, stopping] = heard.as_slice() else { panic!("{heard:?}") };
    assert_eq!([ready, status, stopping], ["READY=1", "STATUS=3 mails wait", "STOPPING=1"]);
    let usec: u64 = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").unwrap().parse().unwrap();
    assert!(usec > 0);
}

#[tokio::test]
async fn the_watchdog_is_fed_by_progress_alone() {
    let manager = Manager::new();
    let (capture, _guard) = Capture::here("info").unwrap();
    let lifecycle = manager.lifecycle(Some(2 * MOMENT));
    let pulse = lifecycle.pulse("inbox", Duration::ZERO);
    pulse.rest(Instant::now() + LONG);
    while manager.heard().is_empty() {
        sleep(MOMENT).await;
    }
    pulse.rest(Instant::now());
    while lifecycle.pulses().stuck().is_empty() {
        sleep(MOMENT).await;
    }
    manager.heard();
    sleep(5 * MOMENT).await;
    assert!(manager.heard().is_empty(), "a loop that stands still starves it");
    assert_eq!(capture.text().matches("stands still").count(), 1, "{}", capture.text());
    pulse.rest(Instant::now() + LONG);
    while manager.heard().is_empty() {
        sleep(MOMENT).await;
    }
    assert!(capture.text().contains("moves again"));
}

#[tokio::test]
async fn signals_are_told_apart() {
    let mut lifecycle = Manager::new().lifecycle(None);
    for (sent, asked) in [("-HUP", Signal::Reload), ("-TERM", Signal::Stop), ("-INT", Signal::Stop)] {
        kill(sent);
        assert_eq!(lifecycle.next_signal().await, asked);
    }
}

#[tokio::test]
async fn a_task_that_ends_by_itself_is_named() {
    let mut group = Group::default();
    never_ends(&mut group, "outbox");
    group.spawn("inbox", async { Ok::<(), Infallible>(()) });
    assert_eq!(group.fault().await.to_string(), "inbox ended by itself");
    group.spawn("inbox", async { Err::<(), _>(io::Error::other("the mailbox is gone")) });
    assert_eq!(group.fault().await.to_string(), "inbox failed: the mailbox is gone");
    group.spawn("inbox", async { if true { panic!("tanaka@kaikei.example") } else { Ok::<(), Infallible>(()) } });
    assert_eq!(group.fault().await.to_string(), "inbox panicked");
    let nothing = timeout(MOMENT, group.fault()).await;
    assert!(nothing.is_err(), "what runs is no fault");
}

#[tokio::test]
async fn a_group_stops_alone() {
    let lifecycle = Manager::new().lifecycle(None);
    let (mut loops, mut web) = (lifecycle.group(), lifecycle.group());
    stops(&mut loops, "inbox");
    stops(&mut web, "web");
    loops.stop(LONG).await.unwrap();
    assert!(timeout(MOMENT, web.fault()).await.is_err(), "the other group runs on");
}

#[tokio::test]
async fn what_is_in_flight_is_finished() {
    let mut lifecycle = Manager::new().lifecycle(None);
    let mut group = lifecycle.group();
    let token = group.token();
    let (done, was_done) = tokio::sync::oneshot::channel();
    group.spawn("outbox", async move {
        token.cancelled().await;
        sleep(MOMENT).await;
        let _ = done.send(());
        Ok::<(), Infallible>(())
    });
    lifecycle.stop([group]).await.unwrap();
    was_done.await.unwrap();
}

#[tokio::test]
async fn what_does_not_stop_in_time_is_stopped_hard() {
    let mut lifecycle = Manager::new().lifecycle(None);
    let (mut loops, mut web) = (lifecycle.group(), lifecycle.group());
    never_ends(&mut loops, "inbox");
    stops(&mut web, "web");
    let fault = lifecycle.stop_within(MOMENT, [loops, web]).await.unwrap_err();
    assert_eq!(fault.to_string(), "inbox did not stop in time");
}

#[tokio::test]
async fn a_group_that_does_not_stop_in_time_is_dropped() {
    let mut group = Group::default();
    let (held, dropped) = tokio::sync::oneshot::channel::<()>();
    group.spawn("inbox", async move {
        let _held = held;
        pending::<Result<(), Infallible>>().await
    });
    assert_eq!(group.stop(MOMENT).await.unwrap_err().to_string(), "inbox did not stop in time");
    assert!(dropped.await.is_err(), "what the task held is gone");
}

#[tokio::test]
async fn a_second_signal_stops_hard() {
    let mut lifecycle = Manager::new().lifecycle(None);
    let mut group = lifecycle.group();
    never_ends(&mut group, "inbox");
    kill("-TERM");
    assert_eq!(lifecycle.next_signal().await, Signal::Stop);
    let started = Instant::now();
    let killer = tokio::task::spawn_blocking(|| {
        kill("-HUP");
        kill("-TERM");
    });
    let fault = lifecycle.stop([group]).await.unwrap_err();
    killer.await.unwrap();
    assert_eq!(fault.to_string(), "inbox did not stop in time");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_fault_on_the_way_out_is_told() {
    let mut lifecycle = Manager::new().lifecycle(None);
    let mut group = lifecycle.group();
    let token = group.token();
    group.spawn("outbox", async move {
        token.cancelled().await;
        Err(io::Error::other("the database is gone"))
    });
    assert_eq!(lifecycle.stop([group]).await.unwrap_err().to_string(), "outbox failed: the database is gone");
}
