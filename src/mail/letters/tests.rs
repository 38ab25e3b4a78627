use super::*;
use crate::domain::email_address::EmailAddress;
use crate::domain::request_form::{Field, FormFault};
use proptest::prelude::*;

mod by_time;

fn sender() -> Sender {
    let address = EmailAddress::parse("portal@renkei.example").unwrap();
    Sender::new(address, "弥生カスタマーセンター 0120-000-000（平日9:00〜17:00）")
}

fn notice(change: impl FnOnce(&mut RequestNotice)) -> Rendered {
    let mut letter = RequestNotice::sample(Locale::Ja);
    change(&mut letter);
    letter.render(&sender()).unwrap()
}

#[test]
fn the_subject_is_the_guides() {
    assert_eq!(notice(|_| {}).subject, "【弥生】田中会計事務所様より弥生製品の契約情報取得が申請されています");
    let reminder = notice(|letter| letter.reminder = Some(2));
    assert_eq!(reminder.subject, "【弥生】田中会計事務所様より弥生製品の契約情報取得が申請されています");
    let sender = Sender { brand: "Renkei".to_owned(), ..sender() };
    let other = RequestNotice::sample(Locale::Ja).render(&sender).unwrap();
    assert_eq!(other.subject, "【Renkei】田中会計事務所様よりRenkei製品の契約情報取得が申請されています");
}

#[test]
fn the_customer_is_told_who_asks_what_to_do_and_by_when() {
    let letter = notice(|_| {});
    let link = RequestNotice::sample(Locale::Ja).link;
    for body in [&letter.text, &letter.html] {
        for needed in [
            "株式会社山田商店\n山田 太郎 様",
            "田中会計事務所 様",
            "東京都千代田区丸の内1-1-1",
            "03-0000-0000",
            "顧問契約している会計事務所に間違いないかご確認ください。",
            "ご承認をお願いいたします。",
            "2026年12月13日（日）15:30まで",
            "心当たりがない場合",
            "まだ何も会計事務所に渡っていません",
            "0120-000-000",
            "送信専用",
            &link,
        ] {
            assert!(body.contains(needed), "{needed} is missing in {body}");
        }
    }
    assert!(letter.text.contains("｜ いつもお世話になっております。"), "the firm's words are marked as such");
    assert!(letter.html.contains(&format!("<a href=\"{link}\"")) && letter.html.matches("<a ").count() == 1);
    assert!(!letter.text.contains("再度のご案内"));
}

#[test]
fn a_reminder_says_so() {
    let letter = notice(|letter| letter.reminder = Some(2));
    assert!(letter.text.contains("再度のご案内（2回目）") && letter.html.contains("再度のご案内（2回目）"));
}

#[test]
fn what_the_firm_did_not_write_leaves_no_gap() {
    let letter = notice(|letter| {
        letter.about.client_name = None;
        letter.about.contact_name = None;
        letter.about.message = String::new();
    });
    assert!(letter.text.starts_with("お客さま\n\nいつも"), "{}", letter.text);
    assert!(!letter.text.contains("メッセージ") && !letter.html.contains("blockquote"));
    let alone = notice(|letter| letter.about.contact_name = None);
    assert!(alone.text.starts_with("株式会社山田商店 様\n"));
}

#[test]
fn a_reply_address_is_named_where_there_is_one() {
    let sender = Sender { reply_to: EmailAddress::parse("support@renkei.example").ok(), ..sender() };
    let letter = RequestNotice::sample(Locale::Ja).render(&sender).unwrap();
    assert!(
        letter.text.contains("返信されますと、support@renkei.example に届きます") && !letter.text.contains("送信専用")
    );
}

#[test]
fn a_copy_tells_the_same_without_the_link() {
    let letter = RequestCopy::sample(Locale::Ja).render(&sender()).unwrap();
    assert!(letter.subject.ends_with("申請されています（控え）"));
    for needed in ["控え", "お手続きの必要はありません", "ご承認をお願いいたします。", "2026年12月13日（日）15:30まで"]
    {
        assert!(letter.text.contains(needed) && letter.html.contains(needed), "{needed}");
    }
    assert!(!letter.text.contains("://") && !letter.html.contains("://") && !letter.html.contains("<a "));
}

