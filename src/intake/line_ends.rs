//! Line ends: CRLF on the wire, LF in a Maildir. Identities and proofs are made over CRLF.

use std::borrow::Cow;

/// The mail cut at each LF that has no CR before it: joined with CRLF the pieces are the mail as it was on the wire.
pub(super) fn pieces(raw: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut before = 0;
    raw.split(move |byte| {
        let bare = *byte == b'\n' && before != b'\r';
        before = *byte;
        bare
    })
}

/// The mail with every line end as CRLF; copied only where one was not.
pub(super) fn crlf(raw: &[u8]) -> Cow<'_, [u8]> {
    if pieces(raw).nth(1).is_none() {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(pieces(raw).collect::<Vec<_>>().join(&b"\r\n"[..]))
}

/// Whether a CR stands without a LF behind it (RFC 5322 §2.3 forbids it). DKIM's canonicalization as it is implemented
/// passes over such a CR, a reader takes it for a line end: a signed mail could be cut into other lines.
pub(super) fn has_lone_cr(raw: &[u8]) -> bool {
    raw.split(|byte| *byte == b'\r').skip(1).any(|after| after.first() != Some(&b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_crlf_is_changed() {
        assert!(matches!(crlf(b"a\r\nb\r\n"), Cow::Borrowed(_)));
        assert_eq!(crlf(b"\na\nb\r\n\nc").as_ref(), b"\r\na\r\nb\r\n\r\nc");
        assert_eq!(crlf(b"a\rb\n").as_ref(), b"a\rb\r\n");
    }

    #[test]
    fn a_lone_cr_is_seen_anywhere() {
        for lone in [&b"\r"[..], b"a\rb", b"a\r\r\nb", b"a\r\n\r"] {
            assert!(has_lone_cr(lone), "{lone:?}");
        }
        assert!(!has_lone_cr(b"a\r\nb\nc\r\n"));
    }
}
