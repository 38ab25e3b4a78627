//! The bytes of SMTP: replies in, commands and the mail's content out, each under its time limit.

use std::time::Duration;

use lettre::transport::smtp::response::Response;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::time::timeout;

use super::fault::{Fault, Stage};

/// Longest reply line that is read; RFC 5321 §4.5.3.1.5 says 512.
const LINE: u64 = 4_096;
/// Most lines of one reply.
const LINES: usize = 128;
/// How much of a mail is written under one time limit.
const BLOCK: usize = 64 * 1024;

/// A connection, plain or TLS.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A connection that speaks in lines.
pub struct Wire(BufReader<Box<dyn Stream>>);

impl Wire {
    /// Over `stream`.
    pub fn new(stream: Box<dyn Stream>) -> Self {
        Self(BufReader::new(stream))
    }

    /// The stream, to go on in TLS; none where the relay has already sent more than it was asked for, which could be
    /// somebody's in the middle (RFC 3207 §6).
    pub fn into_stream(self) -> Option<Box<dyn Stream>> {
        self.0.buffer().is_empty().then(|| self.0.into_inner())
    }

    /// Writes `command`, which ends in CRLF.
    pub async fn write(&mut self, command: &str, stage: Stage, limit: Duration) -> Result<(), Fault> {
        self.write_block(command.as_bytes(), stage, limit).await
    }

    /// The next reply, whatever it says. A lone code counts as one with an empty text, and a text that is no UTF-8 is
    /// read all the same: what counts is the code.
    pub async fn reply(&mut self, stage: Stage, limit: Duration) -> Result<Response, Fault> {
        timeout(limit, self.read_reply(stage)).await.unwrap_or_else(|_| Err(Fault::silence(stage)))
    }

    /// Writes a mail's content with its dots doubled, and the final dot. What fails here fails before the dot: a block
    /// that is not written whole lacks its end.
    pub async fn write_content(&mut self, mail: &[u8], limit: Duration) -> Result<(), Fault> {
        for block in with_dots(mail).chunks(BLOCK) {
            self.write_block(block, Stage::Content, limit).await?;
        }
        Ok(())
    }

    async fn write_block(&mut self, block: &[u8], stage: Stage, limit: Duration) -> Result<(), Fault> {
        let writing = async {
            self.0.write_all(block).await?;
            self.0.flush().await
        };
        match timeout(limit, writing).await {
            Ok(written) => written.map_err(|why| Fault::Lost { stage, why }),
            Err(_) => Err(Fault::silence(stage)),
        }
    }

    async fn read_reply(&mut self, stage: Stage) -> Result<Response, Fault> {
        let mut reply = String::new();
        for _ in 0..LINES {
            let mut line = Vec::new();
            let read = (&mut self.0).take(LINE).read_until(b'\n', &mut line).await;
            match read {
                Ok(0) => return Err(Fault::Lost { stage, why: std::io::ErrorKind::UnexpectedEof.into() }),
                Ok(_) if line.ends_with(b"\n") => {}
                Ok(_) => return Err(Fault::nonsense(stage)),
                Err(why) => return Err(Fault::Lost { stage, why }),
            }
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\r', '\n']);
            let more = text.as_bytes().get(3) == Some(&b'-');
            reply.push_str(text);
            if text.len() == 3 {
                reply.push(' ');
            }
            reply.push_str("\r\n");
            if !more {
                return reply.parse().map_err(|_| Fault::nonsense(stage));
            }
        }
        Err(Fault::nonsense(stage))
    }
}

/// `mail` as DATA carries it: a dot before each line's first dot (RFC 5321 §4.5.2), and the line with the dot that ends it.
fn with_dots(mail: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(mail.len() + 64);
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        if line.first() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    if !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SOON: Duration = Duration::from_millis(200);

    async fn read(sent: &[u8]) -> Result<(u16, usize), Fault> {
        let (ours, mut theirs) = tokio::io::duplex(1 << 20);
        theirs.write_all(sent).await.unwrap();
        drop(theirs);
        let reply = Wire::new(Box::new(ours)).reply(Stage::Envelope, SOON).await?;
        Ok((reply.code().into(), reply.message().count()))
    }

    #[tokio::test]
    async fn replies_as_relays_send_them() {
        assert_eq!(read(b"250 ok\r\n").await.unwrap(), (250, 1));
        assert_eq!(read(b"250-a\r\n250-\r\n250 b\r\n").await.unwrap(), (250, 3));
        assert_eq!(read(b"250\r\n").await.unwrap(), (250, 1));
        assert_eq!(read(b"250-a\n250 b\n").await.unwrap(), (250, 2));
        assert_eq!(read(b"550 \x8d\x91\xff\r\n").await.unwrap(), (550, 1));
    }

    #[tokio::test]
    async fn what_is_no_reply_is_a_lost_connection() {
        let endless = [b"250-x\r\n".repeat(1_000), b"250 x\r\n".to_vec()].concat();
        let long = vec![b'2'; 10_000];
        for sent in [&b""[..], b"25", b"HTTP/1.1 400\r\n", b"250-a\r\n", b"250-a\r\n550 b\r\n", &endless, &long] {
            assert!(matches!(read(sent).await, Err(Fault::Lost { .. })));
        }
    }

    proptest! {
        #[test]
        fn the_dot_ends_the_mail_once_and_undoubling_gives_it_back(lines in prop::collection::vec("[.a]{0,4}", 0..12)) {
            let mail = lines.join("\r\n").into_bytes();
            let sent = with_dots(&mail);
            let ends = sent.windows(5).filter(|five| five == b"\r\n.\r\n").count();
            prop_assert!(ends == 1 || (ends == 0 && sent == b".\r\n"));
            prop_assert!(sent.ends_with(b".\r\n"));
            let text = String::from_utf8(sent).unwrap();
            let back: Vec<_> = text.split("\r\n").map(|line| line.strip_prefix('.').unwrap_or(line)).collect();
            prop_assert!(back.join("\r\n").starts_with(std::str::from_utf8(&mail).unwrap()));
        }
    }
}
