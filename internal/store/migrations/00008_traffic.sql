-- What is added up over many hours is read from this index alone, in its order.

-- +goose Up
CREATE INDEX tally_sum ON tally (menu, version, node, way, hour, n, ms);

-- +goose Down
DROP INDEX tally_sum;
