//! The client of another contract-management system, before servers that lie, fail, are slow or want to know who asks.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{Response, StatusCode};
use renkei::config::contracts::Http as Settings;
use renkei::config::secret::SecretFile;
use renkei::contracts::DirectoryError::{Refused, Retry, Unknown};
use renkei::contracts::http::{Http, HttpError};
use renkei::contracts::{ContractDirectory, DirectoryError, Trouble};
use renkei::domain::contract::{CallKey, LinkSubject, LinkageState, LinkageWish, Refusal};
use renkei::domain::firm::FirmNumber;
use renkei::telemetry::Capture;
use serde_json::{Value, json};

use super::contract_served::{Served, TOKEN, client, settings, with};
use super::contract_suite::{fill, granted, number, yamada};
use super::house::House;
use crate::support::port;
use crate::support::proxy::{Fault, Proxy, Way};
use crate::support::tls::Authority;

/// What a stub answers to a question, given the path and what an honest server would say.
type Lie = fn(&str, Value, &str) -> Response<Body>;

/// An answer like an honest one's.
fn answer(status: StatusCode, body: String, request_id: &str) -> Response<Body> {
    let answer = Response::builder().status(status).header("content-type", "application/json");
    answer.header("request-id", request_id).body(Body::from(body)).unwrap()
}

/// A server that answers so, counting what it is asked.
async fn stub(lie: Lie) -> (Served, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let router = Router::new().fallback(async move |request: Request| {
        count.fetch_add(1, Ordering::SeqCst);
        let (head, body) = request.into_parts();
        let question: Value = serde_json::from_slice(&to_bytes(body, 65_536).await.unwrap()).unwrap();
        let id = head.headers["request-id"].to_str().unwrap().to_owned();
        let honest = match head.uri.path() {
            "/v1/contracts/query" => json!({"holder": question["holder"], "contracts": [
                {"id": "C-1", "product": "cloud", "name": "Misoca", "standing": "active"}]}),
            "/v1/linkages/query" => json!({"holder": question["holder"], "linkages": []}),
            "/v1/linkages/apply" => json!({"holder": question["holder"], "firm": question["firm"],
                "subject": question["subject"], "state": "linked"}),
            path => panic!("{path}"),
        };
        lie(head.uri.path(), honest, &id)
    });
    (Served::router(router).await, asked)
}

async fn link(directory: &Http) -> Result<LinkageState, DirectoryError> {
    let (firm, key) = (FirmNumber::parse("1001").unwrap(), CallKey::new("l", 1));
    directory.apply_linkage(&key, &yamada(), &firm, &LinkSubject::SmartVoucher, LinkageWish::Link).await
}

/// What a reading and a changing call come to before such a server.
async fn both(house: &House, lie: Lie) -> (Result<usize, DirectoryError>, Result<LinkageState, DirectoryError>) {
    let (served, _) = stub(lie).await;
    let directory = client(house, served.port);
    let read = directory.snapshot(&yamada()).await.map(|snapshot| snapshot.contracts.len());
    (read, link(&directory).await)
}

