//! One mail of a letter: header fields, text and HTML, 7-bit and CRLF throughout (RFC 5322, RFC 2045).
//!
//! The same letter addressed in the same way gives the same bytes, its signature's time apart.

use std::fmt;

use lettre::message::header::{ContentDisposition, ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, MultiPart, SinglePart};

use super::header;
use super::letters::{Attachment, Letter, Rendered};
use super::sign::{SignError, Signer};
use crate::config::sender::Sender;
use crate::domain::email_address::EmailAddress;
use crate::domain::time::Timestamp;

/// A mail as it leaves: one recipient, and the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Composed {
    /// The envelope's recipient.
    pub to: EmailAddress,
    /// The envelope's sender; none is `<>`, as in every answer to a mail (RFC 3834 §3.3).
    pub return_path: Option<EmailAddress>,
    /// The envelope's id (RFC 3461 §4.4), where delivery reports are wanted: letters and digits.
    pub envelope_id: Option<String>,
    /// Header and body: ASCII, CRLF line ends, lines of at most 998 octets.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Composed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Composed").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// What a letter is addressed with.
#[derive(Clone, Copy)]
pub struct Addressing<'a> {
    /// To whom.
    pub to: &'a EmailAddress,
    /// `Message-ID`, fixed when the outbox row was born; with or without angle brackets.
    pub message_id: &'a str,
    /// `Date`.
    pub date: Timestamp,
    /// The `Message-ID` of the mail that is answered. It is a stranger's: what is no identifier is left out.
    pub in_reply_to: Option<&'a str>,
    /// What delivery reports are to bring back: letters and digits.
    pub report_token: Option<&'a str>,
}

