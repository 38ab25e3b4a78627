//! One SMTP dialogue (RFC 5321) over a wire that is already connected.

use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS, Mechanism};
use lettre::transport::smtp::commands::{Auth, Data, Ehlo, Mail, Quit, Rcpt, Rset, Starttls};
use lettre::transport::smtp::extension::{ClientId, MailParameter, RcptParameter};
use lettre::transport::smtp::response::Response;

use super::fault::{Fault, Stage};
use super::wire::{Stream, Wire};
use crate::config::relay::Timeouts;
use crate::domain::email_address::EmailAddress;
use crate::domain::enhanced_status::EnhancedStatus;
use crate::mail::compose::Composed;
use crate::mail::header::addr_spec;

/// Most challenges of one AUTH that are answered.
const CHALLENGES: usize = 4;

/// A dialogue with a relay that has greeted us.
pub struct Session {
    wire: Wire,
    limits: Timeouts,
    offers: Vec<String>,
    state: State,
}

/// What the relay knows of a mail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing.
    Clean,
    /// A part of an envelope that came to nothing: RSET comes before the next.
    Begun,
    /// It waits for a mail that we do not want to send any more.
    Broken,
}

impl Session {
    /// Waits for the greeting.
    pub async fn greeted(stream: Box<dyn Stream>, limits: Timeouts) -> Result<Self, Fault> {
        let mut session = Self::over(stream, limits);
        session.expect(Stage::Opening, limits.greeting, 220).await?;
        Ok(session)
    }

    /// Goes on in TLS, where nobody greets again (RFC 3207 §4.2): what was offered in plain is forgotten.
    pub fn over(stream: Box<dyn Stream>, limits: Timeouts) -> Self {
        Self { wire: Wire::new(stream), limits, offers: Vec::new(), state: State::Clean }
    }

    /// EHLO.
    pub async fn hello(&mut self, name: &ClientId) -> Result<(), Fault> {
        let reply = self.command(&Ehlo::new(name.clone()).to_string(), Stage::Opening, 250).await?;
        self.offers = reply.message().skip(1).map(str::to_ascii_uppercase).collect();
        Ok(())
    }

    /// STARTTLS; gives the stream back to be made TLS.
    pub async fn start_tls(mut self) -> Result<Box<dyn Stream>, Fault> {
        if !self.offers("STARTTLS") {
            return Err(Fault::Lacks("STARTTLS"));
        }
        self.command(&Starttls.to_string(), Stage::Opening, 220).await?;
        self.wire.into_stream().ok_or(Fault::Lacks("STARTTLS without data before the handshake"))
    }

    /// AUTH PLAIN, or LOGIN where only that is offered.
    pub async fn log_in(&mut self, credentials: &Credentials) -> Result<(), Fault> {
        let offered = |mechanism: &&Mechanism| {
            self.offers.iter().any(|line| {
                let mut words = line.split([' ', '=']);
                words.next() == Some("AUTH") && words.any(|word| word == mechanism.to_string())
            })
        };
        let mechanism = *DEFAULT_MECHANISMS.iter().find(offered).ok_or(Fault::Lacks("AUTH PLAIN or LOGIN"))?;
        let strange = |_| Fault::nonsense(Stage::Opening);
        let mut command = Auth::new(mechanism, credentials.clone(), None).map_err(strange)?;
        for _ in 0..CHALLENGES {
            let reply = self.say(&command.to_string(), Stage::Opening).await?;
            match code(&reply) {
                235 => return Ok(()),
                334 => {
                    command = Auth::new_from_response(mechanism, credentials.clone(), &reply).map_err(strange)?;
                }
                _ => return Err(said(Stage::Opening, &reply)),
            }
        }
        Err(Fault::nonsense(Stage::Opening))
    }

    /// MAIL, RCPT and DATA, in one round trip where the relay offers PIPELINING (RFC 2920). After this it waits for the
    /// content.
    pub async fn envelope(&mut self, mail: &Composed) -> Result<(), Fault> {
        if self.state == State::Begun {
            self.command(&Rset.to_string(), Stage::Envelope, 250).await?;
        }
        self.state = State::Begun;
        let (from, to) = self.path(mail);
        if !self.offers("PIPELINING") {
            let from = self.say(&from, Stage::Envelope).await?;
            sender_taken(&from)?;
            let to = self.say(&to, Stage::Envelope).await?;
            taken(&to)?;
            self.wire.write(&Data.to_string(), Stage::Envelope, self.limits.command).await?;
            return self.expect(Stage::Envelope, self.limits.data_start, 354).await.map(drop);
        }
        self.wire.write(&format!("{from}{to}{Data}"), Stage::Envelope, self.limits.command).await?;
        // All three are read before any is judged, so that the next command meets its own reply.
        let from = self.wire.reply(Stage::Envelope, self.limits.command).await?;
        let to = self.wire.reply(Stage::Envelope, self.limits.command).await?;
        let data = self.wire.reply(Stage::Envelope, self.limits.data_start).await?;
        let judged = sender_taken(&from).and_then(|()| taken(&to));
        if judged.is_err() && code(&data) == 354 {
            self.state = State::Broken;
        }
        judged.and_then(|()| if code(&data) == 354 { Ok(()) } else { Err(said(Stage::Envelope, &data)) })
    }

