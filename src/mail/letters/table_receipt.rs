//! What became of each row of a request table, or why it could not be read.

use super::receipt::ReceiptOutcome;
use super::voice::Voice;
use super::{Rendered, dates, faults, foreign, templates};
use crate::config::sender::Sender;
use crate::domain::email_address::EmailAddress;
use crate::domain::locale::Locale;
use crate::domain::request_form::{Field, FormFault};
use crate::domain::request_table::TableFault;
use crate::mail::header::addr_spec;

/// The receipt of a table.
#[derive(Clone)]
pub struct TableReceipt {
    /// The firm's language.
    pub locale: Locale,
    /// The firm's name, without 様.
    pub firm_name: String,
    /// The firm's own number.
    pub firm_number: String,
    /// What is told.
    pub content: TableContent,
}

/// What became of the table.
#[derive(Clone)]
pub enum TableContent {
    /// Each row stands for itself.
    Rows(Vec<TableLine>),
    /// It could not be read at all.
    Fault(TableFault),
}

/// What became of a row.
#[derive(Clone)]
pub struct TableLine {
    /// The line that a spreadsheet shows beside it.
    pub line: u32,
    /// What became of it.
    pub outcome: LineOutcome,
}

/// What became of a row.
#[derive(Clone)]
pub enum LineOutcome {
    /// It was a sound form.
    Taken {
        /// 申請番号
        number: i64,
        /// 顧問先メールアドレス
        customer: EmailAddress,
        /// 顧問先名
        client_name: Option<String>,
        /// What it came to.
        outcome: ReceiptOutcome,
    },
    /// It had faults.
    Faulty(Vec<FormFault>),
}

struct View {
    from: Voice,
    firm: String,
    /// Taken rows.
    taken: usize,
    /// Rows with faults.
    faulty: usize,
    /// A line each, in the order of the table.
    lines: Vec<String>,
    /// Why nothing could be read.
    fault: Option<String>,
}

templates! {
    View:
    Ja: "mail/table_receipt/ja/subject.txt" "mail/table_receipt/ja/body.txt" "mail/table_receipt/ja/body.html";
    En: "mail/table_receipt/en/subject.txt" "mail/table_receipt/en/body.txt" "mail/table_receipt/en/body.html";
}

impl TableReceipt {
    /// Letters to read aloud: one with rows, one without.
    #[must_use]
    pub fn samples(locale: Locale) -> Vec<Self> {
        let firm_name = match locale {
            Locale::Ja => "田中会計事務所",
            Locale::En => "Tanaka Accounting",
        };
        let Ok(customer) = EmailAddress::parse("yamada@example.jp") else { return Vec::new() };
        let taken = LineOutcome::Taken {
            number: 12,
            customer,
            client_name: Some("Yamada".to_owned()),
            outcome: ReceiptOutcome::Accepted,
        };
        let faulty = LineOutcome::Faulty(vec![FormFault::Missing { field: Field::Customer }]);
        let rows = [taken, faulty].into_iter().zip(2..).map(|(outcome, line)| TableLine { line, outcome });
        let letter =
            |content| Self { locale, firm_name: firm_name.to_owned(), firm_number: "1001".to_owned(), content };
        vec![letter(TableContent::Rows(rows.collect())), letter(TableContent::Fault(TableFault::NotCsv))]
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let locale = self.locale;
        let number = foreign::line(&self.firm_number, locale);
        let (rows, fault) = match &self.content {
            TableContent::Rows(rows) => (rows.as_slice(), None),
            TableContent::Fault(fault) => ([].as_slice(), Some(whole(fault, &number, locale))),
        };
        let faulty = rows.iter().filter(|row| matches!(row.outcome, LineOutcome::Faulty(_))).count();
        let view = View {
            from: Voice::of(sender, locale),
            firm: foreign::line(&self.firm_name, locale),
            taken: rows.len() - faulty,
            faulty,
            lines: rows.iter().map(|row| line(row, &number, sender, locale)).collect(),
            fault,
        };
        fill(&view, locale)
    }
}

fn line(row: &TableLine, number: &str, sender: &Sender, locale: Locale) -> String {
    let said = match &row.outcome {
        LineOutcome::Faulty(wrong) => {
            wrong.iter().map(|fault| faults::sentence(fault, number, locale)).collect::<Vec<_>>().join(" ")
        }
        LineOutcome::Taken { number, customer, client_name, outcome } => {
            let client = foreign::optional_line(client_name.as_ref(), locale).unwrap_or_default();
            let who = format!("{client} <{}>", addr_spec(customer)).trim().to_owned();
            let became = became(*outcome, sender, locale);
            match locale {
                Locale::Ja => format!("申請番号 {number}　{who}　{became}"),
                Locale::En => format!("request no. {number}, {who}: {became}"),
            }
        }
    };
    match locale {
        Locale::Ja => format!("{}行目　{said}", row.line),
        Locale::En => format!("Line {}: {said}", row.line),
    }
}

