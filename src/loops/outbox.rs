//! The outbox loop.
//!
//! # Description
//! Claims what is due, a batch at a time, keeps a few senders busy with it and notes in groups how it ended. Rung when
//! something was put into the outbox; looks by itself when the next mail is due, and every five seconds, because
//! commands put mails there too. What waited in our hands for more than a second goes back: it may have lost its reason.
//!
//! # When it fails
//! A relay that will not have us (a 5xx in greeting, TLS or log-in, or no connection at all) holds the whole queue: it is
//! asked again after 1 s, doubled up to 5 min, and no mail is the worse for it. A process that ends leaves its leases
//! behind: the next one takes them as unknown and tries again under the same Message-ID.
//!
//! # Configuration
//! `[relay]`, `[sender]`, `[dkim]`, `[budget]` letters_per_second.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Notify, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::until;
use crate::domain::backoff;
use crate::domain::budget::Pace;
use crate::domain::outbound::HandOver;
use crate::flows::deliver::{self, Claimed, Ended, Post};
use crate::flows::troubles::{self, Place};
use crate::flows::{Context, FlowError};
use crate::lifecycle::Pulse;

/// Fewest and most mails in our hands. How many it is follows the relay: more while all leave at once, few again when some
/// waited too long, so that a crash leaves few in doubt and what is urgent, withdrawn or withheld takes effect soon.
const HANDS: RangeInclusive<usize> = 16..=256;
/// Longest time that an outcome waits for others to be noted with.
const NOTE_WITHIN: Duration = Duration::from_millis(25);
/// Longest time that a stop waits for mails that are being handed over; then they are cut off, which is unknown.
const STOP_WITHIN: Duration = Duration::from_secs(20);
/// Longest time that the relay is given to show whether it is well.
const PROBE: Duration = Duration::from_mins(2);
/// How long mails that are cut off may take to come back.
const CUT_WITHIN: Duration = Duration::from_secs(2);
/// Longest time without a look: a command that puts something into the outbox rings no bell.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The loop and what it needs.
#[derive(Debug)]
pub struct Outbox {
    /// For the flows.
    pub context: Context,
    /// Writes mails and hands them over.
    pub post: Arc<Post>,
    /// How many are handed over at the same time.
    pub senders: usize,
    /// How many letters may leave in a second; codes do not count.
    pub letters_per_second: u32,
    /// Rung when something was put into the outbox.
    pub wake: Arc<Notify>,
    /// Shows that the loop moves.
    pub pulse: Pulse,
    /// Asks the loop to end: what is being handed over ends first or is cut off, the rest goes back.
    pub stop: CancellationToken,
}

/// What the loop holds.
#[derive(Debug)]
struct Hands {
    jobs: mpsc::UnboundedSender<Claimed>,
    ended: mpsc::UnboundedReceiver<Ended>,
    senders: JoinSet<()>,
    /// How many are with the senders.
    flying: usize,
    /// How many may be, within [`HANDS`].
    most: usize,
    /// How many letters may leave now.
    pace: Pace,
    /// Outcomes that are not in the database yet; kept when it does not answer.
    unnoted: Vec<Ended>,
    /// Whether there may be leases that nobody holds: of a process that died, or of a claim whose commit went unheard.
    orphans: bool,
}

/// What the senders and the loop share.
#[derive(Debug)]
struct Desk {
    context: Context,
    post: Arc<Post>,
    jobs: Mutex<mpsc::UnboundedReceiver<Claimed>>,
    /// Cancelled when the relay will not have us: what still waits for a sender goes back untried.
    held: std::sync::Mutex<CancellationToken>,
    /// Cancelled when the time to stop is over: what is being handed over is cut off.
    cut: CancellationToken,
}

