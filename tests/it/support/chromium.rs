//! A Chromium without a window, driven through chromedriver (W3C WebDriver, and the DevTools protocol for what WebDriver has
//! no word for). Each has a profile of its own and reaches this host alone. What a person does with it is [`super::browser`]'s.

use std::process::Command;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::background::Background;
use super::process::{Process, Signal};
use super::{folder, poll, port};

/// How long the driver and the browser may take to start, on a busy machine.
const START: Duration = Duration::from_secs(30);
/// The most that the driver may answer: a long page's picture, in base64.
const ANSWER: usize = 64 << 20;

/// The running browser. Drop ends it with its driver and every process they started: all stand in one process group, but for
/// the crash handlers, which end once nobody is left to watch.
pub struct Chromium {
    client: Client,
    session: String,
    background: Background,
    driver: Process,
    _dir: TempDir,
}

impl Chromium {
    /// Starts one.
    pub fn start() -> Self {
        let dir = folder::new();
        for _ in 0..3 {
            let port = port::free();
            let Some(driver) = launch(&dir, port) else { continue };
            let background = Background::new();
            let client = background.wait(connect(port, capabilities(&dir)));
            let session = background.wait(session(client.clone(), port));
            return Self { client, session, background, driver, _dir: dir };
        }
        panic!("chromedriver does not start: {:?}", std::fs::read_to_string(dir.path().join("log")));
    }

    /// Asks WebDriver, and waits for what it says.
    #[track_caller]
    pub fn ask<T, F>(&self, question: impl FnOnce(Client) -> F) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        self.background.wait(question(self.client.clone()))
    }

    /// Gives a command of the DevTools protocol, such as `Emulation.setEmulatedMedia`.
    #[track_caller]
    pub fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.post("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// What the browser's console has said since this was last asked.
    #[track_caller]
    pub fn console(&self) -> Vec<Value> {
        self.post("se/log", &json!({ "type": "browser" })).as_array().cloned().unwrap_or_default()
    }

    /// The group of all its processes.
    pub fn process_group(&self) -> u32 {
        self.driver.id()
    }

    #[track_caller]
    fn post(&self, path: &str, body: &Value) -> Value {
        let request = axum::http::Request::post(format!("{}/{path}", self.session))
            .header("Content-Type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let answer = self.background.wait(async move {
            let http = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build_http::<Body>();
            let answer = http.request(request).await.unwrap();
            to_bytes(Body::new(answer.into_body()), ANSWER).await.unwrap()
        });
        let mut answer: Value = serde_json::from_slice(&answer).unwrap();
        let said = answer["value"].take();
        assert!(said.get("error").is_none(), "{path} {body}: {said}");
        said
    }
}

async fn connect(port: u16, capabilities: fantoccini::wd::Capabilities) -> Client {
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(capabilities);
    builder.connect(&format!("http://127.0.0.1:{port}")).await.expect("a session with chromedriver")
}

async fn session(client: Client, port: u16) -> String {
    let id = client.session_id().await.unwrap().expect("the session has an id");
    format!("http://127.0.0.1:{port}/session/{id}")
}

fn launch(dir: &TempDir, port: u16) -> Option<Process> {
    let mut command = Command::new("chromedriver");
    command.arg(format!("--port={port}"));
    // whatever it and the browser write stays in the test's folder
    for name in ["HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"] {
        command.env(name, dir.path());
    }
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS"] {
        command.env_remove(name);
    }
    let mut process = Process::start(&mut command, dir.path(), &dir.path().join("log"), Signal::Term);
    let up = poll::within(START, || match process.ended() {
        Some(_) => Some(false),
        None => port::answers(port).then_some(true),
    });
    (up == Some(true)).then_some(process)
}

fn capabilities(dir: &TempDir) -> fantoccini::wd::Capabilities {
    let profile = format!("--user-data-dir={}", dir.path().join("profile").display());
    let arguments = [
        "--headless",
        // root has no sandbox, and the pages are our own
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-crash-reporter",
        "--disable-component-update",
        "--disable-background-networking",
        "--hide-scrollbars",
        "--lang=ja",
        "--accept-lang=ja",
        // a page that asks anybody else would be seen to fail, and the browser itself asks nobody
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
        &profile,
    ];
    let wanted = json!({
        "browserName": "chrome",
        "goog:chromeOptions": { "binary": "/usr/bin/chromium", "args": arguments },
        "goog:loggingPrefs": { "browser": "ALL" },
    });
    wanted.as_object().unwrap().clone()
}
