-- How often a customer has moved a promise; and who got in touch with us, and
-- about what, by which it is told after which calls nobody had to.

-- +goose Up
ALTER TABLE callback ADD COLUMN moves {{int64}} NOT NULL DEFAULT 0;

CREATE TABLE contact (
    id    {{text}} NOT NULL PRIMARY KEY,
    phone {{text}} NOT NULL,
    queue {{text}} NOT NULL,
    topic {{text}} NOT NULL,
    at    {{int64}} NOT NULL
) {{strict}};
CREATE INDEX contact_phone ON contact (phone, at);
CREATE INDEX contact_at ON contact (at);

-- +goose Down
DROP TABLE contact;
ALTER TABLE callback DROP COLUMN moves;
