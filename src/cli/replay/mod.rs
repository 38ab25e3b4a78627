//! `renkei replay`: what would become of mails in files. How operators try a policy, and how large collections are tested.

mod files;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use serde::Serialize;

use super::{Failure, Invocation, print};
use crate::app;
use crate::clock::Clock;
use crate::domain::inbound::{Locator, Verdict};
use crate::domain::time::Timestamp;
use crate::flows::Context;
use crate::flows::receive_request::{Rehearsal, Rehearsed, Seen};

/// How many mails are judged together.
const WINDOW: usize = 500;

/// Say what would become of mails in files, without a write and without a mail. Ends with 1 if one could not be judged.
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// Write nothing and mail nothing. There is no other way: mails act when they come to the mailbox.
    #[arg(long, required = true)]
    dry_run: bool,
    /// A mail, an mbox, or a folder of mails (a Maildir too).
    #[arg(value_name = "FILE|DIR|MBOX")]
    path: PathBuf,
    /// As if all came at this time, e.g. 2026-07-03T09:00:00+09:00. Without it a mail came at the time of its file, or of its
    /// line in the mbox, and is judged now.
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Timestamp>,
}

fn time(written: &str) -> Result<Timestamp, String> {
    let at = chrono::DateTime::parse_from_rfc3339(written).map_err(|error| error.to_string())?;
    Ok(Timestamp::from_millis(at.timestamp_millis()))
}

#[derive(Debug, Serialize)]
struct Row {
    mail: String,
    class: &'static str,
    verdict: &'static str,
    proved_by: Option<String>,
    reasons: Vec<String>,
    transitions: Vec<String>,
    letters: Vec<&'static str>,
    judged: bool,
}

impl Row {
    fn of(mail: String, told: Rehearsed) -> Self {
        Self {
            mail,
            class: told.class.name(),
            verdict: told.verdict.map_or("known", Verdict::name),
            proved_by: told.proved_by,
            reasons: told.reasons,
            transitions: told.transitions,
            letters: told.letters,
            judged: told.is_judged,
        }
    }

    fn line(&self) -> String {
        let mut line = format!("{}  {}  {}", self.mail, self.class, self.verdict);
        for (name, words) in [("", &self.reasons), ("transitions: ", &self.transitions)] {
            if !words.is_empty() {
                line = format!("{line}  {name}{}", words.join("; "));
            }
        }
        if !self.letters.is_empty() {
            line = format!("{line}  letters: {}", self.letters.join(", "));
        }
        line
    }
}

impl Replay {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, Failure> {
        let (config, context) = invocation.context().await?;
        let judge = app::judge(&config)?;
        let context = match self.at {
            Some(at) => Context { clock: Clock::fixed(at), ..context },
            None => context,
        };
        let started = Instant::now();
        let mut rehearsal = Rehearsal::default();
        let mut sums: BTreeMap<(&'static str, &'static str), usize> = BTreeMap::new();
        let (mut rows, mut all, mut unjudged) = (Vec::new(), 0_usize, 0_usize);
        let mut mails = files::mails(&self.path).map_err(anyhow::Error::from)?;
        loop {
            let window: Vec<files::Mail> =
                mails.by_ref().take(WINDOW).collect::<Result<_, _>>().map_err(anyhow::Error::from)?;
            if window.is_empty() {
                break;
            }
            let names: Vec<String> = window.iter().map(|mail| mail.name.clone()).collect();
            let seen =
                window.into_iter().enumerate().map(|(at, mail)| seen(mail, all + at, &self, config.intake.mail_limit));
            let told = rehearsal.window(&context, &judge, seen.collect()).await?;
            all += told.len();
            for (name, told) in names.into_iter().zip(told) {
                let row = Row::of(name, told);
                *sums.entry((row.class, row.verdict)).or_default() += 1;
                unjudged += usize::from(!row.judged);
                if invocation.json {
                    rows.push(row);
                } else {
                    println!("{}", row.line());
                }
            }
        }
        if invocation.json {
            print::one(&rows)?;
        }
        for ((class, verdict), many) in sums {
            eprintln!("{many}  {class}  {verdict}");
        }
        let seconds = started.elapsed().as_secs_f64().max(0.001);
        // Counts of mails are small.
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = all as f64 / seconds;
        eprintln!("{all} mails in {seconds:.1} s ({rate:.0} a second), {unjudged} could not be judged");
        Ok(if unjudged == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn seen(mail: files::Mail, at: usize, replay: &Replay, limit: u64) -> Seen {
    let size = u64::try_from(mail.raw.len()).unwrap_or(u64::MAX);
    Seen {
        at: Locator { uidvalidity: 0, uid: format!("replay {at}") },
        size,
        arrived_at: replay.at.unwrap_or(mail.arrived_at),
        raw: (size <= limit).then_some(mail.raw),
    }
}
