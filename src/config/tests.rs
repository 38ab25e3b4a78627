use std::collections::BTreeSet;
use std::path::PathBuf;

use toml::{Table, Value};

use super::*;

fn shipped() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/config/renkei.toml")).unwrap()
}

/// The shipped file with all that stands behind a `#` made valid.
fn uncommented() -> Table {
    let is_key = |line: &str| line.starts_with(|c: char| c.is_ascii_lowercase() || c == '[');
    let lines = shipped();
    let lines = lines.lines().map(|line| line.strip_prefix('#').filter(|rest| is_key(rest)).unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n").parse().unwrap()
}

fn parse(table: Table) -> Config {
    Value::Table(table).try_into().unwrap()
}

/// The shipped file's section headers and required keys alone.
fn required() -> Table {
    let (mut kept, mut comment) = (String::new(), String::new());
    for line in shipped().lines() {
        match line.strip_prefix("# ") {
            Some(words) => comment.push_str(words),
            None if line.starts_with('[') || comment.contains("Required") && !line.starts_with('#') => {
                kept.push_str(line);
                kept.push('\n');
                comment.clear();
            }
            None => comment.clear(),
        }
    }
    kept.parse().unwrap()
}

/// Overrides that give every required key of the sections that are not `named`.
fn required_unless(named: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    fn flatten(table: &Table, path: &str, into: &mut Vec<(String, String)>) {
        for (key, value) in table {
            let path = format!("{path}__{}", key.to_uppercase());
            match value {
                Value::Table(inner) => flatten(inner, &path, into),
                value => into.push((path, value.as_str().unwrap().to_owned())),
            }
        }
    }
    let mut overrides = Vec::new();
    let mut table = required();
    table.retain(|section, _| !named(section));
    flatten(&table, "RENKEI", &mut overrides);
    overrides
}

fn load(text: &str, env: &[(&str, &str)]) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.toml");
    fs::write(&path, text).unwrap();
    let named =
        |section: &str| text.contains(section) || env.iter().any(|(name, _)| name.to_lowercase().contains(section));
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let shown = |error: ConfigError| error.to_string().replace(path.to_str().unwrap(), "r.toml");
    Config::load(Some(&path), env.chain(required_unless(named))).map_err(shown)
}

#[test]
fn the_shipped_file_holds_the_defaults() {
    let whole = parse(shipped().parse().unwrap());
    let required = parse(required());
    assert_eq!(format!("{whole:?}"), format!("{required:?}"));
    whole.validate().unwrap();
}

#[test]
fn what_is_commented_out_is_valid_too() {
    parse(uncommented());
}

#[test]
fn the_shipped_file_names_every_key() {
    /// serde lists the keys that it knows when it meets one that it does not.
    fn check(root: &Table, path: &[&str]) {
        let mut spoiled = root.clone();
        let section = path.iter().fold(&mut spoiled, |table, name| table[*name].as_table_mut().unwrap());
        let written: BTreeSet<String> = section.keys().cloned().collect();
        section.insert("nonsense".to_owned(), Value::Boolean(true));
        let refused = Value::Table(spoiled).try_into::<Config>().unwrap_err().to_string();
        let (_, expected) = refused.split_once("unknown field `nonsense`, expected ").unwrap();
        let expected = expected.lines().next().unwrap().split('`').skip(1).step_by(2).map(str::to_owned).collect();
        assert_eq!(written, expected, "[{}]", path.join("."));
        let section = path.iter().fold(root, |table, name| table[*name].as_table().unwrap());
        for (name, _) in section.iter().filter(|(_, value)| value.is_table()) {
            check(root, &[path, &[name]].concat());
        }
    }
    check(&uncommented(), &[]);
}

#[test]
fn file_and_environment_are_laid_over_the_defaults() {
    let text =
        "[web]\nlisten = \"127.0.0.1:1\"\nbase_url = \"https://a.example/\"\n[retention]\njudged_mail_days = 7\n";
    let config = load(text, &[("RENKEI__WEB__LISTEN", "[::1]:2"), ("RENKEI__LOG__FORMAT", "json")]).unwrap();
    assert_eq!(config.web.listen, "[::1]:2".parse().unwrap());
    assert_eq!(config.web.required_base_url().unwrap().as_str(), "https://a.example");
    assert_eq!(config.log.format, log::Format::Json);
    assert_eq!(config.retention, retention::Retention { judged_mail_days: 7, ..Default::default() });
    assert_eq!(config.keys, keys::Keys::default());
}

