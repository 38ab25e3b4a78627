//! HTML as lines of text: mail-parser strips the tags, here blocks become lines, as a reader sees them.

use mail_parser::decoders::html::html_to_text;

/// Elements that stand on lines of their own. `p` and `br` are mail-parser's.
const BLOCKS: [&str; 14] =
    ["div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "blockquote", "pre", "dt", "dd"];

/// The text of an HTML part.
pub(super) fn text(html: &str) -> String {
    html_to_text(&with_breaks(html))
}

/// A `<br>` at each edge of a block that has text before it on its line.
fn with_breaks(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 8);
    let mut has_text = false;
    for (at, piece) in html.split('<').enumerate() {
        if at > 0 {
            let name: &str = piece.trim_start_matches('/');
            let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            if BLOCKS.iter().any(|block| name.eq_ignore_ascii_case(block)) && has_text {
                out.push_str("<br>");
                has_text = false;
            } else if name.eq_ignore_ascii_case("br") || name.eq_ignore_ascii_case("p") {
                has_text = false;
            }
            out.push('<');
        }
        out.push_str(piece);
        let content = if at > 0 { piece.split_once('>').map_or("", |(_, content)| content) } else { piece };
        has_text |= !content.trim().is_empty();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(html: &str) -> Vec<String> {
        text(html).trim().lines().map(|line| line.trim().to_owned()).collect()
    }

    #[test]
    fn blocks_are_lines() {
        let seen = ["顧問先名: 山田", "", "x & y", "z"];
        assert_eq!(lines("<p>顧問先名: 山田</p><br>x &amp; y<br>z"), seen);
        assert_eq!(
            lines("<div>顧問先名: 山田</div>\n<div><br></div><DIV class=a>x &amp; <b>y</b></DIV><div>z</div>"),
            seen
        );
        assert_eq!(lines("顧問先名: 山田<div></div><div><br></div><div>x &amp; y<div>z</div></div>"), seen);
    }

    #[test]
    fn a_table_row_is_a_line() {
        assert_eq!(
            lines("<table><tr><td>顧問先名</td> <td>: 山田</td></tr><tr><td>x</td></tr></table>"),
            ["顧問先名: 山田", "x"]
        );
    }

    #[test]
    fn what_is_not_shown_is_not_text() {
        assert_eq!(lines("<head><title>t</title></head><style>a{}</style><script>x</script><!-- c -->y"), ["y"]);
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(html in "[<>/!&;a-z\"#x0-9山\u{e9}-]{0,120}") {
            text(&html);
        }
    }
}
