//! How much is said, and the bound on other people's code: a library that traces what passes through it would log
//! addresses, bodies, passwords or SQL values the moment somebody sets `RUST_LOG=trace`.
//!
//! - Ours says what the filter asks for.
//! - A library says warnings and errors at most, unless the filter names its crate, as `rustls=debug` does.
//! - A library through which mail, passwords or SQL pass says warnings and errors at most, named or not.

use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterFn, LevelFilter};

use crate::config::log::Filter;

/// Crates through which mail, passwords or SQL pass.
const SEALED: [&str; 10] =
    ["async_imap", "imap_proto", "lettre", "mail_auth", "mail_builder", "mail_parser", "sqlx", "hyper", "axum", "h2"];

/// The filter within the bound, for the whole subscriber. A filter of one layer would remember on its thread that it said no
/// to somebody who only asked, as sqlx does before each query, and swallow the next line.
pub(super) fn bounded<S: Subscriber>(filter: &Filter) -> impl Layer<S> + use<S> {
    let targets = filter.targets().clone();
    let named: Vec<String> = targets.iter().map(|(target, _)| crate_of(target).to_owned()).collect();
    targets.and_then(FilterFn::new(move |event: &Metadata<'_>| {
        let speaker = crate_of(event.target());
        *event.level() <= LevelFilter::WARN
            || speaker == env!("CARGO_CRATE_NAME")
            || !is_sealed(speaker) && named.iter().any(|name| name == speaker)
    }))
}

fn crate_of(target: &str) -> &str {
    target.split_once("::").map_or(target, |(name, _)| name)
}

/// Whether it is one of those crates, or of its family, as `sqlx_core` is.
fn is_sealed(speaker: &str) -> bool {
    SEALED.iter().any(|sealed| {
        let rest = speaker.strip_prefix(sealed);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    })
}

#[cfg(test)]
mod tests {
    use tracing::{debug, info, trace, warn};

    use crate::telemetry::Capture;

    #[test]
    fn a_library_that_only_asks_swallows_no_line() {
        let (capture, guard) = Capture::here("info").unwrap();
        assert!(!tracing::enabled!(target: "sqlx::query", tracing::Level::DEBUG));
        info!(target: "renkei", "ours");
        drop(guard);
        assert!(capture.text().contains("ours"));
    }

    fn said(filter: &str) -> Vec<String> {
        let (capture, guard) = Capture::here(filter).unwrap();
        debug!(target: "renkei::loops", "ours debug");
        info!(target: "renkei", "ours info");
        trace!(target: "async_imap::client", "imap trace");
        info!(target: "sqlx::query", "sqlx info");
        debug!(target: "sqlx_core::pool", "sqlx_core debug");
        warn!(target: "sqlx::query", "sqlx warn");
        debug!(target: "rustls::client", "rustls debug");
        info!(target: "rustlesson", "rustlesson info");
        drop(guard);
        let text = capture.text();
        ["ours debug", "ours info", "imap", "sqlx info", "sqlx_core", "sqlx warn", "rustls debug", "rustlesson"]
            .into_iter()
            .filter(|words| text.contains(words))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn libraries_stay_within_their_bound() {
        assert_eq!(said("warn,renkei=info"), ["ours info", "sqlx warn"]);
        assert_eq!(said("trace"), ["ours debug", "ours info", "sqlx warn"]);
        assert_eq!(said("off,renkei=debug"), ["ours debug", "ours info"]);
    }

    #[test]
    fn a_named_library_may_speak_unless_it_carries_mail() {
        assert_eq!(said("warn,rustls=debug"), ["sqlx warn", "rustls debug"]);
        assert_eq!(said("off,sqlx=trace,async_imap=trace,sqlx_core=trace"), ["sqlx warn"]);
        assert_eq!(said("off,sq=trace,r=trace"), ["ours debug", "ours info", "sqlx warn"], "a beginning is no name");
    }
}
