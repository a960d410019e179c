-- Whether the share of the callers that meet another text of a menu stands in
-- its file: such a trial ends when that line does, also while nothing runs.

-- +goose Up
ALTER TABLE menu_live ADD COLUMN in_file INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE menu_live DROP COLUMN in_file;
