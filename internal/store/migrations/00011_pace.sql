-- How fast all processes together do something: until when that is used up.

-- +goose Up
CREATE TABLE pace (
    name  {{text}}  NOT NULL PRIMARY KEY,
    until {{int64}} NOT NULL
) {{strict}};

-- +goose Down
DROP TABLE pace;
