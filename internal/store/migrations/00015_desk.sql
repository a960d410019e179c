-- What was done last with a callback at the desk, so that it can be undone; and
-- what an agent reads of the past of a person.

-- +goose Up
CREATE TABLE undo (
    callback {{text}} NOT NULL PRIMARY KEY,
    mark     {{text}} NOT NULL,
    deed     {{text}} NOT NULL,
    actor    {{text}} NOT NULL,
    version  {{int64}} NOT NULL,
    back     INTEGER  NOT NULL CHECK (back IN (0, 1)),
    at       {{int64}} NOT NULL,
    was      {{text}} NOT NULL,
    messages {{text}} NOT NULL
) {{strict}};
CREATE INDEX undo_at ON undo (at);
CREATE INDEX journal_callback ON journal (callback, seq) WHERE callback <> '';
CREATE INDEX journal_task ON journal (at) WHERE kind = 'task';
CREATE INDEX talk_phone ON talk (phone, seq) WHERE phone <> '';
CREATE INDEX inbox_sender ON inbox (sender, seq);

-- +goose Down
DROP INDEX inbox_sender;
DROP INDEX talk_phone;
DROP INDEX journal_task;
DROP INDEX journal_callback;
DROP TABLE undo;
