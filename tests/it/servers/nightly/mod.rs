//! The night over all customers, the contract system a ledger that is served over HTTP from a database of its own: a
//! measurement, run by hand on a program that was built for release (`benches/nightly` does). It asserts, too, that the links
//! that drifted were repaired and that nothing else changed.

mod world;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

use renkei::clock::Clock;

use super::office::Office;
use crate::support::daemon::{Daemon, Installation};
use crate::support::postgres::Postgres;
use crate::support::proxy::Proxy;
use crate::support::{poll, port};
use world::{EACH, World, number};

/// How long the night may take.
const NIGHT: Duration = Duration::from_hours(3);
/// As long the daemon is idle before its memory is read.
const IDLE: Duration = Duration::from_secs(5);
/// Up to so many linkages the calls are counted on the line, too.
const COUNTED: usize = 40_000;

#[test]
#[ignore = "a measurement of minutes on a quiet machine: benches/nightly"]
fn a_night_over_all_customers_on_sqlite() {
    night(&|name, dir| format!("sqlite:{}", dir.join(format!("{name}.db")).display()));
}

#[test]
#[ignore = "a measurement of minutes on a quiet machine: benches/nightly"]
fn a_night_over_all_customers_on_postgres() {
    let server = Mutex::new(Postgres::start());
    night(&|_, _| server.lock().unwrap().database());
}

fn night(database: &dyn Fn(&str, &Path) -> String) {
    let linkages: usize = std::env::var("RENKEI_LINKAGES").map_or(1_000_000, |said| said.parse().unwrap());
    let customers = linkages / EACH;
    // The contract system: the ledger of another installation.
    let mut served = Installation::new(|dir| format!("[store]\nurl = \"{}\"\n", database("ledger", dir)));
    let theirs = url_of(&served);
    // The daemon, which has nothing to do but the night.
    let mut office =
        Office::on(&|dir| database("renkei", dir), "[relay]\nkind = \"maildir\"\nmaildir.path = \"out\"\n", "none");
    let ours = url_of(&office.house);
    if let Some(program) = std::env::var_os("RENKEI_UNDER_LOAD") {
        served.replace_program(Path::new(&program));
        office.house.replace_program(Path::new(&program));
    }
    served.cli_ok(&["ledger", "show"]);
    let token = served.secret("token", "tell-nobody");
    let world = World { ours, theirs, customers, drifts: (customers / 20).clamp(1, 1_000) };
    let filling = Instant::now();
    world.fill(Clock::System.now().as_millis());
    println!(
        "{linkages} linkages of {customers} customers, {} drifted, written in {:.0?}",
        world.drifts,
        filling.elapsed()
    );

    let port = port::free();
    let listen = format!("127.0.0.1:{port}");
    let ledger = served.serve(&["ledger", "serve", "--listen", &listen, "--token-file", token.to_str().unwrap()]);
    poll::until_true("the ledger to be served", Duration::from_secs(20), || port::answers(port));
    let counting = (linkages <= COUNTED).then(|| Proxy::to(port));
    let asked = counting.as_ref().map_or(port, Proxy::port);
    let settings = std::fs::read_to_string(office.house.config()).unwrap();
    office.house.configure(&format!(
        "{settings}\n[contracts]\nkind = \"http\"\n[contracts.http]\nurl = \"http://127.0.0.1:{asked}\"\n\
         token_file = \"{}\"\n[reconcile]\nall = \"{}\"\ncalls_a_second = 10000\n",
        token.display(),
        a_minute_ahead()
    ));

    let mut daemon = office.house.start();
    sleep(IDLE);
    let memory = Memory::of(&daemon);
    let (idle, cpu, cpu_of_ledger) = (memory.now(), cpu(&daemon), cpu(&ledger));
    let pages = "SELECT COUNT(*) FROM reconcile_run WHERE name = 'everything' AND finished_at IS NULL";
    poll::until_true("the night to begin", Duration::from_mins(2), || number(&world.ours, pages) == 1);
    let (begun, at) = (Instant::now(), Clock::System.now().as_millis() - 1_000);
    daemon.wait_for_log("all customers were gone through", NIGHT);
    let took = begun.elapsed().as_secs_f64();
    let peak = memory.peak();
    let (cpu, cpu_of_ledger) = (self::cpu(&daemon) - cpu, self::cpu(&ledger) - cpu_of_ledger);

    let log = daemon.log();
    let line = log.lines().find(|line| line.contains("all customers were gone through")).unwrap();
    println!("{line}");
    println!("the night took {took:.1} s: {:.0} customers/s", per(customers, took));
    println!("CPU: the daemon {cpu:.1} s, the ledger {cpu_of_ledger:.1} s");
    println!(
        "memory (VmRSS, each 100 ms): {idle} KiB idle, {peak} KiB at the peak, {} KiB over idle; VmHWM {} KiB",
        peak.saturating_sub(idle),
        status(daemon.id(), "VmHWM:")
    );
    let calls = field(line, "calls=");
    println!("{calls} calls, {:.0} a second", per(calls, took));
    if let Some(line) = &counting {
        assert_eq!(line.heard().matches("POST /v1/").count(), calls, "what the daemon counts is what was on the line");
        println!("the calls were counted on the line, too");
    }
    assert_eq!((field(&log, "troubled="), field(line, "customers=")), (0, customers), "{line}");
    world.assert_repaired(at);
    assert!(peak.saturating_sub(idle) < 64 * 1024, "memory grew by {} KiB", peak - idle);
    assert!(daemon.stop().success());
}

/// A cron line for one minute of the day, in Tokyo, that begins in 20 seconds or later.
fn a_minute_ahead() -> String {
    let minute = (Clock::System.now().as_millis() / 1_000 + 20) / 60 + 1 + 9 * 60;
    format!("{} {} * * *", minute % 60, minute / 60 % 24)
}

/// The database of an installation, from its config.
fn url_of(house: &Installation) -> String {
    let config = std::fs::read_to_string(house.config()).unwrap();
    config.split("url = \"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

fn field(text: &str, name: &str) -> usize {
    let value = text.split(name).nth(1).unwrap();
    value.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
}

#[expect(clippy::cast_precision_loss, reason = "a rate")]
fn per(many: usize, seconds: f64) -> f64 {
    many as f64 / seconds
}

/// KiB of a line in a process's status.
fn status(id: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Seconds of processor time that a process took so far, in hundredths.
#[expect(clippy::cast_precision_loss, reason = "hundredths of a second")]
fn cpu(daemon: &Daemon) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", daemon.id())).unwrap();
    let times = stat.rsplit_once(") ").unwrap().1.split(' ').skip(11).take(2);
    times.map(|ticks| ticks.parse::<u64>().unwrap()).sum::<u64>() as f64 / 100.0
}

/// The memory of a daemon, read each 100 ms.
struct Memory {
    id: u32,
    peak: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    reading: Option<JoinHandle<()>>,
}

impl Memory {
    fn of(daemon: &Daemon) -> Self {
        let (id, peak, over) = (daemon.id(), Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let reading = std::thread::spawn({
            let (peak, over) = (peak.clone(), over.clone());
            move || {
                while !over.load(Ordering::Relaxed) {
                    peak.fetch_max(status(id, "VmRSS:"), Ordering::Relaxed);
                    sleep(Duration::from_millis(100));
                }
            }
        });
        Self { id, peak, over, reading: Some(reading) }
    }

    fn now(&self) -> u64 {
        status(self.id, "VmRSS:")
    }

    fn peak(&self) -> u64 {
        self.peak.load(Ordering::Relaxed)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(reading) = self.reading.take() {
            reading.join().ok();
        }
    }
}
