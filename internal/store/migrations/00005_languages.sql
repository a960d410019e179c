-- +goose Up
-- Which language a person chose.
CREATE TABLE speaker (
    phone {{text}} NOT NULL PRIMARY KEY,
    lang  {{text}} NOT NULL,
    at    {{int64}} NOT NULL
) {{strict}};

-- +goose Down
DROP TABLE speaker;
