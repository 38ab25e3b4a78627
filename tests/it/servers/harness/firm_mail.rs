use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_parser::MessageParser;
use renkei::domain::time::Timestamp;

use crate::support::firm_key::{FirmKey, Signing};
use crate::support::firm_mail::{Charset, FirmMail};

mod verify;

const FROM: &str = "office@aozora.example";

fn mail(charset: Charset) -> FirmMail {
    FirmMail::new(FROM, "yamada@example.jp")
        .charset(charset)
        .firm_number("1001")
        .client_name("株式会社山田商店")
        .message("一行目\n二行目")
        .date(Timestamp::from_millis(1_764_000_000_000))
}

#[test]
fn a_parser_reads_what_was_written() {
    for charset in [Charset::Utf8, Charset::Iso2022Jp] {
        let mail = mail(charset).header("Subject", &"契約情報取得の申請".repeat(5));
        let bytes = mail.unsigned();
        assert!(bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 77), "{charset:?}");
        let parsed = MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(parsed.subject().unwrap(), "契約情報取得の申請".repeat(5));
        let from = parsed.from().unwrap().first().unwrap();
        assert_eq!((from.name().unwrap(), from.address().unwrap()), ("青空会計事務所", FROM));
        assert_eq!(parsed.date().unwrap().to_timestamp(), 1_764_000_000);
        let text = parsed.body_text(0).unwrap().replace("\r\n", "\n");
        assert_eq!(text, mail.text());
        assert!(text.contains("顧問先名: 株式会社山田商店\n") && text.contains("メッセージ:\n一行目\n二行目\n"));
    }
    let iso = mail(Charset::Iso2022Jp).unsigned();
    assert!(iso.is_ascii() && iso.windows(3).any(|escape| escape == b"\x1b$B"));
}

#[tokio::test]
async fn a_verifier_believes_its_key_and_no_other() {
    for key in [FirmKey::ed25519("aozora.example"), FirmKey::rsa("aozora.example")] {
        assert_eq!(key.dns_name(), "s1._domainkey.aozora.example");
        assert_eq!((key.pinned().selector.as_str(), key.pinned().record), ("s1", key.record()));
        for charset in [Charset::Utf8, Charset::Iso2022Jp] {
            let signed = mail(charset).signed(&key);
            assert!(verify::passes(&signed, &key).await);
            let stranger = FirmKey::ed25519("aozora.example");
            assert!(!verify::passes(&signed, &stranger).await);
            let mut forged = signed.clone();
            let subject = forged.windows(9).position(|bytes| bytes == b"Subject: ").unwrap();
            forged[subject + 30] ^= 1;
            assert!(!verify::passes(&forged, &key).await);
        }
        assert!(DomainKey::parse(key.record().as_bytes()).is_ok());
    }
}

#[tokio::test]
async fn fields_and_signatures_are_as_asked() {
    let key = FirmKey::ed25519("aozora.example").with_selector("s2");
    assert_eq!(key.dns_name(), "s2._domainkey.aozora.example");
    let mail = FirmMail::new(FROM, "yamada@example.jp").without_message().without_header("Date");
    let mail = mail.more_field("顧問先メールアドレス", "other@example.jp").more_header("From", "x@example.net");
    let text = mail.text();
    assert_eq!(text.matches("顧問先メールアドレス: ").count(), 2);
    assert!(!text.contains("メッセージ"));
    let bytes = String::from_utf8(mail.unsigned()).unwrap();
    assert!(bytes.matches("From: ").count() == 2 && !bytes.contains("Date: "));

    let plain = mail.unsigned();
    let signing = Signing { headers: vec!["From".into()], body_length: true, simple: true, expires: Some(60) };
    let signed = String::from_utf8(key.sign_as(&plain, &signing)).unwrap();
    let header: String = signed.split("\r\nFrom: ").next().unwrap().split_whitespace().collect();
    for tag in ["s=s2;", "d=aozora.example;", "c=simple/simple;", "h=From", "l=", "x="] {
        assert!(header.contains(tag), "{tag}: {header}");
    }
    assert!(signed.as_bytes().ends_with(&plain));
}
