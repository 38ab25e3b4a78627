//! A TOML text with the environment laid over it, which still knows where each key stands.

use std::borrow::Cow;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::error::without_value;
use super::{ConfigError, Invalid, Place};

/// What every override begins with.
const PREFIX: &str = "RENKEI__";
/// How many places behind the text each override has: one for each section it names, and one for its key.
const PLACES: usize = 16;

/// A file, or none, with its overrides.
pub(super) struct Document<'t> {
    path: Option<PathBuf>,
    text: &'t str,
    root: Spanned<DeTable<'t>>,
    /// Names and values. They stand behind the text's end, [`PLACES`] bytes each, so that one kind of span locates both.
    overrides: &'t [(String, String)],
}

impl<'t> Document<'t> {
    /// Parses the text and lays the overrides over it.
    ///
    /// # Errors
    /// [`ConfigError::Syntax`]; [`ConfigError::Wrong`] for an override inside a key that is no section.
    pub(super) fn read(
        path: Option<&Path>,
        text: &'t str,
        overrides: &'t [(String, String)],
    ) -> Result<Self, ConfigError> {
        let path = path.map(Path::to_owned);
        let root = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
            place: in_file(path.as_deref(), text, error.span()),
            problem: error.message().to_owned(),
        })?;
        let mut document = Self { path, text, root, overrides };
        for ((name, value), at) in overrides.iter().zip((text.len() + 1..).step_by(PLACES)) {
            document.lay_over(name, value, at)?;
        }
        Ok(document)
    }

    fn lay_over(&mut self, name: &str, value: &'t str, at: usize) -> Result<(), ConfigError> {
        let path = name.strip_prefix(PREFIX).unwrap_or_default().to_ascii_lowercase().replace("__", ".");
        let (sections, key) = path.rsplit_once('.').unwrap_or(("", &path));
        let mut places = (at..at + PLACES).map(|at| at..at + 1);
        let mut place = || places.next().unwrap_or(at..at + 1);
        let mut table = self.root.get_mut();
        for section in sections.split('.').filter(|section| !section.is_empty()) {
            let at = place();
            let inner = table
                .entry(Spanned::new(at.clone(), Cow::Owned(section.to_owned())))
                .or_insert_with(|| Spanned::new(at, DeValue::Table(DeTable::new())));
            let DeValue::Table(inner) = inner.get_mut() else {
                let invalid = Invalid::new(&path, "the file has a value where this names a section");
                return Err(ConfigError::Wrong { place: Place::Variable(name.to_owned()), invalid });
            };
            table = inner;
        }
        let at = place();
        // Taken out first: inserting would keep the old key, and with it the old place.
        table.remove(key);
        table.insert(Spanned::new(at.clone(), Cow::Owned(key.to_owned())), Spanned::new(at, value_or_string(value)));
        Ok(())
    }

    /// The document as `T`.
    ///
    /// # Errors
    /// [`ConfigError::Wrong`]
    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        T::deserialize(Deserializer::from(self.root.clone())).map_err(|error| {
            // What the root itself lacks is said of the root's span, which begins as the first section's does.
            let below = error.span().filter(|span| *span != self.root.span());
            let key = below.and_then(|span| key_at(self.root.get_ref(), &span));
            let missing = error.message().strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
            match missing {
                Some(field) => {
                    let key = key.map_or_else(|| field.to_owned(), |section| format!("{section}.{field}"));
                    self.blame(Invalid::new(key, "is missing, and has no default"))
                }
                None => ConfigError::Wrong {
                    place: self.place(error.span()),
                    invalid: Invalid::new(key.unwrap_or_default(), without_value(error.message())),
                },
            }
        })
    }

    /// Finds where an invalid key stands.
    pub(super) fn blame(&self, invalid: Invalid) -> ConfigError {
        ConfigError::Wrong { place: self.place(span_of(self.root.get_ref(), &invalid.key)), invalid }
    }

    fn place(&self, span: Option<Range<usize>>) -> Place {
        let behind = span.as_ref().and_then(|span| span.start.checked_sub(self.text.len() + 1));
        match behind.and_then(|behind| self.overrides.get(behind / PLACES)) {
            Some((name, _)) => Place::Variable(name.clone()),
            None => in_file(self.path.as_deref(), self.text, span),
        }
    }
}

fn in_file(path: Option<&Path>, text: &str, span: Option<Range<usize>>) -> Place {
    let Some(path) = path else { return Place::Defaults };
    let before = span.and_then(|span| text.get(..span.start));
    Place::File { path: path.to_owned(), line: before.map(|before| before.matches('\n').count() + 1) }
}

/// What of the environment is for the config, in the order of the names.
pub(super) fn overrides(env: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut ours: Vec<_> = env.filter(|(name, _)| name.starts_with(PREFIX)).collect();
    ours.sort();
    ours
}

