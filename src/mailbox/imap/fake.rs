//! An IMAP server for tests: one user, a few folders, and the faults that a real one shows on bad days.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use base64::Engine as _;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What goes wrong.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Fault {
    #[default]
    None,
    /// The connection ends after so many bytes of bodies.
    CutBodies(usize),
    /// The connection ends when IDLE was accepted.
    CloseInIdle,
    /// `* OK Still here`, again and again, while idling.
    StillHere,
    /// No answer to lines that hold this.
    Silent(&'static str),
    /// This instead of an answer to lines that hold that.
    Say(&'static str, &'static str),
    /// FETCH leaves this mail out, though it is there.
    LeaveOut(u32),
    /// A tagged NO to the first line that holds this.
    NoOnce(&'static str),
}

#[derive(Clone, Debug)]
pub(super) struct Mail {
    pub(super) body: Vec<u8>,
    pub(super) deleted: bool,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) greeting: &'static str,
    pub(super) capabilities: &'static str,
    pub(super) uidvalidity: u32,
    pub(super) folders: BTreeMap<String, BTreeMap<u32, Mail>>,
    pub(super) next: u32,
    pub(super) fault: Fault,
    /// Every line a client sent, without its tag.
    pub(super) heard: Vec<String>,
}

impl State {
    pub(super) fn deliver(&mut self, body: &[u8]) -> u32 {
        self.next += 1;
        let mail = Mail { body: body.to_vec(), deleted: false };
        self.folders.get_mut("INBOX").unwrap().insert(self.next, mail);
        self.next
    }

    pub(super) fn uids(&self, folder: &str) -> Vec<u32> {
        self.folders.get(folder).map(|mails| mails.keys().copied().collect()).unwrap_or_default()
    }
}

#[derive(Clone, Debug)]
pub(super) struct Fake {
    pub(super) port: u16,
    state: Arc<Mutex<State>>,
}

impl Fake {
    pub(super) async fn start(capabilities: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State {
            greeting: "* OK ready",
            capabilities,
            uidvalidity: 7,
            folders: BTreeMap::from([("INBOX".to_owned(), BTreeMap::new())]),
            ..State::default()
        }));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                tokio::spawn(
                    async move { Connection { state, folder: String::new(), sasl: None }.serve(stream).await },
                );
            }
        });
        Self { port, state }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(super) fn uids(&self, folder: &str) -> Vec<u32> {
        self.state().uids(folder)
    }

    /// How many lines that held this were sent.
    pub(super) fn heard(&self, part: &str) -> usize {
        self.state().heard.iter().filter(|line| line.contains(part)).count()
    }
}

struct Connection {
    state: Arc<Mutex<State>>,
    folder: String,
    /// The tag of an AUTHENTICATE that is going on.
    sasl: Option<String>,
}

/// What to do about a line.
enum Reply {
    Say(String),
    Bytes(Vec<u8>),
    Idle,
    Nothing,
    Close(Vec<u8>),
}

