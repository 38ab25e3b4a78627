//! Who asks: what the cookies say, and where the request came from. The reception finds out once for each request; pages
//! take a [`Visitor`], or a [`Person`] where nobody else may see them.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use super::answer::Answer;
use super::site::Site;
use crate::domain::ids::{AccountId, RequestId};
use crate::domain::source::Source;
use crate::domain::time::Timestamp;
use crate::flows::sessions::{self, Session, SessionSecret};
use crate::flows::visit::Visit;
use crate::links;

/// Who asks.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The site, as it was when the request came.
    pub site: Arc<Site>,
    /// What is known of somebody who is not logged in.
    pub visit: Visit,
    /// Where the request came from, as far as it is known (not over a Unix socket without a proxy's word).
    pub client: Option<IpAddr>,
    pub(super) session: Option<(SessionSecret, Session)>,
}

/// Who asks, and is logged in. Everybody else is led to the login.
#[derive(Clone, Debug)]
pub struct Person {
    /// The rest.
    pub visitor: Visitor,
    /// Their account.
    pub account: AccountId,
    /// The request whose link they opened.
    pub request: Option<RequestId>,
    secret: SessionSecret,
}

impl Visitor {
    /// The request whose link was opened, before the login or after it.
    #[must_use]
    pub fn request(&self) -> Option<&RequestId> {
        self.session.as_ref().map_or(self.visit.request.as_ref(), |(_, session)| session.request.as_ref())
    }

    /// Whether somebody is logged in.
    #[must_use]
    pub fn is_logged_in(&self) -> bool {
        self.session.is_some()
    }

    /// ログイン者名
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.session.as_ref().map(|(_, session)| session.name.as_str())
    }

    /// What the session's cookie holds.
    #[must_use]
    pub fn secret(&self) -> Option<&SessionSecret> {
        self.session.as_ref().map(|(secret, _)| secret)
    }

    /// Who is logged in, if somebody is.
    #[must_use]
    pub fn person(&self) -> Option<Person> {
        let (secret, session) = self.session.clone()?;
        Some(Person { account: session.account, request: session.request, secret, visitor: self.clone() })
    }

    /// The network that the request came from, for limits. What is not known is one network.
    #[must_use]
    pub fn source(&self) -> Source {
        Source::of(self.client.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED)))
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.site.context.clock.now()
    }

    /// The token for the forms of this visitor.
    #[must_use]
    pub fn form_token(&self) -> String {
        match &self.session {
            Some((secret, _)) => sessions::form_token(&self.site.context, secret),
            None => self.visit.form_token(&self.site.context),
        }
    }

    pub(super) fn is_form_token(&self, token: &str) -> bool {
        match &self.session {
            Some((secret, _)) => sessions::is_form_token(&self.site.context, secret, token),
            None => self.visit.is_form_token(&self.site.context, token),
        }
    }
}

impl Person {
    /// What the session's cookie holds.
    #[must_use]
    pub const fn secret(&self) -> &SessionSecret {
        &self.secret
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        // Only a route that was not built by `Pages` has no reception before it.
        let missing = || axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response();
        parts.extensions.get::<Self>().cloned().ok_or_else(missing)
    }
}

impl<S: Sync> FromRequestParts<S> for Person {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let visitor = <Visitor as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        visitor.person().ok_or_else(|| Answer::see(links::LOGIN).into_response())
    }
}
