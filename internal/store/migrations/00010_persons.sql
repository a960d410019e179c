-- Whom a person speaks with just now, on any line; and which contacts were
-- answered by somebody, so that it is told after which of them nobody had to
-- come back.

-- +goose Up
CREATE INDEX talk_live ON talk (phone) WHERE closed = 0 AND line <> 'text';

ALTER TABLE contact ADD COLUMN agent {{text}} NOT NULL DEFAULT '';
ALTER TABLE contact ADD COLUMN spoke_at {{int64}} NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE contact DROP COLUMN spoke_at;
ALTER TABLE contact DROP COLUMN agent;
DROP INDEX talk_live;
