//! The identity of a mail, whichever way it came (F21).

use ring::digest::{Context, SHA256};

use super::line_ends;
use crate::domain::inbound::Digest;

/// SHA-256 over the mail with every line end made CRLF, so that IMAP and a Maildir agree. Nothing is copied.
#[must_use]
pub fn digest(raw: &[u8]) -> Digest {
    let mut context = Context::new(&SHA256);
    for (at, piece) in line_ends::pieces(raw).enumerate() {
        if at > 0 {
            context.update(b"\r\n");
        }
        context.update(piece);
    }
    Digest(hex(context.finish().as_ref()))
}

/// SHA-256, lower-case hex.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(ring::digest::digest(&SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.map(|nibble| char::from_digit(nibble.into(), 16).unwrap_or('0')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_does_not_change_the_identity() {
        let wire = digest(b"A: 1\r\n\r\n\r\nx\r\n");
        assert_eq!(digest(b"A: 1\n\n\nx\n"), wire);
        assert_eq!(digest(b"A: 1\r\n\n\r\nx\n"), wire);
        assert_ne!(digest(b"A: 1\n\nx\n"), wire);
        // From `printf 'A: 1\r\n\r\n\r\nx\r\n' | sha256sum`.
        assert_eq!(wire.0, "879bb7c6d85dac52cc53fedc2e813e3b9015e79dca4504309f32fcce6155c89e");
    }
}
