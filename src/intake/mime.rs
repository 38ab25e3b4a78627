//! The text of a mail and the files beside it (RFC 2046). A walk over the lines with a stack of boundaries: it visits each line once, does not recurse
//! and does not enter attached messages, so that neither depth nor number of parts can hurt (threat T17).

use std::borrow::Cow;
use std::collections::HashMap;

use mail_parser::parsers::MessageStream;
use mail_parser::{ContentType, HeaderValue};

use super::fields::{Field, Header};
use super::{MailFault, charset, flowed, html, parameters, transfer};

/// Most parts of a mail.
pub(super) const PART_LIMIT: usize = 1_000;
/// Deepest nesting of multiparts.
pub(super) const DEPTH_LIMIT: usize = 100;
/// Most bytes of a mail's text that are looked at, still encoded. A form is a few KiB, what Outlook puts around it a hundred.
const TEXT_LIMIT: usize = 256 * 1024;
/// Longest header of a part that is looked at, in bytes.
const PART_HEADER_LIMIT: usize = 8 * 1024;
/// Longest Content-Type that is looked at, in bytes.
const CONTENT_TYPE_LIMIT: usize = 4 * 1024;

/// What a mail holds.
#[derive(Default)]
pub(super) struct Body<'x> {
    /// What a person reads: the plain parts, or the HTML where there is nothing else.
    pub text: String,
    /// The parts that are no text to read, in their order.
    pub files: Vec<File<'x>>,
    /// What stopped the walk.
    pub fault: Option<MailFault>,
}

/// A part that is no text to read. Nothing of it is decoded before it is asked for.
pub(super) struct File<'x>(Leaf<'x>);

/// The type of a part, as far as it matters here.
enum Kind {
    Multipart(Vec<u8>),
    Plain,
    Html,
    Other,
}

/// What a leaf is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Plain,
    Html,
    File,
}

impl Kind {
    /// `None` for what has parts.
    const fn of_leaf(&self) -> Option<Use> {
        match self {
            Self::Multipart(_) => None,
            Self::Plain => Some(Use::Plain),
            Self::Html => Some(Use::Html),
            Self::Other => Some(Use::File),
        }
    }
}

/// A part without parts.
struct Leaf<'x> {
    fields: Vec<Field<'x>>,
    serves: Use,
    content: &'x [u8],
}

/// The body of the mail with this header.
pub(super) fn body<'x>(header: &Header<'x>) -> Body<'x> {
    let mut leaves = Vec::new();
    let fault = walk(header, &mut leaves).err();
    let mut left = TEXT_LIMIT;
    let mut join = |serves: Use| {
        let mut text = String::new();
        for leaf in leaves.iter().filter(|leaf| leaf.serves == serves) {
            let content = leaf.content.get(..left).unwrap_or(leaf.content);
            left -= content.len();
            text.push_str(&leaf.text(content));
            text.push('\n');
        }
        text
    };
    let plain = join(Use::Plain);
    let text = if plain.trim().is_empty() { join(Use::Html) } else { plain };
    let files = leaves.into_iter().filter(|leaf| leaf.serves == Use::File).map(File).collect();
    Body { text, files, fault }
}

/// Content-Type, parsed; `None` where there is none or it is nothing.
pub(super) fn content_type<'x>(fields: &[Field<'x>]) -> Option<ContentType<'x>> {
    let field = fields.iter().find(|field| field.is("Content-Type"))?;
    let value = field.value.get(..CONTENT_TYPE_LIMIT).unwrap_or(field.value);
    match MessageStream::new(value).parse_content_type() {
        HeaderValue::ContentType(parsed) => Some(parsed),
        _ => None,
    }
}

