//! The command in the text of a firm's mail: 手続き and what it needs.

use super::charset::LOST;
use super::label::Order;
use super::value::given;
use super::written::Written;
use crate::domain::firm_command::{Checked, CommandFault, DataWish, FirmCommand, Procedure};
use crate::domain::office_name::OfficeName;
use crate::domain::product::DataPlace;
use crate::domain::text::{fold, one_line};

/// Most of a request number that is looked at, in bytes.
const NUMBER_LIMIT: usize = 40;

/// The command that was written; `None` for a request, which needs no procedure.
pub(super) fn parse(written: &Written<'_>) -> Option<Result<FirmCommand, CommandFault>> {
    match procedure(written) {
        Ok(Procedure::Request) => None,
        Ok(procedure) => Some(command(procedure, written)),
        Err(fault) => Some(Err(fault)),
    }
}

fn procedure(written: &Written<'_>) -> Result<Procedure, CommandFault> {
    let mut named = None;
    for value in written.orders(Order::Procedure) {
        let procedure = by_name(value)?;
        if named.is_some_and(|before| before != procedure) {
            return Err(CommandFault::Several);
        }
        named = Some(procedure);
    }
    Ok(named.unwrap_or(Procedure::Request))
}

/// As people write them: any width, with blanks, with or without の.
fn by_name(value: &str) -> Result<Procedure, CommandFault> {
    let key: String = fold(value).chars().filter(|c| !c.is_whitespace() && !"「」。_-".contains(*c)).collect();
    Ok(match key.as_str() {
        "申請" | "契約情報取得の申請" | "契約情報取得" | "新規申請" | "request" => {
            Procedure::Request
        }
        "取下げ" | "取り下げ" | "取下" | "取りさげ" | "取消" | "取り消し" | "取消し" | "申請の取下げ"
        | "申請取下げ" | "withdraw" | "cancel" => Procedure::Withdraw,
        "申請メール再送" | "申請メールの再送" | "再送" | "resend" => Procedure::Resend,
        "状況照会" | "状況の照会" | "状況" | "status" => Procedure::Status,
        "事業所データ設定" | "事業所データの設定" | "binddata" => Procedure::BindData,
        "事業所データ解除"
        | "事業所データの解除"
        | "事業所データ連携解除"
        | "事業所データの連携解除"
        | "releasedata" => Procedure::ReleaseData,
        "製品連携解除" | "製品の連携解除" | "製品連携の解除" | "unlink" => Procedure::Unlink,
        "連携解除" | "連携の解除" | "解除" => return Err(CommandFault::WhichRelease),
        _ => return Err(CommandFault::Unknown { given: given(value) }),
    })
}

fn command(procedure: Procedure, written: &Written<'_>) -> Result<FirmCommand, CommandFault> {
    let number = number(written)?;
    let needed = || number.ok_or(CommandFault::NoNumber);
    Ok(match procedure {
        Procedure::Withdraw => FirmCommand::Withdraw { number: needed()? },
        Procedure::Resend => FirmCommand::Resend { number: needed()? },
        Procedure::BindData => FirmCommand::BindData(DataWish {
            number: needed()?,
            office_name: office_name(written)?,
            place: place(written)?,
            product: written.orders(Order::Product).next().map(one_line).filter(|name| !name.is_empty()),
            names_checked: checked(written, Order::NamesChecked),
            newest_checked: checked(written, Order::NewestChecked),
        }),
        Procedure::ReleaseData => FirmCommand::ReleaseData { number: needed()?, office_name: office_name(written)? },
        Procedure::Unlink => FirmCommand::Unlink { number: needed()? },
        Procedure::Request | Procedure::Status => FirmCommand::Status { number },
    })
}

/// One number, in any width, with `#`, `No.` or 第…号 around it.
fn number(written: &Written<'_>) -> Result<Option<i64>, CommandFault> {
    let mut found = None;
    for value in written.orders(Order::RequestNumber) {
        let bad = || CommandFault::BadNumber { given: given(value) };
        let folded = fold(value.get(..NUMBER_LIMIT).unwrap_or(value));
        let bare =
            folded.trim_start_matches("no").trim_start_matches(['.', '#', '第', ' ', '№']).trim_end_matches('号');
        let is_number = !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit());
        let number = bare.parse().ok().filter(|number| is_number && *number > 0).ok_or_else(bad)?;
        if found.is_some_and(|before| before != number) {
            return Err(bad());
        }
        found = Some(number);
    }
    Ok(found)
}

fn office_name(written: &Written<'_>) -> Result<OfficeName, CommandFault> {
    let name = written.orders(Order::OfficeName).next().filter(|name| !name.contains(LOST));
    name.and_then(|name| OfficeName::parse(name).ok()).ok_or(CommandFault::NoOfficeName)
}

/// Where it lies, as pages and letters call it. Data of which this is not said is taken to lie on a computer: there the
/// latest-data rule is asked about.
fn place(written: &Written<'_>) -> Result<DataPlace, CommandFault> {
    let Some(value) = written.orders(Order::DataPlace).find(|value| !value.is_empty()) else {
        return Ok(DataPlace::Local);
    };
    match fold(value).replace(' ', "").as_str() {
        "弥生ドライブ" | "ドライブ" | "drive" | "yayoidrive" => Ok(DataPlace::Drive),
        "このパソコン" | "パソコン" | "thiscomputer" => Ok(DataPlace::Local),
        _ => Err(CommandFault::BadPlace { given: given(value) }),
    }
}

