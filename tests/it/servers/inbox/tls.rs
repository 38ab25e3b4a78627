use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{CUSTOMER, Office, SOON, imap};
use crate::support::dovecot::{Dovecot, USER};
use crate::support::proxy::Proxy;

/// One request over a protected connection; gives what an eavesdropper heard from the daemon.
fn overheard(port: fn(&Dovecot) -> u16, tls: &str) -> String {
    let dovecot = Dovecot::start();
    let proxy = Proxy::to(port(&dovecot));
    let office = Office::with(dovecot, |dovecot, _| {
        imap(proxy.port(), &format!("tls = {tls:?}\nca_file = {:?}", dovecot.ca_file().display().to_string()))
    });
    let _daemon = office.start();
    office.deliver(&office.request(CUSTOMER));
    office.letters_to(CUSTOMER);
    office.wait_empty();
    proxy.heard()
}

#[test]
fn over_implicit_tls_nothing_can_be_overheard() {
    let heard = overheard(Dovecot::imaps_port, "implicit");
    assert!(!heard.contains("LOGIN") && !heard.contains(USER) && !heard.contains("CAPABILITY"));
}

#[test]
fn over_starttls_nothing_but_starttls_can_be_overheard() {
    let heard = overheard(Dovecot::imap_port, "starttls");
    assert!(heard.contains("STARTTLS\r\n"));
    assert!(!heard.contains("LOGIN") && !heard.contains(USER));
}

#[test]
fn an_authority_nobody_named_is_not_trusted() {
    for (port, tls) in [(Dovecot::imaps_port as fn(&Dovecot) -> u16, "implicit"), (Dovecot::imap_port, "starttls")] {
        let dovecot = Dovecot::start();
        let proxy = Proxy::to(port(&dovecot));
        let office = Office::with(dovecot, |_, _| imap(proxy.port(), &format!("tls = {tls:?}")));
        let daemon = office.start();
        daemon.wait_for_log("the mailbox is left", SOON);
        assert!(!proxy.heard().contains("LOGIN") && !proxy.heard().contains(USER));
    }
}

#[test]
fn a_wrong_password_is_tried_again_once_it_was_set_right() {
    let office = Office::open();
    office.installation.secret("password", "wrong");
    let daemon = office.start();
    daemon.wait_for_log("the mailbox is left", SOON);
    office.installation.secret("password", "test");
    office.deliver(&office.request(CUSTOMER));
    office.letters_to(CUSTOMER);
}

#[test]
fn an_access_token_is_read_anew_for_each_login() {
    let dovecot = Dovecot::start();
    let proxy = Proxy::to(dovecot.imap_port());
    let office = Office::with(dovecot, |_, _| {
        imap(proxy.port(), "tls = \"none\"\nauth = \"xoauth2\"\ntoken_file = \"./token\"")
    });
    let logins = |token: &str| {
        let sasl = STANDARD.encode(format!("user={USER}\u{1}auth=Bearer {token}\u{1}\u{1}"));
        proxy.heard().matches(&sasl).count()
    };
    office.installation.secret("token", "test\n");
    let daemon = office.start();
    office.deliver(&office.request("one@customer.example"));
    office.letters_to("one@customer.example");
    office.wait_empty();
    assert_eq!(logins("test"), 1);

    office.installation.secret("token", "outlived");
    proxy.cut();
    crate::support::poll::until_true("the stale token to be tried", SOON, || logins("outlived") > 0);
    assert!(!daemon.log().contains("outlived"));
    office.installation.secret("token", "test");
    office.deliver(&office.request("two@customer.example"));
    office.letters_to("two@customer.example");
    assert_eq!(logins("test"), 2);
    assert!(!proxy.heard().contains("LOGIN "));
}
