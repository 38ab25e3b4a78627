//! Against relays that play a script on loopback: every row of the outcome table.

mod relay;

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use super::*;
use crate::config::secret::SecretFile;
use crate::domain::email_address::EmailAddress;
use crate::domain::enhanced_status::EnhancedStatus;
use relay::{Cut, GOOD, Relay, Say, Script, Silence};

fn mail() -> Composed {
    let address = |text| EmailAddress::parse(text).unwrap();
    let bytes = b"Subject: x\r\n\r\n.dotted\r\nbody\r\n".to_vec();
    Composed {
        to: address("yamada@example.jp"),
        return_path: Some(address("portal@renkei.example")),
        envelope_id: None,
        bytes,
    }
}

async fn outcome(script: Script) -> HandOver {
    Relay::start(script).await.smtp(|config| config.tls = script.tls).send(&mail()).await
}

#[tokio::test]
async fn a_mail_arrives_as_it_is_with_its_envelope() {
    let relay = Relay::start(GOOD).await;
    assert_eq!(relay.smtp(|_| {}).send(&mail()).await, HandOver::Sent);
    let expected = ["EHLO renkei.example", "MAIL FROM:<portal@renkei.example>", "RCPT TO:<yamada@example.jp>", "DATA"];
    assert_eq!(relay.seen(|seen| seen.commands.clone()), expected);
    assert_eq!(relay.seen(|seen| seen.mails.clone()), ["Subject: x\r\n\r\n..dotted\r\nbody\r\n"]);
}

#[tokio::test]
async fn an_answer_leaves_with_a_null_return_path_and_an_odd_address_in_quotes() {
    let relay = Relay::start(GOOD).await;
    let to = EmailAddress::parse("ta..ro.@docomo.example").unwrap();
    assert_eq!(relay.smtp(|_| {}).send(&Composed { to, return_path: None, ..mail() }).await, HandOver::Sent);
    let commands = relay.seen(|seen| seen.commands[1..3].to_vec());
    assert_eq!(commands, ["MAIL FROM:<>", "RCPT TO:<\"ta..ro.\"@docomo.example>"]);
}

#[tokio::test]
async fn reports_are_asked_for_where_the_relay_offers_them() {
    let commands = async |ehlo, mail: Composed| {
        let relay = Relay::start(Script { ehlo: Say(ehlo), ..GOOD }).await;
        assert_eq!(relay.smtp(|_| {}).send(&mail).await, HandOver::Sent);
        relay.seen(|seen| seen.commands[1..3].join(" "))
    };
    let (offers, plain) = ("250-relay.example\r\n250 DSN", "250 relay.example");
    let tagged = || Composed { envelope_id: Some("abc123".to_owned()), ..mail() };
    assert_eq!(
        commands(offers, tagged()).await,
        "MAIL FROM:<portal@renkei.example> RET=HDRS ENVID=abc123 RCPT TO:<yamada@example.jp> NOTIFY=FAILURE,DELAY"
    );
    assert_eq!(commands(plain, tagged()).await, "MAIL FROM:<portal@renkei.example> RCPT TO:<yamada@example.jp>");
    let answer = Composed { return_path: None, ..mail() };
    assert_eq!(commands(offers, answer).await, "MAIL FROM:<> RCPT TO:<yamada@example.jp> NOTIFY=NEVER");
}

