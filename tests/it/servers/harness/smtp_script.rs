use std::path::Path;
use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls as ClientTls, TlsParameters};
use lettre::{SmtpTransport, Transport as _};

use crate::support::line_client::LineClient;
use crate::support::smtp_script::{Act, Setup, SmtpScript, Stage, Tls};
use crate::support::{poll, port};

fn greet(script: &SmtpScript) -> LineClient {
    let mut client = LineClient::connect(script.port());
    client.reply();
    client.ask("EHLO localhost");
    client
}

fn send(client: &mut LineClient) -> String {
    client.mail("a@example.net", "b@example.net", b"Subject: x\r\n\r\n.y\r\n")
}

#[test]
fn it_keeps_what_it_takes() {
    let script = SmtpScript::start();
    let mut client = greet(&script);
    assert!(send(&mut client).starts_with("250"));
    assert!(client.ask("QUIT").starts_with("221"));
    let mail = script.mails().remove(0);
    assert_eq!((mail.from.as_str(), mail.to.join(",").as_str()), ("a@example.net", "b@example.net"));
    assert_eq!((mail.bytes.as_slice(), mail.encrypted), (&b"Subject: x\r\n\r\n.y\r\n"[..], false));
    assert_eq!(mail.answer.as_deref(), Some("250 2.0.0 taken"));
}

#[test]
fn it_follows_the_script_and_then_behaves() {
    let script = SmtpScript::start();
    script.once(Stage::Dot, Act::Cut);
    script.once(Stage::Dot, Act::Reply("451 4.3.0 later"));
    script.once(Stage::Mail, Act::ReplyAndCut("421 4.3.2 closing"));
    let mut first = greet(&script);
    assert_eq!(first.ask("MAIL FROM:<a@example.net>"), "421 4.3.2 closing");
    assert_eq!(first.line(), None);
    assert_eq!(send(&mut greet(&script)), "");
    assert_eq!(script.mails()[0].answer, None);
    let mut third = greet(&script);
    assert_eq!(send(&mut third), "451 4.3.0 later");
    assert!(send(&mut third).starts_with("250"));
    assert_eq!((script.reached(Stage::Greeting), script.reached(Stage::Dot)), (3, 3));

    script.always(Stage::Rcpt, Act::Reply("550 5.1.1 nobody here"));
    for _ in 0..2 {
        let mut client = greet(&script);
        client.ask("MAIL FROM:<a@example.net>");
        assert_eq!(client.ask("RCPT TO:<b@example.net>"), "550 5.1.1 nobody here");
        assert!(client.ask("DATA").starts_with("503"));
    }
    script.behave();
    assert!(send(&mut greet(&script)).starts_with("250"));
}

#[test]
fn it_is_late_or_silent() {
    let script = SmtpScript::start();
    script.once(Stage::Noop, Act::Late(Duration::from_millis(300)));
    script.once(Stage::Rset, Act::Silence);
    let mut client = greet(&script);
    let begin = std::time::Instant::now();
    assert!(client.ask("NOOP").starts_with("250"));
    assert!(begin.elapsed() >= Duration::from_millis(290));
    client.send("RSET\r\nNOOP\r\n");
    poll::until_true("RSET to arrive", Duration::from_secs(5), || script.reached(Stage::Rset) == 1);
    assert_eq!(script.reached(Stage::Noop), 1);
}

#[test]
fn lettre_gets_in_by_tls_and_login_only() {
    let message = lettre::Message::builder()
        .from("a@example.net".parse().unwrap())
        .to("b@example.net".parse().unwrap())
        .body("hello".to_owned())
        .unwrap();
    for tls in [Tls::StartTls, Tls::Implicit] {
        let script = SmtpScript::with(Setup { tls, login: Some(("renkei", "secret")) });
        let send = |password| client(&script, script.ca_file(), tls, password).send(&message);
        send("secret").unwrap();
        let refused = send("wrong").unwrap_err();
        assert!(refused.is_permanent(), "{refused}");
        let mails = script.mails();
        assert!(mails.len() == 1 && mails[0].encrypted);
        let stranger = SmtpScript::start();
        assert!(client(&script, stranger.ca_file(), tls, "secret").send(&message).is_err());
    }
    let script = SmtpScript::with(Setup { tls: Tls::StartTls, login: None });
    assert!(greet(&script).ask("MAIL FROM:<a@example.net>").starts_with("530"));
}

fn client(script: &SmtpScript, ca: &Path, tls: Tls, password: &str) -> SmtpTransport {
    let ca = Certificate::from_pem(&std::fs::read(ca).unwrap()).unwrap();
    let parameters = TlsParameters::builder("localhost".to_owned()).add_root_certificate(ca).build_rustls().unwrap();
    let tls = match tls {
        Tls::None => ClientTls::None,
        Tls::StartTls => ClientTls::Required(parameters),
        Tls::Implicit => ClientTls::Wrapper(parameters),
    };
    let credentials = Credentials::new("renkei".to_owned(), password.to_owned());
    SmtpTransport::builder_dangerous("127.0.0.1").port(script.port()).tls(tls).credentials(credentials).build()
}

#[test]
fn it_is_gone_after_drop() {
    let script = SmtpScript::start();
    let (port, mut client) = (script.port(), greet(&script));
    drop(script);
    assert_eq!(client.line(), None);
    poll::until_true("the port to close", Duration::from_secs(5), || !port::answers(port));
}
