//! The reception, before every page: who asks, and whether a form is one of ours (threat T12). It is one layer around all
//! routes that [`Pages`](super::routes::Pages) holds, so that no route can be without it.
//!
//! A POST must carry the token of the visitor's own visit or session, and must not come from another site: `Origin`, where it
//! is sent, is ours, and `Sec-Fetch-Site`, where it is sent, says `same-origin` (or `none`: the person repeated it). Our
//! pages say `Referrer-Policy: no-referrer`, so that no link ever stands in a `Referer`; browsers then write `Origin: null`
//! into our own forms, which says as little as no `Origin`: there the fetch metadata and the token decide.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::answer::{Answer, Change, Cookies, Trouble};
use super::cookies::{self, SESSION, VISIT};
use super::form::Fields;
use super::site::{Door, Site};
use super::visitor::Visitor;
use crate::domain::proxies;
use crate::flows::sessions::{self, Found, SessionSecret};
use crate::flows::visit::{Notice, Visit};
use crate::links;

/// The name of the field that holds the token.
pub const TOKEN: &str = "csrf";

/// Who the connection came from; missing for a Unix socket.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// What the reception needs.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) door: Door,
    /// Bytes of a form.
    pub(super) body: usize,
}

/// What is known of somebody before their form is read.
struct Arrival {
    visitor: Visitor,
    /// The cookie of a session that has ended by itself.
    ended: Option<SessionSecret>,
    /// Whether the visit's cookie must be written although no page says so.
    is_new: bool,
}

pub(super) async fn receive(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let site = desk.door.site();
    let arrival = match recognise(&site, &parts).await {
        Ok(arrival) => arrival,
        Err(trouble) => return trouble.into_response(),
    };
    let mut request = Request::from_parts(parts, Body::empty());
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        *request.body_mut() = body;
    } else {
        match judge(&site, &arrival, request.headers(), body, desk.body).await {
            Ok(fields) => drop(request.extensions_mut().insert(fields)),
            Err(refused) => return finish(&site, &arrival, refused),
        }
    }
    request.extensions_mut().insert(arrival.visitor.clone());
    let response = next.run(request).await;
    finish(&site, &arrival, response)
}

async fn recognise(site: &Arc<Site>, parts: &Parts) -> Result<Arrival, Trouble> {
    let known = cookies::read(&parts.headers, VISIT).and_then(|cookie| Visit::read(&site.context, cookie));
    let secret = cookies::read(&parts.headers, SESSION).and_then(SessionSecret::parse);
    let found = match &secret {
        Some(secret) => sessions::find(&site.context, &site.life, secret).await?,
        None => Found::Unknown,
    };
    let mut is_new = known.is_none() && !matches!(found, Found::Live(_));
    let mut visit = known.unwrap_or_else(|| Visit::new(&site.context));
    let (mut session, mut ended) = (None, None);
    match (found, secret) {
        (Found::Live(live), Some(secret)) => session = Some((secret, live)),
        (Found::Ended(request), Some(secret)) => {
            visit.request = visit.request.or(request);
            visit.notice = Some(Notice::Ended);
            (ended, is_new) = (Some(secret), true);
        }
        _ => {}
    }
    let visitor = Visitor { site: Arc::clone(site), visit, client: client(site, parts), session };
    Ok(Arrival { visitor, ended, is_new })
}

fn client(site: &Site, parts: &Parts) -> Option<IpAddr> {
    let Peer(peer) = parts.extensions.get::<Peer>()?;
    let values = parts.headers.get_all("x-forwarded-for").into_iter();
    let forwarded: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
    Some(proxies::client(*peer, &forwarded, &site.proxies))
}

/// What the form brought, if it is one of ours.
async fn judge(
    site: &Site,
    arrival: &Arrival,
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Fields, Response> {
    if is_foreign(headers, &site.base_url) {
        return Err(StatusCode::FORBIDDEN.into_response());
    }
    let bytes = to_bytes(body, limit).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
    let fields = Fields::parse(bytes).await.unwrap_or_default();
    let token = fields.raw(TOKEN);
    if arrival.visitor.is_form_token(token) {
        return Ok(fields);
    }
    // The form is ours, but the session it was given to has ended meanwhile: that is nobody's fault.
    if arrival.ended.as_ref().is_some_and(|secret| sessions::is_form_token(&site.context, secret, token)) {
        return Err(Answer::see(links::LOGIN).into_response());
    }
    Err(StatusCode::FORBIDDEN.into_response())
}

fn is_foreign(headers: &HeaderMap, base_url: &str) -> bool {
    let site = headers.get("sec-fetch-site").map(|site| site == "same-origin" || site == "none");
    let origin = headers.get("origin").filter(|origin| *origin != "null").map(|origin| origin == base_url);
    site == Some(false) || origin == Some(false)
}

/// Writes the cookies.
fn finish(site: &Site, arrival: &Arrival, mut response: Response) -> Response {
    let Cookies { visit, session } = response.extensions_mut().remove::<Cookies>().unwrap_or_default();
    let logged_in = matches!(session, Some(Change::Begin(_)));
    let visit = visit.or_else(|| (arrival.is_new && !logged_in).then(|| arrival.visitor.visit.clone()));
    let headers = response.headers_mut();
    if let Some(visit) = visit {
        cookies::set(headers, VISIT, visit.write(&site.context));
    }
    match session {
        Some(Change::Begin(secret)) => {
            // What a stranger did before is not carried into the session.
            if !headers.contains_key(axum::http::header::SET_COOKIE) {
                cookies::unset(headers, VISIT);
            }
            cookies::set(headers, SESSION, secret.to_text());
        }
        Some(Change::End) => cookies::unset(headers, SESSION),
        None if arrival.ended.is_some() => cookies::unset(headers, SESSION),
        None => {}
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreign(pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, axum::http::HeaderValue::from_static(value));
        }
        is_foreign(&headers, "https://renkei.example")
    }

    #[test]
    fn a_form_from_elsewhere_is_known_by_what_the_browser_says() {
        for ours in [
            &[][..],
            &[("origin", "https://renkei.example")],
            &[("origin", "null")],
            &[("sec-fetch-site", "same-origin"), ("origin", "null")],
            &[("sec-fetch-site", "none")],
        ] {
            assert!(!foreign(ours), "{ours:?}");
        }
        for theirs in [
            &[("origin", "https://evil.example")][..],
            &[("origin", "http://renkei.example")],
            &[("origin", "https://renkei.example.evil.example")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site"), ("origin", "null")],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://renkei.example")],
        ] {
            assert!(foreign(theirs), "{theirs:?}");
        }
    }
}
