CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE users (
    id            INTEGER PRIMARY KEY,
    email         TEXT NOT NULL UNIQUE COLLATE NOCASE,
    name          TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('admin', 'user')),
    password_hash TEXT NOT NULL
);

CREATE TABLE chats (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

-- `since` is where the log ended when the member joined: what was sent before
-- was not for them, so it is not replayed to them either.
CREATE TABLE chat_members (
    chat_id INTEGER NOT NULL REFERENCES chats (id),
    user_id INTEGER NOT NULL REFERENCES users (id),
    since   INTEGER NOT NULL,
    PRIMARY KEY (chat_id, user_id)
) WITHOUT ROWID;
CREATE INDEX chat_members_by_user ON chat_members (user_id, chat_id, since);

CREATE TABLE messages (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id    INTEGER NOT NULL REFERENCES chats (id),
    sender_id  INTEGER NOT NULL REFERENCES users (id),
    content    TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    client_ref TEXT
);
CREATE INDEX messages_by_chat ON messages (chat_id, id);

-- The log. AUTOINCREMENT: a position is never given out twice, also after the
-- newest rows were cleared. Times are milliseconds since 1970.
CREATE TABLE app_sse_message (
    position      INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id      TEXT NOT NULL UNIQUE,
    event_type    TEXT NOT NULL,
    receiver_type TEXT NOT NULL CHECK (receiver_type IN ('user', 'client', 'group')),
    receiver_id   INTEGER,
    group_name    TEXT,
    priority      INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 2),
    data          TEXT NOT NULL,
    status        INTEGER NOT NULL CHECK (status BETWEEN 0 AND 2),
    expire_at     INTEGER,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
);
CREATE INDEX app_sse_message_by_user ON app_sse_message (receiver_id, position)
    WHERE receiver_type = 'user';
CREATE INDEX app_sse_message_by_group ON app_sse_message (group_name, position)
    WHERE receiver_type = 'group';

CREATE TABLE app_sse_subscription (
    user_id     INTEGER NOT NULL REFERENCES users (id),
    group_name  TEXT NOT NULL,
    event_types TEXT,
    status      INTEGER NOT NULL,
    since       INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    PRIMARY KEY (user_id, group_name)
) WITHOUT ROWID;
CREATE INDEX app_sse_subscription_by_group ON app_sse_subscription (group_name, user_id);
