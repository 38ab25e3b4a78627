//! A CSV file as spreadsheets open it: UTF-8 with its mark, CRLF, every cell quoted.

/// A file that a letter carries.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// ASCII, with its extension.
    pub name: String,
    /// `type/subtype` with its parameters but for the name.
    pub media: &'static str,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// The rows, the heading first.
pub(super) fn csv(name: &str, rows: impl IntoIterator<Item = Vec<String>>) -> Attachment {
    let mut text = String::from('\u{FEFF}');
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    Attachment { name: name.to_owned(), media: "text/csv; charset=utf-8", bytes: text.into_bytes() }
}

/// What a spreadsheet would take for a formula is text: a firm's own words come back to it, but not as a program.
fn quoted(cell: &str) -> String {
    let guard = if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_and_formulas_do_not() {
        let rows = [["a,b", "\"c\""], ["=1+1", "@x"]].map(|row| row.map(str::to_owned).to_vec());
        let file = csv("x.csv", rows);
        let text = String::from_utf8(file.bytes).unwrap();
        assert_eq!(text, "\u{FEFF}\"a,b\",\"\"\"c\"\"\"\r\n\"'=1+1\",\"'@x\"\r\n");
    }
}
