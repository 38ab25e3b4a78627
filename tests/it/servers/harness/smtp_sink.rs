use std::time::{Duration, Instant};

use crate::support::line_client::LineClient;
use crate::support::process;
use crate::support::smtp_sink::{Fault, SmtpSink};

const LIMIT: Duration = Duration::from_secs(10);

fn greet(sink: &SmtpSink) -> LineClient {
    let mut client = LineClient::connect(sink.port());
    client.reply();
    client.ask("EHLO localhost");
    client
}

#[test]
fn what_is_sent_is_read_back() {
    let sink = SmtpSink::start();
    let mut client = greet(&sink);
    assert!(client.mail("a@example.net", "b@example.net", b"Subject: x\r\n\r\n.y\r\n\r\n").starts_with("250"));
    client.ask("MAIL FROM:<> RET=HDRS");
    client.ask("RCPT TO:<c@example.net> NOTIFY=FAILURE");
    client.ask("RCPT TO:<d@example.net>");
    client.ask("DATA");
    client.send("Subject: unfinished\r\n");
    assert_eq!(sink.mails().len(), 1);
    client.send("\r\n.\r\n");
    let mails = sink.wait_for(2, LIMIT);
    assert_eq!((mails[0].from.as_str(), mails[0].to.join(",").as_str()), ("a@example.net", "b@example.net"));
    assert_eq!(mails[0].text(), "Subject: x\n\n.y\n\n");
    assert_eq!((mails[1].from.as_str(), mails[1].parameters.as_str()), ("", "RET=HDRS"));
    assert_eq!(mails[1].to, ["c@example.net", "d@example.net"]);
}

#[test]
fn a_mail_that_was_cut_off_is_none() {
    let sink = SmtpSink::start();
    let mut cut = greet(&sink);
    for line in ["MAIL FROM:<a@example.net>", "RCPT TO:<b@example.net>", "DATA", "Subject: cut"] {
        cut.send(format!("{line}\r\n"));
    }
    drop(cut);
    assert!(greet(&sink).mail("a@example.net", "c@example.net", b"Subject: whole\r\n\r\n").starts_with("250"));
    let mails = sink.wait_for(1, LIMIT);
    assert_eq!((mails.len(), mails[0].to[0].as_str()), (1, "c@example.net"));
}

#[test]
fn it_misbehaves_as_told() {
    let soft = SmtpSink::with(&[Fault::Soft("RCPT")]);
    let mut client = greet(&soft);
    client.ask("MAIL FROM:<a@example.net>");
    assert!(client.ask("RCPT TO:<b@example.net>").starts_with("450"));

    let hard = SmtpSink::with(&[Fault::HardReply(".", "550 5.1.1 nobody here")]);
    assert_eq!(greet(&hard).mail("a@example.net", "b@example.net", b"\r\n"), "550 5.1.1 nobody here");
    assert_eq!(hard.wait_for(1, LIMIT).len(), 1);

    let rude = SmtpSink::with(&[Fault::HangUp("DATA")]);
    assert_eq!(greet(&rude).ask("DATA"), "");

    let busy = SmtpSink::with(&[Fault::Goodbye("MAIL")]);
    assert!(greet(&busy).ask("MAIL FROM:<a@example.net>").starts_with("421"));

    let slow = SmtpSink::with(&[Fault::Wait("MAIL", 1)]);
    let mut client = greet(&slow);
    let begin = Instant::now();
    assert!(client.ask("MAIL FROM:<a@example.net>").starts_with("250"));
    assert!(begin.elapsed() >= Duration::from_millis(900));
}

#[test]
fn it_comes_back_with_its_mails_and_is_gone_after_drop() {
    let mut sink = SmtpSink::start();
    greet(&sink).mail("a@example.net", "b@example.net", b"Subject: before\r\n\r\n");
    sink.kill();
    assert!(!crate::support::port::answers(sink.port()));
    sink.restart();
    greet(&sink).mail("a@example.net", "b@example.net", b"Subject: after\r\n\r\n");
    let subjects: Vec<_> = sink.wait_for(2, LIMIT).iter().map(|mail| mail.text().trim().to_owned()).collect();
    assert_eq!(subjects, ["Subject: before", "Subject: after"]);
    let (port, group) = (sink.port(), sink.id());
    drop(sink);
    assert!(process::group(group).is_empty());
    assert!(!crate::support::port::answers(port));
}
