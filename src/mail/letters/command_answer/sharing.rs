//! What is said of business data and links.

use super::super::foreign;
use crate::domain::firm_command::SharingAnswer;
use crate::domain::locale::Locale;

/// One of each, for reading aloud.
pub(super) fn samples() -> impl Iterator<Item = SharingAnswer> {
    let name = || "株式会社山田商店".to_owned();
    let all = [
        SharingAnswer::DataWished,
        SharingAnswer::NamesDiffer { office_name: "山田商店".to_owned(), registered: Some(name()) },
        SharingAnswer::NamesDiffer { office_name: name(), registered: None },
        SharingAnswer::RuleNotAcknowledged,
        SharingAnswer::DataNotThere,
        SharingAnswer::DataOccupied,
        SharingAnswer::WhichProduct {
            products: vec!["弥生会計 スタンダード".to_owned(), "弥生会計 プロフェッショナル".to_owned()],
        },
        SharingAnswer::DataReleased,
        SharingAnswer::OtherData,
        SharingAnswer::NoData,
        SharingAnswer::Unlinked { products: vec!["弥生会計 スタンダード".to_owned()] },
        SharingAnswer::NotLinked,
        SharingAnswer::NotShared,
    ];
    all.into_iter()
}

/// What the subject says; `None` where nothing was done.
pub(super) const fn title(answer: &SharingAnswer, locale: Locale) -> Option<&'static str> {
    Some(match (locale, answer) {
        (Locale::Ja, SharingAnswer::DataWished) => "事業所データの設定を受け付けました",
        (Locale::Ja, SharingAnswer::NamesDiffer { .. } | SharingAnswer::RuleNotAcknowledged) => {
            "事業所データの設定の前にご確認ください"
        }
        (Locale::Ja, SharingAnswer::DataReleased) => "事業所データの解除を受け付けました",
        (Locale::Ja, SharingAnswer::Unlinked { .. }) => "製品の連携の解除を受け付けました",
        (Locale::En, SharingAnswer::DataWished) => "The business data will be set",
        (Locale::En, SharingAnswer::NamesDiffer { .. } | SharingAnswer::RuleNotAcknowledged) => {
            "Please check before the business data is set"
        }
        (Locale::En, SharingAnswer::DataReleased) => "The business data will be released",
        (Locale::En, SharingAnswer::Unlinked { .. }) => "The products will be unlinked",
        _ => return None,
    })
}

pub(super) fn said_ja(answer: &SharingAnswer) -> String {
    let shown = |name: &str| foreign::line(name, Locale::Ja);
    let said = match answer {
        SharingAnswer::DataWished => {
            "事業所データの設定を受け付けました。設定が完了しましたら、顧問先と貴事務所の両方にメールでお知らせします。"
        }
        SharingAnswer::NamesDiffer { office_name, registered } => {
            let registered = registered.as_deref().map_or_else(|| "（登録されていません）".to_owned(), shown);
            return format!(
                "二つの名前が異なるため、まだ設定していません。\n顧問先が登録した会社・個人事業者名：{registered}\n事業所データの事業所名：{}\n開いているデータに間違いがないか、もう一度ご確認ください。間違いがなければ、同じメールに「事業所名の相違を確認済み: はい」の行を書き足して、あらためてお送りください。",
                shown(office_name)
            );
        }
        SharingAnswer::RuleNotAcknowledged => {
            "まだ設定していません。会計事務所と顧問先がそれぞれのパソコンにデータを保有する場合、仕訳データの取り込みは必ず最新のデータへ取り込むように、運用ルールなどを決めてご利用ください。ご確認のうえ、同じメールに「最新データへの取り込みを確認済み: はい」の行を書き足して、あらためてお送りください。データが弥生ドライブにある場合は、「データの場所: 弥生ドライブ」と書き足してください。"
        }
        SharingAnswer::DataNotThere => {
            "設定していません。この製品では、その場所の事業所データを利用できません。「データの場所」をご確認ください。"
        }
        SharingAnswer::DataOccupied => {
            "設定していません。設定できる事業所データは一つだけで、すでに別の設定があるか、解除のお手続き中です。先にその設定を解除し、解除が完了してから、あらためてお送りください。"
        }
        SharingAnswer::WhichProduct { products } => {
            return format!(
                "設定していません。連携している製品が二つ以上あります。「製品名: 」の後に、次のいずれかを書き足して、あらためてお送りください。\n{}",
                listed(products, Locale::Ja)
            );
        }
        SharingAnswer::DataReleased => {
            "事業所データの解除を受け付けました。解除が完了しましたら、顧問先と貴事務所の両方にメールでお知らせします。"
        }
        SharingAnswer::OtherData => {
            "解除していません。設定されている事業所データの事業所名は、書かれた事業所名と異なります。設定時のお知らせに書かれている事業所名をご確認ください。"
        }
        SharingAnswer::NoData => "貴事務所が利用する事業所データは設定されていないため、何も行いませんでした。",
        SharingAnswer::Unlinked { products } => {
            return format!(
                "次の製品の連携の解除を受け付けました。解除が完了しましたら、顧問先と貴事務所の両方にメールでお知らせします。\n{}",
                listed(products, Locale::Ja)
            );
        }
        SharingAnswer::NotLinked => "この顧問先と連携している製品がないため、何も行いませんでした。",
        SharingAnswer::NotShared => {
            "この申請は承認されていないか、契約情報の提供が停止されているため、何も行いませんでした。"
        }
    };
    said.to_owned()
}

