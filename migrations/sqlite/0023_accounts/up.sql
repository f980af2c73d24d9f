-- They followed a link that was mailed to their address; NULL: not yet.
ALTER TABLE member ADD COLUMN confirmed_at BIGINT;
UPDATE member SET confirmed_at = created_at;
ALTER TABLE member ADD COLUMN bio TEXT NOT NULL DEFAULT '';
ALTER TABLE member ADD COLUMN bio_html TEXT NOT NULL DEFAULT '';
-- The name of their photo in the store of files.
ALTER TABLE member ADD COLUMN photo TEXT;
-- What staff call them beside their name.
ALTER TABLE member ADD COLUMN label TEXT CHECK (label IN ('official', 'champion'));
-- They left: their name and address are gone, what they wrote stays.
ALTER TABLE member ADD COLUMN left_at BIGINT;
-- The second factor: its sealed secret, since when it counts, and the newest step that was used, which is used once.
ALTER TABLE member ADD COLUMN totp_secret TEXT;
ALTER TABLE member ADD COLUMN totp_since BIGINT;
ALTER TABLE member ADD COLUMN totp_step BIGINT;
CREATE TABLE recovery_code (
    member_id BIGINT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    code_hash TEXT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (member_id, code_hash)
);

-- What its owner tells one session from another by.
ALTER TABLE session ADD COLUMN seen_at BIGINT;
ALTER TABLE session ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN address TEXT NOT NULL DEFAULT '';

-- Links of one use that are mailed, and the step between a password and a second factor.
CREATE TABLE one_time (
    -- SHA-256: a copy of the database opens nothing.
    token_hash TEXT PRIMARY KEY NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('confirm', 'reset', 'change', 'guest', 'second')),
    member_id BIGINT REFERENCES member (id) ON DELETE CASCADE,
    -- The address that it was mailed to.
    email TEXT NOT NULL DEFAULT '',
    -- A guest's question, as JSON.
    form TEXT NOT NULL DEFAULT '',
    attempts BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX one_time_by_member ON one_time (member_id, purpose);
CREATE INDEX one_time_by_end ON one_time (expires_at);

-- How often something failed in a row, and until when it is refused: 'sign-in-account-12', 'sign-in-address-192.0.2.1'.
CREATE TABLE brake (
    what TEXT PRIMARY KEY NOT NULL,
    failures BIGINT NOT NULL,
    newest_at BIGINT NOT NULL,
    refused_until BIGINT
);
CREATE INDEX brake_by_age ON brake (newest_at);
