//! What came of a firm's command.

mod sharing;

use super::csv_file::{self, Attachment};
use super::state_line::{ShownState, StateLine};
use super::voice::Voice;
use super::{Rendered, dates, foreign, templates};
use crate::config::sender::Sender;
use crate::domain::firm_command::{Answer, CommandFault};
use crate::domain::firm_request::StateName;
use crate::domain::locale::Locale;
use crate::domain::time::Timestamp;

/// The answer to a command.
#[derive(Clone)]
pub struct CommandAnswer {
    /// The firm's language.
    pub locale: Locale,
    /// The firm's name, without 様.
    pub firm_name: String,
    /// The firm's own number.
    pub firm_number: String,
    /// The request that the command named.
    pub request: Option<StateLine>,
    /// What came of it.
    pub answer: Answer,
    /// The requests whose states were asked for.
    pub states: Vec<StateLine>,
}

struct View {
    from: Voice,
    firm: String,
    /// For the subject.
    title: &'static str,
    /// What was done, or why nothing was, in sentences.
    said: String,
    request: Option<ShownState>,
    states: Vec<ShownState>,
}

templates! {
    View:
    Ja: "mail/command_answer/ja/subject.txt" "mail/command_answer/ja/body.txt" "mail/command_answer/ja/body.html";
    En: "mail/command_answer/en/subject.txt" "mail/command_answer/en/body.txt" "mail/command_answer/en/body.html";
}

impl CommandAnswer {
    /// Letters to read aloud, one for each answer.
    #[must_use]
    pub fn samples(locale: Locale) -> Vec<Self> {
        let day = Timestamp::from_millis(1_795_482_841_000);
        let given = || "登録変更".to_owned();
        let faults = [
            CommandFault::Unknown { given: given() },
            CommandFault::WhichRelease,
            CommandFault::Several,
            CommandFault::NoNumber,
            CommandFault::BadNumber { given: given() },
            CommandFault::NoOfficeName,
            CommandFault::BadPlace { given: given() },
            CommandFault::OtherFirmNumber { given: given() },
        ];
        let answers = [
            Answer::Withdrawn,
            Answer::Ended,
            Answer::Resent,
            Answer::TooSoon { next: day },
            Answer::NoMoreReminders { from: day },
            Answer::Disowned { from: day },
            Answer::NoSuchRequest { number: 99 },
            Answer::States { requests: vec![], left_out: 0 },
            Answer::States { requests: vec!["x".to_owned()], left_out: 3 },
        ];
        let faults = faults.into_iter().map(|why| Answer::Fault { why });
        answers
            .into_iter()
            .chain(sharing::samples().map(Answer::Sharing))
            .chain(faults)
            .map(|answer| Self::sample(locale, answer))
            .collect()
    }

    fn sample(locale: Locale, answer: Answer) -> Self {
        let firm_name = match locale {
            Locale::Ja => "田中会計事務所",
            Locale::En => "Tanaka Accounting",
        };
        let line = |number, state| StateLine::sample(locale, number, state);
        let asks = matches!(&answer, Answer::States { requests, .. } if !requests.is_empty());
        let states = [line(13, StateName::Pending), line(12, StateName::Undeliverable)];
        let is_about_one = matches!(
            answer,
            Answer::Withdrawn
                | Answer::Ended
                | Answer::Resent
                | Answer::TooSoon { .. }
                | Answer::NoMoreReminders { .. }
                | Answer::Disowned { .. }
        );
        Self {
            locale,
            firm_name: firm_name.to_owned(),
            firm_number: "1001".to_owned(),
            request: line(12, StateName::Cancelled).filter(|_| is_about_one),
            answer,
            states: if asks { states.into_iter().flatten().collect() } else { vec![] },
        }
    }

    /// The states as a CSV file, where states were asked for and there are any.
    pub(super) fn attachment(&self, sender: &Sender) -> Option<Attachment> {
        if self.states.is_empty() {
            return None;
        }
        let heading = match self.locale {
            Locale::Ja => ["申請番号", "顧問先名", "顧問先メールアドレス", "状況", "申請日", "期限"],
            Locale::En => ["Request number", "Client name", "Client email", "State", "Requested on", "Answer by"],
        };
        let row = |line: &StateLine| {
            let line = line.shown(sender.time_zone, self.locale);
            vec![line.number.to_string(), line.client, line.customer, line.state.to_owned(), line.asked, line.until]
        };
        let rows = std::iter::once(heading.map(str::to_owned).to_vec()).chain(self.states.iter().map(row));
        Some(csv_file::csv("requests.csv", rows))
    }

