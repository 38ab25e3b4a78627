use std::path::Path;

use crate::support::firm_key::FirmKey;
use crate::support::firm_mail::FirmMail;

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
