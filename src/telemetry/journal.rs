//! The journal: fields of their own (`F_…`), no line to be parsed.

use std::env;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;

use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

use super::BoxedLayer;

/// A layer that writes to the journal.
///
/// # Errors
/// There is no journal.
pub(super) fn layer<S: Subscriber + for<'s> LookupSpan<'s>>() -> io::Result<BoxedLayer<S>> {
    Ok(tracing_journald::layer()?.with_syslog_identifier("renkei".to_owned()).boxed())
}

/// Whether stderr ends in the journal: `$JOURNAL_STREAM` names its device and inode (systemd.exec(5)).
pub(super) fn is_stderr() -> bool {
    let stderr = fs::metadata("/proc/self/fd/2").map(|stderr| (stderr.dev(), stderr.ino()));
    let named = env::var("JOURNAL_STREAM").ok().and_then(|text| stream(&text));
    stderr.is_ok_and(|stderr| Some(stderr) == named)
}

fn stream(text: &str) -> Option<(u64, u64)> {
    let (device, inode) = text.split_once(':')?;
    Some((device.parse().ok()?, inode.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_a_device_and_an_inode() {
        assert_eq!(stream("8:17391"), Some((8, 17391)));
        for wrong in ["", "8", "8:", ":1", "a:b", "8:1:2"] {
            assert_eq!(stream(wrong), None, "{wrong}");
        }
    }
}