fn checked(written: &Written<'_>, order: Order) -> Checked {
    let yes = |value: &str| matches!(fold(value).as_str(), "はい" | "yes");
    if written.orders(order).any(yes) { Checked::Yes } else { Checked::No }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Result<FirmCommand, CommandFault>> {
        parse(&Written::read(text))
    }

    #[test]
    fn no_procedure_and_a_request_are_no_command() {
        for text in ["", "顧問先メールアドレス: a@b.example", "手続き: 申請", "用件：契約情報取得の申請", "手続き:"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn each_procedure_by_each_of_its_names() {
        for name in ["取下げ", "取り下げ", "取下", "取消", "取り消し", "「取下げ」", "ｗｉｔｈｄｒａｗ"]
        {
            let text = format!("手続き: {name}\n申請番号: １２");
            assert_eq!(read(&text), Some(Ok(FirmCommand::Withdraw { number: 12 })), "{name}");
        }
        for name in ["申請メール再送", "再送", "申請ﾒｰﾙ再送"] {
            let text = format!("用件：{name}\n申請番号：No.12");
            assert_eq!(read(&text), Some(Ok(FirmCommand::Resend { number: 12 })), "{name}");
        }
        for name in ["状況照会", "状況", "Status"] {
            assert_eq!(read(&format!("Command: {name}")), Some(Ok(FirmCommand::Status { number: None })), "{name}");
        }
        assert_eq!(read("手続き: 状況\n申請番号: 第3号"), Some(Ok(FirmCommand::Status { number: Some(3) })));
        assert_eq!(read("手続き: 製品連携解除\n申請番号: #3"), Some(Ok(FirmCommand::Unlink { number: 3 })));
        let name = OfficeName::parse("山田商店").unwrap();
        let wish = |names_checked, newest_checked| DataWish {
            number: 3,
            office_name: name.clone(),
            place: DataPlace::Local,
            product: None,
            names_checked,
            newest_checked,
        };
        let bind = |names_checked, newest_checked| FirmCommand::BindData(wish(names_checked, newest_checked));
        let text = "手続き: 事業所データ設定\n申請番号: 3\n事業所名: 山田商店";
        assert_eq!(read(text), Some(Ok(bind(Checked::No, Checked::No))));
        let text = format!("{text}\n事業所名の相違を確認済み: はい\n最新データへの取り込みを確認済み: まだ");
        assert_eq!(read(&text), Some(Ok(bind(Checked::Yes, Checked::No))));
        let text = format!("{text}\nデータの場所: 弥生ﾄﾞﾗｲﾌﾞ\n製品名: 弥生会計 スタンダード");
        let product = Some("弥生会計 スタンダード".to_owned());
        let wish = DataWish { place: DataPlace::Drive, product, ..wish(Checked::Yes, Checked::No) };
        assert_eq!(read(&text), Some(Ok(FirmCommand::BindData(wish))));
        let release = FirmCommand::ReleaseData { number: 3, office_name: name.clone() };
        assert_eq!(read("手続き: 事業所データ解除\n申請番号: 3\n事業所名: 山田商店"), Some(Ok(release)));
    }

    #[test]
    fn what_is_missing_or_could_mean_two_things_is_a_fault() {
        let given = |given: &str| given.to_owned();
        for (text, fault) in [
            ("手続き: 連携解除\n申請番号: 3", CommandFault::WhichRelease),
            ("手続き: 登録変更", CommandFault::Unknown { given: given("登録変更") }),
            ("手続き: 取下げ\n手続き: 再送\n申請番号: 3", CommandFault::Several),
            ("手続き: 取下げ", CommandFault::NoNumber),
            ("手続き: 取下げ\n申請番号: 十二", CommandFault::BadNumber { given: given("十二") }),
            ("手続き: 取下げ\n申請番号: 0", CommandFault::BadNumber { given: given("0") }),
            ("手続き: 取下げ\n申請番号: 3-4", CommandFault::BadNumber { given: given("3-4") }),
            ("手続き: 取下げ\n申請番号: 3\n申請番号: 4", CommandFault::BadNumber { given: given("4") }),
            ("手続き: 事業所データ設定\n申請番号: 3", CommandFault::NoOfficeName),
            ("手続き: 事業所データ解除\n申請番号: 3\n事業所名: 山\u{FFFD}", CommandFault::NoOfficeName),
            (
                "手続き: 事業所データ設定\n申請番号: 3\n事業所名: 山田\nデータの場所: どこか",
                CommandFault::BadPlace { given: given("どこか") },
            ),
        ] {
            assert_eq!(read(text), Some(Err(fault)), "{text}");
        }
    }

    #[test]
    fn a_word_in_the_message_is_no_command() {
        assert_eq!(read("顧問先メールアドレス: a@b.example\nメッセージ:\n手続き: 取下げ"), None);
    }
}
