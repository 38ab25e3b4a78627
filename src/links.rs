//! Each URL, declared once: what mails link to and what the router serves are built from these.

use crate::domain::firm_request::Request;
use crate::keys::Keys;

/// Where the mailed link of a request lands; `{token}` is [`Keys::link_token`].
pub const APPROVAL: &str = "/r/{token}";
/// 会計事務所等管理: the firms of the person who is logged in.
pub const MANAGE: &str = "/manage";

/// Builds absolute links. The host comes from the settings, never from a request.
#[derive(Clone, Debug)]
pub struct Links {
    base_url: String,
    keys: Keys,
}

impl Links {
    /// `base_url` without a path, e.g. `https://renkei.example`.
    #[must_use]
    pub fn new(base_url: &str, keys: Keys) -> Self {
        Self { base_url: base_url.trim_end_matches('/').to_owned(), keys }
    }

    /// The link that is mailed to the customer; `None` when its key is gone.
    #[must_use]
    pub fn approval(&self, request: &Request) -> Option<String> {
        let token = self.keys.link_token(&request.link_key, &request.id)?;
        Some(format!("{}{}", self.base_url, APPROVAL.replace("{token}", &token)))
    }

    /// The page of the firms, for who logs in.
    #[must_use]
    pub fn manage(&self) -> String {
        format!("{}{MANAGE}", self.base_url)
    }

    /// The key that new requests are to name.
    #[must_use]
    pub fn key_in_force(&self) -> &str {
        self.keys.newest()
    }
}
