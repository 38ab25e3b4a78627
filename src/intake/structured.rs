//! Structured header values cut into words (RFC 5322 §3.2): comments are gone, quoted strings are one word.

/// A piece of a structured value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Characters that stand together.
    Atom(String),
    /// The content of a quoted string, without its escapes.
    Quoted(String),
    /// One of the characters that separate.
    Special(char),
}

/// Cuts `value` at white space and at each of `specials`. `None` where a comment or a quoted string has no end, or an end
/// has no beginning: nothing after that can be trusted to be what it seems.
pub(super) fn tokens(value: &str, specials: &str) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    let mut atom = String::new();
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        if !(c.is_ascii_whitespace() || "()\"".contains(c) || specials.contains(c)) {
            atom.push(c);
            continue;
        }
        if !atom.is_empty() {
            out.push(Token::Atom(std::mem::take(&mut atom)));
        }
        match c {
            '(' => skip_comment(&mut rest)?,
            ')' => return None,
            '"' => out.push(Token::Quoted(quoted(&mut rest)?)),
            c if c.is_ascii_whitespace() => {}
            c => out.push(Token::Special(c)),
        }
    }
    if !atom.is_empty() {
        out.push(Token::Atom(atom));
    }
    Some(out)
}

/// Comments nest (RFC 5322 §3.2.2); counted, not recursed into.
fn skip_comment(rest: &mut std::str::Chars<'_>) -> Option<()> {
    let mut depth = 1_usize;
    while depth > 0 {
        match rest.next()? {
            '(' => depth += 1,
            ')' => depth -= 1,
            '\\' => _ = rest.next()?,
            _ => {}
        }
    }
    Some(())
}

fn quoted(rest: &mut std::str::Chars<'_>) -> Option<String> {
    let mut text = String::new();
    loop {
        match rest.next()? {
            '"' => return Some(text),
            '\\' => text.push(rest.next()?),
            '\r' | '\n' => {}
            c => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_quotes_hold() {
        let found = tokens("a (x (\"y) \\) z)b=\"c;\\\" (d)\" ; e", ";=").unwrap();
        assert_eq!(
            found,
            [
                Token::Atom("a".to_owned()),
                Token::Atom("b".to_owned()),
                Token::Special('='),
                Token::Quoted("c;\" (d)".to_owned()),
                Token::Special(';'),
                Token::Atom("e".to_owned()),
            ]
        );
    }

    #[test]
    fn what_has_no_end_is_nothing() {
        for bad in ["a (b", "a \"b", "a) b", "\"a\\", "(a\\"] {
            assert_eq!(tokens(bad, ""), None, "{bad}");
        }
        assert!(tokens(&"(".repeat(100_000), "").is_none());
    }
}
