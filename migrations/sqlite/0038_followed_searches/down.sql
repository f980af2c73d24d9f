ALTER TABLE news RENAME TO news_before;
CREATE TABLE news (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    post_kind TEXT NOT NULL CHECK (post_kind IN ('question', 'answer', 'comment')),
    post_id BIGINT NOT NULL,
    by_id BIGINT REFERENCES member (id) ON DELETE CASCADE,
    -- The last member who was told, by id: the next batch begins after them.
    told_up_to BIGINT NOT NULL DEFAULT 0,
    UNIQUE (post_kind, post_id)
);
INSERT INTO news (post_kind, post_id, by_id, told_up_to)
    SELECT post_kind, post_id, by_id, told_up_to FROM news_before WHERE search_id = 0 ORDER BY id;
DROP TABLE news_before;
DROP TABLE to_search;
ALTER TABLE follow RENAME TO follow_before;
DROP INDEX follow_by_what;
CREATE TABLE follow (
    member_id BIGINT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('question', 'tag', 'topic', 'member')),
    ref_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (member_id, kind, ref_id)
);
INSERT INTO follow (member_id, kind, ref_id, created_at)
    SELECT member_id, kind, ref_id, created_at FROM follow_before WHERE kind <> 'search';
DROP TABLE follow_before;
CREATE INDEX follow_by_what ON follow (kind, ref_id, member_id);
DROP TABLE followed_search;
