//! What a person answers to a letter of ours goes on to who answers questions, once and sealed on its way, and to nobody else.

use mail_parser::MessageParser;
use renkei::domain::firm_request::State;
use renkei::domain::inbound::Locator;
use renkei::domain::locale::Locale;
use renkei::domain::outbound::{HandOver, LetterKind, OutboundMail};
use renkei::flows::quarantine;
use renkei::flows::receive_request::Seen;
use renkei::flows::replies::Desk;

use super::house::{House, OFFICE, Read};
use super::sample;

on_both_databases![
    a_reply_is_sent_on_and_an_answer_to_it_goes_to_who_wrote_it,
    its_words_are_sealed_until_they_leave_and_after,
    a_reply_that_the_relay_defers_leaves_later_as_it_was,
    without_a_contact_address_a_reply_is_only_shown,
    what_a_program_wrote_is_not_sent_on,
    what_who_answers_questions_writes_is_not_sent_on,
    the_same_reply_is_sent_on_once_whichever_way_it_comes,
    a_person_cannot_flood_the_contact_address,
    a_quoted_link_goes_to_nobody_else,
    a_quoted_code_goes_to_nobody_else,
    a_firms_question_is_sent_on_too,
    a_reply_to_no_letter_of_ours_is_not_sent_on,
];

const CUSTOMER: &str = "yamada@example.jp";
const CONTACT: &str = "support@example.jp";
const WORDS: &str = "パスワードを忘れました。";

/// Somebody answers questions.
fn open_desk(house: &House) {
    house.desk.set(Desk { address: sample::address(CONTACT), locale: Locale::Ja }).unwrap();
}

/// The request mail that left.
async fn notice(house: &House, customer: &str, number: i64) -> OutboundMail {
    house.ask(customer).await;
    house.letters().await;
    let mut mails = house.mails_about(number).await.into_iter();
    mails.find(|mail| mail.kind == LetterKind::RequestNotice).unwrap()
}

/// What a mail program writes when a person presses 返信; `more` are further header lines.
fn reply(from: &str, message_id: &str, more: &str, words: &str) -> Vec<u8> {
    format!(
        "From: {from}\r\nTo: noreply@renkei.example\r\nDate: Fri, 3 Jul 2026 09:00:00 +0900\r\nSubject: Re: shinsei\r\n\
         Message-ID: <1@example.jp>\r\nIn-Reply-To: <{message_id}>\r\nReferences: <{message_id}>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n{more}\r\n{words}\r\n"
    )
    .into_bytes()
}

/// What is noted about the newest mail.
async fn noted(house: &House) -> String {
    let rows = house.rows("SELECT reasons FROM inbound_message ORDER BY CAST(uid AS BIGINT) DESC").await;
    rows[0]["reasons"].clone()
}

fn only(letters: &[Read]) -> &Read {
    assert_eq!(letters.len(), 1, "{letters:?}");
    &letters[0]
}

async fn a_reply_is_sent_on_and_an_answer_to_it_goes_to_who_wrote_it(house: &House) {
    open_desk(house);
    let mail = notice(house, CUSTOMER, 1).await;
    let words = format!("{WORDS}\r\n\r\nhttps://www.example.jp/q?a=1 を見ました。");
    let received = house.receive(&[reply(CUSTOMER, &mail.message_id, "", &words)]).await;
    assert_eq!((received.quarantined, received.letters), (1, 1));
    assert_eq!(house.request(1).await.state, State::Pending, "nothing was decided");
    let shown = quarantine::list(&house.context, None, 9).await.unwrap();
    let reasons = ["a person answers our request_notice about request 1", "sent on to the contact address"];
    assert_eq!(shown[0].reasons, reasons);

    let letters = house.letters().await;
    let letter = only(&letters);
    assert_eq!(letter.to, CONTACT);
    assert_eq!(letter.subject, "【弥生】お送りしたメールに返信がありました（申請番号 1）");
    let id = shown[0].id.as_str();
    for needed in [WORDS, "https://www.example.jp/q?a=1 を見ました。", "差出人：yamada@example.jp", "Re: shinsei", id]
    {
        assert!(letter.text.contains(needed) && letter.html.contains(needed), "{needed} in {}", letter.text);
    }
    assert!(letter.text.contains(&format!("｜ {WORDS}\n｜ \n｜ https")) && !letter.text.contains("別のアドレス"));
    assert!(!letter.html.contains("<a "), "a link stays text");

    let sent = house.outbox.sent().pop().unwrap();
    let parsed = MessageParser::default().parse(&sent.bytes).unwrap();
    let first =
        |address: Option<&mail_parser::Address<'_>>| address.and_then(|it| it.first()?.address().map(str::to_owned));
    assert_eq!(first(parsed.from()).as_deref(), Some("noreply@renkei.example"));
    assert_eq!(first(parsed.reply_to()).as_deref(), Some(CUSTOMER));
    assert_eq!(parsed.header_raw("Auto-Submitted").unwrap().trim(), "auto-generated");
    assert_eq!(parsed.in_reply_to().as_text(), Some("1@example.jp"));
    assert!(house.letters().await.is_empty(), "and nobody else hears of it");
}

