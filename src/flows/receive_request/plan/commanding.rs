//! A firm's commands. A request of another firm is answered as one that is not there.

use crate::domain::firm_command::{Answer, FirmCommand, resend};
use crate::domain::firm_request::Request;
use crate::domain::ids::{InboundId, RequestId};
use crate::domain::inbound::{InboundMessage, Verdict};

use super::super::super::outgoing::{self, Asker};
use super::super::judge::Proven;
use super::super::known::Known;
use super::{Plan, actor, settle, sharing};

impl Plan<'_> {
    /// Does what a firm's command says, and answers what was done.
    pub(super) fn command(
        &mut self,
        message: &mut InboundMessage,
        asker: &Asker<'_>,
        by: &Proven,
        command: &FirmCommand,
        known: &Known,
    ) {
        let (request, answer) = self.obey(by, command, &message.id, known);
        let (verdict, done) = match &answer {
            Answer::Withdrawn => (Verdict::Accepted, "withdrawn"),
            Answer::Resent => (Verdict::Accepted, "mailed again"),
            Answer::States { .. } => (Verdict::Accepted, "told the states"),
            Answer::Ended => (Verdict::Refused, "the request is decided or over"),
            Answer::TooSoon { .. } => (Verdict::Refused, "too soon to mail again"),
            Answer::NoMoreReminders { .. } => (Verdict::Refused, "no more reminders"),
            Answer::Disowned { .. } => (Verdict::Refused, "the request was disowned"),
            Answer::NoSuchRequest { .. } => (Verdict::Refused, "the firm has no such request"),
            Answer::Sharing(answer) => sharing::verdict(answer),
            Answer::Fault { why } => (Verdict::Refused, why.name()),
        };
        settle(message, verdict, &[format!("proved by {}", by.proved_by), done.to_owned()]);
        message.request.clone_from(&request);
        let letter = outgoing::answer(self.context, asker, request.as_ref(), &answer, self.now);
        self.answer(message, letter, known);
    }

    fn obey(
        &mut self,
        by: &Proven,
        command: &FirmCommand,
        cause: &InboundId,
        known: &Known,
    ) -> (Option<RequestId>, Answer) {
        match command {
            FirmCommand::Status { number: None } => {
                let ids = known.undecided.get(&by.firm.id).into_iter().flatten();
                let new = self.requests.iter().filter(|request| request.firm == by.firm.id).map(|request| &request.id);
                (None, Answer::states(new.chain(ids)))
            }
            FirmCommand::Status { number: Some(number) } => {
                self.with(by, *number, known, |_, request| Answer::states(std::iter::once(&request.id)))
            }
            FirmCommand::Withdraw { number } => {
                self.with(by, *number, known, |plan, request| plan.withdraw(by, request, cause))
            }
            FirmCommand::Resend { number } => {
                self.with(by, *number, known, |plan, request| match resend(&request, plan.now) {
                    Ok(()) => {
                        plan.remind(&by.firm, request, cause, known);
                        Answer::Resent
                    }
                    Err(answer) => answer,
                })
            }
            FirmCommand::BindData(wish) => self.with(by, wish.number, known, |plan, request| {
                Answer::Sharing(plan.bind_data(by, &request, wish, cause, known))
            }),
            FirmCommand::ReleaseData { number, office_name } => self.with(by, *number, known, |plan, request| {
                Answer::Sharing(plan.release_data(by, &request, office_name, cause, known))
            }),
            FirmCommand::Unlink { number } => {
                self.with(by, *number, known, |plan, request| Answer::Sharing(plan.unlink(by, &request, cause, known)))
            }
        }
    }

    /// The firm's own request of this number, and what is done with it.
    fn with(
        &mut self,
        by: &Proven,
        number: i64,
        known: &Known,
        act: impl FnOnce(&mut Self, Request) -> Answer,
    ) -> (Option<RequestId>, Answer) {
        let own = known.named.values().find(|request| request.number == number && request.firm == by.firm.id);
        let Some(request) = own.map(|request| self.present(request)) else {
            return (None, Answer::NoSuchRequest { number });
        };
        let id = request.id.clone();
        (Some(id), act(self, request))
    }

    fn withdraw(&mut self, by: &Proven, before: Request, cause: &InboundId) -> Answer {
        let Ok(request) = before.clone().withdraw(self.now) else { return Answer::Ended };
        self.note(actor(&by.firm), &request, "withdrawn", before.state.name().name(), cause);
        self.change(&request);
        self.withdrawn.push(before);
        Answer::Withdrawn
    }
}
