//! One conversation of the scripted SMTP server (RFC 5321, 3207, 4954).

use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::smtp_script::{Act, ScriptedMail, Stage, State, Tls};

/// Either a socket or TLS upon it.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

type Lines = BufReader<Box<dyn Stream>>;

/// Talks with one client until one of both hangs up.
pub(super) async fn converse(socket: TcpStream, acceptor: TlsAcceptor, state: Arc<Mutex<State>>) {
    // a client that vanishes ends the conversation, and that is no fault of the server
    talk(socket, acceptor, state).await.ok();
}

async fn talk(socket: TcpStream, acceptor: TlsAcceptor, state: Arc<Mutex<State>>) -> io::Result<()> {
    let implicit = state.lock().unwrap().setup.tls == Tls::Implicit;
    let stream: Box<dyn Stream> = if implicit { Box::new(acceptor.accept(socket).await?) } else { Box::new(socket) };
    let mut talk = Talk { lines: BufReader::new(stream), state, encrypted: implicit, known: false, mail: None };
    talk.at(Stage::Greeting, "220 script ESMTP").await?;
    loop {
        let line = talk.line().await?;
        let verb = line.get(..4).unwrap_or(&line).to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" | "HELO" => talk.ehlo().await?,
            "STAR" => {
                if talk.at(Stage::StartTls, "220 2.0.0 go ahead").await? {
                    talk = talk.encrypt(&acceptor).await?;
                }
            }
            "AUTH" => talk.auth(&line).await?,
            "MAIL" => talk.mail(&line).await?,
            "RCPT" => talk.rcpt(&line).await?,
            "DATA" => talk.data().await?,
            "RSET" => {
                talk.mail = None;
                talk.at(Stage::Rset, "250 2.0.0 ok").await?;
            }
            "NOOP" => {
                talk.at(Stage::Noop, "250 2.0.0 ok").await?;
            }
            "QUIT" => {
                talk.at(Stage::Quit, "221 2.0.0 bye").await?;
                return Ok(());
            }
            _ => talk.say("500 5.5.2 what?").await?,
        }
    }
}

struct Talk {
    lines: Lines,
    state: Arc<Mutex<State>>,
    encrypted: bool,
    known: bool,
    mail: Option<ScriptedMail>,
}

impl Talk {
    /// Does what the script has for `stage`, or says `usual`; gives whether it was answered well.
    async fn at(&mut self, stage: Stage, usual: &str) -> io::Result<bool> {
        let act = self.state().reach(stage);
        self.perform(act, usual).await
    }

