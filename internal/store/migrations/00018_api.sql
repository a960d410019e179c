-- Programs that ask us, and those that we tell.

-- +goose Up
CREATE TABLE api_key (
    id         {{text}} NOT NULL PRIMARY KEY,
    name       {{text}} NOT NULL,
    hash       {{text}} NOT NULL UNIQUE,
    scopes     {{text}} NOT NULL,
    made_by    {{text}} NOT NULL,
    made_at    {{int64}} NOT NULL,
    used_at    {{int64}} NOT NULL,
    revoked_at {{int64}} NOT NULL
) {{strict}};

-- What a request was told, so that the same request is told the same.
CREATE TABLE api_answer (
    owner  {{text}} NOT NULL,
    idem   {{text}} NOT NULL,
    digest {{text}} NOT NULL,
    status INTEGER  NOT NULL,
    type   {{text}} NOT NULL,
    body   {{text}} NOT NULL,
    at     {{int64}} NOT NULL,
    PRIMARY KEY (owner, idem)
) {{strict}};
CREATE INDEX api_answer_at ON api_answer (at);

-- How far the journal was read for webhooks, and who does not take them.
CREATE TABLE hook (
    name          {{text}} NOT NULL PRIMARY KEY,
    seq           {{int64}} NOT NULL,
    failing_since {{int64}} NOT NULL,
    disabled_at   {{int64}} NOT NULL
) {{strict}};

CREATE TABLE hook_delivery (
    id       {{text}} NOT NULL PRIMARY KEY,
    hook     {{text}} NOT NULL,
    seq      {{int64}} NOT NULL,
    kind     {{text}} NOT NULL,
    callback {{text}} NOT NULL,
    phone    {{text}} NOT NULL,
    body     {{text}} NOT NULL,
    made_at  {{int64}} NOT NULL,
    due_at   {{int64}} NOT NULL,
    lease    {{int64}} NOT NULL,
    tries    INTEGER  NOT NULL,
    done_at  {{int64}} NOT NULL,
    status   INTEGER  NOT NULL,
    err      {{text}} NOT NULL
) {{strict}};
CREATE INDEX hook_delivery_due ON hook_delivery (due_at) WHERE done_at = 0;
CREATE INDEX hook_delivery_log ON hook_delivery (hook, seq);
CREATE INDEX hook_delivery_done ON hook_delivery (done_at);

-- +goose Down
DROP TABLE hook_delivery;
DROP TABLE hook;
DROP TABLE api_answer;
DROP TABLE api_key;
