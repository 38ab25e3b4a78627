//! A DKIM signature written out tag by tag (RFC 6376 §3): nothing of it is made by the library that judges it, and each tag
//! can be wrong.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};

use super::firm_key::FirmKey;

/// The fields that are signed unless a test says otherwise.
const SIGNED: &str = "From:To:Subject:Date:Message-ID:MIME-Version:Content-Type:Content-Transfer-Encoding";

/// A signature in the making. As it starts it is a good one, relaxed/relaxed.
#[derive(Clone)]
pub struct Dkim<'k> {
    key: &'k FirmKey,
    tags: Vec<(String, String)>,
}

impl<'k> Dkim<'k> {
    /// By this key, for its domain.
    pub fn by(key: &'k FirmKey) -> Self {
        let tags = [
            ("v", "1"),
            ("a", key.algorithm()),
            ("c", "relaxed/relaxed"),
            ("d", key.domain()),
            ("s", key.selector()),
            ("h", SIGNED),
        ];
        Self { key, tags: tags.map(|(name, value)| (name.to_owned(), value.to_owned())).into() }
    }

    /// Says this, in place of what the tag said before; `bh` and `b` too.
    #[must_use]
    pub fn tag(mut self, name: &str, value: &str) -> Self {
        match self.tags.iter_mut().find(|(have, _)| have == name) {
            Some((_, before)) => value.clone_into(before),
            None => self.tags.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// Says this beside what the tag says already.
    #[must_use]
    pub fn more(mut self, name: &str, value: &str) -> Self {
        self.tags.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Does not say this.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.tags.retain(|(have, _)| have != name);
        self
    }

    /// The mail with this signature before it.
    pub fn sign(&self, mail: &[u8]) -> Vec<u8> {
        [self.field(mail).as_slice(), mail].concat()
    }

    /// The signature's field, folded as mailers fold it.
    pub fn field(&self, mail: &[u8]) -> Vec<u8> {
        let end = mail.windows(4).position(|four| four == b"\r\n\r\n").map_or(mail.len(), |at| at + 2);
        let (header, body) = (&mail[..end], mail.get(end + 2..).unwrap_or_default());
        let (of_header, of_body) = self.forms();
        let mut hashed = if of_body { relaxed_body(body) } else { simple_body(body) };
        hashed.truncate(self.value("l").and_then(|length| length.parse().ok()).unwrap_or(hashed.len()));
        let mut tags: Vec<String> = self.tags.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if self.value("bh").is_none() {
            tags.push(format!("bh={}", STANDARD.encode(digest(&SHA256, &hashed))));
        }
        let mut field = format!("DKIM-Signature: {};\r\n\tb=", tags.join(";\r\n\t"));
        let canonical = |field: &[u8]| if of_header { relaxed_field(field) } else { field.to_vec() };
        let mut signed: Vec<u8> = self.chosen(header).into_iter().flat_map(canonical).collect();
        let own = canonical(field.as_bytes());
        signed.extend_from_slice(own.strip_suffix(b"\r\n").unwrap_or(&own));
        let pieces = STANDARD.encode(self.key.seal(&signed)).into_bytes();
        let lines: Vec<_> = pieces.chunks(64).map(|piece| String::from_utf8_lossy(piece).into_owned()).collect();
        field += &lines.join("\r\n\t ");
        field += "\r\n";
        field.into_bytes()
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.tags.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// Whether the header and the body are relaxed; what is not said is simple.
    fn forms(&self) -> (bool, bool) {
        let said = self.value("c").unwrap_or("simple");
        let (header, body) = said.split_once('/').unwrap_or((said, "simple"));
        (header == "relaxed", body == "relaxed")
    }

    /// The fields that `h=` names, from the last of each name upwards.
    fn chosen<'x>(&self, header: &'x [u8]) -> Vec<&'x [u8]> {
        let mut left = fields(header);
        let named = self.value("h").unwrap_or_default().split(':').map(|name| name.trim().to_ascii_lowercase());
        let take = |name: String| left.iter().rposition(|field| is(field, &name)).map(|at| left.remove(at));
        named.filter_map(take).collect()
    }
}

fn fields(header: &[u8]) -> Vec<&[u8]> {
    let mut fields = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in header.split_inclusive(|byte| *byte == b'\n') {
        if at > start && !matches!(line[0], b' ' | b'\t') {
            fields.push(&header[start..at]);
            start = at;
        }
        at += line.len();
    }
    fields.push(&header[start..at]);
    fields
}

fn is(field: &[u8], name: &str) -> bool {
    let colon = field.iter().position(|byte| *byte == b':').unwrap_or(0);
    field[..colon].eq_ignore_ascii_case(name.as_bytes())
}

/// RFC 6376 §3.4.2
fn relaxed_field(field: &[u8]) -> Vec<u8> {
    let colon = field.iter().position(|byte| *byte == b':').unwrap_or(0);
    let (name, value) = (field[..colon].trim_ascii_end().to_ascii_lowercase(), &field[colon + 1..]);
    let unfolded: Vec<u8> = value.iter().copied().filter(|byte| !b"\r\n".contains(byte)).collect();
    [&name, &b":"[..], single_blanks(&unfolded).trim_ascii(), b"\r\n"].concat()
}

/// RFC 6376 §3.4.3
fn simple_body(body: &[u8]) -> Vec<u8> {
    let mut body = body;
    while let Some(shorter) = body.strip_suffix(b"\r\n") {
        body = shorter;
    }
    [body, b"\r\n"].concat()
}

/// RFC 6376 §3.4.4
fn relaxed_body(body: &[u8]) -> Vec<u8> {
    let lines = body.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let lines: Vec<_> = lines.map(|line| single_blanks(line).trim_ascii_end().to_vec()).collect();
    let body = simple_body(&lines.join(&b"\r\n"[..]));
    if body == b"\r\n" { vec![] } else { body }
}

/// Runs of blanks as one.
fn single_blanks(line: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    for byte in line {
        let is_blank = matches!(byte, b' ' | b'\t');
        match out.last() {
            Some(b' ') if is_blank => {}
            _ => out.push(if is_blank { b' ' } else { *byte }),
        }
    }
    out
}
