//! `renkei ledger`: the built-in contract-management system, filled, shown and served.

use std::time::Duration;

use super::{assert_wrong, json, with_key};
use crate::support::daemon::{Installation, Ran};
use crate::support::poll;
use crate::support::port;

const PRODUCTS: &str = "contract,product,name,customer_number,password,standing\n\
    C-1,弥生会計 スタンダード,弥生会計 26 スタンダード 髙,1000-0001,ひみつ,\n\
    C-2,cloud,Misoca,,,active\n";
const CUSTOMERS: &str = "account,contract\nYamada@example.jp,C-2\n";

fn import(house: &Installation, products: &[u8], customers: &[u8], more: &[&str]) -> Ran {
    std::fs::write(house.path().join("products.csv"), products).unwrap();
    std::fs::write(house.path().join("customers.csv"), customers).unwrap();
    house.cli(&[&["ledger", "import", "products.csv", "customers.csv"], more].concat())
}

#[test]
fn both_charsets_are_taken_and_shown_alike() {
    let cp932 = |text: &str| encoding_rs::SHIFT_JIS.encode(text).0.into_owned();
    let marked = [b"\xEF\xBB\xBF".as_slice(), PRODUCTS.replace('\n', "\r\n").as_bytes()].concat();
    for products in [PRODUCTS.as_bytes().to_vec(), marked, cp932(PRODUCTS)] {
        let house = with_key();
        let ran = import(&house, &products, CUSTOMERS.as_bytes(), &[]);
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (Some(0), "2 products and 1 customers' contracts were taken\n"),
            "{ran:?}"
        );
        let one = json(&house, &["ledger", "show", "--number", "１０００-0001"]);
        assert_eq!(one[0]["name"], "弥生会計 26 スタンダード 髙");
        assert_eq!((&one[0]["password"], &one[0]["place"]), (&"set".into(), &"old".into()));
        let his = json(&house, &["ledger", "show", "--account", "yamada@example.jp"]);
        assert_eq!((his.as_array().unwrap().len(), &his[0]["contract"]), (1, &"C-2".into()));
        let counts = house.cli_ok(&["ledger", "show"]);
        assert!(
            counts.contains("1  accounting_standard  old  active") && counts.contains("1  cloud  listed  active"),
            "{counts}"
        );
    }
}

#[test]
fn every_refused_line_is_named_and_the_others_wait_for_a_word() {
    let house = with_key();
    let products = format!("{PRODUCTS}C-3,blue_return,,,ひみつ,\nC-4,nonsense,,,,\n");
    let ran = import(&house, products.as_bytes(), CUSTOMERS.as_bytes(), &[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    let lines: Vec<_> = ran.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines[0].contains("products, line 4: customer_number") && lines[1].contains("products, line 5: product"),
        "{lines:?}"
    );
    assert!(!ran.stderr.contains("ひみつ") && !ran.stderr.contains("nonsense"));
    assert_eq!(json(&house, &["ledger", "show"]), serde_json::json!([]));
    let ran = import(&house, products.as_bytes(), CUSTOMERS.as_bytes(), &["--skip-refused"]);
    assert_eq!((ran.code, ran.stderr.lines().count()), (Some(0), 2), "{ran:?}");
    assert_eq!(json(&house, &["ledger", "show"]).as_array().unwrap().len(), 2);
}

#[test]
fn what_cannot_be_read_is_named() {
    let house = with_key();
    assert_wrong(&house.cli(&["ledger", "import", "nowhere.csv", "customers.csv"]), "nowhere.csv");
    assert_wrong(&house.cli(&["ledger", "show", "--account", "nobody"]), "account");
    assert_wrong(&house.cli(&["ledger", "show", "--number", "x"]), "number");
    let ran = import(&house, b"contract,product,colour\nC-1,cloud,red\n", CUSTOMERS.as_bytes(), &[]);
    assert!(ran.stderr.contains("line 2: unknown field `colour`"), "{}", ran.stderr);
    let open = house.path().join("token");
    std::fs::write(&open, "t").unwrap();
    assert_wrong(
        &house.cli(&["ledger", "serve", "--listen", "127.0.0.1:0", "--token-file", open.to_str().unwrap()]),
        "chmod 600",
    );
}

/// The ledger of one installation is the contract-management system of another.
#[test]
fn a_served_ledger_answers_and_stops_when_told() {
    let house = with_key();
    assert_eq!(import(&house, PRODUCTS.as_bytes(), CUSTOMERS.as_bytes(), &[]).code, Some(0));
    let (token, port) = (house.secret("token", "tell-nobody\n"), port::free());
    let listen = format!("127.0.0.1:{port}");
    let mut served = house.serve(&["ledger", "serve", "--listen", &listen, "--token-file", token.to_str().unwrap()]);
    poll::until_true("the ledger to be served", Duration::from_secs(20), || port::answers(port));
    let ask = |token: &str| {
        use std::io::{Read, Write};
        let body = r#"{"holder":"yamada@example.jp"}"#;
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        write!(
            stream,
            "POST /v1/contracts/query HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Request-Id: r-1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let answer = ask("tell-nobody");
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.contains("request-id: r-1") && answer.contains("Misoca"),
        "{answer}"
    );
    let refused = ask("tell-somebody");
    assert!(refused.starts_with("HTTP/1.1 401 ") && !refused.contains("Misoca"), "{refused}");
    assert!(served.stop().success());
    assert!(!served.log().contains("tell-nobody") && !served.log().contains("yamada"), "{}", served.log());
}
