//! One connection to the mailbox, from the log-in until it breaks or the loop is asked to stop.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::{info, warn};

use super::hands::{Hands, place_of, seen};
use super::{Broken, Inbox};
use crate::domain::ids::InboundId;
use crate::domain::inbound::{Folder, Locator, WindowRecord};
use crate::flows::receive_request::{self, Received, Seen};
use crate::flows::troubles::{self, Place};
use crate::flows::{FlowError, file_mail, held};
use crate::loops::until;
use crate::mailbox::{Arrived, Content, Cursor, Mailbox, Window, WindowLimits};

/// Longest time that judged mails lie in INBOX while others wait to be judged.
const FILE_WITHIN: Duration = Duration::from_secs(30);
/// Longest time that one exchange with a slow mailbox may take, within its own deadlines.
const MAILBOX_SLOW: Duration = Duration::from_mins(6);
/// Longest time without a look at the mailbox and at the held mails.
const LOOK_EVERY: Duration = Duration::from_secs(280);

impl Inbox {
    pub(super) async fn session(&mut self, kept: &mut Option<Hands>) -> Result<(), Broken> {
        self.pulse.rest(Instant::now() + MAILBOX_SLOW);
        tokio::select! {
            connected = self.mailbox.connect() => connected?,
            () = self.stop.cancelled() => return Ok(()),
        }
        troubles::over(&self.context, Place::Mailbox).await?;
        let name = self.mailbox.name().to_owned();
        info!(mailbox.name = name, "the mailbox is watched");

        // A process that lives on has not been killed by what it held: only a new one has suspects.
        let hands = match kept {
            Some(hands) => hands,
            None => kept.insert(self.take_up(&name).await?),
        };
        hands.cursor = hands.cursor.under(self.mailbox.uidvalidity().unwrap_or_default());
        let mut filed = Instant::now();
        let mut fetched: Option<Window> = None;
        while !self.stop.is_cancelled() {
            self.pulse.beat();
            let held = self.judge_held(&name, hands).await?;
            let window = match fetched.take() {
                Some(window) => window,
                None => self.window(&name, hands.cursor, hands.is_wary(), &[]).await?,
            };
            let (arrived, more) = (window.mails.len(), window.more);
            if arrived > 0 {
                fetched = self.judge(&name, hands, window).await?;
            }
            if !more || filed.elapsed() > FILE_WITHIN || self.renames_only() {
                self.file(&name, !more).await?;
                filed = Instant::now();
            }
            if arrived == 0 && !more && held == 0 {
                hands.nothing_left();
                self.wait(&name).await?;
            }
        }
        self.file(&name, false).await
    }

    /// Reads where the intake stood; a mail that ended the process too often is quarantined unread.
    async fn take_up(&mut self, name: &str) -> Result<Hands, Broken> {
        let resume = receive_request::resume(&self.context, name).await?;
        let mut hands = Hands::after(&resume);
        let Some(uid) = &resume.fatal else { return Ok(hands) };
        let place = place_of(uid, &resume.record);
        // Asked for at most no bytes, a mail is measured and not read.
        let measured = self.mailbox.fetch(&[place], 0).await?.pop();
        let next = hands.cursor.past(uid.parse().unwrap_or(0));
        if let Some(mail) = measured.filter(|mail| mail.content != Content::Gone) {
            let progress = Hands::done(next);
            receive_request::give_up_on(&self.context, name, mail.at, mail.size, mail.received_at, progress).await?;
            warn!("a mail that ended the program twice was quarantined unread");
        }
        hands.advance(next, std::iter::once(uid));
        Ok(hands)
    }

    /// Judges a window, and fetches the next one meanwhile.
    async fn judge(&mut self, name: &str, hands: &mut Hands, window: Window) -> Result<Option<Window>, Broken> {
        let Window { mails, cursor, more } = window;
        let uids: Vec<String> = mails.iter().map(|mail| mail.at.uid.clone()).collect();
        receive_request::take_in_hand(&self.context, name, &hands.take(&mails)).await?;
        let receiving = self.receive(name, mails, Hands::done(cursor));
        let fetched = if more && !hands.is_wary() { Some(self.window(name, cursor, false, &uids).await) } else { None };
        let received = receiving.await.map_err(|_| FlowError::Panicked)??;
        hands.advance(cursor, uids.iter());
        self.tell_received(&received, uids.len());
        fetched.transpose()
    }

