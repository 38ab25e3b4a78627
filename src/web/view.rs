//! What every page is made of: the frame around it, and the fields of its forms.

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;

use super::site::Site;
use super::style;
use super::visitor::Visitor;

/// The frame around a page. Templates begin with `{% extends "pages/layout.html" %}` and have it as `frame`.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The page's title, in its `<h1>` too.
    pub title: String,
    /// What the site calls itself.
    pub site_name: String,
    /// The maker's name, as in 弥生ID.
    pub brand: String,
    /// 問い合わせ先
    pub contact: String,
    /// ログイン者名
    pub login_name: Option<String>,
    /// The token of the page's forms: `{{ frame.token }}` in each `<form method="post">`.
    pub token: Token,
    /// The guide's step that this page belongs to.
    pub step: Option<Step>,
    /// What is wrong in the form, for the summary: the field's name and what is wrong with it.
    pub faults: Vec<Fault>,
    /// Where the stylesheet is.
    pub style: &'static str,
    /// Where the sign in the browser's tab is.
    pub icon: &'static str,
}

/// What is wrong with one field; the summary links to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field's name, which is its id too; empty for what concerns the whole form.
    pub field: String,
    /// What is wrong and what to do, in a sentence.
    pub says: String,
}

/// The hidden field that each form carries.
#[derive(Clone, Template)]
#[template(ext = "html", source = r#"<input type="hidden" name="csrf" value="{{ self.0 }}">"#)]
pub struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

impl HtmlSafe for Token {}

/// 設定の流れ: the guide's six steps (S5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// ① 受け取った申請メールのURLをクリック
    OpenMail,
    /// ② マイポータル（Web）へログイン
    LogIn,
    /// ③ 契約情報提供の承認・連携する会計製品の選択
    Approve,
    /// ④ 会計製品を起動して共有する事業所データを開く
    OpenData,
    /// ⑤ スマート取引取込の設定画面を表示
    OpenSettings,
    /// ⑥ ［設定を行う］をクリック
    SetUp,
}

impl Step {
    const ALL: [Self; 6] =
        [Self::OpenMail, Self::LogIn, Self::Approve, Self::OpenData, Self::OpenSettings, Self::SetUp];

    pub(super) const fn sign(self) -> char {
        match self {
            Self::OpenMail => '①',
            Self::LogIn => '②',
            Self::Approve => '③',
            Self::OpenData => '④',
            Self::OpenSettings => '⑤',
            Self::SetUp => '⑥',
        }
    }

    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::OpenMail => "受け取った申請メールのURLをクリック",
            Self::LogIn => "マイポータル（Web）へログイン",
            Self::Approve => "契約情報提供の承認・連携する会計製品の選択",
            Self::OpenData => "会計製品を起動して共有する事業所データを開く",
            Self::OpenSettings => "スマート取引取込の設定画面を表示",
            Self::SetUp => "［設定を行う］をクリック",
        }
    }
}

impl Frame {
    /// The frame of a page with this title, for this visitor.
    #[must_use]
    pub fn new(visitor: &Visitor, title: impl Into<String>) -> Self {
        Self {
            login_name: visitor.name().map(str::to_owned),
            token: Token(visitor.form_token()),
            ..Self::plain(&visitor.site, title)
        }
    }

    /// The frame of a page that is the same for everybody and has no form.
    #[must_use]
    pub(super) fn plain(site: &Site, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            site_name: site.name.clone(),
            brand: site.brand.clone(),
            contact: site.contact.clone(),
            login_name: None,
            token: Token(String::new()),
            step: None,
            faults: Vec::new(),
            style: style::href(),
            icon: crate::links::ICON,
        }
    }

    /// The page belongs to this step of the guide.
    #[must_use]
    pub fn at(self, step: Step) -> Self {
        Self { step: Some(step), ..self }
    }

    /// Whether what was typed is wrong, and not something of ours.
    #[must_use]
    pub fn faults_are_typed(&self) -> bool {
        self.faults.iter().any(|fault| !fault.field.is_empty())
    }

    /// The form comes back with what is wrong in it: the fields' own faults, in the order of the fields.
    #[must_use]
    pub fn with_faults(self, fields: &[&Field]) -> Self {
        let of = |field: &&Field| Some(Fault { field: field.name.to_owned(), says: field.fault.clone()? });
        Self { faults: fields.iter().filter_map(of).collect(), ..self }
    }

    /// The form comes back with what is wrong with the whole of it.
    #[must_use]
    pub fn with_fault(mut self, says: impl Into<String>) -> Self {
        self.faults.push(Fault { field: String::new(), says: says.into() });
        self
    }

    pub(super) fn steps(&self) -> Vec<(Step, bool)> {
        self.step.map_or_else(Vec::new, |at| Step::ALL.map(|step| (step, step == at)).to_vec())
    }
}

