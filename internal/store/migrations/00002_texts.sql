-- What carriers tell of texts that left.

-- +goose Up
ALTER TABLE outbox ADD COLUMN ref {{text}} NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN receipt {{text}} NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN receipt_at {{int64}} NOT NULL DEFAULT 0;
CREATE INDEX outbox_ref ON outbox (ref) WHERE ref <> '';

-- +goose Down
DROP INDEX outbox_ref;
ALTER TABLE outbox DROP COLUMN receipt_at;
ALTER TABLE outbox DROP COLUMN receipt;
ALTER TABLE outbox DROP COLUMN ref;
