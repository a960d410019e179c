-- The texts of menus, which of them is live, and what callers did in them.

-- +goose Up
CREATE TABLE menu_version (
    menu    {{text}} NOT NULL,
    version {{text}} NOT NULL,
    source  {{text}} NOT NULL,
    used_at {{int64}} NOT NULL,
    PRIMARY KEY (menu, version)
) {{strict}};

-- A share of the callers, in percent, may be on trial with another version.
CREATE TABLE menu_live (
    menu    {{text}} NOT NULL PRIMARY KEY,
    version {{text}} NOT NULL,
    trial   {{text}} NOT NULL,
    share   {{int64}} NOT NULL CHECK (share BETWEEN 0 AND 99)
) {{strict}};

-- What callers did, counted when a talk is over.
CREATE TABLE tally (
    menu    {{text}} NOT NULL,
    version {{text}} NOT NULL,
    hour    {{int64}} NOT NULL,
    node    {{text}} NOT NULL,
    way     {{text}} NOT NULL,
    n       {{int64}} NOT NULL,
    ms      {{int64}} NOT NULL,
    PRIMARY KEY (menu, version, hour, node, way)
) {{strict}};
CREATE INDEX tally_hour ON tally (hour);

CREATE INDEX journal_menu ON journal (seq) WHERE kind >= 'menu.' AND kind < 'menu/';

ALTER TABLE talk ADD COLUMN version {{text}} NOT NULL DEFAULT '';
ALTER TABLE talk ADD COLUMN walk {{text}} NOT NULL DEFAULT 'null';

-- +goose Down
ALTER TABLE talk DROP COLUMN walk;
ALTER TABLE talk DROP COLUMN version;
DROP INDEX journal_menu;
DROP TABLE tally;
DROP TABLE menu_live;
DROP TABLE menu_version;
