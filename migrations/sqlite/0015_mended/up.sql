-- Private messages of more pages than one turn reads: how far they will be read then, and the next page.
CREATE TABLE message_reading (
    channel_id BIGINT PRIMARY KEY NOT NULL REFERENCES channel (id),
    newest_id TEXT NOT NULL,
    next_token TEXT NOT NULL
);

-- How often the database itself refused a body; waiting for the network is not counted.
ALTER TABLE inbox ADD COLUMN refusals BIGINT NOT NULL DEFAULT 0;

-- Who works on a gap or a look now has it until then, by the database's clock.
ALTER TABLE timeline_gap ADD COLUMN lease_until BIGINT;
ALTER TABLE recheck ADD COLUMN lease_until BIGINT;
-- A look that misses the post again is believed from then on.
ALTER TABLE recheck ADD COLUMN believed_at BIGINT;

-- The last post of the pages that were read of one result, and how often such a result had to be begun anew.
ALTER TABLE brand_search ADD COLUMN oldest_id TEXT;
ALTER TABLE brand_search ADD COLUMN restarts BIGINT NOT NULL DEFAULT 0;
-- How many posts it found: counting the hits takes longer with each of them.
ALTER TABLE brand_search ADD COLUMN found BIGINT NOT NULL DEFAULT 0;
UPDATE brand_search SET found = (SELECT count(*) FROM search_hit WHERE search_hit.search_id = brand_search.id);

-- How often somebody said of a thread that its original is deleted, and the network was asked, which costs money.
CREATE TABLE removal_look (
    question_id BIGINT PRIMARY KEY NOT NULL REFERENCES question (id),
    since BIGINT NOT NULL,
    looks BIGINT NOT NULL
);

CREATE INDEX remote_post_by_author ON remote_post (remote_author_id, posted_at, id);
CREATE INDEX remote_post_by_post ON remote_post (post_id, post_kind);
CREATE INDEX delivery_by_remote_post ON delivery (remote_post_id);
