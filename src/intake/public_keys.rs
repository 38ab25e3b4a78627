//! DKIM public keys out of DNS: each name is asked once while its answer lasts, however many mails wait for it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::rr::{Name, RData};
use hickory_resolver::system_conf::read_system_conf;
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::dkim::DkimError;
use tokio::time::Instant;

use super::proof::Unproven;
use super::tag_list::TagList;
use crate::config::intake::Intake;

/// Most names that are remembered.
const NAME_LIMIT: usize = 1_024;
/// How long a key is believed at most, whatever its TTL.
const LONGEST: Duration = Duration::from_hours(24);
/// How long "there is no key" is believed.
const NO_KEY_FOR: Duration = Duration::from_mins(1);
/// How long a failure is shared with those who wait for the same answer.
const FAILURE_FOR: Duration = Duration::from_secs(5);

/// A DKIM key record that may verify mails (RFC 6376 §3.6.1).
pub(super) type PublicKey = Arc<DomainKey>;

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyError {
    /// DNS said what makes the signature worthless.
    Worthless(Unproven),
    /// DNS said nothing: ask again later (F15).
    Unreachable,
}

type Answer = Result<PublicKey, KeyError>;
type Slot = Arc<tokio::sync::Mutex<Option<(Answer, Instant)>>>;

/// Whether a text is a DKIM key record that could verify a mail.
#[must_use]
pub fn is_key_record(record: &str) -> bool {
    DomainKey::parse(record.as_bytes()).is_ok()
}

/// Asks DNS for keys and remembers the answers.
pub(super) struct PublicKeys {
    resolver: TokioResolver,
    /// The end of all tries of one lookup.
    deadline: Duration,
    slots: Mutex<HashMap<String, Slot>>,
}

impl PublicKeys {
    /// Asks the configured servers, or the system's. A system without any is no error here: firms with pinned keys need none,
    /// the mails of others are held.
    pub fn new(config: &Intake) -> Result<Self, NetError> {
        let timeout = Duration::from_secs(config.dns_timeout_s);
        let (servers, mut options) = if config.dns_servers.is_empty() {
            read_system_conf().unwrap_or_default()
        } else {
            let servers = config.dns_servers.iter().map(|server| {
                let mut connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
                for connection in &mut connections {
                    connection.port = server.port();
                }
                NameServerConfig::new(server.ip(), true, connections.to_vec())
            });
            (ResolverConfig::from_name_servers(servers.collect()), ResolverOpts::default())
        };
        options.timeout = timeout;
        options.attempts = 1;
        let builder = TokioResolver::builder_with_config(servers, TokioRuntimeProvider::default());
        let resolver = builder.with_options(options).build()?;
        Ok(Self { resolver, deadline: timeout * 2 + Duration::from_secs(1), slots: Mutex::default() })
    }

    /// The resolver itself.
    pub fn resolver(&self) -> TokioResolver {
        self.resolver.clone()
    }

    /// The key of `selector._domainkey.domain`.
    pub async fn get(&self, selector: &str, domain: &str) -> Answer {
        let name = format!("{selector}._domainkey.{domain}.").to_ascii_lowercase();
        let slot = self.slot(&name);
        let mut answer = slot.lock().await;
        if let Some((answer, until)) = &*answer
            && Instant::now() < *until
        {
            return answer.clone();
        }
        let (found, until) = self.ask(&name).await;
        *answer = Some((found.clone(), until));
        found
    }

    fn slot(&self, name: &str) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(name) {
            return Arc::clone(slot);
        }
        if slots.len() >= NAME_LIMIT {
            let now = Instant::now();
            slots.retain(|_, slot| {
                slot.try_lock().map_or(true, |known| known.as_ref().is_some_and(|(_, until)| now < *until))
            });
        }
        if slots.len() >= NAME_LIMIT {
            slots.clear();
        }
        Arc::clone(slots.entry(name.to_owned()).or_default())
    }

    async fn ask(&self, name: &str) -> (Answer, Instant) {
        let no_key = || (Err(KeyError::Worthless(Unproven::NoKey)), Instant::now() + NO_KEY_FOR);
        let Ok(fqdn) = Name::from_ascii(name) else {
            return no_key();
        };
        match tokio::time::timeout(self.deadline, self.resolver.txt_lookup(fqdn)).await {
            Ok(Ok(lookup)) => {
                let left = lookup.valid_until().saturating_duration_since(std::time::Instant::now());
                let records = lookup.answers().iter().filter_map(|record| match &record.data {
                    RData::TXT(text) => Some(text.txt_data.concat()),
                    _ => None,
                });
                let answer = only_key(&records.collect());
                (answer.map_err(KeyError::Worthless), Instant::now() + left.min(LONGEST))
            }
            // NXDOMAIN and an empty answer; SERVFAIL, REFUSED and the like are no answers.
            Ok(Err(NetError::Dns(DnsError::NoRecordsFound(_)))) => no_key(),
            Ok(Err(_)) | Err(_) => (Err(KeyError::Unreachable), Instant::now() + FAILURE_FOR),
        }
    }
}