fn value_or_string(value: &str) -> DeValue<'_> {
    match DeValue::parse(value) {
        Ok(parsed) if !matches!(parsed.get_ref(), DeValue::Table(_)) => parsed.into_inner(),
        _ => DeValue::String(Cow::Borrowed(value)),
    }
}

/// The dotted key to which a span belongs.
fn key_at(table: &DeTable<'_>, span: &Range<usize>) -> Option<String> {
    let inside = |outer: Range<usize>| outer.start <= span.start && span.end <= outer.end;
    table.iter().find_map(|(key, value)| {
        let name = key.get_ref();
        if let DeValue::Table(inner) = value.get_ref()
            && let Some(below) = key_at(inner, span)
        {
            return Some(format!("{name}.{below}"));
        }
        (inside(key.span()) || inside(value.span())).then(|| name.to_string())
    })
}

/// Where the dotted key stands, or what of it is written down: the section of a key that is left out.
fn span_of(table: &DeTable<'_>, key: &str) -> Option<Range<usize>> {
    let (first, rest) = key.split_once('.').unwrap_or((key, ""));
    let (written, value) = table.get_key_value(first)?;
    match value.get_ref() {
        DeValue::Table(inner) if !rest.is_empty() => span_of(inner, rest).or_else(|| Some(written.span())),
        _ => Some(written.span()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(env: &[(&str, &str)]) -> Vec<(String, String)> {
        overrides(env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    fn read<'t>(text: &'t str, overrides: &'t [(String, String)]) -> Document<'t> {
        Document::read(Some(Path::new("r.toml")), text, overrides).unwrap()
    }

    fn value(env: &str) -> toml::Value {
        let table: toml::Table = read("", &variables(&[("RENKEI__A__B__C", env)])).parse().unwrap();
        table["a"]["b"]["c"].clone()
    }

    #[test]
    fn an_override_is_a_toml_value_or_a_string() {
        assert_eq!(value("25"), toml::Value::Integer(25));
        assert_eq!(value("true"), toml::Value::Boolean(true));
        assert_eq!(value("\"25\""), toml::Value::String("25".into()));
        assert_eq!(value("imap.example.jp"), toml::Value::String("imap.example.jp".into()));
        assert_eq!(value(""), toml::Value::String(String::new()));
        assert_eq!(value("{ x = 1 }"), toml::Value::String("{ x = 1 }".into()));
        assert_eq!(value("[1, 2]"), toml::Value::Array(vec![1.into(), 2.into()]));
    }

    #[test]
    fn an_override_replaces_a_key_and_keeps_its_neighbours() {
        let overrides = variables(&[("RENKEI__A__X", "3"), ("OTHER__A__Y", "9"), ("RENKEI_A__Y", "9")]);
        let table: toml::Table = read("[a]\nx = 1\ny = 2\n", &overrides).parse().unwrap();
        assert_eq!(table["a"]["x"].as_integer(), Some(3));
        assert_eq!(table["a"]["y"].as_integer(), Some(2));
    }

    #[test]
    fn blame_finds_line_section_or_variable() {
        let overrides = variables(&[("RENKEI__A__B__C", "3"), ("RENKEI__A__Y", "3")]);
        let document = read("\n[a]\nx = 1\ny = 1\n[a.b]\n", &overrides);
        let place = |key: &str| match document.blame(Invalid::new(key, "no")) {
            ConfigError::Wrong { place, .. } => place.to_string(),
            other => other.to_string(),
        };
        assert_eq!(place("a.x"), "r.toml:3");
        assert_eq!(place("a.y"), "RENKEI__A__Y");
        assert_eq!(place("a.b.c"), "RENKEI__A__B__C");
        assert_eq!(place("a.b.missing"), "r.toml:5");
        assert_eq!(place("elsewhere"), "r.toml");
    }

    #[test]
    fn what_is_missing_is_named_with_its_section() {
        #[derive(Debug, serde::Deserialize)]
        struct Root {
            #[serde(rename = "a")]
            _a: toml::Table,
            #[serde(rename = "b")]
            _b: Inner,
        }
        #[derive(Debug, serde::Deserialize)]
        struct Inner {
            #[serde(rename = "c")]
            _c: u8,
        }
        let said = |text: &str, env: &[(&str, &str)]| {
            let overrides = variables(env);
            read(text, &overrides).parse::<Root>().unwrap_err().to_string()
        };
        assert_eq!(said("[a]\nx = 1\n", &[]), "r.toml: b: is missing, and has no default");
        assert_eq!(said("[a]\nx = 1\n[b]\nd = 1", &[]), "r.toml:3: b.c: is missing, and has no default");
        assert_eq!(said("[a]", &[("RENKEI__B__D", "1")]), "RENKEI__B__D: b.c: is missing, and has no default");
    }

    #[test]
    fn a_section_cannot_hide_a_value() {
        let overrides = variables(&[("RENKEI__A__B", "1")]);
        let error = Document::read(None, "a = 1", &overrides).err().unwrap();
        assert_eq!(error.to_string(), "RENKEI__A__B: a.b: the file has a value where this names a section");
    }
}
