-- The pictures of remote posts that are shown here or wait for staff, in their order. They go with their post.
CREATE TABLE remote_picture (
    remote_post_id BIGINT NOT NULL REFERENCES remote_post (id),
    position BIGINT NOT NULL,
    -- The network's key of it.
    media_key TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('photo', 'film')),
    -- Where the network keeps it; NULL: it did not say yet.
    url TEXT,
    -- What it shows, in the words of its author; empty: they gave none.
    alt TEXT NOT NULL DEFAULT '',
    -- As we show it: its place among the pictures, and its size in pixels. NULL: it was not fetched, or cannot be.
    hash TEXT,
    width BIGINT,
    height BIGINT,
    -- When it is tried next; NULL: it is here, or was given up.
    due_at BIGINT,
    attempts BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (remote_post_id, position),
    CHECK ((hash IS NULL) = (width IS NULL) AND (hash IS NULL) = (height IS NULL))
);
CREATE INDEX remote_picture_due ON remote_picture (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX remote_picture_by_hash ON remote_picture (hash) WHERE hash IS NOT NULL;
