use std::time::{Duration, Instant};

use crate::support::line_client::LineClient;
use crate::support::proxy::{Fault, Proxy, Way};
use crate::support::smtp_script::SmtpScript;
use crate::support::{poll, port};

const GREETING: &str = "220 script ESMTP";

fn behind() -> (SmtpScript, Proxy) {
    let server = SmtpScript::start();
    let proxy = Proxy::to(server.port());
    (server, proxy)
}

#[test]
fn nothing_goes_wrong_unless_told() {
    let (server, proxy) = behind();
    let mut client = LineClient::connect(proxy.port());
    assert_eq!(client.reply(), GREETING);
    let large = [b"Subject: large\r\n\r\n".to_vec(), b"0123456789\r\n".repeat(50_000)].concat();
    client.ask("EHLO localhost");
    assert!(client.mail("a@example.net", "b@example.net", &large).starts_with("250"));
    assert_eq!(server.mails()[0].bytes, large);
    assert!(proxy.heard().contains("RCPT TO:<b@example.net>") && proxy.told().starts_with(GREETING));
    proxy.forget();
    assert_eq!((proxy.heard(), proxy.connections()), (String::new(), 1));
}

#[test]
fn faults_come_at_their_byte_and_in_their_order() {
    let (_server, proxy) = behind();
    proxy.next([
        Fault::Cut { way: Way::Down, after: 3 },
        Fault::Reset { way: Way::Down, after: 4 },
        Fault::Cut { way: Way::Up, after: 6 },
    ]);
    let mut cut = LineClient::connect(proxy.port());
    assert_eq!(cut.line().as_deref(), Some("220"));
    assert_eq!(cut.line(), None);

    let mut reset = std::net::TcpStream::connect(("127.0.0.1", proxy.port())).unwrap();
    let error = std::io::Read::read_to_end(&mut reset, &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);

    let mut up = LineClient::connect(proxy.port());
    up.reply();
    assert!(up.ask("NOOP").is_empty() || proxy.heard().contains("NOOP\r\n"));
    assert_eq!(up.line(), None);

    let mut clean = LineClient::connect(proxy.port());
    assert_eq!(clean.reply(), GREETING);
    assert_eq!(proxy.connections(), 4);
}

#[test]
fn a_delay_delays_and_a_stall_holds_back() {
    let (_server, proxy) = behind();
    proxy.always(Fault::Delay(Duration::from_millis(200)));
    let begin = Instant::now();
    assert_eq!(LineClient::connect(proxy.port()).reply(), GREETING);
    assert!(begin.elapsed() >= Duration::from_millis(190));

    proxy.always(Fault::None);
    let mut client = LineClient::connect(proxy.port());
    client.reply();
    proxy.stall();
    proxy.forget();
    client.send("NOOP\r\n");
    poll::until_true("the command to reach the proxy", Duration::from_secs(5), || proxy.heard() == "NOOP\r\n");
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(proxy.told(), "");
    proxy.flow();
    assert!(client.reply().starts_with("250"));
}

#[test]
fn open_connections_can_be_hung_up_and_new_ones_live() {
    let (_server, proxy) = behind();
    let mut open = LineClient::connect(proxy.port());
    open.reply();
    proxy.cut();
    assert_eq!(open.line(), None);
    let mut open = LineClient::connect(proxy.port());
    assert_eq!(open.reply(), GREETING);
    proxy.reset();
    assert_eq!(open.line(), None);
}

#[test]
fn it_is_gone_after_drop() {
    let (_server, proxy) = behind();
    let (port, mut client) = (proxy.port(), LineClient::connect(proxy.port()));
    client.reply();
    drop(proxy);
    assert_eq!(client.line(), None);
    poll::until_true("the port to close", Duration::from_secs(5), || !port::answers(port));
}
