-- Times are Unix milliseconds, UTC; 0 means never. An empty text means none.

-- +goose Up
CREATE TABLE talk (
    seq      {{pk}},
    id       {{text}} NOT NULL UNIQUE,
    line     {{text}} NOT NULL,
    phone    {{text}} NOT NULL,
    dialled  {{text}} NOT NULL,
    menu     {{text}} NOT NULL,
    queue    {{text}} NOT NULL,
    callback {{text}} NOT NULL,
    attempt  {{text}} NOT NULL,
    agent    {{text}} NOT NULL,
    closed   INTEGER  NOT NULL CHECK (closed IN (0, 1)),
    state    {{text}} NOT NULL,
    last     {{text}} NOT NULL,
    began_at {{int64}} NOT NULL,
    ended_at {{int64}} NOT NULL
) {{strict}};
CREATE INDEX talk_open ON talk (line, phone, seq) WHERE closed = 0;
CREATE INDEX talk_closed ON talk (began_at) WHERE closed = 1;

CREATE TABLE callback (
    id         {{text}} NOT NULL PRIMARY KEY,
    queue      {{text}} NOT NULL,
    phone      {{text}} NOT NULL,
    name       {{text}} NOT NULL,
    topic      {{text}} NOT NULL,
    lang       {{text}} NOT NULL,
    note       {{text}} NOT NULL,
    owner      {{text}} NOT NULL,
    agent      {{text}} NOT NULL,
    talk       {{text}} NOT NULL,
    state      {{text}} NOT NULL CHECK (state IN (
                   'held', 'booked', 'claimed', 'agent_ringing', 'agent_ready',
                   'customer_dialing', 'connected', 'wrapup', 'retry_wait', 'interrupted',
                   'done', 'expired', 'cancelled', 'failed')),
    at         {{int64}} NOT NULL,
    wall       {{text}} NOT NULL,
    zone       {{text}} NOT NULL,
    hold_until {{int64}} NOT NULL,
    due_at     {{int64}} NOT NULL,
    until      {{int64}} NOT NULL,
    attempts   {{int64}} NOT NULL CHECK (attempts >= 0),
    boot       {{text}} NOT NULL,
    version    {{int64}} NOT NULL,
    idem_key   {{text}} NOT NULL,
    created_at {{int64}} NOT NULL,
    updated_at {{int64}} NOT NULL,
    CHECK (state <> 'held' OR hold_until > 0),
    CHECK (state NOT IN ('booked', 'retry_wait') OR due_at > 0),
    CHECK (state NOT IN ('claimed', 'agent_ringing', 'agent_ready', 'customer_dialing', 'connected') OR boot <> '')
) {{strict}};
-- One open callback for each number and queue: pressing 1 twice cannot book twice.
-- Times that are only held while somebody confirms may be several.
CREATE UNIQUE INDEX callback_open ON callback (queue, phone)
    WHERE state NOT IN ('held', 'done', 'expired', 'cancelled', 'failed');
CREATE UNIQUE INDEX callback_key ON callback (idem_key) WHERE idem_key <> '';
CREATE INDEX callback_due ON callback (due_at, id) WHERE state IN ('booked', 'retry_wait');
CREATE INDEX callback_slot ON callback (queue, at);
CREATE INDEX callback_at ON callback (state, at);
CREATE INDEX callback_state ON callback (state, due_at, id);
CREATE INDEX callback_phone ON callback (phone);
CREATE INDEX callback_boot ON callback (boot) WHERE boot <> '';
CREATE INDEX callback_ended ON callback (updated_at)
    WHERE state IN ('done', 'expired', 'cancelled', 'failed');

-- A slot is the row on which bookers queue. Who has it is told by callback alone.
CREATE TABLE slot (
    queue     {{text}} NOT NULL,
    starts_at {{int64}} NOT NULL,
    capacity  {{int64}} NOT NULL CHECK (capacity >= 0),
    touched   {{int64}} NOT NULL,
    PRIMARY KEY (queue, starts_at)
) {{strict}};
CREATE INDEX slot_old ON slot (starts_at);

-- An attempt is committed before the INVITE or the REST call leaves.
CREATE TABLE attempt (
    ref         {{text}} NOT NULL PRIMARY KEY,
    callback    {{text}} REFERENCES callback (id) ON DELETE CASCADE,
    no          {{int64}} NOT NULL,
    leg         {{text}} NOT NULL CHECK (leg IN ('agent', 'customer')),
    agent       {{text}} NOT NULL,
    boot        {{text}} NOT NULL,
    provider    {{text}} NOT NULL,
    intent_at   {{int64}} NOT NULL,
    sent_at     {{int64}} NOT NULL,
    answered_at {{int64}} NOT NULL,
    ended_at    {{int64}} NOT NULL,
    outcome     {{text}} NOT NULL
) {{strict}};
CREATE UNIQUE INDEX attempt_no ON attempt (callback, no, leg);
CREATE INDEX attempt_lone ON attempt (intent_at) WHERE callback IS NULL;

