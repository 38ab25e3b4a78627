//! Consent to terms that have changed since (S15).

use askama::Template;

use super::register::{NO_CONSENT, consent, consents};
use crate::flows::accounts;
use crate::links;
use crate::web::{Answer, Field, Fields, Frame, Outcome, Pages, Person, Step, Terms, Trouble};

#[derive(Template)]
#[template(path = "pages/terms.html")]
struct TermsPage {
    frame: Frame,
    consent: Field,
    terms: Terms,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.form(links::TERMS, show, take)
}

impl TermsPage {
    fn new(person: &Person, fault: Option<&str>) -> Self {
        let site = &person.visitor.site;
        let consent = consent(&site.brand).fault(fault);
        let frame = Frame::new(&person.visitor, "利用規約の確認").at(Step::LogIn).with_faults(&[&consent]);
        Self { frame, consent, terms: site.terms.clone() }
    }
}

async fn show(person: Person) -> Outcome {
    let site = &person.visitor.site;
    let account = accounts::by_id(&site.context, &person.account).await?.ok_or(Trouble::NOT_FOUND)?;
    Ok(if account.terms.version == site.terms.version {
        Answer::see(links::NEXT)
    } else {
        Answer::page(&TermsPage::new(&person, None))
    })
}

async fn take(person: Person, fields: Fields) -> Outcome {
    let site = &person.visitor.site;
    if !consents(&fields, &site.terms) {
        return Ok(Answer::faulty(&TermsPage::new(&person, Some(NO_CONSENT))));
    }
    accounts::accept_terms(&site.context, &person.account, &site.terms.version).await?;
    Ok(Answer::see(links::NEXT))
}