fn said(trouble: &DirectoryError) -> String {
    match trouble {
        Retry(Trouble::Nonsense(what)) => format!("retry {what}"),
        Unknown(Trouble::Nonsense(what)) => format!("unknown {what}"),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn an_honest_server_is_believed() {
    let house = House::on_sqlite().await;
    let done = both(&house, |_, honest, id| answer(StatusCode::OK, honest.to_string(), id)).await;
    assert_eq!(done, (Ok(1), Ok(LinkageState::Linked)));
    house.leave().await;
}

#[tokio::test]
async fn no_lie_is_believed() {
    let house = House::on_sqlite().await;
    let lies: [(&str, Lie); 10] = [
        ("it is about another holder", |_, mut honest, id| {
            honest["holder"] = json!("suzuki@example.jp");
            answer(StatusCode::OK, honest.to_string(), id)
        }),
        ("is unknown", |_, mut honest, id| {
            honest["state"] = json!("approved");
            if let Some(contract) = honest.pointer_mut("/contracts/0/standing") {
                *contract = json!("maybe");
            }
            answer(StatusCode::OK, honest.to_string(), id)
        }),
        ("it is no JSON", |_, _, id| {
            let page = Response::builder().header("content-type", "text/html").header("request-id", id);
            page.body(Body::from("<!doctype html><p>OK")).unwrap()
        }),
        ("it does not keep to the schema", |_, _, id| answer(StatusCode::OK, "<!doctype html><p>OK".to_owned(), id)),
        ("it does not keep to the schema", |_, honest, id| {
            let whole = honest.to_string();
            answer(StatusCode::OK, whole[..whole.len() - 2].to_owned(), id)
        }),
        ("it belongs to another request", |_, honest, _| answer(StatusCode::OK, honest.to_string(), "another")),
        ("it belongs to another request", |_, honest, _| {
            let bare = Response::builder().header("content-type", "application/json");
            bare.body(Body::from(honest.to_string())).unwrap()
        }),
        ("it is too long", |_, mut honest, id| {
            honest["padding"] = json!("x".repeat(1024 * 1024));
            answer(StatusCode::OK, honest.to_string(), id)
        }),
        ("a refusal is unknown", |_, _, id| answer(StatusCode::CONFLICT, json!({"refused": "no"}).to_string(), id)),
        ("it does not keep to the schema", |_, _, id| answer(StatusCode::CONFLICT, "{}".to_owned(), id)),
    ];
    for (why, lie) in lies {
        let (read, change) = both(&house, lie).await;
        let (read, change) = (said(&read.unwrap_err()), said(&change.unwrap_err()));
        assert!(read.starts_with("retry ") && read.ends_with(why), "{read}, not {why}");
        assert!(change.starts_with("unknown ") && change.ends_with(why), "{change}, not {why}");
    }
    let contrary: Lie = |path, mut honest, id| {
        if path == "/v1/linkages/apply" {
            honest["state"] = json!("not_linked");
        }
        answer(StatusCode::OK, honest.to_string(), id)
    };
    let (_, change) = both(&house, contrary).await;
    assert_eq!(said(&change.unwrap_err()), "unknown it says the contrary of what was asked");
    house.leave().await;
}

#[tokio::test]
async fn a_lost_answer_is_looked_up() {
    let house = House::on_sqlite().await;
    let lie: Lie = |path, honest, id| match path {
        "/v1/linkages/apply" => answer(StatusCode::BAD_GATEWAY, String::new(), id),
        "/v1/linkages/query" => {
            let voucher = json!([{"firm": "1001", "subject": {"kind": "smart_voucher"}, "state": "linked"}]);
            answer(StatusCode::OK, json!({"holder": honest["holder"], "linkages": voucher}).to_string(), id)
        }
        _ => answer(StatusCode::OK, honest.to_string(), id),
    };
    assert_eq!(both(&house, lie).await.1, Ok(LinkageState::Linked));
    house.leave().await;
}

#[tokio::test]
async fn every_status_says_what_may_have_been_done() {
    let house = House::on_sqlite().await;
    let busy = Trouble::Busy(Some(Duration::from_secs(7)));
    let cases: [(Lie, DirectoryError, DirectoryError); 6] = [
        (
            |_, _, _| Response::builder().status(503).header("retry-after", "7").body(Body::from("busy")).unwrap(),
            Retry(busy),
            Retry(busy),
        ),
        (
            |_, _, _| Response::builder().status(429).header("retry-after", "never").body(Body::empty()).unwrap(),
            Retry(Trouble::Busy(None)),
            Retry(Trouble::Busy(None)),
        ),
        (
            |_, _, id| answer(StatusCode::UNAUTHORIZED, String::new(), id),
            Retry(Trouble::Denied(401)),
            Retry(Trouble::Denied(401)),
        ),
        (
            |_, _, id| answer(StatusCode::INTERNAL_SERVER_ERROR, String::new(), id),
            Retry(Trouble::Failed(500)),
            Unknown(Trouble::Failed(500)),
        ),
        (
            |_, honest, id| answer(StatusCode::CREATED, honest.to_string(), id),
            Retry(Trouble::Failed(201)),
            Unknown(Trouble::Failed(201)),
        ),
        (
            |_, _, id| answer(StatusCode::CONFLICT, json!({"refused": "no_contract"}).to_string(), id),
            Refused(Refusal::NoContract),
            Refused(Refusal::NoContract),
        ),
    ];
    for (lie, read, change) in cases {
        assert_eq!(both(&house, lie).await, (Err(read), Err(change)));
    }
    assert_eq!(Retry(busy).wait(), Some(Duration::from_secs(7)));
    house.leave().await;
}

#[tokio::test]
async fn nobody_there_is_not_done_and_silence_may_be() {
    let house = House::on_sqlite().await;
    let nobody = client(&house, port::free());
    assert_eq!(nobody.snapshot(&yamada()).await.map(|_| ()), Err(Retry(Trouble::Down)));
    assert_eq!(link(&nobody).await, Err(Retry(Trouble::Down)));

    let (served, _) = stub(|_, honest, id| answer(StatusCode::OK, honest.to_string(), id)).await;
    let proxy = Proxy::to(served.port);
    let slow = Settings { timeout_seconds: 1, ..settings(house.folder(), proxy.port(), TOKEN) };
    let slow = with(&house, &slow);
    proxy.always(Fault::Stall { way: Way::Down, after: 0 });
    let begun = Instant::now();
    assert_eq!(slow.snapshot(&yamada()).await.map(|_| ()), Err(Retry(Trouble::Silent)));
    assert!(begun.elapsed() < Duration::from_secs(5), "the limit is for the whole call: {:?}", begun.elapsed());
    assert_eq!(link(&slow).await, Err(Unknown(Trouble::Silent)));
    house.leave().await;
}

#[tokio::test]
async fn a_cut_read_is_asked_once_more_and_a_cut_change_is_not() {
    let house = House::on_sqlite().await;
    let (served, asked) = stub(|_, honest, id| answer(StatusCode::OK, honest.to_string(), id)).await;
    let proxy = Proxy::to(served.port);
    let directory = client(&house, proxy.port());
    let cut = Fault::Cut { way: Way::Down, after: 20 };
    proxy.next([cut]);
    assert_eq!(directory.snapshot(&yamada()).await.map(|it| it.contracts.len()), Ok(1));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    proxy.cut();
    proxy.next([cut, cut]);
    assert_eq!(directory.snapshot(&yamada()).await.map(|_| ()), Err(Retry(Trouble::Cut)));
    let before = proxy.heard().matches("POST /v1/linkages/apply").count();
    proxy.next([cut]);
    assert_eq!(link(&directory).await, Err(Unknown(Trouble::Cut)), "the look finds nothing");
    assert_eq!(proxy.heard().matches("POST /v1/linkages/apply").count(), before + 1);
    house.leave().await;
}

#[tokio::test]
async fn connections_are_kept_and_a_dead_one_is_noticed() {
    let house = House::on_sqlite().await;
    let (served, _) = stub(|_, honest, id| answer(StatusCode::OK, honest.to_string(), id)).await;
    let proxy = Proxy::to(served.port);
    let directory = client(&house, proxy.port());
    for _ in 0..50 {
        directory.snapshot(&yamada()).await.unwrap();
    }
    assert_eq!(proxy.connections(), 1);
    proxy.cut();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(link(&directory).await, Ok(LinkageState::Linked));
    assert_eq!(proxy.connections(), 2);
    house.leave().await;
}

#[tokio::test]
async fn eight_calls_at_once_and_the_others_wait() {
    static NOW: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let house = House::on_sqlite().await;
    let router = Router::new().fallback(async |request: Request| {
        MOST.fetch_max(NOW.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(50)).await;
        NOW.fetch_sub(1, Ordering::SeqCst);
        let body = json!({"holder": "yamada@example.jp", "linkages": []}).to_string();
        answer(StatusCode::OK, body, request.headers()["request-id"].to_str().unwrap())
    });
    let served = Served::router(router).await;
    let directory = Arc::new(client(&house, served.port));
    let calls = (0..40).map(|_| {
        let directory = Arc::clone(&directory);
        tokio::spawn(async move { directory.read_linkage(&yamada()).await })
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap(), Ok(vec![]));
    }
    assert_eq!(MOST.load(Ordering::SeqCst), 8);
    house.leave().await;
}

#[tokio::test]
async fn after_five_failures_it_is_left_alone_and_refusals_are_none() {
    let house = House::on_sqlite().await;
    let (served, asked) = stub(|_, _, id| answer(StatusCode::INTERNAL_SERVER_ERROR, String::new(), id)).await;
    let directory = client(&house, served.port);
    for _ in 0..5 {
        assert_eq!(directory.read_linkage(&yamada()).await, Err(Retry(Trouble::Failed(500))));
    }
    for _ in 0..5 {
        let left = directory.read_linkage(&yamada()).await.unwrap_err();
        assert!(matches!(left, Retry(Trouble::LeftAlone(_))), "{left:?}");
        assert!(left.wait().unwrap() <= Duration::from_secs(30));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 5);

    let (served, asked) =
        stub(|_, _, id| answer(StatusCode::CONFLICT, "{\"refused\":\"other_holder\"}".to_owned(), id)).await;
    let directory = client(&house, served.port);
    for _ in 0..20 {
        assert_eq!(directory.read_linkage(&yamada()).await, Err(Refused(Refusal::OtherHolder)));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 20);
    house.leave().await;
}

#[tokio::test]
async fn only_who_carries_the_token_is_answered() {
    let house = House::on_sqlite().await;
    fill(&house).await;
    let served = Served::ledger(&house).await;
    let wrong = with(&house, &settings(house.folder(), served.port, "another-token"));
    assert_eq!(wrong.snapshot(&yamada()).await.map(|_| ()), Err(Retry(Trouble::Denied(401))));
    let right = client(&house, served.port);
    assert_eq!(right.snapshot(&yamada()).await.unwrap().contracts.len(), 1);
    let broken = settings(house.folder(), served.port, "a\u{7f}b");
    let refused = Http::new(&broken, house.context.clock.clone(), house.context.entropy.clone());
    assert!(matches!(refused, Err(HttpError::Token)));
    house.leave().await;
}

#[tokio::test]
async fn a_certificate_is_shown_and_the_servers_is_judged() {
    let house = House::on_sqlite().await;
    fill(&house).await;
    let authority = Authority::new(house.folder());
    let (certificate, key) = authority.client(house.folder());
    let port = authority.serve(super::contract_served::ledger_router(&house)).await;
    let token = settings(house.folder(), port, TOKEN);
    let known = Settings {
        url: format!("https://localhost:{port}"),
        ca_file: Some(authority.ca.clone()),
        certificate_file: Some(certificate),
        key_file: Some(SecretFile::new(key)),
        ..token
    };
    assert_eq!(with(&house, &known).snapshot(&yamada()).await.unwrap().contracts.len(), 1);
    let nameless = Settings { certificate_file: None, key_file: None, ..known.clone() };
    assert!(matches!(with(&house, &nameless).snapshot(&yamada()).await, Err(Retry(_))));
    let untrusted = Settings { ca_file: Some(known.certificate_file.clone().unwrap()), ..known.clone() };
    assert_eq!(with(&house, &untrusted).snapshot(&yamada()).await.map(|_| ()), Err(Retry(Trouble::Down)));
    let misnamed = Settings { url: format!("https://[::1]:{port}"), ..known };
    assert_eq!(with(&house, &misnamed).snapshot(&yamada()).await.map(|_| ()), Err(Retry(Trouble::Down)));
    house.leave().await;
}

#[tokio::test]
async fn a_password_goes_into_one_body_and_nowhere_else() {
    let log = Capture::install("trace").unwrap();
    let house = House::on_sqlite().await;
    fill(&house).await;
    let served = Served::ledger(&house).await;
    let proxy = Proxy::to(served.port);
    let directory = client(&house, proxy.port());
    granted(&directory, &yamada(), "10000001", "himitsu-1").await.unwrap();
    granted(&directory, &yamada(), "10000001", "himitsu-wrong").await.unwrap_err();
    proxy.cut();
    proxy.always(Fault::Cut { way: Way::Down, after: 0 });
    let password = "himitsu-lost".into();
    let lost = directory.check_customer_number(&yamada(), &number("10000001"), &password).await.unwrap_err();
    assert!(!format!("{lost:?} {lost}").contains("himitsu"));
    let heard = proxy.heard();
    for (head, _) in heard.split("POST ").skip(1).filter_map(|request| request.split_once("\r\n\r\n")) {
        assert!(!head.contains("himitsu") && !head.contains("yamada") && !head.contains("10000001"), "{head}");
    }
    assert_eq!(heard.matches("himitsu-1").count(), 1);
    assert!(!format!("{:?}", house.everything().await).contains("himitsu"));
    let log = log.text();
    for secret in ["himitsu", "yamada", TOKEN] {
        assert!(!log.contains(secret), "{secret} in the log");
    }
    house.leave().await;
}
