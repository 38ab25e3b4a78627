//! `[web]`: the port that answers HTTP, and the address under which the world knows it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::http::Uri;
use serde::Deserialize;

use super::Invalid;
use crate::domain::proxies::Network;
use crate::domain::session::{Life, LifeError};

/// The most characters of a text.
const TEXT: usize = 64;

/// The web port.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Web {
    /// The address and port to listen on, behind a proxy that speaks TLS. Default: `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// What every link in a mail begins with: `https://` and the host. No default; needed by `renkei run`.
    pub base_url: Option<BaseUrl>,
    /// What the pages call this site: one line of at most 64 characters. Default: マイポータル.
    pub site_name: String,
    /// Where the 基本利用規約 can be read, `https://`. Default: none, and its name on the pages is no link.
    pub terms_url: Option<PageUrl>,
    /// Where the プライバシーポリシー can be read, `https://`. Default: none, likewise.
    pub privacy_url: Option<PageUrl>,
    /// Names the present text of both, e.g. by its date; one line of at most 64 characters. Who agreed to another version is
    /// asked again after the login. Default: 1.
    pub terms_version: String,
    /// Minutes without a page after which a person is logged out: 5 to 60, default 15.
    pub session_idle_minutes: u32,
    /// Hours after which a person is logged out in any case: 1 to 24, default 8.
    pub session_hours: u32,
    /// Proxies of ours, as addresses or networks: what they write into `X-Forwarded-For` is believed, what others write is
    /// not. Default: this machine.
    pub trusted_proxies: Vec<Network>,
}

impl Default for Web {
    fn default() -> Self {
        let here = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            base_url: None,
            site_name: "マイポータル".to_owned(),
            terms_url: None,
            privacy_url: None,
            terms_version: "1".to_owned(),
            session_idle_minutes: 15,
            session_hours: 8,
            trusted_proxies: here.map(Network::from).to_vec(),
        }
    }
}

impl Web {
    /// Checks what the types cannot.
    ///
    /// # Errors
    /// [`Invalid`] names the first key that is wrong.
    pub fn validate(&self) -> Result<(), Invalid> {
        for (key, text) in [("web.site_name", &self.site_name), ("web.terms_version", &self.terms_version)] {
            if text.trim().is_empty() || text.chars().any(char::is_control) || text.chars().count() > TEXT {
                return Err(Invalid::new(key, format!("must be one line of 1 to {TEXT} characters")));
            }
        }
        self.life().map(drop)
    }

    /// How long people stay logged in.
    ///
    /// # Errors
    /// [`Invalid`] names the key that is out of its bounds.
    pub fn life(&self) -> Result<Life, Invalid> {
        Life::new(self.session_idle_minutes, self.session_hours).map_err(|error| {
            let key = match error {
                LifeError::Idle => "web.session_idle_minutes",
                LifeError::Whole => "web.session_hours",
            };
            Invalid::new(key, error.to_string())
        })
    }

    /// The base URL, for what cannot do without.
    ///
    /// # Errors
    /// It is not set.
    pub fn required_base_url(&self) -> Result<&BaseUrl, Invalid> {
        self.base_url
            .as_ref()
            .ok_or_else(|| Invalid::new("web.base_url", "set it: every link in a mail begins with it"))
    }
}

/// `https://host` or `https://host:port`; `http` for this machine alone. Never taken from a request (threat T30).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct BaseUrl(String);

/// Why a base URL cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// No scheme, no host, or no URL.
    #[error("must be https:// and a host")]
    NoUrl,
    /// Unencrypted, over a network.
    #[error("must begin with https:// (http:// is for this machine alone)")]
    Http,
    /// More than scheme, host and port.
    #[error("must end after the host or the port: no user, path or query")]
    More,
}

impl BaseUrl {
    /// From text; a `/` at its end is dropped.
    ///
    /// # Errors
    /// [`BaseUrlError`]
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let uri: Uri = text.parse().map_err(|_| BaseUrlError::NoUrl)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(BaseUrlError::NoUrl);
        };
        if authority.host().is_empty() {
            return Err(BaseUrlError::NoUrl);
        }
        if uri.path_and_query().is_some_and(|rest| rest.as_str() != "/")
            || authority.as_str().contains('@')
            || text.contains('#')
        {
            return Err(BaseUrlError::More);
        }
        match scheme {
            "https" => {}
            "http" if is_loopback(authority.host()) => {}
            _ => return Err(BaseUrlError::Http),
        }
        Ok(Self(format!("{scheme}://{}", authority.as_str().to_ascii_lowercase())))
    }

    /// Without a `/` at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for BaseUrl {
    type Error = BaseUrlError;

    fn try_from(text: String) -> Result<Self, BaseUrlError> {
        Self::parse(&text)
    }
}

/// A page elsewhere that ours link to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PageUrl(String);

impl PageUrl {
    /// As it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PageUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let uri = text.parse::<Uri>().ok().filter(|uri| uri.scheme_str() == Some("https") && uri.host().is_some());
        uri.map(|_| Self(text)).ok_or("must be https:// and a host, with or without a path")
    }
}

/// Whether `host` is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_anywhere_http_at_home() {
        for (text, kept) in [
            ("https://Renkei.example.jp/", "https://renkei.example.jp"),
            ("https://renkei.example.jp:8443", "https://renkei.example.jp:8443"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(BaseUrl::parse(text).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn the_bounds_hold() {
        Web::default().validate().unwrap();
        assert_eq!(Web::default().life(), Ok(Life::default()));
        for (web, key) in [
            (Web { site_name: " ".to_owned(), ..Web::default() }, "web.site_name"),
            (Web { site_name: "あ".repeat(65), ..Web::default() }, "web.site_name"),
            (Web { terms_version: "1\n2".to_owned(), ..Web::default() }, "web.terms_version"),
            (Web { session_idle_minutes: 4, ..Web::default() }, "web.session_idle_minutes"),
            (Web { session_hours: 25, ..Web::default() }, "web.session_hours"),
        ] {
            assert_eq!(web.validate().unwrap_err().key, key);
        }
        for (text, good) in [
            ("https://example.jp/terms?v=1", true),
            ("http://example.jp/terms", false),
            ("javascript:alert(1)", false),
            ("/terms", false),
            ("", false),
        ] {
            assert_eq!(PageUrl::try_from(text.to_owned()).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn nothing_else() {
        use BaseUrlError::{Http, More, NoUrl};
        for (text, why) in [
            ("", NoUrl),
            ("renkei.example.jp", NoUrl),
            ("https://", NoUrl),
            ("/only/a/path", NoUrl),
            ("http://renkei.example.jp", Http),
            ("http://localhost.example.jp", Http),
            ("ftp://renkei.example.jp", Http),
            ("https://renkei.example.jp/app", More),
            ("https://renkei.example.jp?x=1", More),
            ("https://renkei.example.jp/#x", More),
            ("https://me@renkei.example.jp", More),
        ] {
            assert_eq!(BaseUrl::parse(text), Err(why), "{text}");
        }
    }
}