fn became(outcome: ReceiptOutcome, sender: &Sender, locale: Locale) -> String {
    let date = |at| dates::from(at, sender.time_zone, locale);
    match (locale, outcome) {
        (Locale::Ja, ReceiptOutcome::Accepted) => "受け付けました".to_owned(),
        (Locale::Ja, ReceiptOutcome::ReminderSent) => "再度のご案内をお送りします".to_owned(),
        (Locale::Ja, ReceiptOutcome::TooSoon { next }) => {
            format!("すでに受け付けています（再度のご案内は{}以降）", date(next))
        }
        (Locale::Ja, ReceiptOutcome::NoMoreReminders { from }) => {
            format!("すでに受け付けています（再度のご案内は上限に達しました。新しい申請は{}以降）", date(from))
        }
        (Locale::Ja, ReceiptOutcome::Disowned { from }) => {
            format!("心当たりがないとのご連絡があり、何もお送りしていません（新しい申請は{}以降）", date(from))
        }
        (Locale::Ja, ReceiptOutcome::AlreadyLinked) => "すでに承認され、連携済みです".to_owned(),
        (Locale::En, ReceiptOutcome::Accepted) => "received".to_owned(),
        (Locale::En, ReceiptOutcome::ReminderSent) => "we are mailing a reminder".to_owned(),
        (Locale::En, ReceiptOutcome::TooSoon { next }) => {
            format!("received before (a reminder is possible from {} on)", date(next))
        }
        (Locale::En, ReceiptOutcome::NoMoreReminders { from }) => {
            format!("received before (no more reminders; a new request is possible from {} on)", date(from))
        }
        (Locale::En, ReceiptOutcome::Disowned { from }) => {
            format!(
                "who got our mail knows nothing of it; nothing was mailed (a new request is possible from {} on)",
                date(from)
            )
        }
        (Locale::En, ReceiptOutcome::AlreadyLinked) => "already approved and linked".to_owned(),
    }
}

fn whole(fault: &TableFault, number: &str, locale: Locale) -> String {
    match (locale, fault) {
        (Locale::Ja, TableFault::NotCsv) => "CSV形式で保存し、パスワードを付けずに添付してください。".to_owned(),
        (Locale::Ja, TableFault::NoHeader) => {
            "一覧の1行目に「顧問先メールアドレス」という見出しがありません。1行目に見出しを書いてください。".to_owned()
        }
        (Locale::Ja, TableFault::Empty) => {
            "一覧に申請の行がありません。見出しの次の行から、1行に1件ずつ書いてください。".to_owned()
        }
        (Locale::Ja, TableFault::TooLong { limit }) => {
            format!("一覧は{limit}行までです。{limit}行以内に分けて、それぞれ別のメールでお送りください。")
        }
        (Locale::Ja, TableFault::Several) => {
            "CSVファイルが二つ以上添付されています。1通のメールに一つだけ添付してください。".to_owned()
        }
        (Locale::Ja, TableFault::Both) => {
            "本文にも添付の一覧にも顧問先メールアドレスが書かれています。どちらか一方だけにしてください。".to_owned()
        }
        (Locale::En, TableFault::NotCsv) => "Save the table as a CSV file and attach it without a password.".to_owned(),
        (Locale::En, TableFault::NoHeader) => {
            "The first row has no heading “Client email”. Write the headings into the first row.".to_owned()
        }
        (Locale::En, TableFault::Empty) => {
            "The table has no requests. Write one a row, from the row below the headings on.".to_owned()
        }
        (Locale::En, TableFault::TooLong { limit }) => {
            format!("A table has at most {limit} rows. Split it and send each part in a mail of its own.")
        }
        (Locale::En, TableFault::Several) => "More than one CSV file is attached. Attach one to a mail.".to_owned(),
        (Locale::En, TableFault::Both) => {
            "Both the text and the attached table name clients. Write them in one of the two.".to_owned()
        }
        (_, TableFault::Text { faults: wrong }) => {
            wrong.iter().map(|fault| faults::sentence(fault, number, locale)).collect::<Vec<_>>().join(" ")
        }
    }
}
