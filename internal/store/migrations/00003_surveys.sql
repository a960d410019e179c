-- Surveys, what was answered, and who agreed to be asked.

-- +goose Up
-- One open question for each person: else an answer of 1 could mean two things.
UPDATE talk SET closed = 1 WHERE line = 'text' AND closed = 0 AND seq < (
    SELECT MAX(later.seq) FROM talk AS later
    WHERE later.line = 'text' AND later.closed = 0 AND later.phone = talk.phone);
CREATE UNIQUE INDEX talk_question ON talk (phone) WHERE closed = 0 AND line = 'text';

CREATE TABLE survey (
    talk         {{text}} NOT NULL PRIMARY KEY,
    callback     {{text}} NOT NULL,
    call         {{text}} NOT NULL,
    queue        {{text}} NOT NULL,
    agent        {{text}} NOT NULL,
    topic        {{text}} NOT NULL,
    phone        {{text}} NOT NULL,
    menu         {{text}} NOT NULL,
    version      {{text}} NOT NULL,
    asked_at     {{int64}} NOT NULL,
    sent_at      {{int64}} NOT NULL,
    delivered_at {{int64}} NOT NULL,
    answered_at  {{int64}} NOT NULL,
    stopped_at   {{int64}} NOT NULL
) {{strict}};
CREATE INDEX survey_asked ON survey (asked_at);
CREATE INDEX survey_phone ON survey (phone, asked_at);

-- The score that counts; what was said before stands in the journal.
CREATE TABLE score (
    talk     {{text}} NOT NULL,
    question {{text}} NOT NULL,
    value    {{int64}} NOT NULL,
    words    {{text}} NOT NULL,
    queue    {{text}} NOT NULL,
    agent    {{text}} NOT NULL,
    at       {{int64}} NOT NULL,
    PRIMARY KEY (talk, question)
) {{strict}};
CREATE INDEX score_at ON score (at);

CREATE TABLE consent (
    phone   {{text}} NOT NULL PRIMARY KEY,
    given   INTEGER  NOT NULL CHECK (given IN (0, 1)),
    at      {{int64}} NOT NULL,
    talk    {{text}} NOT NULL,
    line    {{text}} NOT NULL,
    version {{text}} NOT NULL
) {{strict}};

-- +goose Down
DROP TABLE consent;
DROP TABLE score;
DROP TABLE survey;
DROP INDEX talk_question;
