//! Chats, their members and their messages.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::{
    audience::Audience,
    clock::Millis,
    effect::Effect,
    error::ApiError,
    event::Priority,
    ids::{ChatId, MessageId, UserId},
    store::{Change, Write, log::NewEvent},
};

/// A chat, as a member sees it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Chat {
    pub(crate) id: ChatId,
    pub(crate) name: String,
    pub(crate) members: Vec<UserId>,
}

/// A message of a chat.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Message {
    pub(crate) id: MessageId,
    pub(crate) chat_id: ChatId,
    pub(crate) sender_id: UserId,
    pub(crate) content: String,
    pub(crate) created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_ref: Option<String>,
}

/// The members of a chat, as a group of the log.
pub(crate) fn audience(chat: ChatId) -> Arc<str> {
    format!("chat:{chat}").into()
}

pub(super) fn seed(conn: &Connection) -> rusqlite::Result<()> {
    let chats: [(i64, &str, &[i64]); 3] = [
        (1, "General", &[1, 2, 3, 4]),
        (2, "Alice and Bob", &[3, 4]),
        (3, "Support", &[1, 2]),
    ];
    for (id, name, members) in chats {
        conn.execute(
            "INSERT INTO chats (id, name, created_at) VALUES (?1, ?2, ?3)",
            params![id, name, Millis::now().0],
        )?;
        for member in members {
            conn.execute(
                "INSERT INTO chat_members (chat_id, user_id, since) VALUES (?1, ?2, 0)",
                params![id, member],
            )?;
        }
    }
    Ok(())
}

/// The chats of a user, by id.
pub(crate) fn of_user(conn: &Connection, user: UserId) -> Result<Vec<Chat>, ApiError> {
    let mut statement = conn.prepare_cached(
        "SELECT id, name FROM chats
         WHERE id IN (SELECT chat_id FROM chat_members WHERE user_id = ?1) ORDER BY id",
    )?;
    let rows = statement.query_map([user], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut chats = Vec::new();
    for row in rows {
        let (id, name) = row?;
        let members = members(conn, id)?;
        chats.push(Chat { id, name, members });
    }
    Ok(chats)
}

/// The ids of a user's chats, by id.
pub(crate) fn ids_of_user(conn: &Connection, user: UserId) -> Result<Vec<ChatId>, ApiError> {
    let mut statement = conn
        .prepare_cached("SELECT chat_id FROM chat_members WHERE user_id = ?1 ORDER BY chat_id")?;
    let ids = statement.query_map([user], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

fn members(conn: &Connection, chat: ChatId) -> Result<Vec<UserId>, ApiError> {
    let mut statement = conn
        .prepare_cached("SELECT user_id FROM chat_members WHERE chat_id = ?1 ORDER BY user_id")?;
    let ids = statement.query_map([chat], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Whether there is such a chat.
pub(crate) fn exists(conn: &Connection, chat: ChatId) -> Result<bool, ApiError> {
    let exists = conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM chats WHERE id = ?1)")?
        .query_row([chat], |row| row.get(0))?;
    Ok(exists)
}

/// A chat that `user` is a member of; to anyone else it does not exist.
pub(crate) fn visible(conn: &Connection, chat: ChatId, user: UserId) -> Result<Chat, ApiError> {
    let name = conn
        .prepare_cached(
            "SELECT name FROM chats JOIN chat_members ON chat_id = id
             WHERE id = ?1 AND user_id = ?2",
        )?
        .query_row(params![chat, user], |row| row.get(0))
        .optional()?
        .ok_or_else(|| ApiError::not_found("There is no such chat among yours."))?;
    Ok(Chat {
        id: chat,
        name,
        members: members(conn, chat)?,
    })
}

/// Makes a chat of `creator` and `others`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Create {
    pub(crate) creator: UserId,
    pub(crate) name: String,
    pub(crate) others: Vec<UserId>,
}

impl Change for Create {
    type Answer = Chat;

    fn apply(self, write: &mut Write<'_>) -> Result<Chat, ApiError> {
        write.conn().execute(
            "INSERT INTO chats (name, created_at) VALUES (?1, ?2)",
            params![self.name, write.now().0],
        )?;
        let chat = ChatId(write.conn().last_insert_rowid());
        add_member(write, chat, self.creator)?;
        for other in self.others {
            add_member(write, chat, other)?;
        }
        visible(write.conn(), chat, self.creator)
    }
}

/// Adds members to a chat that `by` is a member of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AddMembers {
    pub(crate) chat: ChatId,
    pub(crate) by: UserId,
    pub(crate) members: Vec<UserId>,
}

impl Change for AddMembers {
    type Answer = Chat;

    fn apply(self, write: &mut Write<'_>) -> Result<Chat, ApiError> {
        visible(write.conn(), self.chat, self.by)?;
        for member in self.members {
            add_member(write, self.chat, member)?;
        }
        visible(write.conn(), self.chat, self.by)
    }
}

/// What is sent to the chat from now on is theirs too.
fn add_member(write: &mut Write<'_>, chat: ChatId, user: UserId) -> Result<(), ApiError> {
    let known: bool = write.conn().query_row(
        "SELECT EXISTS (SELECT 1 FROM users WHERE id = ?1)",
        [user],
        |row| row.get(0),
    )?;
    if !known {
        let message = format!("There is no user {user}.");
        return Err(ApiError::invalid("unknown_user", message));
    }
    let since = i64::try_from(write.last()).unwrap_or(i64::MAX);
    let added = write.conn().execute(
        "INSERT OR IGNORE INTO chat_members (chat_id, user_id, since) VALUES (?1, ?2, ?3)",
        params![chat, user, since],
    )?;
    if added > 0 {
        write.effect(Effect::Join(user, audience(chat), None));
    }
    Ok(())
}

/// What a member sends. It is stored with its `new_message` event for every member.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct NewMessage {
    pub(crate) chat: ChatId,
    pub(crate) sender: UserId,
    pub(crate) content: String,
    pub(crate) client_ref: Option<String>,
}

#[derive(Serialize)]
struct NewMessageEvent<'a> {
    r#type: &'static str,
    chat_id: ChatId,
    message: &'a Message,
}

