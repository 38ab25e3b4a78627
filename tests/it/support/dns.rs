//! A tiny DNS server over UDP and TCP (RFC 1035) that answers TXT questions from a map, or fails as told, and counts who asks.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

use super::background::Background;

const CNAME: u16 = 5;
const TXT: u16 = 16;
const OPT: u16 = 41;
const NO_ERROR: u8 = 0;
const SERVER_FAILURE: u8 = 2;
const NAME_ERROR: u8 = 3;
const REFUSED: u8 = 5;
/// Most names in a row that stand for one another.
const ALIASES: usize = 8;

/// What a name is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A TXT record.
    Txt(String),
    /// As many TXT records.
    Txts(Vec<String>),
    /// Another name for this one (CNAME), with what is known of that.
    Alias(String),
    /// The name exists, but has no TXT record.
    NoData,
    /// The name does not exist; so it is with every name that nothing was said about.
    NxDomain,
    /// The server fails.
    ServFail,
    /// The server does not want to answer.
    Refused,
    /// Bytes that are no answer, behind a head that begins one.
    Garbage,
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

    /// The whole answer; without its records and marked as cut where they would not fit.
    fn answer(&self, zone: &Mutex<Zone>, room: usize) -> Option<Vec<u8>> {
        let mut zone = zone.lock().unwrap();
        *zone.asked.entry(self.name.clone()).or_default() += 1;
        let (mut records, mut name) = (Vec::new(), self.name.clone());
        let code = loop {
            match zone.answers.get(&name).unwrap_or(&Answer::NxDomain) {
                Answer::Alias(other) if records.len() < ALIASES => {
                    records.push(record(&name, CNAME, &wire_name(other), zone.ttl));
                    name = plain(other);
                }
                Answer::Txt(text) => break self.texts(&name, &[text], &mut records, zone.ttl),
                Answer::Txts(texts) => {
                    break self.texts(&name, &texts.iter().collect::<Vec<_>>(), &mut records, zone.ttl);
                }
                Answer::Alias(_) | Answer::NoData => break NO_ERROR,
                Answer::NxDomain => break NAME_ERROR,
                Answer::ServFail => break SERVER_FAILURE,
                Answer::Refused => break REFUSED,
                Answer::Garbage => return Some([&self.head[..2], &[0xFF; 40]].concat()),
                Answer::Silence => return None,
            }
        };
        let length: usize = records.iter().map(Vec::len).sum();
        let is_cut = 12 + self.wire.len() + length > room;
        if is_cut {
            records.clear();
        }
        // QR and AA, TC where it was cut, RD as asked; RA
        let flags = 0x84 | if is_cut { 0x02 } else { 0 } | self.head[2] & 0x01;
        let mut out = vec![self.head[0], self.head[1], flags, 0x80 | code, 0, 1, 0, 0, 0, 0, 0, 0];
        out[7] = u8::try_from(records.len()).unwrap();
        out.extend_from_slice(self.wire);
        out.extend(records.concat());
        Some(out)
    }

    /// Adds the texts that a name has, to who asks for texts.
    fn texts(&self, name: &str, texts: &[&String], records: &mut Vec<Vec<u8>>, ttl: u32) -> u8 {
        if self.kind == TXT {
            records.extend(texts.iter().map(|text| record(name, TXT, &strings(text), ttl)));
        }
        NO_ERROR
    }
}

/// A name as it goes over the wire (RFC 1035 §3.1).
fn wire_name(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for label in plain(name).split('.') {
        out.push(u8::try_from(label.len()).unwrap());
        out.extend_from_slice(label.as_bytes());
    }
    out.push(0);
    out
}

/// A text in strings of at most 255 bytes (RFC 1035 §3.3).
fn strings(text: &str) -> Vec<u8> {
    let pieces = text.as_bytes().chunks(255).flat_map(|piece| [&[u8::try_from(piece.len()).unwrap()], piece].concat());
    let out: Vec<u8> = pieces.collect();
    if out.is_empty() { vec![0] } else { out }
}

/// A record.
fn record(name: &str, kind: u16, data: &[u8], ttl: u32) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap().to_be_bytes();
    // IN
    [&wire_name(name), &kind.to_be_bytes()[..], &[0, 1], &ttl.to_be_bytes(), &length, data].concat()
}
