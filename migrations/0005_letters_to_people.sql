-- Letters to people: some are about an account or a registration attempt and name no firm. SQLite cannot take a NOT NULL
-- away, so the table is written anew.
CREATE TABLE outbound_mail_anew (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    request_id   TEXT,
    firm_id      TEXT,
    account_id   TEXT,
    attempt_id   TEXT,
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
INSERT INTO outbound_mail_anew (id, kind, request_id, firm_id, recipient, locale, about, message_id, in_reply_to, lane, state,
    attempts, unknowns, created_at, due_at, lease_until, ended_at, last_outcome, last_reply)
SELECT id, kind, request_id, firm_id, recipient, locale, about, message_id, in_reply_to, lane, state,
    attempts, unknowns, created_at, due_at, lease_until, ended_at, last_outcome, last_reply FROM outbound_mail;
DROP TABLE outbound_mail;
ALTER TABLE outbound_mail_anew RENAME TO outbound_mail;
CREATE INDEX outbound_due ON outbound_mail (lane, due_at, id) WHERE state = 'queued';
CREATE INDEX outbound_leased ON outbound_mail (lease_until) WHERE state = 'leased';
CREATE INDEX outbound_failed ON outbound_mail (id) WHERE state = 'failed';
CREATE INDEX outbound_of_request ON outbound_mail (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX outbound_of_account ON outbound_mail (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX outbound_of_attempt ON outbound_mail (attempt_id) WHERE attempt_id IS NOT NULL;
CREATE INDEX outbound_of_firm ON outbound_mail (firm_id) WHERE firm_id IS NOT NULL AND state IN ('queued', 'withheld');
CREATE INDEX outbound_ended ON outbound_mail (ended_at) WHERE ended_at IS NOT NULL;
