//! Each adapter built from its settings.

use std::sync::Arc;

use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;

use super::StartError;
use super::ledger::ledger_in;
use crate::bell::Bell;
use crate::clock::Clock;
use crate::config::Config;
use crate::config::contracts::ContractsKind;
use crate::config::web::{BaseUrl, PageUrl};
use crate::contracts::ContractDirectory;
use crate::contracts::http::Http;
use crate::domain::password::PasswordRule;
use crate::domain::time::days;
use crate::entropy::Entropy;
use crate::flows::Context;
use crate::flows::deliver::Post;
use crate::flows::digest::Operator;
use crate::flows::jobs::Job;
use crate::flows::purge;
use crate::flows::receive_request::Judge;
use crate::flows::reconcile::Pace;
use crate::flows::replies::Desk;
use crate::intake::Verifier;
use crate::keys::Keys;
use crate::lifecycle::Pulse;
use crate::links::Links;
use crate::loops::inbox::Retention;
use crate::loops::reconcile::Reconciler;
use crate::mail::{Composer, Signer, Transport};
use crate::mailbox::Mailbox;
use crate::passwords::{Cost, Passwords};
use crate::schedule::Schedule;
use crate::store::Store;
use crate::web::{Guide, Recent, Site, Terms};

/// The flows' context on the configured database. The server keys may be missing: not every command needs them.
///
/// # Errors
/// [`StartError`]
pub async fn context(config: &Config) -> Result<Context, StartError> {
    let store = Store::open(config.store.driver_url()?.expose_secret()).await?;
    let keys = match Keys::load(&config.keys.folder) {
        Ok(keys) => keys,
        Err(crate::keys::KeyError::None(_)) => Keys::none(),
        Err(error) => return Err(error.into()),
    };
    with_store(config, store, keys, Clock::System)
}

/// The same on a database that is open.
pub(super) fn with_store(config: &Config, store: Store, keys: Keys, clock: Clock) -> Result<Context, StartError> {
    let base_url = config.web.base_url.as_ref().map_or("", BaseUrl::as_str);
    Ok(Context {
        contracts: contracts(config, &store, clock.clone())?,
        store,
        clock,
        entropy: Entropy::System,
        links: Links::new(base_url, keys.clone()),
        keys,
        mail_domain: config.sender.address.domain().clone(),
        passwords: Passwords::new(PasswordRule::new(config.accounts.password_least), Cost::STRONG, &Entropy::System),
        bell: Bell::default(),
        // The settings were judged when they were read.
        quiet_hours: config.schedule.quiet_hours().unwrap_or_default(),
        contract_bell: Bell::default(),
    })
}

/// The contract-management system, not connected yet.
fn contracts(config: &Config, store: &Store, clock: Clock) -> Result<Arc<dyn ContractDirectory>, StartError> {
    Ok(match config.contracts.kind {
        ContractsKind::Ledger => Arc::new(ledger_in(config, store, clock)),
        ContractsKind::Http => Arc::new(contracts_over_http(config, clock)?),
    })
}

fn contracts_over_http(config: &Config, clock: Clock) -> Result<Http, StartError> {
    let made = Http::new(&config.contracts.http, clock, Entropy::System);
    made.map_err(|error| StartError::Part(error.to_string()))
}

/// A mailbox, not connected yet.
///
/// # Errors
/// [`StartError::Mailbox`]
pub fn mailbox(config: &Config, context: &Context) -> Result<Mailbox, StartError> {
    Ok(Mailbox::open(&config.mailbox, context.clock.clone(), context.entropy.clone())?)
}

/// Whether everything that the settings name can be had, as far as it shows without a network and without the database.
///
/// # Errors
/// [`StartError`]
pub fn check(config: &Config) -> Result<(), StartError> {
    config.web.required_base_url().map_err(|invalid| invalid.within("web"))?;
    config.store.driver_url()?;
    Keys::load(&config.keys.folder)?;
    post(config)?;
    judge(config)?;
    Mailbox::open(&config.mailbox, Clock::System, Entropy::System)?;
    if config.contracts.kind == ContractsKind::Http {
        contracts_over_http(config, Clock::System)?;
    }
    Ok(())
}

