-- What is remembered between the two halves of signing in with a passkey, or
-- at a provider.

-- +goose Up
CREATE TABLE account_try (
    hash  {{text}} NOT NULL PRIMARY KEY,
    data  {{text}} NOT NULL,
    until {{int64}} NOT NULL
) {{strict}};
CREATE INDEX account_try_until ON account_try (until);

-- +goose Down
DROP TABLE account_try;
