//! What the database held before a window of mails: read in the transaction that writes what follows.

use std::collections::{HashMap, HashSet};

use crate::domain::budget::DAY;
use crate::domain::data_binding::DataBinding;
use crate::domain::decision::{Choice, Weight};
use crate::domain::email_address::EmailAddress;
use crate::domain::firm::{Firm, FirmStatus};
use crate::domain::firm_request::{Request, StateName};
use crate::domain::ids::{AccountId, FirmId, OutboundId, RequestId};
use crate::domain::inbound::{Digest, InboundMessage, Seal};
use crate::domain::linkage::Linkage;
use crate::domain::office_name::OfficeName;
use crate::domain::outbound::OutboundMail;
use crate::domain::time::Timestamp;
use crate::store;

use super::super::{Context, FlowError, bind_data};
use super::judge::{Finding, Judged};

/// What was there already.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Mails with one of the window's digests.
    pub copies: Vec<InboundMessage>,
    /// Seals of the window's mails that were seen.
    pub seals: HashSet<Seal>,
    /// The last request of each firm about each of the window's customers, by firm and customer key.
    pub last: HashMap<(FirmId, String), Request>,
    /// Requests that commands and reports are about.
    pub named: HashMap<RequestId, Request>,
    /// What the approved ones among those that commands are about came to.
    pub sharing: HashMap<RequestId, Sharing>,
    /// What each firm that asks for its open requests has, the newest first.
    pub undecided: HashMap<FirmId, Vec<RequestId>>,
    /// Mails that reports and people's answers are about.
    pub mails: Vec<OutboundMail>,
    /// The firms of those requests.
    pub firms: HashMap<FirmId, Firm>,
    /// Which tokens of reports are whose.
    pub tokens: HashMap<String, OutboundId>,
    /// Firms that were suspended since their mail was judged.
    pub suspended: HashSet<FirmId>,
    /// When each new request of a firm came within the last day.
    pub born: HashMap<FirmId, Vec<Timestamp>>,
    /// When request mails left for an address within the last day, or will.
    pub notices: HashMap<String, Vec<Timestamp>>,
    /// How many answers an address was given within the last day.
    pub answers: HashMap<String, u32>,
    /// People's answers that were sent on.
    pub forwarded: HashSet<Digest>,
    /// How many answers to letters for an address were sent on within the last day.
    pub replies: HashMap<String, u32>,
}

/// What a customer shares with the firm that asked.
#[derive(Debug)]
pub(super) struct Sharing {
    /// Who approved.
    pub account: AccountId,
    /// The links of this firm with the customer's products.
    pub links: Vec<Linkage>,
    /// The customer's business data, whoever works with it.
    pub live: Option<DataBinding>,
    /// 「あなたの会社・個人事業者名」
    pub registered: Option<OfficeName>,
}

/// Reads it.
pub(super) async fn load(
    context: &Context,
    connection: &mut store::AnyConnection,
    judged: &[Judged],
) -> Result<Known, FlowError> {
    let since = context.now().before(DAY);
    let proven: Vec<_> = judged.iter().filter_map(Judged::proven).collect();
    let forms: Vec<_> = judged.iter().flat_map(Judged::forms).collect();
    let digests: Vec<_> = judged.iter().filter_map(|mail| mail.digest.as_ref()).collect();
    let seals: Vec<&Seal> = proven.iter().flat_map(|by| &by.seals).collect();
    let customers: Vec<_> = forms.iter().map(|form| &form.customer).collect();
    let mut firms: Vec<&FirmId> = proven.iter().map(|by| &by.firm.id).collect();
    firms.sort();
    firms.dedup();
    let mut known = Known {
        copies: store::inbound::by_digests(connection, &digests).await?,
        seals: store::seals::seen(connection, &seals).await?,
        ..Known::default()
    };
    for request in store::requests::last_about(connection, &customers).await? {
        known.last.insert((request.firm.clone(), request.customer.key()), request);
    }
    for firm in store::firms::by_ids(connection, &firms).await? {
        if firm.status != FirmStatus::Active {
            known.suspended.insert(firm.id);
        }
    }
    named(context, connection, judged, &mut known).await?;
    known.sharing = sharing(connection, judged, &known).await?;
    for (firm, at) in store::budgets::requests_of(connection, &firms, since).await? {
        known.born.entry(firm).or_default().push(at);
    }
    let asked = forms.iter().flat_map(|form| std::iter::once(&form.customer).chain(&form.copies));
    let mut asked: Vec<String> = asked.map(EmailAddress::key).collect();
    asked.extend(known.named.values().map(|request| request.customer.key()));
    asked.sort();
    asked.dedup();
    for (address, at) in store::budgets::notices_to(connection, asked, since).await? {
        known.notices.entry(address).or_default().push(at);
    }
    let senders: HashSet<String> = proven.iter().map(|by| by.from.key()).collect();
    let answers = store::budgets::answers_to(connection, senders.into_iter().collect(), since).await?;
    known.answers.extend(answers);
    replies(connection, judged, since, &mut known).await?;
    Ok(known)
}

