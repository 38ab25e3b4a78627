//! A stolen database opens no door: neither a link nor a key is in it, at any time of a mail's life.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use renkei::domain::outbound::HandOver;

use super::house::House;

on_both_databases![neither_link_nor_key_stands_in_any_column];

/// What must not be found: a link's token and each half of it, the server key as it may be written.
async fn secrets(house: &House) -> Vec<Vec<u8>> {
    let mut secrets = Vec::new();
    for letter in house.letters().await {
        let Some(token) = letter.token() else { continue };
        let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        // the first 16 bytes are the request's id, which is no secret
        let tag = &bytes[16..];
        let hex = tag.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        secrets.extend([token.as_bytes().to_vec(), token.as_bytes()[22..].to_vec(), hex.into_bytes(), tag.to_vec()]);
        secrets.push(STANDARD.encode(tag).into_bytes());
    }
    assert_eq!(secrets.len(), 15, "three letters with a link");
    for file in std::fs::read_dir(house.folder().join("keys")).unwrap() {
        let key = std::fs::read(file.unwrap().path()).unwrap();
        let hex = key.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        secrets.extend([STANDARD.encode(&key).into_bytes(), URL_SAFE_NO_PAD.encode(&key).into_bytes()]);
        secrets.extend([hex.into_bytes(), key]);
    }
    secrets
}

/// A mail that left, a reminder, one that waits after an unknown end, one that failed, a form with a fault.
async fn much_happens(house: &House) {
    house.ask("yamada@example.jp").await;
    house.ask("sato@example.jp").await;
    house.outbox.arrange([HandOver::Unknown, HandOver::Refused { reply: Some(550), status: None }]);
    house.deliver_once().await;
    house.receive(&[house.mail("no address").signed(&house.key)]).await;
    house.pass(1);
    house.ask("sato@example.jp").await;
}

async fn neither_link_nor_key_stands_in_any_column(house: &House) {
    much_happens(house).await;
    let before = format!("{:?}", house.everything().await);
    // the unknown one again, and the reminder
    let secrets = secrets(house).await;
    let after = format!("{:?}", house.everything().await);
    assert!(after.contains("yamada@example.jp"), "the search finds what is there");
    for secret in secrets.iter().filter_map(|secret| std::str::from_utf8(secret).ok()) {
        assert!(!before.contains(secret) && !after.contains(secret));
    }
}

#[tokio::test]
async fn neither_link_nor_key_stands_in_any_byte_of_the_files() {
    let house = House::on_sqlite().await;
    much_happens(&house).await;
    let secrets = secrets(&house).await;
    let mut found = false;
    for name in ["renkei.db", "renkei.db-wal"] {
        let bytes = std::fs::read(house.folder().join(name)).unwrap();
        let holds = |wanted: &[u8]| bytes.windows(wanted.len()).any(|window| window == wanted);
        found |= holds(b"yamada@example.jp");
        assert!(!secrets.iter().any(|secret| holds(secret)), "{name}");
    }
    assert!(found, "the search finds what is there");
    house.leave().await;
}
