//! Structure-aware mutations of the corpora, through every parser: nothing panics, hangs or grows (threat T17). What fuzzing
//! found is replayed with them.
//!
//! `RENKEI_MUTATIONS=1000000` asks for a million (docs/RELIABILITY.md); without it there are a few thousand.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use renkei::config::Config;
use renkei::intake::probe;

const USUAL: usize = 4_000;
/// Pieces that mails are made of.
const PIECES: [&[u8]; 40] = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\r\n\r\n",
    b"\0",
    b" ",
    b"\t",
    b":",
    b";",
    b"=",
    b"\"",
    b"<",
    b">",
    b"(",
    b"\\",
    b"@",
    b"=?utf-8?B?",
    b"=?iso-2022-jp?Q?=1B$B",
    b"?=",
    b"\x1b$B",
    b"\x1b(B",
    b"\x1b(I",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\x81",
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
    b"--b\r\n",
    b"--b--\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Disposition: attachment; filename*0*=utf-8''%E",
    b"Content-Type: text/csv\r\n",
    b"Content-Type: message/delivery-status\r\n",
    b"Action: failed\r\n",
    b"Status: 5.1.1\r\n",
    b"From: a@b.example\r\n",
    b"\xe6\x89\x8b\xe7\xb6\x9a\xe3\x81\x8d: ",
    b"client email: a@b.example\r\n",
    b"-----Original Message-----\r\n",
    b"<div>",
    b"&#x",
];

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// One to four changes: cut, double, move, swap lines, insert a piece, turn bits, repeat.
fn mutate(seed: &[u8], other: &[u8], random: &mut StdRng) -> Vec<u8> {
    let mut mail = seed.to_vec();
    for _ in 0..random.random_range(1..5) {
        let len = mail.len().max(1);
        let (a, b) = (random.random_range(0..len), random.random_range(0..len));
        let (from, to) = (a.min(b).min(mail.len()), a.max(b).min(mail.len()));
        match random.random_range(0..8) {
            0 => drop(mail.drain(from..to.min(from + 200))),
            1 => {
                let piece = mail[from..to.min(from + 400)].to_vec();
                mail.splice(from..from, piece);
            }
            2 => drop(mail.splice(from..from, PIECES[random.random_range(0..PIECES.len())].iter().copied())),
            3 => {
                let piece = PIECES[random.random_range(0..PIECES.len())];
                mail.splice(from..to.min(from + 8), piece.iter().copied());
            }
            4 if !mail.is_empty() => mail[from.min(len - 1)] ^= 1 << random.random_range(0..8),
            5 => {
                let start = random.random_range(0..other.len().max(1)).min(other.len());
                let end = (start + random.random_range(0..400)).min(other.len());
                mail.splice(from..from, other[start..end].iter().copied());
            }
            6 => {
                let mut lines: Vec<&[u8]> = mail.split_inclusive(|byte| *byte == b'\n').collect();
                if lines.len() > 1 {
                    let (one, two) = (random.random_range(0..lines.len()), random.random_range(0..lines.len()));
                    lines.swap(one, two);
                }
                mail = lines.concat();
            }
            _ => {
                let piece = PIECES[random.random_range(0..PIECES.len())].repeat(random.random_range(1..200));
                mail.splice(from..from, piece);
            }
        }
    }
    mail
}

/// How long this thread has run, whatever else the machine does (proc(5), schedstat).
fn spent() -> Duration {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(stat.split(' ').next().unwrap().parse().unwrap())
}

/// Resident memory of this process, in bytes.
fn resident() -> u64 {
    let statm = fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4_096
}

fn through(target: &str, bytes: &[u8]) {
    if target == "config" {
        if let Ok(config) = toml::from_str::<Config>(&String::from_utf8_lossy(bytes)) {
            let _ = config.validate();
        }
    } else {
        probe::enter(target, bytes);
    }
}

#[test]
fn what_fuzzing_keeps_is_read() {
    for target in probe::TARGETS.into_iter().chain(["config"]) {
        let seeds = files(&root().join("fuzz/corpus").join(target));
        assert!(!seeds.is_empty(), "{target}");
        for seed in seeds {
            through(target, &fs::read(seed).unwrap());
        }
    }
}

#[test]
fn mutations_neither_panic_nor_hang_nor_grow() {
    let wanted = std::env::var("RENKEI_MUTATIONS").ok().and_then(|many| many.parse().ok()).unwrap_or(USUAL);
    let eml =
        files(&root().join("tests/corpus")).into_iter().filter(|path| path.extension().is_some_and(|it| it == "eml"));
    let mails: Vec<Vec<u8>> = eml.map(|path| fs::read(path).unwrap()).collect();
    let mut random = StdRng::seed_from_u64(1);
    let (start, before) = (Instant::now(), resident());
    let (mut slowest, mut grown) = (Duration::ZERO, 0);
    for number in 0..wanted {
        let target = probe::TARGETS[if number % 2 == 0 { 0 } else { random.random_range(1..probe::TARGETS.len()) }];
        let (seed, other) = (&mails[random.random_range(0..mails.len())], &mails[random.random_range(0..mails.len())]);
        let mail = mutate(seed, other, &mut random);
        let began = spent();
        through(target, &mail);
        let took = spent().saturating_sub(began);
        slowest = slowest.max(took);
        assert!(took < Duration::from_secs(1), "{target} took {took:?} for {mail:?}");
        if number % 1_000 == 0 {
            grown = grown.max(resident().saturating_sub(before));
        }
    }
    assert!(grown < 64 << 20, "grew by {grown} bytes");
    println!("{wanted} mutations in {:?}: slowest {slowest:?}, grown by {} KiB", start.elapsed(), grown / 1024);
}