#[test]
fn without_a_file_the_defaults_stand() {
    let config = Config::load(None, required_unless(|section| section == "web").into_iter()).unwrap();
    assert_eq!(config.store.url.file(), Some(Path::new("/var/lib/renkei/renkei.db")));
    let error = config.web.required_base_url().unwrap_err();
    assert_eq!(error.to_string(), "web.base_url: set it: every link in a mail begins with it");
}

#[test]
fn an_unreadable_file_is_named() {
    let missing = PathBuf::from("/nowhere/renkei.toml");
    let error = Config::load(Some(&missing), std::iter::empty()).unwrap_err();
    assert_eq!(error.to_string(), "/nowhere/renkei.toml: cannot be read: entity not found");
}

/// Failure F27: whatever is wrong, one line says where and what, and nothing of the value.
#[test]
fn broken_configs_are_refused_with_one_clear_line() {
    const SECRET: &str = "tanaka@kaikei.example";
    let broken: &[(&str, &str)] = &[
        ("[web", "r.toml:1: "),
        ("[web]\nlisten = ", "r.toml:2: "),
        ("[web]\nlisten = \"tanaka@kaikei.example", "r.toml:2: "),
        ("[web]\n\n[web]\n", "r.toml:3: "),
        ("[log]\nformat = \"text\"\nformat = \"json\"\n", "r.toml:3: "),
        ("\u{feff}\u{feff}", "r.toml:1: "),
        ("wbe = 1", "r.toml:1: wbe: unknown key, expected one of `"),
        ("[wbe]\nlisten = \"127.0.0.1:1\"", "r.toml:1: wbe: unknown key, expected one of"),
        ("web = 5", "r.toml:1: web: expected struct Web, found integer"),
        ("web = \"tanaka@kaikei.example\"", "r.toml:1: web: expected struct Web, found string"),
        ("[web]\nport = 80", "r.toml:2: web.port: unknown key, expected one of `listen`, `base_url`"),
        ("[web]\n\"tanaka@kaikei.example\" = 80", "r.toml:2: "),
        ("[web]\nlisten = 8080", "r.toml:2: web.listen: expected socket address, found integer"),
        ("[web]\nlisten = \"localhost:8080\"", "r.toml:2: web.listen: invalid socket address syntax"),
        ("[web]\nlisten = \"127.0.0.1:70000\"", "r.toml:2: web.listen: invalid socket address syntax"),
        (
            "[web]\nlisten = [\"tanaka@kaikei.example\"]",
            "r.toml:2: web.listen: expected socket address, found sequence",
        ),
        ("[web]\nbase_url = \"tanaka@kaikei.example\"", "r.toml:2: web.base_url: must be https:// and a host"),
        ("[web]\nbase_url = \"http://a.example\"", "r.toml:2: web.base_url: must begin with https://"),
        ("[web]\nbase_url = \"https://a.example/x\"", "r.toml:2: web.base_url: must end after the host"),
        ("[web]\nbase_url = true", "r.toml:2: web.base_url: expected a string, found boolean"),
        ("[web]\nterms_url = \"http://a.example\"", "r.toml:2: web.terms_url: must be https://"),
        ("[web]\ntrusted_proxies = [\"tanaka@kaikei.example\"]", "r.toml:2: web.trusted_proxies"),
        ("[web]\nsession_idle_minutes = 1", "r.toml:2: web.session_idle_minutes: must be from 5 to 60 minutes"),
        ("[web]\nsession_hours = 0", "r.toml:2: web.session_hours: must be from 1 to 24 hours"),
        ("[web]\nsite_name = \"\"", "r.toml:2: web.site_name: must be one line"),
        ("[store]\nurl = \"tanaka@kaikei.example\"", "r.toml:2: store.url: must begin with sqlite: or postgres://"),
        ("[store]\nurl = \"postgres://u:tanaka@kaikei.example@h/d\"", "r.toml:2: store.url: must not hold a password"),
        ("[store]\nurl = \"sqlite::memory:\"", "r.toml:2: store.url: must name a file"),
        ("[store]\npassword_file = \"p\"", "r.toml:2: store.password_file: SQLite takes no password"),
        ("[store]\npassword = \"tanaka@kaikei.example\"", "r.toml:2: store.password: unknown key, expected"),
        ("store.url = 1", "r.toml:1: store.url: expected a string, found integer"),
        ("store = { url = \"x\" }", "r.toml:1: store.url: must begin with"),
        ("[keys]\nfolder = \"\"", "r.toml:2: keys.folder: name the folder"),
        ("[keys]\nfolder = {}", "r.toml:2: keys.folder: expected "),
        ("[keys.folder]\npath = \"x\"", "r.toml:1: keys.folder: expected "),
        ("[log]\nfilter = \"loud\"", "r.toml:2: log.filter: must be LEVEL or TARGET=LEVEL"),
        ("[log]\nfilter = \"renkei=tanaka@kaikei.example\"", "r.toml:2: log.filter: must be LEVEL or TARGET=LEVEL"),
        ("[log]\nformat = \"tanaka@kaikei.example\"", "r.toml:2: log.format: expected `text` or `json`"),
        ("[log]\nformat = 1", "r.toml:2: log.format: "),
        ("[log]\ntarget = \"syslog\"", "r.toml:2: log.target: expected one of `auto`, `stderr`, `journal`"),
        ("[retention]\nquarantine_days = 0", "r.toml:2: retention.quarantine_days: must be from 1 to 3650 days"),
        ("[retention]\njudged_mail_days = -1", "r.toml:2: retention.judged_mail_days: expected u32"),
        ("[retention]\njudged_mail_days = 4000000000000", "r.toml:2: retention.judged_mail_days: "),
        ("[retention]\njudged_mail_days = 1.5", "r.toml:2: retention.judged_mail_days: expected u32, found floating"),
        ("[retention]\njudged_mail_days = \"14\"", "r.toml:2: retention.judged_mail_days: expected u32, found string"),
        ("[retention]\n\nrequest_days_after_end = 9999", "r.toml:3: retention.request_days_after_end: must be"),
        ("[schedule]\ntime_zone = \"Tokyo\"", "r.toml:2: schedule.time_zone: must be a zone of the IANA database"),
        (
            "[schedule]\ntime_zone = \"Europe/Berlin\"",
            "r.toml:2: schedule.time_zone: must be a zone whose clocks are not",
        ),
        ("[schedule]\nsweep = \"* * * *\"", "r.toml:2: schedule.sweep: must be five fields"),
        (
            "[schedule]\nsweep = \"0 0 1 * 1\"",
            "r.toml:2: schedule.sweep: must name days of the month or days of the week",
        ),
        ("[schedule]\nsweep = \"0 0 30 2 *\"", "r.toml:2: schedule.sweep: never comes"),
        (
            "[schedule]\nletters_until = 9",
            "r.toml:2: schedule.letters_until: must be an hour after schedule.letters_from",
        ),
        ("[schedule]\nletters_until = 25", "r.toml:2: schedule.letters_until: must be an hour after"),
        ("[operator]\naddress = \"nobody\"", "r.toml:2: operator.address: "),
    ];
    for (text, said) in broken {
        let error = load(text, &[]).map(drop).unwrap_err();
        assert!(error.starts_with(said), "{text:?} said {error:?}, not {said:?}");
        assert_eq!(error.trim().lines().count(), 1, "{error:?}");
        assert!(!error.contains(SECRET) || text.contains(&format!("\"{SECRET}\" =")), "{error:?} shows a value");
    }
}

