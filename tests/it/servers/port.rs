//! How the web port is reached: from systemd's socket, through a proxy, and while renkei is started anew.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::servers::office::{Office, SOON};
use crate::support::process::{Process, Signal};
use crate::support::socket::Socket;
use crate::support::{poll, port};

/// A relay that nobody asks.
const NO_RELAY: &str = "[relay]\nkind = \"maildir\"\n[relay.maildir]\npath = \"out\"\n";

fn office() -> Office {
    Office::new(NO_RELAY)
}

/// One request on a connection of its own; the first line of the answer, or what went wrong.
fn get(address: SocketAddr, path: &str) -> Result<String, ErrorKind> {
    let ask = || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: renkei.example\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok::<_, std::io::Error>(answer.lines().next().unwrap_or_default().to_owned())
    };
    ask().map_err(|error| error.kind())
}

fn program(folder: &Path, text: &str) -> std::path::PathBuf {
    let path = folder.join("program");
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    path
}

#[test]
fn the_first_connection_starts_it_and_is_served() {
    let mut office = office();
    let port = port::free();
    let real = office.house.replace_program(Path::new("/bin/false"));
    let text = format!(
        "#!/bin/sh\nexec /usr/bin/systemd-socket-activate -E NOTIFY_SOCKET -l 127.0.0.1:{port} {} \"$@\"\n",
        real.display()
    );
    office.house.replace_program(&program(office.house.path(), &text));
    let mut daemon = office.house.launch();
    daemon.wait_for_log("Listening on 127.0.0.1:", SOON);
    assert_eq!(daemon.notify.count("READY=1"), 0, "nobody has asked for anything yet");
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    assert_eq!(get(address, "/healthz").unwrap(), "HTTP/1.1 200 OK");
    daemon.wait_for_log("systemd hands the web port over", SOON);
    daemon.notify.wait_for("READY=1", 1, SOON);
    let config = std::fs::read_to_string(office.house.config()).unwrap();
    let own = config.split("listen = \"127.0.0.1:").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
    assert!(!port::answers(own), "web.listen is not opened beside it");
    assert_eq!(daemon.stop().code(), Some(0));
}

