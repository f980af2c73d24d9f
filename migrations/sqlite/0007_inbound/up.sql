-- Every edit on the network has an id of its own. The first id that was stored stays the key of the post; whatever else
-- it is or was known by stands here, so that each version finds the same post.
CREATE TABLE remote_version (
    network TEXT NOT NULL,
    scope TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    remote_post_id BIGINT NOT NULL REFERENCES remote_post (id),
    PRIMARY KEY (network, scope, remote_id)
);

-- The version whose words are held; NULL: the one that is the key.
ALTER TABLE remote_post ADD COLUMN version_id TEXT;
ALTER TABLE remote_post ADD COLUMN edited_at BIGINT;

-- A stretch of a timeline that was not read yet: above after_id, below before_id.
CREATE TABLE timeline_gap (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    channel_id BIGINT NOT NULL REFERENCES channel (id),
    timeline TEXT NOT NULL CHECK (timeline IN ('mentions', 'own')),
    after_id TEXT NOT NULL,
    before_id TEXT NOT NULL,
    -- The network shows no more of it by its timeline: it is searched for.
    searching BIGINT NOT NULL DEFAULT 0 CHECK (searching IN (0, 1)),
    posts_read BIGINT NOT NULL DEFAULT 0,
    found_at BIGINT NOT NULL,
    -- When to read on; NULL: it cannot be had, which a person must know.
    due_at BIGINT,
    attempts BIGINT NOT NULL DEFAULT 0,
    reason TEXT,
    CHECK (due_at IS NOT NULL OR reason IS NOT NULL)
);
CREATE INDEX timeline_gap_due ON timeline_gap (due_at);

-- When a remote post is looked up again, to find out whether it still stands and says the same.
CREATE TABLE recheck (
    remote_post_id BIGINT PRIMARY KEY NOT NULL REFERENCES remote_post (id),
    channel_id BIGINT NOT NULL REFERENCES channel (id),
    due_at BIGINT NOT NULL,
    -- It was not there at the last look; one more takes it away.
    missed_at BIGINT
);
CREATE INDEX recheck_due ON recheck (channel_id, due_at);

-- What is here already is looked up at its next age; each look costs money, so what stood for a month stays.
-- In this database's own words:
INSERT INTO recheck (remote_post_id, channel_id, due_at)
SELECT id, channel_id, received_at + CASE
    WHEN age < 3600000 THEN 3600000
    WHEN age < 86400000 THEN 86400000
    WHEN age < 604800000 THEN 604800000
    ELSE 2592000000 END
FROM (
    SELECT id, channel_id, received_at, CAST(unixepoch('subsec') * 1000 AS INTEGER) - received_at AS age
    FROM remote_post WHERE state IN ('held', 'mirrored')
) AS stored
WHERE age < 2592000000;
-- In both databases again.