#[tokio::test]
async fn each_reply_ends_as_its_stage_says() {
    let deferred = |reply| HandOver::Deferred { reply: Some(reply) };
    let refused = |reply| HandOver::Refused { reply: Some(reply), status: None };
    let saying = |reply, status| HandOver::Refused { reply: Some(reply), status: EnhancedStatus::parse(status) };
    let fault = |reply| HandOver::RelayFault { reply: Some(reply) };
    let table = [
        (Script { greeting: Say("421 busy"), ..GOOD }, deferred(421)),
        (Script { greeting: Say("554 go away"), ..GOOD }, fault(554)),
        (Script { ehlo: Say("451 later"), ..GOOD }, deferred(451)),
        (Script { ehlo: Say("550 go away"), ..GOOD }, fault(550)),
        (Script { mail: Say("451 later"), ..GOOD }, deferred(451)),
        (Script { mail: Say("550 not you"), ..GOOD }, refused(550)),
        (Script { mail: Say("530 log in first"), ..GOOD }, fault(530)),
        (Script { rcpt: Say("450 later"), ..GOOD }, deferred(450)),
        (Script { rcpt: Say("550-no\r\n550 such user"), ..GOOD }, refused(550)),
        (Script { mail: Say("550 5.1.1 whoever you are"), ..GOOD }, refused(550)),
        (Script { rcpt: Say("550 5.1.1 no such user"), ..GOOD }, saying(550, "5.1.1")),
        (Script { rcpt: Say("550-5.2.1 this mailbox\r\n550 5.2.1 takes no mail"), ..GOOD }, saying(550, "5.2.1")),
        (Script { rcpt: Say("550 4.1.1 of another class"), ..GOOD }, refused(550)),
        (Script { rcpt: Say("251 will forward"), ..GOOD }, HandOver::Sent),
        (Script { data: Say("451 later"), ..GOOD }, deferred(451)),
        (Script { data: Say("554 no"), ..GOOD }, refused(554)),
        (Script { dot: Say("452 full"), ..GOOD }, deferred(452)),
        (Script { dot: Say("552 5.3.4 too big"), ..GOOD }, saying(552, "5.3.4")),
        (Script { dot: Say("535 log in first"), ..GOOD }, fault(535)),
    ];
    for (script, expected) in table {
        assert_eq!(outcome(script).await, expected);
        let pipelining = Script { ehlo: Say("250-relay.example\r\n250 PIPELINING"), ..script };
        if matches!(script.ehlo, Say("250 relay.example")) {
            assert_eq!(outcome(pipelining).await, expected, "with PIPELINING");
        }
    }
}

#[tokio::test]
async fn a_cut_or_silence_before_the_dot_waits_and_after_it_is_unknown() {
    let deferred = HandOver::Deferred { reply: None };
    let fault = HandOver::RelayFault { reply: None };
    for act in [Cut, Silence] {
        for script in [Script { greeting: act, ..GOOD }, Script { ehlo: act, ..GOOD }] {
            assert_eq!(outcome(script).await, fault, "it is not about the mail");
        }
        for script in [Script { mail: act, ..GOOD }, Script { rcpt: act, ..GOOD }, Script { data: act, ..GOOD }] {
            assert_eq!(outcome(script).await, deferred);
        }
        assert_eq!(outcome(Script { dot: act, ..GOOD }).await, HandOver::Unknown);
    }
}

#[tokio::test]
async fn a_mail_that_could_not_be_written_whole_was_not_taken() {
    // More than the socket buffers hold: the relay reads nothing, first in silence, then it closes.
    let big = Composed { bytes: [vec![b'x'; 900], b"\r\n".to_vec()].concat().repeat(16 << 10), ..mail() };
    for deaf_for in [Duration::from_secs(30), Duration::from_millis(50)] {
        let relay = Relay::start(Script { deaf_for: Some(deaf_for), ..GOOD }).await;
        assert_eq!(relay.smtp(|_| {}).send(&big).await, HandOver::Deferred { reply: None });
    }
}

#[tokio::test]
async fn nobody_listening_is_no_fault_of_the_mail() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let relay = Relay { port: listener.local_addr().unwrap().port(), seen: Arc::default() };
    drop(listener);
    assert_eq!(relay.smtp(|_| {}).send(&mail()).await, HandOver::RelayFault { reply: None });
}

#[tokio::test]
async fn a_burst_uses_one_connection_and_pipelining_keeps_it_in_step() {
    for ehlo in [Say("250 relay.example"), Say("250-relay.example\r\n250-SIZE 1000\r\n250 pipelining")] {
        let relay = Relay::start(Script { ehlo, ..GOOD }).await;
        let smtp = relay.smtp(|_| {});
        for _ in 0..5 {
            assert_eq!(smtp.send(&mail()).await, HandOver::Sent);
        }
        assert_eq!(relay.seen(|seen| (seen.connections, seen.mails.len())), (1, 5));
    }
}

#[tokio::test]
async fn many_at_once_use_no_more_connections_than_allowed() {
    let relay = Relay::start(GOOD).await;
    let smtp = Arc::new(relay.smtp(|config| config.connections = 2));
    let sending: Vec<_> = (0..20)
        .map(|_| {
            let smtp = Arc::clone(&smtp);
            tokio::spawn(async move { smtp.send(&mail()).await })
        })
        .collect();
    for each in sending {
        assert_eq!(each.await.unwrap(), HandOver::Sent);
    }
    assert_eq!(relay.seen(|seen| seen.mails.len()), 20);
    assert!(relay.seen(|seen| seen.connections) <= 2);
}

