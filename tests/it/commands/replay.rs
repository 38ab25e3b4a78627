use std::path::Path;

use crate::support::firm_key::FirmKey;
use crate::support::firm_mail::{Charset, FirmMail};

fn corpus() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").display().to_string()
}

#[test]
fn a_mail_is_told_what_would_become_of_it_and_nothing_is_written() {
    let house = super::with_firm();
    let key = FirmKey::ed25519("aozora.example");
    let record = key.pinned();
    house.cli_ok(&["firm", "edit", "1001", "--pinned-selector", &record.selector, "--pinned-record", &record.record]);
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, raw: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, raw).unwrap();
    };
    let mail = FirmMail::new("office@aozora.example", "yamada@example.jp");
    write("1", &mail.signed(&key));
    write("2", &FirmMail::new("office@aozora.example", "yamada@example.jp").signed(&key));
    write("3", &mail.unsigned());
    let dir = folder.path().display().to_string();
    for _ in 0..2 {
        let told = house.cli_ok(&["replay", "--dry-run", &dir]);
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines.len(), 3, "{told}");
        assert!(lines[0].contains("/1  request  accepted  proved by aozora.example"), "{told}");
        assert!(
            lines[0].contains("transitions: received:  → pending")
                && lines[0].ends_with("letters: request_notice, receipt"),
            "{told}"
        );
        assert!(
            lines[1].contains("/2  request  accepted") && lines[1].ends_with("letters: receipt"),
            "it sees the first: {told}"
        );
        assert!(lines[2].contains("/3  request  quarantined  not proven: not signed"), "{told}");
        assert_eq!(house.cli_ok(&["request", "list"]), "none\n");
        assert_eq!(house.cli_ok(&["quarantine", "list"]), "none\n");
    }
    let late = house.cli_ok(&["replay", "--dry-run", &dir, "--at", "2099-01-01T00:00:00Z", "--json"]);
    assert!(late.contains("\"Date: stale\""), "{late}");
}

#[test]
fn a_whole_collection_is_judged_and_what_cannot_be_judged_fails_the_command() {
    let house = super::with_firm();
    let ran = house.cli(&["replay", "--dry-run", &corpus()]);
    assert_eq!(ran.stdout.lines().count(), 294, "{}", ran.stderr);
    assert!(ran.stderr.contains(" mails in "), "{}", ran.stderr);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("large"), vec![b'x'; 6 * 1024 * 1024]).unwrap();
    let ran = house.cli(&["replay", "--dry-run", &folder.path().display().to_string()]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert_eq!(house.cli(&["replay", &corpus()]).code, Some(2), "there is no replay but a dry one");
}

/// What `benches/replay` measures.
const MANY: usize = 10_000;

/// The half of them signed requests of two firms, RSA and Ed25519, UTF-8 and ISO-2022-JP; the others the corpus, each another
/// mail: reports, tables, old charsets, HTML, what is not proven.
fn many(keys: &[FirmKey; 2]) -> Vec<Vec<u8>> {
    let mut corpus: Vec<_> = std::fs::read_dir(corpus()).unwrap().map(|entry| entry.unwrap().path()).collect();
    corpus.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
    corpus.sort();
    let corpus: Vec<Vec<u8>> = corpus.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let mail = |at: usize| {
        if at.is_multiple_of(2) {
            let charset = if at.is_multiple_of(3) { Charset::Iso2022Jp } else { Charset::Utf8 };
            let key = &keys[at / 2 % 2];
            let mail = FirmMail::new(&format!("office@{}", key.domain()), &format!("c{at}@customer.example"));
            return mail.charset(charset).signed(key);
        }
        [format!("X-Number: {at}\r\n").as_bytes(), &corpus[at / 2 % corpus.len()]].concat()
    };
    (0..MANY).map(mail).collect()
}

/// RFC 4155, with lines that begin as a mail does marked.
fn mbox(mails: &[Vec<u8>]) -> Vec<u8> {
    let mut all = Vec::new();
    for mail in mails {
        all.extend_from_slice(b"From MAILER-DAEMON\n");
        for line in mail.split_inclusive(|byte| *byte == b'\n') {
            let text = line.iter().position(|byte| *byte != b'>').map_or(line, |at| &line[at..]);
            all.extend_from_slice(if text.starts_with(b"From ") { b">" } else { b"" });
            all.extend_from_slice(line);
        }
        all.extend_from_slice(b"\n\n");
    }
    all
}

#[test]
#[ignore = "a measurement: benches/replay"]
fn five_thousand_mails_a_second_are_judged() {
    let mut house = super::installation();
    if let Some(program) = std::env::var_os("RENKEI_UNDER_LOAD") {
        house.replace_program(program.as_ref());
    }
    house.cli_ok(&["keys", "init"]);
    let keys = [FirmKey::rsa("aozora.example"), FirmKey::ed25519("midori.example")];
    for (number, key) in ["1001", "1002"].into_iter().zip(&keys) {
        let (pinned, sender) = (key.pinned(), format!("office@{}", key.domain()));
        let firm = ["firm", "add", "--number", number, "--name", "あおぞら会計事務所", "--sender", &sender];
        house
            .cli_ok(&[&firm[..], &["--pinned-selector", &pinned.selector, "--pinned-record", &pinned.record]].concat());
    }
    let folder = tempfile::tempdir().unwrap();
    let mails = many(&keys);
    let dir = folder.path().join("mails");
    std::fs::create_dir(&dir).unwrap();
    for (at, mail) in mails.iter().enumerate() {
        std::fs::write(dir.join(format!("{at:05}.eml")), mail).unwrap();
    }
    let file = folder.path().join("mbox");
    std::fs::write(&file, mbox(&mails)).unwrap();
    for path in [dir, file] {
        for _ in 0..3 {
            let ran = house.cli(&["replay", "--dry-run", &path.display().to_string()]);
            assert_eq!((ran.code, ran.stdout.lines().count()), (Some(0), MANY), "{}", ran.stderr);
            println!("{}: {}", path.display(), ran.stderr.lines().collect::<Vec<_>>().join(" | "));
            let rate = ran.stderr.split_once('(').and_then(|(_, rest)| rest.split(' ').next()).unwrap();
            assert!(rate.parse::<u32>().unwrap() >= 5_000, "{rate} mails a second");
        }
    }
}