async fn its_words_are_sealed_until_they_leave_and_after(house: &House) {
    open_desk(house);
    let mail = notice(house, CUSTOMER, 1).await;
    house.receive(&[reply("hanako@example.com", &mail.message_id, "", WORDS)]).await;
    for _ in 0..2 {
        let everything = format!("{:?}", house.everything().await);
        assert!(everything.contains(CONTACT), "the search finds what is there");
        for secret in [WORDS, "hanako", "shinsei"] {
            assert!(!everything.contains(secret), "{secret}");
        }
        house.deliver().await;
    }
    let letters = house.letters_left();
    assert!(only(&letters).text.contains(WORDS));
    for needed in
        ["差出人：hanako@example.com", "メールをお送りしたのは yamada@example.jp です。別のアドレスからの返信"]
    {
        assert!(letters[0].text.contains(needed), "{needed}");
    }
}

async fn a_reply_that_the_relay_defers_leaves_later_as_it_was(house: &House) {
    open_desk(house);
    let mail = notice(house, CUSTOMER, 1).await;
    house.receive(&[reply(CUSTOMER, &mail.message_id, "", WORDS)]).await;
    house.outbox.arrange([HandOver::Deferred { reply: Some(451) }]);
    assert!(house.letters().await.is_empty());
    house.pass_seconds(60);
    assert!(only(&house.letters().await).text.contains(WORDS));
}

async fn without_a_contact_address_a_reply_is_only_shown(house: &House) {
    let mail = notice(house, CUSTOMER, 1).await;
    let received = house.receive(&[reply(CUSTOMER, &mail.message_id, "", WORDS)]).await;
    assert_eq!((received.quarantined, received.letters), (1, 0));
    let shown = quarantine::list(&house.context, None, 9).await.unwrap();
    assert_eq!(shown[0].reasons, ["a person answers our request_notice about request 1"]);
}

async fn what_a_program_wrote_is_not_sent_on(house: &House) {
    open_desk(house);
    let mail = notice(house, CUSTOMER, 1).await;
    let automatic = [
        "Auto-Submitted: auto-replied\r\n",
        "Return-Path: <>\r\n",
        "Precedence: bulk\r\n",
        "List-Id: <x.example.jp>\r\n",
        "X-Renkei-Loop: renkei.example\r\n",
    ];
    let mut mails: Vec<_> = automatic.iter().map(|more| reply(CUSTOMER, &mail.message_id, more, WORDS)).collect();
    mails.push(reply("MAILER-DAEMON@example.jp", &mail.message_id, "", WORDS));
    let received = house.receive(&mails).await;
    assert_eq!((received.quarantined, received.letters), (0, 0));
    // Mailers that say in the subject alone that they are away.
    let away = String::from_utf8(reply(CUSTOMER, &mail.message_id, "", "I am away.")).unwrap();
    let away = away.replace("Subject: Re: shinsei", "Subject: Automatic reply: shinsei").into_bytes();
    assert_eq!(house.receive(&[away]).await.letters, 0);
    assert!(noted(house).await.contains("not sent on: its subject is that of an automatic answer"));
    let report = String::from_utf8(reply(CUSTOMER, &mail.message_id, "", "--b--")).unwrap();
    let report =
        report.replace("text/plain; charset=utf-8", "multipart/report; report-type=delivery-status; boundary=b");
    house.receive(&[report.into_bytes()]).await;
    assert!(house.letters().await.iter().all(|letter| letter.to == OFFICE), "it fails, and its firm is told");
}

async fn what_who_answers_questions_writes_is_not_sent_on(house: &House) {
    open_desk(house);
    let mail = notice(house, CUSTOMER, 1).await;
    house.receive(&[reply(CUSTOMER, &mail.message_id, "", WORDS)]).await;
    let sent_on = only(&house.letters().await).message_id.clone();
    for (from, answered, why) in [
        (CONTACT, &sent_on, "it comes from the contact address"),
        (CONTACT, &mail.message_id, "it comes from the contact address"),
        ("taro@example.com", &sent_on, "it answers a reply that was sent on"),
        ("anybody@renkei.example", &mail.message_id, "it comes from our own domain"),
    ] {
        let received = house.receive(&[reply(from, answered, "", "お答えします。")]).await;
        assert_eq!((received.quarantined, received.letters), (1, 0), "{why}");
        assert!(noted(house).await.contains(&format!("not sent on: {why}")), "{}", noted(house).await);
    }
}

