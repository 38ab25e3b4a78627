use std::io::{Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use mail_auth::common::verify::DomainKey;
use mail_auth::hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use mail_auth::{DnsError, Error, MessageAuthenticator};

use crate::support::dns::{Answer, Dns};
use crate::support::firm_key::FirmKey;
use crate::support::poll;
use crate::support::txt_cache::TxtCache;

fn query(name: &str) -> Vec<u8> {
    let mut wire = vec![0xAB, 0xCD, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        wire.push(u8::try_from(label.len()).unwrap());
        wire.extend_from_slice(label.as_bytes());
    }
    wire.extend_from_slice(&[0, 0, 16, 0, 1]);
    wire
}

fn by_udp(dns: &Dns, name: &str) -> Option<Vec<u8>> {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    socket.send_to(&query(name), dns.address()).unwrap();
    let mut answer = vec![0; 4096];
    let length = socket.recv(&mut answer).ok()?;
    answer.truncate(length);
    Some(answer)
}

fn by_tcp(dns: &Dns, name: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(dns.address()).unwrap();
    let query = query(name);
    stream.write_all(&[&u16::try_from(query.len()).unwrap().to_be_bytes()[..], &query].concat()).unwrap();
    let mut length = [0; 2];
    stream.read_exact(&mut length).unwrap();
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut answer).unwrap();
    answer
}

/// The code and the number of answers.
fn gist(answer: &[u8]) -> (u8, u8) {
    (answer[3] & 0x0F, answer[7])
}

#[test]
fn it_answers_as_told_and_counts() {
    let dns = Dns::start();
    dns.txt("Known.Example.", "v=test");
    dns.set("empty.example", Answer::NoData);
    dns.set("broken.example", Answer::ServFail);
    dns.set("silent.example", Answer::Silence);
    let known = by_udp(&dns, "known.example").unwrap();
    assert_eq!((&known[..2], gist(&known)), (&[0xAB, 0xCD][..], (0, 1)));
    assert!(known.ends_with(b"\x06v=test"));
    assert_eq!(by_tcp(&dns, "known.example"), known);
    assert_eq!(gist(&by_udp(&dns, "empty.example").unwrap()), (0, 0));
    assert_eq!(gist(&by_udp(&dns, "unknown.example").unwrap()), (3, 0));
    assert_eq!(gist(&by_udp(&dns, "broken.example").unwrap()), (2, 0));
    assert_eq!(by_udp(&dns, "silent.example"), None);
    assert_eq!((dns.asked("KNOWN.example"), dns.asked("silent.example"), dns.asked_in_all()), (2, 1, 6));
    dns.txt("unknown.example", "now it is");
    assert_eq!(gist(&by_udp(&dns, "unknown.example").unwrap()), (0, 1));
}

#[test]
fn a_long_record_is_cut_over_udp_and_whole_over_tcp() {
    let dns = Dns::start();
    dns.txt("long.example", "x".repeat(700));
    let cut = by_udp(&dns, "long.example").unwrap();
    assert_eq!((cut[2] & 0x02, gist(&cut)), (0x02, (0, 0)));
    let whole = by_tcp(&dns, "long.example");
    let strings = [&[255][..], &[b'x'; 255], &[255], &[b'x'; 255], &[190], &[b'x'; 190]].concat();
    assert!(whole.ends_with(&strings));
    assert_eq!((whole[2] & 0x02, gist(&whole)), (0, (0, 1)));
}

#[tokio::test]
async fn a_real_resolver_understands_it() {
    let dns = Dns::start();
    // longer than 512 bytes: the resolver has to come again by TCP, or to say beforehand how much it takes
    let note = format!("; n={}; p=", "x".repeat(600));
    dns.txt("s1._domainkey.a.example", FirmKey::ed25519("a.example").record().replace("; p=", &note));
    dns.set("s1._domainkey.b.example", Answer::ServFail);
    let mut udp = ConnectionConfig::udp();
    let mut tcp = ConnectionConfig::tcp();
    (udp.port, tcp.port) = (dns.address().port(), dns.address().port());
    let server = NameServerConfig::new(dns.address().ip(), true, vec![udp, tcp]);
    let config = ResolverConfig::from_parts(None, vec![], vec![server]);
    let resolver = MessageAuthenticator::new(config, ResolverOpts::default()).unwrap();
    let look_up = async |name: &str| -> Result<Arc<DomainKey>, Error> {
        resolver.txt_lookup(format!("{name}."), Some(&TxtCache::default())).await
    };
    assert!(look_up("s1._domainkey.a.example").await.is_ok());
    let failed = look_up("s1._domainkey.b.example").await.err().unwrap();
    assert!(matches!(failed, Error::Dns(DnsError::Resolver(_))), "{failed:?}");
    let missing = look_up("s1._domainkey.c.example").await.err().unwrap();
    assert!(matches!(missing, Error::Dns(DnsError::RecordNotFound(_))), "{missing:?}");
}

#[test]
fn it_is_gone_after_drop() {
    let dns = Dns::start();
    let address = dns.address();
    drop(dns);
    poll::until_true("the port to close", Duration::from_secs(5), || {
        UdpSocket::bind(address).is_ok() && !crate::support::port::answers(address.port())
    });
}
