//! An SMTP server that follows a script: what smtp-sink cannot do, namely TLS under our own authority, AUTH that means it, a
//! cut after the final dot, and answers that change from one time to the next. It keeps every mail whose final dot it saw.

use std::collections::{HashMap, VecDeque};
use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::background::Background;
use super::tls::Authority;
use super::{folder, poll, smtp_talk};

/// Where in a conversation something may go otherwise than well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    Greeting,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// The final dot of a mail.
    Dot,
    Rset,
    Noop,
    Quit,
}

/// What is done there instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// This answer, such as `451 4.3.0 later`; anything but 2xx and 3xx means that it was not done.
    Reply(&'static str),
    /// The connection closes without an answer.
    Cut,
    /// This answer, then the connection closes.
    ReplyAndCut(&'static str),
    /// Nothing is answered, and the connection stays open.
    Silence,
    /// All is well, but so much later.
    Late(Duration),
}

/// How the connection is kept from eavesdroppers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "STARTTLS is called so")]
pub enum Tls {
    /// Not at all.
    #[default]
    None,
    /// By STARTTLS, which is demanded before MAIL.
    StartTls,
    /// From the first byte.
    Implicit,
}

/// What kind of server it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Setup {
    pub tls: Tls,
    /// User and password that AUTH PLAIN or LOGIN must give before MAIL.
    pub login: Option<(&'static str, &'static str)>,
}

/// A mail whose final dot was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptedMail {
    /// The address of MAIL FROM, without brackets.
    pub from: String,
    /// What stood after the address in MAIL FROM.
    pub parameters: String,
    /// The addresses of RCPT TO that were taken.
    pub to: Vec<String>,
    /// The mail with its CRLF line ends, dots undoubled.
    pub bytes: Vec<u8>,
    /// Whether it came under TLS.
    pub encrypted: bool,
    /// What the final dot was answered with; `None` if with nothing: the client cannot know.
    pub answer: Option<String>,
}

/// What the server's conversations share.
pub(super) struct State {
    pub(super) setup: Setup,
    once: HashMap<Stage, VecDeque<Act>>,
    always: HashMap<Stage, Act>,
    reached: HashMap<Stage, usize>,
    pub(super) mails: Vec<ScriptedMail>,
}

impl State {
    /// What the script has for this time at `stage`.
    pub(super) fn reach(&mut self, stage: Stage) -> Option<Act> {
        *self.reached.entry(stage).or_default() += 1;
        self.once.get_mut(&stage).and_then(VecDeque::pop_front).or_else(|| self.always.get(&stage).cloned())
    }
}

/// The running server.
pub struct SmtpScript {
    port: u16,
    state: Arc<Mutex<State>>,
    tls: Authority,
    _background: Background,
    _dir: TempDir,
}

impl SmtpScript {
    /// Starts one in clear that takes everything.
    pub fn start() -> Self {
        Self::with(Setup::default())
    }

    /// Starts one of this kind; it takes everything until it is told otherwise.
    pub fn with(setup: Setup) -> Self {
        let dir = folder::new();
        let tls = Authority::new(dir.path());
        let background = Background::new();
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (once, always, reached) = (HashMap::new(), HashMap::new(), HashMap::new());
        let state = Arc::new(Mutex::new(State { setup, once, always, reached, mails: Vec::new() }));
        let listener = background.adopt(|| TcpListener::from_std(listener));
        background.spawn(accept(listener, TlsAcceptor::from(tls.server_config()), state.clone()));
        Self { port, state, tls, _background: background, _dir: dir }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The PEM file of the authority that a TLS client must trust; the certificate is for `localhost` and 127.0.0.1.
    pub fn ca_file(&self) -> &Path {
        &self.tls.ca
    }

    /// The next time that `stage` is reached, and the times after it if this is called again, this is done.
    pub fn once(&self, stage: Stage, act: Act) {
        self.state().once.entry(stage).or_default().push_back(act);
    }

    /// Whenever `stage` is reached and nothing is left of [`Self::once`], this is done.
    pub fn always(&self, stage: Stage, act: Act) {
        self.state().always.insert(stage, act);
    }

    /// Forgets the script: all goes well again.
    pub fn behave(&self) {
        let mut state = self.state();
        state.once.clear();
        state.always.clear();
    }

    /// How often `stage` was reached; [`Stage::Greeting`] counts the connections.
    pub fn reached(&self, stage: Stage) -> usize {
        self.state().reached.get(&stage).copied().unwrap_or(0)
    }

    /// The mails whose final dot was seen, refused ones included, in order.
    pub fn mails(&self) -> Vec<ScriptedMail> {
        self.state().mails.clone()
    }

    /// Waits for at least `count` mails.
    #[track_caller]
    pub fn wait_for(&self, count: usize, limit: Duration) -> Vec<ScriptedMail> {
        poll::until("mails at the scripted server", limit, || Some(self.mails()).filter(|mails| mails.len() >= count))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        stream.set_nodelay(true).ok();
        tokio::spawn(smtp_talk::converse(stream, acceptor.clone(), state.clone()));
    }
}
