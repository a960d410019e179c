-- Against abuse: who asked for a callback, whom each call rang and under which
-- number, and whether customers are dialled at all.

-- +goose Up
ALTER TABLE callback ADD COLUMN caller {{text}} NOT NULL DEFAULT '';
CREATE INDEX callback_caller ON callback (caller, created_at) WHERE caller <> '';

ALTER TABLE attempt ADD COLUMN phone {{text}} NOT NULL DEFAULT '';
ALTER TABLE attempt ADD COLUMN shown {{text}} NOT NULL DEFAULT '';
UPDATE attempt SET phone = (SELECT callback.phone FROM callback WHERE callback.id = attempt.callback)
    WHERE leg = 'customer' AND callback IS NOT NULL;
CREATE INDEX attempt_dialled ON attempt (intent_at, outcome) WHERE leg = 'customer';
CREATE INDEX attempt_phone ON attempt (phone, intent_at, outcome) WHERE leg = 'customer';
CREATE INDEX attempt_shown ON attempt (shown, intent_at, outcome) WHERE leg = 'customer';

CREATE TABLE dialing (
    id      INTEGER  NOT NULL PRIMARY KEY CHECK (id = 1),
    stopped INTEGER  NOT NULL CHECK (stopped IN (0, 1)),
    why     {{text}} NOT NULL,
    actor   {{text}} NOT NULL,
    at      {{int64}} NOT NULL
) {{strict}};

-- +goose Down
DROP TABLE dialing;
DROP INDEX attempt_shown;
DROP INDEX attempt_phone;
DROP INDEX attempt_dialled;
ALTER TABLE attempt DROP COLUMN shown;
ALTER TABLE attempt DROP COLUMN phone;
DROP INDEX callback_caller;
ALTER TABLE callback DROP COLUMN caller;
