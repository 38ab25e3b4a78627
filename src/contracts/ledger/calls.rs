//! Which calls were done: a repeated one does nothing and is told what it was told before.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use sqlx::AnyConnection;

use super::error::Fault;
use super::row::text;
use crate::domain::contract::{CallKey, Refusal};
use crate::domain::time::{Timestamp, days};

/// How long a call is remembered.
const MEMORY: Duration = days(30);

const FORGET: &str = "DELETE FROM ledger_call WHERE at < $1";
const CLAIM: &str =
    "INSERT INTO ledger_call (key, asked, answer, at) VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO NOTHING";
const KNOWN: &str = "SELECT asked, answer FROM ledger_call WHERE key = $1";

/// Whether a call is a new one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// It is to be done now, and `answer` was written down for it.
    New,
    /// It was done, and this was answered.
    Done(String),
}

/// Claims the key for a call whose parts are `asked`. Must be followed by what is done, in the same transaction.
pub(super) async fn claim(
    connection: &mut AnyConnection,
    key: &CallKey,
    asked: &[&str],
    answer: &str,
    now: Timestamp,
) -> Result<Call, Fault> {
    sqlx::query(FORGET).bind(now.before(MEMORY).as_millis()).execute(&mut *connection).await?;
    let asked = fingerprint(asked);
    let claimed = sqlx::query(CLAIM)
        .bind(key.as_str().to_owned())
        .bind(asked.clone())
        .bind(answer.to_owned())
        .bind(now.as_millis())
        .execute(&mut *connection)
        .await?;
    if claimed.rows_affected() == 1 {
        return Ok(Call::New);
    }
    let known = sqlx::query(KNOWN).bind(key.as_str().to_owned()).fetch_one(connection).await?;
    if text(&known, "asked")? == asked {
        Ok(Call::Done(text(&known, "answer")?))
    } else {
        Err(Refusal::KeyReused.into())
    }
}

/// A digest of several texts, base64url: no two lists of texts share one.
pub(super) fn fingerprint(parts: &[&str]) -> String {
    let mut whole = Vec::new();
    for part in parts {
        whole.extend_from_slice(&(part.len() as u64).to_be_bytes());
        whole.extend_from_slice(part.as_bytes());
    }
    URL_SAFE_NO_PAD.encode(digest(&SHA256, &whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_one_text_ends_counts() {
        assert_ne!(fingerprint(&["ab", "c"]), fingerprint(&["a", "bc"]));
        assert_eq!(fingerprint(&["ab"]), fingerprint(&["ab"]));
        assert_eq!(fingerprint(&[]).len(), 43);
    }
}
