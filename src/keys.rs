//! The server keys: 32 random bytes in a file each, and what is derived from them.
//!
//! A mailed link is not stored: it is an HMAC over the request's id under the key that the request names, written anew
//! whenever a mail needs it. A mailed code is derived in the same way. Who steals the database has no link and no code. The newest key (by name) is in force; older ones stay for
//! the links that were mailed under them.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use crate::domain::ids::{AttemptId, RequestId};
use crate::domain::time::Timestamp;
use crate::domain::verification::Digits;
use crate::entropy::Entropy;

mod report_token;
mod sealing;

const LINK: &[u8] = b"renkei approval link 1\0";
const CODE: &[u8] = b"renkei verification code 1\0";
const SUFFIX: &str = "key";

/// What a tag is for: a tag that was made for one purpose is none for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The cookie of who is not logged in.
    Visit,
    /// The token in each form.
    Form,
    /// What stands for an ID where failures are counted.
    Id,
    /// What stands for a source where failures are counted.
    Source,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Visit => b"renkei visit 1\0",
            Self::Form => b"renkei form 1\0",
            Self::Id => b"renkei id 1\0",
            Self::Source => b"renkei source 1\0",
        }
    }
}

/// All server keys, by name.
#[derive(Clone)]
pub struct Keys {
    by_name: BTreeMap<String, hmac::Key>,
    newest: String,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("newest", &self.newest).finish_non_exhaustive()
    }
}

/// Why the server keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is none.
    #[error("{0} holds no server key: run `renkei keys init`")]
    None(PathBuf),
    /// A file or the folder cannot be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    /// Others can read a key.
    #[error("{0} can be read by others: chmod 600 it")]
    Open(PathBuf),
    /// A file is no key.
    #[error("{0} is no server key: 32 bytes are expected")]
    Malformed(PathBuf),
}

/// Makes a new key in `folder`, which from then on is the one in force. Gives back its name.
///
/// # Errors
/// [`KeyError::File`]
pub fn create(folder: &Path, entropy: &Entropy, now: Timestamp) -> Result<String, KeyError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| KeyError::File(path, error)
    };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed(folder))?;
    let tail: [u8; 3] = entropy.bytes();
    let name =
        format!("{}-{}", now.utc().format("%Y%m%dT%H%M%S%3f"), URL_SAFE_NO_PAD.encode(tail).replace(['-', '_'], "0"));
    let path = folder.join(&name).with_extension(SUFFIX);
    let mut file =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(failed(&path))?;
    file.write_all(&entropy.bytes::<32>()).and_then(|()| file.sync_all()).map_err(failed(&path))?;
    Ok(name)
}

impl Keys {
    /// Reads all keys of `folder`.
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn load(folder: &Path) -> Result<Self, KeyError> {
        let failed = |error| KeyError::File(folder.to_owned(), error);
        let mut by_name = BTreeMap::new();
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(KeyError::None(folder.to_owned()));
            }
            Err(error) => return Err(failed(error)),
        };
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|suffix| suffix == SUFFIX)
                && let Some(name) = path.file_stem().and_then(|name| name.to_str())
            {
                by_name.insert(name.to_owned(), read(&path)?);
            }
        }
        let newest = by_name.last_key_value().map(|(name, _)| name.clone());
        let newest = newest.ok_or_else(|| KeyError::None(folder.to_owned()))?;
        Ok(Self { by_name, newest })
    }

    /// Without any key: for commands that make no link.
    #[must_use]
    pub fn none() -> Self {
        Self { by_name: BTreeMap::new(), newest: String::new() }
    }

    /// The name of the key in force, for new requests to remember.
    #[must_use]
    pub fn newest(&self) -> &str {
        &self.newest
    }

    /// The token of a request's mailed link: its id and 256 bits that only we can make, base64url, 64 characters. `None`
    /// when the key it was made with is gone, or for an id that is none of ours.
    #[must_use]
    pub fn link_token(&self, key: &str, request: &RequestId) -> Option<String> {
        let id = uuid::Uuid::parse_str(request.as_str()).ok()?;
        let tag = hmac::sign(self.by_name.get(key)?, &link_message(&id));
        Some(URL_SAFE_NO_PAD.encode([id.as_bytes().as_slice(), tag.as_ref()].concat()))
    }

    /// The request that a token is for, if any of our keys made it.
    #[must_use]
    pub fn request_of(&self, token: &str) -> Option<RequestId> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (id, tag) = bytes.split_first_chunk::<16>()?;
        let id = uuid::Uuid::from_bytes(*id);
        let message = link_message(&id);
        let ours = self.by_name.values().any(|key| hmac::verify(key, &message, tag).is_ok());
        ours.then(|| RequestId::new(id))
    }

    /// The digits of a verification code, truncated as in RFC 4226 §5.3 from an HMAC over all that tells one minting from
    /// every other. `None` when the key is gone.
    #[must_use]
    pub fn code(&self, key: &str, attempt: &AttemptId, sequence: u32, minting: u32) -> Option<Digits> {
        let numbers = [sequence.to_be_bytes(), minting.to_be_bytes()].concat();
        let message = [CODE, attempt.as_str().as_bytes(), b"\0", &numbers].concat();
        let tag = hmac::sign(self.by_name.get(key)?, &message);
        let offset = usize::from(tag.as_ref().last()? & 0x0F);
        let four: [u8; 4] = tag.as_ref().get(offset..offset + 4)?.try_into().ok()?;
        Some(Digits::of((u32::from_be_bytes(four) & 0x7FFF_FFFF) % 1_000_000))
    }

    /// A tag over `message` that only we can make, base64url, 43 characters; `None` without any key.
    #[must_use]
    pub fn tag(&self, purpose: Purpose, message: &[u8]) -> Option<String> {
        let tag = hmac::sign(self.by_name.get(&self.newest)?, &tagged(purpose, message));
        Some(URL_SAFE_NO_PAD.encode(tag))
    }

    /// Whether any of our keys made this tag for this purpose over `message`.
    #[must_use]
    pub fn is_tag(&self, purpose: Purpose, message: &[u8], tag: &str) -> bool {
        let Ok(tag) = URL_SAFE_NO_PAD.decode(tag) else { return false };
        let message = tagged(purpose, message);
        self.by_name.values().any(|key| hmac::verify(key, &message, &tag).is_ok())
    }
}

