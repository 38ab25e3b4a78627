//! A visit: what a browser carries before its person is logged in. It is signed and stateless, so that whoever only looks
//! (a link scanner, say) leaves nothing in the database.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::domain::ids::{AttemptId, RequestId};
use crate::domain::time::Timestamp;
use crate::domain::verification::ATTEMPT_LIFE;
use crate::keys::Purpose;

use super::Context;

/// How long a visit counts after it was last written: as long as an attempt at registration.
const LIFE: std::time::Duration = ATTEMPT_LIFE;

/// What is known of who is not logged in. Signed, not sealed: it holds nothing that its person did not bring.
#[derive(Clone, PartialEq, Eq)]
pub struct Visit {
    nonce: [u8; 16],
    /// The request whose link was opened.
    pub request: Option<RequestId>,
    /// The attempt to prove an address that was begun here.
    pub attempt: Option<AttemptId>,
    /// The ID that was typed in the first step of the login.
    pub typed_id: Option<String>,
    /// What the next page is to say.
    pub notice: Option<Notice>,
}

/// What is said once, on the page after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// The session ended by itself.
    Ended,
    /// The person logged out.
    LoggedOut,
    /// A new password was set.
    PasswordChanged,
    /// The address was registered meanwhile.
    Registered,
}

impl std::fmt::Debug for Visit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { nonce: _, request, attempt, typed_id: _, notice } = self;
        f.debug_struct("Visit")
            .field("request", request)
            .field("attempt", attempt)
            .field("notice", notice)
            .finish_non_exhaustive()
    }
}

/// How it stands in the cookie, before the dot and the tag.
#[derive(Serialize, Deserialize)]
struct Written {
    n: [u8; 16],
    at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    r: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    a: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    say: Option<Notice>,
}

impl Visit {
    /// A visit of somebody new.
    #[must_use]
    pub fn new(context: &Context) -> Self {
        Self { nonce: context.entropy.bytes(), request: None, attempt: None, typed_id: None, notice: None }
    }

    /// For the cookie. Empty without a server key, which reads as no visit.
    #[must_use]
    pub fn write(&self, context: &Context) -> String {
        let written = Written {
            n: self.nonce,
            at: context.now(),
            r: self.request.as_ref().map(|id| id.as_str().to_owned()),
            a: self.attempt.as_ref().map(|id| id.as_str().to_owned()),
            id: self.typed_id.clone(),
            say: self.notice,
        };
        let text = serde_json::to_vec(&written).map(|json| URL_SAFE_NO_PAD.encode(json)).unwrap_or_default();
        context.keys.tag(Purpose::Visit, text.as_bytes()).map_or_else(String::new, |tag| format!("{text}.{tag}"))
    }

    /// From a cookie; `None` for one that is not ours or too old.
    #[must_use]
    pub fn read(context: &Context, cookie: &str) -> Option<Self> {
        let (text, tag) = cookie.split_once('.')?;
        if !context.keys.is_tag(Purpose::Visit, text.as_bytes(), tag) {
            return None;
        }
        let written: Written = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let now = context.now();
        if now.since(written.at) >= LIFE || written.at.since(now) >= LIFE {
            return None;
        }
        Some(Self {
            nonce: written.n,
            request: written.r.map(RequestId::stored),
            attempt: written.a.map(AttemptId::stored),
            typed_id: written.id,
            notice: written.say,
        })
    }

    /// The token that each form of this visit carries.
    #[must_use]
    pub fn form_token(&self, context: &Context) -> String {
        context.keys.tag(Purpose::Form, &self.nonce).unwrap_or_default()
    }

    /// Whether a form was given to this visit.
    #[must_use]
    pub fn is_form_token(&self, context: &Context, token: &str) -> bool {
        context.keys.is_tag(Purpose::Form, &self.nonce, token)
    }
}
