-- How often a message was sent and nobody knew whether it had left.

-- +goose Up
ALTER TABLE outbox ADD COLUMN unclear {{int64}} NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE outbox DROP COLUMN unclear;
