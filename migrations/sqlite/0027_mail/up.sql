-- Mail on its way out. A row is written with what it tells of; the server that takes a mail answers for it from then on.
CREATE TABLE mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- NULL: to somebody who has no account yet.
    member_id BIGINT REFERENCES member (id) ON DELETE CASCADE,
    -- What it tells of, once to each address: 'notice-12', 'digest-4-20781', 'confirm-3f…'.
    event TEXT NOT NULL,
    address TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    html TEXT NOT NULL,
    -- The threading and unsubscribing headers, as JSON.
    headers TEXT NOT NULL DEFAULT '{}',
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'uncertain', 'failed', 'given_up')),
    due_at BIGINT,
    lease_until BIGINT,
    attempts BIGINT NOT NULL DEFAULT 0,
    sent_at BIGINT,
    reason TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (event, address)
);
CREATE INDEX mail_due ON mail (due_at) WHERE state = 'queued';
CREATE INDEX mail_sending ON mail (lease_until) WHERE state = 'sending';
CREATE INDEX mail_by_member ON mail (member_id, id);

-- How a member hears of a matter by mail; without a row, as the matter has it.
CREATE TABLE notice_choice (
    member_id BIGINT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    matter TEXT NOT NULL,
    mail TEXT NOT NULL CHECK (mail IN ('now', 'daily', 'weekly', 'never')),
    PRIMARY KEY (member_id, matter)
);
-- What happened: one notice of it for each person, however many rules match.
ALTER TABLE notice ADD COLUMN event TEXT;
CREATE UNIQUE INDEX notice_once ON notice (member_id, event) WHERE event IS NOT NULL;
-- When its mail was written or left to the page; NULL: not yet.
ALTER TABLE notice ADD COLUMN mailed_at BIGINT;
UPDATE notice SET mailed_at = created_at;
-- Put by for a mail that gathers several; NULL: not decided yet.
ALTER TABLE notice ADD COLUMN gathered TEXT CHECK (gathered IN ('daily', 'weekly'));
CREATE INDEX notice_to_mail ON notice (id) WHERE mailed_at IS NULL AND gathered IS NULL;
CREATE INDEX notice_gathered ON notice (gathered, created_at) WHERE mailed_at IS NULL AND gathered IS NOT NULL;
CREATE INDEX notice_gathered_of ON notice (member_id, id) WHERE mailed_at IS NULL AND gathered IS NOT NULL;
-- Proves, in a link that needs no sign-in, whose mail it was.
ALTER TABLE member ADD COLUMN mail_key TEXT;
