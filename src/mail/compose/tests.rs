use super::*;
use crate::domain::locale::Locale;
use crate::domain::text;
use crate::mail::letters::RequestNotice;
use mail_parser::{Message, MessageParser};
use proptest::prelude::*;

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn composer() -> Composer {
    let sender = Sender {
        reply_to: Some(address("support@renkei.example")),
        ..Sender::new(address("portal@renkei.example"), "0120-000-000")
    };
    Composer::new(sender, None)
}

fn compose(letter: &Letter, in_reply_to: Option<&str>) -> Composed {
    let to = address("yamada@example.jp");
    let date = Timestamp::from_millis(1_795_400_041_000);
    composer()
        .compose(letter, Addressing { to: &to, message_id: "01@renkei.example", date, in_reply_to, report_token: None })
        .unwrap()
}

fn parsed(mail: &Composed) -> Message<'_> {
    MessageParser::new().parse(&mail.bytes).unwrap()
}

fn header<'a>(mail: &'a Composed, name: &str) -> Vec<&'a str> {
    let text = std::str::from_utf8(&mail.bytes).unwrap();
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    let prefix = format!("{name}: ");
    head.split("\r\n").filter_map(|line| line.strip_prefix(prefix.as_str())).collect()
}

/// RFC 5321 §4.5.2 and §4.5.3.1.6, RFC 2045 §2.7: 7-bit, CRLF only, short lines, no line that begins with a dot, and
/// nothing that could end DATA (T16).
fn assert_sound(mail: &Composed) {
    let text = std::str::from_utf8(&mail.bytes).unwrap();
    assert!(text.is_ascii() && text.ends_with("\r\n"));
    for line in text.split("\r\n") {
        assert!(line.len() <= 998 && !line.contains(['\r', '\n', '\0']) && !line.starts_with('.'), "{line:?}");
    }
}

#[test]
fn every_letter_becomes_a_sound_mail() {
    for locale in [Locale::Ja, Locale::En] {
        for letter in Letter::samples(locale) {
            let mail = compose(&letter, Some("<firm-1@tanaka.example>"));
            assert_sound(&mail);
            let rendered = letter.render(composer().sender()).unwrap();
            let message = parsed(&mail);
            assert_eq!(message.subject(), Some(rendered.subject.as_str()));
            assert_eq!(message.body_text(0).unwrap().replace("\r\n", "\n"), rendered.text);
            assert_eq!(message.body_html(0).unwrap().replace("\r\n", "\n"), rendered.html);
            assert_eq!(message.message_id(), Some("01@renkei.example"));
            assert_eq!(message.date().unwrap().to_timestamp(), 1_795_400_041);
            assert_eq!(header(&mail, "Content-Language"), [locale.tag()]);
            let own = letter.reply_to().map_or("support@renkei.example".to_owned(), EmailAddress::to_text);
            assert_eq!(header(&mail, "Reply-To"), [own.as_str()]);
            assert_eq!(header(&mail, "X-Auto-Response-Suppress"), ["All"]);
            assert_eq!(header(&mail, "X-Renkei-Loop"), ["renkei.example"]);
        }
    }
}

#[test]
fn an_answer_is_marked_and_cannot_be_answered() {
    for letter in Letter::samples(Locale::Ja) {
        let mail = compose(&letter, Some("firm-1@tanaka.example"));
        if letter.kind().is_reply() {
            assert_eq!(mail.return_path, None);
            assert_eq!(header(&mail, "Auto-Submitted"), ["auto-replied"]);
        } else {
            assert_eq!(mail.return_path, Some(address("portal@renkei.example")));
            assert_eq!(header(&mail, "Auto-Submitted"), ["auto-generated"]);
        }
        assert_eq!(header(&mail, "In-Reply-To"), ["<firm-1@tanaka.example>"]);
        assert_eq!(header(&mail, "References"), ["<firm-1@tanaka.example>"]);
    }
}

#[test]
fn the_return_path_is_a_setting() {
    let sender = Sender { return_path: Some(address("bounces@renkei.example")), ..composer().sender().clone() };
    let to = address("yamada@example.jp");
    let how = Addressing {
        to: &to,
        message_id: "<a@b>",
        date: Timestamp::from_millis(0),
        in_reply_to: None,
        report_token: None,
    };
    let mail =
        Composer::new(sender, None).compose(&Letter::RequestNotice(RequestNotice::sample(Locale::Ja)), how).unwrap();
    assert_eq!(mail.return_path, Some(address("bounces@renkei.example")));
}

#[test]
fn composing_again_gives_the_same_bytes() {
    let letter = Letter::RequestNotice(RequestNotice::sample(Locale::Ja));
    assert_eq!(compose(&letter, None), compose(&letter, None));
}

#[test]
fn a_strangers_identifier_cannot_do_harm() {
    let letter = Letter::samples(Locale::Ja).pop().unwrap();
    for bad in ["x>\r\nBcc: y@evil.example\r\nX: <a@b", "", "no identifier", &format!("<{}@b>", "a".repeat(2_000))] {
        let mail = compose(&letter, Some(bad));
        assert_sound(&mail);
        assert!(header(&mail, "In-Reply-To").is_empty() && header(&mail, "Bcc").is_empty(), "{bad}");
    }
}

#[test]
fn our_own_identifier_must_be_one() {
    let letter = Letter::samples(Locale::Ja).remove(0);
    let to = address("yamada@example.jp");
    let how = Addressing {
        to: &to,
        message_id: "a\r\nb@c",
        date: Timestamp::from_millis(0),
        in_reply_to: None,
        report_token: None,
    };
    assert!(matches!(composer().compose(&letter, how), Err(ComposeError::MessageId)));
}