    /// MAIL and RCPT. Where the relay offers it (RFC 3461), reports are asked for by the envelope's id, with the header alone
    /// of what they return; an answer asks for none.
    fn path(&self, mail: &Composed) -> (String, String) {
        let (mut from, mut to) = (Vec::new(), Vec::new());
        if self.offers("DSN") {
            let word = |keyword: &str, value: &str| (keyword.to_owned(), Some(value.to_owned()));
            let mut notify = "NEVER";
            if let Some(id) = &mail.envelope_id {
                let asked = [word("RET", "HDRS"), word("ENVID", id)];
                from.extend(asked.map(|(keyword, value)| MailParameter::Other { keyword, value }));
                notify = "FAILURE,DELAY";
            }
            if mail.envelope_id.is_some() || mail.return_path.is_none() {
                let (keyword, value) = word("NOTIFY", notify);
                to.push(RcptParameter::Other { keyword, value });
            }
        }
        let from = Mail::new(mail.return_path.as_ref().map(address), from).to_string();
        (from, Rcpt::new(address(&mail.to), to).to_string())
    }

    /// The mail itself, and whether it was taken.
    pub async fn content(&mut self, mail: &[u8]) -> Result<(), Fault> {
        self.wire.write_content(mail, self.limits.data_block).await?;
        self.state = State::Clean;
        self.expect(Stage::End, self.limits.data_end, 250).await.map(drop)
    }

    /// Whether another mail can follow, given how the last one ended.
    pub fn is_reusable(&self, last: &Result<(), Fault>) -> bool {
        self.state != State::Broken && last.as_ref().err().is_none_or(Fault::leaves_connection)
    }

    /// QUIT, without waiting for the answer.
    pub async fn quit(mut self) {
        // Whether it arrives or not, the connection ends here.
        let _ = self.wire.write(&Quit.to_string(), Stage::Opening, std::time::Duration::from_secs(1)).await;
    }

    fn offers(&self, keyword: &str) -> bool {
        self.offers.iter().any(|line| line.split(' ').next() == Some(keyword))
    }

    async fn command(&mut self, command: &str, stage: Stage, expected: u16) -> Result<Response, Fault> {
        self.wire.write(command, stage, self.limits.command).await?;
        self.expect(stage, self.limits.command, expected).await
    }

    async fn say(&mut self, command: &str, stage: Stage) -> Result<Response, Fault> {
        self.wire.write(command, stage, self.limits.command).await?;
        self.wire.reply(stage, self.limits.command).await
    }

    async fn expect(&mut self, stage: Stage, limit: std::time::Duration, expected: u16) -> Result<Response, Fault> {
        let reply = self.wire.reply(stage, limit).await?;
        if code(&reply) == expected { Ok(reply) } else { Err(said(stage, &reply)) }
    }
}

fn code(reply: &Response) -> u16 {
    reply.code().into()
}

fn said(stage: Stage, reply: &Response) -> Fault {
    let text = reply.message().next().unwrap_or_default();
    Fault::Said { stage, code: code(reply), status: EnhancedStatus::of_reply(code(reply), text) }
}

/// As [`taken`]. What a refusal of our own address says is not about the recipient.
fn sender_taken(reply: &Response) -> Result<(), Fault> {
    let unlike = |_| Fault::Said { stage: Stage::Envelope, code: code(reply), status: None };
    taken(reply).map_err(unlike)
}

/// 250 and 251 (will forward, RFC 5321 §3.4) take a recipient, and so does 252.
fn taken(reply: &Response) -> Result<(), Fault> {
    if (250..=252).contains(&code(reply)) { Ok(()) } else { Err(said(Stage::Envelope, reply)) }
}

/// As lettre's commands take it. Unchecked there, because an [`EmailAddress`] is checked, and lettre knows no quotes.
fn address(of: &EmailAddress) -> Address {
    let spec = addr_spec(of);
    let (local, domain) = spec.rsplit_once('@').unwrap_or((&spec, ""));
    Address::new_dangerous(local, domain)
}
