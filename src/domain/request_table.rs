//! Many requests in one mail (申請の一覧): a row is a request form, and each stands for itself.

use super::firm::FirmNumber;
use super::request_form::{FormFault, RequestForm};

/// Most rows of a table.
pub const ROWS_LIMIT: usize = 1_000;

/// A table that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestTable {
    /// 事務所番号 from the mail's text, where it was written.
    pub firm_number: Option<FirmNumber>,
    /// Its rows, in their order, 1 to [`ROWS_LIMIT`].
    pub rows: Vec<Row>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line that a spreadsheet shows beside it; the header row is 1.
    pub line: u32,
    /// What it asks for, or all that is wrong in it.
    pub form: Result<RequestForm, Vec<FormFault>>,
}

/// Why a table cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "fault")]
pub enum TableFault {
    /// A workbook or an archive; archives are never unpacked (T17).
    NotCsv,
    /// Its first row names no column for the customers' addresses.
    NoHeader,
    /// It has no rows below the header.
    Empty,
    /// More rows, or more bytes, than are read.
    TooLong {
        /// The most rows.
        limit: usize,
    },
    /// More than one table is attached.
    Several,
    /// The text of the mail names a customer, too.
    Both,
    /// What the mail's text says beside the table is wrong.
    Text {
        /// Each of the faults.
        faults: Vec<FormFault>,
    },
}

impl TableFault {
    /// The fault's name alone, for the operator.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotCsv => "the table is no CSV file",
            Self::NoHeader => "the table has no column for the customers' addresses",
            Self::Empty => "the table has no rows",
            Self::TooLong { .. } => "the table is too long",
            Self::Several => "more than one table is attached",
            Self::Both => "both the text and a table name customers",
            Self::Text { .. } => "the text beside the table is wrong",
        }
    }
}
