-- Callbacks in the order in which they were made, for programs that copy them.

-- +goose Up
CREATE INDEX callback_made ON callback (created_at, id);

-- +goose Down
DROP INDEX callback_made;
