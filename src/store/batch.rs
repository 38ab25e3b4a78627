//! Many rows in one statement: one round trip to the database's thread for a whole window.

use std::fmt::Write;

use sqlx::{AnyConnection, AssertSqlSafe};

use super::error::StoreError;

/// A bound value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    MaybeText(Option<String>),
    Number(i64),
    MaybeNumber(Option<i64>),
}

/// Most bound values in one statement: PostgreSQL's protocol counts them in 16 bits, SQLite stops at 32,766.
const MOST_VALUES: usize = 30_000;

/// Most values of a list in one question: one that may grow past it is asked in chunks of this size.
pub(super) const MOST_LISTED: usize = 10_000;

/// Runs `head` + `VALUES (…), (…)` + `tail` for all rows, in as few statements as may be. Each row has the same length.
pub(super) async fn insert(
    connection: &mut AnyConnection,
    head: &'static str,
    tail: &'static str,
    rows: &[Vec<Value>],
) -> Result<u64, StoreError> {
    let Some(columns) = rows.first().map(Vec::len).filter(|columns| *columns > 0) else { return Ok(0) };
    let mut done = 0;
    for chunk in rows.chunks(MOST_VALUES / columns) {
        let sql = format!("{head} VALUES {} {tail}", placeholders(chunk.len(), columns));
        done += run(connection, sql, chunk.iter().flatten().cloned()).await?;
    }
    Ok(done)
}

/// `head (…) tail` with one placeholder for each of `values`; the placeholders start at `$first`.
pub(super) fn in_list(head: &str, first: usize, values: usize, tail: &str) -> String {
    let list: Vec<String> = (first..first + values).map(|n| format!("${n}")).collect();
    format!("{head} ({}){tail}", list.join(", "))
}

/// What `head (…) tail` finds for each of `keys`, however many they are.
pub(super) async fn listed(
    connection: &mut AnyConnection,
    head: &'static str,
    keys: &[String],
    tail: &'static str,
) -> Result<Vec<sqlx::any::AnyRow>, StoreError> {
    let mut found = Vec::new();
    for some in keys.chunks(MOST_LISTED) {
        found
            .extend(rows(connection, in_list(head, 1, some.len(), tail), some.iter().cloned().map(Value::Text)).await?);
    }
    Ok(found)
}

pub(super) async fn run(
    connection: &mut AnyConnection,
    sql: String,
    values: impl Iterator<Item = Value>,
) -> Result<u64, StoreError> {
    Ok(bound(sql, values).execute(connection).await?.rows_affected())
}

pub(super) async fn rows(
    connection: &mut AnyConnection,
    sql: String,
    values: impl Iterator<Item = Value>,
) -> Result<Vec<sqlx::any::AnyRow>, StoreError> {
    Ok(bound(sql, values).fetch_all(connection).await?)
}

fn bound(
    sql: String,
    values: impl Iterator<Item = Value>,
) -> sqlx::query::Query<'static, sqlx::Any, sqlx::any::AnyArguments> {
    // Safe: the text is made of this room's literals and of placeholders.
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for value in values {
        query = match value {
            Value::Text(text) => query.bind(text),
            Value::MaybeText(text) => query.bind(text),
            Value::Number(number) => query.bind(number),
            Value::MaybeNumber(number) => query.bind(number),
        };
    }
    query
}

fn placeholders(rows: usize, columns: usize) -> String {
    let mut text = String::with_capacity(rows * columns * 6);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            let comma = if column == 0 { "" } else { ", " };
            // Writing to a String cannot fail.
            let _ = write!(text, "{comma}${}", row * columns + column + 1);
        }
        text.push(')');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_count_on_from_row_to_row() {
        assert_eq!(placeholders(2, 3), "($1, $2, $3), ($4, $5, $6)");
        assert_eq!(
            in_list("SELECT x FROM y WHERE z IN", 2, 2, " ORDER BY x"),
            "SELECT x FROM y WHERE z IN ($2, $3) ORDER BY x"
        );
    }
}
