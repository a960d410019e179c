-- Which customers were rung before an agent: no agent need be kept for them.

-- +goose Up
ALTER TABLE attempt ADD COLUMN first INTEGER NOT NULL DEFAULT 0;
UPDATE attempt SET first = 1 WHERE leg = 'customer' AND agent <> '';

-- +goose Down
ALTER TABLE attempt DROP COLUMN first;
