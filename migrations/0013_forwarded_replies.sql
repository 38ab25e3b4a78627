-- Replies of people that were sent on to the contact address: each once, whichever way it comes again, and so many a day of one
-- person. Nothing of a reply stands here; whom the answered letter was mailed to, its own row says.
CREATE TABLE forwarded_reply (
    digest       TEXT PRIMARY KEY,   -- the mail's bytes
    answered     TEXT NOT NULL,      -- the letter of ours
    forwarded_at BIGINT NOT NULL
);
CREATE INDEX forwarded_reply_at ON forwarded_reply (forwarded_at);
