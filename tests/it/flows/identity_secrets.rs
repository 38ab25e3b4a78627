//! Who steals the database has no code and no password, and does not learn who tried what from where (threat T22).

use ring::digest::{SHA256, digest};

use renkei::domain::outbound::HandOver;
use renkei::flows::code;

use super::house::House;
use super::sample::{self, PASSWORD};

on_both_databases![a_thief_finds_no_code_and_no_password];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

async fn a_thief_finds_no_code_and_no_password(house: &House) {
    let mut codes = vec![];
    for number in 0..12 {
        let id = house.register(&format!("c{number}@example.jp")).await;
        if number % 3 == 0 {
            house.outbox.arrange([HandOver::Deferred { reply: None }, HandOver::Unknown]);
            house.deliver_once().await;
            house.pass_seconds(5);
        }
        codes.push((id, house.code().await));
    }
    sample::log_in(&house.context, "nobody@example.org", "a wrong password of mine", "203.0.113.77").await;
    let everything = house.everything().await;
    let values: Vec<&String> = everything.values().flatten().flat_map(|row| row.values()).collect();
    let dump = format!("{values:?}");
    assert!(dump.contains("c0@example.jp"), "the search finds what is there");
    for secret in [PASSWORD, "a wrong password of mine", "nobody@example.org", "203.0.113"] {
        assert!(!dump.contains(secret), "{secret}");
    }
    for (id, code) in &codes {
        let code = code.to_text();
        // as a word of its own: numbers of thirteen digits hold many of six
        let words = dump.split(|c: char| !c.is_ascii_digit());
        assert!(!words.into_iter().any(|word| word == code || word == code.trim_start_matches('0')), "a code");
        for guess in [code.clone(), format!("{id}{code}"), format!("{code}{id}"), format!("{id}:{code}")] {
            assert!(
                !dump.contains(&hex(digest(&SHA256, guess.as_bytes()).as_ref())),
                "a digest that a million tries open"
            );
        }
    }
    let (id, digits) = &codes[1];
    assert!(matches!(code::verify(&house.context, id, digits).await.unwrap(), code::Verified::Account(_)));
    house.letters().await;
}
