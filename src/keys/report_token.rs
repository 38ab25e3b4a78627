//! The token that a delivery report must bring back: in the envelope's id and in the return path's tag. Nobody else can make
//! one, so that a forged report names no mail of ours (threat T19).

use ring::hmac;

use super::Keys;
use crate::domain::ids::OutboundId;

const REPORT: &[u8] = b"renkei delivery report 1\0";
/// Bytes of the HMAC in a token: 80 bits, because a local part holds 64 characters only.
const TAG: usize = 10;
/// RFC 4648 §6 in lower case: mail servers may change the case of what they carry.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

impl Keys {
    /// The token of an outbound mail: 42 lower-case letters and digits. `None` without a key, or for an id that is none.
    #[must_use]
    pub fn report_token(&self, mail: &OutboundId) -> Option<String> {
        let id = uuid::Uuid::parse_str(mail.as_str()).ok()?;
        let tag = hmac::sign(self.by_name.get(&self.newest)?, &message(&id));
        Some(base32(&[id.as_bytes().as_slice(), tag.as_ref().get(..TAG)?].concat()))
    }

    /// The outbound mail that a token is for, if any of our keys made it; in any case of letters.
    #[must_use]
    pub fn outbound_of(&self, token: &str) -> Option<OutboundId> {
        let bytes = from_base32(token)?;
        let (id, tag) = bytes.split_first_chunk::<16>()?;
        let id = uuid::Uuid::from_bytes(*id);
        let is_ours = |key: &hmac::Key| {
            let whole = hmac::sign(key, &message(&id));
            // How long this takes tells which bytes fit; to try them takes a mail each, and the sender sees no time.
            tag.len() == TAG && whole.as_ref().get(..TAG) == Some(tag)
        };
        self.by_name.values().any(is_ours).then(|| OutboundId::new(id))
    }
}

fn message(id: &uuid::Uuid) -> Vec<u8> {
    [REPORT, id.as_bytes().as_slice()].concat()
}

fn base32(bytes: &[u8]) -> String {
    let bits = |at: usize| {
        let pair = u16::from(*bytes.get(at / 8).unwrap_or(&0)) << 8 | u16::from(*bytes.get(at / 8 + 1).unwrap_or(&0));
        usize::from(pair >> (11 - at % 8) & 31)
    };
    let letter = |at: usize| LETTERS.get(bits(at * 5)).copied().map_or('a', char::from);
    (0..(bytes.len() * 8).div_ceil(5)).map(letter).collect()
}

fn from_base32(text: &str) -> Option<Vec<u8>> {
    let (mut out, mut held, mut count) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes().map(|byte| byte.to_ascii_lowercase()) {
        let value = LETTERS.iter().position(|known| *known == letter)?;
        held = held << 5 | u32::try_from(value).ok()?;
        count += 5;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(held >> count & 0xFF).ok()?);
        }
        held &= (1 << count) - 1;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::entropy::Entropy;
    use crate::keys::create;

    #[test]
    fn a_token_names_its_mail_and_nothing_else_does() {
        let (folder, entropy) = (tempfile::tempdir().unwrap(), Entropy::seeded(1));
        create(folder.path(), &entropy, Timestamp::from_millis(1)).unwrap();
        let keys = Keys::load(folder.path()).unwrap();
        let mail = OutboundId::new(entropy.uuid(Timestamp::from_millis(1_700_000_000_000)));
        let token = keys.report_token(&mail).unwrap();
        assert_eq!(token.len(), 42);
        assert_eq!(keys.outbound_of(&token), Some(mail.clone()));
        assert_eq!(keys.outbound_of(&token.to_uppercase()), Some(mail.clone()));
        // The last letter holds bits that are none of the token's.
        for place in 0..41 {
            let mut forged = token.clone().into_bytes();
            forged[place] = if forged[place] == b'a' { b'b' } else { b'a' };
            assert_eq!(keys.outbound_of(&String::from_utf8(forged).unwrap()), None, "{place}");
        }
        for bad in ["", "a", "日本語", &token[..41], &token[..26]] {
            assert_eq!(keys.outbound_of(bad), None, "{bad}");
        }
        create(folder.path(), &entropy, Timestamp::from_millis(9_999)).unwrap();
        assert_eq!(Keys::load(folder.path()).unwrap().outbound_of(&token), Some(mail));
        assert_eq!(Keys::none().report_token(&OutboundId::stored("x".to_owned())), None);
    }

    #[test]
    fn base32_is_the_standard_s() {
        assert_eq!(base32(b"foobar"), "mzxw6ytboi");
        assert_eq!(from_base32("MZXW6YTBOI").unwrap(), b"foobar");
    }
}
