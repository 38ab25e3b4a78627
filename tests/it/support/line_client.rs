//! A client for protocols of lines (IMAP, SMTP, LMTP), as raw as it gets: it shows what a server says, byte for byte.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

/// A connection that speaks in lines.
pub struct LineClient(BufReader<TcpStream>);

impl LineClient {
    /// Connects to a port of 127.0.0.1; whatever is waited for fails after 10 s.
    pub fn connect(port: u16) -> Self {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    /// The next line without its line end; `None` once the server has hung up, cleanly or not.
    ///
    /// # Panics
    /// If nothing comes for 10 s.
    #[track_caller]
    pub fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        match self.0.read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(_) => Some(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("the server says nothing"),
            Err(_) => None,
        }
    }

    /// `count` bytes as they come.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.0.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// Sends bytes; a server that hung up is noticed at the next read.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.get_mut().write_all(bytes.as_ref()).ok();
    }

    /// SMTP and LMTP: sends a line and gives the last line of the answer; empty if the server hung up.
    #[track_caller]
    pub fn ask(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n"));
        self.reply()
    }

    /// SMTP and LMTP: the last line of the next answer; empty if the server hung up.
    #[track_caller]
    pub fn reply(&mut self) -> String {
        loop {
            match self.line() {
                Some(line) if line.as_bytes().get(3) == Some(&b'-') => {}
                other => return other.unwrap_or_default(),
            }
        }
    }

    /// SMTP and LMTP: one mail in one transaction, up to the answer to its final dot.
    #[track_caller]
    pub fn mail(&mut self, from: &str, to: &str, mail: &[u8]) -> String {
        for line in [format!("MAIL FROM:<{from}>"), format!("RCPT TO:<{to}>"), "DATA".to_owned()] {
            let reply = self.ask(&line);
            assert!(reply.starts_with(['2', '3']), "{line}: {reply}");
        }
        self.send(dotted(mail));
        self.reply()
    }

    /// IMAP: sends a command under the tag `t` and gives all lines of the answer, the tagged one last.
    #[track_caller]
    pub fn imap(&mut self, command: &str) -> Vec<String> {
        self.send(format!("t {command}\r\n"));
        let mut lines = Vec::new();
        while let Some(line) = self.line() {
            let last = line.starts_with("t ");
            lines.push(line);
            if last {
                break;
            }
        }
        lines
    }
}

/// A mail as DATA carries it: CRLF, leading dots doubled, the final dot (RFC 5321 §4.5.2).
pub fn dotted(mail: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(mail.len() + 64);
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.starts_with(b".") {
            wire.push(b'.');
        }
        wire.extend_from_slice(line);
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b".\r\n");
    wire
}
