//! `[sender]`: in whose name letters are written.

use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, de};

use super::Invalid;
use crate::domain::email_address::EmailAddress;

/// In whose name letters are written. `address` and `contact` have no default: nobody else can know them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// The address in `From`.
    #[serde(deserialize_with = "address")]
    pub address: EmailAddress,
    /// Whom a customer may ask about the procedure: a telephone number with its hours, say, or a mail address. One line.
    pub contact: String,
    /// The maker's name in subjects and in 「…製品」. Default: 弥生.
    #[serde(default = "brand")]
    pub brand: String,
    /// What the letters call this service. Default: 弥生マイポータル.
    #[serde(default = "site_name")]
    pub site_name: String,
    /// The name beside the address in `From`. Default: 弥生マイポータル.
    #[serde(default = "site_name")]
    pub display_name: String,
    /// Where an answer of a person goes; one that comes to the mailbox all the same is sent on to it. Default: none, and the
    /// letters say that nobody reads answers.
    #[serde(default, deserialize_with = "optional_address")]
    pub reply_to: Option<EmailAddress>,
    /// The envelope sender, where bounces go. Default: `address`. Answers to mails have none (RFC 3834 §3.3).
    #[serde(default, deserialize_with = "optional_address")]
    pub return_path: Option<EmailAddress>,
    /// What stands between the return path's name and the tag of the mail (`bounce+TAG@…`), by which a bounce is known that
    /// says nothing else: the delimiter that the server of `return_path` knows (Postfix: `recipient_delimiter`), `+`, `-` or
    /// `=`. The name has 21 characters at most. Default: none, and all letters have the same return path.
    #[serde(default)]
    pub return_path_delimiter: Option<char>,
    /// The time zone that dates in letters are given in. Default: Asia/Tokyo.
    #[serde(default = "tokyo", deserialize_with = "time_zone")]
    pub time_zone: Tz,
    /// What is said otherwise in English letters.
    #[serde(default)]
    pub english: English,
}

/// `[sender.english]`: the names in English letters.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct English {
    /// Default: Yayoi.
    pub brand: String,
    /// Default: Yayoi My Portal.
    pub site_name: String,
    /// Default: none, and the Japanese one is given.
    pub contact: Option<String>,
}

impl Default for English {
    fn default() -> Self {
        Self { brand: "Yayoi".to_owned(), site_name: "Yayoi My Portal".to_owned(), contact: None }
    }
}

impl Sender {
    /// The defaults around what has none.
    #[must_use]
    pub fn new(address: EmailAddress, contact: impl Into<String>) -> Self {
        Self {
            address,
            contact: contact.into(),
            brand: brand(),
            site_name: site_name(),
            display_name: site_name(),
            reply_to: None,
            return_path: None,
            return_path_delimiter: None,
            time_zone: tokyo(),
            english: English::default(),
        }
    }

    /// The envelope sender of what is no answer.
    #[must_use]
    pub fn return_path(&self) -> &EmailAddress {
        self.return_path.as_ref().unwrap_or(&self.address)
    }

    /// Who reads what people answer: `reply_to`, or else a `contact` that is an address. Not an address of ours, where it would
    /// come back.
    #[must_use]
    pub fn desk(&self) -> Option<EmailAddress> {
        let contact = || EmailAddress::parse(&self.contact).ok();
        let desk = self.reply_to.clone().or_else(contact)?;
        (desk != self.address && desk != *self.return_path()).then_some(desk)
    }

    /// Whether letters can be written in this name.
    ///
    /// # Errors
    /// [`Invalid`] for a text that is empty or has more than one line.
    pub fn validate(&self) -> Result<(), Invalid> {
        let texts = [
            ("sender.contact", &self.contact),
            ("sender.brand", &self.brand),
            ("sender.site_name", &self.site_name),
            ("sender.display_name", &self.display_name),
            ("sender.english.brand", &self.english.brand),
            ("sender.english.site_name", &self.english.site_name),
        ];
        if self.return_path_delimiter.is_some_and(|delimiter| !"+-=".contains(delimiter)) {
            return Err(Invalid::new("sender.return_path_delimiter", "must be +, - or ="));
        }
        if self.return_path_delimiter.is_some() && self.return_path().local().len() > 21 {
            return Err(Invalid::new(
                "sender.return_path",
                "has more than 21 characters before the @: no tag fits beside it",
            ));
        }
        let english_contact = self.english.contact.as_ref().map(|contact| ("sender.english.contact", contact));
        for (key, text) in texts.into_iter().chain(english_contact) {
            if text.trim().is_empty() || text.chars().any(char::is_control) {
                return Err(Invalid { key: key.to_owned(), problem: "must be one line that is not empty".to_owned() });
            }
        }
        Ok(())
    }
}

