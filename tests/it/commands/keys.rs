//! The server keys.

use std::os::unix::fs::PermissionsExt;

use super::{assert_wrong, installation, with_key};

fn keys(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut keys: Vec<_> = std::fs::read_dir(folder.join("keys")).unwrap().map(|key| key.unwrap().path()).collect();
    keys.sort();
    keys
}

#[test]
fn a_key_is_its_owners_alone() {
    let house = with_key();
    let keys = keys(house.path());
    assert_eq!(keys.len(), 1);
    assert_eq!(std::fs::metadata(&keys[0]).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::metadata(house.path().join("keys")).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(std::fs::metadata(&keys[0]).unwrap().len(), 32);
}

#[test]
fn a_second_key_is_in_force_and_the_first_stays() {
    let house = with_key();
    let first = keys(house.path());
    let bytes = std::fs::read(&first[0]).unwrap();
    let said = house.cli_ok(&["keys", "init"]);
    let both = keys(house.path());
    assert_eq!(both.len(), 2);
    assert_eq!(std::fs::read(&first[0]).unwrap(), bytes);
    let second = both.iter().find(|key| **key != first[0]).unwrap();
    let in_force = renkei::keys::Keys::load(&house.path().join("keys")).unwrap().newest().to_owned();
    assert_eq!(second.file_stem().unwrap().to_str().unwrap(), in_force);
    assert!(said.contains(&in_force), "{said}");
}

#[test]
fn the_daemon_does_not_start_without_a_key() {
    let house = installation();
    for command in ["run", "check"] {
        assert_wrong(&house.cli(&[command]), "renkei keys init");
    }
    assert!(!house.path().join("data").exists(), "nothing was touched");
}

#[test]
fn the_daemon_does_not_start_with_a_key_that_others_can_read() {
    let house = with_key();
    std::fs::set_permissions(&keys(house.path())[0], PermissionsExt::from_mode(0o640)).unwrap();
    assert_wrong(&house.cli(&["run"]), "chmod 600");
}