/// Why a mail cannot be composed. None of these passes with time.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// A template failed.
    #[error("the letter cannot be rendered: {0}")]
    Render(#[from] askama::Error),
    /// The given `Message-ID` is none.
    #[error("the Message-ID is no message identifier")]
    MessageId,
    /// A body cannot be encoded.
    #[error("the body cannot be encoded")]
    Body,
    /// It cannot be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// Composes the letters of one sender.
#[derive(Debug)]
pub struct Composer {
    sender: Sender,
    from: String,
    signer: Option<Signer>,
}

impl Composer {
    /// In the name of `sender`; signed where there is a `signer`.
    #[must_use]
    pub fn new(sender: Sender, signer: Option<Signer>) -> Self {
        let from = header::mailbox(&sender.display_name, &sender.address);
        Self { sender, from, signer }
    }

    /// In whose name.
    #[must_use]
    pub fn sender(&self) -> &Sender {
        &self.sender
    }

    /// `letter` as a mail.
    ///
    /// # Errors
    /// [`ComposeError`]
    pub fn compose(&self, letter: &Letter, how: Addressing<'_>) -> Result<Composed, ComposeError> {
        let message_id = header::message_id(how.message_id).ok_or(ComposeError::MessageId)?;
        let rendered = letter.render(&self.sender)?;
        let mut mail = MultiPart::builder().build();
        for (name, value) in self.fields(letter, &rendered.subject, &message_id, how) {
            let raw = String::new();
            mail.headers_mut().insert_raw(HeaderValue::dangerous_new_pre_encoded(name, raw, value));
        }
        let bytes = body(mail, rendered, letter.attachment(&self.sender), &message_id)?.formatted();
        let bytes = match &self.signer {
            Some(signer) => signer.sign(&bytes)?,
            None => bytes,
        };
        // Who is answered reports nothing: an answer that cannot be delivered is lost, not discussed.
        let token = how.report_token.filter(|_| !letter.kind().is_reply());
        let return_path = (!letter.kind().is_reply()).then(|| self.return_path(token));
        Ok(Composed { to: how.to.clone(), return_path, envelope_id: token.map(str::to_owned), bytes })
    }

    /// `bounce+TOKEN@domain` where the settings have a delimiter and the token fits.
    fn return_path(&self, token: Option<&str>) -> EmailAddress {
        let plain = self.sender.return_path();
        let tagged = self.sender.return_path_delimiter.zip(token).and_then(|(delimiter, token)| {
            EmailAddress::parse(&format!("{}{delimiter}{token}@{}", plain.local(), plain.domain())).ok()
        });
        tagged.unwrap_or_else(|| plain.clone())
    }

    /// The header fields but those of MIME. Each value went through [`header`] or is ours.
    fn fields(
        &self,
        letter: &Letter,
        subject: &str,
        message_id: &str,
        how: Addressing<'_>,
    ) -> impl Iterator<Item = (HeaderName, String)> {
        let date = how.date.utc().with_timezone(&self.sender.time_zone).to_rfc2822();
        let answered = how.in_reply_to.and_then(header::message_id);
        let automatic = if letter.kind().is_reply() { "auto-replied" } else { "auto-generated" };
        [
            ("Date", Some(date)),
            ("From", Some(self.from.clone())),
            ("To", Some(header::addr_spec(how.to))),
            ("Reply-To", letter.reply_to().or(self.sender.reply_to.as_ref()).map(header::addr_spec)),
            ("Subject", Some(header::unstructured(subject))),
            ("Message-ID", Some(message_id.to_owned())),
            ("In-Reply-To", answered.clone()),
            ("References", answered),
            ("Auto-Submitted", Some(automatic.to_owned())),
            ("X-Auto-Response-Suppress", Some("All".to_owned())),
            ("X-Renkei-Loop", Some(self.sender.address.domain().as_str().to_owned())),
            ("Content-Language", Some(letter.locale().tag().to_owned())),
            ("MIME-Version", Some("1.0".to_owned())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((HeaderName::new_from_ascii_str(name), value?)))
    }
}

/// The two bodies below the header of `mail`, and the attachment beside them. Base64, because then no line can begin with a
/// dot or hold a bare CR or LF, whatever a firm wrote (T16).
fn body(
    mut mail: MultiPart,
    rendered: Rendered,
    attachment: Option<Attachment>,
    message_id: &str,
) -> Result<MultiPart, ComposeError> {
    // Base64 has no hyphen, so that no line of a body can be a boundary.
    let tail: String = message_id.chars().filter(char::is_ascii_alphanumeric).take(48).collect();
    let multipart = |kind: &str, mark: &str| {
        let kind = format!("multipart/{kind}; boundary=\"renkei{mark}-{tail}\"");
        ContentType::parse(&kind).map_err(|_| ComposeError::Body)
    };
    let part = |kind, bytes: Vec<u8>| {
        let body = Body::new_with_encoding(bytes, ContentTransferEncoding::Base64).map_err(|_| ComposeError::Body)?;
        Ok::<_, ComposeError>(SinglePart::builder().header(kind).body(body))
    };
    let text = part(ContentType::TEXT_PLAIN, rendered.text.into_bytes())?;
    let html = part(ContentType::TEXT_HTML, rendered.html.into_bytes())?;
    let Some(attachment) = attachment else {
        mail.headers_mut().set(multipart("alternative", "")?);
        return Ok(mail.singlepart(text).singlepart(html));
    };
    mail.headers_mut().set(multipart("mixed", "-mixed")?);
    let mut bodies = MultiPart::builder().build();
    bodies.headers_mut().set(multipart("alternative", "")?);
    let kind = format!("{}; name=\"{}\"", attachment.media, attachment.name);
    let kind = ContentType::parse(&kind).map_err(|_| ComposeError::Body)?;
    let file = Body::new_with_encoding(attachment.bytes, ContentTransferEncoding::Base64);
    let file = file.map_err(|_| ComposeError::Body)?;
    let named = ContentDisposition::attachment(&attachment.name);
    let file = SinglePart::builder().header(kind).header(named).body(file);
    Ok(mail.multipart(bodies.singlepart(text).singlepart(html)).singlepart(file))
}

#[cfg(test)]
mod tests;
