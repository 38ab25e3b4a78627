//! 製品を追加する: a network product by its サービス契約ID and password (S48, S50). The password is handed through and never shown
//! again.

use askama::Template;
use secrecy::SecretString;

use super::credentials::{Refusal, asked};
use super::products::ADDED;
use super::shared::{self, Shared};
use crate::domain::contract::ServiceContractId;
use crate::flows::network_registration::{self, Registered};
use crate::links;
use crate::web::{Answer, Field, Fields, Frame, Outcome, Pages, Person, Step, Trouble, Visitor};

const CALLED: &str = "サービス契約ID";

#[derive(Template)]
#[template(path = "pages/products_add.html")]
struct Page {
    frame: Frame,
    id: Field,
    password: Field,
    recovery: Option<String>,
    faq: Option<String>,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.form(links::PRODUCTS_ADD, show, take)
}

async fn show(person: Person) -> Outcome {
    shared::at_hand(&person).await?;
    Ok(Answer::page(&page(&person.visitor, "", None)))
}

async fn take(person: Person, fields: Fields) -> Outcome {
    let shared = shared::at_hand(&person).await?;
    let typed = fields.text("id");
    Ok(match register(&person.visitor, &shared, typed, fields.raw("password")).await? {
        Ok(()) => Answer::see(&format!("{}?{ADDED}", links::PRODUCTS)),
        Err(refusal) => Answer::with_status(refusal.status, &page(&person.visitor, typed, Some(&refusal))),
    })
}

async fn register(
    visitor: &Visitor,
    shared: &Shared,
    typed: &str,
    password: &str,
) -> Result<Result<(), Refusal>, Trouble> {
    if typed.is_empty() {
        return Ok(Err(Refusal::id("サービス契約IDを入力してください。")));
    }
    let Ok(id) = ServiceContractId::parse(typed) else {
        return Ok(Err(Refusal::id("サービス契約IDは4文字から32文字の英数字で入力してください。")));
    };
    if password.is_empty() {
        return Ok(Err(Refusal::password("パスワードを入力してください。")));
    }
    let password = SecretString::from(password);
    let refusal = match network_registration::register(&visitor.site.context, &shared.customer, &id, &password).await? {
        Registered::Listed(_) => return Ok(Ok(())),
        Registered::Already => Refusal::id("このサービス契約IDは、すでに登録されています。"),
        Registered::Wrong { left } => Refusal::wrong(CALLED, left),
        Registered::TooMany(until) => Refusal::too_many(CALLED, until, visitor),
        Registered::NoPassword => Refusal::no_password(CALLED),
        Registered::OtherHolder => Refusal::other_holder(CALLED),
        Registered::NoContract => Refusal::no_contract(CALLED),
        Registered::Unavailable => Refusal::unavailable(CALLED),
    };
    Ok(Err(refusal))
}

fn page(visitor: &Visitor, typed: &str, refusal: Option<&Refusal>) -> Page {
    let id = Field::line("id", CALLED)
        .hint("4文字から32文字の英数字です。ハイフンや空白は省いてかまいません。")
        .value(typed);
    let (frame, id, password) = asked(Frame::new(visitor, "製品を追加する").at(Step::Approve), id, refusal);
    let guide = &visitor.site.guide;
    Page { frame, id, password, recovery: guide.service_contract.clone(), faq: guide.network_faq.clone() }
}
