-- When dialling that stopped by itself goes on by itself; 0 for not before
-- somebody says so.

-- +goose Up
ALTER TABLE dialing ADD COLUMN resumes_at {{int64}} NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE dialing DROP COLUMN resumes_at;