fn brand() -> String {
    "弥生".to_owned()
}

fn site_name() -> String {
    "弥生マイポータル".to_owned()
}

const fn tokyo() -> Tz {
    Tz::Asia__Tokyo
}

fn address<'de, D: Deserializer<'de>>(from: D) -> Result<EmailAddress, D::Error> {
    EmailAddress::parse(&String::deserialize(from)?).map_err(de::Error::custom)
}

/// An address, or none where the text is empty.
pub(super) fn optional_address<'de, D: Deserializer<'de>>(from: D) -> Result<Option<EmailAddress>, D::Error> {
    let text = String::deserialize(from)?;
    if text.is_empty() { Ok(None) } else { EmailAddress::parse(&text).map(Some).map_err(de::Error::custom) }
}

fn time_zone<'de, D: Deserializer<'de>>(from: D) -> Result<Tz, D::Error> {
    String::deserialize(from)?.parse().map_err(|_| de::Error::custom("no time zone of that name, e.g. Asia/Tokyo"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_keys_suffice() {
        let sender: Sender = toml::from_str("address = 'portal@renkei.example'\ncontact = '0120-000-000'").unwrap();
        assert_eq!((sender.brand.as_str(), sender.display_name.as_str()), ("弥生", "弥生マイポータル"));
        assert_eq!(sender.return_path(), &sender.address);
        assert!(sender.validate().is_ok());
    }

    #[test]
    fn answers_are_read_where_an_address_says_so() {
        let desk = |contact: &str, reply_to: &str| {
            let text = format!("address = 'no-reply@renkei.example'\ncontact = '{contact}'\nreply_to = '{reply_to}'");
            toml::from_str::<Sender>(&text).unwrap().desk().map(|desk| desk.to_text())
        };
        assert_eq!(desk("03-0000-0000", ""), None);
        assert_eq!(desk("help@example.jp", "").as_deref(), Some("help@example.jp"));
        assert_eq!(desk("help@example.jp", "support@renkei.example").as_deref(), Some("support@renkei.example"));
        assert_eq!(desk("03-0000-0000 help@example.jp", ""), None, "which of the two is for a person to say");
        assert_eq!(desk("help@example.jp", "No-Reply@renkei.example"), None, "it would come back");
    }

    #[test]
    fn what_cannot_be_is_named() {
        let wrong = |more: &str| toml::from_str::<Sender>(&format!("contact = 'x'\n{more}")).unwrap_err().to_string();
        assert!(wrong("").contains("address"));
        assert!(wrong("address = 'nobody'").contains('@'));
        assert!(wrong("address = 'a@b.example'\ntime_zone = 'Edo'").contains("time zone"));
        assert!(wrong("address = 'a@b.example'\nbrnad = 'x'").contains("brnad"));
    }

    #[test]
    fn a_tag_needs_a_delimiter_and_room() {
        let sender = |path: &str, delimiter: char| {
            let text =
                format!("address = '{path}@renkei.example'\ncontact = 'x'\nreturn_path_delimiter = '{delimiter}'");
            toml::from_str::<Sender>(&text).unwrap().validate().map_err(|invalid| invalid.key)
        };
        assert_eq!(sender("bounce", '+'), Ok(()));
        assert_eq!(sender("bounce", '.'), Err("sender.return_path_delimiter".to_owned()));
        assert_eq!(sender("a-name-of-22-characters", '-'), Err("sender.return_path".to_owned()));
    }

    #[test]
    fn a_name_of_two_lines_is_refused() {
        let address = EmailAddress::parse("portal@renkei.example").unwrap();
        let sender = Sender { brand: "弥\n生".to_owned(), ..Sender::new(address, "0120-000-000") };
        assert_eq!(sender.validate().unwrap_err().key, "sender.brand");
    }
}
