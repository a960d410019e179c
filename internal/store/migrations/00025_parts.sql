-- What is counted by topic, language, agent and hour; which matters have been
-- counted that rested for a week; why promises were not kept; and what people
-- changed.

-- +goose Up
CREATE TABLE part (
    kind  {{text}}  NOT NULL,
    value {{text}}  NOT NULL,
    queue {{text}}  NOT NULL,
    name  {{text}}  NOT NULL,
    since {{int64}} NOT NULL,
    n     {{int64}} NOT NULL,
    ms    {{int64}} NOT NULL,
    PRIMARY KEY (kind, since, queue, value, name)
) {{strict}};
CREATE INDEX part_sum ON part (kind, since, queue, value, name, n, ms);

-- 0: not counted yet, 1: solved, 2: the customer came again.
ALTER TABLE callback ADD COLUMN settled {{int64}} NOT NULL DEFAULT 0;
ALTER TABLE contact ADD COLUMN settled {{int64}} NOT NULL DEFAULT 0;
CREATE INDEX callback_unsettled ON callback (state, settled, updated_at) WHERE state = 'done' AND settled = 0;
CREATE INDEX contact_unsettled ON contact (settled, spoke_at) WHERE spoke_at > 0 AND settled = 0;
CREATE INDEX contact_solved ON contact (at, spoke_at, queue, agent, settled) WHERE settled > 0;

-- Answers of before are counted by the day of the world's clock.
INSERT INTO measure (queue, name, since, n, ms)
    SELECT queue, 'said ' || question || ' ' || CAST(value AS TEXT), at - at % 86400000, COUNT(*), 0
    FROM score GROUP BY queue, question, value, at - at % 86400000;
INSERT INTO part (kind, value, queue, name, since, n, ms)
    SELECT 'agent', agent, queue, 'said ' || question || ' ' || CAST(value AS TEXT), at - at % 86400000, COUNT(*), 0
    FROM score WHERE agent <> '' GROUP BY agent, queue, question, value, at - at % 86400000;

CREATE INDEX journal_missed ON journal (at, seq) WHERE kind = 'promise.missed';
CREATE INDEX journal_people ON journal (seq)
    WHERE actor NOT IN ('', 'caller', 'customer', 'desk', 'scheduler', 'carrier', 'webhooks') AND kind NOT LIKE 'talk.%';

-- +goose Down
DROP INDEX journal_people;
DROP INDEX journal_missed;
DELETE FROM measure WHERE name LIKE 'said %';
DROP INDEX contact_solved;
DROP INDEX contact_unsettled;
DROP INDEX callback_unsettled;
ALTER TABLE contact DROP COLUMN settled;
ALTER TABLE callback DROP COLUMN settled;
DROP TABLE part;
