//! A tiny DNS server over UDP and TCP (RFC 1035) that answers TXT questions from a map, or fails as told, and counts who asks.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

use super::background::Background;

const TXT: u16 = 16;
const OPT: u16 = 41;
const NO_ERROR: u8 = 0;
const SERVER_FAILURE: u8 = 2;
const NAME_ERROR: u8 = 3;

/// What a name is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A TXT record.
    Txt(String),
    /// The name exists, but has no TXT record.
    NoData,
    /// The name does not exist; so it is with every name that nothing was said about.
    NxDomain,
    /// The server fails.
    ServFail,
    /// No answer at all.
    Silence,
}

#[derive(Default)]
struct Zone {
    answers: HashMap<String, Answer>,
    asked: HashMap<String, usize>,
    ttl: u32,
}

/// The running server.
pub struct Dns {
    address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
    _background: Background,
}

impl Dns {
    /// Starts one that knows no name.
    pub fn start() -> Self {
        let background = Background::new();
        let zone = Arc::new(Mutex::new(Zone { ttl: 60, ..Zone::default() }));
        let (tcp, udp) = bind();
        let address = tcp.local_addr().unwrap();
        let tcp = background.adopt(|| TcpListener::from_std(tcp));
        let udp = background.adopt(|| UdpSocket::from_std(udp));
        background.spawn(serve_udp(udp, zone.clone()));
        background.spawn(serve_tcp(tcp, zone.clone()));
        Self { address, zone, _background: background }
    }

    /// Where it listens, UDP and TCP alike.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Says from now on what `name` is answered with; a final dot and the case do not matter.
    pub fn set(&self, name: &str, answer: Answer) {
        self.zone().answers.insert(plain(name), answer);
    }

    /// Gives `name` a TXT record.
    pub fn txt(&self, name: &str, record: impl Into<String>) {
        self.set(name, Answer::Txt(record.into()));
    }

    /// How long answers may be kept, in seconds; 60 at first.
    pub fn set_ttl(&self, seconds: u32) {
        self.zone().ttl = seconds;
    }

    /// How often `name` was asked for, by any way and whatever the answer.
    pub fn asked(&self, name: &str) -> usize {
        self.zone().asked.get(&plain(name)).copied().unwrap_or(0)
    }

    /// How often anything was asked for.
    pub fn asked_in_all(&self) -> usize {
        self.zone().asked.values().sum()
    }

    fn zone(&self) -> MutexGuard<'_, Zone> {
        self.zone.lock().unwrap()
    }
}

fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// Both sockets on one port: what TCP got may be taken for UDP.
fn bind() -> (std::net::TcpListener, std::net::UdpSocket) {
    for _ in 0..20 {
        let tcp = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        if let Ok(udp) = std::net::UdpSocket::bind(tcp.local_addr().unwrap()) {
            tcp.set_nonblocking(true).unwrap();
            udp.set_nonblocking(true).unwrap();
            return (tcp, udp);
        }
    }
    panic!("no port is free for UDP and TCP");
}

async fn serve_udp(socket: UdpSocket, zone: Arc<Mutex<Zone>>) {
    let mut buffer = [0; 4096];
    while let Ok((length, client)) = socket.recv_from(&mut buffer).await {
        let answer = Question::parse(&buffer[..length]).and_then(|question| question.answer(&zone, question.room));
        if let Some(answer) = answer {
            socket.send_to(&answer, client).await.ok();
        }
    }
}

async fn serve_tcp(listener: TcpListener, zone: Arc<Mutex<Zone>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(converse(stream, zone.clone()));
    }
}

async fn converse(mut stream: TcpStream, zone: Arc<Mutex<Zone>>) -> std::io::Result<()> {
    loop {
        let mut query = vec![0; usize::from(stream.read_u16().await?)];
        stream.read_exact(&mut query).await?;
        let answer = Question::parse(&query).and_then(|question| question.answer(&zone, usize::from(u16::MAX)));
        if let Some(answer) = answer {
            stream.write_u16(u16::try_from(answer.len()).unwrap()).await?;
            stream.write_all(&answer).await?;
        }
    }
}

/// A query with one question.
struct Question<'a> {
    head: &'a [u8],
    /// Name, type and class, as sent.
    wire: &'a [u8],
    name: String,
    kind: u16,
    /// What the client takes over UDP, in bytes.
    room: usize,
}

impl<'a> Question<'a> {
    fn parse(query: &'a [u8]) -> Option<Self> {
        let mut labels = Vec::new();
        let mut at = 12;
        loop {
            let length = usize::from(*query.get(at)?);
            at += 1;
            if length == 0 {
                break;
            }
            labels.push(String::from_utf8_lossy(query.get(at..at + length)?).to_ascii_lowercase());
            at += length;
        }
        let kind = u16::from_be_bytes(query.get(at..at + 2)?.try_into().ok()?);
        // EDNS: an OPT record under the root's name, whose class is the room (RFC 6891 §6.1.2)
        let room = match query.get(at + 4..at + 9) {
            Some([0, high, low, room @ ..]) if [*high, *low] == OPT.to_be_bytes() => {
                usize::from(u16::from_be_bytes([room[0], room[1]])).max(512)
            }
            _ => 512,
        };
        Some(Self { head: query.get(..12)?, wire: query.get(12..at + 4)?, name: labels.join("."), kind, room })
    }

    /// The whole answer; without its record and marked as cut where it would not fit.
    fn answer(&self, zone: &Mutex<Zone>, room: usize) -> Option<Vec<u8>> {
        let (answer, ttl) = {
            let mut zone = zone.lock().unwrap();
            *zone.asked.entry(self.name.clone()).or_default() += 1;
            (zone.answers.get(&self.name).cloned().unwrap_or(Answer::NxDomain), zone.ttl)
        };
        let (code, record) = match answer {
            Answer::Txt(text) if self.kind == TXT => (NO_ERROR, Some(record(&text, ttl))),
            Answer::Txt(_) | Answer::NoData => (NO_ERROR, None),
            Answer::NxDomain => (NAME_ERROR, None),
            Answer::ServFail => (SERVER_FAILURE, None),
            Answer::Silence => return None,
        };
        let (fits, cut): (Vec<_>, Vec<_>) =
            record.into_iter().partition(|record| 12 + self.wire.len() + record.len() <= room);
        // QR and AA, TC where it was cut, RD as asked; RA
        let flags = 0x84 | if cut.is_empty() { 0 } else { 0x02 } | self.head[2] & 0x01;
        let mut out = vec![self.head[0], self.head[1], flags, 0x80 | code, 0, 1, 0, 0, 0, 0, 0, 0];
        out[7] = u8::from(!fits.is_empty());
        out.extend_from_slice(self.wire);
        out.extend(fits.concat());
        Some(out)
    }
}

/// A TXT record for the name asked for, its text in strings of at most 255 bytes (RFC 1035 §3.3).
fn record(text: &str, ttl: u32) -> Vec<u8> {
    let mut strings = Vec::new();
    for string in text.as_bytes().chunks(255) {
        strings.push(u8::try_from(string.len()).unwrap());
        strings.extend_from_slice(string);
    }
    // a pointer to the question's name, TXT, IN
    let mut out = vec![0xC0, 0x0C, 0, 16, 0, 1];
    out.extend_from_slice(&ttl.to_be_bytes());
    out.extend_from_slice(&u16::try_from(strings.len()).unwrap().to_be_bytes());
    out.extend(strings);
    out
}