async fn the_same_reply_is_sent_on_once_whichever_way_it_comes(house: &House) {
    open_desk(house);
    let mail = notice(house, CUSTOMER, 1).await;
    let one = reply(CUSTOMER, &mail.message_id, "", WORDS);
    assert_eq!(house.receive(&[one.clone(), one.clone()]).await.letters, 1, "in one window");
    house.pass(2);
    assert_eq!(house.receive(std::slice::from_ref(&one)).await.letters, 0, "in another one");
    assert!(noted(house).await.contains("not sent on: it was sent on before"));
    for shown in quarantine::list(&house.context, None, 9).await.unwrap() {
        quarantine::released(&house.context, &shown).await.unwrap();
    }
    let again = Seen {
        at: Locator { uidvalidity: 2, uid: "1".to_owned() },
        size: one.len() as u64,
        arrived_at: house.now(),
        raw: Some(one),
    };
    assert_eq!(house.receive_seen(vec![again]).await.unwrap().letters, 0, "released, and numbered anew");
    assert_eq!(house.letters().await.len(), 1);
}

async fn a_person_cannot_flood_the_contact_address(house: &House) {
    open_desk(house);
    let mail = notice(house, CUSTOMER, 1).await;
    let other = notice(house, "sato@example.jp", 2).await;
    let many = |from: u32| (from..from + 7).map(|n| format!("x{n}@evil.example"));
    let flood = |from| many(from).map(|from| reply(&from, &mail.message_id, "", WORDS)).collect::<Vec<_>>();
    assert_eq!(house.receive(&flood(0)).await.letters, 7);
    assert_eq!(house.receive(&flood(7)).await.letters, 3, "whatever it says that it is from");
    assert!(noted(house).await.contains("not sent on: the replies of this person for this day are spent"));
    assert_eq!(house.receive(&[reply("sato@example.jp", &other.message_id, "", WORDS)]).await.letters, 1);
    house.pass(1);
    assert_eq!(house.receive(&flood(20)).await.letters, 7, "a day later");
    assert!(house.letters().await.iter().all(|letter| letter.to == CONTACT));
}

async fn a_quoted_link_goes_to_nobody_else(house: &House) {
    open_desk(house);
    house.ask(CUSTOMER).await;
    let letters = house.letters().await;
    let m1 = letters.iter().find(|letter| letter.to == CUSTOMER).unwrap();
    let token = m1.token().unwrap();
    let quoted = m1.text.lines().map(|line| format!("> {line}\r\n")).collect::<Vec<_>>().concat();
    house.receive(&[reply(CUSTOMER, &m1.message_id, "", &format!("{WORDS}\r\n\r\n{quoted}"))]).await;
    let letters = house.letters().await;
    let letter = only(&letters);
    assert!(letter.text.contains(WORDS) && letter.text.contains("｜ > ") && letter.text.contains("/r/［…］"));
    assert!(!letter.text.contains(&token) && !letter.html.contains(&token));
}

async fn a_quoted_code_goes_to_nobody_else(house: &House) {
    open_desk(house);
    house.register("sato@example.jp").await;
    let letters = house.letters().await;
    let (letter, code) = letters.iter().find_map(|letter| Some((letter, letter.code()?))).unwrap();
    let words = format!("{} は何の番号ですか。03-1234-5678", code.to_text());
    house.receive(&[reply("sato@example.jp", &letter.message_id, "", &words)]).await;
    let letters = house.letters().await;
    assert!(only(&letters).text.contains("｜ ［…］ は何の番号ですか。03-1234-5678"), "{}", letters[0].text);
    assert_eq!(letters[0].subject, "【弥生】お送りしたメールに返信がありました");
}

async fn a_firms_question_is_sent_on_too(house: &House) {
    open_desk(house);
    house.ask(CUSTOMER).await;
    let receipt = house.letters().await.into_iter().find(|letter| letter.to == OFFICE).unwrap();
    let question = house.mail("x").without_field("顧問先メールアドレス").without_message();
    let question = question.header("In-Reply-To", &format!("<{}>", receipt.message_id));
    assert_eq!(house.receive(&[question.signed(&house.key)]).await.letters, 1);
    let letters = house.letters().await;
    assert!(only(&letters).to == CONTACT && letters[0].text.contains(&format!("差出人：{OFFICE}")));
}

async fn a_reply_to_no_letter_of_ours_is_not_sent_on(house: &House) {
    open_desk(house);
    let unknown = "deadbeefdeadbeefdeadbeefdeadbeef@renkei.example";
    let received = house.receive(&[reply(CUSTOMER, unknown, "", WORDS)]).await;
    assert_eq!((received.quarantined, received.letters), (1, 0));
    assert!(noted(house).await.contains("a person answers a mail that is not known"));
}
