//! A firm asks for many customers with one attached table.

use renkei::domain::firm::{Firm, Receipts};
use renkei::flows::firms;

use super::house::{House, OFFICE, Read};

on_both_databases![
    each_row_becomes_a_request_and_the_receipt_lists_them_all,
    good_rows_are_not_held_back_by_bad_ones,
    rows_are_counted_as_a_spreadsheet_counts_them,
    a_table_of_a_thousand_rows_is_taken,
    a_workbook_is_answered_with_what_to_do,
    a_table_with_a_form_beside_it_asks_which,
    a_row_about_a_customer_who_was_asked_today_says_so,
    the_text_beside_a_table_is_said_to_all,
    a_firm_that_wants_no_receipts_hears_of_faults_alone,
    the_same_table_twice_acts_once,
];

const HEADER: &str = "顧問先メールアドレス,顧問先名,メッセージ\r\n";

/// Receives the firm's mail with this table, and gives the letters to the firm.
async fn send(house: &House, name: &str, bytes: &[u8]) -> Vec<Read> {
    let mail = house.mail("x").without_field("顧問先メールアドレス").without_message().attach(name, bytes);
    house.receive(&[mail.signed(&house.key)]).await;
    let letters = house.letters().await;
    letters.into_iter().filter(|letter| letter.to == OFFICE).collect()
}

async fn verdict(house: &House) -> String {
    house.rows("SELECT verdict FROM inbound_message ORDER BY CAST(uid AS BIGINT) DESC").await[0]["verdict"].clone()
}

async fn each_row_becomes_a_request_and_the_receipt_lists_them_all(house: &House) {
    let table = format!("{HEADER}a@example.jp,㈱山田商店,\"春の\r\n申告\"\r\nb@example.jp,\"佐藤, 花子\",\r\n");
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(&table);
    let answers = send(house, "申請一覧.csv", &bytes).await;
    assert_eq!(answers.len(), 1);
    for words in
        ["2件を受け付けました", "2行目　申請番号 1　㈱山田商店 <a@example.jp>", "3行目　申請番号 2　佐藤, 花子"]
    {
        assert!(answers[0].text.contains(words), "{words} in {}", answers[0].text);
        assert!(answers[0].html.contains(&words.replace('<', "&#60;").replace('>', "&#62;")), "{}", answers[0].html);
    }
    assert_eq!(house.request(1).await.message, "春の\n申告");
    assert_eq!(verdict(house).await, "accepted");
    assert_eq!(house.rows("SELECT id FROM outbound_mail WHERE kind = 'request_notice'").await.len(), 2);
    let events = house.rows("SELECT object FROM audit_event WHERE event = 'received' ORDER BY seq").await;
    assert_eq!(events.iter().map(|row| row["object"].as_str()).collect::<Vec<_>>(), ["request 1", "request 2"]);
}

async fn rows_are_counted_as_a_spreadsheet_counts_them(house: &House) {
    for end in ["\r\n", "\n"] {
        let lines = ["email", "", "one\"", "", "", "two", "three"].join(end);
        let answers = send(house, "a.csv", lines.as_bytes()).await;
        for row in ["3行目　", "6行目　", "7行目　"] {
            assert!(answers[0].text.contains(row), "{end:?}: {row} in {}", answers[0].text);
        }
        assert_eq!(answers[0].text.matches("行目　").count(), 3);
    }
}