fn tagged(purpose: Purpose, message: &[u8]) -> Vec<u8> {
    [purpose.label(), message].concat()
}

fn link_message(id: &uuid::Uuid) -> Vec<u8> {
    [LINK, id.as_bytes().as_slice()].concat()
}

fn read(path: &Path) -> Result<hmac::Key, KeyError> {
    let failed = |error| KeyError::File(path.to_owned(), error);
    if fs::metadata(path).map_err(failed)?.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::Open(path.to_owned()));
    }
    let bytes = fs::read(path).map_err(failed)?;
    if bytes.len() == 32 {
        Ok(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
    } else {
        Err(KeyError::Malformed(path.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn id(seed: u64) -> RequestId {
        RequestId::new(Entropy::seeded(seed).uuid(NOW))
    }

    #[test]
    fn a_link_survives_a_new_key_and_dies_with_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let entropy = Entropy::seeded(1);
        let first = create(folder.path(), &entropy, NOW).unwrap();
        let keys = Keys::load(folder.path()).unwrap();
        let token = keys.link_token(&first, &id(2)).unwrap();
        assert_eq!(token.len(), 64);

        let second = create(folder.path(), &entropy, NOW.after(std::time::Duration::from_secs(1))).unwrap();
        let keys = Keys::load(folder.path()).unwrap();
        assert_eq!(keys.newest(), second);
        assert_eq!(keys.request_of(&token), Some(id(2)));

        fs::remove_file(folder.path().join(first).with_extension(SUFFIX)).unwrap();
        assert_eq!(Keys::load(folder.path()).unwrap().request_of(&token), None);
    }

    #[test]
    fn a_token_cannot_be_turned_into_another() {
        let folder = tempfile::tempdir().unwrap();
        let name = create(folder.path(), &Entropy::seeded(1), NOW).unwrap();
        let keys = Keys::load(folder.path()).unwrap();
        let token = keys.link_token(&name, &id(2)).unwrap();
        for place in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(keys.request_of(&String::from_utf8(forged).unwrap()), None, "{place}");
        }
        assert_eq!(keys.request_of(""), None);
        assert_eq!(keys.request_of("日本語"), None);
    }

    #[test]
    fn codes_differ_by_everything_they_are_made_of() {
        let folder = tempfile::tempdir().unwrap();
        let name = create(folder.path(), &Entropy::seeded(1), NOW).unwrap();
        let keys = Keys::load(folder.path()).unwrap();
        let attempt = |seed| AttemptId::new(Entropy::seeded(seed).uuid(NOW));
        let mut codes = std::collections::HashSet::new();
        for seed in 0..20 {
            for sequence in 1..=3 {
                for minting in 1..=3 {
                    codes.insert(keys.code(&name, &attempt(seed), sequence, minting).unwrap().to_text());
                }
            }
        }
        // 180 draws of a million: two pairs that meet are one in ten thousand, and the seeds are fixed
        assert!(codes.len() >= 178 && codes.iter().all(|code| code.len() == 6), "{}", codes.len());
        assert_eq!(keys.code(&name, &attempt(1), 1, 1), keys.code(&name, &attempt(1), 1, 1));
        assert_eq!(keys.code("another", &attempt(1), 1, 1), None);
    }

    #[test]
    fn a_tag_is_for_its_purpose_and_its_message_alone() {
        let folder = tempfile::tempdir().unwrap();
        create(folder.path(), &Entropy::seeded(1), NOW).unwrap();
        let old = Keys::load(folder.path()).unwrap();
        let tag = old.tag(Purpose::Form, b"me").unwrap();
        create(folder.path(), &Entropy::seeded(2), NOW.after(std::time::Duration::from_secs(1))).unwrap();
        let keys = Keys::load(folder.path()).unwrap();
        assert!(keys.is_tag(Purpose::Form, b"me", &tag));
        assert_ne!(keys.tag(Purpose::Form, b"me"), Some(tag.clone()));
        assert!(!keys.is_tag(Purpose::Visit, b"me", &tag) && !keys.is_tag(Purpose::Form, b"you", &tag));
        assert!(!keys.is_tag(Purpose::Form, b"me", "") && !keys.is_tag(Purpose::Form, b"me", "日本語"));
        assert!(!Keys::none().is_tag(Purpose::Form, b"me", &tag) && Keys::none().tag(Purpose::Form, b"").is_none());
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let name = create(folder.path(), &Entropy::System, NOW).unwrap();
        let path = folder.path().join(name).with_extension(SUFFIX);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(Keys::load(folder.path()), Err(KeyError::Open(_))));
    }
}
