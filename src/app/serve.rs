//! The daemon from start to stop: what is built once, what a reload builds anew, and in which order it all ends.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tracing::{error, info, warn};

use super::{StartError, parts};
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::flows::Context;
use crate::keys::Keys;
use crate::lifecycle::{Group, Lifecycle, Notifier, SOFT_STOP, Signal};
use crate::loops::codes::Codes;
use crate::loops::inbox::{Inbox, KeepMail};
use crate::loops::outbox::Outbox;
use crate::loops::schedule::Scheduler;
use crate::store::Store;
use crate::store::lock::DaemonLock;
use crate::web::{self, Health, Limits};

/// How often a daemon that stands by looks whether the other one is gone.
const STAND_BY: Duration = Duration::from_secs(5);
/// How long a loop may go without progress before the watchdog is not fed any more.
const PULSE: Duration = Duration::from_mins(1);

/// Runs the daemon until it is told to stop, on `listener` where the caller has one, otherwise on `web.listen`. `reload`
/// reads the settings anew.
///
/// # Errors
/// [`StartError`]: what keeps it from starting, or what ended it.
pub async fn run(
    config: Config,
    listener: Option<TcpListener>,
    reload: impl Fn() -> Result<Config, ConfigError> + Send,
) -> Result<(), StartError> {
    Box::pin(run_by(Clock::System, config, listener, reload)).await
}

/// As [`run`], by a clock of the caller's: a test lets ten minutes or a week pass without waiting for them.
///
/// # Errors
/// As [`run`].
pub async fn run_by(
    clock: Clock,
    mut config: Config,
    listener: Option<TcpListener>,
    reload: impl Fn() -> Result<Config, ConfigError> + Send,
) -> Result<(), StartError> {
    parts::check(&config)?;
    let failed = |error: std::io::Error| StartError::Ended(error.to_string());
    let notifier = Notifier::from_env(crate::config::environment()).map_err(failed)?;
    let mut lifecycle = Lifecycle::new(notifier).map_err(failed)?;

    let url = config.store.driver_url()?;
    let store = Store::open(url.expose_secret()).await?;
    let Some(lock) = take_lock(&mut lifecycle, &store, url.expose_secret()).await? else { return Ok(()) };
    let listen = config.web.listen;
    let listener = match listener {
        Some(listener) => listener,
        None => TcpListener::bind(listen).await.map_err(|error| StartError::Listen(listen, error))?,
    };

    let mut site = lifecycle.group();
    let limits = Limits::default();
    let context = context(&config, &store, &clock)?;
    let (keeper, door) = parts::site(&config, context.clone())?.open();
    let router = web::router(door, health(&store, &lifecycle), limits);
    site.spawn("web", web::serve(listener, router, limits, site.token()));
    let mut loops = start_loops(&config, context, &lifecycle)?;
    watch_lock(&mut site, store.clone(), url, lock);
    lifecycle.ready();
    info!("renkei is ready");

    let fault = loop {
        tokio::select! {
            signal = lifecycle.next_signal() => match signal {
                Signal::Stop => break None,
                Signal::Reload => {
                    lifecycle.reloading();
                    match reloaded(&config, &reload) {
                        Ok(new) => {
                            if let Err(fault) = std::mem::replace(&mut loops, lifecycle.group()).stop(SOFT_STOP).await {
                                break Some(fault);
                            }
                            let context = self::context(&new, &store, &clock)?;
                            keeper.exchange(parts::site(&new, context.clone())?);
                            loops = start_loops(&new, context, &lifecycle)?;
                            config = new;
                            info!("the settings were read anew");
                        }
                        Err(error) => error!("the settings stay as they were: {error}"),
                    }
                    lifecycle.ready();
                }
            },
            fault = loops.fault() => break Some(fault),
            fault = site.fault() => break Some(fault),
        }
    };
    let stopped = lifecycle.stop([loops, site]).await;
    store.close().await;
    match fault.map_or(stopped, Err) {
        Ok(()) => Ok(()),
        Err(fault) => Err(StartError::Ended(fault.to_string())),
    }
}

/// Waits until this is the only daemon on the database; `None` when told to stop first.
async fn take_lock(lifecycle: &mut Lifecycle, store: &Store, url: &str) -> Result<Option<DaemonLock>, StartError> {
    let mut told = false;
    loop {
        if let Some(lock) = DaemonLock::try_take(store, url).await? {
            lifecycle.status("running");
            return Ok(Some(lock));
        }
        if !told {
            info!("another renkei runs on this database: standing by");
            lifecycle.status("standing by: another renkei runs on this database");
            // A standby is what the operator asked for, not a start that hangs.
            lifecycle.ready();
            told = true;
        }
        tokio::select! {
            () = tokio::time::sleep(STAND_BY) => {}
            signal = lifecycle.next_signal() => if signal == Signal::Stop { return Ok(None) },
        }
    }
}

