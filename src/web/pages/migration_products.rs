//! 「契約の移行」: customer numbers and passwords one by one, and the list of what was registered (S39 to S43). A password is
//! handed through and never shown again.

use askama::Template;
use axum::extract::RawQuery;
use secrecy::SecretString;

use super::credentials::{Refusal, asked};
use super::migration::offered;
use super::shared::{self, Shared};
use crate::domain::contract::CustomerNumber;
use crate::domain::migration::{ItemState, MOST_ITEMS, MigrationCase, MigrationItem, State};
use crate::flows::migrate::{self, Added};
use crate::links;
use crate::web::{Answer, Field, Fields, Frame, Outcome, Pages, Person, Step, Trouble, Visitor};

const CALLED: &str = "お客様番号";
/// What the address line says after ［登録］, so that the page tells that it worked.
const ADDED: &str = "added";

#[derive(Template)]
#[template(path = "pages/migration_products.html")]
#[expect(clippy::struct_excessive_bools, reason = "the template asks each by its name")]
struct Page {
    frame: Frame,
    number: Field,
    password: Field,
    items: Vec<Item>,
    was_added: bool,
    /// A number of a network product was entered, now or before (S42).
    has_network: bool,
    may_start: bool,
    was_given_up: bool,
    back: String,
    recovery: Option<String>,
}

/// A number in the list.
struct Item {
    number: String,
    /// Its product; none for a network product, which is not moved.
    product: Option<String>,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.form(links::MIGRATION_PRODUCTS, show, take)
}

async fn show(person: Person, RawQuery(query): RawQuery) -> Outcome {
    let shared = shared::at_hand(&person).await?;
    Ok(match offered(&person, &shared).await? {
        Ok(last) => {
            let was_added = query.as_deref() == Some(ADDED);
            Answer::page(&Page { was_added, ..page(&person.visitor, &shared, last.as_ref(), "", None) })
        }
        Err(elsewhere) => elsewhere,
    })
}

async fn take(person: Person, fields: Fields) -> Outcome {
    let shared = shared::at_hand(&person).await?;
    if let Err(elsewhere) = offered(&person, &shared).await? {
        return Ok(elsewhere);
    }
    let typed = fields.text("number");
    if fields.raw("do") == "leave-out" {
        if let Ok(number) = CustomerNumber::parse(typed) {
            migrate::leave_out(&person.visitor.site.context, &shared.customer, &number).await?;
        }
        return Ok(Answer::see(links::MIGRATION_PRODUCTS));
    }
    match register(&person.visitor, &shared, typed, fields.raw("password")).await? {
        Ok(()) => Ok(Answer::see(&format!("{}?{ADDED}", links::MIGRATION_PRODUCTS))),
        Err(refusal) => again(&person, &shared, typed, &refusal).await,
    }
}

/// ［登録を完了して移行を開始する］ was pressed and nothing is registered (S43).
pub(super) async fn nothing_registered(person: &Person, shared: &Shared) -> Outcome {
    let says = "まだ製品が登録されていません。お客様番号とパスワードを入力し、［登録］を押してください。";
    again(person, shared, "", &Refusal::id(says)).await
}

async fn again(person: &Person, shared: &Shared, typed: &str, refusal: &Refusal) -> Outcome {
    let last = migrate::last(&person.visitor.site.context, &person.account).await?;
    let page = page(&person.visitor, shared, last.as_ref(), typed, Some(refusal));
    Ok(Answer::with_status(refusal.status, &page))
}

async fn register(
    visitor: &Visitor,
    shared: &Shared,
    typed: &str,
    password: &str,
) -> Result<Result<(), Refusal>, Trouble> {
    if typed.is_empty() {
        return Ok(Err(Refusal::id("お客様番号を入力してください。")));
    }
    let Ok(number) = CustomerNumber::parse(typed) else {
        return Ok(Err(Refusal::id("お客様番号は4桁から16桁の数字で入力してください。")));
    };
    if password.is_empty() {
        return Ok(Err(Refusal::password("パスワードを入力してください。")));
    }
    let password = SecretString::from(password);
    let refusal = match migrate::add(&visitor.site.context, &shared.customer, &number, &password).await? {
        Added::Registered(_) => return Ok(Ok(())),
        Added::Underway => return Err(Trouble::see(links::MIGRATION_WAIT)),
        Added::Already => Refusal::id("このお客様番号は、すでに登録または移行されています。"),
        Added::Network => Refusal::id(
            "ネットワーク製品は移行の対象外です。「製品を追加する」から、サービス契約IDで登録してください。",
        ),
        Added::Wrong { left } => Refusal::wrong(CALLED, left),
        Added::TooMany(until) => Refusal::too_many(CALLED, until, visitor),
        Added::NoPassword => Refusal::no_password(CALLED),
        Added::OtherHolder => Refusal::other_holder(CALLED),
        Added::NoContract => Refusal::no_contract(CALLED),
        Added::Full => Refusal::id(format!(
            "一度に登録できるのは{MOST_ITEMS}件までです。移行が完了してから、残りの製品を登録してください。"
        )),
        Added::Unavailable => Refusal::unavailable(CALLED),
    };
    Ok(Err(refusal))
}

fn page(
    visitor: &Visitor,
    shared: &Shared,
    last: Option<&MigrationCase>,
    typed: &str,
    refusal: Option<&Refusal>,
) -> Page {
    let number = Field::digits("number", CALLED)
        .hint("4桁から16桁の数字です。ハイフンや空白は省いてかまいません。")
        .value(typed);
    let (frame, number, password) = asked(Frame::new(visitor, "契約の移行").at(Step::Approve), number, refusal);
    let open = last.filter(|case| case.state == State::Collecting);
    let items: Vec<Item> = open.map_or_else(Vec::new, |case| case.items.iter().filter_map(item).collect());
    Page {
        frame,
        number,
        password,
        was_added: false,
        has_network: items.iter().any(|item| item.product.is_none()),
        may_start: items.iter().any(|item| item.product.is_some()),
        was_given_up: last.is_some_and(|case| matches!(case.state, State::Abandoned(_))),
        items,
        back: shared.back(),
        recovery: visitor.site.guide.customer_number.clone(),
    }
}

/// What could not be registered was told when it was tried, and may be tried again.
fn item(item: &MigrationItem) -> Option<Item> {
    let number = item.number.to_string();
    match &item.state {
        ItemState::Authenticated(owned, _) => Some(Item { number, product: Some(owned.name.clone()) }),
        ItemState::Network => Some(Item { number, product: None }),
        _ => None,
    }
}
