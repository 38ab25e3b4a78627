//! A TCP proxy that lets a connection go wrong at a chosen byte, and remembers what was said.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};

use super::background::Background;

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
}

/// What goes wrong with one connection. `after` counts the bytes that still get through, that way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Both ends see the other hang up.
    Cut { way: Way, after: usize },
    /// The client sees a reset.
    Reset { way: Way, after: usize },
    /// Nothing more gets through that way, and the connection stays open.
    Stall { way: Way, after: usize },
    /// Whatever is sent, either way, comes so much later.
    Delay(Duration),
    /// The last bit of this byte is turned, that way.
    Corrupt { way: Way, at: usize },
    /// The client sees a hang-up after so many bytes of the server's, and what it sent is then sent once more.
    Repeat { after: usize },
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    HangUp,
    Reset,
}

struct State {
    next: VecDeque<Fault>,
    always: Fault,
    connections: usize,
    heard: Vec<u8>,
    told: Vec<u8>,
}

/// The running proxy.
pub struct Proxy {
    port: u16,
    state: Arc<Mutex<State>>,
    stalled: watch::Sender<bool>,
    ends: broadcast::Sender<End>,
    _background: Background,
}

impl Proxy {
    /// Starts one before a port of 127.0.0.1; nothing goes wrong yet.
    pub fn to(port: u16) -> Self {
        let background = Background::new();
        let (next, always) = (VecDeque::new(), Fault::None);
        let state = State { next, always, connections: 0, heard: Vec::new(), told: Vec::new() };
        let state = Arc::new(Mutex::new(state));
        let (stalled, ends) = (watch::Sender::new(false), broadcast::Sender::new(16));
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let own_port = listener.local_addr().unwrap().port();
        let listener = background.adopt(|| TcpListener::from_std(listener));
        background.spawn(accept(listener, port, state.clone(), stalled.clone(), ends.clone()));
        Self { port: own_port, state, stalled, ends, _background: background }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The next connections go wrong so, one by one; those after them as [`Self::always`] says.
    pub fn next(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state().next.extend(faults);
    }

    /// Every connection from now on goes wrong so.
    pub fn always(&self, fault: Fault) {
        self.state().always = fault;
    }

    /// Hangs up all open connections.
    pub fn cut(&self) {
        self.ends.send(End::HangUp).ok();
    }

    /// Resets all open connections.
    pub fn reset(&self) {
        self.ends.send(End::Reset).ok();
    }

    /// Lets nothing through any more, either way, on open and on new connections, until [`Self::flow`].
    pub fn stall(&self) {
        self.stalled.send_replace(true);
    }

    /// Lets everything through again, what was held back first.
    pub fn flow(&self) {
        self.stalled.send_replace(false);
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> usize {
        self.state().connections
    }

    /// What clients have sent, as text, all connections together.
    pub fn heard(&self) -> String {
        String::from_utf8_lossy(&self.state().heard).into_owned()
    }

    /// What the server has sent, as text, all connections together.
    pub fn told(&self) -> String {
        String::from_utf8_lossy(&self.state().told).into_owned()
    }

    /// Forgets what was said.
    pub fn forget(&self) {
        let mut state = self.state();
        (state.heard, state.told) = (Vec::new(), Vec::new());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

async fn accept(
    listener: TcpListener,
    port: u16,
    state: Arc<Mutex<State>>,
    stalled: watch::Sender<bool>,
    ends: broadcast::Sender<End>,
) {
    while let Ok((client, _)) = listener.accept().await {
        let fault = {
            let mut state = state.lock().unwrap();
            state.connections += 1;
            state.next.pop_front().unwrap_or(state.always)
        };
        tokio::spawn(relay(client, port, fault, state.clone(), stalled.subscribe(), ends.subscribe()));
    }
}

async fn relay(
    mut client: TcpStream,
    port: u16,
    fault: Fault,
    state: Arc<Mutex<State>>,
    stalled: watch::Receiver<bool>,
    mut ends: broadcast::Receiver<End>,
) {
    let Ok(mut server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else { return };
    let sent = Arc::new(Mutex::new(Vec::new()));
    client.set_nodelay(true).ok();
    server.set_nodelay(true).ok();
    let end = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let up = Lane {
            way: Way::Up,
            fault,
            state: state.clone(),
            stalled: stalled.clone(),
            sent: sent.clone(),
            carried: 0,
        };
        let down = Lane { way: Way::Down, fault, state, stalled, sent: sent.clone(), carried: 0 };
        tokio::select! {
            end = up.carry(from_client, to_server) => end,
            end = down.carry(from_server, to_client) => end,
            end = ends.recv() => end.unwrap_or(End::HangUp),
        }
    };
    if end == End::Reset {
        client.set_zero_linger().ok();
    }
    if let Fault::Repeat { .. } = fault {
        drop(client);
        let sent = std::mem::take(&mut *sent.lock().unwrap());
        repeat(port, &sent).await;
    }
}

/// Says it all again and hears what is answered, for a while.
async fn repeat(port: u16, sent: &[u8]) {
    let Ok(mut server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else { return };
    if server.write_all(sent).await.is_ok() {
        let mut answers = Vec::new();
        tokio::time::timeout(Duration::from_millis(500), server.read_to_end(&mut answers)).await.ok();
    }
}

/// One direction of one connection.
struct Lane {
    way: Way,
    fault: Fault,
    state: Arc<Mutex<State>>,
    stalled: watch::Receiver<bool>,
    /// What went up, for who repeats it.
    sent: Arc<Mutex<Vec<u8>>>,
    carried: usize,
}

impl Lane {
    /// Carries bytes until the connection is to end.
    async fn carry(mut self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> End {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let room = self.left().min(buffer.len());
            if room == 0 {
                return self.fail().await;
            }
            let count = from.read(&mut buffer[..room]).await.unwrap_or(0);
            if count == 0 {
                // a client may close its side and still read; a server that closes has said all
                to.shutdown().await.ok();
                return if self.way == Way::Up { std::future::pending().await } else { End::HangUp };
            }
            self.remember(&buffer[..count]);
            self.spoil(&mut buffer[..count]);
            if let Fault::Delay(span) = self.fault {
                tokio::time::sleep(span).await;
            }
            self.stalled.wait_for(|stalled| !stalled).await.ok();
            if to.write_all(&buffer[..count]).await.is_err() {
                return End::HangUp;
            }
            self.carried += count;
        }
    }

    /// How many bytes get through before the fault.
    fn left(&self) -> usize {
        match self.fault {
            Fault::Cut { way, after } | Fault::Reset { way, after } | Fault::Stall { way, after }
                if way == self.way =>
            {
                after.saturating_sub(self.carried)
            }
            Fault::Repeat { after } if self.way == Way::Down => after.saturating_sub(self.carried),
            _ => usize::MAX,
        }
    }

    /// Turns a bit, if it is in here.
    fn spoil(&self, bytes: &mut [u8]) {
        if let Fault::Corrupt { way, at } = self.fault
            && way == self.way
            && let Some(byte) = at.checked_sub(self.carried).and_then(|at| bytes.get_mut(at))
        {
            *byte ^= 1;
        }
    }

    async fn fail(&self) -> End {
        match self.fault {
            Fault::Reset { .. } => End::Reset,
            Fault::Stall { .. } => std::future::pending().await,
            _ => End::HangUp,
        }
    }

    fn remember(&self, bytes: &[u8]) {
        let mut state = self.state.lock().unwrap();
        match self.way {
            Way::Up => {
                state.heard.extend_from_slice(bytes);
                self.sent.lock().unwrap().extend_from_slice(bytes);
            }
            Way::Down => state.told.extend_from_slice(bytes),
        }
    }
}
