//! ［事業者（事業グループ）情報登録］ (S13, S24).

use askama::Template;

use super::next;
use crate::domain::company::{self, CompanyForm, Fault, Kind};
use crate::domain::decision::Choice;
use crate::flows::{company as flow, decide};
use crate::links;
use crate::web::{Answer, Field, Fields, Frame, Outcome, Pages, Person, Step, Trouble};

#[derive(Template)]
#[template(path = "pages/company.html")]
struct Page {
    frame: Frame,
    company: [Field; 6],
    representative: [Field; 2],
    may_decline: bool,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.form(links::COMPANY, show, take)
}

async fn show(person: Person) -> Outcome {
    next::terms_first(&person).await?;
    let saved = flow::of(&person.visitor.site.context, &person.account).await?;
    let form = saved.as_ref().map(CompanyForm::from).unwrap_or_default();
    Ok(Answer::page(&page(&person, &form, &[]).await?))
}

async fn take(person: Person, fields: Fields) -> Outcome {
    next::terms_first(&person).await?;
    let form = typed(&fields);
    let company = match form.check() {
        Ok(company) => company,
        Err(faults) => return Ok(Answer::faulty(&page(&person, &form, &faults).await?)),
    };
    let context = &person.visitor.site.context;
    flow::save(context, person.request.as_ref(), &person.account, &company).await?;
    // Who declined under another ID came here to approve after all.
    let may = may(&person, Choice::Approve).await?;
    Ok(Answer::see(if may { links::REQUEST } else { links::NEXT }))
}

fn typed(fields: &Fields) -> CompanyForm {
    let text = |name| fields.raw(name).to_owned();
    CompanyForm {
        kind: text("kind"),
        name: text("name"),
        kana: text("kana"),
        postal_code: text("postal-code"),
        address: text("address"),
        telephone: text("telephone"),
        representative_name: text("representative-name"),
        representative_kana: text("representative-kana"),
    }
}

async fn may(person: &Person, choice: Choice) -> Result<bool, Trouble> {
    let site = &person.visitor.site;
    let shown = decide::look(&site.context, person.request.as_ref(), &person.account, &site.terms.version).await?;
    Ok(shown.is_some_and(|shown| shown.may(choice).is_ok()))
}

async fn page(person: &Person, form: &CompanyForm, faults: &[(company::Field, Fault)]) -> Result<Page, Trouble> {
    use company::Field as Of;
    let words = |of, called| {
        let fault = faults.iter().find(|(field, _)| *field == of);
        fault.map(|(_, fault)| says(*fault, called))
    };
    let kinds = [(Kind::Corporation, "法人"), (Kind::SoleProprietor, "個人事業者")];
    let kinds = kinds.map(|(kind, says)| (kind.name(), says.to_owned())).to_vec();
    let company = [
        Field::choice("kind", "事業者の区分", kinds).value(&form.kind).fault(words(Of::Kind, "事業者の区分")),
        Field::line("name", "法人名または屋号")
            .hint("例：株式会社山田商店")
            .autocomplete("organization")
            .value(&form.name)
            .fault(words(Of::Name, "法人名または屋号")),
        Field::line("kana", "法人名または屋号のフリガナ")
            .hint("「カブシキガイシャ」などは省いてかまいません。例：ヤマダショウテン")
            .value(&form.kana)
            .fault(words(Of::Kana, "法人名または屋号のフリガナ")),
        Field::digits("postal-code", "郵便番号")
            .hint("例：100-0005")
            .autocomplete("postal-code")
            .value(&form.postal_code)
            .fault(words(Of::PostalCode, "郵便番号")),
        Field::line("address", "所在地")
            .hint("都道府県から、建物名・部屋番号までご入力ください。")
            .autocomplete("street-address")
            .value(&form.address)
            .fault(words(Of::Address, "所在地")),
        Field::telephone("telephone", "電話番号")
            .hint("例：03-0000-0000")
            .autocomplete("tel")
            .value(&form.telephone)
            .fault(words(Of::Telephone, "電話番号")),
    ];
    let representative = [
        Field::line("representative-name", "代表者の氏名")
            .hint("例：山田 太郎")
            .autocomplete("name")
            .value(&form.representative_name)
            .fault(words(Of::RepresentativeName, "代表者の氏名")),
        Field::line("representative-kana", "代表者の氏名のフリガナ")
            .hint("例：ヤマダ タロウ")
            .value(&form.representative_kana)
            .fault(words(Of::RepresentativeKana, "代表者の氏名のフリガナ")),
    ];
    let all: Vec<_> = company.iter().chain(&representative).collect();
    let frame = Frame::new(&person.visitor, "事業者（事業グループ）情報登録").at(Step::Approve).with_faults(&all);
    Ok(Page { frame, company, representative, may_decline: may(person, Choice::Decline).await? })
}

fn says(fault: Fault, called: &str) -> String {
    match fault {
        Fault::Missing if called == "事業者の区分" => "法人か個人事業者かをお選びください。".to_owned(),
        Fault::Missing => format!("{called}を入力してください。"),
        Fault::TooLong(most) => format!("{called}は{most}文字以内で入力してください。"),
        Fault::NotKana => format!("{called}は、カタカナまたはひらがなで入力してください。"),
        Fault::NotAPostalCode => "郵便番号は7桁の数字で入力してください。例：100-0005".to_owned(),
        Fault::NotATelephone => "電話番号は、市外局番から入力してください。例：03-0000-0000".to_owned(),
    }
}
