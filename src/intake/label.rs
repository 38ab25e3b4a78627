//! The labels of the form and the lines they stand on.

use crate::domain::request_form::Field;
use crate::domain::text::fold;

/// What a label names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// A field of the form.
    Field(Field),
    /// A field of a command.
    Order(Order),
    /// 事業所番号, which is mistaken for 事務所番号.
    OfficeNumber,
}

/// The fields of commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// 手続き
    Procedure,
    /// 申請番号
    RequestNumber,
    /// 事業所名
    OfficeName,
    /// データの場所
    DataPlace,
    /// 製品名
    Product,
    /// 事業所名の相違を確認済み
    NamesChecked,
    /// 最新データへの取り込みを確認済み
    NewestChecked,
}

/// Longest label, in bytes as written; what is longer before a colon is a sentence.
const LABEL_LIMIT: usize = 120;

/// The label and the value of a line, `label: value`; `None` for a line without a known label.
pub(super) fn split(line: &str) -> Option<(Label, &str)> {
    let (label, value) = line.split_once([':', '：'])?;
    if label.len() > LABEL_LIMIT {
        return None;
    }
    Some((parse(label)?, value.trim()))
}

/// As people write them: any width, any case, with blanks in between and a bullet in front.
pub(super) fn parse(written: &str) -> Option<Label> {
    let key: String = fold(written).chars().filter(|c| !c.is_whitespace()).collect();
    let field = match key.trim_start_matches(|c| "・■●◆○□◇*-•".contains(c)) {
        "事務所番号"
        | "会計事務所番号"
        | "事務所コード"
        | "会計事務所コード"
        | "firmnumber"
        | "firmcode"
        | "officecode" => Field::FirmNumber,
        "顧問先メールアドレス"
        | "顧問先のメールアドレス"
        | "担当者のメールアドレス"
        | "担当者メールアドレス"
        | "clientemail"
        | "clientmail"
        | "clientemailaddress"
        | "customeremail"
        | "customeremailaddress" => Field::Customer,
        "顧問先名" | "clientname" | "customername" => Field::ClientName,
        "担当者名" | "contactname" | "contact" => Field::ContactName,
        "追加宛先" | "copies" | "cc" | "copyto" => Field::Copies,
        "言語" | "language" => Field::Locale,
        "メッセージ" | "顧問先へのメッセージ" | "message" => Field::Message,
        "事業所番号" | "officenumber" => return Some(Label::OfficeNumber),
        "手続き" | "手続" | "用件" | "command" | "procedure" => return Some(Label::Order(Order::Procedure)),
        "申請番号" | "受付番号" | "requestnumber" | "requestno" | "requestno." => {
            return Some(Label::Order(Order::RequestNumber));
        }
        "事業所名" | "officename" => return Some(Label::Order(Order::OfficeName)),
        "データの場所" | "dataplace" | "whereitlies" => return Some(Label::Order(Order::DataPlace)),
        "製品名" | "product" => return Some(Label::Order(Order::Product)),
        "事業所名の相違を確認済み" | "事業所名の相違を確認済" | "nameschecked" => {
            return Some(Label::Order(Order::NamesChecked));
        }
        "最新データへの取り込みを確認済み" | "最新データへの取込みを確認済み" | "newestchecked" =>
        {
            return Some(Label::Order(Order::NewestChecked));
        }
        _ => return None,
    };
    Some(Label::Field(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_as_people_write_them() {
        for (line, field, value) in [
            ("事務所番号: 1001", Field::FirmNumber, "1001"),
            ("　会計事務所番号　：　１００１　", Field::FirmNumber, "１００１"),
            ("事務所ｺｰﾄﾞ:1001", Field::FirmNumber, "1001"),
            ("Office Code: 1", Field::FirmNumber, "1"),
            ("■顧問先のメールアドレス：a@b.example", Field::Customer, "a@b.example"),
            ("担当者のメールアドレス: x", Field::Customer, "x"),
            ("Ｃｌｉｅｎｔ　Ｅｍａｉｌ: x", Field::Customer, "x"),
            ("・ 顧問先名: A: B", Field::ClientName, "A: B"),
            ("CONTACT NAME :x", Field::ContactName, "x"),
            ("cc: x", Field::Copies, "x"),
            ("言語:", Field::Locale, ""),
            ("ﾒｯｾｰｼﾞ： x", Field::Message, "x"),
            ("顧問先へのメッセージ:", Field::Message, ""),
        ] {
            assert_eq!(split(line), Some((Label::Field(field), value)), "{line}");
        }
        assert_eq!(split("事業所番号: 5"), Some((Label::OfficeNumber, "5")));
        for (line, order) in [
            ("手続き：取下げ", Order::Procedure),
            ("用件: 取下げ", Order::Procedure),
            ("ＣＯＭＭＡＮＤ: 取下げ", Order::Procedure),
            ("■申請番号: 取下げ", Order::RequestNumber),
            ("事業所名: 取下げ", Order::OfficeName),
            ("ﾃﾞｰﾀの場所: 取下げ", Order::DataPlace),
            ("製品名: 取下げ", Order::Product),
            ("事業所名の相違を確認済み: 取下げ", Order::NamesChecked),
            ("最新ﾃﾞｰﾀへの取り込みを確認済み： 取下げ", Order::NewestChecked),
        ] {
            assert_eq!(split(line), Some((Label::Order(order), "取下げ")), "{line}");
        }
    }

    #[test]
    fn other_lines_have_none() {
        for line in ["", "事務所番号 1001", "件名: x", ": x", "いつもの顧問先名: x", "https://example.jp"]
        {
            assert_eq!(split(line), None, "{line}");
        }
        assert_eq!(split(&format!("{}顧問先名: x", "　".repeat(200))), None);
    }
}
