-- When the client says that it asked, in milliseconds of Unix time: see `Conn::was_overtaken_by`.
ALTER TABLE app_sse_connection ADD COLUMN asked_at INTEGER;
