//! M3: an account was registered. The address is proven now: the letter may call its owner by name.

use super::voice::Voice;
use super::{Rendered, foreign, templates};
use crate::config::sender::Sender;
use crate::domain::account::Account;
use crate::domain::locale::Locale;

/// M3.
#[derive(Clone)]
pub struct AccountRegistered {
    /// The language it is written in.
    pub locale: Locale,
    /// ログイン者名
    pub name: String,
    /// The ID: the address.
    pub id: String,
}

struct View {
    from: Voice,
    name: String,
    id: String,
}

templates! {
    View:
    Ja: "mail/account_registered/ja/subject.txt" "mail/account_registered/ja/body.txt" "mail/account_registered/ja/body.html";
    En: "mail/account_registered/en/subject.txt" "mail/account_registered/en/body.txt" "mail/account_registered/en/body.html";
}

impl AccountRegistered {
    /// About `account`.
    #[must_use]
    pub fn new(account: &Account) -> Self {
        let (name, id) = (account.name.as_str().to_owned(), account.address.to_text());
        Self { locale: account.locale, name, id }
    }

    /// A letter to read aloud.
    #[must_use]
    pub fn sample(locale: Locale) -> Self {
        let name = if locale == Locale::Ja { "山田 太郎" } else { "Taro Yamada" };
        Self { locale, name: name.to_owned(), id: "yamada@example.jp".to_owned() }
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let (from, name) = (Voice::of(sender, self.locale), foreign::line(&self.name, self.locale));
        fill(&View { from, name, id: self.id.clone() }, self.locale)
    }
}
