use std::time::{Duration, Instant};

use renkei::clock::Clock;

use super::{Office, SENDER};
use crate::support::firm_key::Signing;
use crate::support::firm_mail::FirmMail;
use crate::support::poll;

const MAILS: usize = 10_000;
/// Most memory at the peak, in KiB.
const PEAK: u64 = 64 * 1024;
/// The same where each mail is nearly as large as one may be, two of them being read at a time, without optimisation.
const PEAK_OF_LARGE: u64 = 80 * 1024;

#[test]
fn ten_thousand_waiting_mails_all_become_requests_in_little_memory() {
    let mut office = Office::open();
    office.installation.cli_ok(&["firm", "edit", "1001", "--receipts", "none"]);
    office.lift_budgets();
    let mail = FirmMail::new(SENDER, "nobody@client.example");
    let mails: Vec<_> = (0..MAILS)
        .map(|n| mail.clone().field("顧問先メールアドレス", &format!("customer{n}@client.example")).signed(&office.key))
        .collect();
    office.dovecot.fill(mails);

    let mut daemon = office.start();
    let begin = Instant::now();
    poll::until_true("a request for each", Duration::from_mins(2), || {
        assert!(daemon.ended().is_none(), "{}", daemon.log());
        office.requests() == i64::try_from(MAILS).unwrap()
    });
    println!("{MAILS} requests after {:?}", begin.elapsed());
    poll::until_true("INBOX to be empty", Duration::from_secs(30), || office.dovecot.count("INBOX") == 0);
    assert_eq!(office.dovecot.count("renkei.accepted"), MAILS);
    let peak = peak_memory(daemon.id());
    assert!(peak < PEAK, "{peak} KiB");
    println!("{peak} KiB at the peak");
}

/// A sound request with a scan attached that makes it nearly as large as a mail may be.
fn with_a_scan(office: &Office, customer: &str) -> Vec<u8> {
    let (date, scan) = (Clock::System.now().utc().to_rfc2822(), format!("{}\r\n", "QUJD".repeat(19)).repeat(60_000));
    let mail = format!(
        "From: {SENDER}\r\nTo: requests@renkei.example\r\nSubject: request\r\nDate: {date}\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n\
         顧問先メールアドレス: {customer}\r\n\r\n--b\r\nContent-Type: application/pdf; name=scan.pdf\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{scan}--b--\r\n"
    );
    let headers = ["From", "Subject", "Date", "MIME-Version", "Content-Type"].map(str::to_owned).to_vec();
    office.key.sign_as(mail.as_bytes(), &Signing { headers, ..Signing::default() })
}

#[test]
fn large_mails_in_a_row_take_little_memory() {
    let mut office = Office::open();
    let mails: Vec<_> = (0..12).map(|n| with_a_scan(&office, &format!("customer{n}@client.example"))).collect();
    assert!(mails.iter().all(|mail| mail.len() > 4_500_000 && mail.len() < 5 * 1024 * 1024));
    office.dovecot.fill(mails);
    let daemon = office.start();
    poll::until_true("a request for each", Duration::from_mins(1), || office.requests() == 12);
    let peak = peak_memory(daemon.id());
    assert!(peak < PEAK_OF_LARGE, "{peak} KiB");
}

fn peak_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse().unwrap()
}
