//! What the domain name system says of a key (threat T26): only a key that may sign mail lets one in; no answer is no refusal
//! either.

use super::{Row, Scene};
use crate::support::dkim::Dkim;
use crate::support::dns::Answer;
use crate::support::firm_key::FirmKey;

/// What is published of a key.
type Publish = Box<dyn Fn(&FirmKey) -> Answer>;

/// A key of the firm's domain under a selector of its own.
fn key(selector: &str) -> FirmKey {
    FirmKey::ed25519("aozora.example").with_selector(selector)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_said_that_is_no_key_lets_nobody_in() {
    let scene = Scene::open().await;
    let (other, short, rsa) = (key("other"), FirmKey::rsa_of(512, "aozora.example"), FirmKey::rsa("aozora.example"));
    let record =
        |key: &FirmKey, more: &str| Answer::Txt(key.record().replace("v=DKIM1; ", &format!("v=DKIM1; {more}")));
    let changed = |key: &FirmKey, from: &str, to: &str| Answer::Txt(key.record().replacen(from, to, 1));
    let text = |text: &str| Answer::Txt(text.to_owned());
    let all = [
        ("nxdomain", key("nxdomain"), Answer::NxDomain, "no key"),
        ("no record", key("nodata"), Answer::NoData, "no key"),
        ("a name for itself", key("loop"), Answer::Alias("loop._domainkey.aozora.example".to_owned()), "no key"),
        ("a name for nothing", key("alias"), Answer::Alias("none.evil.example".to_owned()), "no key"),
        ("an empty record", key("empty"), text(""), "unusable key"),
        ("revoked", key("revoked"), text("v=DKIM1; k=ed25519; p="), "revoked key"),
        ("revoked by blanks", key("blank"), text("v=DKIM1; k=ed25519; p= ;"), "revoked key"),
        ("no p=", key("nop"), text("v=DKIM1; k=ed25519"), "unusable key"),
        ("words", key("words"), text("this domain sends no mail"), "unusable key"),
        ("another text", key("spf"), text("v=spf1 -all"), "unusable key"),
        ("p= that is no base64", key("base64"), text("v=DKIM1; k=ed25519; p=!!!!"), "unusable key"),
        ("60,000 octets", key("large"), Answer::Txt("v=DKIM1; ".to_owned() + &"x".repeat(60_000)), "unusable key"),
        ("another's key", key("others"), Answer::Txt(other.record()), "bad signature"),
        ("a key of another kind", key("kind"), Answer::Txt(rsa.record()), "bad signature"),
        (
            "its kind said wrong",
            key("k"),
            {
                let key = key("k");
                changed(&key, "k=ed25519", "k=rsa")
            },
            "bad signature",
        ),
    ];
    let mut rows = Vec::new();
    for (quirk, key, answer, why) in all {
        scene.dns.set(&key.dns_name(), answer);
        rows.push(Row::unproven(quirk, Dkim::by(&key).sign(&scene.request().unsigned()), why));
    }
    let of_the_key: [(&str, Publish, &str); 9] = [
        ("tested", Box::new(move |key| record(key, "t=y; ")), "testing key"),
        ("tested, in a list", Box::new(move |key| record(key, "t=s:y; ")), "testing key"),
        ("not for mail", Box::new(move |key| record(key, "s=tlsrpt; ")), "unusable key"),
        ("for SHA-1", Box::new(move |key| record(key, "h=sha1; ")), "unusable key"),
        ("of an unknown kind", Box::new(move |key| changed(key, "k=ed25519", "k=dsa")), "unusable key"),
        ("of another version", Box::new(move |key| changed(key, "v=DKIM1", "v=DKIM2")), "unusable key"),
        ("said twice", Box::new(move |key| Answer::Txt(format!("{}; {}", key.record(), key.record()))), "unusable key"),
        (
            "a key beside a revoked one",
            Box::new(move |key| Answer::Txts(vec![key.record(), "v=DKIM1; p=".to_owned()])),
            "unusable key",
        ),
        (
            "two keys",
            {
                let other = other.record();
                Box::new(move |key| Answer::Txts(vec![key.record(), other.clone()]))
            },
            "unusable key",
        ),
    ];
    for (at, (quirk, publish, why)) in of_the_key.into_iter().enumerate() {
        let key = key(&format!("of{at}"));
        scene.dns.set(&key.dns_name(), publish(&key));
        rows.push(Row::unproven(quirk, Dkim::by(&key).sign(&scene.request().unsigned()), why));
    }
    let short = short.with_selector("short");
    scene.dns.txt(&short.dns_name(), short.record());
    rows.push(Row::unproven("512 bits", Dkim::by(&short).sign(&scene.request().unsigned()), "weak key"));
    let strict = key("strict");
    scene.dns.set(&strict.dns_name(), record(&strict, "t=s; "));
    let below = Dkim::by(&strict).tag("i", "@sub.aozora.example").sign(&scene.request().unsigned());
    rows.push(Row::unproven("t=s and i= below", below, "bad signature"));
    scene.assert_in_vain(rows).await;
    scene.leave().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_holds_the_mail_and_answers_nobody() {
    let scene = Scene::open().await;
    let silent = [
        ("the server fails", Answer::ServFail),
        ("the server refuses", Answer::Refused),
        ("the server is silent", Answer::Silence),
        ("the server babbles", Answer::Garbage),
    ];
    let mut rows = Vec::new();
    for (at, (quirk, answer)) in silent.into_iter().enumerate() {
        let key = key(&format!("s{at}"));
        scene.dns.set(&key.dns_name(), answer);
        let mail = Dkim::by(&key).sign(&scene.request().unsigned());
        let why = "the key of the signing domain cannot be fetched".to_owned();
        rows.push(Row { quirk: quirk.to_owned(), mail, expected: ("request", "held", why) });
    }
    scene.assert_in_vain(rows).await;
    scene.leave().await;
}
