//! Groups that a user subscribes to.

use std::{collections::HashSet, sync::Arc};

use rusqlite::{Connection, params};
use serde::Serialize;

use crate::{
    clock::Millis,
    error::ApiError,
    hub::{DEFAULT, Effect},
    ids::UserId,
    store::{Write, log::signed},
};

/// A user's subscription.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Subscription {
    pub(crate) group: String,
    /// All types, if null.
    pub(crate) event_types: Option<Vec<String>>,
    pub(crate) created_at: String,
}

/// Subscribes, or changes the types of a subscription; open streams follow.
/// What is sent from now on is theirs.
pub(crate) fn subscribe(
    write: &mut Write<'_>,
    user: UserId,
    group: &str,
    types: Option<&[String]>,
) -> Result<(), ApiError> {
    let now = Millis::now().0;
    write
        .conn()
        .prepare_cached(
            "INSERT INTO app_sse_subscription
                (user_id, group_name, event_types, status, since, created_at, updated_at)
             VALUES (?1, ?2, ?3, 1, ?4, ?5, ?5)
             ON CONFLICT DO UPDATE SET event_types = ?3, updated_at = ?5,
                since = CASE status WHEN 1 THEN since ELSE ?4 END,
                created_at = CASE status WHEN 1 THEN created_at ELSE ?5 END, status = 1",
        )?
        .execute(params![
            user,
            group,
            types.map(|types| types.join(",")),
            signed(write.last()),
            now
        ])?;
    let filter = types.map(|types| types.iter().cloned().collect::<HashSet<_>>());
    write.effect(Effect::Join(user, Arc::from(group), filter));
    Ok(())
}

/// Ends a subscription; says whether there was one.
pub(crate) fn unsubscribe(
    write: &mut Write<'_>,
    user: UserId,
    group: &str,
) -> Result<bool, ApiError> {
    let changed = write
        .conn()
        .prepare_cached(
            "UPDATE app_sse_subscription SET status = 0, updated_at = ?3
             WHERE user_id = ?1 AND group_name = ?2 AND status = 1",
        )?
        .execute(params![user, group, Millis::now().0])?;
    let mut was = changed > 0;
    if !was && group == DEFAULT {
        // Everybody is in it without a row, so leaving takes one.
        was = write.conn().execute(
            "INSERT OR IGNORE INTO app_sse_subscription
                (user_id, group_name, status, since, created_at, updated_at)
             VALUES (?1, ?2, 0, 0, ?3, ?3)",
            params![user, group, Millis::now().0],
        )? > 0;
    }
    if was {
        write.effect(Effect::Leave(user, Arc::from(group)));
    }
    Ok(was)
}

/// A user's subscriptions, by name.
pub(crate) fn list(conn: &Connection, user: UserId) -> Result<Vec<Subscription>, ApiError> {
    let mut statement = conn.prepare_cached(
        "SELECT group_name, event_types, created_at FROM app_sse_subscription
         WHERE user_id = ?1 AND status = 1 ORDER BY group_name",
    )?;
    let rows = statement.query_map([user], |row| {
        let types: Option<String> = row.get(1)?;
        Ok(Subscription {
            group: row.get(0)?,
            event_types: types.map(|types| types.split(',').map(str::to_owned).collect()),
            created_at: Millis(row.get(2)?).rfc3339(),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The users subscribed to a group.
pub(crate) fn members(conn: &Connection, group: &str) -> Result<Vec<UserId>, ApiError> {
    let mut statement = conn.prepare_cached(
        "SELECT user_id FROM app_sse_subscription
         WHERE group_name = ?1 AND status = 1 ORDER BY user_id",
    )?;
    let ids = statement.query_map([group], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}