    async fn perform(&mut self, act: Option<Act>, usual: &str) -> io::Result<bool> {
        match act {
            None => self.say(usual).await?,
            Some(Act::Late(span)) => {
                tokio::time::sleep(span).await;
                self.say(usual).await?;
            }
            Some(Act::Reply(reply)) => {
                self.say(reply).await?;
                return Ok(reply.starts_with(['2', '3']));
            }
            Some(Act::ReplyAndCut(reply)) => {
                self.say(reply).await?;
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            Some(Act::Cut) => return Err(io::ErrorKind::ConnectionAborted.into()),
            Some(Act::Silence) => std::future::pending().await,
        }
        Ok(true)
    }

    async fn ehlo(&mut self) -> io::Result<()> {
        let setup = self.state().setup;
        let mut reply = String::from("250-script\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250-DSN\r\n");
        if setup.tls == Tls::StartTls && !self.encrypted {
            reply.push_str("250-STARTTLS\r\n");
        }
        if setup.login.is_some() && (self.encrypted || setup.tls == Tls::None) {
            reply.push_str("250-AUTH PLAIN LOGIN\r\n");
        }
        reply.push_str("250 SIZE 10485760");
        self.at(Stage::Ehlo, &reply).await.map(drop)
    }

    async fn encrypt(self, acceptor: &TlsAcceptor) -> io::Result<Self> {
        // what was sent before the handshake is dropped with the buffer, as it must be (RFC 3207 §4.2)
        let stream = acceptor.accept(self.lines.into_inner()).await?;
        let lines = BufReader::new(Box::new(stream) as Box<dyn Stream>);
        Ok(Self { lines, encrypted: true, known: false, mail: None, ..self })
    }

    async fn auth(&mut self, line: &str) -> io::Result<()> {
        let mut words = line.split(' ').skip(1);
        let given = match (words.next().map(str::to_ascii_uppercase).as_deref(), words.next()) {
            (Some("PLAIN"), Some(initial)) => decode(initial),
            (Some("PLAIN"), None) => decode(&self.challenge("334 ").await?),
            (Some("LOGIN"), _) => {
                let user = decode(&self.challenge("334 VXNlcm5hbWU6").await?);
                let password = decode(&self.challenge("334 UGFzc3dvcmQ6").await?);
                format!("\0{user}\0{password}")
            }
            _ => return self.say("504 5.5.4 no such mechanism").await,
        };
        let login = self.state().setup.login;
        if login.is_none_or(|(user, password)| given != format!("\0{user}\0{password}")) {
            return self.say("535 5.7.8 no").await;
        }
        self.known = self.at(Stage::Auth, "235 2.7.0 welcome").await?;
        Ok(())
    }

    async fn mail(&mut self, line: &str) -> io::Result<()> {
        let setup = self.state().setup;
        if setup.tls == Tls::StartTls && !self.encrypted {
            return self.say("530 5.7.0 STARTTLS first").await;
        }
        if setup.login.is_some() && !self.known {
            return self.say("530 5.7.0 log in first").await;
        }
        let (from, parameters) = path(line);
        if self.at(Stage::Mail, "250 2.1.0 ok").await? {
            let (encrypted, to, bytes) = (self.encrypted, Vec::new(), Vec::new());
            self.mail = Some(ScriptedMail { from, parameters, to, bytes, encrypted, answer: None });
        }
        Ok(())
    }

    async fn rcpt(&mut self, line: &str) -> io::Result<()> {
        if self.mail.is_none() {
            return self.say("503 5.5.1 MAIL first").await;
        }
        let (to, _) = path(line);
        if self.at(Stage::Rcpt, "250 2.1.5 ok").await? {
            self.mail.iter_mut().for_each(|mail| mail.to.push(to.clone()));
        }
        Ok(())
    }

    async fn data(&mut self) -> io::Result<()> {
        if self.mail.as_ref().is_none_or(|mail| mail.to.is_empty()) {
            return self.say("503 5.5.1 RCPT first").await;
        }
        if !self.at(Stage::Data, "354 go on").await? {
            return Ok(());
        }
        let mut mail = self.mail.take().unwrap();
        loop {
            let mut line = Vec::new();
            if self.lines.read_until(b'\n', &mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if line == b".\r\n" {
                break;
            }
            mail.bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        // kept before it is answered: whoever has the answer finds the mail
        let kept = {
            let mut state = self.state();
            state.mails.push(mail);
            state.mails.len() - 1
        };
        self.answer_dot(kept).await
    }

    async fn answer_dot(&mut self, kept: usize) -> io::Result<()> {
        let act = {
            let mut state = self.state();
            let act = state.reach(Stage::Dot);
            state.mails[kept].answer = match &act {
                None | Some(Act::Late(_)) => Some("250 2.0.0 taken".to_owned()),
                Some(Act::Reply(reply) | Act::ReplyAndCut(reply)) => Some((*reply).to_owned()),
                Some(Act::Cut | Act::Silence) => None,
            };
            act
        };
        self.perform(act, "250 2.0.0 taken").await.map(drop)
    }

    async fn challenge(&mut self, text: &str) -> io::Result<String> {
        self.say(text).await?;
        self.line().await
    }

    async fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        if self.lines.read_until(b'\n', &mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned())
    }

    async fn say(&mut self, reply: &str) -> io::Result<()> {
        self.lines.write_all(format!("{reply}\r\n").as_bytes()).await?;
        self.lines.flush().await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// The address between the brackets of MAIL or RCPT, and what follows it.
fn path(line: &str) -> (String, String) {
    let (_, rest) = line.split_once('<').unwrap_or(("", line));
    let (address, parameters) = rest.split_once('>').unwrap_or((rest, ""));
    (address.to_owned(), parameters.trim().to_owned())
}

fn decode(text: &str) -> String {
    String::from_utf8_lossy(&STANDARD.decode(text).unwrap_or_default()).into_owned()
}