impl Outbox {
    /// Runs until it is asked to stop.
    ///
    /// # Errors
    /// What must end the process.
    pub async fn run(self) -> Result<(), FlowError> {
        let (jobs, waiting) = mpsc::unbounded_channel();
        let (done, ended) = mpsc::unbounded_channel();
        let desk = Arc::new(Desk {
            context: self.context.clone(),
            post: self.post.clone(),
            jobs: Mutex::new(waiting),
            held: std::sync::Mutex::default(),
            cut: CancellationToken::new(),
        });
        let mut senders = JoinSet::new();
        for _ in 0..self.senders.max(1) {
            senders.spawn(send(desk.clone(), done.clone()));
        }
        // Whoever held leases before is dead: only one daemon runs on a database.
        let pace = Pace::new(self.letters_per_second, self.context.clock.now());
        let most = *HANDS.start();
        let mut hands = Hands { jobs, ended, senders, flying: 0, most, pace, unnoted: Vec::new(), orphans: true };
        let mut failures = 0;
        while !self.stop.is_cancelled() {
            self.pulse.beat();
            match self.round(&mut hands).await {
                Ok(None) => failures = 0,
                Ok(Some(reply)) => {
                    failures += 1;
                    desk.hold();
                    self.put_aside(&mut hands).await?;
                    self.hold(&desk, failures, reply).await;
                }
                Err(error @ FlowError::Panicked) => return Err(error),
                Err(error) => {
                    failures += 1;
                    hands.orphans = true;
                    let pause = backoff::reconnect(failures, self.context.entropy.fraction());
                    self.rest(pause, &error.to_string()).await;
                }
            }
        }
        desk.hold();
        self.put_aside(&mut hands).await?;
        desk.cut.cancel();
        hands.come_back(&self.context, Instant::now() + CUT_WITHIN).await?;
        self.post.rest().await;
        Ok(())
    }

    /// Claims, waits for some outcomes, notes them. Gives back the relay's answer when the relay will not have us.
    async fn round(&self, hands: &mut Hands) -> Result<Option<Option<u16>>, FlowError> {
        if hands.orphans && hands.flying == 0 && hands.unnoted.is_empty() {
            deliver::end_leases(&self.context, true).await?;
            troubles::over(&self.context, Place::Relay).await?;
            hands.orphans = false;
        }
        if hands.has_room() {
            self.take(hands).await?;
        }
        let pause = hands.pace.pause(self.context.clock.now());
        if hands.flying == 0 && hands.unnoted.is_empty() {
            self.wait(pause).await?;
            return Ok(None);
        }
        let room = hands.has_room();
        // What the pace holds goes on as soon as it may.
        let longest = if pause.is_zero() { LOOK_EVERY } else { pause.max(NOTE_WITHIN) };
        tokio::select! {
            gathered = hands.gather(Instant::now() + longest) => gathered?,
            () = self.wake.notified(), if room => {}
            () = self.stop.cancelled() => {}
        }
        hands.note(&self.context).await
    }

    /// Takes what is due into our hands, at the pace that letters may leave. Codes go a way of their own, unheld.
    async fn take(&self, hands: &mut Hands) -> Result<(), FlowError> {
        let now = self.context.clock.now();
        let paced = usize::try_from(hands.pace.allowance(now)).unwrap_or(usize::MAX);
        let room = paced.min(hands.most - hands.flying);
        let claimed = deliver::claim(&self.context, room).await?;
        hands.pace.spend(u32::try_from(claimed.len()).unwrap_or(u32::MAX), now);
        for claimed in claimed {
            hands.flying += 1;
            // The senders outlive the loop's hands.
            let _ = hands.jobs.send(claimed);
        }
        Ok(())
    }

    async fn wait(&self, pause: Duration) -> Result<(), FlowError> {
        let now = self.context.clock.now();
        let due = deliver::next_due(&self.context).await?.map_or(LOOK_EVERY, |due| until(now, due));
        let most = due.max(pause).clamp(Duration::from_millis(20), LOOK_EVERY);
        self.pulse.rest(Instant::now() + most);
        tokio::select! {
            () = self.wake.notified() => {}
            () = tokio::time::sleep(most) => deliver::end_leases(&self.context, false).await?,
            () = self.stop.cancelled() => {}
        }
        Ok(())
    }

