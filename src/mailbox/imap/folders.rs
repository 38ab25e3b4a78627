//! Our folders on the server: below the namespace's prefix, named with the server's own delimiter, created once.

use async_imap::imap_proto::Response;
use async_imap::imap_proto::{MailboxDatum, NameAttribute};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::session::Session;
use crate::domain::inbound::Folder;
use crate::mailbox::MailboxError;

/// Longest answer to NAMESPACE.
const MOST_NAMESPACE: usize = 16 * 1024;

/// How folders are named there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Names {
    prefix: String,
    delimiter: String,
    parent: String,
}

impl Names {
    /// The server's name for one of our folders, as in `INBOX.renkei.accepted`. A server without hierarchy gets a `-`.
    pub(super) fn of(&self, folder: Folder) -> String {
        format!("{}{}", self.stem(), folder.name())
    }

    fn stem(&self) -> String {
        let delimiter = if self.delimiter.is_empty() { "-" } else { &self.delimiter };
        format!("{}{}{delimiter}", self.prefix, self.parent)
    }
}

/// A quoted string (RFC 3501 §4.3). What goes in holds no line end: the settings were checked.
pub(super) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

impl Session {
    /// Learns how folders are named and creates ours where they are missing.
    pub(super) async fn make_folders(&mut self, parent: &str) -> Result<Names, MailboxError> {
        let (prefix, delimiter) = self.namespace().await?;
        let names = Names { prefix, delimiter, parent: parent.to_owned() };
        let there = self.list(&format!("{}*", names.stem())).await?;
        for name in Folder::ALL.map(|folder| names.of(folder)).iter().filter(|name| !there.contains(name)) {
            self.command("CREATE", &format!("CREATE {}", quote(name)), 0, |_| ()).await?.or_refused("CREATE")?;
            // Only for the eyes of mail programs: a server without subscriptions may say no.
            self.command("SUBSCRIBE", &format!("SUBSCRIBE {}", quote(name)), 0, |_| ()).await?;
        }
        Ok(names)
    }

    /// The personal namespace's prefix and delimiter (RFC 2342), else none and LIST's delimiter (RFC 3501 §6.3.8).
    async fn namespace(&mut self) -> Result<(String, String), MailboxError> {
        if self.can.namespace {
            let answer = timeout(self.deadline(), self.ask_namespace())
                .await
                .map_err(|_| MailboxError::Timeout { what: "NAMESPACE" })??;
            if let Some(found) = personal(&answer) {
                return Ok(found);
            }
        }
        let mut delimiter = String::new();
        let note = |response: &Response<'_>| {
            if let Response::MailboxData(MailboxDatum::List(item)) = response {
                item.delimiter.as_deref().unwrap_or_default().clone_into(&mut delimiter);
            }
        };
        self.command("LIST", "LIST \"\" \"\"", 0, note).await?.or_refused("LIST")?;
        Ok((String::new(), delimiter))
    }

    /// The parser does not know NAMESPACE's answer, so this one command is exchanged beneath it, byte by byte lest a
    /// byte of the next answer be taken. Nothing is buffered above: all that was sent has been answered.
    async fn ask_namespace(&mut self) -> Result<String, MailboxError> {
        const WHAT: &str = "NAMESPACE";
        let broken = |error| MailboxError::broken(WHAT, &error);
        let wire = self.wire.as_mut();
        wire.write_all(b"N1 NAMESPACE\r\n").await.map_err(broken)?;
        wire.flush().await.map_err(broken)?;
        let mut answer = String::new();
        let mut line = String::new();
        while answer.len() + line.len() < MOST_NAMESPACE {
            let byte = wire.read_u8().await.map_err(broken)?;
            line.push(char::from(byte));
            if byte == b'\n' {
                if line.starts_with("N1 ") {
                    return Ok(answer);
                }
                answer.push_str(&std::mem::take(&mut line));
            }
        }
        Err(MailboxError::Protocol { what: WHAT })
    }

    /// The folders that match and can hold mail.
    async fn list(&mut self, pattern: &str) -> Result<Vec<String>, MailboxError> {
        let mut names = Vec::new();
        let note = |response: &Response<'_>| {
            if let Response::MailboxData(MailboxDatum::List(item)) = response
                && !item.name_attributes.contains(&NameAttribute::NoSelect)
            {
                names.push(item.name.as_ref().to_owned());
            }
        };
        self.command("LIST", &format!("LIST \"\" {}", quote(pattern)), 0, note).await?.or_refused("LIST")?;
        Ok(names)
    }
}

/// Prefix and delimiter of the first personal namespace in `* NAMESPACE (("INBOX." ".")) NIL NIL`.
fn personal(answer: &str) -> Option<(String, String)> {
    let line = answer.lines().find_map(|line| line.strip_prefix("* NAMESPACE (("))?;
    let (prefix, rest) = quoted(line)?;
    let rest = rest.strip_prefix(' ')?;
    let delimiter = if rest.starts_with("NIL") { String::new() } else { quoted(rest)?.0 };
    Some((prefix, delimiter))
}

fn quoted(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut rest = text.strip_prefix('"')?.chars();
    loop {
        match rest.next()? {
            '"' => return Some((out, rest.as_str())),
            '\\' => out.push(rest.next()?),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(prefix: &str, delimiter: &str) -> Names {
        Names { prefix: prefix.to_owned(), delimiter: delimiter.to_owned(), parent: "renkei".to_owned() }
    }

    #[test]
    fn folders_are_named_the_servers_way() {
        assert_eq!(names("", "/").of(Folder::Accepted), "renkei/accepted");
        assert_eq!(names("INBOX.", ".").of(Folder::Quarantine), "INBOX.renkei.quarantine");
        assert_eq!(names("", "").of(Folder::Other), "renkei-other");
    }

    #[test]
    fn the_first_personal_namespace_counts() {
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(personal("* NAMESPACE ((\"INBOX.\" \".\")) NIL NIL\r\n"), pair("INBOX.", "."));
        assert_eq!(personal("* 3 EXISTS\r\n* NAMESPACE ((\"\" \"/\")) ((\"~\" \"/\")) NIL\r\n"), pair("", "/"));
        assert_eq!(personal("* NAMESPACE ((\"a\\\"b\\\\\" \"\\\\\")) NIL NIL\r\n"), pair("a\"b\\", "\\"));
        assert_eq!(personal("* NAMESPACE ((\"\" NIL)) NIL NIL\r\n"), pair("", ""));
        assert_eq!(personal("* NAMESPACE NIL NIL NIL\r\n"), None);
        assert_eq!(personal("* NAMESPACE ((\"\r\n"), None);
    }

    #[test]
    fn quoting_escapes() {
        assert_eq!(quote(r#"a"b\c"#), r#""a\"b\\c""#);
    }
}
