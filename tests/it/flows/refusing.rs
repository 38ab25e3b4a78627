//! What is no request that can be taken: answered once where it is proven to be a firm's, never where it is not.

use renkei::domain::firm::FirmNumber;
use renkei::domain::inbound::Folder;
use renkei::domain::outbound::LetterKind;
use renkei::flows::receive_request::Seen;
use renkei::flows::{file_mail, firms, quarantine};

use super::house::{House, MAILBOX, OFFICE};
use crate::support::firm_key::FirmKey;
use crate::support::firm_mail::FirmMail;

on_both_databases![
    a_proven_mail_with_faults_is_answered_once_with_each_of_them,
    another_firms_number_is_a_fault,
    what_is_not_proven_is_quarantined_and_never_answered,
    a_suspended_firms_mail_is_quarantined,
    an_automatic_mail_is_neither_answered_nor_taken,
    a_mail_over_the_limit_is_set_aside_unread,
    each_mail_goes_to_the_folder_of_its_verdict,
    a_released_mail_is_judged_again_and_the_proof_still_counts,
    a_dropped_mail_is_gone_from_the_quarantine,
    nul_bytes_in_any_field_stop_nothing,
];

const CUSTOMER: &str = "yamada@example.jp";

async fn verdicts(house: &House) -> Vec<String> {
    let rows = house.rows("SELECT verdict FROM inbound_message ORDER BY CAST(uid AS BIGINT)").await;
    rows.into_iter().map(|row| row["verdict"].clone()).collect()
}

async fn a_proven_mail_with_faults_is_answered_once_with_each_of_them(house: &House) {
    let mail = house.mail("this is no address").more_field("事業所番号", "12").signed(&house.key);
    house.receive(std::slice::from_ref(&mail)).await;
    house.receive(&[mail]).await;
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to, OFFICE);
    for words in ["this is no address", "事業所番号", "顧問先メールアドレス"] {
        assert!(letters[0].text.contains(words), "{words} in {}", letters[0].text);
    }
    assert_eq!(verdicts(house).await, ["refused", "discarded"]);
    assert_eq!(house.rows("SELECT * FROM request").await.len(), 0);
}

async fn another_firms_number_is_a_fault(house: &House) {
    house.receive(&[house.mail(CUSTOMER).firm_number("1002").signed(&house.key)]).await;
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1);
    assert!(letters[0].text.contains("1002"), "{}", letters[0].text);
    assert_eq!(verdicts(house).await, ["refused"]);
}

async fn what_is_not_proven_is_quarantined_and_never_answered(house: &House) {
    let stranger = FirmKey::ed25519("aozora.example");
    let altered = |mail: Vec<u8>| {
        let text = String::from_utf8(mail).unwrap();
        text.replacen("Subject: =?UTF-8?B?", "Subject: x=?UTF-8?B?", 1).into_bytes()
    };
    let mails = [
        house.mail(CUSTOMER).unsigned(),
        house.mail(CUSTOMER).signed(&stranger),
        altered(house.mail(CUSTOMER).signed(&house.key)),
        FirmMail::new("office@aozora.example.evil.example", CUSTOMER).signed(&house.key),
        house.mail("no address").unsigned(),
    ];
    let received = house.receive(&mails).await;
    assert_eq!((received.quarantined, received.letters, received.requests), (5, 0, 0));
    assert_eq!(house.letters().await, []);
    assert_eq!(quarantine::list(&house.context, None, 9).await.unwrap().len(), 5);
}

async fn a_suspended_firms_mail_is_quarantined(house: &House) {
    firms::suspend(&house.context, &FirmNumber::parse("1001").unwrap()).await.unwrap();
    let received = house.ask(CUSTOMER).await;
    assert_eq!((received.quarantined, received.letters), (1, 0));
    let quarantined = quarantine::list(&house.context, None, 9).await.unwrap();
    assert_eq!(quarantined[0].reasons, ["the firm is suspended"]);
}

async fn an_automatic_mail_is_neither_answered_nor_taken(house: &House) {
    let automatic = house.mail(CUSTOMER).header("Auto-Submitted", "auto-replied");
    let list = house.mail("no address").header("List-Id", "<list.aozora.example>");
    let received = house.receive(&[automatic.signed(&house.key), list.signed(&house.key)]).await;
    assert_eq!((received.requests, received.letters), (0, 0));
    assert_eq!(verdicts(house).await, ["discarded", "discarded"]);
}

