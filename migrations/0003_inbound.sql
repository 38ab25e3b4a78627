-- What was seen in the mailbox and what became of it. The mail itself stays in the mailbox.
CREATE TABLE inbound_message (
    id          TEXT PRIMARY KEY,
    mailbox     TEXT NOT NULL,
    uidvalidity BIGINT NOT NULL,
    uid         TEXT NOT NULL,
    digest      TEXT,                -- absent: it was not read (too large, or fatal to the parser)
    size        BIGINT NOT NULL,
    message_id  TEXT,
    class       TEXT NOT NULL,
    verdict     TEXT NOT NULL,
    reasons     TEXT NOT NULL,       -- in the order they were found, one a line
    firm_id     TEXT,
    request_id  TEXT,
    arrived_at  BIGINT NOT NULL,
    judged_at   BIGINT NOT NULL,
    due_at      BIGINT,              -- a held mail is judged again then
    tries       BIGINT NOT NULL,
    folder      TEXT,                -- where it belongs; absent: INBOX
    filed_at    BIGINT,              -- when it was moved there
    UNIQUE (mailbox, uidvalidity, uid)
);
-- A mail acts once, by whatever way its copies come.
CREATE UNIQUE INDEX inbound_acts_once ON inbound_message (digest) WHERE verdict IN ('accepted', 'refused');
CREATE INDEX inbound_digest ON inbound_message (digest);
CREATE INDEX inbound_to_file ON inbound_message (mailbox, id) WHERE folder IS NOT NULL AND filed_at IS NULL;
CREATE INDEX inbound_held ON inbound_message (mailbox, due_at) WHERE verdict = 'held';
CREATE INDEX inbound_quarantined ON inbound_message (id) WHERE verdict = 'quarantined';
CREATE INDEX inbound_idle ON inbound_message (judged_at) WHERE verdict NOT IN ('accepted', 'refused', 'held');

-- How far the intake has come, and which mails it holds in its hands: a mail that kills the process is found here after
-- the restart and judged alone.
CREATE TABLE mailbox_cursor (
    mailbox      TEXT PRIMARY KEY,
    uidvalidity  BIGINT NOT NULL,
    uidnext      BIGINT NOT NULL,
    window_uids  TEXT NOT NULL,      -- separated by spaces; empty: none
    window_tries BIGINT NOT NULL
);