impl Change for NewMessage {
    type Answer = Message;

    fn apply(self, write: &mut Write<'_>) -> Result<Message, ApiError> {
        let member: bool = write
            .conn()
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM chat_members WHERE chat_id = ?1 AND user_id = ?2)",
            )?
            .query_row(params![self.chat, self.sender], |row| row.get(0))?;
        if !member {
            return Err(ApiError::not_found("There is no such chat among yours."));
        }
        let now = write.now();
        write
            .conn()
            .prepare_cached(
                "INSERT INTO messages (chat_id, sender_id, content, created_at, client_ref)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                self.chat,
                self.sender,
                self.content,
                now.0,
                self.client_ref
            ])?;
        let message = Message {
            id: MessageId(write.conn().last_insert_rowid()),
            chat_id: self.chat,
            sender_id: self.sender,
            content: self.content,
            created_at: now.rfc3339(),
            client_ref: self.client_ref,
        };
        let event = NewMessageEvent {
            r#type: "new_message",
            chat_id: self.chat,
            message: &message,
        };
        write.append(NewEvent {
            audience: Audience::Group(audience(self.chat)),
            event_type: "new_message".into(),
            priority: Priority::Normal,
            data: serde_json::to_string(&event).map_err(ApiError::internal)?,
            expire_at: None,
        })?;
        Ok(message)
    }
}

/// The newest `limit` messages before `before`, oldest first.
pub(crate) fn messages(
    conn: &Connection,
    chat: ChatId,
    before: Option<MessageId>,
    limit: usize,
) -> Result<Vec<Message>, ApiError> {
    let mut statement = conn.prepare_cached(
        "SELECT id, chat_id, sender_id, content, created_at, client_ref FROM messages
         WHERE chat_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
    )?;
    let before = before.map_or(i64::MAX, |id| id.0);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![chat, before, limit], |row| {
        Ok(Message {
            id: row.get(0)?,
            chat_id: row.get(1)?,
            sender_id: row.get(2)?,
            content: row.get(3)?,
            created_at: Millis(row.get(4)?).rfc3339(),
            client_ref: row.get(5)?,
        })
    })?;
    let mut messages = rows.collect::<Result<Vec<_>, _>>()?;
    messages.reverse();
    Ok(messages)
}
