//! How commands print: JSON for programs, plain lines for people.

use serde::Serialize;

use super::Failure;

/// Prints a list: as a JSON array, or a line each under a heading.
pub(super) fn list<T: Serialize>(
    json: bool,
    rows: &[T],
    heading: &str,
    line: impl Fn(&T) -> String,
) -> Result<(), Failure> {
    if json {
        return one(rows);
    }
    if rows.is_empty() {
        println!("none");
    } else {
        println!("{heading}");
        for row in rows {
            println!("{}", line(row));
        }
    }
    Ok(())
}

/// Prints JSON.
pub(super) fn one<T: Serialize + ?Sized>(value: &T) -> Result<(), Failure> {
    println!("{}", serde_json::to_string_pretty(value).map_err(anyhow::Error::from)?);
    Ok(())
}