CREATE TABLE outbox (
    seq        {{pk}},
    id         {{text}} NOT NULL UNIQUE,
    kind       {{text}} NOT NULL,
    dedupe_key {{text}} NOT NULL,
    addr       {{text}} NOT NULL,
    body       {{text}} NOT NULL,
    talk       {{text}} NOT NULL,
    callback   {{text}} NOT NULL,
    due_at     {{int64}} NOT NULL,
    until      {{int64}} NOT NULL,
    once       INTEGER  NOT NULL CHECK (once IN (0, 1)),
    tries      {{int64}} NOT NULL,
    boot       {{text}} NOT NULL,
    lease      {{int64}} NOT NULL,
    done_at    {{int64}} NOT NULL,
    status     {{text}} NOT NULL,
    err        {{text}} NOT NULL
) {{strict}};
CREATE UNIQUE INDEX outbox_key ON outbox (dedupe_key) WHERE dedupe_key <> '';
CREATE INDEX outbox_due ON outbox (due_at, seq) WHERE done_at = 0;
CREATE INDEX outbox_leased ON outbox (lease) WHERE done_at = 0 AND lease > 0;
CREATE INDEX outbox_addr ON outbox (addr, seq);
CREATE INDEX outbox_done ON outbox (done_at) WHERE done_at > 0;

-- What people wrote to us, so that a text which comes twice is taken once.
CREATE TABLE inbox (
    seq     {{pk}},
    line    {{text}} NOT NULL,
    id      {{text}} NOT NULL,
    sender  {{text}} NOT NULL,
    dialled {{text}} NOT NULL,
    body    {{text}} NOT NULL,
    at      {{int64}} NOT NULL
) {{strict}};
CREATE UNIQUE INDEX inbox_id ON inbox (line, id) WHERE id <> '';
CREATE INDEX inbox_at ON inbox (at);

CREATE TABLE status (
    agent   {{text}} NOT NULL PRIMARY KEY,
    state   {{text}} NOT NULL,
    ref     {{text}} NOT NULL,
    boot    {{text}} NOT NULL,
    since   {{int64}} NOT NULL,
    version {{int64}} NOT NULL
) {{strict}};

CREATE TABLE node (
    boot       {{text}} NOT NULL PRIMARY KEY,
    host       {{text}} NOT NULL,
    started_at {{int64}} NOT NULL,
    seen_at    {{int64}} NOT NULL,
    dead_at    {{int64}} NOT NULL
) {{strict}};

-- The key is the wall time of a firing, so that an hour that comes twice runs once.
CREATE TABLE cron_run (
    job         {{text}} NOT NULL,
    run_key     {{text}} NOT NULL,
    boot        {{text}} NOT NULL,
    started_at  {{int64}} NOT NULL,
    finished_at {{int64}} NOT NULL,
    PRIMARY KEY (job, run_key)
) {{strict}};
CREATE INDEX cron_run_last ON cron_run (job, started_at);

CREATE TABLE block (
    phone {{text}} NOT NULL,
    kind  {{text}} NOT NULL,
    until {{int64}} NOT NULL,
    PRIMARY KEY (phone, kind)
) {{strict}};

CREATE TABLE journal (
    seq      {{pk}},
    at       {{int64}} NOT NULL,
    kind     {{text}} NOT NULL,
    talk     {{text}} NOT NULL,
    callback {{text}} NOT NULL,
    queue    {{text}} NOT NULL,
    phone    {{text}} NOT NULL,
    actor    {{text}} NOT NULL,
    name     {{text}} NOT NULL,
    value    {{text}} NOT NULL
) {{strict}};
CREATE INDEX journal_at ON journal (at);

-- One row that is written to see whether the database takes writes.
CREATE TABLE probe (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    n  {{int64}} NOT NULL
) {{strict}};

-- +goose Down
DROP TABLE probe;
DROP TABLE journal;
DROP TABLE block;
DROP TABLE cron_run;
DROP TABLE node;
DROP TABLE status;
DROP TABLE inbox;
DROP TABLE outbox;
DROP TABLE attempt;
DROP TABLE slot;
DROP TABLE callback;
DROP TABLE talk;