fn kind(fields: &[Field<'_>]) -> Kind {
    let Some(parsed) = content_type(fields) else {
        return Kind::Plain;
    };
    let is = |ctype: &str, subtype: &str| {
        parsed.ctype().eq_ignore_ascii_case(ctype)
            && parsed.subtype().is_some_and(|found| found.eq_ignore_ascii_case(subtype))
    };
    if parsed.ctype().eq_ignore_ascii_case("multipart") {
        let boundary = parsed.attribute("boundary").map(|boundary| boundary.trim_end().as_bytes().to_vec());
        return boundary.filter(|boundary| !boundary.is_empty()).map_or(Kind::Plain, Kind::Multipart);
    }
    if is_attachment(fields) {
        Kind::Other
    } else if is("text", "plain") || parsed.subtype().is_none() {
        Kind::Plain
    } else if is("text", "html") {
        Kind::Html
    } else {
        Kind::Other
    }
}

fn is_attachment(fields: &[Field<'_>]) -> bool {
    let disposition = fields.iter().find(|field| field.is("Content-Disposition"));
    disposition.is_some_and(|field| field.unfolded().to_ascii_lowercase().starts_with("attachment"))
}

fn walk<'x>(root: &Header<'x>, leaves: &mut Vec<Leaf<'x>>) -> Result<(), MailFault> {
    let mut levels = Levels::default();
    let root_kind = kind(&root.fields);
    if let Some(serves) = root_kind.of_leaf() {
        leaves.push(Leaf { fields: root.fields.clone(), serves, content: root.body });
        return Ok(());
    }
    if let Kind::Multipart(boundary) = root_kind {
        levels.push(boundary);
    }
    let mut open: Option<(Leaf<'x>, usize)> = None;
    let mut parts = 0;
    let mut at = 0;
    for line in root.body.split_inclusive(|byte| *byte == b'\n') {
        let start = at;
        at += line.len();
        let Some(is_last) = levels.delimit(line) else {
            continue;
        };
        close(open.take(), root.body, start, leaves);
        if is_last {
            continue;
        }
        parts += 1;
        if parts > PART_LIMIT {
            return Err(MailFault::TooManyParts);
        }
        let rest = root.body.get(at..).unwrap_or_default();
        let part = Header::scan(rest.get(..PART_HEADER_LIMIT).unwrap_or(rest));
        match kind(&part.fields) {
            Kind::Multipart(_) if levels.stack.len() >= DEPTH_LIMIT => return Err(MailFault::TooDeep),
            Kind::Multipart(boundary) => levels.push(boundary),
            kind => {
                let begin = at + part.body_offset;
                open = kind.of_leaf().map(|serves| (Leaf { fields: part.fields, serves, content: &[] }, begin));
            }
        }
    }
    close(open, root.body, root.body.len(), leaves);
    Ok(())
}

/// The line end before a delimiter belongs to the delimiter (§5.1.1).
fn close<'x>(open: Option<(Leaf<'x>, usize)>, body: &'x [u8], end: usize, leaves: &mut Vec<Leaf<'x>>) {
    if let Some((leaf, start)) = open {
        let content = body.get(start..end).unwrap_or_default();
        let content = content.strip_suffix(b"\n").unwrap_or(content);
        let content = content.strip_suffix(b"\r").unwrap_or(content);
        leaves.push(Leaf { content, ..leaf });
    }
}

/// The boundaries of the multiparts that are open, outermost first, and at which level each is.
#[derive(Default)]
struct Levels {
    stack: Vec<Vec<u8>>,
    of: HashMap<Vec<u8>, usize>,
}

impl Levels {
    /// Opens a multipart. One with the boundary of another that is open is cut with it: boundaries must differ (§5.1.2).
    fn push(&mut self, boundary: Vec<u8>) {
        if !self.of.contains_key(&boundary) {
            self.of.insert(boundary.clone(), self.stack.len());
            self.stack.push(boundary);
        }
    }

    /// Whether a line is a delimiter, and then whether it is the last one. An outer boundary ends what is within.
    fn delimit(&mut self, line: &[u8]) -> Option<bool> {
        let name = line.strip_prefix(b"--")?.trim_ascii_end();
        let last = || self.of.get(name.strip_suffix(b"--")?).map(|level| (*level, true));
        let (level, is_last) = self.of.get(name).map(|level| (level + 1, false)).or_else(last)?;
        for ended in self.stack.drain(level..) {
            self.of.remove(&ended);
        }
        Some(is_last)
    }
}

impl Leaf<'_> {
    /// The bytes of `content` with their transfer encoding undone.
    fn decoded<'c>(&self, content: &'c [u8]) -> Cow<'c, [u8]> {
        let encoding = self.fields.iter().find(|field| field.is("Content-Transfer-Encoding"));
        match encoding.map(|field| field.unfolded().to_ascii_lowercase()).as_deref() {
            Some("base64") => Cow::Owned(transfer::base64(content).unwrap_or_default()),
            Some("quoted-printable") => Cow::Owned(transfer::quoted_printable(content)),
            _ => Cow::Borrowed(content),
        }
    }

    fn text(&self, content: &[u8]) -> String {
        let parsed = content_type(&self.fields);
        let attribute = |name| parsed.as_ref().and_then(|parsed| parsed.attribute(name));
        let decoded = charset::decode(&self.decoded(content), attribute("charset"));
        if self.serves == Use::Html {
            return html::text(&decoded);
        }
        if attribute("format").is_some_and(|format| format.eq_ignore_ascii_case("flowed")) {
            let delete_space = attribute("delsp").is_some_and(|delsp| delsp.eq_ignore_ascii_case("yes"));
            return flowed::unflow(&decoded, delete_space);
        }
        decoded
    }
}

