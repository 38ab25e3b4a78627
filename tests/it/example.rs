//! What a firm is shown as an example is a form that is taken.

use renkei::config::sender::Sender;
use renkei::domain::email_address::{Domain, EmailAddress};
use renkei::domain::locale::Locale;
use renkei::intake;
use renkei::mail::Letter;
use renkei::mail::letters::FormRefused;

#[test]
fn the_example_in_a_refusal_is_a_sound_form() {
    let sender = Sender::new(EmailAddress::parse("noreply@renkei.example").unwrap(), "03-0000-0000");
    for locale in [Locale::Ja, Locale::En] {
        let letter = Letter::FormRefused(FormRefused::sample(locale)).render(&sender).unwrap().text;
        let example: Vec<&str> = letter
            .lines()
            .skip_while(|line| !line.starts_with("事務所番号:") && !line.starts_with("Firm number:"))
            .take_while(|line| !line.starts_with('■') && !line.starts_with("* "))
            .collect();
        let mail = format!(
            "From: office@aozora.example\r\nTo: requests@renkei.example\r\nSubject: x\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}\r\n",
            example.join("\r\n")
        );
        let form = intake::read(mail.as_bytes(), &Domain::parse("renkei.example").unwrap()).wish.into_form();
        let form = form.unwrap_or_else(|faults| panic!("{locale:?}: {faults:?} in {example:?}"));
        assert_eq!(form.customer.to_text(), "yamada@example.jp", "{locale:?}");
        assert!(form.client_name.is_some() && form.contact_name.is_some(), "{locale:?}");
        assert!(!form.message.is_empty(), "{locale:?}");
    }
}
