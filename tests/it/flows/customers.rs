//! Customers, for the tests of what they decide.

use renkei::domain::company::{Company, CompanyForm};
use renkei::domain::decision::{Answer, Choice, Message};
use renkei::domain::ids::{AccountId, RequestId};
use renkei::flows::decide::{self, Decided};
use renkei::flows::{company, landing};

use super::house::House;
use super::people::{TERMS, member};

/// The customer whom the firm asks.
pub const CUSTOMER: &str = "yamada@example.jp";
/// Somebody whom the mail was forwarded to.
pub const OTHER: &str = "hanako@example.com";

/// What a person types who gets everything right.
pub fn company_form() -> CompanyForm {
    CompanyForm {
        kind: "corporation".to_owned(),
        name: "株式会社山田商店".to_owned(),
        kana: "ﾔﾏﾀﾞｼｮｳﾃﾝ".to_owned(),
        postal_code: "〒１００ー０００５".to_owned(),
        address: "東京都千代田区丸の内1-1-1".to_owned(),
        telephone: "03（0000）0000".to_owned(),
        representative_name: "山田 太郎".to_owned(),
        representative_kana: "やまだ たろう".to_owned(),
    }
}

/// The same, sound.
pub fn sound_company() -> Company {
    company_form().check().unwrap()
}

/// An answer.
pub fn answer(choice: Choice, message: &str) -> Answer {
    Answer { choice, message: Message::parse(message).unwrap() }
}

impl House {
    /// An account with this ID, which has agreed to the terms in force.
    pub async fn account(&self, id: &str) -> AccountId {
        member(self, id, "山田 太郎").await
    }

    /// An account that has registered its company besides.
    pub async fn ready(&self, id: &str) -> AccountId {
        let account = self.account(id).await;
        company::save(&self.context, None, &account, &sound_company()).await.unwrap();
        account
    }

    /// The firm has asked the customer; the request, and the token of the link that was mailed.
    pub async fn asked(&self, customer: &str) -> (RequestId, String) {
        self.ask(customer).await;
        let token = self.letters().await.iter().find_map(super::house::Read::token).unwrap();
        let followed = landing::follow(&self.context, &token).await.unwrap().unwrap();
        (followed.request, token)
    }

    /// Confirms an answer.
    pub async fn confirm(&self, request: &RequestId, who: &AccountId, answer: &Answer) -> Decided {
        decide::decide(&self.context, request, who, TERMS, answer).await.unwrap()
    }

    /// The events of the request with this number, oldest first: event, actor, from, to.
    pub async fn story(&self, number: i64) -> Vec<String> {
        let story = renkei::flows::requests::show(&self.context, number).await.unwrap();
        story.events.iter().map(|it| format!("{} {}>{}", it.event, it.from, it.to)).collect()
    }
}
