-- What several processes must know together: how often strangers have tried,
-- and the links that calendars follow.

-- +goose Up
-- A limit is the microsecond at which it is full again. Its name is a hash. On
-- SQLite a process is alone with its database, and keeps this in its memory.
CREATE {{fleeting}} TABLE allowance (
    name    {{text}}  NOT NULL PRIMARY KEY,
    full_at {{int64}} NOT NULL
) {{strict}};
CREATE INDEX allowance_full ON allowance (full_at);

CREATE TABLE account_feed (
    id       {{text}}  NOT NULL PRIMARY KEY,
    hash     {{text}}  NOT NULL UNIQUE,
    agent    {{text}}  NOT NULL,
    label    {{text}}  NOT NULL,
    made_by  {{text}}  NOT NULL,
    made_at  {{int64}} NOT NULL,
    used_at  {{int64}} NOT NULL,
    until    {{int64}} NOT NULL,
    ended_at {{int64}} NOT NULL,
    ended_by {{text}}  NOT NULL
) {{strict}};
CREATE INDEX account_feed_agent ON account_feed (agent, made_at);

-- +goose Down
DROP TABLE account_feed;
DROP TABLE allowance;
