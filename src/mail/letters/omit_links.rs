//! Links out of what others wrote: the only URL in a mail of ours is our own (T15).
//!
//! Leaves out what a mail program would make a link of: whatever has a scheme with `://` or is `http:` (and the disguised
//! `hxxp`), `www.` names, host names and IP addresses with a path or a port, bare names below a common top level.
//! Full-width letters count as their half-width forms. Mail addresses and telephone numbers stay.

/// Top-level domains that mail programs link a bare name of; all of two letters count besides.
const TOP: [&str; 22] = [
    "com", "net", "org", "info", "biz", "name", "app", "dev", "page", "tokyo", "site", "online", "shop", "store",
    "click", "link", "live", "icu", "xyz", "top", "cloud", "example",
];

/// `text` with each link in it replaced by `mark`.
pub fn omit_links(text: &str, mark: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(in_link) {
        let (before, from) = rest.split_at(begin);
        let (run, after) = from.split_at(from.find(|c| !in_link(c)).unwrap_or(from.len()));
        out.push_str(before);
        omit_in_run(run, mark, &mut out);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The half-width, lower-case form of an ASCII character.
fn half(c: char) -> char {
    let narrow = match c {
        '\u{FF01}'..='\u{FF5E}' => u32::from(c).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(c),
        _ => c,
    };
    narrow.to_ascii_lowercase()
}

fn in_link(c: char) -> bool {
    let c = half(c);
    c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"')
}

/// A run of characters that can stand in a link, none of them a space.
fn omit_in_run(run: &str, mark: &str, out: &mut String) {
    // ASCII, one byte for each character of the run: an index into one counts in the other.
    let folded: String = run.chars().map(half).collect();
    if !folded.contains(['.', ':']) {
        out.push_str(run);
        return;
    }
    let Some((before, link)) = scheme(&folded).and_then(|begin| folded.split_at_checked(begin)) else {
        omit_in_tokens(&folded, run, mark, out);
        return;
    };
    omit_in_tokens(before, run, mark, out);
    out.push_str(mark);
    out.extend(run.chars().skip(before.len() + link.trim_end_matches(closing).len()));
}

/// What has no scheme, token by token. `folded` is the beginning of the folded `run`.
fn omit_in_tokens(folded: &str, run: &str, mark: &str, out: &mut String) {
    let mut at = 0;
    for token in folded.split_inclusive([',', ';', '(', ')', '[', ']', '{', '}', '\'', '|', '=', '&']) {
        let mut written = run.chars().skip(at).take(token.len());
        let bare = token.trim_end_matches(closing);
        let signs = bare.match_indices(|c| !in_name(c) && c != '@').map(|(at, _)| at + 1);
        let dots = bare.match_indices("..").map(|(at, _)| at + 2);
        if let Some(begin) =
            std::iter::once(0).chain(signs).chain(dots).find(|begin| bare.get(*begin..).is_some_and(is_host))
        {
            out.extend(written.by_ref().take(begin));
            out.push_str(mark);
            out.extend(written.skip(bare.len() - begin));
        } else {
            out.extend(written);
        }
        at += token.len();
    }
}

/// Punctuation around a link that is none of it.
fn closing(c: char) -> bool {
    matches!(
        c,
        '.' | ',' | ';' | ':' | '!' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '\'' | '|' | '=' | '&' | '*' | '_'
    )
}

/// What a host name is made of.
fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')
}

/// Where a link with a scheme begins.
fn scheme(folded: &str) -> Option<usize> {
    let slashes = ["://", ":\\\\"].iter().filter_map(|mark| folded.find(mark)).min();
    let named = ["http:", "https:", "hxxp:", "hxxps:"].iter().filter_map(|mark| folded.find(mark)).min();
    let begins = |end: usize| {
        let letters = folded.get(..end)?.bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
        Some(end - letters)
    };
    slashes.and_then(begins).into_iter().chain(named).min()
}

/// Whether a mail program would make a link of `token`.
fn is_host(token: &str) -> bool {
    // A name whose front part is no ASCII begins with its dot: 株式会社.jp/x.
    let after_dot = token.starts_with('.');
    let token = token.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let authority = token.split(['/', '\\', '?', '#', ':']).next().unwrap_or(token);
    if authority.split_once('@').is_some_and(|(_, domain)| domain.starts_with(|c: char| c.is_ascii_alphanumeric())) {
        return false;
    }
    let end = token.find(|c| !in_name(c)).into_iter().chain(token.find("..")).min();
    let (host, rest) = token.split_at(end.unwrap_or(token.len()));
    let labels: Vec<&str> = host.trim_end_matches('.').split('.').collect();
    let (Some(top), false) = (labels.last(), labels.contains(&"")) else { return false };
    let lettered = top.starts_with("xn--") || top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic());
    let has_path = rest.starts_with('/') || rest.len() > 1 && rest.starts_with(['\\', '?', '#', ':']);
    let is_quad = labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok());
    if labels.len() == 1 {
        return after_dot && lettered && has_path;
    }
    let is_www = labels.iter().rev().skip(1).any(|label| *label == "www");
    let is_common = lettered && (top.len() == 2 || TOP.contains(top));
    is_www || is_common || has_path && (lettered || is_quad)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn omit(text: &str) -> String {
        omit_links(text, "〔略〕")
    }

    #[test]
    fn links_are_left_out() {
        for (text, rest) in [
            ("詳しくは https://evil.example/a?b=c をご覧ください。", "詳しくは 〔略〕 をご覧ください。"),
            ("詳しくはhttps://evil.example/をご覧ください。", "詳しくは〔略〕をご覧ください。"),
            ("URL:HTTP://EVIL.EXAMPLE.", "URL:〔略〕."),
            ("(https://evil.example/x)", "(〔略〕)"),
            ("<https://evil.example/x>", "<〔略〕>"),
            ("hxxps://evil[.]example/x", "〔略〕"),
            ("http:evil.example", "〔略〕"),
            ("ｈｔｔｐｓ：／／ｅｖｉｌ．ｅｘａｍｐｌｅ／", "〔略〕"),
            ("www.evil.test、", "〔略〕、"),
            ("evil.test/login と 192.0.2.1/x と 192.0.2.1:8080", "〔略〕 と 〔略〕 と 〔略〕"),
            ("bit.ly/abc,evil.com", "〔略〕,〔略〕"),
            ("https://user@evil.example/", "〔略〕"),
            ("evil.com/@user", "〔略〕"),
            ("株式会社.jp/x", "株式会社〔略〕"),
            ("ftp://a.test/b", "〔略〕"),
            ("https://日本語.jp/x", "〔略〕日本語〔略〕"),
            ("www.evil.testhttps://evil.example/", "〔略〕.〔略〕"),
            ("...evil.com...", "〔略〕..."),
            ("//evil.com/x evil.com$ evil.com./x", "〔略〕 〔略〕 〔略〕"),
            ("a/www.evil.test と tel:evil.com", "a/〔略〕 と tel:〔略〕"),
            ("a..www.evil.test www.evil.test@", "a..〔略〕 〔略〕"),
            ("www.evil.test..a", "〔略〕"),
            ("*www.evil.test* a^evil.com", "〔略〕* a^〔略〕"),
        ] {
            assert_eq!(omit(text), rest, "{text}");
        }
    }

    #[test]
    fn what_is_no_link_stays() {
        for text in [
            "電話 03-1234-5678、FAX：03-1234-5679（平日9:00～17:00）",
            "tel:+81-3-1234-5678",
            "yamada@example.jp, ta..ro.@docomo.example; a@b.example. yamada.co+x@example.jp",
            "2026.12.13 10:30 に伺います。Ver.1.2.3",
            "消費税10.5%、売上=1,234.50円 and/or",
            "株式会社山田商店…様",
            "e.g. this, i.e. that",
            "",
        ] {
            assert_eq!(omit(text), text);
        }
    }
}
