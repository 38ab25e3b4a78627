//! As much of YAML as the document is written in: maps and lists by indentation, plain and quoted texts, folded blocks.

use serde_json::{Map, Value};

/// The document as JSON. Every scalar is a text.
pub(super) fn parse(text: &str) -> Value {
    let lines: Vec<&str> = text.lines().collect();
    let mut reader = Reader { lines, at: 0 };
    let value = reader.block(0);
    reader.skip_empty();
    assert_eq!(reader.at, reader.lines.len(), "the document ends too early");
    value
}

struct Reader<'a> {
    lines: Vec<&'a str>,
    at: usize,
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

impl Reader<'_> {
    fn skip_empty(&mut self) {
        while self.lines.get(self.at).is_some_and(|line| line.trim().is_empty()) {
            self.at += 1;
        }
    }

    /// The next line, if it stands at this indentation.
    fn next_at(&mut self, depth: usize) -> Option<String> {
        self.skip_empty();
        let line = self.lines.get(self.at)?;
        (indent(line) == depth).then(|| line.trim().to_owned())
    }

    fn block(&mut self, depth: usize) -> Value {
        let first = self.next_at(depth).unwrap_or_else(|| panic!("line {}: nothing stands here", self.at + 1));
        if first.starts_with("- ") { self.list(depth) } else { self.map(depth) }
    }

    fn list(&mut self, depth: usize) -> Value {
        let mut items = Vec::new();
        while let Some(line) = self.next_at(depth).filter(|line| line.starts_with("- ")) {
            let item = line.strip_prefix("- ").unwrap();
            if item.contains(": ") {
                // A map whose first key stands behind the dash: read it as if the dash were a space.
                let inner = format!("{}{item}", " ".repeat(depth + 2));
                let mut rest = Reader { lines: self.lines.clone(), at: self.at };
                rest.lines[self.at] = Box::leak(inner.into_boxed_str());
                items.push(rest.map(depth + 2));
                self.at = rest.at;
            } else {
                items.push(scalar(item));
                self.at += 1;
            }
        }
        Value::Array(items)
    }

    fn map(&mut self, depth: usize) -> Value {
        let mut map = Map::new();
        while let Some(line) = self.next_at(depth).filter(|line| !line.starts_with("- ")) {
            let (key, rest) = match line.split_once(": ") {
                Some((key, rest)) => (key.to_owned(), rest.trim().to_owned()),
                None => {
                    (line.strip_suffix(':').unwrap_or_else(|| panic!("line {}", self.at + 1)).to_owned(), String::new())
                }
            };
            self.at += 1;
            let value = match rest.as_str() {
                "" => self.block(depth + 2),
                ">-" => self.folded(depth),
                text => scalar(text),
            };
            let twice = map.insert(key.trim_matches('"').to_owned(), value);
            assert!(twice.is_none(), "line {}: {key} stands there twice", self.at);
        }
        Value::Object(map)
    }

    fn folded(&mut self, depth: usize) -> Value {
        let mut words = Vec::new();
        while let Some(line) = self.lines.get(self.at).filter(|line| line.trim().is_empty() || indent(line) > depth) {
            words.push(line.trim());
            self.at += 1;
        }
        Value::String(words.join(" "))
    }
}

fn scalar(text: &str) -> Value {
    match text {
        "[]" => Value::Array(vec![]),
        text => Value::String(text.trim_matches('"').to_owned()),
    }
}
