-- What agents say of their days. Who was asked is known by the day, and nobody
-- can tell from it who answered what.

-- +goose Up
CREATE TABLE pulse_asked (
    agent {{text}}  NOT NULL PRIMARY KEY,
    day   {{int64}} NOT NULL
) {{strict}};

CREATE TABLE pulse (
    week  {{int64}} NOT NULL,
    score {{int64}} NOT NULL CHECK (score BETWEEN 1 AND 5),
    n     {{int64}} NOT NULL,
    PRIMARY KEY (week, score)
) {{strict}};

CREATE TABLE pulse_word (
    week  {{int64}} NOT NULL,
    words {{text}}  NOT NULL,
    PRIMARY KEY (week, words)
) {{strict}};

-- +goose Down
DROP TABLE pulse_word;
DROP TABLE pulse;
DROP TABLE pulse_asked;
