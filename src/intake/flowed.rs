//! `format=flowed` text put together again (RFC 3676): what mailers broke for narrow screens is one line, as it was typed.

/// The text with its soft line ends joined; `delete_space` for `DelSp=yes`, which Japanese text needs.
pub(super) fn unflow(text: &str, delete_space: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut depth = 0;
    let mut flowing = false;
    for line in text.lines() {
        let content = line.trim_start_matches('>');
        let quotes = line.len() - content.len();
        let content = content.strip_prefix(' ').unwrap_or(content);
        let is_signature = content == "-- ";
        if flowing && (quotes != depth || is_signature) {
            out.push('\n');
            flowing = false;
        }
        if !flowing {
            out.extend(std::iter::repeat_n('>', quotes));
        }
        depth = quotes;
        flowing = content.ends_with(' ') && !is_signature;
        match content.strip_suffix(' ') {
            Some(soft) if flowing && delete_space => out.push_str(soft),
            _ => out.push_str(content),
        }
        if !flowing {
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soft_lines_are_joined_and_hard_ones_stay() {
        assert_eq!(unflow("a \r\nb\r\nc\r\n", false), "a b\nc\n");
        assert_eq!(unflow("いつも \nお世話に\nx\n", true), "いつもお世話に\nx\n");
        assert_eq!(unflow(" >no quote\n  x", false), ">no quote\n x\n");
    }

    #[test]
    fn quotes_and_signatures_end_a_paragraph() {
        assert_eq!(unflow("a \n> b \n> c\nd\n", false), "a \n>b c\nd\n");
        assert_eq!(unflow("a \n-- \nb\n", false), "a \n-- \nb\n");
    }
}
