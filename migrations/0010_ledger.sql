-- The built-in contract-management system (the ledger): which contracts there are, whose they are and where they stand. It
-- is a system of its own that happens to lie in the same database: nothing of renkei's refers to these tables, and they
-- refer to nothing of renkei's.
CREATE TABLE ledger_contract (
    id                  TEXT PRIMARY KEY,
    product             TEXT NOT NULL,
    name                TEXT NOT NULL,
    customer_number     TEXT,            -- お客様番号
    service_contract_id TEXT,            -- of network products
    password_hash       TEXT,            -- Argon2id; missing: none was ever set
    place               TEXT NOT NULL,   -- old: still in あんしん保守サポート; unlisted: waits for its ID; listed: in the list
    holder              TEXT,            -- the 弥生ID; of a contract that is not listed yet: whom it is kept for, if anyone
    standing            TEXT NOT NULL
);
CREATE UNIQUE INDEX ledger_customer_number ON ledger_contract (customer_number) WHERE customer_number IS NOT NULL;
CREATE UNIQUE INDEX ledger_service_contract ON ledger_contract (service_contract_id) WHERE service_contract_id IS NOT NULL;
CREATE INDEX ledger_listed ON ledger_contract (holder, id) WHERE place = 'listed';

-- What was given for a customer number whose password was right. Its digest: who reads the table can start nothing.
CREATE TABLE ledger_grant (
    digest      TEXT PRIMARY KEY,
    holder      TEXT NOT NULL,
    contract_id TEXT NOT NULL REFERENCES ledger_contract (id),
    expires_at  BIGINT NOT NULL
);
CREATE INDEX ledger_grant_ends ON ledger_grant (expires_at);

CREATE TABLE ledger_migration (
    id         TEXT PRIMARY KEY,         -- chosen by who started it
    holder     TEXT NOT NULL,
    asked      TEXT NOT NULL,            -- digest of what it was started with: the same id for something else is refused
    started_at BIGINT NOT NULL
);

CREATE TABLE ledger_migration_item (
    migration_id    TEXT NOT NULL REFERENCES ledger_migration (id),
    contract_id     TEXT NOT NULL REFERENCES ledger_contract (id),
    customer_number TEXT NOT NULL,
    holder          TEXT NOT NULL,       -- the migration's, to find what is due for one holder
    state           TEXT NOT NULL,       -- moving, moved, failed
    fault           TEXT,
    due_at          BIGINT NOT NULL,     -- when its step is done
    PRIMARY KEY (migration_id, contract_id)
);
-- No contract is moved twice, whatever else goes wrong.
CREATE UNIQUE INDEX ledger_moved_once ON ledger_migration_item (contract_id) WHERE state <> 'failed';
CREATE INDEX ledger_moving ON ledger_migration_item (holder, due_at) WHERE state = 'moving';

CREATE TABLE ledger_linkage (
    holder  TEXT NOT NULL,
    firm    TEXT NOT NULL,               -- its number
    subject TEXT NOT NULL,               -- the contract's id; empty: スマート証憑管理
    since   BIGINT NOT NULL,
    PRIMARY KEY (holder, firm, subject)
);

-- One a holder, never two.
CREATE TABLE ledger_binding (
    holder      TEXT PRIMARY KEY,
    data        TEXT NOT NULL,
    contract_id TEXT NOT NULL,
    office_name TEXT NOT NULL,
    place       TEXT NOT NULL,
    bound_by    TEXT                     -- the firm's number; missing: the customer
);

-- Calls that were done, so that a repeated one is told what it was told before. Kept for a month.
CREATE TABLE ledger_call (
    key    TEXT PRIMARY KEY,
    asked  TEXT NOT NULL,                -- digest of the call
    answer TEXT NOT NULL,
    at     BIGINT NOT NULL
);
CREATE INDEX ledger_call_at ON ledger_call (at);
