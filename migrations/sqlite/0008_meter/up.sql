-- What each channel cost on each UTC day (counted from 1970), by kind, in millionths of a US dollar.
CREATE TABLE expense (
    channel_id BIGINT NOT NULL REFERENCES channel (id),
    day BIGINT NOT NULL,
    kind TEXT NOT NULL,
    count BIGINT NOT NULL,
    micros BIGINT NOT NULL,
    PRIMARY KEY (channel_id, day, kind)
);

-- What was paid for on a day: the network charges for it once.
CREATE TABLE paid_item (
    day BIGINT NOT NULL,
    kind TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    PRIMARY KEY (day, kind, remote_id)
);

-- What a channel may cost in a month; NULL: as much as it costs.
CREATE TABLE allowance (
    channel_id BIGINT PRIMARY KEY NOT NULL REFERENCES channel (id),
    ceiling BIGINT,
    owns_app BIGINT NOT NULL DEFAULT 0 CHECK (owns_app IN (0, 1))
);

-- The network's limits as it told them last, for all nodes.
CREATE TABLE rate_limit (
    channel_id BIGINT NOT NULL REFERENCES channel (id),
    endpoint TEXT NOT NULL,
    counts TEXT NOT NULL CHECK (counts IN ('account', 'app')),
    span TEXT NOT NULL CHECK (span IN ('window', 'day')),
    remaining BIGINT NOT NULL,
    reset_at BIGINT NOT NULL,
    PRIMARY KEY (channel_id, endpoint, counts, span)
);

-- What staff look for beyond the mentions.
CREATE TABLE brand_search (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    channel_id BIGINT NOT NULL REFERENCES channel (id),
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('on', 'paused', 'deleted')),
    -- How far it was read. While a result of several pages is read: how far it will be then, and the next page.
    since_id TEXT,
    newest_id TEXT,
    next_token TEXT,
    due_at BIGINT NOT NULL,
    searched_at BIGINT,
    -- Why it finds nothing now.
    reason TEXT,
    created_at BIGINT NOT NULL,
    edited_at BIGINT NOT NULL,
    edited_by BIGINT NOT NULL REFERENCES member (id)
);
CREATE INDEX brand_search_due ON brand_search (due_at) WHERE state = 'on';

CREATE TABLE search_hit (
    search_id BIGINT NOT NULL REFERENCES brand_search (id),
    remote_post_id BIGINT NOT NULL REFERENCES remote_post (id),
    PRIMARY KEY (search_id, remote_post_id)
);
CREATE INDEX search_hit_by_post ON search_hit (remote_post_id);

-- The search that brought a page.
ALTER TABLE inbox ADD COLUMN search_id BIGINT;
