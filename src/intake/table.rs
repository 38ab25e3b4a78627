//! The request table: a CSV file that a firm attaches, as spreadsheets save it.

use encoding_rs::{UTF_16BE, UTF_16LE};

use super::charset;
use super::form;
use super::label::{self, Label};
use super::mime::File;
use super::written::Written;
use crate::domain::request_form::{Field, FormFault};
use crate::domain::request_table::{ROWS_LIMIT, RequestTable, Row, TableFault};
use crate::domain::text::fold;

/// Most bytes of a table, as it is attached.
const SIZE_LIMIT: usize = 6 * 1024 * 1024;
/// Most columns that are looked at.
const COLUMNS_LIMIT: usize = 100;

/// What an attached file may be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Csv,
    /// A workbook or an archive.
    Closed,
    Other,
}

/// The table among the attached files; `None` where there is none, and the text is the form.
pub(super) fn read(files: &[File<'_>], written: &Written<'_>) -> Option<Result<RequestTable, TableFault>> {
    let mut tables = files.iter().filter(|file| kind(file) == Kind::Csv);
    let is_form = written.has(Field::Customer);
    let Some(file) = tables.next() else {
        let is_closed = !is_form && files.iter().any(|file| kind(file) == Kind::Closed);
        return is_closed.then_some(Err(TableFault::NotCsv));
    };
    if tables.next().is_some() {
        return Some(Err(TableFault::Several));
    }
    match parse(file, written) {
        // Some other list beside a form.
        Err(TableFault::NoHeader | TableFault::NotCsv) if is_form => None,
        Ok(_) if is_form => Some(Err(TableFault::Both)),
        read => Some(read),
    }
}

fn kind(file: &File<'_>) -> Kind {
    let name = file.name().map(|name| fold(&name)).unwrap_or_default();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let media = file.media();
    match (extension, media.as_str()) {
        ("csv" | "tsv" | "tab", _) => Kind::Csv,
        ("" | "txt", "text/csv" | "text/tab-separated-values" | "text/comma-separated-values" | "application/csv") => {
            Kind::Csv
        }
        ("xlsx" | "xls" | "xlsm" | "xlsb" | "ods" | "numbers" | "zip" | "7z" | "lzh" | "rar", _)
        | (
            "",
            "application/zip"
            | "application/x-zip-compressed"
            | "application/vnd.ms-excel"
            | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ) => Kind::Closed,
        _ => Kind::Other,
    }
}

fn parse(file: &File<'_>, written: &Written<'_>) -> Result<RequestTable, TableFault> {
    let too_long = TableFault::TooLong { limit: ROWS_LIMIT };
    if file.content().len() > SIZE_LIMIT {
        return Err(too_long);
    }
    let bytes = file.bytes();
    // What is called CSV and is a workbook or an archive all the same.
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xD0\xCF\x11\xE0") || bytes.starts_with(b"7z\xBC\xAF") {
        return Err(TableFault::NotCsv);
    }
    let text = decode(&bytes, file.charset().as_deref());
    let mut faults = Vec::new();
    let firm_number = written.one(Field::FirmNumber, &mut faults, form::firm_number);
    let _ = written.one(Field::Locale, &mut faults, form::locale);
    if written.has_office_number {
        faults.push(FormFault::OfficeNumber);
    }
    let mut records = records(&text);
    let columns = records.next().and_then(|(_, header)| columns(&header)).ok_or(TableFault::NoHeader)?;
    if !faults.is_empty() {
        return Err(TableFault::Text { faults });
    }
    let mut rows = Vec::new();
    for (line, cells) in records {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if rows.len() == ROWS_LIMIT {
            return Err(too_long);
        }
        rows.push(Row { line, form: row(&columns, &cells, written) });
    }
    if rows.is_empty() { Err(TableFault::Empty) } else { Ok(RequestTable { firm_number, rows }) }
}

/// Spreadsheets also save UTF-16 with a byte order mark.
fn decode(bytes: &[u8], label: Option<&str>) -> String {
    match bytes {
        [0xFF, 0xFE, ..] => UTF_16LE.decode_with_bom_removal(bytes).0.into_owned(),
        [0xFE, 0xFF, ..] => UTF_16BE.decode_with_bom_removal(bytes).0.into_owned(),
        bytes => charset::decode(bytes, label).trim_start_matches('\u{FEFF}').to_owned(),
    }
}

/// The records with the numbers that a spreadsheet gives them. A record that cannot be read ends the table: csv reads all
/// text, so that there is none.
fn records(text: &str) -> impl Iterator<Item = (u32, Vec<String>)> {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let delimiter = if first.contains('\t') {
        b'\t'
    } else if first.contains(';') && !first.contains(',') {
        b';'
    } else {
        b','
    };
    let reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let records = reader.into_records().map_while(Result::ok);
    let cells = |record: &csv::StringRecord| record.iter().take(COLUMNS_LIMIT).map(str::to_owned).collect();
    let mut row = 0;
    records.map(move |record| {
        row += 1 + record.position().map_or(0, |begin| empty_lines(text, begin.byte()));
        (row, cells(&record))
    })
}

/// How many empty lines stand before the record that begins at this byte: csv passes over them, a spreadsheet counts them.
fn empty_lines(text: &str, begin: u64) -> u32 {
    let halves = usize::try_from(begin).ok().and_then(|begin| text.split_at_checked(begin));
    let Some((before, mut rest)) = halves else { return 0 };
    if before.ends_with('\r') {
        rest = rest.strip_prefix('\n').unwrap_or(rest);
    }
    let mut count = 0;
    while let Some(after) = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\r', '\n'])) {
        (rest, count) = (after, count + 1);
    }
    count
}

/// What each column is; `None` where no column is the customer's address.
fn columns(header: &[String]) -> Option<Vec<Option<Field>>> {
    let column = |cell: &String| match label::parse(cell) {
        Some(Label::Field(field)) => Some(field),
        Some(_) => None,
        None => {
            matches!(fold(cell).as_str(), "メールアドレス" | "email" | "e-mail" | "mail").then_some(Field::Customer)
        }
    };
    let columns: Vec<_> = header.iter().map(column).collect();
    columns.contains(&Some(Field::Customer)).then_some(columns)
}

/// A row is a form; what it does not say of message and language, the mail's text says for all.
fn row(columns: &[Option<Field>], cells: &[String], text: &Written<'_>) -> Result<super::RequestForm, Vec<FormFault>> {
    let mut written = Written::default();
    for (field, cell) in columns.iter().zip(cells) {
        match (field, cell.trim()) {
            (None, _) | (_, "") => {}
            (Some(Field::Message), message) => message.clone_into(&mut written.message),
            (Some(field), value) => written.values.push((*field, value)),
        }
    }
    if written.message.is_empty() {
        written.message.clone_from(&text.message);
    }
    if !written.has(Field::Locale) {
        written.values.extend(text.values.iter().filter(|(field, _)| *field == Field::Locale));
    }
    form::parse(&written)
}