impl<'x> File<'x> {
    /// `type/subtype`, lower case; empty where it has none.
    pub fn media(&self) -> String {
        let parsed = content_type(&self.0.fields);
        let media = |parsed: &ContentType<'_>| format!("{}/{}", parsed.ctype(), parsed.subtype().unwrap_or_default());
        parsed.as_ref().map(media).unwrap_or_default().to_ascii_lowercase()
    }

    /// The charset that its type names.
    pub fn charset(&self) -> Option<String> {
        content_type(&self.0.fields)?.attribute("charset").map(str::to_owned)
    }

    /// What it is called.
    pub fn name(&self) -> Option<String> {
        parameters::file_name(&self.0.fields)
    }

    /// As it stands in the mail.
    pub fn content(&self) -> &'x [u8] {
        self.0.content
    }

    /// With its transfer encoding undone.
    pub fn bytes(&self) -> Cow<'x, [u8]> {
        self.0.decoded(self.0.content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> String {
        let found = body(&Header::scan(raw.as_bytes()));
        assert!(found.fault.is_none());
        found.text.trim().to_owned()
    }

    fn multipart(subtype: &str, boundary: &str, parts: &[&str]) -> String {
        let mut out = format!("Content-Type: multipart/{subtype}; boundary=\"{boundary}\"\r\n\r\npreamble\r\n");
        for part in parts {
            out.extend(["--", boundary, "\r\n", part, "\r\n"]);
        }
        out + &format!("--{boundary}--\r\nepilogue\r\n")
    }

    const PLAIN: &str = "Content-Type: text/plain; charset=utf-8\r\n\r\nplain";
    const HTML: &str = "Content-Type: text/html\r\n\r\n<p>html</p>";

    #[test]
    fn plain_text_goes_before_html() {
        assert_eq!(read("Subject: x\r\n\r\nbody\r\n"), "body");
        assert_eq!(read(&multipart("alternative", "b", &[HTML, PLAIN])), "plain");
        assert_eq!(read(&multipart("alternative", "b", &[HTML, "\r\n \r\n"])), "html");
        assert_eq!(read(HTML), "html");
        assert_eq!(read("Content-Type: application/pdf\r\n\r\n%PDF"), "");
    }

    #[test]
    fn parts_within_parts() {
        let inner = multipart("alternative", "b--x", &[PLAIN, HTML]);
        let after = "Content-Disposition: inline\r\n\r\nafter";
        let attached = "Content-Disposition: ATTACHMENT; filename=a.txt\r\nContent-Type: text/plain\r\n\r\nattached";
        let message = "Content-Type: message/rfc822\r\n\r\nContent-Type: text/plain\r\n\r\nforwarded";
        let mail = multipart("mixed", "b", &[&inner, attached, message, after]);
        assert_eq!(read(&mail), "plain\nafter");
        assert_eq!(read(&mail.replace("\r\n", "\n")), "plain\nafter");
    }

    #[test]
    fn what_has_no_end_ends_with_the_mail() {
        let cut = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n";
        assert_eq!(read(cut), "x");
        let inner = "Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\ny";
        assert_eq!(read(&multipart("mixed", "b", &[inner, "\r\nz"])), "y\nz");
        assert_eq!(read("Content-Type: multipart/mixed\r\n\r\nx"), "x");
    }

    #[test]
    fn transfer_encodings_are_undone() {
        let mail = |encoding: &str, body: &str| {
            format!("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}")
        };
        assert_eq!(read(&mail("BASE64", "5bGx\r\n55Sw\r\n")), "山田");
        assert_eq!(read(&mail("base64", "5bGx*55Sw===")), "山田");
        assert_eq!(read(&mail("Quoted-Printable", "=E5=B1=\r\n=B1 =")), "山");
        assert_eq!(read(&mail("8bit", "山")), "山");
        let flowed = "Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\n山 \r\n田\r\n";
        assert_eq!(read(flowed), "山田");
    }

    #[test]
    fn bombs_are_faults() {
        let fault = |raw: &str| body(&Header::scan(raw.as_bytes())).fault;
        let many = multipart("mixed", "b", &vec![PLAIN; 100_000]);
        assert_eq!(fault(&many), Some(MailFault::TooManyParts));
        let deep = (0..1_000)
            .map(|level| format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n"))
            .collect::<Vec<_>>()
            .concat();
        assert_eq!(fault(&deep), Some(MailFault::TooDeep));
        let messages = "Content-Type: message/rfc822\r\n\r\n".repeat(100_000);
        assert_eq!(fault(&messages), None);
    }
}
