use std::path::{Path, PathBuf};

use super::{CUSTOMER, Office, SENDER, SOON};
use crate::support::dovecot::Dovecot;
use crate::support::firm_mail::FirmMail;
use crate::support::poll;

/// An office that reads a Maildir, and where that lies.
fn office() -> (Office, PathBuf) {
    let office = Office::with(Dovecot::start(), |_, dir| {
        let path = dir.join("Maildir");
        format!("[mailbox]\nkind = \"maildir\"\n[mailbox.maildir]\npath = {:?}\n", path.display().to_string())
    });
    let path = office.installation.path().join("Maildir");
    (office, path)
}

/// Delivers as a mail transfer agent does: written in tmp, renamed into new.
fn drop_in(maildir: &Path, name: &str, mail: &[u8]) {
    for folder in ["tmp", "new", "cur"] {
        std::fs::create_dir_all(maildir.join(folder)).unwrap();
    }
    let unfinished = maildir.join("tmp").join(name);
    std::fs::write(&unfinished, mail).unwrap();
    std::fs::rename(unfinished, maildir.join("new").join(name)).unwrap();
}

fn count(maildir: &Path, subfolder: &str) -> usize {
    let folder = if subfolder.is_empty() { maildir.to_owned() } else { maildir.join(subfolder) };
    ["new", "cur"].iter().filter_map(|name| std::fs::read_dir(folder.join(name)).ok()).flatten().count()
}

fn wait_filed(maildir: &Path, subfolder: &str, mails: usize) {
    poll::until_true(&format!("{mails} mails in {subfolder}"), SOON, || count(maildir, subfolder) == mails);
}

#[test]
fn a_maildir_tells_the_same_story() {
    let (office, maildir) = office();
    drop_in(&maildir, "1.before.host", &office.request("early@customer.example"));
    let mut daemon = office.start();
    office.letters_to("early@customer.example");
    wait_filed(&maildir, ".renkei.accepted", 1);

    // woken by the kernel: long before the next look of its own
    drop_in(&maildir, "2.good.host", &office.request(CUSTOMER));
    let letter = office.letters_to(CUSTOMER).remove(0);
    assert_eq!(letter.subject, "【弥生】あおぞら会計事務所様より弥生製品の契約情報取得が申請されています");
    assert_eq!(letter.links().len(), 1);

    drop_in(&maildir, "3.fault.host", &FirmMail::new(SENDER, "nobody").signed(&office.key));
    wait_filed(&maildir, ".renkei.refused", 1);
    drop_in(&maildir, "4.forged.host", &FirmMail::new(SENDER, CUSTOMER).unsigned());
    wait_filed(&maildir, ".renkei.quarantine", 1);
    let copy = std::fs::read_dir(maildir.join(".renkei.accepted/cur")).unwrap().flatten().next().unwrap();
    drop_in(&maildir, "5.copy.host", &std::fs::read(copy.path()).unwrap());
    wait_filed(&maildir, ".renkei.other", 1);
    assert_eq!((count(&maildir, ""), count(&maildir, ".renkei.accepted"), office.requests()), (0, 2, 2));
    assert_eq!(office.letters(5).len(), 5, "two letters, two receipts, one answer");
    assert_eq!(daemon.stop().code(), Some(0));
}

#[test]
fn a_mail_from_a_maildirs_quarantine_can_be_released() {
    let (office, maildir) = office();
    office.installation.cli_ok(&["firm", "suspend", "1001"]);
    let _daemon = office.start();
    drop_in(&maildir, "1.good.host", &office.request(CUSTOMER));
    wait_filed(&maildir, ".renkei.quarantine", 1);
    office.installation.cli_ok(&["firm", "resume", "1001"]);
    let listed = office.installation.cli_ok(&["quarantine", "list", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    office.installation.cli_ok(&["quarantine", "release", listed[0]["id"].as_str().unwrap()]);
    office.letters_to(CUSTOMER);
    wait_filed(&maildir, ".renkei.accepted", 1);
}

#[test]
fn a_mail_held_in_a_maildir_goes_on_when_dns_answers() {
    let (office, maildir) = office();
    office.dns_fails(true);
    let _daemon = office.start();
    drop_in(&maildir, "1.good.host", &office.request(CUSTOMER));
    let held = "SELECT COUNT(*) FROM inbound_message WHERE verdict = 'held'";
    poll::until_true("the mail to be held", SOON, || office.number(held) == 1);
    assert_eq!(count(&maildir, ""), 1);
    office.dns_fails(false);
    let mut wakers = 0;
    office.pass_time_until_letter(CUSTOMER, || {
        wakers += 1;
        drop_in(&maildir, &format!("2.waker{wakers}.host"), &Office::nonsense());
    });
    wait_filed(&maildir, ".renkei.accepted", 1);
}
