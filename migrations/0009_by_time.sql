-- What is said by time is said once: each request remembers what was said about it, so that a job may run as often as it
-- likes. What was not said yet is in an index of its own: a run costs what is due, not what is there.
ALTER TABLE request ADD COLUMN reminded_at BIGINT;                      -- the customer, that the end is near
ALTER TABLE request ADD COLUMN end_told_at BIGINT;                      -- the firm, in its digest, of the same
ALTER TABLE request ADD COLUMN link_reminders BIGINT NOT NULL DEFAULT 0; -- the customer, that nothing is linked: 0, 1, 2
ALTER TABLE request ADD COLUMN unlinked_told_at BIGINT;                 -- the firm, in its digest, of the same
CREATE INDEX request_unreminded ON request (expires_at)
    WHERE reminded_at IS NULL AND disowned_at IS NULL AND state IN ('pending', 'opened');
CREATE INDEX request_end_untold ON request (expires_at)
    WHERE end_told_at IS NULL AND disowned_at IS NULL AND state IN ('pending', 'undeliverable', 'opened');
CREATE INDEX request_unlinked ON request (link_reminders, state_at)
    WHERE linked_at IS NULL AND stopped_at IS NULL AND state = 'approved';
CREATE INDEX request_unlinked_untold ON request (state_at)
    WHERE unlinked_told_at IS NULL AND linked_at IS NULL AND stopped_at IS NULL AND state = 'approved';

-- One digest a day for everybody who gets one: the id of a firm, or 'operator'.
CREATE TABLE digest (
    whom TEXT PRIMARY KEY,
    day  BIGINT NOT NULL,            -- days since the epoch, in the zone of the schedule
    at   BIGINT NOT NULL             -- when it was written: the next one tells what came after
);
CREATE INDEX request_disowned_at ON request (disowned_at) WHERE disowned_at IS NOT NULL;
CREATE INDEX inbound_quarantined_at ON inbound_message (judged_at) WHERE verdict = 'quarantined';
CREATE INDEX outbound_failed_at ON outbound_mail (ended_at) WHERE state = 'failed';
