//! DKIM verification by mail-auth, with one record and no network.

use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
use mail_auth::{AuthenticatedMessage, DkimResult, MessageAuthenticator, Parameters, Txt};

use crate::support::firm_key::FirmKey;
use crate::support::txt_cache::TxtCache;

/// Whether the one signature of `mail` is good under what `key` publishes.
pub async fn passes(mail: &[u8], key: &FirmKey) -> bool {
    let record = DomainKey::parse(key.record().as_bytes()).unwrap();
    let name = format!("{}.", key.dns_name()).into_boxed_str();
    let cache = TxtCache([(name, Txt::DomainKey(record.into()))].into());
    let authenticator = MessageAuthenticator::new(ResolverConfig::default(), ResolverOpts::default()).unwrap();
    let message = AuthenticatedMessage::parse(mail).unwrap();
    let results = authenticator.verify_dkim(Parameters::new(&message).with_txt_cache(&cache)).await;
    results.len() == 1 && *results[0].result() == DkimResult::Pass
}
