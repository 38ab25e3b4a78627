//! The pages under load while ten thousand mails drain: a measurement, run by hand on a program that was built for release
//! (`benches/pages` does). Each request has a connection of its own, as behind a reverse proxy, and is timed from when it
//! was due, not from when it got its turn.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use renkei::clock::Clock;
use renkei::domain::password::{NewPassword, PasswordRule};
use renkei::entropy::Entropy;
use renkei::passwords::{Cost, Passwords};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Office, SENDER};
use crate::support::firm_mail::FirmMail;
use crate::support::poll;

const MAILS: usize = 10_000;
/// Every so often a page is asked for: 200 a second.
const GET_EVERY: Duration = Duration::from_millis(5);
/// Every so often somebody logs in: 10 a second.
const LOG_IN_EVERY: Duration = Duration::from_millis(100);
/// How long pages are asked for at least.
const AT_LEAST: Duration = Duration::from_secs(30);
const PEOPLE: usize = 100;
const PASSWORD: &str = "correct horse battery staple";

/// When a request was due, and how long it then took, or what went wrong.
type Time = (Instant, Result<Duration, String>);

/// What was measured of one kind of request.
#[derive(Clone, Default)]
struct Times(Arc<Mutex<Vec<Time>>>);

impl Times {
    fn note(&self, due: Instant, outcome: Result<(), String>) {
        self.0.lock().unwrap().push((due, outcome.map(|()| due.elapsed())));
    }

    /// Of what was due before `end` (or after it): how many, how many failed, p50, p99 and the longest, in milliseconds.
    fn line(&self, name: &str, when: impl Fn(Instant) -> bool) -> String {
        let all: Vec<_> = self.0.lock().unwrap().iter().filter(|(due, _)| when(*due)).cloned().collect();
        let mut good: Vec<_> = all.iter().filter_map(|(_, took)| took.as_ref().ok()).collect();
        good.sort();
        let at = |share: f64| {
            let last = good.len().saturating_sub(1);
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a rank"
            )]
            let rank = (last as f64 * share).round() as usize;
            good.get(rank).map_or(0.0, |took| took.as_secs_f64() * 1000.0)
        };
        let failed = all.len() - good.len();
        let why = all.iter().find_map(|(_, took)| took.as_ref().err()).cloned().unwrap_or_default();
        let (p50, p99, most) = (at(0.5), at(0.99), at(1.0));
        format!(
            "{name}: {} done, {failed} failed {why}, p50 {p50:.1} ms, p99 {p99:.1} ms, longest {most:.1} ms",
            good.len()
        )
    }
}

/// One request, its cookies and the answer.
async fn ask(address: SocketAddr, head: &str, jar: &str, body: &str) -> Result<(String, String), String> {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let length = body.len();
        let text = format!(
            "{head} HTTP/1.1\r\nHost: renkei.example\r\nConnection: close\r\nCookie: {jar}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(text.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&answer).into_owned())
    };
    let answer = exchange.await.map_err(|error| error.to_string())?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
    Ok((head.to_owned(), body.to_owned()))
}

fn expect(answer: &(String, String), status: &str) -> Result<(), String> {
    let line = answer.0.lines().next().unwrap_or_default();
    if line.contains(status) { Ok(()) } else { Err(format!("{line} instead of {status}")) }
}

/// The cookie that an answer sets, and the token of its form.
fn kept(answer: &(String, String), jar: &str) -> (String, String) {
    let set = answer.0.lines().find_map(|line| line.strip_prefix("set-cookie: "));
    let cookie = set.and_then(|set| set.split(';').next()).unwrap_or(jar).to_owned();
    let token = answer.1.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    (cookie, token.unwrap_or_default().to_owned())
}

/// Logs a person in; gives the time of the last step alone, in which the password is judged.
async fn log_in(address: SocketAddr, person: usize) -> Result<Duration, String> {
    let page = ask(address, "GET /login", "", "").await?;
    let (jar, token) = kept(&page, "");
    let form = format!("csrf={token}&id=person{person}%40people.example");
    let next = ask(address, "POST /login", &jar, &form).await?;
    expect(&next, "303")?;
    let (jar, _) = kept(&next, &jar);
    let page = ask(address, "GET /login/password", &jar, "").await?;
    expect(&page, "200")?;
    let (jar, token) = kept(&page, &jar);
    let form = format!("csrf={token}&password={}", PASSWORD.replace(' ', "+"));
    let begun = Instant::now();
    let done = ask(address, "POST /login/password", &jar, &form).await?;
    expect(&done, "303")?;
    if done.0.contains("__Host-renkei=") { Ok(begun.elapsed()) } else { Err("no session".to_owned()) }
}