pub(super) fn said_en(answer: &SharingAnswer) -> String {
    let shown = |name: &str| foreign::line(name, Locale::En);
    let said = match answer {
        SharingAnswer::DataWished => "The business data will be set. Once it is, we will mail your client and you.",
        SharingAnswer::NamesDiffer { office_name, registered } => {
            let registered = registered.as_deref().map_or_else(|| "(none)".to_owned(), shown);
            return format!(
                "The two names differ, so nothing is set yet.\nAs your client registered it: {registered}\nInside the business data: {}\nPlease check that the right data is open. If it is, send the same mail again with the line “Names checked: yes”.",
                shown(office_name)
            );
        }
        SharingAnswer::RuleNotAcknowledged => {
            "Nothing is set yet. Where you and your client each have data on your own computers, please agree on a rule so that journals always go to the newest data. Then send the same mail again with the line “Newest checked: yes”. If the data lies in 弥生ドライブ, add the line “Data place: drive”."
        }
        SharingAnswer::DataNotThere => {
            "Nothing was set. The data of this product cannot lie there. Please check “Data place”."
        }
        SharingAnswer::DataOccupied => {
            "Nothing was set. Only one business data can be set, and another one is set or is being released. Release it first, and write again once it is gone."
        }
        SharingAnswer::WhichProduct { products } => {
            return format!(
                "Nothing was set. More than one product is linked. Send the mail again with a line “Product: ” and one of these.\n{}",
                listed(products, Locale::En)
            );
        }
        SharingAnswer::DataReleased => {
            "The business data will be released. Once it is, we will mail your client and you."
        }
        SharingAnswer::OtherData => {
            "Nothing was released. The business data that is set has another office name than the one you wrote. The letter that told you of it shows its name."
        }
        SharingAnswer::NoData => "No business data that you work with is set. Nothing was done.",
        SharingAnswer::Unlinked { products } => {
            return format!(
                "These products will be unlinked. Once they are, we will mail your client and you.\n{}",
                listed(products, Locale::En)
            );
        }
        SharingAnswer::NotLinked => "No product of this client is linked with you. Nothing was done.",
        SharingAnswer::NotShared => "The request is not approved, or your client stopped sharing. Nothing was done.",
    };
    said.to_owned()
}

fn listed(products: &[String], locale: Locale) -> String {
    let line = |name: &String| {
        let name = foreign::line(name, locale);
        match locale {
            Locale::Ja => format!("・{name}"),
            Locale::En => format!("- {name}"),
        }
    };
    products.iter().map(line).collect::<Vec<_>>().join("\n")
}
