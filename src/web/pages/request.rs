//! ［会計事務所等への契約情報提供の承認］: who asks, and the choice (S25 to S28). The choice is shown again before it counts;
//! until then it stands in the page alone, so that nothing half-chosen is kept anywhere.

use askama::Template;
use axum::extract::Query;

use super::requester::{Answerer, Requester};
use crate::domain::decision::{Choice, MESSAGE_LIMIT, Message};
use crate::domain::ids::RequestId;
use crate::flows::decide::{self, Decided, Shown};
use crate::flows::{manage, sessions};
use crate::links;
use crate::web::{Answer, Field, Fields, Frame, Outcome, Pages, Person, Step, Trouble};

const TITLE: &str = "会計事務所等への契約情報提供の承認";

#[derive(Template)]
#[template(path = "pages/request.html")]
struct Ask {
    frame: Frame,
    requester: Requester,
    answerer: Answerer,
    /// None where company data are missing: then it can only be declined.
    choice: Option<Field>,
    message: Field,
}

#[derive(Template)]
#[template(path = "pages/request_confirm.html")]
struct Confirm {
    frame: Frame,
    requester: Requester,
    answerer: Answerer,
    choice: &'static str,
    words: &'static str,
    message: String,
}

/// What the address line may say: 「この申請を承認しない」 of the company's page leads here.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Wish {
    choice: String,
}

/// What was typed, however wrong.
struct Typed<'a> {
    choice: &'a str,
    message: &'a str,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.form(links::REQUEST, show, consider).form(links::REQUEST_CONFIRM, back, confirm)
}

async fn show(person: Person, Query(wish): Query<Wish>) -> Outcome {
    let site = &person.visitor.site;
    let shown = decide::look(&site.context, person.request.as_ref(), &person.account, &site.terms.version).await?;
    let Some(shown) = shown else { return Ok(Answer::see(links::NEXT)) };
    let wants_to_decline = wish.choice == Choice::Decline.name();
    if shown.may(Choice::Approve).is_err() && !(wants_to_decline && shown.may(Choice::Decline).is_ok()) {
        return Ok(Answer::see(links::NEXT));
    }
    Ok(Answer::page(&ask(&person, &shown, &Typed { choice: "", message: "" }, [None, None])))
}

/// The confirmation is the answer to a form and has no address of its own.
async fn back(_: Person) -> Outcome {
    Ok(Answer::see(links::REQUEST))
}

/// 確認する, and the way back from there.
async fn consider(person: Person, fields: Fields) -> Outcome {
    let site = &person.visitor.site;
    let Some(request) = named(&person, &fields).await? else { return Ok(Answer::see(links::NEXT)) };
    let shown = decide::consider(&site.context, Some(&request), &person.account, &site.terms.version).await?;
    let Some(shown) = shown else { return Ok(Answer::see(links::NEXT)) };
    if shown.may(Choice::Approve).is_err() && shown.may(Choice::Decline).is_err() {
        return Ok(Answer::see(links::NEXT));
    }
    // From here on it is this one, wherever the person came from.
    sessions::take_request(&site.context, person.secret(), &request).await?;
    let typed = Typed { choice: fields.raw("choice"), message: fields.raw("message") };
    if fields.raw("do") == "edit" {
        return Ok(Answer::page(&ask(&person, &shown, &typed, [None, None])));
    }
    let choice = Choice::stored(typed.choice).filter(|choice| shown.may(*choice).is_ok());
    match (choice, Message::parse(typed.message)) {
        (Some(choice), Ok(message)) => Ok(Answer::page(&repeat(&person, &shown, choice, &message))),
        (choice, message) => {
            let no_choice = choice.is_none().then(|| "「承認する」か「承認しない」をお選びください。".to_owned());
            let too_long = message.err().map(|error| {
                format!("メッセージは{MESSAGE_LIMIT}文字以内で入力してください（いまは{}文字です）。", error.0)
            });
            Ok(Answer::faulty(&ask(&person, &shown, &typed, [no_choice, too_long])))
        }
    }
}

/// 確定する
async fn confirm(person: Person, fields: Fields) -> Outcome {
    let site = &person.visitor.site;
    let Some(request) = named(&person, &fields).await? else { return Ok(Answer::see(links::NEXT)) };
    let (Some(choice), Ok(message)) = (Choice::stored(fields.raw("choice")), Message::parse(fields.raw("message")))
    else {
        return Ok(Answer::see(links::REQUEST));
    };
    let answer = crate::domain::decision::Answer { choice, message };
    let (context, terms) = (&site.context, &site.terms.version);
    Ok(match decide::decide(context, &request, &person.account, terms, &answer).await? {
        Decided::Answered(..) => Answer::see(links::REQUEST_DONE),
        Decided::Not(_) => Answer::see(links::NEXT),
    })
}

/// The request that the form was about: another link may have been opened in another tab since. `None` for one that this
/// person may not see.
async fn named(person: &Person, fields: &Fields) -> Result<Option<RequestId>, Trouble> {
    let Ok(number) = fields.raw("number").parse() else { return Ok(None) };
    let context = &person.visitor.site.context;
    let found = manage::find(context, person.request.as_ref(), &person.account, number).await?;
    Ok(found.map(|found| found.request.id))
}

fn ask(person: &Person, shown: &Shown, typed: &Typed<'_>, [no_choice, too_long]: [Option<String>; 2]) -> Ask {
    let choices = [(Choice::Approve, "承認する"), (Choice::Decline, "承認しない")];
    let choices = choices.map(|(choice, says)| (choice.name(), says.to_owned())).to_vec();
    let choice = shown
        .may(Choice::Approve)
        .is_ok()
        .then(|| Field::choice("choice", "この申請を承認しますか", choices).value(typed.choice).fault(no_choice));
    let message = Field::lines("message", "申請元の会計事務所へのメッセージ")
        .hint(format!("任意です。{MESSAGE_LIMIT}文字まで入力できます。"))
        .value(typed.message)
        .fault(too_long);
    let fields: Vec<_> = choice.iter().chain([&message]).collect();
    let frame = Frame::new(&person.visitor, TITLE).at(Step::Approve).with_faults(&fields);
    let requester = Requester::of(&person.visitor, shown);
    Ask { frame, requester, answerer: Answerer::from(shown), choice, message }
}

fn repeat(person: &Person, shown: &Shown, choice: Choice, message: &Message) -> Confirm {
    Confirm {
        frame: Frame::new(&person.visitor, "お返事の確認").at(Step::Approve),
        requester: Requester::of(&person.visitor, shown),
        answerer: Answerer::from(shown),
        choice: choice.name(),
        words: match choice {
            Choice::Approve => "承認する",
            Choice::Decline => "承認しない",
        },
        message: message.as_str().to_owned(),
    }
}
