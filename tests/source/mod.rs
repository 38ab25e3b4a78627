//! A Rust source as far as the architecture test reads it: the paths it writes, with comments and literals left out.

/// One file below `src`.
pub struct Source {
    /// Where it lies, such as `mail/compose.rs`.
    pub path: String,
    /// How many lines it has.
    pub lines: usize,
    imports: Vec<Import>,
}

/// A path that is written somewhere, in a `use` or in passing; a group in braces is one path for each of its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Counted from 1.
    pub line: usize,
    /// Its words, without `crate` where it is ours (see [`Source::own_imports`]).
    pub path: Vec<String>,
    /// How many inline modules it is written in.
    depth: usize,
}

impl Import {
    /// Whether it is `room`, such as `config::secret`, or something in it.
    pub fn is_within(&self, room: &str) -> bool {
        let mut words = self.path.iter();
        room.split("::").all(|word| words.next().is_some_and(|have| have == word))
    }
}

impl Source {
    /// Reads it.
    pub fn read(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), lines: text.lines().count(), imports: Reader::new(text).read() }
    }

    /// What it imports of our own crate, from the crate's root.
    pub fn own_imports(&self) -> Vec<Import> {
        self.imports.iter().filter_map(|import| self.within_crate(import)).collect()
    }

    /// Where it writes `path`, however it got there; the last word may be the beginning of a longer one.
    pub fn uses(&self, path: &[&str]) -> Vec<Import> {
        let (last, first) = path.split_last().unwrap();
        let fits = |words: &[String]| words[..first.len()] == *first && words[first.len()].starts_with(last);
        let anywhere = |import: &&Import| import.path.windows(path.len()).any(fits);
        // a crate's name counts only where a path begins
        let begins = |import: &&Import| import.path.len() >= path.len() && fits(&import.path[..path.len()]);
        let is_crate = path[0].starts_with(char::is_lowercase);
        self.imports.iter().filter(|import| if is_crate { begins(import) } else { anywhere(import) }).cloned().collect()
    }

    fn within_crate(&self, import: &Import) -> Option<Import> {
        let ups = import.path.iter().take_while(|word| *word == "super").count();
        let here = self.module().len() + import.depth;
        let rest = match import.path[0].as_str() {
            "crate" => &import.path[1..],
            "renkei" if self.path == "main.rs" => &import.path[1..],
            // up to the root: what comes next is a room; less is within the own one
            "super" if ups == here => &import.path[ups..],
            _ => return None,
        };
        (!rest.is_empty()).then(|| Import { path: rest.to_vec(), ..import.clone() })
    }

    /// The module that the file is.
    fn module(&self) -> Vec<&str> {
        let words = self.path.trim_end_matches(".rs").split('/');
        words.filter(|word| !["mod", "lib", "main"].contains(word)).collect()
    }
}

/// Goes through the words of a text: identifiers, `::`, and single other characters.
struct Reader {
    words: Vec<(usize, String)>,
}

impl Reader {
    fn new(text: &str) -> Self {
        let mut words: Vec<(usize, String)> = Vec::new();
        let mut line = 1;
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let length = token(rest, c);
            let (taken, after) = rest.split_at(length);
            if c.is_alphabetic() || c == '_' || taken == "::" || "{},*;".contains(c) {
                words.push((line, taken.to_owned()));
            } else if !c.is_whitespace() && !taken.starts_with("//") && !taken.starts_with("/*") {
                // ends a path, whatever it is
                words.push((line, ".".to_owned()));
            }
            line += taken.matches('\n').count();
            rest = after;
        }
        Self { words }
    }

    fn read(&self) -> Vec<Import> {
        let mut found = Vec::new();
        // for each open brace, whether it is a module's
        let mut braces = Vec::new();
        let mut at = 0;
        while let Some((_, word)) = self.words.get(at) {
            let depth = braces.iter().filter(|module| **module).count();
            match word.as_str() {
                "{" => braces.push(at >= 2 && self.word(at - 2) == Some("mod")),
                "}" => drop(braces.pop()),
                _ if self.begins_path(at) => {
                    at = self.path(at, &[], depth, &mut found);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        found
    }

    fn word(&self, at: usize) -> Option<&str> {
        self.words.get(at).map(|(_, word)| word.as_str())
    }

    /// An identifier with `::` behind it, and none before it.
    fn begins_path(&self, at: usize) -> bool {
        self.word(at).is_some_and(is_identifier) && self.word(at + 1) == Some("::")
    }

    /// Reads one path, or each member of a group, and gives where it ended.
    fn path(&self, mut at: usize, before: &[String], depth: usize, found: &mut Vec<Import>) -> usize {
        let mut path = before.to_vec();
        let mut line = self.words[at].0;
        while let Some(word) = self.word(at) {
            if word == "{" && path.len() > before.len() {
                return self.group(at + 1, &path, depth, found);
            }
            if !is_identifier(word) && word != "*" {
                break;
            }
            line = self.words[at].0;
            path.push(word.to_owned());
            at += 1;
            if self.word(at) != Some("::") {
                break;
            }
            at += 1;
        }
        found.push(Import { line, path, depth });
        at
    }

    fn group(&self, mut at: usize, before: &[String], depth: usize, found: &mut Vec<Import>) -> usize {
        while let Some(word) = self.word(at) {
            match word {
                "}" => return at + 1,
                // a new name is no path
                "as" => at += 2,
                _ if is_identifier(word) || word == "*" => at = self.path(at, before, depth, found),
                _ => at += 1,
            }
        }
        at
    }
}

fn is_identifier(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// How many bytes the token at the beginning of `rest` takes; a comment or a literal is one.
fn token(rest: &str, first: char) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment(rest);
    }
    if let Some(length) = raw_string(rest) {
        return length;
    }
    match first {
        '"' => quoted(rest, '"'),
        // a lifetime has no second quote behind one character
        '\'' if rest[1..].starts_with('\\') || rest.chars().nth(2) == Some('\'') => quoted(rest, '\''),
        ':' if rest.starts_with("::") => 2,
        c if c.is_alphanumeric() || c == '_' => {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
        }
        c => c.len_utf8(),
    }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        let here = &rest.as_bytes()[at..];
        if here.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if here.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                break;
            }
        } else {
            at += 1;
        }
    }
    at
}

fn raw_string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix('b').unwrap_or(rest).strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let begin = rest.len() - after.len() + hashes + 1;
    Some(rest[begin..].find(&end).map_or(rest.len(), |length| begin + length + end.len()))
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}
