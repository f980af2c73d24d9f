-- Searches that members follow: once for the same words, however many follow them. One that nobody follows any more goes.
CREATE TABLE followed_search (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    words TEXT NOT NULL UNIQUE
);

-- A search can be followed, too. SQLite changes no CHECK, so the table is made anew.
ALTER TABLE follow RENAME TO follow_before;
DROP INDEX follow_by_what;
CREATE TABLE follow (
    member_id BIGINT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('question', 'tag', 'topic', 'member', 'search')),
    ref_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (member_id, kind, ref_id)
);
INSERT INTO follow (member_id, kind, ref_id, created_at) SELECT member_id, kind, ref_id, created_at FROM follow_before;
DROP TABLE follow_before;
CREATE INDEX follow_by_what ON follow (kind, ref_id, member_id);

-- New questions of which not every followed search was asked yet; the row goes when they were.
CREATE TABLE to_search (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    question_id BIGINT NOT NULL UNIQUE,
    by_id BIGINT REFERENCES member (id) ON DELETE CASCADE,
    -- The last search that was asked, by id: the next ones begin after it.
    asked_up_to BIGINT NOT NULL DEFAULT 0,
    -- The newest search that was followed when the question was shown. Later ones are not told of it.
    last_search BIGINT NOT NULL
);
CREATE INDEX to_search_by_asked ON to_search (asked_up_to, id);

-- A post is also on its way to those who follow a search that finds it.
ALTER TABLE news RENAME TO news_before;
CREATE TABLE news (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    post_kind TEXT NOT NULL CHECK (post_kind IN ('question', 'answer', 'comment')),
    post_id BIGINT NOT NULL,
    by_id BIGINT REFERENCES member (id) ON DELETE CASCADE,
    -- The last member who was told, by id: the next batch begins after them.
    told_up_to BIGINT NOT NULL DEFAULT 0,
    -- The search whose followers are told; 0: those of the thread, its topic, its tags and its author.
    search_id BIGINT NOT NULL DEFAULT 0,
    UNIQUE (post_kind, post_id, search_id)
);
INSERT INTO news (post_kind, post_id, by_id, told_up_to)
    SELECT post_kind, post_id, by_id, told_up_to FROM news_before ORDER BY id;
DROP TABLE news_before;
