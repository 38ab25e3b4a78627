//! `[web]`: the port that answers HTTP, and the address under which the world knows it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::http::Uri;
use serde::Deserialize;

use super::Invalid;

/// The web port.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Web {
    /// The address and port to listen on, behind a proxy that speaks TLS. Default: `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// What every link in a mail begins with: `https://` and the host. No default; needed by `renkei run`.
    pub base_url: Option<BaseUrl>,
}

impl Default for Web {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)), base_url: None }
    }
}

impl Web {
    /// # Errors
    /// None: every key is judged where it is parsed.
    pub fn validate(&self) -> Result<(), Invalid> {
        Ok(())
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
