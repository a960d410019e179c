-- What is counted by agent, topic and so on is added up in the order of an
-- index: sorting a quarter of a year first took most of the time of a report.

-- +goose Up
DROP INDEX part_sum;
CREATE INDEX part_values ON part (kind, value, name, since, queue, n, ms);

-- +goose Down
DROP INDEX part_values;
CREATE INDEX part_sum ON part (kind, since, queue, value, name, n, ms);