#[test]
fn each_receipt_says_what_became_of_the_request() {
    let said = [
        ("契約情報取得の申請を受け付けました", "ご案内するメールをお送りします", true),
        ("顧問先へ再度ご案内しました", "再度のご案内をお送りします", true),
        ("まだお送りしていません", "2026年11月24日（火）10:15以降", true),
        ("上限に達しました", "2026年12月13日（日）15:30以降は、新しく", true),
        ("ご案内を停止しています", "「この申請に心当たりがない」とのご連絡があった", false),
        ("すでに承認済みです", "あらためて申請していただく必要はありません", false),
    ];
    for (receipt, (subject, body, has_deadline)) in Receipt::samples(Locale::Ja).into_iter().zip(said) {
        let letter = receipt.render(&sender()).unwrap();
        assert!(letter.subject.contains(subject) && letter.subject.ends_with("（申請番号 12）"), "{}", letter.subject);
        for text in [&letter.text, &letter.html] {
            assert!(
                text.contains(body) && text.contains("yamada@example.jp") && text.contains("株式会社山田商店"),
                "{text}"
            );
            assert_eq!(text.contains("顧問先のお手続きの期限：2026年12月13日（日）15:30まで"), has_deadline, "{text}");
        }
    }
}

#[test]
fn a_refusal_lists_the_faults_and_an_example() {
    let letter = FormRefused::sample(Locale::Ja).render(&sender()).unwrap();
    assert!(letter.text.contains("顧問先には何もお送りしていません"));
    assert!(letter.text.contains("1. 「事業所番号」と書かれています。") && letter.text.contains("\n3. 「追加宛先」"));
    for body in [&letter.text, &letter.html] {
        assert!(body.contains("事務所番号: 1001\n顧問先メールアドレス: yamada@example.jp\n顧問先名: "), "{body}");
    }
    assert_eq!(letter.html.matches("<li>").count(), 3);
}

#[test]
fn a_code_is_told_with_its_times_and_nothing_to_click() {
    let first = VerificationCode::sample(Locale::Ja);
    let resend = VerificationCode { sequence: 2, purpose: Purpose::Reset, ..first.clone() };
    for (letter, purpose, issued) in
        [(first, "弥生IDの新規登録", "15時32分発行"), (resend, "パスワードの再設定", "再送1回目・15時32分発行")]
    {
        let Rendered { subject, text, html } = letter.render(&sender()).unwrap();
        assert_eq!(subject, "【弥生】確認コードのお知らせ");
        for body in [&text, &html] {
            assert!(body.contains("042195") && body.contains(purpose) && body.contains(issued), "{body}");
            assert!(body.contains("15時42分まで（発行から10分間）"), "{body}");
            assert!(body.contains("どなたにもお伝えにならないでください"), "{body}");
        }
        assert!(text.contains(&format!("\n{issued}")), "a first code says nothing of a resend");
        assert!(!text.contains("http") && !html.contains("<a ") && !html.contains("http"));
    }
    let other = Sender { brand: "Renkei".to_owned(), ..sender() };
    assert_eq!(VerificationCode::sample(Locale::Ja).render(&other).unwrap().subject, "【Renkei】確認コードのお知らせ");
}

#[test]
fn letters_about_accounts_say_what_happened_and_what_to_do() {
    let registered = AccountRegistered::sample(Locale::Ja).render(&sender()).unwrap();
    assert!(registered.text.contains("山田 太郎 様") && registered.text.contains("忘れないように十分ご注意ください"));
    assert!(registered.text.contains("yamada@example.jp"));
    let taken = AlreadyRegistered { locale: Locale::Ja }.render(&sender()).unwrap();
    assert!(taken.text.contains("すでに弥生IDとして登録されています") && taken.text.contains("パスワードをお忘れの方"));
    let nobody = NotRegistered { locale: Locale::Ja }.render(&sender()).unwrap();
    assert!(nobody.text.contains("弥生IDとして登録されていません") && nobody.text.contains("弥生IDの新規登録"));
    let said = ["パスワードが変更されました", "誤った入力が続いたため", "ログインを停止しました"];
    for (notice, said) in SecurityNotice::samples(Locale::Ja).into_iter().zip(said) {
        let letter = notice.render(&sender()).unwrap();
        assert!(letter.text.contains(said) && letter.text.contains("2026年12月13日（日）15:32"), "{}", letter.text);
    }
    let hostile =
        AccountRegistered { name: "https://evil.example/ へ".to_owned(), ..AccountRegistered::sample(Locale::Ja) };
    assert!(!hostile.render(&sender()).unwrap().text.contains("evil.example"));
}

