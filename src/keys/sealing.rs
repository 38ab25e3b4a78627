//! Words that wait in the database for their mail to leave and are nobody's to read there: sealed under a key that is derived
//! for that one mail, so that who steals the database has none of them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;

use super::Keys;
use crate::domain::ids::OutboundId;

const WORDS: &[u8] = b"renkei sealed words 1\0";

impl Keys {
    /// `words` for this mail alone, base64url; `None` without any key. A mail has its words sealed once, when it is put into
    /// the outbox.
    #[must_use]
    pub fn seal(&self, mail: &OutboundId, words: &str) -> Option<String> {
        let mut bytes = words.as_bytes().to_vec();
        key_of(self.by_name.get(&self.newest)?, mail)?
            .seal_in_place_append_tag(nonce(), Aad::empty(), &mut bytes)
            .ok()?;
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The words that any of our keys sealed for this mail.
    #[must_use]
    pub fn unseal(&self, mail: &OutboundId, sealed: &str) -> Option<String> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        self.by_name.values().find_map(|key| {
            let mut bytes = sealed.clone();
            let words = key_of(key, mail)?.open_in_place(nonce(), Aad::empty(), &mut bytes).ok()?;
            String::from_utf8(words.to_vec()).ok()
        })
    }
}

fn key_of(key: &hmac::Key, mail: &OutboundId) -> Option<LessSafeKey> {
    let derived = hmac::sign(key, &[WORDS, mail.as_str().as_bytes()].concat());
    Some(LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, derived.as_ref()).ok()?))
}

/// Always the same: each key seals one text.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::entropy::Entropy;
    use crate::keys::create;

    #[test]
    fn sealed_words_are_read_by_our_keys_for_their_mail_alone() {
        let (folder, entropy) = (tempfile::tempdir().unwrap(), Entropy::seeded(1));
        create(folder.path(), &entropy, Timestamp::from_millis(1)).unwrap();
        let keys = Keys::load(folder.path()).unwrap();
        let mail = |at| OutboundId::new(entropy.uuid(Timestamp::from_millis(at)));
        let (one, other) = (mail(1_700_000_000_000), mail(1_700_000_000_001));
        let sealed = keys.seal(&one, "山田です").unwrap();
        assert_eq!(keys.unseal(&one, &sealed).as_deref(), Some("山田です"));
        assert_ne!(keys.seal(&other, "山田です"), Some(sealed.clone()));
        assert_eq!(keys.unseal(&other, &sealed), None);
        for place in 0..sealed.len() - 1 {
            let mut forged = sealed.clone().into_bytes();
            forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(keys.unseal(&one, &String::from_utf8(forged).unwrap()), None, "{place}");
        }
        create(folder.path(), &entropy, Timestamp::from_millis(9_999)).unwrap();
        let rotated = Keys::load(folder.path()).unwrap();
        assert_eq!(rotated.unseal(&one, &sealed).as_deref(), Some("山田です"));
        assert_eq!((Keys::none().seal(&one, "x"), Keys::none().unseal(&one, &sealed)), (None, None));
        assert_eq!((keys.unseal(&one, ""), keys.unseal(&one, "日本語")), (None, None));
    }
}