#[tokio::test]
async fn after_a_refusal_the_next_mail_begins_anew_on_the_same_connection() {
    let relay = Relay::start(Script { rcpt: Say("550 no such user"), ..GOOD }).await;
    let smtp = relay.smtp(|_| {});
    for _ in 0..2 {
        assert_eq!(smtp.send(&mail()).await, HandOver::Refused { reply: Some(550), status: None });
    }
    assert_eq!(relay.seen(|seen| seen.connections), 1);
    assert_eq!(relay.seen(|seen| seen.commands.iter().filter(|line| *line == "RSET").count()), 1);
}

#[tokio::test]
async fn a_relay_left_waiting_for_content_is_left_alone() {
    // It refuses the recipient and wants the mail all the same: to go on would be to send nobody an empty mail.
    let ehlo = Say("250-relay.example\r\n250 PIPELINING");
    let relay = Relay::start(Script { ehlo, rcpt: Say("550 no such user"), ..GOOD }).await;
    let smtp = relay.smtp(|_| {});
    for _ in 0..2 {
        assert_eq!(smtp.send(&mail()).await, HandOver::Refused { reply: Some(550), status: None });
    }
    assert_eq!(relay.seen(|seen| (seen.connections, seen.mails.len())), (2, 0));
}

#[tokio::test]
async fn a_connection_that_the_relay_closed_is_replaced() {
    let relay = Relay::start(Script { most: 1, ..GOOD }).await;
    let smtp = relay.smtp(|_| {});
    for _ in 0..3 {
        assert_eq!(smtp.send(&mail()).await, HandOver::Sent);
    }
    assert_eq!(relay.seen(|seen| (seen.connections, seen.mails.len())), (3, 3));
}

#[tokio::test]
async fn a_new_connection_that_is_closed_at_once_is_not_tried_for_ever() {
    let relay = Relay::start(Script { most: 0, ..GOOD }).await;
    assert_eq!(relay.smtp(|_| {}).send(&mail()).await, HandOver::Deferred { reply: Some(421) });
    assert_eq!(relay.seen(|seen| seen.connections), 1);
}

#[tokio::test]
async fn at_rest_no_connection_is_kept() {
    let relay = Relay::start(GOOD).await;
    let smtp = relay.smtp(|_| {});
    assert_eq!(smtp.send(&mail()).await, HandOver::Sent);
    smtp.rest().await;
    assert_eq!(smtp.send(&mail()).await, HandOver::Sent);
    assert_eq!(relay.seen(|seen| seen.connections), 2);
    assert!(relay.seen(|seen| seen.commands.contains(&"QUIT".to_owned())));
}

#[tokio::test]
async fn tls_from_the_first_byte_and_by_starttls() {
    let implicit = Script { tls: Protection::Implicit, ..GOOD };
    let starttls = Script { tls: Protection::Starttls, ehlo: Say("250-relay.example\r\n250 STARTTLS"), ..GOOD };
    for script in [implicit, starttls] {
        let relay = Relay::start(script).await;
        let smtp = relay.smtp(|config| config.tls = script.tls);
        assert_eq!(smtp.send(&mail()).await, HandOver::Sent);
        assert_eq!(smtp.send(&mail()).await, HandOver::Sent);
        assert_eq!(relay.seen(|seen| (seen.connections, seen.mails.len())), (1, 2));
    }
    let relay = Relay::start(starttls).await;
    assert_eq!(relay.smtp(|config| config.tls = Protection::Starttls).send(&mail()).await, HandOver::Sent);
    assert_eq!(
        relay.seen(|seen| seen.commands[..3].to_vec()),
        ["EHLO renkei.example", "STARTTLS", "EHLO renkei.example"]
    );
}

