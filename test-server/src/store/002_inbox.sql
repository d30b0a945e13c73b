-- What is urgent is looked for ahead of the rest.
CREATE INDEX app_sse_message_raised_by_user ON app_sse_message (receiver_id, position)
    WHERE receiver_type = 'user' AND priority > 0;
CREATE INDEX app_sse_message_raised_by_group ON app_sse_message (group_name, position)
    WHERE receiver_type = 'group' AND priority > 0;
CREATE INDEX app_sse_message_by_expiry ON app_sse_message (expire_at)
    WHERE expire_at IS NOT NULL;
CREATE INDEX app_sse_message_waiting ON app_sse_message (receiver_id, priority, position)
    WHERE receiver_type = 'user' AND status = 0;

-- What a user has read of what was sent to a group; their own rows have `status`.
CREATE TABLE app_sse_read (
    user_id  INTEGER NOT NULL REFERENCES users (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (user_id, position)
) WITHOUT ROWID;

-- `read_up_to`: all up to here was read. `trimmed_to`: up to here, something
-- that waited was dropped because too much did.
CREATE TABLE app_sse_inbox (
    user_id    INTEGER PRIMARY KEY REFERENCES users (id),
    read_up_to INTEGER NOT NULL DEFAULT 0,
    trimmed_to INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE app_sse_send (
    sender_id       INTEGER NOT NULL REFERENCES users (id),
    idempotency_key TEXT NOT NULL,
    fingerprint     TEXT NOT NULL,
    event_id        TEXT NOT NULL,
    persisted       INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (sender_id, idempotency_key)
) WITHOUT ROWID;
CREATE INDEX app_sse_send_by_age ON app_sse_send (created_at);
