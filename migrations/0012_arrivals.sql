-- What a signature signed with: the same signed words in another envelope are no new request (T4).
CREATE TABLE signature_seen (
    seal       TEXT PRIMARY KEY,     -- SHA-256 of b=, hex
    inbound_id TEXT NOT NULL,
    seen_at    BIGINT NOT NULL
);
CREATE INDEX signature_seen_at ON signature_seen (seen_at);

-- Addresses that failed for good; what nobody waits for is not mailed to them.
CREATE TABLE suppression (
    address_key TEXT PRIMARY KEY,
    status      TEXT NOT NULL,
    mail_id     TEXT NOT NULL,
    since       BIGINT NOT NULL
);

-- Budgets count what happened within a day: a firm's new requests, the request mails to an address, the answers to a sender.
CREATE INDEX request_of_firm_since ON request (firm_id, created_at);
CREATE INDEX outbound_asking ON outbound_mail (lower(recipient), due_at) WHERE kind IN ('request_notice', 'request_copy');
CREATE INDEX outbound_answers ON outbound_mail (lower(recipient), created_at)
    WHERE kind IN ('receipt', 'form_refused', 'table_receipt', 'command_answer');

-- Delivery reports and people's answers name the mail by its Message-ID.
CREATE INDEX outbound_message_id ON outbound_mail (message_id);
INSERT INTO counter (name, value) VALUES ('unmatched_report', 0);
