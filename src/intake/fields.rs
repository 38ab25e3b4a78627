//! The header block cut into its fields (RFC 5322 §2.2). The one place that decides what a field is: what is read off a mail
//! and what its signature is checked against are the same bytes (threat T2).

use std::borrow::Cow;

use super::MailFault;

/// Most fields of a header block that are looked at (threat T17).
pub(super) const FIELD_LIMIT: usize = 2_000;
/// Longest header block that is looked at, in bytes (Postfix's `header_size_limit`).
pub(super) const HEADER_LIMIT: usize = 100 * 1024;

/// A header field.
#[derive(Clone, Copy)]
pub(super) struct Field<'x> {
    /// As it stands before the colon.
    pub name: &'x [u8],
    /// As it stands behind the colon, folds and the final line end included.
    pub value: &'x [u8],
}

impl<'x> Field<'x> {
    /// Whether it has this name, in any case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// The value without line ends, ends trimmed; what is not UTF-8 is replaced.
    pub fn unfolded(&self) -> Cow<'x, str> {
        let text = String::from_utf8_lossy(self.value);
        if text.trim_end().contains(['\r', '\n']) {
            return Cow::Owned(text.replace(['\r', '\n'], "").trim().to_owned());
        }
        match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        }
    }
}

/// A header block and what follows it.
pub(super) struct Header<'x> {
    /// The fields in their order, at most [`FIELD_LIMIT`].
    pub fields: Vec<Field<'x>>,
    /// Where the body begins; the length of the mail where it has none.
    pub body_offset: usize,
    /// What follows the empty line.
    pub body: &'x [u8],
    /// What is wrong with the block itself.
    pub faults: Vec<MailFault>,
}

impl<'x> Header<'x> {
    /// Reads the header block at the start of `raw`, within the limits.
    pub fn scan(raw: &'x [u8]) -> Self {
        let mut header = Self { fields: Vec::new(), body_offset: raw.len(), body: &[], faults: Vec::new() };
        let mut open: Option<OpenField> = None;
        let mut at = 0;
        for line in raw.split_inclusive(|byte| *byte == b'\n') {
            let start = at;
            at += line.len();
            if matches!(line, b"\r\n" | b"\n") {
                header.body_offset = at;
                header.body = raw.get(at..).unwrap_or_default();
                break;
            }
            if at > HEADER_LIMIT {
                header.fault(MailFault::HeaderTooLong);
                break;
            }
            if line.contains(&0) {
                header.fault(MailFault::Nul);
            }
            if line.starts_with(b" ") || line.starts_with(b"\t") {
                match &mut open {
                    Some(field) => field.end = at,
                    None => header.fault(MailFault::StrayLine),
                }
                continue;
            }
            header.close(open.take().as_ref(), raw);
            if header.fields.len() >= FIELD_LIMIT {
                header.fault(MailFault::TooManyFields);
                break;
            }
            match line.iter().position(|byte| *byte == b':') {
                Some(colon) if is_name(line.get(..colon).unwrap_or_default()) => {
                    open = Some(OpenField { start, colon: start + colon, end: at });
                }
                _ => header.fault(MailFault::StrayLine),
            }
        }
        header.close(open.as_ref(), raw);
        header
    }

    /// The first field of this name.
    pub fn first(&self, name: &str) -> Option<&Field<'x>> {
        self.all(name).next()
    }

    /// All fields of this name, top-down.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &Field<'x>> {
        self.fields.iter().filter(move |field| field.is(name))
    }

    fn close(&mut self, open: Option<&OpenField>, raw: &'x [u8]) {
        if let Some(&OpenField { start, colon, end }) = open {
            let name = raw.get(start..colon).unwrap_or_default();
            let value = raw.get(colon + 1..end).unwrap_or_default();
            self.fields.push(Field { name, value });
        }
    }

    fn fault(&mut self, fault: MailFault) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }
}

/// Offsets of a field that may still be continued.
struct OpenField {
    start: usize,
    colon: usize,
    end: usize,
}

/// RFC 5322 §3.6.8: printable ASCII without the colon. Obsolete blanks before the colon are not taken.
fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_cut_where_the_lines_say() {
        for raw in [&b"A: 1\r\nB:2\r\n  3\r\n\tx\r\n\r\nbody\r\n"[..], b"A: 1\nB:2\n  3\n\tx\n\nbody\r\n"] {
            let header = Header::scan(raw);
            let fields: Vec<_> = header.fields.iter().map(|field| (field.name, field.unfolded())).collect();
            assert_eq!(fields, [(&b"A"[..], "1".into()), (b"B", "2  3\tx".into())]);
            assert_eq!((header.body, header.faults.len()), (&b"body\r\n"[..], 0));
            assert_eq!(&raw[header.body_offset..], header.body);
        }
    }

    #[test]
    fn a_mail_without_a_body_or_anything_is_read() {
        assert_eq!(Header::scan(b"A: 1").fields.len(), 1);
        assert_eq!(Header::scan(b"A: 1").body_offset, 4);
        assert!(Header::scan(b"").fields.is_empty());
        assert_eq!(Header::scan(b"\r\nA: 1\r\n").body, b"A: 1\r\n");
    }

    #[test]
    fn what_others_may_read_otherwise_is_a_fault() {
        for (raw, fault) in [
            (&b"From x\r\nA: 1\r\n\r\n"[..], MailFault::StrayLine),
            (b" A: 1\r\n\r\n", MailFault::StrayLine),
            (b"Subject : x\r\n\r\n", MailFault::StrayLine),
            (b": x\r\n\r\n", MailFault::StrayLine),
            (b"A: x\0\r\n\r\n", MailFault::Nul),
        ] {
            assert_eq!(Header::scan(raw).faults, [fault], "{raw:?}");
        }
    }

    #[test]
    fn the_limits_hold() {
        let many = "A: 1\r\n".repeat(10_000);
        let header = Header::scan(many.as_bytes());
        assert_eq!((header.fields.len(), &header.faults[..]), (FIELD_LIMIT, &[MailFault::TooManyFields][..]));
        let long = format!("A: {}\r\n\r\nbody", "x".repeat(HEADER_LIMIT));
        assert_eq!(Header::scan(long.as_bytes()).faults, [MailFault::HeaderTooLong]);
    }
}