#[test]
fn broken_overrides_are_named() {
    for (name, value, said) in [
        ("RENKEI__WEB__LISTEN", "nowhere", "RENKEI__WEB__LISTEN: web.listen: invalid socket address syntax"),
        ("RENKEI__WEB__PORT", "80", "RENKEI__WEB__PORT: web.port: unknown key, expected one of `listen`, `base_url`"),
        ("RENKEI__WBE__LISTEN", "80", "RENKEI__WBE__LISTEN: wbe: unknown key, expected one of"),
        ("RENKEI__WEB", "80", "RENKEI__WEB: web: expected struct Web, found integer"),
        ("RENKEI__", "80", "RENKEI__: "),
        ("RENKEI__WEB__LISTEN__PORT", "80", "RENKEI__WEB__LISTEN__PORT: web.listen.port: the file has a value"),
        (
            "RENKEI__RETENTION__QUARANTINE_DAYS",
            "0",
            "RENKEI__RETENTION__QUARANTINE_DAYS: retention.quarantine_days: must",
        ),
        (
            "RENKEI__RETENTION__QUARANTINE_DAYS",
            "",
            "RENKEI__RETENTION__QUARANTINE_DAYS: retention.quarantine_days: exp",
        ),
        ("RENKEI__KEYS__FOLDER", "5", "RENKEI__KEYS__FOLDER: keys.folder: expected "),
    ] {
        let error = load("[web]\nlisten = \"127.0.0.1:1\"\n", &[(name, value)]).map(drop).unwrap_err();
        assert!(error.starts_with(said), "{name}={value} said {error:?}, not {said:?}");
    }
}
