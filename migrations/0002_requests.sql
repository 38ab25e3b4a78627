-- What firms asked for. The link is derived from the id under the server key link_key and stands nowhere.
CREATE TABLE request (
    id               TEXT PRIMARY KEY,
    number           BIGINT NOT NULL UNIQUE,
    firm_id          TEXT NOT NULL REFERENCES firm (id),
    customer_address TEXT NOT NULL,
    customer_key     TEXT NOT NULL,
    client_name      TEXT,
    contact_name     TEXT,
    copies           TEXT NOT NULL,  -- addresses, one a line
    message          TEXT NOT NULL,
    locale           TEXT NOT NULL,
    state            TEXT NOT NULL,
    state_at         BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    link_key         TEXT NOT NULL,
    notices          BIGINT NOT NULL,
    noticed_at       BIGINT NOT NULL,
    linked_at        BIGINT,
    proved_by        TEXT NOT NULL,
    purged_at        BIGINT,         -- personal data was taken out of the row
    version          BIGINT NOT NULL
);
-- One undecided request a firm and customer, whoever writes at the same moment.
CREATE UNIQUE INDEX request_undecided ON request (firm_id, customer_key) WHERE state IN ('pending', 'undeliverable', 'opened');
CREATE INDEX request_pair ON request (customer_key, firm_id, number);
CREATE INDEX request_open_until ON request (expires_at) WHERE state IN ('pending', 'undeliverable', 'opened');
CREATE INDEX request_ended ON request (state_at) WHERE purged_at IS NULL AND state IN ('declined', 'expired', 'cancelled');

-- Numbers that are given out one after another; the row is incremented first, so two writers never get the same.
CREATE TABLE counter (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counter (name, value) VALUES ('request', 0), ('audit', 0);

-- Append-only. Each row holds the hash of the one before it, so that an edited row shows. No personal data: ids and states.
CREATE TABLE audit_event (
    seq        BIGINT PRIMARY KEY,
    at         BIGINT NOT NULL,
    actor      TEXT NOT NULL,
    object     TEXT NOT NULL,
    event      TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    cause      TEXT NOT NULL,
    hash       TEXT NOT NULL
);
CREATE INDEX audit_event_of ON audit_event (object, seq);
