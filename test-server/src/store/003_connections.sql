-- The open streams of all servers that share one log; empty where a server is alone.
CREATE TABLE app_sse_connection (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    server      TEXT NOT NULL,
    user_id     INTEGER NOT NULL REFERENCES users (id),
    client_id   TEXT,
    came_with   TEXT,
    only_group  TEXT,
    event_types TEXT,
    created_at  INTEGER NOT NULL
);
CREATE INDEX app_sse_connection_by_user ON app_sse_connection (user_id, seq);
CREATE INDEX app_sse_connection_by_server ON app_sse_connection (server);
