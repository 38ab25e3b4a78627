//! What would become of mails, without a write: judged and planned as [`super::receive`] does it, each mail seeing what those
//! before it would have done.

use crate::domain::inbound::{Class, Verdict};

use super::super::{Context, FlowError, requests};
use super::judge::{self, FAILED, Finding, Judge};
use super::{STUCK, Seen, known, plan};

/// What would become of one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearsed {
    /// What it is.
    pub class: Class,
    /// What would be decided; `None` for a mail of which nothing new would be noted.
    pub verdict: Option<Verdict>,
    /// Why, in the order in which it was found.
    pub reasons: Vec<String>,
    /// The domain that proved it.
    pub proved_by: Option<String>,
    /// The transitions that would follow: `received: → pending`.
    pub transitions: Vec<String>,
    /// The letters that would be put into the outbox, by their stored names.
    pub letters: Vec<&'static str>,
    /// Whether it could be judged: it was read, and who wrote it could be asked for.
    pub is_judged: bool,
}

/// A run over many mails.
#[derive(Debug, Default)]
pub struct Rehearsal {
    memory: plan::Memory,
}

impl Rehearsal {
    /// Goes on with these mails, in their order.
    ///
    /// # Errors
    /// What the store says; [`FlowError::Stuck`] and [`FlowError::Panicked`] as receiving would.
    pub async fn window(
        &mut self,
        context: &Context,
        judge: &Judge,
        seen: Vec<Seen>,
    ) -> Result<Vec<Rehearsed>, FlowError> {
        let judged = judge::all(context, judge, seen, STUCK).await?;
        let known = known::load(context, &mut *context.store.read().await?, &judged).await?;
        let mut plan = plan::Plan::new(context, judge, "rehearsal", &mut self.memory);
        let mut told = Vec::with_capacity(judged.len());
        for mail in &judged {
            let (messages, letters, events) = (plan.inbound.len(), plan.outbound.len(), plan.audit.len());
            let withdrawn = plan.withdrawn.len();
            plan.add(mail, &known);
            let message = plan.inbound.get(messages..).unwrap_or_default().first();
            let failed = |reason: &String| reason == FAILED;
            let mut letters: Vec<_> =
                plan.outbound.get(letters..).unwrap_or_default().iter().map(|mail| mail.kind.name()).collect();
            for before in plan.withdrawn.get(withdrawn..).unwrap_or_default() {
                let told = requests::told_of_withdrawal(context, &mut *context.store.read().await?, before).await?;
                letters.extend(told.map(|mail| mail.kind.name()));
            }
            told.push(Rehearsed {
                class: mail.class,
                verdict: message.map(|message| message.verdict),
                reasons: message.map(|message| message.reasons.clone()).unwrap_or_default(),
                proved_by: mail.proven().map(|by| by.proved_by.to_string()),
                transitions: plan
                    .audit
                    .get(events..)
                    .unwrap_or_default()
                    .iter()
                    .map(|event| format!("{}: {} → {}", event.event, event.from, event.to))
                    .collect(),
                letters,
                is_judged: mail.digest.is_some()
                    && !matches!(&mail.finding, Finding::Unreachable { .. })
                    && !matches!(&mail.finding, Finding::Suspect(why) if why.iter().any(failed)),
            });
        }
        Ok(told)
    }
}