/// The key among the records of a name. A text beside it does not count; of two keys nobody can say which holds (§3.6.2.2),
/// least of all where one of them is revoked.
fn only_key(records: &BTreeSet<Vec<u8>>) -> Result<PublicKey, Unproven> {
    let is_key = |answer: &Result<_, Unproven>| !matches!(answer, Err(Unproven::UnusableKey));
    let mut keys = records.iter().map(|record| parse(record)).filter(is_key);
    match (keys.next(), keys.next()) {
        (Some(key), None) => key,
        (None, _) if records.is_empty() => Err(Unproven::NoKey),
        _ => Err(Unproven::UnusableKey),
    }
}

/// A key record, checked for all that it says about its use.
pub(super) fn parse(record: &[u8]) -> Result<PublicKey, Unproven> {
    let tags = std::str::from_utf8(record).ok().and_then(TagList::parse).ok_or(Unproven::UnusableKey)?;
    let for_mail = tags.lists("s", "*").is_none_or(|any| any || tags.lists("s", "email") == Some(true));
    if !for_mail || tags.lists("h", "sha256") == Some(false) {
        return Err(Unproven::UnusableKey);
    }
    // §3.6.1: a signature by a key that is being tested counts like none.
    if tags.lists("t", "y") == Some(true) {
        return Err(Unproven::TestingKey);
    }
    match DomainKey::parse(record) {
        Ok(key) => Ok(Arc::new(key)),
        Err(mail_auth::Error::Dkim(DkimError::RevokedPublicKey)) => Err(Unproven::RevokedKey),
        Err(_) => Err(Unproven::UnusableKey),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::sample::{Dns, Reply, ed25519};

    fn keys(dns: &Dns) -> PublicKeys {
        PublicKeys::new(&Intake { dns_servers: vec![dns.address()], dns_timeout_s: 1, ..Intake::default() }).unwrap()
    }

    #[test]
    fn a_record_says_what_it_may_be_used_for() {
        let p = ed25519().1;
        let p = p.rsplit_once("p=").unwrap().1.to_owned();
        for (record, why) in [
            (format!("v=DKIM1; k=ed25519; p={p}"), None),
            (format!("k=ed25519; s=*; h=sha1:sha256; t=s; n=x; p={p}"), None),
            (format!("k=ed25519; s=email; p={p}"), None),
            (format!("k=ed25519; s=tlsrpt; p={p}"), Some(Unproven::UnusableKey)),
            (format!("k=ed25519; h=sha1; p={p}"), Some(Unproven::UnusableKey)),
            (format!("k=ed25519; t=y; p={p}"), Some(Unproven::TestingKey)),
            (format!("k=dsa; p={p}"), Some(Unproven::UnusableKey)),
            (format!("v=DKIM2; p={p}"), Some(Unproven::UnusableKey)),
            ("v=DKIM1; p=".to_owned(), Some(Unproven::RevokedKey)),
            ("v=DKIM1".to_owned(), Some(Unproven::UnusableKey)),
            ("v=spf1 -all".to_owned(), Some(Unproven::UnusableKey)),
            (format!("k=ed25519; p={p}; p={p}"), Some(Unproven::UnusableKey)),
        ] {
            assert_eq!(parse(record.as_bytes()).err(), why, "{record}");
        }
    }

    #[tokio::test]
    async fn a_thousand_mails_ask_once() {
        let dns = Dns::start(|name| match name {
            "s._domainkey.firm.example." => Reply::Txt(ed25519().1, 300),
            _ => Reply::NxDomain,
        })
        .await;
        let keys = Arc::new(keys(&dns));
        let waiting: Vec<_> = (0..1_000)
            .map(|_| {
                let keys = Arc::clone(&keys);
                tokio::spawn(async move { keys.get("S", "firm.example").await.is_ok() })
            })
            .collect();
        for found in waiting {
            assert!(found.await.unwrap());
        }
        assert_eq!(dns.asked(), 1);
        for _ in 0..3 {
            let none = Some(KeyError::Worthless(Unproven::NoKey));
            assert_eq!(keys.get("t", "firm.example").await.err(), none);
        }
        assert_eq!(dns.asked(), 2);
    }

    #[tokio::test]
    async fn a_ttl_ends() {
        let dns = Dns::start(|_| Reply::Txt(ed25519().1, 0)).await;
        let keys = keys(&dns);
        for _ in 0..2 {
            assert!(keys.get("s", "firm.example").await.is_ok());
        }
        assert_eq!(dns.asked(), 2);
    }

    #[tokio::test]
    async fn no_answer_is_not_no_key() {
        for reply in [Reply::ServFail, Reply::Refused, Reply::Silence] {
            let dns = Dns::start(move |_| reply.clone()).await;
            let keys = keys(&dns);
            assert_eq!(keys.get("s", "firm.example").await.err(), Some(KeyError::Unreachable));
        }
    }

    #[tokio::test]
    async fn what_is_no_name_is_not_asked() {
        let dns = Dns::start(|_| Reply::NxDomain).await;
        let keys = keys(&dns);
        for selector in ["a".repeat(64), "a..b".to_owned(), "x".repeat(300)] {
            assert_eq!(keys.get(&selector, "firm.example").await.err(), Some(KeyError::Worthless(Unproven::NoKey)));
        }
        assert_eq!(dns.asked(), 0);
    }

    #[tokio::test]
    async fn the_memory_has_an_end() {
        let dns = Dns::start(|_| Reply::NxDomain).await;
        let keys = keys(&dns);
        for at in 0..NAME_LIMIT * 2 {
            keys.slot(&at.to_string());
        }
        assert!(keys.slots.lock().unwrap().len() <= NAME_LIMIT);
    }
}
