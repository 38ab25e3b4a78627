//! A log that is kept in memory, so that a test can search it for what must not be there.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::subscriber::DefaultGuard;
use tracing::{Subscriber, subscriber};
use tracing_subscriber::Registry;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::{TelemetryError, filter};
use crate::config::log::{Filter, FilterError};

/// What was logged since it was made; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Capture(Arc<Mutex<Vec<u8>>>);

impl Capture {
    /// Captures the log of the whole process, within the same bounds as [`super::init`], and for good: for a test that
    /// has a process of its own.
    ///
    /// # Errors
    /// The filter cannot be read, or a log is set up already.
    pub fn install(filter: &str) -> Result<Self, TelemetryError> {
        let capture = Self::default();
        capture.subscriber(filter)?.try_init()?;
        Ok(capture)
    }

    /// Captures the log of this thread for as long as the guard lives.
    ///
    /// # Errors
    /// The filter cannot be read.
    pub fn here(filter: &str) -> Result<(Self, DefaultGuard), FilterError> {
        let capture = Self::default();
        let guard = subscriber::set_default(capture.subscriber(filter)?);
        Ok((capture, guard))
    }

    /// All lines so far.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    fn subscriber(&self, filter: &str) -> Result<impl Subscriber + use<>, FilterError> {
        let filter = Filter::parse(filter)?;
        let lines = tracing_subscriber::fmt::layer::<Registry>().with_ansi(false).with_writer(self.clone());
        Ok(tracing_subscriber::registry().with(lines).with(filter::bounded(&filter)))
    }
}

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Capture {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