    pub(super) fn render(&self, sender: &Sender) -> Result<Rendered, askama::Error> {
        let locale = self.locale;
        let shown = |line: &StateLine| line.shown(sender.time_zone, locale);
        let asked_one = matches!(self.answer, Answer::States { .. });
        let view = View {
            from: Voice::of(sender, locale),
            firm: foreign::line(&self.firm_name, locale),
            title: title(&self.answer, locale),
            said: self.said(sender),
            request: self.request.as_ref().filter(|_| !asked_one).map(shown),
            states: self.states.iter().map(shown).collect(),
        };
        fill(&view, locale)
    }

    fn said(&self, sender: &Sender) -> String {
        let date = |at| dates::from(at, sender.time_zone, self.locale);
        match self.locale {
            Locale::Ja => self.said_ja(date),
            Locale::En => self.said_en(date),
        }
    }

    fn said_ja(&self, date: impl Fn(Timestamp) -> String) -> String {
        match &self.answer {
            Answer::Withdrawn => "申請を取り下げました。顧問先は、この申請に回答できなくなりました。".to_owned(),
            Answer::Ended => "この申請はすでに終わっているため、何も行いませんでした。".to_owned(),
            Answer::Resent => "顧問先へ、承認のお手続きをご案内するメールをもう一度お送りします。".to_owned(),
            Answer::TooSoon { next } => format!(
                "顧問先へのご案内をお送りして間もないため、今回は何もお送りしていません。{}以降に、もう一度メールをお送りください。",
                date(*next)
            ),
            Answer::NoMoreReminders { from } => format!(
                "再度のご案内は上限の回数に達しているため、今回は何もお送りしていません。顧問先に直接ご確認ください。{}以降は、新しく申請していただけます。",
                date(*from)
            ),
            Answer::Disowned { from } => format!(
                "ご案内を受け取られた方から「この申請に心当たりがない」とのご連絡があったため、今回は何もお送りしていません。メールアドレスに誤りがないか、顧問先に直接ご確認ください。{}以降は、新しく申請していただけます。",
                date(*from)
            ),
            Answer::NoSuchRequest { number } => format!(
                "申請番号 {number} の申請は見つかりませんでした。受付の控えに書かれている申請番号をご確認ください。何も行っていません。"
            ),
            Answer::States { requests, .. } if requests.is_empty() => {
                "顧問先のお手続きを待っている申請はありません。".to_owned()
            }
            Answer::States { left_out: 0, .. } => {
                "申請の状況は、次のとおりです。同じ内容のCSVファイルを添付しています。".to_owned()
            }
            Answer::States { left_out, .. } => format!(
                "申請の状況は、次のとおりです。同じ内容のCSVファイルを添付しています。ほかに{left_out}件ありますが、多いため省いています。"
            ),
            Answer::Fault { why } => format!("{}\n何も行っていません。", self.fault_ja(why)),
            Answer::Sharing(answer) => sharing::said_ja(answer),
        }
    }

    fn fault_ja(&self, why: &CommandFault) -> String {
        let quoted = |given: &str| foreign::line(given, Locale::Ja);
        match why {
            CommandFault::Unknown { given } => format!(
                "「手続き」に「{}」と書かれていますが、その手続きはありません。「申請」「取下げ」「申請メール再送」「状況照会」「事業所データ設定」「事業所データ解除」「製品連携解除」のいずれかを書いてください。登録の内容は、メールでは変更できません。",
                quoted(given)
            ),
            CommandFault::WhichRelease => {
                "「連携解除」は、製品の連携と事業所データのどちらのことか分かりませんでした。製品の連携を解除する場合は「手続き: 製品連携解除」、事業所データの設定を解除する場合は「手続き: 事業所データ解除」と書いてください。".to_owned()
            }
            CommandFault::Several => "「手続き」が二つ以上書かれています。1通のメールに一つだけ書いてください。".to_owned(),
            CommandFault::NoNumber => "「申請番号」が書かれていません。「申請番号: 12」のように書き足してください。".to_owned(),
            CommandFault::BadNumber { given } => format!(
                "「申請番号」の「{}」は、申請番号として使えません。「申請番号: 12」のように、番号を一つだけ書いてください。",
                quoted(given)
            ),
            CommandFault::NoOfficeName => {
                "「事業所名」が書かれていないか、読めませんでした。「事業所名: 」の後に、事業所データの事業所名を書いてください。".to_owned()
            }
            CommandFault::BadPlace { given } => format!(
                "「データの場所」の「{}」は分かりませんでした。「弥生ドライブ」または「このパソコン」と書いてください。",
                quoted(given)
            ),
            CommandFault::OtherFirmNumber { .. } => format!(
                "「事務所番号」が、このメールアドレスで登録されている事務所番号（{}）と違います。書き直すか、この行を消してください。",
                quoted(&self.firm_number)
            ),
        }
    }

