-- What is measured: what people were told and what was true, what is known of
-- each queue just now, and counts of which figures are made.

-- +goose Up
CREATE TABLE told (
    id       {{text}}  NOT NULL PRIMARY KEY,
    queue    {{text}}  NOT NULL,
    at       {{int64}} NOT NULL,
    ahead    {{int64}} NOT NULL,
    mean     {{int64}} NOT NULL,
    bound    {{int64}} NOT NULL,
    until    {{int64}} NOT NULL,
    ended_at {{int64}} NOT NULL,
    how      {{text}}  NOT NULL
) {{strict}};
CREATE INDEX told_at ON told (at);

-- The last column counts millionths of people.
CREATE TABLE running (
    queue   {{text}}  NOT NULL PRIMARY KEY,
    talk    {{int64}} NOT NULL,
    talks   {{int64}} NOT NULL,
    writing {{int64}} NOT NULL,
    writes  {{int64}} NOT NULL,
    waited  {{int64}} NOT NULL,
    gave_up {{int64}} NOT NULL
) {{strict}};

-- Since is the beginning of the day, or of the quarter of an hour, that was counted.
CREATE TABLE measure (
    queue {{text}}  NOT NULL,
    name  {{text}}  NOT NULL,
    since {{int64}} NOT NULL,
    n     {{int64}} NOT NULL,
    ms    {{int64}} NOT NULL,
    PRIMARY KEY (queue, name, since)
) {{strict}};
CREATE INDEX measure_sum ON measure (since, queue, name, n, ms);

-- +goose Down
DROP TABLE measure;
DROP TABLE running;
DROP TABLE told;
