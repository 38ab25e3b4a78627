//! Folders that go away, and the users whom servers become when root starts them.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A user and its group, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    pub uid: u32,
    pub gid: u32,
}

/// A new folder that other users may enter: servers give up root and must still get in.
pub fn new() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    folder
}

/// Whether the tests run as root.
pub fn as_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// The user called `name` where root may become it; `None` for anybody else, who can only stay who they are.
pub fn user(name: &str) -> Option<User> {
    as_root().then(|| User { uid: id("-u", name), gid: id("-g", name) })
}

/// Who runs the tests, by name.
pub fn own_name(flag: &str) -> String {
    text(Command::new("id").args([flag, "-n"]))
}

/// Makes a folder, with its parents, and gives it to `owner`.
pub fn make_for(owner: Option<User>, path: &Path) {
    std::fs::create_dir_all(path).unwrap();
    give(owner, path);
}

/// Gives a file or folder to `owner`.
pub fn give(owner: Option<User>, path: &Path) {
    if let Some(User { uid, gid }) = owner {
        chown(path, Some(uid), Some(gid)).unwrap();
    }
}

fn id(flag: &str, name: &str) -> u32 {
    text(Command::new("id").args([flag, name])).parse().unwrap_or_else(|_| panic!("there is no user {name}"))
}

fn text(command: &mut Command) -> String {
    String::from_utf8(command.output().unwrap().stdout).unwrap().trim().to_owned()
}