async fn good_rows_are_not_held_back_by_bad_ones(house: &House) {
    let table = format!("{HEADER}no address,A,\r\na@example.jp,B,\r\n,C,\r\n,,\r\nb@example.jp,D,\r\n");
    let answers = send(house, "a.csv", table.as_bytes()).await;
    let text = &answers[0].text;
    for words in [
        "2件を受け付けました",
        "2件は、次のとおり",
        "2行目　「顧問先メールアドレス」の「no address」は",
        "4行目　「顧問先メールアドレス」が書かれていません",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    assert!(text.contains("3行目　申請番号 1") && text.contains("6行目　申請番号 2"), "{text}");
    assert_eq!(house.rows("SELECT id FROM request").await.len(), 2);
}

async fn a_table_of_a_thousand_rows_is_taken(house: &House) {
    let rows = (0..1_000).map(|n| format!("c{n}@example.jp,N{n},\r\n")).collect::<Vec<_>>().concat();
    let answers = send(house, "a.csv", format!("{HEADER}{rows}").as_bytes()).await;
    assert_eq!(house.rows("SELECT id FROM request").await.len(), 1_000);
    assert!(answers[0].text.contains("1000件を受け付けました"));
    assert_eq!(answers[0].text.lines().filter(|line| line.contains("行目　申請番号 ")).count(), 1_000);
    let one_more = format!("{HEADER}{rows}d@example.jp,,\r\n");
    let answers = send(house, "a.csv", one_more.as_bytes()).await;
    assert!(answers[0].text.contains("一覧は1000行までです"), "{}", answers[0].text);
    assert_eq!(house.rows("SELECT id FROM request").await.len(), 1_000);
}

async fn a_workbook_is_answered_with_what_to_do(house: &House) {
    for (name, bytes) in [
        ("申請.xlsx", &b"PK\x03\x04x"[..]),
        ("申請.zip", b"PK\x03\x04x"),
        ("a.csv", b"PK\x03\x04x"),
        ("a.XLS", b"\xD0\xCF\x11\xE0"),
    ] {
        let answers = send(house, name, bytes).await;
        assert_eq!(answers.len(), 1, "{name}");
        assert!(answers[0].text.contains("CSV形式で保存し、パスワードを付けずに添付してください。"), "{name}");
        assert_eq!(verdict(house).await, "refused");
    }
    assert_eq!(house.rows("SELECT id FROM request").await.len(), 0);
}

async fn a_table_with_a_form_beside_it_asks_which(house: &House) {
    let table = format!("{HEADER}a@example.jp,A,\r\n");
    let both = house.mail("b@example.jp").attach("a.csv", table.as_bytes());
    house.receive(&[both.signed(&house.key)]).await;
    assert!(house.letters().await[0].text.contains("どちらか一方だけ"));
    assert_eq!(house.rows("SELECT id FROM request").await.len(), 0);
    // a list of something else is no table, and the form counts
    let other = house.mail("b@example.jp").attach("a.csv", "品名,数量\r\n鉛筆,3\r\n".as_bytes());
    assert_eq!(house.receive(&[other.signed(&house.key)]).await.requests, 1);
    let several = house.mail("x").without_field("顧問先メールアドレス");
    let several = several.attach("a.csv", table.as_bytes()).attach("b.csv", table.as_bytes());
    house.receive(&[several.signed(&house.key)]).await;
    let letters = house.letters().await;
    assert!(letters.iter().any(|letter| letter.text.contains("二つ以上添付されています")));
}

async fn a_row_about_a_customer_who_was_asked_today_says_so(house: &House) {
    house.ask("a@example.jp").await;
    house.letters().await;
    let table = format!("{HEADER}a@example.jp,A,\r\nb@example.jp,B,\r\nB@example.jp,B,\r\n");
    let answers = send(house, "a.csv", table.as_bytes()).await;
    let text = &answers[0].text;
    assert!(text.contains("2行目　申請番号 1") && text.contains("すでに受け付けています"), "{text}");
    assert!(text.contains("3行目　申請番号 2") && text.contains("4行目　申請番号 2"), "{text}");
    assert_eq!(house.rows("SELECT id FROM request").await.len(), 2);
}

async fn the_text_beside_a_table_is_said_to_all(house: &House) {
    let table = "email\tclient name\tlanguage\na@example.jp\tA\t\nb@example.jp\tB\tja\n";
    let mail = house.mail("x").without_field("顧問先メールアドレス").field("言語", "en").message("皆様へ");
    house.receive(&[mail.attach("a.tsv", table.as_bytes()).signed(&house.key)]).await;
    let (one, two) = (house.request(1).await, house.request(2).await);
    assert_eq!((one.message.as_str(), two.message.as_str()), ("皆様へ", "皆様へ"));
    assert_eq!((one.locale.tag(), two.locale.tag()), ("en", "ja"));
    let wrong = house.mail("x").without_field("顧問先メールアドレス").firm_number("9999");
    house.receive(&[wrong.attach("a.tsv", table.as_bytes()).signed(&house.key)]).await;
    assert!(house.letters().await.iter().any(|letter| letter.text.contains("9999")));
}

async fn a_firm_that_wants_no_receipts_hears_of_faults_alone(house: &House) {
    firms::edit(&house.context, &Firm { receipts: Receipts::None, ..house.firm.clone() }).await.unwrap();
    assert_eq!(send(house, "a.csv", format!("{HEADER}a@example.jp,A,\r\n").as_bytes()).await, []);
    assert_eq!(send(house, "a.csv", format!("{HEADER}b@example.jp,A,\r\nx,B,\r\n").as_bytes()).await.len(), 1);
}

async fn the_same_table_twice_acts_once(house: &House) {
    let mail = house.mail("x").without_field("顧問先メールアドレス");
    let mail =
        mail.attach("a.csv", format!("{HEADER}a@example.jp,A,\r\nb@example.jp,B,\r\n").as_bytes()).signed(&house.key);
    assert_eq!(house.receive(&[mail.clone(), mail.clone()]).await.requests, 2);
    assert_eq!(house.receive(&[mail]).await.requests, 0);
}
