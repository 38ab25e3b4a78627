-- People's accounts (弥生ID). The ID is a mail address that its owner has proven. An erased account stays as a row without
-- personal data, because the audit trail names its id; its address is free again.
CREATE TABLE account (
    id            TEXT PRIMARY KEY,
    address_key   TEXT NOT NULL UNIQUE, -- lower case; of an erased account its id
    address       TEXT NOT NULL,
    name          TEXT NOT NULL,
    password_hash TEXT NOT NULL,        -- Argon2id as PHC string; empty: nobody gets in
    terms_version TEXT NOT NULL,
    terms_at      BIGINT NOT NULL,
    locale        TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    failures      BIGINT NOT NULL,      -- log-ins in a row that failed, counted before they are judged
    locked_at     BIGINT,
    erased_at     BIGINT,
    version       BIGINT NOT NULL
);

-- Attempts to prove an address by a mailed code. The codes stand nowhere: they are derived from attempt, sequence and minting
-- number under the server key code_key.
CREATE TABLE attempt (
    id            TEXT PRIMARY KEY,
    aim           TEXT NOT NULL,        -- register, taken, reset, nobody
    account_id    TEXT,                 -- whose password a reset is for
    address_key   TEXT NOT NULL,
    address       TEXT NOT NULL,
    name          TEXT,                 -- what the account will be made of
    password_hash TEXT,
    terms_version TEXT,
    locale        TEXT NOT NULL,
    allowance     TEXT NOT NULL,        -- source: and a keyed digest, or link: and the request it was mailed for
    code_key      TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    state         TEXT NOT NULL,
    state_at      BIGINT,
    version       BIGINT NOT NULL
);
CREATE INDEX attempt_allowance ON attempt (address_key, allowance, created_at);
CREATE INDEX attempt_created ON attempt (created_at);

CREATE TABLE verification_code (
    attempt_id TEXT NOT NULL REFERENCES attempt (id),
    sequence   BIGINT NOT NULL,         -- 1, and 2 and 3 for the resends
    minting    BIGINT NOT NULL,         -- how often it was minted; 0: not yet
    asked_at   BIGINT NOT NULL,
    tries      BIGINT NOT NULL,         -- counted before they are compared
    state      TEXT NOT NULL,           -- waiting, out, unsent, superseded
    state_at   BIGINT,
    PRIMARY KEY (attempt_id, sequence)
);
-- Never two codes of one attempt that could be right, whoever writes at the same moment.
CREATE UNIQUE INDEX verification_code_live ON verification_code (attempt_id) WHERE state IN ('waiting', 'out');

-- What was tried and failed, against whom and from where, both as keyed digests: no address stands here.
CREATE TABLE throttle (
    kind      TEXT NOT NULL,            -- log_in, guess, begin
    subject   TEXT NOT NULL,
    source    TEXT NOT NULL,            -- empty: from anywhere
    failures  BIGINT NOT NULL,
    failed_at BIGINT NOT NULL,
    PRIMARY KEY (kind, subject, source)
);
CREATE INDEX throttle_failed ON throttle (failed_at);
