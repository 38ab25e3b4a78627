//! The two cookies: a visit before the login, a session after it. Both die with the browser, are sent to this host alone and
//! over TLS alone (browsers take `http://localhost` for safe), and are seen by no script. `Lax`, because customers come from
//! their webmail: `Strict` would show them as strangers on the first page.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use cookie::{Cookie, SameSite};

/// Before the login: signed, stateless.
pub const VISIT: &str = "__Host-renkei-visit";
/// After the login: 256 random bits.
pub const SESSION: &str = "__Host-renkei";

/// The value of the cookie with this name; the first one, where a browser sends several.
pub(super) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(given, _)| *given == name).map(|(_, value)| value)
}

/// Sets a cookie.
pub(super) fn set(headers: &mut HeaderMap, name: &'static str, value: String) {
    append(headers, &build(name, value));
}

/// Takes a cookie away.
pub(super) fn unset(headers: &mut HeaderMap, name: &'static str) {
    let mut cookie = build(name, String::new());
    cookie.make_removal();
    append(headers, &cookie);
}

fn build(name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build((name, value)).path("/").secure(true).http_only(true).same_site(SameSite::Lax).build()
}

fn append(headers: &mut HeaderMap, cookie: &Cookie<'static>) {
    if let Ok(line) = HeaderValue::from_str(&cookie.to_string()) {
        headers.append(SET_COOKIE, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_ours_alone() {
        let mut headers = HeaderMap::new();
        set(&mut headers, SESSION, "x".to_owned());
        assert_eq!(headers[SET_COOKIE], "__Host-renkei=x; HttpOnly; SameSite=Lax; Secure; Path=/");
    }

    #[test]
    fn one_name_is_not_anothers_beginning() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; __Host-renkei-visit=v.t; __Host-renkei=s"));
        headers.append(COOKIE, HeaderValue::from_static("__Host-renkei=second"));
        assert_eq!((read(&headers, VISIT), read(&headers, SESSION)), (Some("v.t"), Some("s")));
        assert_eq!(read(&headers, "renkei"), None);
    }
}
