-- Who may use the pages.

-- +goose Up
CREATE TABLE account (
    name       {{text}} NOT NULL PRIMARY KEY,
    role       {{text}} NOT NULL,
    agent      {{text}} NOT NULL,
    hash       {{text}} NOT NULL,
    off        INTEGER  NOT NULL CHECK (off IN (0, 1)),
    created_at {{int64}} NOT NULL,
    changed_at {{int64}} NOT NULL
) {{strict}};

-- Tokens are kept as hashes only: what is stored opens nothing.
CREATE TABLE account_session (
    hash     {{text}} NOT NULL PRIMARY KEY,
    account  {{text}} NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    began_at {{int64}} NOT NULL,
    seen_at  {{int64}} NOT NULL,
    origin   {{text}} NOT NULL
) {{strict}};
CREATE INDEX account_session_of ON account_session (account);
CREATE INDEX account_session_seen ON account_session (seen_at);

CREATE TABLE account_link (
    hash    {{text}} NOT NULL PRIMARY KEY,
    account {{text}} NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    until   {{int64}} NOT NULL
) {{strict}};

-- A public key of a device, or a person at a provider, by which an account
-- signs in.
CREATE TABLE account_proof (
    kind    {{text}} NOT NULL,
    id      {{text}} NOT NULL,
    account {{text}} NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    name    {{text}} NOT NULL,
    data    {{text}} NOT NULL,
    made_at {{int64}} NOT NULL,
    used_at {{int64}} NOT NULL,
    PRIMARY KEY (kind, id)
) {{strict}};
CREATE INDEX account_proof_of ON account_proof (account);

-- +goose Down
DROP TABLE account_proof;
DROP TABLE account_link;
DROP TABLE account_session;
DROP TABLE account;
