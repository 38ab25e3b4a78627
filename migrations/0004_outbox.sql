-- What is to be said. A row holds what a letter is about, never its text, its link or its code.
CREATE TABLE outbound_mail (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    request_id   TEXT,
    firm_id      TEXT NOT NULL,
    recipient    TEXT NOT NULL,
    locale       TEXT NOT NULL,
    about        TEXT NOT NULL,      -- JSON: what the letter says that stands in no other row
    message_id   TEXT NOT NULL,      -- fixed at birth: a mail sent twice can be told to be one
    in_reply_to  TEXT,
    lane         BIGINT NOT NULL,    -- 0 goes first
    state        TEXT NOT NULL,
    attempts     BIGINT NOT NULL,
    unknowns     BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    lease_until  BIGINT,
    ended_at     BIGINT,
    last_outcome TEXT NOT NULL,
    last_reply   BIGINT
);
CREATE INDEX outbound_due ON outbound_mail (lane, due_at, id) WHERE state = 'queued';
CREATE INDEX outbound_leased ON outbound_mail (lease_until) WHERE state = 'leased';
CREATE INDEX outbound_failed ON outbound_mail (id) WHERE state = 'failed';
CREATE INDEX outbound_of_request ON outbound_mail (request_id);
CREATE INDEX outbound_of_firm ON outbound_mail (firm_id) WHERE state IN ('queued', 'withheld');
CREATE INDEX outbound_ended ON outbound_mail (ended_at) WHERE ended_at IS NOT NULL;

-- What the daemon finds wrong with the world around it, for the commands that run beside it.
CREATE TABLE trouble (
    name   TEXT PRIMARY KEY,
    since  BIGINT NOT NULL,
    until  BIGINT NOT NULL,
    detail TEXT NOT NULL
);

-- When each scheduled job last ran, so that a missed run is made up once.
CREATE TABLE job (
    name    TEXT PRIMARY KEY,
    last_at BIGINT NOT NULL
);