/// Registers the people who log in: one hash of full strength for all.
fn register_people(office: &Office) {
    let rule = PasswordRule::default();
    let password = NewPassword::parse(PASSWORD, rule, &[]).unwrap();
    let passwords = Passwords::new(rule, Cost::STRONG, &Entropy::System);
    office.in_database(async |database| {
        let hash = passwords.hash(passwords.queue().unwrap(), &password).await.unwrap();
        let now = Clock::System.now().as_millis();
        for person in 0..PEOPLE {
            sqlx::query(
                "INSERT INTO account (id, address_key, address, name, password_hash, terms_version, terms_at, locale,
                 created_at, failures, version) VALUES ($1, $2, $2, '山田 太郎', $3, '1', $4, 'ja', $4, 0, 0)",
            )
            .bind(format!("00000000-0000-7000-8000-{person:012}"))
            .bind(format!("person{person}@people.example"))
            .bind(hash.as_str())
            .bind(now)
            .execute(&mut *database)
            .await
            .unwrap();
        }
    });
}

#[test]
#[ignore = "a measurement of minutes on a quiet machine: benches/pages"]
fn pages_answer_in_time_while_the_backlog_drains() {
    let mut office = Office::open();
    office.installation.cli_ok(&["firm", "edit", "1001", "--receipts", "none"]);
    office.lift_budgets();
    if let Some(program) = std::env::var_os("RENKEI_UNDER_LOAD") {
        office.installation.replace_program(std::path::Path::new(&program));
    }
    register_people(&office);
    let config = std::fs::read_to_string(office.installation.config()).unwrap();
    let port: u16 = config.split("listen = \"127.0.0.1:").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], port));

    // one request before, for a real link
    let mut daemon = office.start();
    office.deliver(&office.request("first@client.example"));
    let link = office.letters_to("first@client.example")[0].links()[0].to_owned();
    let landing = link.split_once("/r/").map(|(_, token)| format!("GET /r/{token}")).unwrap();
    assert_eq!(daemon.stop().code(), Some(0));
    let mail = FirmMail::new(SENDER, "nobody@client.example");
    let mails: Vec<_> = (0..MAILS)
        .map(|n| mail.clone().field("顧問先メールアドレス", &format!("customer{n}@client.example")).signed(&office.key))
        .collect();
    office.dovecot.fill(mails);

    let daemon = office.start();
    let begin = Instant::now();
    let (gets, steps, whole) = (Times::default(), Times::default(), Times::default());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let pages: [String; 4] = [landing, "GET /login".into(), "GET /register".into(), "GET /password/forgot".into()];
    let asking = runtime.spawn({
        let gets = gets.clone();
        async move {
            let mut due = tokio::time::interval(GET_EVERY);
            for turn in 0_usize.. {
                let due = due.tick().await.into_std();
                let (gets, page) = (gets.clone(), pages[turn % pages.len()].clone());
                tokio::spawn(async move {
                    let answer = ask(address, &page, "", "").await;
                    gets.note(due, answer.and_then(|answer| expect(&answer, "200")));
                });
            }
        }
    });
    let coming = runtime.spawn({
        let (steps, whole) = (steps.clone(), whole.clone());
        async move {
            let mut due = tokio::time::interval(LOG_IN_EVERY);
            for turn in 0_usize.. {
                let due = due.tick().await.into_std();
                let (steps, whole) = (steps.clone(), whole.clone());
                tokio::spawn(async move {
                    let came = log_in(address, turn % PEOPLE).await;
                    whole.note(due, came.as_ref().map(|_| ()).map_err(Clone::clone));
                    steps.0.lock().unwrap().push((due, came));
                });
            }
        }
    });
    let wanted = i64::try_from(MAILS + 1).unwrap();
    let sent = "SELECT COUNT(*) FROM outbound_mail WHERE kind = 'request_notice' AND state = 'sent'";
    poll::until_true("every letter to have left", Duration::from_mins(5), || {
        std::thread::sleep(Duration::from_millis(200));
        office.number(sent) == wanted
    });
    let drained = Instant::now();
    std::thread::sleep(AT_LEAST.saturating_sub(drained - begin).max(Duration::from_secs(10)));
    asking.abort();
    coming.abort();
    std::thread::sleep(Duration::from_secs(2));
    println!("{MAILS} mails drained in {:.1} s beside the pages", (drained - begin).as_secs_f64());
    for (name, times) in [("GET", &gets), ("log-in, the password's step", &steps), ("log-in, all four steps", &whole)] {
        println!("{}", times.line(&format!("while it drains, {name}"), |due| due < drained));
        println!("{}", times.line(&format!("afterwards, {name}"), |due| due >= drained));
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.id())).unwrap();
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap());
}