    /// Judges held mails that are due; says how many there were.
    async fn judge_held(&mut self, name: &str, hands: &mut Hands) -> Result<usize, Broken> {
        let mut due = held::due(&self.context, name).await?;
        let most = if hands.is_wary() {
            1
        } else {
            WindowLimits::usual(self.mail_limit).fit(due.iter().map(|held| held.size))
        };
        due.truncate(most);
        if due.is_empty() {
            return Ok(0);
        }
        self.pulse.rest(Instant::now() + MAILBOX_SLOW);
        let places: Vec<Locator> = due.iter().map(|held| held.at.clone()).collect();
        let (there, gone): (Vec<Arrived>, Vec<Arrived>) = self
            .mailbox
            .fetch(&places, self.mail_limit)
            .await?
            .into_iter()
            .partition(|mail| mail.content != Content::Gone);
        for mail in gone {
            if let Some(held) = due.iter().find(|held| held.at == mail.at) {
                held::vanished(&self.context, held).await?;
            }
        }
        if there.is_empty() {
            return Ok(due.len());
        }
        let uids: Vec<String> = there.iter().map(|mail| mail.at.uid.clone()).collect();
        receive_request::take_in_hand(&self.context, name, &hands.take(&there)).await?;
        let receiving = self.receive(name, there, Hands::done(hands.cursor));
        let received = receiving.await.map_err(|_| FlowError::Panicked)??;
        hands.advance(hands.cursor, uids.iter());
        self.tell_received(&received, uids.len());
        Ok(due.len())
    }

    fn receive(
        &self,
        name: &str,
        mails: Vec<Arrived>,
        progress: WindowRecord,
    ) -> JoinHandle<Result<Received, FlowError>> {
        let (context, judge) = (self.context.clone(), self.judge.clone());
        let (name, mails) = (name.to_owned(), mails.into_iter().filter_map(seen).collect::<Vec<Seen>>());
        tokio::spawn(async move { receive_request::receive(&context, &judge, &name, mails, progress).await })
    }

    fn tell_received(&self, received: &Received, mails: usize) {
        if received.letters > 0 {
            self.outbox.notify_one();
        }
        if received.over_budget > 0 {
            warn!(inbox.over_budget = received.over_budget, "mails wait because their firm is over its budget");
        }
        info!(
            inbox.mails = mails,
            inbox.requests = received.requests,
            inbox.too_large = received.unread,
            inbox.held = received.held,
            inbox.quarantined = received.quarantined,
            inbox.unmatched_reports = received.unmatched_reports,
            "mails were judged"
        );
    }

    async fn window(&mut self, name: &str, cursor: Cursor, wary: bool, hand: &[String]) -> Result<Window, Broken> {
        self.pulse.rest(Instant::now() + MAILBOX_SLOW);
        let mut known: HashSet<String> = hand.iter().cloned().collect();
        if self.renames_only() {
            known.extend(file_mail::known(&self.context, name).await?);
        }
        let usual = WindowLimits::usual(self.mail_limit);
        let limits = if wary { WindowLimits { mails: 1, ..usual } } else { usual };
        Ok(self.mailbox.window(cursor, limits, &known).await?)
    }

    /// Moves all judged mails to their folders. Once everything in INBOX was looked at (`scanned`), what stands under an
    /// older UIDVALIDITY was not found again: there is nothing to move.
    async fn file(&mut self, name: &str, scanned: bool) -> Result<(), Broken> {
        loop {
            let here = self.mailbox.uidvalidity();
            let mut to_file = file_mail::to_file(&self.context, name).await?;
            to_file.retain(|mail| scanned || Some(mail.at.uidvalidity) == here);
            if to_file.is_empty() {
                return Ok(());
            }
            self.pulse.rest(Instant::now() + MAILBOX_SLOW);
            let mut folders: HashMap<Folder, Vec<Locator>> = HashMap::new();
            for mail in to_file.iter().filter(|mail| Some(mail.at.uidvalidity) == here) {
                folders.entry(mail.folder).or_default().push(mail.at.clone());
            }
            for (folder, places) in folders {
                self.mailbox.file(folder, &places).await?;
            }
            let ids: Vec<InboundId> = to_file.into_iter().map(|mail| mail.id).collect();
            file_mail::filed(&self.context, &ids).await?;
        }
    }

    async fn wait(&mut self, name: &str) -> Result<(), Broken> {
        let now = self.context.clock.now();
        let held = held::next_due(&self.context, name).await?.map_or(LOOK_EVERY, |due| until(now, due));
        let most = held.clamp(Duration::from_millis(200), LOOK_EVERY);
        self.pulse.rest(Instant::now() + most);
        tokio::select! {
            waited = self.mailbox.wait(most) => waited?,
            () = self.stop.cancelled() => {}
        }
        Ok(())
    }

    /// In a Maildir moving is so cheap that nothing is gained by waiting with it, and what is moved need not be known.
    const fn renames_only(&self) -> bool {
        matches!(self.mailbox, Mailbox::Maildir(_))
    }
}
