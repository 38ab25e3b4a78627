-- What people answer, and the companies in whose name they do.
-- disowned_at: who holds the link said that they know nothing of it; it is mailed no more and can still be answered.
-- stopped_at: the customer approved and stopped sharing again; the decision stays, so the state stays approved.
ALTER TABLE request ADD COLUMN disowned_at BIGINT;
ALTER TABLE request ADD COLUMN stopped_at BIGINT;
CREATE INDEX request_disowned ON request (number) WHERE disowned_at IS NOT NULL;
CREATE INDEX request_stopped ON request (stopped_at) WHERE stopped_at IS NOT NULL AND purged_at IS NULL;
CREATE INDEX request_purged ON request (purged_at) WHERE purged_at IS NOT NULL;

-- One answer a request and account: sending the same form twice is answering once. weight: final decided the request;
-- told was told to the firm and decided nothing (another ID than the mailed one declined), and may become final.
CREATE TABLE decision (
    request_id TEXT NOT NULL REFERENCES request (id),
    account_id TEXT NOT NULL,
    choice     TEXT NOT NULL,
    message    TEXT NOT NULL,
    weight     TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (request_id, account_id)
);
-- Of two people who confirm at once, one decides.
CREATE UNIQUE INDEX decision_final ON decision (request_id) WHERE weight = 'final';
CREATE INDEX decision_of_account ON decision (account_id, decided_at);

-- 事業者（事業グループ）情報: one an account.
CREATE TABLE company (
    account_id          TEXT PRIMARY KEY,
    kind                TEXT NOT NULL,
    name                TEXT NOT NULL,
    kana                TEXT NOT NULL,
    postal_code         TEXT NOT NULL,
    address             TEXT NOT NULL,
    telephone           TEXT NOT NULL,
    representative_name TEXT NOT NULL,
    representative_kana TEXT NOT NULL,
    saved_at            BIGINT NOT NULL
);