/// A field of a form with its label, hint and fault. `{{ field }}` writes all of it.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/parts/field.html")]
pub struct Field {
    name: &'static str,
    label: String,
    control: Control,
    value: String,
    autocomplete: &'static str,
    hints: Vec<String>,
    limit: Option<usize>,
    fault: Option<String>,
}

impl HtmlSafe for Field {}

/// What a field is filled in with.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Control {
    /// One line; the type of the `<input>` and its `inputmode`.
    Line { kind: &'static str, mode: &'static str },
    /// Many lines.
    Text,
    /// A box to tick.
    Box,
    /// One of several: value, label.
    Choice(Vec<(String, String)>),
}

impl Field {
    fn new(name: &'static str, label: impl Into<String>, control: Control) -> Self {
        let label = label.into();
        Self {
            name,
            label,
            control,
            value: String::new(),
            autocomplete: "off",
            hints: Vec::new(),
            limit: None,
            fault: None,
        }
    }

    /// One line of text.
    #[must_use]
    pub fn line(name: &'static str, label: impl Into<String>) -> Self {
        Self::new(name, label, Control::Line { kind: "text", mode: "text" })
    }

    /// A mail address. Not `type=email`: what a browser finds wrong it says in its own words, and stops the form.
    #[must_use]
    pub fn email(name: &'static str, label: impl Into<String>) -> Self {
        Self::new(name, label, Control::Line { kind: "text", mode: "email" })
    }

    /// Digits.
    #[must_use]
    pub fn digits(name: &'static str, label: impl Into<String>) -> Self {
        Self::new(name, label, Control::Line { kind: "text", mode: "numeric" })
    }

    /// A telephone number.
    #[must_use]
    pub fn telephone(name: &'static str, label: impl Into<String>) -> Self {
        Self::new(name, label, Control::Line { kind: "tel", mode: "tel" })
    }

    /// A password; never given a value.
    #[must_use]
    pub fn password(name: &'static str, label: impl Into<String>) -> Self {
        Self::new(name, label, Control::Line { kind: "password", mode: "text" })
    }

    /// Many lines of text.
    #[must_use]
    pub fn lines(name: &'static str, label: impl Into<String>) -> Self {
        Self::new(name, label, Control::Text)
    }

    /// A box to tick. Its value is `on`.
    #[must_use]
    pub fn tick(name: &'static str, label: impl Into<String>) -> Self {
        Self::new(name, label, Control::Box)
    }

    /// One of several (value, label), none of them chosen beforehand.
    #[must_use]
    pub fn choice(name: &'static str, label: impl Into<String>, of: Vec<(impl Into<String>, String)>) -> Self {
        Self::new(name, label, Control::Choice(of.into_iter().map(|(value, label)| (value.into(), label)).collect()))
    }

    /// What stands in it. A password keeps none.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        if !matches!(self.control, Control::Line { kind: "password", .. }) {
            self.value = value.into();
        }
        self
    }

    /// What the browser may fill in: a token of the HTML standard.
    #[must_use]
    pub const fn autocomplete(mut self, token: &'static str) -> Self {
        self.autocomplete = token;
        self
    }

    /// A sentence between the label and the field; one after another.
    #[must_use]
    pub fn hint(mut self, says: impl Into<String>) -> Self {
        self.hints.push(says.into());
        self
    }

    /// The most characters that the browser takes. The rule itself stands elsewhere.
    #[must_use]
    pub const fn at_most(mut self, characters: usize) -> Self {
        self.limit = Some(characters);
        self
    }

    /// What is wrong with it.
    #[must_use]
    pub fn fault(mut self, says: Option<impl Into<String>>) -> Self {
        self.fault = says.map(Into::into);
        self
    }

    /// The ids of what describes it.
    fn described(&self) -> String {
        let hints = (1..=self.hints.len()).map(|count| format!("{}-hint-{count}", self.name));
        let fault = self.fault.as_ref().map(|_| format!("{}-fault", self.name));
        hints.chain(fault).collect::<Vec<_>>().join(" ")
    }
}