    /// Waits until the relay has us again.
    async fn hold(&self, desk: &Desk, mut failures: u32, reply: Option<u16>) {
        let mut detail = match reply {
            Some(reply) => format!("the relay answers {reply}"),
            None => "the relay cannot be reached, or not safely".to_owned(),
        };
        while !self.stop.is_cancelled() {
            let pause = backoff::reconnect(failures, self.context.entropy.fraction());
            let again = self.context.clock.now().after(pause);
            if let Err(error) = troubles::note(&self.context, Place::Relay, again, detail.clone()).await {
                info!("the trouble could not be noted: {error}");
            }
            self.rest(pause, &detail).await;
            self.pulse.rest(Instant::now() + PROBE);
            tokio::select! {
                probed = tokio::time::timeout(PROBE, self.post.probe()) => match probed {
                    Ok(Ok(())) => break,
                    Ok(Err(error)) => detail = error,
                    Err(_) => "the relay does not answer".clone_into(&mut detail),
                },
                () = self.stop.cancelled() => return,
            }
            failures += 1;
        }
        desk.resume();
        if let Err(error) = troubles::over(&self.context, Place::Relay).await {
            info!("the end of the trouble could not be noted: {error}");
        }
    }

    async fn rest(&self, pause: Duration, why: &str) {
        warn!(outbox.retry_s = pause.as_secs(), "the outbox waits: {why}");
        self.pulse.rest(Instant::now() + pause);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.stop.cancelled() => {}
        }
    }

    /// Notes everything that is still in our hands: what is being handed over ends first, within bounds. What cannot be
    /// noted counts as unknown when its lease runs out.
    async fn put_aside(&self, hands: &mut Hands) -> Result<(), FlowError> {
        let end = Instant::now() + STOP_WITHIN;
        self.pulse.rest(end);
        hands.come_back(&self.context, end).await
    }
}

impl Hands {
    /// Whether to claim again.
    const fn has_room(&self) -> bool {
        self.flying < self.most / 2
    }

    /// Waits for an outcome until `end`, and a moment longer for others to note it with. Dropped halfway it loses nothing.
    async fn gather(&mut self, end: Instant) -> Result<(), FlowError> {
        let mut deadline = if self.unnoted.is_empty() { end } else { end.min(Instant::now() + NOTE_WITHIN) };
        while self.flying > 0 && self.unnoted.len() < self.most / 2 {
            tokio::select! {
                biased;
                Some(end) = self.ended.recv() => self.unnoted.push(end),
                Some(_) = self.senders.join_next() => return Err(FlowError::Panicked),
                () = tokio::time::sleep_until(deadline) => return Ok(()),
            }
            self.flying -= 1;
            if self.unnoted.len() == 1 {
                deadline = end.min(Instant::now() + NOTE_WITHIN);
            }
        }
        Ok(())
    }

    /// Waits until all have ended and are noted, but not past `end`.
    async fn come_back(&mut self, context: &Context, end: Instant) -> Result<(), FlowError> {
        while (self.flying > 0 || !self.unnoted.is_empty()) && Instant::now() < end {
            self.gather(end).await?;
            if let Err(error) = self.note(context).await {
                warn!("outcomes could not be noted, their mails count as unknown: {error}");
                self.unnoted.clear();
                self.orphans = true;
            }
        }
        Ok(())
    }

    /// Writes down how mails ended. Gives back the relay's answer when one of them says that it will not have us.
    async fn note(&mut self, context: &Context) -> Result<Option<Option<u16>>, FlowError> {
        deliver::record(context, &self.unnoted).await?;
        let fault = self.unnoted.iter().find_map(|end| match end.outcome() {
            Some(HandOver::RelayFault { reply }) => Some(*reply),
            _ => None,
        });
        let waited = self.unnoted.iter().any(|end| end.outcome().is_none());
        let most = if waited { *HANDS.start() } else { self.most + self.unnoted.len() };
        self.most = most.clamp(*HANDS.start(), *HANDS.end());
        self.unnoted.clear();
        Ok(fault)
    }
}

impl Desk {
    fn hold(&self) {
        self.token().cancel();
    }

    fn resume(&self) {
        *self.held.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = CancellationToken::new();
    }

    fn token(&self) -> CancellationToken {
        self.held.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

/// One sender: takes a mail, hands it over, tells how it ended.
async fn send(desk: Arc<Desk>, done: mpsc::UnboundedSender<Ended>) {
    loop {
        let Some(claimed) = desk.jobs.lock().await.recv().await else { return };
        let ended = if desk.token().is_cancelled() || !claimed.is_fresh(&desk.context) {
            claimed.untried()
        } else {
            desk.post.hand_over(desk.cut.cancelled(), claimed).await
        };
        if done.send(ended).is_err() {
            return;
        }
    }
}