#[tokio::test]
async fn tls_that_fails_holds_the_queue_and_nothing_goes_out_in_plain() {
    let fault = HandOver::RelayFault { reply: None };
    let starttls = |config: &mut SmtpRelay| config.tls = Protection::Starttls;
    let none = Relay::start(GOOD).await;
    assert_eq!(none.smtp(starttls).send(&mail()).await, fault, "not offered");
    let offered = Say("250-relay.example\r\n250 STARTTLS");
    let injecting = Relay::start(Script { ehlo: offered, injected: "250 injected\r\n", ..GOOD }).await;
    assert_eq!(injecting.smtp(starttls).send(&mail()).await, fault, "data before the handshake");
    let stranger = Relay::start(Script { ehlo: offered, ..GOOD }).await;
    let trusting_another = |config: &mut SmtpRelay| {
        starttls(config);
        config.ca_file = Some(concat!(env!("CARGO_MANIFEST_DIR"), "/src/mail/testdata/relay.pem").into());
    };
    assert_eq!(stranger.smtp(trusting_another).send(&mail()).await, fault, "unknown issuer");
    let by_address = |config: &mut SmtpRelay| {
        starttls(config);
        config.host = "127.0.0.1".to_owned();
    };
    assert_eq!(stranger.smtp(by_address).send(&mail()).await, fault, "a name that is not in the certificate");
    for relay in [none, injecting, stranger] {
        assert!(relay.seen(|seen| !seen.commands.iter().any(|line| line.starts_with("MAIL")) && seen.mails.is_empty()));
    }
}

fn with_password(config: &mut SmtpRelay) -> tempfile::NamedTempFile {
    // tempfile makes its files 0600, as SecretFile wants them.
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "geheim\n").unwrap();
    config.user = Some("renkei".to_owned());
    config.password_file = Some(SecretFile::new(file.path()));
    file
}

#[tokio::test]
async fn a_login_by_plain_or_login() {
    for (offer, expected) in [
        ("250-relay.example\r\n250 AUTH LOGIN PLAIN", &["AUTH PLAIN AHJlbmtlaQBnZWhlaW0="][..]),
        ("250-relay.example\r\n250 AUTH=LOGIN", &["AUTH LOGIN", "cmVua2Vp", "Z2VoZWlt"]),
    ] {
        let relay = Relay::start(Script { ehlo: Say(offer), ..GOOD }).await;
        let mut file = None;
        let smtp = relay.smtp(|config| file = Some(with_password(config)));
        assert_eq!(smtp.send(&mail()).await, HandOver::Sent);
        let commands = relay.seen(|seen| seen.commands.clone());
        assert_eq!(&commands[1..=expected.len()], expected);
    }
}

#[tokio::test]
async fn a_login_that_fails_holds_the_queue() {
    let ehlo = Say("250-relay.example\r\n250 AUTH PLAIN");
    let rows = [
        (Script { ehlo, auth: Say("535 5.7.8 no"), ..GOOD }, HandOver::RelayFault { reply: Some(535) }),
        (Script { ehlo, auth: Say("454 later"), ..GOOD }, HandOver::Deferred { reply: Some(454) }),
        (Script { ehlo, auth: Cut, ..GOOD }, HandOver::RelayFault { reply: None }),
        (GOOD, HandOver::RelayFault { reply: None }),
    ];
    for (script, expected) in rows {
        let relay = Relay::start(script).await;
        let mut file = None;
        let smtp = relay.smtp(|config| file = Some(with_password(config)));
        assert_eq!(smtp.send(&mail()).await, expected);
    }
    let relay = Relay::start(Script { ehlo, ..GOOD }).await;
    let smtp = relay.smtp(|config| drop(with_password(config)));
    assert_eq!(smtp.send(&mail()).await, HandOver::RelayFault { reply: None }, "the password's file is gone");
}

#[tokio::test]
async fn a_probe_opens_and_sends_nothing() {
    let relay = Relay::start(GOOD).await;
    assert!(relay.smtp(|_| {}).probe().await.is_ok());
    assert!(relay.seen(|seen| seen.mails.is_empty()));
    let closed = Relay::start(Script { greeting: Say("554 no yamada@example.jp here"), ..GOOD }).await;
    let error = closed.smtp(|_| {}).probe().await.unwrap_err().to_string();
    assert!(error.contains("554") && !error.contains("yamada"), "{error}");
}

/// lettre's own pool, without TCP_NODELAY, needs some 40 ms a mail here.
#[tokio::test]
async fn a_burst_does_not_wait_for_delayed_acknowledgements() {
    let relay = Relay::start(GOOD).await;
    let smtp = relay.smtp(|_| {});
    let begun = tokio::time::Instant::now();
    for _ in 0..100 {
        assert_eq!(smtp.send(&mail()).await, HandOver::Sent);
    }
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}
