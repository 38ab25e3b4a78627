//! A wrong configuration is named in one line before anything is touched.

use super::{assert_wrong, config, installation, with_key};

#[test]
fn a_sound_configuration_is_called_sound() {
    assert!(with_key().cli_ok(&["check"]).contains("sound"));
}

#[test]
fn each_wrong_key_is_named_and_nothing_is_touched() {
    let changes = [
        ("contact = \"03-0000-0000\"", "contact = \"\"", "sender.contact"),
        ("contact = \"03-0000-0000\"", "", "contact"),
        ("address = \"noreply@renkei.example\"", "address = \"noreply\"", "address"),
        ("base_url = \"https://renkei.example\"", "base_url = \"renkei.example\"", "web.base_url"),
        ("base_url = \"https://renkei.example\"", "", "web.base_url"),
        ("[sender]", "[intake]\nmail_limit = 1\n[sender]", "intake.mail_limit"),
        ("[sender]", "[retention]\nquarantine_days = 0\n[sender]", "retention.quarantine_days"),
        ("[sender]", "[sender]\nadress = 1", "adress"),
        ("sqlite:", "mysql:", "store.url"),
        ("kind = \"maildir\"", "kind = \"pop3\"", "kind"),
        ("[sender]", "[sender", "renkei.toml"),
    ];
    for (sound, wrong, named) in changes {
        let house = with_key();
        let text = config(house.path());
        assert!(text.contains(sound), "{sound}");
        house.configure(&text.replacen(sound, wrong, 1));
        for command in ["check", "run"] {
            assert_wrong(&house.cli(&[command]), named);
        }
        for touched in ["data", "inbox", "outbox"] {
            assert!(!house.path().join(touched).exists(), "{wrong}: {touched} was made");
        }
    }
}

#[test]
fn no_key_is_named_with_its_section_twice() {
    let house = with_key();
    house.configure(&config(house.path()).replace("03-0000-0000", ""));
    let said = house.cli(&["check"]).stderr;
    assert!(!said.contains("sender.sender"), "{said}");
}

#[test]
fn a_wrong_setting_of_the_environment_is_named_by_its_variable() {
    let house = with_key().env("RENKEI__INTAKE__MAIL_LIMIT", "1");
    assert_wrong(&house.cli(&["check"]), "RENKEI__INTAKE__MAIL_LIMIT");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let house = installation();
    std::fs::remove_file(house.config()).unwrap();
    assert_wrong(&house.cli(&["check"]), "renkei.toml");
}

#[test]
fn check_touches_nothing() {
    let house = with_key();
    house.cli_ok(&["check"]);
    for touched in ["data", "inbox", "outbox"] {
        assert!(!house.path().join(touched).exists(), "{touched} was made");
    }
}
