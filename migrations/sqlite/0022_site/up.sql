-- When staff work, in a time zone. `week`: seven texts as JSON, Monday first, such as '09:00-12:30, 13:30-18:00'; `holidays`: a
-- day a line, such as '2026-04-03 Good Friday' or '12-25 Christmas Day' for every year.
CREATE TABLE business_hours (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name TEXT NOT NULL UNIQUE,
    zone TEXT NOT NULL,
    week TEXT NOT NULL,
    holidays TEXT NOT NULL,
    revision BIGINT NOT NULL DEFAULT 1
);
-- How soon a first response is due; the most specific row counts. 0: of any channel, of any topic.
CREATE TABLE response_target (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    channel_id BIGINT NOT NULL DEFAULT 0,
    topic_id BIGINT NOT NULL DEFAULT 0,
    minutes BIGINT NOT NULL CHECK (minutes > 0),
    -- NULL: around the clock.
    hours_id BIGINT REFERENCES business_hours (id),
    UNIQUE (channel_id, topic_id)
);
CREATE TABLE team (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name TEXT NOT NULL UNIQUE,
    revision BIGINT NOT NULL DEFAULT 1
);
CREATE TABLE team_member (
    team_id BIGINT NOT NULL REFERENCES team (id) ON DELETE CASCADE,
    member_id BIGINT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    PRIMARY KEY (team_id, member_id)
);
CREATE INDEX team_member_by_member ON team_member (member_id);
-- What an administrator set on a page, as JSON; it counts before the configuration file.
CREATE TABLE setting (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL,
    revision BIGINT NOT NULL DEFAULT 1,
    changed_by BIGINT REFERENCES member (id),
    changed_at BIGINT NOT NULL
);
-- One-time links that make somebody staff. The first administrator's has no creator.
CREATE TABLE invitation (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('trainee', 'staff', 'admin')),
    title TEXT NOT NULL DEFAULT '',
    created_by BIGINT REFERENCES member (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_by BIGINT REFERENCES member (id),
    used_at BIGINT,
    revoked_at BIGINT
);
ALTER TABLE topic ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
