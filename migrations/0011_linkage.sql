-- What customers want of the contract-management system, and how far that has come. What is so, that system knows; the last
-- it said of the contracts is kept here, so that pages have something to show while it is down.

-- One row a customer. due_at: something waits to be done or looked at; without it the customer is at rest and costs
-- nothing. wakes counts who asked for a run meanwhile; lease_until: somebody is at it.
CREATE TABLE contract_customer (
    account_id  TEXT PRIMARY KEY,
    address     TEXT NOT NULL,           -- the 弥生ID, by which the contract-management system knows the customer
    locale      TEXT NOT NULL,
    contracts   TEXT,                    -- JSON: the list of contracts; absent: never fetched
    fetched_at  BIGINT NOT NULL,         -- 0: stale
    due_at      BIGINT,
    tries       BIGINT NOT NULL,         -- runs one after another that came to nothing
    wakes       BIGINT NOT NULL,
    lease_until BIGINT
);
CREATE INDEX contract_customer_due ON contract_customer (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX contract_customer_address ON contract_customer (LOWER(address));

-- 契約の移行. The id names it in the contract-management system, too.
CREATE TABLE migration_case (
    id             TEXT PRIMARY KEY,
    account_id     TEXT NOT NULL REFERENCES contract_customer (account_id),
    request_id     TEXT NOT NULL,
    request_number BIGINT NOT NULL,
    state          TEXT NOT NULL,
    state_at       BIGINT NOT NULL,
    polls          BIGINT NOT NULL,
    version        BIGINT NOT NULL
);
-- Whoever waits for this is not reminded to go on.
CREATE INDEX migration_case_moving ON migration_case (request_id) WHERE state IN ('submitted', 'in_progress');
CREATE INDEX migration_case_given_up ON migration_case (state_at) WHERE state = 'abandoned';
CREATE INDEX migration_case_of ON migration_case (account_id, id);
-- One at a time for each customer, whatever tabs are open.
CREATE UNIQUE INDEX migration_case_open ON migration_case (account_id)
    WHERE state IN ('collecting', 'submitted', 'in_progress');

CREATE TABLE migration_item (
    migration_id    TEXT NOT NULL REFERENCES migration_case (id),
    position        BIGINT NOT NULL,
    customer_number TEXT NOT NULL,
    state           TEXT NOT NULL,
    product         TEXT,
    product_name    TEXT,
    credential      TEXT,                -- what the contract-management system granted for number and password; until the end
    contract_id     TEXT,
    fault           TEXT,                -- why it was refused, or why it stayed
    PRIMARY KEY (migration_id, position)
);
-- A contract is migrated once.
CREATE UNIQUE INDEX migration_item_once ON migration_item (customer_number) WHERE state IN ('authenticated', 'moved');

-- Network products, by their サービス契約ID.
CREATE TABLE network_registration (
    id                  TEXT PRIMARY KEY,
    account_id          TEXT NOT NULL REFERENCES contract_customer (account_id),
    request_id          TEXT NOT NULL,
    request_number      BIGINT NOT NULL,
    service_contract_id TEXT NOT NULL,
    state               TEXT NOT NULL,
    contract_id         TEXT,
    fault               TEXT,
    entered_at          BIGINT NOT NULL,
    version             BIGINT NOT NULL,
    UNIQUE (account_id, service_contract_id)
);

-- Wrong passwords at a number, within the hour that began at since.
CREATE TABLE contract_guess (
    account_id TEXT NOT NULL,
    subject    TEXT NOT NULL,            -- the number or the ID
    failures   BIGINT NOT NULL,
    since      BIGINT NOT NULL,
    PRIMARY KEY (account_id, subject)
);
CREATE INDEX contract_guess_since ON contract_guess (since);

-- 製品・サービスの連携: one row for each firm and contract, however often it comes and goes.
CREATE TABLE linkage (
    id             TEXT PRIMARY KEY,
    account_id     TEXT NOT NULL REFERENCES contract_customer (account_id),
    firm_id        TEXT NOT NULL REFERENCES firm (id),
    contract_id    TEXT NOT NULL,
    request_id     TEXT NOT NULL,
    request_number BIGINT NOT NULL,
    product        TEXT NOT NULL,
    product_name   TEXT NOT NULL,
    state          TEXT NOT NULL,
    ended_by       TEXT,
    state_at       BIGINT NOT NULL,
    wished_at      BIGINT NOT NULL,
    linked_at      BIGINT,
    repairs        BIGINT NOT NULL,
    calls          BIGINT NOT NULL,      -- makes the key of the call at hand
    voucher_calls  BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    UNIQUE (account_id, firm_id, contract_id)
);
CREATE INDEX linkage_of_firm ON linkage (firm_id) WHERE state <> 'unlinked';
CREATE INDEX linkage_of_request ON linkage (request_id);

-- スマート取引取込の設定: the business data that is or was bound.
CREATE TABLE data_binding (
    id             TEXT PRIMARY KEY,
    account_id     TEXT NOT NULL REFERENCES contract_customer (account_id),
    firm_id        TEXT NOT NULL REFERENCES firm (id),
    request_id     TEXT NOT NULL,
    request_number BIGINT NOT NULL,
    contract_id    TEXT NOT NULL,
    office_name    TEXT NOT NULL,
    place          TEXT NOT NULL,
    set_by         TEXT NOT NULL,
    difference_at  BIGINT,               -- when somebody said はい to names that differ
    latest_data_at BIGINT,               -- when somebody acknowledged the latest-data rule
    state          TEXT NOT NULL,
    released_by    TEXT,
    state_at       BIGINT NOT NULL,
    bound_at       BIGINT,
    repairs        BIGINT NOT NULL,
    calls          BIGINT NOT NULL,      -- makes the key of the call at hand
    version        BIGINT NOT NULL
);
-- One at a time for each customer, whoever binds at the same moment.
CREATE UNIQUE INDEX data_binding_live ON data_binding (account_id) WHERE state <> 'unbound';
CREATE INDEX data_binding_of ON data_binding (account_id, id);

-- How far a run over all customers has come: one that was broken off goes on where it was.
CREATE TABLE reconcile_run (
    name        TEXT PRIMARY KEY,
    slot        BIGINT NOT NULL,         -- the time it was due
    after_id    TEXT NOT NULL,           -- the last account that was done
    customers   BIGINT NOT NULL,
    corrections BIGINT NOT NULL,
    finished_at BIGINT
);
