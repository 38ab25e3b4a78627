-- Who is logged in. The cookie holds 256 random bits; the row holds their SHA-256 alone, so that a stolen database opens
-- no session.
CREATE TABLE session (
    digest     TEXT PRIMARY KEY,   -- SHA-256 of the cookie's bits, base64url
    account_id TEXT NOT NULL,
    request_id TEXT,               -- taken from the mailed link, so that no later URL carries it
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL     -- moves at most once a minute
);
CREATE INDEX session_of_account ON session (account_id);
CREATE INDEX session_seen ON session (seen_at);
