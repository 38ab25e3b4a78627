use std::future::{pending, ready};
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Bytes;
use axum::routing::post;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::*;

const SHORT: Duration = Duration::from_millis(200);

struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    async fn new(router: Router, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let task = tokio::spawn(serve(listener, router, limits, stop.clone()));
        Self { address, stop, task }
    }

    async fn healthy() -> Self {
        Self::new(router(fine(), Limits::default()), Limits::default()).await
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends text and reads to the connection's end.
    async fn say(&self, text: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(text.as_bytes()).await.unwrap();
        to_end(&mut stream).await
    }

    async fn get(&self, path: &str) -> String {
        self.say(&format!("GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")).await
    }
}

async fn to_end(stream: &mut TcpStream) -> String {
    let mut answer = String::new();
    // A reset ends it, too.
    let _ = timeout(Duration::from_secs(10), stream.read_to_string(&mut answer)).await.unwrap();
    answer
}

/// The routes that are no pages; the pages are walked in `tests/it/web`.
fn router(health: Health, limits: Limits) -> Router {
    bounded(served(health), limits).layer(map_response(with_headers))
}

fn fine() -> Health {
    Health::new(|| ready(true), Vec::new)
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

#[tokio::test]
async fn a_healthy_daemon_is_live_and_ready() {
    let server = Server::healthy().await;
    let live = server.get("/healthz").await;
    assert!(live.starts_with("HTTP/1.1 200 "), "{live}");
    assert_eq!(body(&live), "ok\n");
    let ready = server.get("/readyz").await;
    assert!(ready.starts_with("HTTP/1.1 200 "), "{ready}");
    assert_eq!(body(&ready), "{\"ready\":true,\"problems\":[]}\n");
}

#[tokio::test]
async fn what_hinders_is_named_and_the_process_still_lives() {
    let health = Health::new(|| ready(false), || vec!["inbox", "outbox"]);
    let server = Server::new(router(health, Limits::default()), Limits::default()).await;
    let answer = server.get("/readyz").await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("content-type: application/json\r\n"));
    assert_eq!(
        body(&answer),
        "{\"ready\":false,\"problems\":[\"the database does not answer\",\
         \"the loop inbox stands still\",\"the loop outbox stands still\"]}\n"
    );
    assert!(server.get("/healthz").await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn a_silent_database_is_not_waited_for() {
    let server = Server::new(router(Health::new(pending, Vec::new), Limits::default()), Limits::default()).await;
    let started = Instant::now();
    assert!(body(&server.get("/readyz").await).contains("the database does not answer"));
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let server = Server::healthy().await;
    let oversized = "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 65537\r\nConnection: close\r\n\r\n";
    for answer in [
        server.get("/healthz").await,
        server.get("/readyz").await,
        server.get("/elsewhere").await,
        server.say("PUT /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").await,
        server.say(oversized).await,
    ] {
        for header in [
            "x-content-type-options: nosniff",
            "cache-control: no-store",
            "content-security-policy: default-src 'none';",
            "referrer-policy: no-referrer",
        ] {
            assert!(answer.contains(header), "{header} in {answer}");
        }
    }
}

#[tokio::test]
async fn anything_else_is_not_found() {
    let server = Server::healthy().await;
    for path in ["/", "/healthz/", "/../etc/passwd", "/r/abc?d=e"] {
        let answer = server.get(path).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    }
}

#[tokio::test]
async fn a_body_is_bounded_announced_or_not() {
    let echo = |body: Bytes| async move { body.len().to_string() };
    let limits = Limits { body: 10, ..Limits::default() };
    let server = Server::new(bounded(Router::new().route("/echo", post(echo)), limits), limits).await;
    let head = "POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n";
    let fits = server.say(&format!("{head}Content-Length: 10\r\n\r\n0123456789")).await;
    assert_eq!(body(&fits), "10");
    let announced = server.say(&format!("{head}Content-Length: 11\r\n\r\n01234567890")).await;
    assert!(announced.starts_with("HTTP/1.1 413 "), "{announced}");
    let chunked = server.say(&format!("{head}Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n")).await;
    assert!(chunked.starts_with("HTTP/1.1 413 "), "{chunked}");
}

#[tokio::test]
async fn slow_clients_are_cut_off() {
    let limits = Limits { head: SHORT, ..Limits::default() };
    let server = Server::new(router(fine(), limits), limits).await;
    let started = Instant::now();
    let mut silent = server.connect().await;
    to_end(&mut silent).await;
    let mut dripping = server.connect().await;
    for byte in b"GET /healthz HTTP/1.1\r\nHost: h\r\nX-Slow: 0123456789012345678901234567890123456789" {
        sleep(SHORT / 10).await;
        if dripping.write_all(&[*byte]).await.is_err() {
            break;
        }
    }
    let cut = to_end(&mut dripping).await;
    assert!(!cut.contains("200 OK"), "{cut}");
    let mut idle = server.connect().await;
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    assert!(to_end(&mut idle).await.contains("ok"), "kept alive, then cut off");
    assert!(started.elapsed() < Duration::from_secs(8));
}

#[tokio::test]
async fn an_answer_is_bounded_in_time() {
    let limits = Limits { answer: SHORT, ..Limits::default() };
    let slow = Router::new().route("/", get(pending::<()>)).layer(from_fn_with_state(limits, limits::within));
    let server = Server::new(slow, limits).await;
    assert!(server.get("/").await.starts_with("HTTP/1.1 504 "));
}

#[tokio::test]
async fn a_body_must_come_in_time() {
    let limits = Limits { receive: SHORT, ..Limits::default() };
    let server = Server::new(router(fine(), limits), limits).await;
    let mut slow = server.connect().await;
    slow.write_all(b"POST /login HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nx").await.unwrap();
    let mut status = [0; 13];
    slow.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 408 ");
}

#[tokio::test]
async fn connections_are_counted_and_live_for_a_time() {
    let limits = Limits { connections: 1, life: SHORT, ..Limits::default() };
    let server = Server::new(router(fine(), limits), limits).await;
    let started = Instant::now();
    let mut first = server.connect().await;
    assert!(server.get("/healthz").await.contains("200 OK"), "once the first has lived its time");
    assert!(started.elapsed() >= SHORT);
    assert_eq!(to_end(&mut first).await, "");
}

#[tokio::test]
async fn a_huge_head_is_refused() {
    let server = Server::healthy().await;
    let answer = server.say(&format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(20_000))).await;
    assert!(answer.starts_with("HTTP/1.1 431 ") || answer.is_empty(), "{answer}");
}

#[tokio::test]
async fn a_request_that_is_under_way_when_we_stop_is_answered() {
    let server = Server::healthy().await;
    let mut slow = server.connect().await;
    // it is accepted, and its request arrives in two pieces while we stop
    sleep(SHORT).await;
    server.stop.cancel();
    sleep(SHORT).await;
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: h\r\n").await.unwrap();
    sleep(SHORT).await;
    slow.write_all(b"\r\n").await.unwrap();
    let answer = to_end(&mut slow).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    timeout(Duration::from_secs(5), server.task).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn stopping_finishes_what_was_begun() {
    let begun = CancellationToken::new();
    let handler = begun.clone();
    let slow = move || {
        let begun = handler.clone();
        async move {
            begun.cancel();
            sleep(SHORT).await;
            "done"
        }
    };
    let server = Server::new(Router::new().route("/", get(slow)), Limits::default()).await;
    let _idle = server.connect().await;
    let mut working = server.connect().await;
    working.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    begun.cancelled().await;
    server.stop.cancel();
    assert!(to_end(&mut working).await.ends_with("done"));
    timeout(Duration::from_secs(5), server.task).await.unwrap().unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
}
