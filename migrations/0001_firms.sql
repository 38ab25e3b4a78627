-- Who may ask. A removed firm stays as a row, because its past requests name it; its number and addresses are free again.
-- Types are TEXT and BIGINT alone: SQLite and PostgreSQL read both alike. Times are milliseconds since the epoch.
CREATE TABLE firm (
    id              TEXT PRIMARY KEY,
    number          TEXT NOT NULL,
    name            TEXT NOT NULL,
    postal_address  TEXT NOT NULL,
    telephone       TEXT NOT NULL,
    notify_address  TEXT NOT NULL,
    signing_domain  TEXT NOT NULL,
    authserv_id     TEXT,            -- present: Authentication-Results of this server are the proof
    pinned_selector TEXT,            -- present together with pinned_record: no DNS is asked
    pinned_record   TEXT,
    receipts        TEXT NOT NULL,
    request_days    BIGINT NOT NULL,
    locale          TEXT NOT NULL,
    status          TEXT NOT NULL,   -- active, suspended, removed
    created_at      BIGINT NOT NULL,
    version         BIGINT NOT NULL
);
CREATE UNIQUE INDEX firm_number ON firm (number) WHERE status <> 'removed';

CREATE TABLE firm_sender (
    address_key TEXT PRIMARY KEY,    -- lower case: an address belongs to one firm only
    address     TEXT NOT NULL,
    firm_id     TEXT NOT NULL REFERENCES firm (id)
);
CREATE INDEX firm_sender_of ON firm_sender (firm_id);
