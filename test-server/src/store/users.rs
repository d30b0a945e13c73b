//! Who can log in.

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::{error::ApiError, ids::UserId};

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    Admin,
    User,
}

/// A user, as login answers it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct User {
    pub(crate) id: UserId,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) role: Role,
}

/// Argon2id of `password`. These users exist so that a newcomer can log in at
/// once; the hash is made beforehand so that a first start is quick.
pub(crate) const SEED_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$cQQXbgX5k+eUXqgbKBeqgw$WZXSDsG/wfuEezWy6hY4ClTtHV6nx76nsImDYEmeQ3w";

const SEED: [(i64, &str, &str, &str); 4] = [
    (1, "super@test.com", "Super", "admin"),
    (2, "test@example.com", "Test", "user"),
    (3, "alice@test.com", "Alice", "user"),
    (4, "bob@test.com", "Bob", "user"),
];

pub(super) fn seed(conn: &Connection) -> rusqlite::Result<()> {
    for (id, email, name, role) in SEED {
        conn.execute(
            "INSERT INTO users (id, email, name, role, password_hash) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id, email, name, role, SEED_HASH],
        )?;
    }
    Ok(())
}

pub(crate) fn by_email(conn: &Connection, email: &str) -> Result<Option<(User, String)>, ApiError> {
    let found = conn
        .query_row(
            "SELECT id, email, name, role, password_hash FROM users WHERE email = ?1",
            [email],
            |row| Ok((user(row)?, row.get(4)?)),
        )
        .optional()?;
    Ok(found)
}

pub(crate) fn by_id(conn: &Connection, id: UserId) -> Result<Option<User>, ApiError> {
    let found = conn
        .query_row(
            "SELECT id, email, name, role FROM users WHERE id = ?1",
            [id],
            user,
        )
        .optional()?;
    Ok(found)
}

fn user(row: &rusqlite::Row<'_>) -> rusqlite::Result<User> {
    let role: String = row.get(3)?;
    Ok(User {
        id: row.get(0)?,
        email: row.get(1)?,
        name: row.get(2)?,
        role: if role == "admin" {
            Role::Admin
        } else {
            Role::User
        },
    })
}