    fn said_en(&self, date: impl Fn(Timestamp) -> String) -> String {
        match &self.answer {
            Answer::Withdrawn => "The request is withdrawn. Your client can no longer answer it.".to_owned(),
            Answer::Ended => "The request is over already. Nothing was done.".to_owned(),
            Answer::Resent => "We are mailing your client once more how to approve.".to_owned(),
            Answer::TooSoon { next } => format!(
                "Your client was mailed only recently, so nothing was mailed this time. Write again from {} on.",
                date(*next)
            ),
            Answer::NoMoreReminders { from } => format!(
                "Your client has been reminded as often as possible, so nothing was mailed this time. Please ask your client directly. You can make a new request from {} on.",
                date(*from)
            ),
            Answer::Disowned { from } => format!(
                "Who got our mail has told us that they know nothing of it, so nothing was mailed this time. Please ask your client directly whether the address is right. You can make a new request from {} on.",
                date(*from)
            ),
            Answer::NoSuchRequest { number } => format!(
                "There is no request no. {number} of yours. Check the number in your receipt. Nothing was done."
            ),
            Answer::States { requests, .. } if requests.is_empty() => {
                "No request of yours waits for a client.".to_owned()
            }
            Answer::States { left_out: 0, .. } => {
                "These are the states of your requests. The same is attached as a CSV file.".to_owned()
            }
            Answer::States { left_out, .. } => format!(
                "These are the states of your requests. The same is attached as a CSV file. {left_out} more are left out."
            ),
            Answer::Fault { why } => format!("{}\nNothing was done.", self.fault_en(why)),
            Answer::Sharing(answer) => sharing::said_en(answer),
        }
    }

    fn fault_en(&self, why: &CommandFault) -> String {
        let quoted = |given: &str| foreign::line(given, Locale::En);
        match why {
            CommandFault::Unknown { given } => format!(
                "There is no command “{}”. Write one of: request, withdraw, resend, status, bind data, release data, unlink. A registration cannot be changed by mail.",
                quoted(given)
            ),
            CommandFault::WhichRelease => {
                "連携解除 may mean the products or the business data. Write “Command: unlink” for the products or “Command: release data” for the business data.".to_owned()
            }
            CommandFault::Several => "More than one command is written. Write one in a mail.".to_owned(),
            CommandFault::NoNumber => "“Request number” is missing. Add a line like “Request number: 12”.".to_owned(),
            CommandFault::BadNumber { given } => {
                format!("“{}” is no request number. Write one number, like “Request number: 12”.", quoted(given))
            }
            CommandFault::NoOfficeName => {
                "“Office name” is missing or cannot be read. Write the name inside the business data behind it.".to_owned()
            }
            CommandFault::BadPlace { given } => {
                format!("“Data place” is “{}”. Write “drive” (弥生ドライブ) or “this computer”.", quoted(given))
            }
            CommandFault::OtherFirmNumber { .. } => format!(
                "“Firm number” is not the one registered for this address ({}). Mend it or leave the line out.",
                quoted(&self.firm_number)
            ),
        }
    }
}

const fn title(answer: &Answer, locale: Locale) -> &'static str {
    if let Answer::Sharing(answer) = answer
        && let Some(title) = sharing::title(answer, locale)
    {
        return title;
    }
    match (locale, answer) {
        (Locale::Ja, Answer::Withdrawn) => "申請を取り下げました",
        (Locale::Ja, Answer::Resent) => "顧問先へ再度ご案内します",
        (Locale::Ja, Answer::States { .. }) => "申請の状況のお知らせ",
        (Locale::Ja, _) => "お手続きを行えませんでした",
        (Locale::En, Answer::Withdrawn) => "Your request is withdrawn",
        (Locale::En, Answer::Resent) => "Your client is mailed once more",
        (Locale::En, Answer::States { .. }) => "The states of your requests",
        (Locale::En, _) => "Your command could not be done",
    }
}
