-- Pages of promises are found by the first letters of their names, as links in
-- texts have room for few.

-- +goose Up
CREATE INDEX callback_short ON callback (substr(id, 1, 8));

-- +goose Down
DROP INDEX callback_short;
