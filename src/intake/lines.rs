//! The lines of a mail's text that its writer wrote: without quotes, without what was forwarded or answered below, without
//! the signature.

/// Words on a line of their own, between hyphens or underscores, above what is forwarded or answered.
const SEPARATORS: [&str; 9] = [
    "original message",
    "forwarded message",
    "元のメッセージ",
    "転送メッセージ",
    "転送されたメッセージ",
    "forwarded by",
    "オリジナルメッセージ",
    "begin forwarded message:",
    "転送されたメッセージ:",
];

/// What was written above the first separator where any of it satisfies `counts`, else all of it: who forwards a form to us
/// sends it, and who corrects one above an old one means the one above.
pub(super) fn written(text: &str, counts: impl Fn(&str) -> bool) -> Vec<&str> {
    let lines: Vec<&str> = text.split('\n').take_while(|line| *line != "-- ").collect();
    let end = separator(&lines);
    let above = lines.get(..end).unwrap_or_default();
    if end < lines.len() && !above.iter().any(|line| !is_quoted(line) && counts(line)) {
        return lines.get(end + 1..).unwrap_or_default().iter().copied().filter(|line| !is_quoted(line)).collect();
    }
    above.iter().copied().filter(|line| !is_quoted(line)).collect()
}

/// `> ` and its full-width sister.
pub(super) fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with(['>', '＞'])
}

/// The place of the first separator; the number of lines where there is none.
fn separator(lines: &[&str]) -> usize {
    let at = |(place, line): (usize, &&str)| {
        let next = lines.get(place + 1).map_or("", |line| line.trim());
        (is_separator(line) || is_rule_of_outlook(line, next) || is_lead_in(line, next)).then_some(place)
    };
    lines.iter().enumerate().find_map(at).unwrap_or(lines.len())
}

fn is_separator(line: &str) -> bool {
    let line = line.trim();
    let bare = line.trim_matches(['-', '_', '=', '*', ' ', '　']);
    if bare.len() > 80 {
        return false;
    }
    let bare = bare.to_lowercase();
    let is_framed = line.starts_with(['-', '_', '=', '*']);
    SEPARATORS.iter().any(|words| bare == *words && (is_framed || words.ends_with(':')))
}

/// Outlook's underscores above `From:` or `差出人:`.
fn is_rule_of_outlook(line: &str, next: &str) -> bool {
    let line = line.trim();
    let is_rule = line.len() >= 20 && line.chars().all(|c| c == '_');
    is_rule && ["From:", "差出人:", "差出人："].iter().any(|label| next.starts_with(label))
}

/// `On …, … wrote:` and `2026年7月3日(金) 9:00 … <…>:` above a quote.
fn is_lead_in(line: &str, next: &str) -> bool {
    let line = line.trim();
    let ends = line.ends_with("wrote:")
        || line.ends_with(">:")
        || line.ends_with("書きました:")
        || line.ends_with("のメール:");
    ends && line.len() < 300 && is_quoted(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<&str> {
        written(text, |line| line.contains("label"))
    }

    #[test]
    fn what_stands_above_counts() {
        for separator in [
            "-----Original Message-----",
            "-------- 元のメッセージ --------",
            "---------- Forwarded message ---------",
            "----- 転送メッセージ -----",
            "________________________________\nFrom: x",
            "________________________________\n差出人: x",
            "Begin forwarded message:",
            "On Fri, 3 Jul 2026, A wrote:\n> x",
            "2026年7月3日(金) 9:00 A <a@b.example>:\n> x",
        ] {
            assert_eq!(read(&format!("label: 1\n{separator}\nlabel: 2\n")), ["label: 1"], "{separator}");
        }
    }

    #[test]
    fn what_was_forwarded_counts_where_nothing_stands_above() {
        let text = "FYI\n-----Original Message-----\nFrom: x\nlabel: 2";
        assert_eq!(read(text), ["From: x", "label: 2"]);
        let quoted = "> label: 0\n-----Original Message-----\nlabel: 2";
        assert_eq!(read(quoted), ["label: 2"]);
    }

    #[test]
    fn other_lines_part_nothing() {
        for line in
            ["original message", "----------", "________________________________", "He wrote:", "--", "x <a@b>:"]
        {
            assert_eq!(read(&format!("label: 1\n{line}\nlabel: 2")).len(), 3, "{line}");
        }
        assert_eq!(read("label: 1\n > x\n＞x\n-- \nlabel: 2"), ["label: 1"]);
    }
}
