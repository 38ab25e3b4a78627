//! What the daemon says, and to whom: stderr or the journal. Neither address, link, code nor body may be in it (threat
//! T21): our own lines name ids and numbers, and [`filter`] keeps other people's code from saying more.

mod capture;
mod filter;
mod journal;

use std::io::{self, IsTerminal};
use std::panic::{self, PanicHookInfo};

use tracing::Subscriber;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{Layer, Registry};

pub use capture::Capture;

use crate::config::log::{Filter, FilterError, Format, Log, Target};

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `RUST_LOG` cannot be read.
    #[error("RUST_LOG: {0}")]
    RustLog(#[from] FilterError),
    /// The journal was asked for, and does not answer.
    #[error("log.target: the journal cannot be reached: {0}")]
    Journal(io::Error),
    /// Called twice.
    #[error("the log is set up already")]
    Twice(#[from] TryInitError),
}

type BoxedLayer<S> = Box<dyn Layer<S> + Send + Sync>;

/// Sets up the log for the whole process, and a panic hook that logs where it was but not what was said.
///
/// # Errors
/// [`TelemetryError`]
pub fn init(log: &Log) -> Result<(), TelemetryError> {
    let filter = match std::env::var("RUST_LOG") {
        Ok(text) if !text.is_empty() => Filter::parse(&text)?,
        _ => log.filter.clone(),
    };
    let out: BoxedLayer<Registry> = match log.target {
        Target::Journal => journal::layer().map_err(TelemetryError::Journal)?,
        Target::Auto if journal::is_stderr() => journal::layer().unwrap_or_else(|_| stderr(log.format)),
        Target::Auto | Target::Stderr => stderr(log.format),
    };
    tracing_subscriber::registry().with(out).with(filter::bounded(&filter)).try_init()?;
    panic::set_hook(Box::new(log_panic));
    Ok(())
}

fn stderr<S: Subscriber + for<'s> LookupSpan<'s>>(format: Format) -> BoxedLayer<S> {
    let layer = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    match format {
        Format::Text => layer.boxed(),
        Format::Json => layer.json().boxed(),
    }
}

/// A panic's message may hold whatever was being handled: only the place is told.
fn log_panic(info: &PanicHookInfo<'_>) {
    let place = info.location().map(|at| (at.file(), at.line()));
    let (file, line) = place.unwrap_or(("unknown", 0));
    tracing::error!(file, line, "panicked");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_tells_its_place_and_not_its_message() {
        let capture = Capture::install("info").unwrap();
        panic::set_hook(Box::new(log_panic));
        let _ = panic::catch_unwind(|| panic!("tanaka@kaikei.example"));
        let _ = panic::take_hook();
        assert!(capture.text().contains("panicked"));
        assert!(capture.text().contains(file!()));
        assert!(!capture.text().contains("tanaka"));
    }

    #[test]
    fn a_log_is_set_up_once() {
        init(&Log { target: Target::Stderr, ..Log::default() }).unwrap();
        assert!(matches!(init(&Log::default()), Err(TelemetryError::Twice(_))));
    }
}
