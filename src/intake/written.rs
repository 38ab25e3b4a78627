//! What the lines of a mail say, before it is judged: labels with their values, and the message.

use super::label::{self, Label, Order};
use super::lines;
use super::value::address;
use crate::domain::request_form::{Field, FormFault};
use crate::domain::text::fold;

/// Fields and orders with a value, in their order.
#[derive(Default)]
pub(super) struct Written<'x> {
    pub values: Vec<(Field, &'x str)>,
    pub orders: Vec<(Order, &'x str)>,
    pub has_office_number: bool,
    pub message: String,
    /// Lines with a label, those without a value too: none, and it is no form at all.
    pub labels: usize,
}

impl<'x> Written<'x> {
    /// Reads `text`, whose line ends are `\n`.
    pub fn read(text: &'x str) -> Self {
        let mut written = Self::default();
        let has_label = |line: &str| !line.starts_with('|') && label::split(line).is_some();
        let mut lines = lines::written(text, has_label).into_iter();
        while let Some(line) = lines.next() {
            if line.starts_with('|') {
                continue;
            }
            let Some((label, value)) = label::split(line) else { continue };
            written.labels += 1;
            match (label, value) {
                (Label::Field(Field::Message), first) => {
                    written.message = std::iter::once(first).chain(lines).collect::<Vec<_>>().join("\n");
                    break;
                }
                (_, "") => {}
                (Label::OfficeNumber, _) => written.has_office_number = true,
                (Label::Order(order), value) => written.orders.push((order, value)),
                (Label::Field(field), value) => written.values.push((field, value)),
            }
        }
        written
    }

    /// Whether a field has a value.
    pub fn has(&self, field: Field) -> bool {
        self.values.iter().any(|(found, _)| *found == field)
    }

    /// The value of a field; a fault where it stands twice with different values.
    pub fn value(&self, field: Field, faults: &mut Vec<FormFault>) -> Option<&'x str> {
        let mut values = self.values.iter().filter(|(found, _)| *found == field).map(|(_, value)| *value);
        let first = values.next()?;
        if values.any(|other| !is_same(field, first, other)) {
            faults.push(FormFault::Twice { field });
        }
        Some(first)
    }

    /// The value of a field, parsed.
    pub fn one<T>(
        &self,
        field: Field,
        faults: &mut Vec<FormFault>,
        parse: impl FnOnce(&'x str) -> Result<T, FormFault>,
    ) -> Option<T> {
        let value = self.value(field, faults)?;
        parse(value).map_err(|fault| faults.push(fault)).ok()
    }

    /// The values of an order.
    pub fn orders(&self, order: Order) -> impl Iterator<Item = &'x str> {
        self.orders.iter().filter(move |(found, _)| *found == order).map(|(_, value)| *value)
    }
}

/// Whether two values say the same: addresses in any dress, the rest in any width and case.
fn is_same(field: Field, one: &str, other: &str) -> bool {
    let same_address = || matches!((address(field, one), address(field, other)), (Ok(one), Ok(other)) if one == other);
    fold(one) == fold(other) || field == Field::Customer && same_address()
}