/// What was sent on of what people answered.
async fn replies(
    connection: &mut store::AnyConnection,
    judged: &[Judged],
    since: Timestamp,
    known: &mut Known,
) -> Result<(), FlowError> {
    let answers = judged.iter().filter(|mail| matches!(mail.finding, Finding::Answers(_)));
    let digests: Vec<&Digest> = answers.filter_map(|mail| mail.digest.as_ref()).collect();
    if digests.is_empty() {
        return Ok(());
    }
    let mut people: Vec<String> = known.mails.iter().map(|mail| mail.recipient.key()).collect();
    people.sort();
    people.dedup();
    known.forwarded = store::replies::forwarded(connection, &digests).await?;
    known.replies.extend(store::replies::of_people(connection, &people, since).await?);
    Ok(())
}

/// What commands, reports and answers name.
async fn named(
    context: &Context,
    connection: &mut store::AnyConnection,
    judged: &[Judged],
    known: &mut Known,
) -> Result<(), FlowError> {
    let (mut numbers, mut message_ids) = (Vec::new(), Vec::new());
    for mail in judged {
        match &mail.finding {
            Finding::Commands { by, command } => {
                if let Some(number) = command.number() {
                    numbers.push(number);
                } else {
                    let ids = store::requests::undecided_ids(connection, &by.firm.id).await?;
                    known.undecided.insert(by.firm.id.clone(), ids);
                }
            }
            Finding::Reports(report) => {
                message_ids.extend(&report.message_ids);
                for token in &report.tokens {
                    if let Some(id) = context.keys.outbound_of(token) {
                        known.tokens.insert(token.clone(), id);
                    }
                }
            }
            Finding::Answers(reply) => message_ids.extend(&reply.answers),
            _ => {}
        }
    }
    let ids: Vec<OutboundId> = known.tokens.values().cloned().collect();
    known.mails = store::outbox::by_names(connection, &ids, &message_ids).await?;
    let mut about: Vec<&RequestId> = known.mails.iter().filter_map(|mail| mail.request.as_ref()).collect();
    about.sort();
    about.dedup();
    numbers.sort_unstable();
    numbers.dedup();
    let mut requests = store::requests::by_ids(connection, &about).await?;
    requests.extend(store::requests::by_numbers(connection, &numbers).await?);
    let mut firms: Vec<&FirmId> = requests.iter().map(|request| &request.firm).collect();
    firms.sort();
    firms.dedup();
    let firms = store::firms::by_ids(connection, &firms).await?;
    known.firms = firms.into_iter().map(|firm| (firm.id.clone(), firm)).collect();
    known.named = requests.into_iter().map(|request| (request.id.clone(), request)).collect();
    Ok(())
}

/// What approved requests came to, where a command of their own firm is about that.
async fn sharing(
    connection: &mut store::AnyConnection,
    judged: &[Judged],
    known: &Known,
) -> Result<HashMap<RequestId, Sharing>, FlowError> {
    let is_meant = |request: &&Request| {
        let shares = request.state.name() == StateName::Approved && request.stopped_at.is_none();
        shares
            && judged.iter().any(|mail| {
                matches!(&mail.finding, Finding::Commands { by, command }
            if command.is_about_sharing() && command.number() == Some(request.number) && by.firm.id == request.firm)
            })
    };
    let meant: Vec<&Request> = known.named.values().filter(is_meant).collect();
    let ids: Vec<_> = meant.iter().map(|request| &request.id).collect();
    let mut sharing = HashMap::new();
    for decision in store::decisions::of_requests(connection, &ids).await? {
        let request = meant.iter().find(|request| request.id == decision.request);
        let approves = decision.weight == Weight::Final && decision.answer.choice == Choice::Approve;
        let Some(request) = request.filter(|_| approves) else { continue };
        let links = store::linkages::of(connection, &decision.account).await?;
        let shared = Sharing {
            links: links.into_iter().filter(|link| link.firm == request.firm).collect(),
            live: store::data_bindings::live(connection, &decision.account).await?,
            registered: bind_data::registered(connection, &decision.account).await?,
            account: decision.account,
        };
        sharing.insert(decision.request, shared);
    }
    Ok(sharing)
}
