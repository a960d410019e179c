-- Customers whom we have called wait on the line before everybody else.

-- +goose Up
ALTER TABLE waiter ADD COLUMN called INTEGER NOT NULL DEFAULT 0 CHECK (called IN (0, 1));

-- +goose Down
ALTER TABLE waiter DROP COLUMN called;