impl Connection {
    async fn serve(mut self, stream: TcpStream) -> Option<()> {
        let mut stream = BufReader::new(stream);
        let greeting = self.state.lock().unwrap().greeting;
        stream.write_all(format!("{greeting}\r\n").as_bytes()).await.ok()?;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            let (tag, line) = line.trim_end().split_once(' ').unwrap_or((line.trim_end(), ""));
            match self.reply(tag, line) {
                Reply::Say(text) => stream.write_all(format!("{text}\r\n").as_bytes()).await.ok()?,
                Reply::Bytes(bytes) => stream.write_all(&bytes).await.ok()?,
                Reply::Idle => self.idle(&mut stream, tag).await?,
                Reply::Nothing => {}
                Reply::Close(bytes) => {
                    stream.write_all(&bytes).await.ok()?;
                    return None;
                }
            }
        }
    }

    async fn idle(&self, stream: &mut BufReader<TcpStream>, tag: &str) -> Option<()> {
        stream.write_all(b"+ idling\r\n").await.ok()?;
        let known = self.state.lock().unwrap().uids(&self.folder).len();
        loop {
            let mut byte = [0; 6];
            let read = tokio::time::timeout(Duration::from_millis(20), stream.read_exact(&mut byte)).await;
            if let Ok(read) = read {
                read.ok()?;
                return stream.write_all(format!("{tag} OK idled\r\n").as_bytes()).await.ok();
            }
            let (fault, now) = {
                let state = self.state.lock().unwrap();
                (state.fault.clone(), state.uids(&self.folder).len())
            };
            match fault {
                Fault::CloseInIdle => return None,
                Fault::StillHere => stream.write_all(b"* OK Still here\r\n").await.ok()?,
                _ if now > known => stream.write_all(format!("* {now} EXISTS\r\n").as_bytes()).await.ok()?,
                _ => {}
            }
        }
    }

    fn reply(&mut self, tag: &str, line: &str) -> Reply {
        if let Some(begun) = self.sasl.take() {
            return self.authenticate(begun, tag);
        }
        let mut state = self.state.lock().unwrap();
        state.heard.push(line.to_owned());
        match state.fault.clone() {
            Fault::Silent(part) if line.contains(part) => return Reply::Nothing,
            Fault::Say(part, what) if line.contains(part) => return Reply::Say(what.to_owned()),
            Fault::NoOnce(part) if line.contains(part) => {
                state.fault = Fault::None;
                return Reply::Say(format!("{tag} NO [EXPUNGEISSUED] some are gone"));
            }
            _ => {}
        }
        let ok = format!("{tag} OK done");
        let words: Vec<&str> = line.split(' ').collect();
        let (uidvalidity, next) = (state.uidvalidity, state.next + 1);
        match words.as_slice() {
            ["LOGIN", user, password] if (*user, *password) != ("\"u\"", "\"p\"") => {
                Reply::Say(format!("{tag} NO [AUTHENTICATIONFAILED] u@x.example is unknown"))
            }
            ["AUTHENTICATE", "XOAUTH2"] => {
                self.sasl = Some(tag.to_owned());
                Reply::Say("+ ".to_owned())
            }
            ["CAPABILITY"] => Reply::Say(format!("* CAPABILITY IMAP4rev1 {}\r\n{ok}", state.capabilities)),
            ["NAMESPACE"] => Reply::Say(format!("* NAMESPACE ((\"INBOX.\" \".\")) NIL NIL\r\n{ok}")),
            ["LIST", "\"\"", "\"\""] => Reply::Say(format!("* LIST (\\Noselect) \"/\" \"\"\r\n{ok}")),
            ["LIST", ..] => {
                let list = state.folders.keys().map(|name| format!("* LIST () \".\" \"{name}\"\r\n"));
                Reply::Say(list.collect::<String>() + &ok)
            }
            ["CREATE", name] => {
                state.folders.insert(name.trim_matches('"').to_owned(), BTreeMap::new());
                Reply::Say(ok)
            }
            ["SELECT", name] => {
                name.trim_matches('"').clone_into(&mut self.folder);
                let exists = state.uids(&self.folder).len();
                let codes = format!("* OK [UIDVALIDITY {uidvalidity}] v\r\n* OK [UIDNEXT {next}] n\r\n");
                Reply::Say(format!("* FLAGS ()\r\n* {exists} EXISTS\r\n{codes}{tag} OK [READ-WRITE] in"))
            }
            ["UID", "SEARCH", criteria @ ..] => {
                let found = self.search(&state, criteria);
                let uids: Vec<String> = found.iter().map(u32::to_string).collect();
                Reply::Say(format!("* SEARCH {}\r\n{ok}", uids.join(" ")))
            }
            ["UID", "FETCH", set, what @ ..] => self.fetch(&state, set, &what.join(" "), &ok),
            ["UID", verb @ ("MOVE" | "COPY"), set, to] => {
                for uid in self.members(&state, set) {
                    let mail = state.folders[&self.folder][&uid].clone();
                    state.next += 1;
                    let next = state.next;
                    state.folders.get_mut(to.trim_matches('"')).unwrap().insert(next, mail);
                    if *verb == "MOVE" {
                        state.folders.get_mut(&self.folder).unwrap().remove(&uid);
                    }
                }
                Reply::Say(ok)
            }
            ["UID", "STORE", set, ..] => {
                for uid in self.members(&state, set) {
                    state.folders.get_mut(&self.folder).unwrap().get_mut(&uid).unwrap().deleted = true;
                }
                Reply::Say(ok)
            }
            ["UID", "EXPUNGE", set] => {
                let set = self.members(&state, set);
                state.folders.get_mut(&self.folder).unwrap().retain(|uid, mail| !mail.deleted || !set.contains(uid));
                Reply::Say(ok)
            }
            ["IDLE"] => Reply::Idle,
            ["LOGIN" | "SUBSCRIBE" | "NOOP", ..] => Reply::Say(ok),
            _ => Reply::Say(format!("{tag} BAD unknown")),
        }
    }

    /// A token that is refused is explained in a second challenge, and the NO waits for an empty answer to it.
    fn authenticate(&mut self, begun: String, answer: &str) -> Reply {
        if answer.is_empty() {
            return Reply::Say(format!("{begun} NO [AUTHENTICATIONFAILED] expired"));
        }
        let message = base64::engine::general_purpose::STANDARD.decode(answer).unwrap();
        if message == b"user=u\x01auth=Bearer fresh\x01\x01" {
            return Reply::Say(format!("{begun} OK in"));
        }
        self.sasl = Some(begun);
        Reply::Say("+ eyJzdGF0dXMiOiI0MDEifQ==".to_owned())
    }

    fn search(&self, state: &State, criteria: &[&str]) -> Vec<u32> {
        let mails = &state.folders[&self.folder];
        let undeleted = criteria.contains(&"UNDELETED");
        let mut found: Vec<u32> = match criteria.iter().position(|word| *word == "UID") {
            Some(at) => self.members(state, criteria[at + 1]),
            None => mails.keys().copied().collect(),
        };
        let number =
            |word: &str| criteria.iter().position(|w| *w == word).map(|at| criteria[at + 1].parse::<usize>().unwrap());
        found.retain(|uid| {
            let mail = &mails[uid];
            !(undeleted && mail.deleted)
                && number("LARGER").is_none_or(|n| mail.body.len() > n)
                && number("SMALLER").is_none_or(|n| mail.body.len() < n)
        });
        // As servers may: in no order.
        found.reverse();
        found
    }

    fn members(&self, state: &State, set: &str) -> Vec<u32> {
        let uids = state.uids(&self.folder);
        let last = uids.last().copied().unwrap_or(0);
        let number = |text: &str| if text == "*" { last } else { text.parse::<u32>().unwrap() };
        let within = |part: &str, uid: u32| {
            let (a, b) = part.split_once(':').unwrap_or((part, part));
            (number(a).min(number(b))..=number(a).max(number(b))).contains(&uid)
        };
        uids.into_iter().filter(|uid| set.split(',').any(|part| within(part, *uid))).collect()
    }

    fn fetch(&self, state: &State, set: &str, what: &str, ok: &str) -> Reply {
        let mut out = Vec::new();
        let mut left = if let Fault::CutBodies(bytes) = state.fault { bytes } else { usize::MAX };
        for (number, (uid, mail)) in state.folders[&self.folder].iter().enumerate() {
            if !self.members(state, set).contains(uid) || state.fault == Fault::LeaveOut(*uid) {
                continue;
            }
            if what.contains("BODY.PEEK[]") {
                let head = format!("* {} FETCH (UID {uid} BODY[] {{{}}}\r\n", number + 1, mail.body.len());
                let answer = [head.as_bytes(), &mail.body, b")\r\n"].concat();
                if left < answer.len() {
                    out.extend_from_slice(&answer[..left]);
                    return Reply::Close(out);
                }
                left -= answer.len();
                out.extend(answer);
            } else {
                let size = mail.body.len();
                let date = "INTERNALDATE \"07-Feb-2024 02:44:25 +0900\"";
                out.extend(format!("* {} FETCH (UID {uid} RFC822.SIZE {size} {date})\r\n", number + 1).into_bytes());
            }
        }
        if left == 0 {
            return Reply::Close(out);
        }
        out.extend(format!("{ok}\r\n").into_bytes());
        Reply::Bytes(out)
    }
}