/// What the pages are made with.
pub(super) fn site(config: &Config, context: Context) -> Result<Site, StartError> {
    let (web, guide) = (&config.web, &config.guide);
    let url = |url: &Option<PageUrl>| url.as_ref().map(|url| url.as_str().to_owned());
    Ok(Site {
        context,
        name: web.site_name.clone(),
        brand: config.sender.brand.clone(),
        contact: config.sender.contact.clone(),
        sender: config.sender.address.to_text(),
        terms: Terms {
            version: web.terms_version.clone(),
            terms_url: url(&web.terms_url),
            privacy_url: url(&web.privacy_url),
        },
        exclusivity: config.reconcile.exclusivity.into(),
        guide: Guide {
            news: url(&guide.news_url),
            customer_number: url(&guide.customer_number_url),
            service_contract: url(&guide.service_contract_url),
            network_faq: url(&guide.network_faq_url),
        },
        base_url: web.required_base_url().map_err(|invalid| invalid.within("web"))?.as_str().to_owned(),
        proxies: web.trusted_proxies.clone(),
        life: web.life()?,
        time_zone: config.sender.time_zone,
        forms: Recent::default(),
    })
}

/// What writes mails, and what hands them over.
pub(super) fn post(config: &Config) -> Result<Post, StartError> {
    let signer = config.dkim.as_ref().map(Signer::new).transpose();
    let signer = signer.map_err(|error| StartError::Part(format!("dkim: {error}")))?;
    let transport = Transport::new(&config.relay).map_err(|error| StartError::Part(format!("relay: {error}")))?;
    Ok(Post { composer: Composer::new(config.sender.clone(), signer), transport })
}

/// What judges mails: read in as many threads as there are processors.
///
/// # Errors
/// [`StartError::Part`]
pub fn judge(config: &Config) -> Result<Judge, StartError> {
    let verifier = Verifier::new(&config.intake).map_err(|error| StartError::Part(error.to_string()))?;
    let side_by_side = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let desk = config.sender.desk().map(|address| Desk { address, locale: config.operator.locale });
    Ok(Judge { verifier: Arc::new(verifier), side_by_side, budgets: config.budget.budgets(), desk })
}

/// What runs by time, and when.
pub(super) fn timetable(config: &Config) -> Vec<(Job, Schedule)> {
    let settings = &config.schedule;
    let jobs = [(Job::Sweep, &settings.sweep), (Job::Remind, &settings.remind), (Job::Digest, &settings.digest)];
    jobs.map(|(job, cron)| (job, Schedule::new(cron.clone(), settings.time_zone))).into()
}

/// What brings customers' wishes to the contract-management system.
pub(super) fn reconciler(config: &Config, context: Context, pulse: Pulse, stop: CancellationToken) -> Reconciler {
    let (settings, zone) = (&config.reconcile, config.schedule.time_zone);
    Reconciler {
        due: Schedule::new(settings.due.clone(), zone),
        all: Schedule::new(settings.all.clone(), zone),
        pace: Pace { calls_a_second: settings.calls_a_second },
        context,
        pulse,
        stop,
    }
}

pub(super) fn operator(config: &Config) -> Option<Operator> {
    let settings = &config.operator;
    settings.address.clone().map(|address| Operator { address, locale: settings.locale })
}

pub(super) fn row_retention(config: &Config) -> purge::Retention {
    purge::Retention {
        ended_requests: days(config.retention.request_days_after_end),
        ended_mails: days(config.retention.request_days_after_end),
        idle_mails: days(config.retention.quarantine_days),
    }
}

pub(super) fn mail_retention(config: &Config) -> Retention {
    Retention { quarantine: days(config.retention.quarantine_days), judged: days(config.retention.judged_mail_days) }
}
