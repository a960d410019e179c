-- Whether a call at a carrier is one of ours.

-- +goose Up
CREATE INDEX attempt_provider ON attempt (provider) WHERE provider <> '';

-- +goose Down
DROP INDEX attempt_provider;
