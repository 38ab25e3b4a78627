use std::time::Duration;

use renkei::config::relay::SmtpRelay;
use renkei::config::sender::Sender;
use renkei::domain::email_address::EmailAddress;
use renkei::domain::locale::Locale;
use renkei::domain::outbound::HandOver;
use renkei::domain::time::Timestamp;
use renkei::mail::letters::RequestNotice;
use renkei::mail::transport::Smtp;
use renkei::mail::{Addressing, Composer, Letter, Transport};

use crate::support::smtp_sink::SmtpSink;

/// The ends of data that one server or another has taken for one.
const ENDS: [&str; 9] =
    ["\r\n.\r\n", "\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\r\n\0.\r\n", "\r\n.\0\r\n"];
const SECOND: &str =
    "MAIL FROM:<x@evil.example>\r\nRCPT TO:<y@evil.example>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n";

/// T16: each sequence in each text that a firm can write; the sink sees one mail for each, and none from elsewhere.
#[test]
fn no_end_of_data_in_any_field_ends_the_mail() {
    let sink = SmtpSink::start();
    let address = |text: &str| EmailAddress::parse(text).unwrap();
    let relay: SmtpRelay =
        toml::from_str(&format!("host = '127.0.0.1'\nport = {}\ntls = 'none'", sink.port())).unwrap();
    let transport = Transport::Smtp(Box::new(Smtp::new(relay).unwrap()));
    let composer = Composer::new(Sender::new(address("portal@renkei.example"), "0120-000-000"), None);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let to = address("yamada@example.jp");
    let mut sent = 0;
    for end in ENDS {
        for field in 0..6 {
            let text = format!("a{end}{SECOND}");
            let mut notice = RequestNotice::sample(Locale::Ja);
            match field {
                0 => notice.about.firm.name = text,
                1 => notice.about.client_name = Some(text),
                2 => notice.about.contact_name = Some(text),
                3 => notice.about.message = text,
                4 => notice.about.firm.telephone = text,
                _ => notice.about.firm.postal_address = text,
            }
            sent += 1;
            let id = format!("{sent}@renkei.example");
            let date = Timestamp::from_millis(1_795_400_041_000);
            let how = Addressing { to: &to, message_id: &id, date, in_reply_to: None, report_token: None };
            let mail = composer.compose(&Letter::RequestNotice(notice), how).unwrap();
            assert_eq!(runtime.block_on(transport.send(&mail)), HandOver::Sent, "{end:?} {field}");
        }
    }
    sink.wait_for(sent, Duration::from_secs(20));
    std::thread::sleep(Duration::from_millis(300));
    let mails = sink.mails();
    assert_eq!(mails.len(), sent);
    assert!(mails.iter().all(|mail| mail.from == "portal@renkei.example" && mail.to == ["yamada@example.jp"]));
}
