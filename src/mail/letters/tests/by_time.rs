//! The letters that are written by time.

use super::*;

#[test]
fn a_reminder_of_the_end_has_the_link_and_the_deadline() {
    let sample = RequestReminder::sample(Locale::Ja);
    let letter = sample.render(&sender()).unwrap();
    assert_eq!(letter.subject, "【弥生】田中会計事務所様からの申請のお手続きの期限が近づいています");
    for body in [&letter.text, &letter.html] {
        for needed in
            ["株式会社山田商店\n山田 太郎 様", "2026年12月13日（日）15:30まで", "田中会計事務所", &sample.link]
        {
            assert!(body.contains(needed), "{needed} is missing in {body}");
        }
    }
    assert!(letter.html.matches("<a ").count() == 1);
}

#[test]
fn what_is_over_has_no_link_and_says_that_nothing_was_given() {
    let customer = ExpiredToCustomer::sample(Locale::Ja).render(&sender()).unwrap();
    assert_eq!(customer.subject, "【弥生】田中会計事務所様からの申請は、期限を過ぎたため終了しました");
    let firm = ExpiredToFirm::samples(Locale::Ja).remove(0).render(&sender()).unwrap();
    assert_eq!(firm.subject, "【弥生】顧問先のお手続きがないまま期限を過ぎました（申請番号 12）");
    for (letter, needed) in
        [(&customer, "何も会計事務所に渡っていません"), (&firm, "あらためて申請メールをお送りください")]
    {
        for body in [&letter.text, &letter.html] {
            assert!(body.contains(needed) && !body.contains("://"), "{body}");
        }
    }
    assert!(!firm.text.contains("届いていません"));
    let mut unreachable = ExpiredToFirm::samples(Locale::Ja).remove(0);
    unreachable.request.undeliverable = true;
    let letter = unreachable.render(&sender()).unwrap();
    assert!(letter.text.contains("顧問先へのメールは届いていません。\n") && letter.html.contains("届いていません"));
}

#[test]
fn who_approved_is_led_to_the_page_of_the_firms() {
    let letter = LinkReminder::sample(Locale::Ja).render(&sender()).unwrap();
    for needed in [
        "https://portal.example/manage",
        "「製品・サービスの連携を設定する」",
        "今回が最後です",
        "契約情報の提供を停止",
    ] {
        assert!(letter.text.contains(needed) && letter.html.contains(needed), "{needed}");
    }
    let first = LinkReminder { reminder: 1, ..LinkReminder::sample(Locale::Ja) }.render(&sender()).unwrap();
    assert!(!first.text.contains("今回が最後") && !first.html.contains("今回が最後"));
}

#[test]
fn a_digest_names_what_there_is_and_nothing_else() {
    let rendered = |at: usize| FirmDigest::samples(Locale::Ja).remove(at).render(&sender()).unwrap();
    let said = [
        (
            0,
            "期限が近い申請 2件、連携が済んでいない申請 1件",
            vec!["■ 期限が近い申請", "■ 承認されたまま", "ほかに3件"],
        ),
        (1, "期限が近い申請 2件", vec!["■ 期限が近い申請"]),
        (2, "連携が済んでいない申請 1件", vec!["■ 承認されたまま"]),
    ];
    for (at, subject, parts) in said {
        let letter = rendered(at);
        assert_eq!(letter.subject, format!("【弥生】顧問先への申請についてのお知らせ（{subject}）"));
        for part in ["■ 期限が近い申請", "■ 承認されたまま", "ほかに3件"] {
            assert_eq!(letter.text.contains(part), parts.contains(&part), "{part} in {}", letter.text);
            let plain = part.trim_start_matches("■ ");
            assert_eq!(letter.html.contains(&format!(">{plain}")), parts.contains(&part), "{part} in {}", letter.html);
        }
    }
    let both = rendered(0);
    let lines = "- 申請番号 12  株式会社山田商店（yamada@example.jp）\n  お手続きの期限：2026年12月13日（日）15:30まで\n\
                 - 申請番号 13  佐藤工業株式会社（sato@example.jp）\n  お手続きの期限：2026年12月13日（日）15:30まで\n  \
                 ※ 顧問先へのメールが届いていません。\n\n";
    assert!(both.text.contains(lines), "{}", both.text);
    let lines = "- 申請番号 14  鈴木青果店（suzuki@example.jp）\n  承認された日：2026年11月24日（火）\n";
    assert!(both.text.contains(lines), "{}", both.text);
    assert_eq!(both.html.matches("<li").count(), 3);
}

#[test]
fn the_operator_reads_counts_and_where_to_look() {
    let letter = OperatorDigest::sample(Locale::Ja).render(&sender()).unwrap();
    for needed in ["relay（2026年11月24日（火）10:15から）", "3件", "1件", "renkei quarantine list", "--state failed"]
    {
        assert!(letter.text.contains(needed) && letter.html.contains(needed), "{needed} in {}", letter.text);
    }
    let quiet = OperatorDigest { troubles: vec![], failed: 0, ..OperatorDigest::sample(Locale::En) };
    let text = quiet.render(&sender()).unwrap().text;
    assert!(text.contains("Quarantined mails\n3\n") && !text.contains("could not be sent"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// T14, T15: whatever a firm wrote comes back without a link and without an element of its own.
    #[test]
    fn what_a_firm_wrote_brings_no_link(name in hostile(), client in hostile(), message in hostile()) {
        for locale in [Locale::Ja, Locale::En] {
            let mut about = AboutRequest::sample(locale);
            about.firm.name.clone_from(&name);
            about.client_name = Some(client.clone());
            about.message = format!("x{message}");
            let own = RequestReminder::sample(locale).link;
            let manage = LinkReminder::sample(locale).manage;
            let mut digest = FirmDigest::samples(locale).remove(0);
            digest.firm_name.clone_from(&name);
            for entry in digest.ending.iter_mut().chain(&mut digest.unlinked) {
                entry.client_name = Some(client.clone());
            }
            let request = digest.ending[0].clone();
            let letters = [
                (RequestReminder { about: about.clone(), link: own.clone() }.render(&sender()), own.as_str()),
                (ExpiredToCustomer { about: about.clone() }.render(&sender()), "\n"),
                (LinkReminder { about, ..LinkReminder::sample(locale) }.render(&sender()), manage.as_str()),
                (ExpiredToFirm { locale, firm_name: name.clone(), request }.render(&sender()), "\n"),
                (digest.render(&sender()), "\n"),
            ];
            for (letter, link) in letters {
                let Rendered { subject, text, html } = letter.unwrap();
                prop_assert!(!subject.contains('\n'));
                prop_assert!(!html.contains("<script") && !html.contains("evil.example\">"));
                for part in [subject, text, html] {
                    prop_assert_eq!(other_links(&part, link), Vec::<String>::new());
                }
            }
        }
    }
}
