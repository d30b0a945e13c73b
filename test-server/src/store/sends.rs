//! Sends that a client may repeat without sending twice.

use rusqlite::{OptionalExtension, params};

use crate::{clock::Millis, error::ApiError, ids::UserId, store::Write};

/// A send that was done before.
#[derive(Debug)]
pub(crate) struct Earlier {
    pub(crate) event_id: String,
    pub(crate) persisted: bool,
}

/// What came of the send with this key, if there was one. `fingerprint` is of
/// all of the request.
pub(crate) fn find(
    write: &Write<'_>,
    sender: UserId,
    key: &str,
    fingerprint: &str,
) -> Result<Option<Earlier>, ApiError> {
    let found = write
        .conn()
        .prepare_cached(
            "SELECT event_id, persisted, fingerprint FROM app_sse_send
             WHERE sender_id = ?1 AND idempotency_key = ?2",
        )?
        .query_row(params![sender, key], |row| {
            let earlier = Earlier {
                event_id: row.get(0)?,
                persisted: row.get(1)?,
            };
            Ok((earlier, row.get::<_, String>(2)?))
        })
        .optional()?;
    match found {
        Some((_, of)) if of != fingerprint => Err(ApiError::new(
            axum::http::StatusCode::CONFLICT,
            "idempotency_mismatch",
            "This idempotency_key was used for another request.",
        )),
        found => Ok(found.map(|(earlier, _)| earlier)),
    }
}

/// Remembers a send.
pub(crate) fn keep(
    write: &Write<'_>,
    sender: UserId,
    key: &str,
    fingerprint: &str,
    done: &Earlier,
) -> Result<(), ApiError> {
    write
        .conn()
        .prepare_cached(
            "INSERT INTO app_sse_send
                (sender_id, idempotency_key, fingerprint, event_id, persisted, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            sender,
            key,
            fingerprint,
            done.event_id,
            done.persisted,
            Millis::now().0
        ])?;
    Ok(())
}
