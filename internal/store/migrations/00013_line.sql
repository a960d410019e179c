-- Callers who stand in line, promises that keep a place in it, and why an agent
-- takes no calls.

-- +goose Up
CREATE TABLE waiter (
    talk  {{text}}  NOT NULL PRIMARY KEY,
    queue {{text}}  NOT NULL,
    phone {{text}}  NOT NULL,
    place {{int64}} NOT NULL,
    came  {{int64}} NOT NULL,
    seen  {{int64}} NOT NULL,
    ready INTEGER   NOT NULL CHECK (ready IN (0, 1)),
    boot  {{text}}  NOT NULL
) {{strict}};
CREATE INDEX waiter_line ON waiter (queue, place, talk);

ALTER TABLE callback ADD COLUMN place {{int64}} NOT NULL DEFAULT 0;
CREATE INDEX callback_place ON callback (queue, place) WHERE place > 0 AND state IN ('booked', 'retry_wait');

ALTER TABLE status ADD COLUMN reason {{text}} NOT NULL DEFAULT '';
ALTER TABLE status ADD COLUMN next {{text}} NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE status DROP COLUMN next;
ALTER TABLE status DROP COLUMN reason;
DROP INDEX callback_place;
ALTER TABLE callback DROP COLUMN place;
DROP TABLE waiter;
