//! The corpus: mails as they really are, each named for its quirk, with what becomes of it beside it (`tests/corpus`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use renkei::config::intake::Intake;
use renkei::domain::firm::{Firm, ProofRule};
use renkei::domain::inbound::Locator;
use renkei::domain::time::Timestamp;
use renkei::flows::firms;
use renkei::flows::receive_request::Seen;
use renkei::intake::{self, Verifier};

use super::house::House;

/// What is to become of a mail.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    class: String,
    verdict: String,
    /// Whom the firm asks about: the row that it made.
    #[serde(default)]
    customer: String,
    client_name: Option<String>,
    message: Option<String>,
    subject: Option<String>,
    /// Among the reasons.
    reason: Option<String>,
    /// New requests.
    requests: Option<usize>,
    /// Letters but those to the customers.
    letters: Option<Vec<String>>,
    /// What a report says.
    fate: Option<String>,
    message_id: Option<String>,
    #[serde(default)]
    unmatched: bool,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

fn corpus() -> BTreeMap<String, (Vec<u8>, Expected)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "eml") {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let beside = fs::read_to_string(path.with_extension("toml")).unwrap_or_else(|_| panic!("{name}.toml"));
            let expected = toml::from_str(&beside).unwrap_or_else(|error| panic!("{name}: {error}"));
            found.insert(name, (fs::read(&path).unwrap(), expected));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_mail_of_the_corpus_becomes_what_stands_beside_it() {
    let house = House::on_sqlite().await;
    let proof = ProofRule::AuthenticationResults { authserv_id: "mx.renkei.example".to_owned() };
    firms::edit(&house.context, &Firm { proof, ..house.firm.clone() }).await.unwrap();
    let intake = Intake { received_host: Some("mx.renkei.example".to_owned()), ..Intake::default() };
    let verifier = Arc::new(Verifier::new(&intake).unwrap());
    let corpus = corpus();
    assert!(corpus.len() >= 150, "{}", corpus.len());
    let mut wrong = Vec::new();
    for (uid, (name, (raw, expected))) in (1_u32..).zip(&corpus) {
        let before = counts(&house).await;
        let seen = Seen {
            at: Locator { uidvalidity: 1, uid: uid.to_string() },
            size: raw.len() as u64,
            // 2026-07-03T09:00:30+09:00
            arrived_at: Timestamp::from_millis(1_783_036_830_000),
            raw: Some(raw.clone()),
        };
        let received = house.receive_seen_with(&verifier, vec![seen]).await.unwrap();
        let mut faults = Vec::new();
        let mut compare = |what: &str, found: String, expected: String| {
            if found != expected {
                faults.push(format!("{what} is {found}, not {expected}"));
            }
        };
        let row = house.rows(&format!("SELECT * FROM inbound_message WHERE uid = '{uid}'")).await.remove(0);
        compare("class", row["class"].clone(), expected.class.clone());
        compare("verdict", format!("{} {}", row["verdict"], row["reasons"]), {
            let reasons = &row["reasons"];
            format!("{} {reasons}", expected.verdict)
        });
        if let Some(reason) = &expected.reason {
            compare("reason", row["reasons"].lines().any(|line| line == reason).to_string(), "true".to_owned());
        }
        let accepts = expected.verdict == "accepted";
        let is_request = expected.class == "request";
        let usual = usize::from(accepts && is_request);
        compare("requests", received.requests.to_string(), expected.requests.unwrap_or(usual).to_string());
        let usual = if accepts && is_request { vec!["receipt".to_owned()] } else { vec![] };
        let letters = letters(&house, before).await;
        compare("letters", letters.join(" "), refused_or(expected, usual).join(" "));
        compare("unmatched", (received.unmatched_reports == 1).to_string(), expected.unmatched.to_string());
        if !expected.customer.is_empty() {
            let key = expected.customer.to_lowercase();
            let asked = house.rows(&format!("SELECT * FROM request WHERE customer_key = '{key}'")).await;
            compare("customers asked", asked.len().to_string(), "1".to_owned());
            for (column, value) in [("client_name", &expected.client_name), ("message", &expected.message)] {
                if let (Some(value), Some(row)) = (value, asked.first()) {
                    compare(column, row[column].clone(), value.clone());
                }
            }
        }
        let reading = intake::read(raw, &house.context.mail_domain);
        if let Some(subject) = &expected.subject {
            compare("subject", reading.subject, subject.clone());
        }
        if let Some(fate) = &expected.fate {
            compare("fate", reading.report.as_ref().unwrap().fate.name().to_owned(), fate.clone());
        }
        if let Some(id) = &expected.message_id {
            compare("message id", reading.report.unwrap().message_ids.join(" "), id.clone());
        }
        wrong.extend(faults.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    assert!(wrong.is_empty(), "{} of {} mails:\n{}", wrong.len(), corpus.len(), wrong.join("\n"));
    house.leave().await;
}

/// A refused table or request is answered.
fn refused_or(expected: &Expected, usual: Vec<String>) -> Vec<String> {
    let is_table = expected.requests == Some(0) && expected.verdict == "refused";
    expected.letters.clone().unwrap_or_else(|| if is_table { vec!["table_receipt".to_owned()] } else { usual })
}

async fn counts(house: &House) -> usize {
    house.rows("SELECT id FROM outbound_mail").await.len()
}

/// The kinds of the letters that were added, but those to customers.
async fn letters(house: &House, before: usize) -> Vec<String> {
    let all = house.rows("SELECT kind, rowid AS place FROM outbound_mail ORDER BY rowid").await;
    let kinds = all.into_iter().skip(before).map(|row| row["kind"].clone());
    kinds.filter(|kind| !kind.starts_with("request_")).collect()
}
