use super::{CUSTOMER, Office, plain};
use crate::support::dovecot::{Dovecot, Options};
use crate::support::proxy::Proxy;

/// One good and one unproven mail over a server that differs, and what the daemon said to it.
fn conversation(options: Options) -> (Office, Proxy) {
    let dovecot = Dovecot::with(options);
    let proxy = Proxy::to(dovecot.imap_port());
    let office = Office::with(dovecot, |_, _| plain(proxy.port()));
    let mut daemon = office.start();
    daemon.wait_for_log("the mailbox is watched", super::SOON);
    office.deliver(&office.request(CUSTOMER));
    office.deliver(&crate::support::firm_mail::FirmMail::new("x@unknown.example", CUSTOMER).unsigned());
    office.letters_to(CUSTOMER);
    let prefix = options.namespace.map_or(String::new(), |(prefix, _)| prefix.to_owned());
    let delimiter = options.namespace.map_or(".", |(_, delimiter)| delimiter);
    office.wait_filed(&format!("{prefix}renkei{delimiter}accepted"), 1);
    office.wait_filed(&format!("{prefix}renkei{delimiter}quarantine"), 1);
    assert_eq!(daemon.stop().code(), Some(0));
    (office, proxy)
}

fn without(without: &'static [&'static str]) -> Options {
    Options { without, ..Options::default() }
}

#[test]
fn where_there_is_everything_mails_are_moved_with_one_command() {
    let (office, proxy) = conversation(Options::default());
    let heard = proxy.heard();
    assert!(heard.contains("UID MOVE") && heard.contains("IDLE") && !heard.contains("COPY"), "{heard}");
    assert_eq!(office.dovecot.count("INBOX"), 0);
}

#[test]
fn without_move_mails_are_copied_and_expunged_by_uid() {
    let (office, proxy) = conversation(without(&["MOVE"]));
    let heard = proxy.heard();
    assert!(!heard.contains("UID MOVE") && heard.contains("UID COPY"), "{heard}");
    assert!(heard.matches("EXPUNGE").count() == heard.matches("UID EXPUNGE").count(), "{heard}");
    office.wait_empty();
}

#[test]
fn without_uidplus_nothing_is_ever_expunged_and_nothing_copied_twice() {
    let (office, proxy) = conversation(without(&["MOVE", "UIDPLUS"]));
    let heard = proxy.heard();
    assert!(!heard.contains("EXPUNGE") && heard.contains("\\Deleted"), "{heard}");
    let _again = office.start();
    office.deliver(&office.request("second@customer.example"));
    office.letters_to("second@customer.example");
    office.wait_filed("renkei.accepted", 2);
    assert_eq!((office.dovecot.count("INBOX"), office.dovecot.count("renkei.quarantine")), (3, 1));
    assert_eq!(office.requests(), 2);
}

#[test]
fn without_idle_the_mailbox_is_polled() {
    let (office, proxy) = conversation(without(&["IDLE"]));
    let heard = proxy.heard();
    assert!(!heard.contains("IDLE") && heard.contains("NOOP"), "{heard}");
    assert_eq!(office.dovecot.count("INBOX"), 0);
}

#[test]
fn folders_lie_below_the_namespaces_prefix_and_have_the_servers_delimiter() {
    let (office, _proxy) = conversation(Options { namespace: Some(("INBOX.", ".")), ..Options::default() });
    assert!(office.dovecot.folders().contains(&"INBOX.renkei.refused".to_owned()), "{:?}", office.dovecot.folders());
    let (office, _proxy) = conversation(Options { namespace: Some(("", "/")), ..Options::default() });
    assert!(office.dovecot.folders().contains(&"renkei/refused".to_owned()), "{:?}", office.dovecot.folders());
}

#[test]
fn without_namespace_the_delimiter_is_what_list_says() {
    let options = Options { without: &["NAMESPACE"], namespace: Some(("", "/")) };
    let (office, proxy) = conversation(options);
    let heard = proxy.heard();
    assert!(!heard.contains("NAMESPACE"), "{heard}");
    assert_eq!(office.dovecot.count("INBOX"), 0);
}
