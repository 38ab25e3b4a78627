//! ［弥生IDの新規登録］ (S14, S15).

use askama::Template;
use axum::http::StatusCode;

use super::words;
use crate::domain::account::PersonName;
use crate::domain::email_address::EmailAddress;
use crate::domain::locale::Locale;
use crate::domain::password::NewPassword;
use crate::flows::register::{self, Begun, Registration};
use crate::links;
use crate::web::{Answer, Field, Fields, Frame, Outcome, Pages, Step, Terms, Visitor, times};

#[derive(Template)]
#[template(path = "pages/register.html")]
struct Register {
    frame: Frame,
    fields: Vec<Field>,
    consent: Field,
    terms: Terms,
}

/// What is wrong, field by field.
#[derive(Default)]
struct Faults {
    address: Option<String>,
    name: Option<String>,
    password: Option<String>,
    again: Option<&'static str>,
    consent: Option<&'static str>,
}

pub(super) fn add(pages: Pages) -> Pages {
    pages.form(links::REGISTER, show, take)
}

impl Register {
    fn new(visitor: &Visitor, typed: &Fields, faults: Faults) -> Self {
        let (site, brand) = (&visitor.site, &visitor.site.brand);
        let least = site.context.passwords.rule().least();
        let fields = vec![
            Field::email("address", "メールアドレス")
                .autocomplete("username")
                .hint(format!("ここで登録したメールアドレスは「{brand}ID」として、今後も利用します。"))
                .hint("※ 忘れないように十分ご注意ください。")
                .value(typed.raw("address"))
                .fault(faults.address),
            Field::line("name", "お名前")
                .autocomplete("name")
                .hint("画面に「ログイン者名」として表示されます。例：山田 太郎")
                .value(typed.raw("name"))
                .fault(faults.name),
            Field::password("password", "パスワード")
                .autocomplete("new-password")
                .hint(format!("{least}文字以上。文字の種類は自由で、空白や日本語も使えます。"))
                .fault(faults.password),
            Field::password("again", "パスワード（確認のためもう一度）")
                .autocomplete("new-password")
                .fault(faults.again),
        ];
        let consent = consent(brand)
            .value(if consents(typed, &site.terms) { typed.raw("consent") } else { "" })
            .fault(faults.consent);
        let all: Vec<&Field> = fields.iter().chain([&consent]).collect();
        let frame = Frame::new(visitor, format!("{brand}IDの新規登録")).at(Step::LogIn).with_faults(&all);
        Self { frame, fields, consent, terms: site.terms.clone() }
    }

    /// The form again, with something that is wrong with the whole of it.
    fn but(visitor: &Visitor, typed: &Fields, says: impl Into<String>) -> Self {
        let page = Self::new(visitor, typed, Faults::default());
        Self { frame: page.frame.with_fault(says), ..page }
    }
}

/// The one box (S15). It is never ticked beforehand.
pub(super) fn consent(brand: &str) -> Field {
    Field::tick("consent", format!("「{brand}関連サービス基本利用規約」およびプライバシーポリシーに同意します。"))
}

/// Whether the box is ticked beneath the very terms that are in force: who looked at older ones has not agreed to these.
pub(super) fn consents(fields: &Fields, terms: &Terms) -> bool {
    fields.is_ticked("consent") && fields.raw("terms") == terms.version
}

/// What is said to who has not ticked it.
pub(super) const NO_CONSENT: &str = "内容をご確認のうえ、チェックを付けてください。";

async fn show(visitor: Visitor) -> Outcome {
    if visitor.is_logged_in() {
        return Ok(Answer::see(links::NEXT));
    }
    Ok(Answer::page(&Register::new(&visitor, &Fields::default(), Faults::default())))
}

async fn take(visitor: Visitor, fields: Fields) -> Outcome {
    if visitor.is_logged_in() {
        return Ok(Answer::see(links::NEXT));
    }
    let registration = match read(&visitor, &fields) {
        Ok(registration) => registration,
        Err(faults) => return Ok(Answer::faulty(&Register::new(&visitor, &fields, faults))),
    };
    let but = |says: String| Register::but(&visitor, &fields, says);
    let begin = register::register(&visitor.site.context, registration);
    Ok(match visitor.site.forms.once(&visitor, &fields, begin).await? {
        Begun::Attempt(attempt) => {
            let mut visit = visitor.visit.clone();
            (visit.attempt, visit.notice) = (Some(attempt), None);
            Answer::see(links::CODE).visiting(visit)
        }
        Begun::Later(from) => {
            let from = times::from(from, visitor.now(), visitor.site.time_zone);
            let says = format!("続けてお手続きいただける回数を超えました。{from}以降に、もう一度お試しください。");
            Answer::with_status(StatusCode::TOO_MANY_REQUESTS, &but(says))
        }
        Begun::Busy => Answer::with_status(
            StatusCode::SERVICE_UNAVAILABLE,
            &but("ただいま混み合っています。10秒ほどたってから、もう一度お試しください。".to_owned()),
        ),
    })
}

/// Judges every field, so that all that is wrong is said at once.
fn read(visitor: &Visitor, fields: &Fields) -> Result<Registration, Faults> {
    let address = words::address(fields.text("address"), "メールアドレス");
    let name = PersonName::parse(fields.text("name")).map_err(words::name);
    let password = new_password(visitor, fields, address.as_ref().ok());
    let again = words::repeated(fields.raw("password"), fields.raw("again"));
    let consent = (!consents(fields, &visitor.site.terms)).then_some(NO_CONSENT);
    match (address, name, password, again, consent) {
        (Ok(address), Ok(name), Ok(password), None, None) => Ok(Registration {
            address,
            name,
            password,
            terms_version: visitor.site.terms.version.clone(),
            locale: Locale::Ja,
            source: visitor.source(),
            invited_by: visitor.request().cloned(),
        }),
        (address, name, password, again, consent) => {
            // While the first is not right there is nothing to repeat.
            let again = if password.is_err() { None } else { again };
            Err(Faults { address: address.err(), name: name.err(), password: password.err(), again, consent })
        }
    }
}

/// The password as it came, judged beside what anybody may know of its owner.
fn new_password(visitor: &Visitor, fields: &Fields, address: Option<&EmailAddress>) -> Result<NewPassword, String> {
    let typed = fields.raw("password");
    if typed.is_empty() {
        return Err("パスワードを入力してください。".to_owned());
    }
    let site = &visitor.site;
    let address = address.map(EmailAddress::to_text).unwrap_or_default();
    let known = [address.as_str(), fields.text("name"), &site.name, &site.brand];
    site.context.new_password(typed, &known).map_err(words::password)
}