/// Looks after the lock. A daemon that has lost it to another one must end.
fn watch_lock(group: &mut Group, store: Store, url: SecretString, mut lock: DaemonLock) {
    let stop = group.token();
    group.spawn("lock", async move {
        loop {
            let looking = async {
                tokio::time::sleep(STAND_BY).await;
                keep_lock(&store, url.expose_secret(), &mut lock).await
            };
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                kept = looking => kept?,
            }
        }
        #[expect(unreachable_code, reason = "names the error's type")]
        Ok::<(), &'static str>(())
    });
}

/// A database server that was restarted has forgotten the lock: it is taken again.
async fn keep_lock(store: &Store, url: &str, lock: &mut DaemonLock) -> Result<(), &'static str> {
    if lock.check().await.is_ok() {
        return Ok(());
    }
    match DaemonLock::try_take(store, url).await {
        Ok(Some(anew)) => {
            *lock = anew;
            warn!("the database had forgotten that this renkei runs on it: told it again");
        }
        Ok(None) => return Err("the database is another renkei's now: its daemon's lock was lost"),
        Err(error) => warn!("the daemon's lock cannot be looked after: {error}"),
    }
    Ok(())
}

fn health(store: &Store, lifecycle: &Lifecycle) -> Health {
    let (store, pulses) = (store.clone(), lifecycle.pulses());
    let database = move || {
        let store = store.clone();
        async move { store.ping().await.is_ok() }
    };
    Health::new(database, move || pulses.stuck())
}

/// The new settings, if a running daemon can take them over.
fn reloaded(
    old: &Config,
    reload: &impl Fn() -> Result<Config, ConfigError>,
) -> Result<Config, Box<dyn std::error::Error + Send + Sync>> {
    let new = reload()?;
    parts::check(&new)?;
    if new.store.driver_url()?.expose_secret() != old.store.driver_url()?.expose_secret() {
        return Err("store.url is taken over by a restart only".into());
    }
    if new.web.listen != old.web.listen {
        return Err("web.listen is taken over by a restart only".into());
    }
    Ok(new)
}

/// One for the loops and the pages: they share its bell and its places for hashing.
fn context(config: &Config, store: &Store, clock: &Clock) -> Result<Context, StartError> {
    parts::with_store(config, store.clone(), Keys::load(&config.keys.folder)?, clock.clone())
}

fn start_loops(config: &Config, context: Context, lifecycle: &Lifecycle) -> Result<Group, StartError> {
    let wake = Arc::new(Notify::new());
    let mut group = lifecycle.group();
    let inbox = Inbox {
        judge: parts::judge(config)?,
        mail_limit: config.intake.mail_limit,
        mailbox: parts::mailbox(config, &context)?,
        outbox: Arc::clone(&wake),
        pulse: lifecycle.pulse("inbox", PULSE),
        stop: group.token(),
        context: context.clone(),
    };
    let keep = KeepMail {
        mailbox: parts::mailbox(config, &context)?,
        retention: parts::mail_retention(config),
        clock: context.clock.clone(),
        stop: group.token(),
    };
    let post = Arc::new(parts::post(config)?);
    let codes = Codes {
        post: Arc::clone(&post),
        pulses: [lifecycle.pulse("codes", PULSE), lifecycle.pulse("codes", PULSE)],
        stop: group.token(),
        context: context.clone(),
    };
    let outbox = Outbox {
        post,
        senders: config.relay.smtp.connections,
        letters_per_second: config.budget.letters_per_second,
        wake,
        pulse: lifecycle.pulse("outbox", PULSE),
        stop: group.token(),
        context: context.clone(),
    };
    let scheduler = Scheduler {
        timetable: parts::timetable(config),
        retention: parts::row_retention(config),
        operator: parts::operator(config),
        pulse: lifecycle.pulse("schedule", PULSE),
        stop: group.token(),
        context: context.clone(),
    };
    let reconciler = parts::reconciler(config, context, lifecycle.pulse("reconcile", PULSE), group.token());
    group.spawn("inbox", inbox.run());
    group.spawn("retention", keep.run());
    group.spawn("codes", codes.run());
    group.spawn("outbox", outbox.run());
    group.spawn("schedule", scheduler.run());
    group.spawn("reconcile", reconciler.run());
    Ok(group)
}
