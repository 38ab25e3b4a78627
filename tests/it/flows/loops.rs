//! Two renkei and responders of the worst kind wired to one another: nobody is answered twice (threat T18).

use mail_parser::MessageParser;
use renkei::clock::Clock;
use renkei::domain::time::hours;
use renkei::flows::firms;
use renkei::mail::Composed;

use super::house::{House, OFFICE};
use super::sample;
use crate::support::firm_key::FirmKey;

const CUSTOMER: &str = "yamada@example.jp";

/// What a responder knows of the mail that it answers.
struct Letter {
    to: String,
    message_id: String,
    bytes: Vec<u8>,
}

fn letter(mail: &Composed) -> Letter {
    let parsed = MessageParser::default().parse(&mail.bytes).unwrap();
    Letter { to: mail.to.to_text(), message_id: parsed.message_id().unwrap().to_owned(), bytes: mail.bytes.clone() }
}

/// A vacation notice that knows no rule but to answer whatever comes, each time; `marks` are the fields that it sets.
fn vacation(from: &str, to: &str, letter: &Letter, hour: u32, marks: &str) -> Vec<u8> {
    format!(
        "{marks}From: {from}\r\nTo: {to}\r\nSubject: Re: away\r\nDate: {}\r\nMessage-ID: <{hour}.{}>\r\n\
         In-Reply-To: <{}>\r\n\r\nI am away until Monday.\r\n",
        Clock::System.now().utc().to_rfc2822(),
        letter.message_id.replace('@', "."),
        letter.message_id
    )
    .into_bytes()
}

/// The letters that left a house since they were last asked for.
async fn letters(house: &House, before: &mut usize) -> Vec<Letter> {
    house.deliver().await;
    let sent = house.outbox.sent();
    let new = sent[*before..].iter().map(letter).collect();
    *before = sent.len();
    new
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_renkei_and_vacation_responders_answer_each_once_in_a_day() {
    for marks in ["Auto-Submitted: auto-replied\r\n", "Precedence: bulk\r\n", "Return-Path: <>\r\n", ""] {
        let (one, other) = (House::on_sqlite().await, House::of("other.example").await);
        // each is registered at the other as a firm, with a key that signs whatever it sends
        let keys = [FirmKey::ed25519("renkei.example"), FirmKey::ed25519("other.example")];
        for (house, key, domain, number) in
            [(&one, &keys[1], "other.example", "9001"), (&other, &keys[0], "renkei.example", "9002")]
        {
            let mut firm = sample::firm(&house.context, number, domain, Some(key.pinned()));
            firm.senders = vec![sample::address(&format!("noreply@{domain}"))];
            firm.notify_address = firm.senders[0].clone();
            firms::add(&house.context, &firm).await.unwrap();
        }
        one.ask(CUSTOMER).await;
        // a mail in the other's name that is no form: the worst that a firm's program can send
        let nonsense = format!(
            "From: noreply@other.example\r\nTo: x@renkei.example\r\nSubject: hello\r\nDate: {}\r\nMessage-ID: <1@third.example>\r\n\r\nhello\r\n",
            Clock::System.now().utc().to_rfc2822()
        );
        one.receive(&[keys[1].sign(nonsense.as_bytes())]).await;
        let (mut seen_one, mut seen_other) = (0, 0);
        let mut answers = 0;
        for hour in 0..24 {
            for letter in letters(&one, &mut seen_one).await {
                match letter.to.as_str() {
                    CUSTOMER => {
                        one.receive(&[vacation(CUSTOMER, "noreply@renkei.example", &letter, hour, marks)]).await;
                    }
                    OFFICE => {
                        answers += 1;
                        let away = vacation(OFFICE, "noreply@renkei.example", &letter, hour, marks);
                        one.receive(&[one.key.sign(&away)]).await;
                    }
                    _ => {
                        answers += 1;
                        other.receive(&[keys[0].sign(&letter.bytes)]).await;
                    }
                }
            }
            for letter in letters(&other, &mut seen_other).await {
                answers += 1;
                one.receive(&[keys[1].sign(&letter.bytes)]).await;
            }
            for house in [&one, &other] {
                house.context.clock.advance(hours(1));
            }
        }
        assert_eq!(answers, 2, "the receipt and the refusal, and nothing upon them ({marks:?})");
        assert_eq!(other.outbox.sent().len(), 0, "{marks:?}");
        one.leave().await;
        other.leave().await;
    }
}