#[test]
fn every_letter_is_whole_in_every_language() {
    for locale in [Locale::Ja, Locale::En] {
        for letter in Letter::samples(locale) {
            let Rendered { subject, text, html } = letter.render(&sender()).unwrap();
            assert!(!subject.contains('\n') && subject.starts_with(['【', '[']), "{subject}");
            for part in [&subject, &text, &html] {
                assert!(!part.contains("{{") && !part.contains("{%") && !part.trim().is_empty(), "{part}");
            }
            assert!(!text.contains("\n\n\n") && !text.starts_with('\n'), "a gap in {text}");
            assert!(html.contains(&format!("<html lang=\"{}\">", locale.tag())) && !html.contains("<img"));
            // an English letter names the buttons of the pages, in “”, as they are
            let own_words: String =
                text.split('“').map(|part| part.split_once('”').map_or(part, |(_, own)| own)).collect();
            // these name what stands on a form or on a page in Japanese
            let names_labels = matches!(letter, Letter::FormRefused(_) | Letter::LinkReminder(_));
            let japanese = own_words.chars().any(|c| ('ぁ'..='ん').contains(&c));
            assert!(japanese == (locale == Locale::Ja) || names_labels, "{text}");
            // For a person: `cargo nextest run every_letter --no-capture` reads them out.
            println!("\n━━━━ {subject}\n\n{text}");
        }
    }
}

/// What stands in `text` besides our own `link` and looks like one to a mail program; found in another way than the one
/// that leaves links out.
fn other_links(text: &str, link: &str) -> Vec<String> {
    let rest = text.replace(link, " ").to_lowercase();
    let words = rest.split(|c: char| !c.is_ascii_graphic()).filter(|word| {
        let before_path = word.split('/').next().unwrap_or(word);
        let is_address =
            before_path.split_once('@').is_some_and(|(_, domain)| domain.starts_with(char::is_alphanumeric));
        let www = word.find("www.").is_some_and(|at| {
            let next = word.as_bytes().get(at + 4);
            next.is_some_and(u8::is_ascii_alphanumeric) && !word[..at].ends_with(char::is_alphanumeric)
        });
        let path = word.contains("evil.example/");
        let bare = *word == "evil.example" || word.ends_with("/evil.example");
        word.contains("://") || (!is_address && (www || path || bare))
    });
    words.map(str::to_owned).collect()
}

/// Text that tries to be more than text.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("https://evil.example/x?y=z".to_owned()),
        Just("HTTP://EVIL.EXAMPLE".to_owned()),
        Just("ｈｔｔｐｓ：／／evil．example／".to_owned()),
        Just("www.evil.example".to_owned()),
        Just("hxxp://evil[.]example".to_owned()),
        Just("http:/\u{200B}/evil.example".to_owned()),
        Just("<a href='//evil.example'>".to_owned()),
        Just("\"><script>alert(1)</script>".to_owned()),
        Just("</blockquote><a href=\"https://evil.example\">x</a>".to_owned()),
        Just("\r\nBcc: x@evil.example\r\n\r\n".to_owned()),
        Just("{{ v.link }}".to_owned()),
        "[:/.a-z ]{0,12}",
        "\\PC{0,8}",
        Just("\u{0}\u{202E}\u{2028}".to_owned()),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// T14, T15: whatever a firm writes, the letter has our link and no other, and no element but the template's.
    #[test]
    fn the_only_url_is_ours(name in hostile(), client in hostile(), contact in hostile(), message in hostile(), tel in hostile()) {
        for locale in [Locale::Ja, Locale::En] {
            let plain = RequestNotice::sample(locale).render(&sender()).unwrap();
            let mut letter = RequestNotice::sample(locale);
            letter.about.firm.name.clone_from(&name);
            letter.about.firm.telephone.clone_from(&tel);
            letter.about.client_name = Some(client.clone());
            letter.about.contact_name = Some(contact.clone());
            letter.about.message = format!("x{message}");
            let link = letter.link.clone();
            let written = letter.render(&sender()).unwrap();
            for part in [&written.subject, &written.text, &written.html] {
                prop_assert_eq!(other_links(part, &link), Vec::<String>::new());
            }
            let elements = |html: &str| html.matches('<').count() - html.matches("<br>").count();
            prop_assert_eq!(elements(&written.html), elements(&plain.html));
        }
    }

    #[test]
    fn no_answer_to_a_firm_has_a_url(given in hostile(), client in hostile()) {
        let fault = FormFault::BadValue { field: Field::ClientName, given };
        let refused = FormRefused { faults: vec![fault], firm_name: client.clone(), ..FormRefused::sample(Locale::Ja) };
        let mut letters = vec![refused.render(&sender()).unwrap()];
        for receipt in Receipt::samples(Locale::Ja) {
            letters.push(Receipt { client_name: Some(client.clone()), ..receipt }.render(&sender()).unwrap());
        }
        for Rendered { subject, text, html } in letters {
            for part in [subject, text, html] {
                prop_assert_eq!(other_links(&part, "\n"), Vec::<String>::new());
            }
        }
    }
}
