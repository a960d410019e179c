-- What agents ask of the process that carries their call, when another one
-- shows their page.

-- +goose Up
CREATE TABLE errand (
    id    {{text}}  NOT NULL PRIMARY KEY,
    boot  {{text}}  NOT NULL,
    agent {{text}}  NOT NULL,
    talk  {{text}}  NOT NULL,
    deed  {{text}}  NOT NULL,
    place {{text}}  NOT NULL,
    at    {{int64}} NOT NULL,
    state {{text}}  NOT NULL
) {{strict}};
CREATE INDEX errand_of ON errand (state, boot);
CREATE INDEX errand_at ON errand (at);

-- +goose Down
DROP TABLE errand;
