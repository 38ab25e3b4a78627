//! What a server may not do to the parser behind it: a line without end, a literal of gigabytes, parentheses nested until
//! the stack is gone, a text that is cut inside a character (failure F31).

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Longest line: a SEARCH that answers with half a million UIDs.
const MOST_LINE: usize = 4 * 1024 * 1024;
/// Largest literal. A mail is downloaded only after its size was asked for, so an honest server stays far below.
const MOST_LITERAL: u64 = 64 * 1024 * 1024;
/// Deepest nesting in a line. We ask for no BODYSTRUCTURE, so an honest server needs three.
const MOST_DEPTH: u32 = 32;

/// Passes bytes through and breaks the connection when they go too far. In lines, not in literals, bytes above 127 become
/// `?`: nothing we use stands there, and the parser would cut them at the wrong place.
#[derive(Debug)]
pub(super) struct Guard<T> {
    inner: T,
    state: State,
}

#[derive(Debug, Default)]
struct State {
    line: usize,
    depth: u32,
    brace: Brace,
    literal: u64,
}

/// How much of `{123}` CRLF was seen.
#[derive(Clone, Copy, Debug, Default)]
enum Brace {
    #[default]
    None,
    Open(u64),
    Closed(u64),
}

impl State {
    fn check(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        let mut rest = bytes.iter_mut();
        while rest.len() > 0 {
            let skip = usize::try_from(self.literal).unwrap_or(usize::MAX).min(rest.len());
            if let Some(last) = skip.checked_sub(1) {
                self.literal -= skip as u64;
                rest.nth(last);
            } else if let Some(byte) = rest.next() {
                self.step(byte)?;
            }
        }
        Ok(())
    }

    fn step(&mut self, byte: &mut u8) -> io::Result<()> {
        self.line += 1;
        self.brace = match (*byte, self.brace) {
            (b'{', _) => Brace::Open(0),
            (digit @ b'0'..=b'9', Brace::Open(n)) => {
                Brace::Open(n.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
            }
            (b'}', Brace::Open(n)) | (b'\r', Brace::Closed(n)) => Brace::Closed(n),
            (b'\n', Brace::Closed(n)) => {
                self.literal = n;
                Brace::None
            }
            (b'\n', _) => {
                *self = Self::default();
                Brace::None
            }
            _ => Brace::None,
        };
        match byte {
            b'(' => self.depth += 1,
            b')' => self.depth = self.depth.saturating_sub(1),
            128.. => *byte = b'?',
            _ => {}
        }
        if self.line > MOST_LINE || self.literal > MOST_LITERAL || self.depth > MOST_DEPTH {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "more than an IMAP server says"));
        }
        Ok(())
    }
}

impl<T> Guard<T> {
    pub(super) fn new(inner: T) -> Self {
        Self { inner, state: State::default() }
    }

    pub(super) fn into_inner(self) -> T {
        self.inner
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Guard<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        Poll::Ready(self.state.check(buf.filled_mut().split_at_mut(before).1))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Guard<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(chunks: &[&[u8]]) -> io::Result<Vec<u8>> {
        let mut state = State::default();
        let mut out = Vec::new();
        for chunk in chunks {
            let mut bytes = chunk.to_vec();
            state.check(&mut bytes)?;
            out.extend(bytes);
        }
        Ok(out)
    }

    #[test]
    fn literals_pass_untouched_wherever_they_are_cut() {
        let answer = "* 1 FETCH (UID 1 BODY[] {10}\r\n(((ああa)) X {3}\r\né1)\r\n* OK é\r\n".as_bytes();
        let wanted: Vec<u8> =
            [&b"* 1 FETCH (UID 1 BODY[] {10}\r\n"[..], "(((ああa".as_bytes(), b")) X {3}\r\n", "é1)".as_bytes()]
                .concat()
                .into_iter()
                .chain(*b"\r\n* OK ??\r\n")
                .collect();
        for cut in 0..answer.len() {
            let (head, tail) = answer.split_at(cut);
            assert_eq!(passed(&[head, tail]).unwrap(), wanted, "cut at {cut}");
        }
    }

    #[test]
    fn a_gigabyte_is_refused_at_its_announcement() {
        assert!(passed(&[b"* 1 FETCH (BODY[] {1000000000}\r\n"]).is_err());
        assert!(passed(&[b"* 1 FETCH (BODY[] {99999999999999999999999}\r\n"]).is_err());
        assert!(passed(&[b"* 1 FETCH (BODY[] {60000000}\r\n"]).is_ok());
    }

    #[test]
    fn nesting_and_lines_have_an_end() {
        assert!(passed(&[&[b'('; 33]]).is_err());
        assert!(passed(&[&b"(()\r\n".repeat(100)]).is_ok());
        assert!(passed(&[&vec![b'a'; MOST_LINE]]).is_ok());
        assert!(passed(&[&vec![b'a'; MOST_LINE], b"a"]).is_err());
    }
}