async fn a_mail_over_the_limit_is_set_aside_unread(house: &House) {
    let at = renkei::domain::inbound::Locator { uidvalidity: 1, uid: "1".to_owned() };
    let seen = Seen { at, size: 9_000_000, arrived_at: house.now(), raw: None };
    house.receive_seen(vec![seen]).await.unwrap();
    let to_file = file_mail::to_file(&house.context, MAILBOX).await.unwrap();
    assert_eq!(to_file[0].folder, Folder::Other);
}

async fn each_mail_goes_to_the_folder_of_its_verdict(house: &House) {
    let accepted = house.mail(CUSTOMER).signed(&house.key);
    let refused = house.mail("no address").signed(&house.key);
    let mails = [accepted.clone(), refused, house.mail(CUSTOMER).unsigned(), accepted];
    house.receive(&mails).await;
    let to_file = file_mail::to_file(&house.context, MAILBOX).await.unwrap();
    let mut folders: Vec<_> = to_file.iter().map(|mail| mail.folder).collect();
    folders.sort();
    assert_eq!(folders, [Folder::Accepted, Folder::Refused, Folder::Quarantine, Folder::Other]);
    let ids: Vec<_> = to_file.into_iter().map(|mail| mail.id).collect();
    file_mail::filed(&house.context, &ids).await.unwrap();
    assert_eq!(file_mail::to_file(&house.context, MAILBOX).await.unwrap(), []);
}

async fn a_released_mail_is_judged_again_and_the_proof_still_counts(house: &House) {
    firms::suspend(&house.context, &FirmNumber::parse("1001").unwrap()).await.unwrap();
    let sound = house.mail(CUSTOMER).signed(&house.key);
    let forged = house.mail(CUSTOMER).unsigned();
    house.receive(&[sound.clone(), forged.clone()]).await;
    let ids: Vec<_> =
        file_mail::to_file(&house.context, MAILBOX).await.unwrap().into_iter().map(|mail| mail.id).collect();
    file_mail::filed(&house.context, &ids).await.unwrap();
    firms::resume(&house.context, &FirmNumber::parse("1001").unwrap()).await.unwrap();
    for mail in quarantine::list(&house.context, None, 9).await.unwrap() {
        quarantine::released(&house.context, &mail).await.unwrap();
    }
    let received = house.receive(&[sound, forged]).await;
    assert_eq!((received.requests, received.quarantined), (1, 1));
    assert_eq!(quarantine::list(&house.context, None, 9).await.unwrap().len(), 1);
}

async fn a_dropped_mail_is_gone_from_the_quarantine(house: &House) {
    house.receive(&[house.mail(CUSTOMER).unsigned()]).await;
    let mail = quarantine::list(&house.context, None, 9).await.unwrap().remove(0);
    assert_eq!(quarantine::find(&house.context, &mail.id).await.unwrap(), mail);
    quarantine::dropped(&house.context, &mail).await.unwrap();
    assert!(quarantine::find(&house.context, &mail.id).await.is_err());
}

async fn nul_bytes_in_any_field_stop_nothing(house: &House) {
    let mails = [
        house.mail(CUSTOMER).header("Message-ID", "<a\0b@aozora.example>").signed(&house.key),
        house.mail("sato@example.jp").client_name("佐\0藤").message("一\0二").signed(&house.key),
        house.mail("not\0an address").header("Message-ID", "<c\0d@aozora.example>").signed(&house.key),
        house.mail("ito@example.jp").more_field("追加宛先", "x\0@example.jp").signed(&house.key),
        house.mail("kato@example.jp").header("Subject", "a\0b").unsigned(),
    ];
    for mail in mails {
        house.receive(&[mail]).await;
    }
    assert_eq!(verdicts(house).await.len(), 5);
    house.letters().await;
    let failed = house.rows("SELECT kind FROM outbound_mail WHERE state <> 'sent'").await;
    assert_eq!(failed, [], "all letters could be written");
    let kinds =
        house.rows(&format!("SELECT id FROM outbound_mail WHERE kind = '{}'", LetterKind::FormRefused.name())).await;
    assert!(!kinds.is_empty());
}
