//! Groups that a user subscribes to.

use std::collections::HashSet;

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use crate::{
    audience::DEFAULT,
    clock::Millis,
    effect::Effect,
    error::ApiError,
    ids::UserId,
    store::{Change, Write, log::signed},
};

/// A user's subscription.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Subscription {
    pub(crate) group: String,
    /// All types, if null.
    pub(crate) event_types: Option<Vec<String>>,
    pub(crate) created_at: String,
}

/// Most subscriptions of one user.
const MAX_GROUPS: usize = 200;

/// Subscribes, or changes the types of a subscription; open streams follow.
/// What is sent from now on is theirs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Subscribe {
    pub(crate) user: UserId,
    pub(crate) group: String,
    pub(crate) event_types: Option<Vec<String>>,
}

impl Change for Subscribe {
    type Answer = Vec<Subscription>;

    fn apply(self, write: &mut Write<'_>) -> Result<Vec<Subscription>, ApiError> {
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
                self.user,
                self.group,
                self.event_types.as_ref().map(|types| types.join(",")),
                signed(write.last()),
                write.now().0
            ])?;
        let all = list(write.conn(), self.user)?;
        if all.len() > MAX_GROUPS {
            let message = format!("A user has at most {MAX_GROUPS} subscriptions.");
            return Err(ApiError::invalid("too_many_subscriptions", message));
        }
        let filter = self.event_types.map(HashSet::from_iter);
        write.effect(Effect::Join(self.user, self.group.into(), filter));
        write.effect(Effect::Recount(Some(self.user)));
        Ok(all)
    }
}

/// Ends a subscription; says whether there was one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Unsubscribe {
    pub(crate) user: UserId,
    pub(crate) group: String,
}

impl Change for Unsubscribe {
    type Answer = bool;

    fn apply(self, write: &mut Write<'_>) -> Result<bool, ApiError> {
        let now = write.now().0;
        let changed = write
            .conn()
            .prepare_cached(
                "UPDATE app_sse_subscription SET status = 0, updated_at = ?3
                 WHERE user_id = ?1 AND group_name = ?2 AND status = 1",
            )?
            .execute(params![self.user, self.group, now])?;
        let mut was = changed > 0;
        if !was && self.group == DEFAULT {
            // Everybody is in it without a row, so leaving takes one.
            was = write.conn().execute(
                "INSERT OR IGNORE INTO app_sse_subscription
                    (user_id, group_name, status, since, created_at, updated_at)
                 VALUES (?1, ?2, 0, 0, ?3, ?3)",
                params![self.user, self.group, now],
            )? > 0;
        }
        if was {
            write.effect(Effect::Leave(self.user, self.group.into()));
            write.effect(Effect::Recount(Some(self.user)));
        }
        Ok(was)
    }
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