#[test]
fn nothing_of_a_mail_shows_in_debug() {
    let letter = Letter::RequestNotice(RequestNotice::sample(Locale::Ja));
    let shown = format!("{:?} {letter:?}", compose(&letter, None));
    assert!(!shown.contains("yamada") && !shown.contains("portal.example") && !shown.contains("山田"), "{shown}");
}

fn names(mail: &Composed) -> Vec<String> {
    parsed(mail).headers().iter().map(|header| header.name().to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// T13: whatever a firm is called or writes, the mail has the fields it has, and they say what was put in.
    #[test]
    fn no_text_reaches_the_header(
        name in "\\PC{0,60}|(\r|\n|\r\n|Bcc: x@evil.example|Subject: |\0|=\\?UTF-8\\?B\\?|あ| |\u{202E}){0,12}",
        message in "(\r\n\\.\r\n|\n\\.\n|\r\\.\r|\n\\.\r\n|\r\\.\r\n|\r\n\\.\r|\r\n\\.\n|\n\\.\r|\r\\.\n|a|\0){0,12}",
    ) {
        let mut letter = RequestNotice::sample(Locale::Ja);
        letter.about.firm.name.clone_from(&name);
        letter.about.client_name = Some(name.clone());
        letter.about.message = message;
        let letter = Letter::RequestNotice(letter);
        let mail = compose(&letter, None);
        assert_sound(&mail);
        let plain = compose(&Letter::RequestNotice(RequestNotice::sample(Locale::Ja)), None);
        prop_assert_eq!(names(&mail), names(&plain));
        let message = parsed(&mail);
        let subject = letter.render(composer().sender()).unwrap().subject;
        prop_assert_eq!(message.subject().unwrap(), text::one_line(&subject));
        let from = message.from().unwrap().first().unwrap();
        prop_assert_eq!(from.address(), Some("portal@renkei.example"));
        prop_assert_eq!(from.name(), Some("弥生マイポータル"));
        let to = message.to().unwrap().first().unwrap();
        prop_assert_eq!(to.address(), Some("yamada@example.jp"));
        prop_assert_eq!(message.parts.len(), 3);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    /// T13: whatever stands in a name, a message or a field, the mail that is read back has the same header.
    #[test]
    fn the_header_is_the_same_whatever_a_firm_wrote(
        text in "\\PC{0,60}|(\r|\n|\r\n|: |Bcc: x@evil\\.example|Subject: x|\\.\r\n|=\\?|\\?=|\0|\u{2028}|\u{202e}|<|>|\"|山){0,16}",
        which in 0..6_usize,
    ) {
        let mut notice = RequestNotice::sample(Locale::Ja);
        match which {
            0 => notice.about.firm.name.clone_from(&text),
            1 => notice.about.client_name = Some(text.clone()),
            2 => notice.about.contact_name = Some(text.clone()),
            3 => notice.about.message.clone_from(&text),
            4 => notice.about.firm.telephone.clone_from(&text),
            _ => notice.about.firm.postal_address.clone_from(&text),
        }
        let plain = compose(&Letter::RequestNotice(RequestNotice::sample(Locale::Ja)), Some("a@b"));
        let mail = compose(&Letter::RequestNotice(notice), Some("a@b"));
        prop_assert_eq!(names(&mail), names(&plain));
        let read = parsed(&mail);
        prop_assert_eq!(read.from().and_then(|from| from.first()).and_then(|from| from.address()), Some("portal@renkei.example"));
        prop_assert_eq!(read.to().and_then(|to| to.first()).and_then(|to| to.address()), Some("yamada@example.jp"));
        if which == 0 {
            let name = text::one_line(&text);
            let subject = read.subject().unwrap_or_default();
            prop_assert!(subject.contains("様より弥生製品の契約情報取得が申請されています"), "{} {}", name, subject);
        }
        let lines = std::str::from_utf8(&mail.bytes).unwrap();
        prop_assert!(!lines.contains("\n.") && lines.split("\r\n").all(|line| !line.contains(['\r', '\n'])));
    }
}

#[test]
fn a_report_comes_back_to_a_tagged_address_and_an_answer_s_to_none() {
    let to = address("yamada@example.jp");
    let date = Timestamp::from_millis(0);
    let token = "abcdefghijklmnopqrstuvwxyz234567abcdefghij";
    let how = Addressing { to: &to, message_id: "1@b", date, in_reply_to: None, report_token: Some(token) };
    let sender = |delimiter| Sender {
        return_path: Some(address("bounce@renkei.example")),
        return_path_delimiter: delimiter,
        ..Sender::new(address("portal@renkei.example"), "x")
    };
    let notice = Letter::RequestNotice(RequestNotice::sample(Locale::Ja));
    let composed = |delimiter, letter: &Letter| Composer::new(sender(delimiter), None).compose(letter, how).unwrap();
    let path = |mail: &Composed| mail.return_path.as_ref().map(EmailAddress::to_text);
    let mail = composed(Some('+'), &notice);
    assert_eq!(path(&mail), Some(format!("bounce+{token}@renkei.example")));
    assert_eq!(mail.envelope_id.as_deref(), Some(token));
    assert_eq!(path(&composed(None, &notice)).as_deref(), Some("bounce@renkei.example"));
    let answer = Letter::FormRefused(crate::mail::letters::FormRefused::sample(Locale::Ja));
    let mail = composed(Some('+'), &answer);
    assert_eq!((path(&mail), mail.envelope_id), (None, None));
}
