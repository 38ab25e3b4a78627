//! What a mail asks for, if a firm wrote it: one request, a table of them, another procedure, or nothing.

use super::mime::File;
use super::written::Written;
use super::{command, form, table};
use crate::domain::firm::FirmNumber;
use crate::domain::firm_command::{CommandFault, FirmCommand};
use crate::domain::request_form::{Field, FormFault, RequestForm};
use crate::domain::request_table::{RequestTable, TableFault};

/// What a mail asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// 申請: one customer, or everything that is wrong with how it asks.
    Request(Result<RequestForm, Vec<FormFault>>),
    /// 申請: many customers, in an attached table.
    Table(Result<RequestTable, TableFault>),
    /// Another procedure.
    Command(Result<Order, CommandFault>),
    /// No line of it is one of a form.
    Nothing,
}

/// A command and whose it says that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// 事務所番号, where it was written.
    pub firm_number: Option<FirmNumber>,
    /// What is to be done.
    pub command: FirmCommand,
}

impl Wish {
    /// The form; what is none misses its customer.
    ///
    /// # Errors
    /// Every fault that it has.
    pub fn into_form(self) -> Result<RequestForm, Vec<FormFault>> {
        match self {
            Self::Request(form) => form,
            _ => Err(vec![FormFault::Missing { field: Field::Customer }]),
        }
    }
}

/// Reads the text of a mail and the files beside it.
pub(super) fn read(text: &str, files: &[File<'_>]) -> Wish {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let written = Written::read(&text);
    if let Some(command) = command::parse(&written) {
        return Wish::Command(command.and_then(|command| order(command, &written)));
    }
    if let Some(table) = table::read(files, &written) {
        return Wish::Table(table);
    }
    if written.labels == 0 { Wish::Nothing } else { Wish::Request(form::parse(&written)) }
}

fn order(command: FirmCommand, written: &Written<'_>) -> Result<Order, CommandFault> {
    let mut faults = Vec::new();
    let firm_number = written.one(Field::FirmNumber, &mut faults, form::firm_number);
    match faults.pop() {
        None => Ok(Order { firm_number, command }),
        Some(FormFault::BadValue { given, .. }) => Err(CommandFault::OtherFirmNumber { given }),
        Some(_) => Err(CommandFault::OtherFirmNumber { given: String::new() }),
    }
}