/// Failure F29.
#[test]
fn a_hundred_restarts_under_load_fail_no_request() {
    const RESTARTS: usize = 100;
    let mut office = office();
    let socket = Socket::open();
    let address = socket.address();
    office.house.hand_over(socket);
    let (over, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let mut daemon = office.house.start();
    thread::scope(|threads| {
        let asking = || {
            while !over.load(Ordering::SeqCst) {
                let path = ["/healthz", "/readyz", "/nothing"][answered.fetch_add(1, Ordering::SeqCst) % 3];
                let line = get(address, path).unwrap_or_else(|error| format!("{error:?}"));
                assert!(["HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found"].contains(&line.as_str()), "{path}: {line}");
            }
        };
        let clients: Vec<_> = (0..4).map(|_| threads.spawn(asking)).collect();
        for restart in 0..RESTARTS {
            let before = answered.load(Ordering::SeqCst);
            assert_eq!(daemon.stop().code(), Some(0), "{}", daemon.log());
            daemon = office.house.start();
            poll::until_true("requests that are answered", SOON, || {
                answered.load(Ordering::SeqCst) > before + 8
                    || clients.iter().any(thread::ScopedJoinHandle::is_finished)
            });
            if clients.iter().any(thread::ScopedJoinHandle::is_finished) {
                over.store(true, Ordering::SeqCst);
                println!("a request failed at restart {restart}");
            }
        }
        over.store(true, Ordering::SeqCst);
        for client in clients {
            client.join().unwrap();
        }
    });
    println!("{RESTARTS} restarts, {} requests, none failed", answered.load(Ordering::SeqCst));
}

#[test]
fn a_socket_that_is_no_web_port_is_refused_in_one_line() {
    let mut office = office();
    office.house.hand_over(Socket::datagram());
    let mut daemon = office.house.launch();
    assert_eq!(daemon.wait(SOON).code(), Some(2));
    let said = "renkei.socket: what is handed over is no TCP socket that listens";
    assert!(daemon.log().lines().last().unwrap().contains(said), "{}", daemon.log());
}

/// The units say what systemd understands, and keep the service's exposure low.
#[test]
fn the_units_are_sound() {
    let dir = crate::support::folder::new();
    let shipped =
        |name: &str| std::fs::read_to_string(format!("{}/systemd/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let service = shipped("renkei.service").replace("/usr/local/bin/renkei", env!("CARGO_BIN_EXE_renkei"));
    let files = [("renkei.service", service), ("renkei.socket", shipped("renkei.socket"))];
    let paths = files.map(|(name, text)| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    });
    let analyze = |args: &[&str]| {
        let output = Command::new("systemd-analyze").args(args).args(&paths).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    };
    assert_eq!(analyze(&["verify", "--man=no"]), (true, String::new()));
    let service = paths[0].to_str().unwrap();
    let output =
        Command::new("systemd-analyze").args(["security", "--offline=true", "--threshold=15", service]).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// The example in docs/OPERATIONS.md, as it stands there but for its ports, its files and TLS.
#[test]
fn the_example_for_nginx_serves_and_masks_the_link() {
    let office = office();
    let _daemon = office.house.start();
    let config = std::fs::read_to_string(office.house.config()).unwrap();
    let own: u16 = config.split("listen = \"127.0.0.1:").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
    let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/OPERATIONS.md")).unwrap();
    let example = docs.split("nginx:\n\n```\n").nth(1).unwrap().split("\n```").next().unwrap();
    let (dir, public, plain) = (crate::support::folder::new(), port::free(), port::free());
    let lines = example.lines().filter(|line| !line.contains("ssl_certificate"));
    let adapted = lines.collect::<Vec<_>>().join("\n");
    let adapted = adapted
        .replace("listen 443 ssl;", &format!("listen 127.0.0.1:{public};"))
        .replace("listen 80;", &format!("listen 127.0.0.1:{plain};"))
        .replace("127.0.0.1:8080", &format!("127.0.0.1:{own}"))
        .replace("/var/log/nginx/", &format!("{}/", dir.path().display()));
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary = temporary.map(|name| format!("{name}_temp_path {}/{name};\n", dir.path().display())).concat();
    let path = dir.path().join("nginx.conf");
    let text = format!(
        "daemon off;\npid {0}/pid;\nerror_log {0}/start.log;\nevents {{}}\nhttp {{\n{temporary}{adapted}\n}}\n",
        dir.path().display()
    );
    std::fs::write(&path, text).unwrap();
    let mut command = Command::new("/usr/sbin/nginx");
    command.arg("-c").arg(&path).arg("-p").arg(dir.path());
    let mut nginx = Process::start(&mut command, dir.path(), &dir.path().join("nginx.log"), Signal::Quit);
    poll::until_true("nginx to listen", SOON, || {
        assert!(nginx.ended().is_none(), "{:?}", std::fs::read_to_string(dir.path().join("nginx.log")));
        port::answers(public)
    });
    let public = SocketAddr::from(([127, 0, 0, 1], public));
    assert_eq!(get(public, "/healthz").unwrap(), "HTTP/1.1 200 OK");
    assert_eq!(get(public, "/readyz").unwrap(), "HTTP/1.1 404 Not Found");
    get(public, "/r/the-secret-of-a-customer").unwrap();
    get(public, "/r/the-secret-of-a-customer?again").unwrap();
    assert!(get(SocketAddr::from(([127, 0, 0, 1], plain)), "/r/the-secret-of-a-customer").unwrap().contains("301"));
    drop(nginx);
    let log = std::fs::read_to_string(dir.path().join("renkei.log")).unwrap();
    assert_eq!(log.matches("\"GET /r/***\"").count(), 2, "{log}");
    for file in std::fs::read_dir(dir.path()).unwrap().flatten().filter(|file| file.path().is_file()) {
        let said = std::fs::read_to_string(file.path()).unwrap();
        assert!(!said.contains("the-secret"), "{:?}: {said}", file.path());
    }
}
