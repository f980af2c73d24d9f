CREATE TABLE topic (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    position BIGINT NOT NULL DEFAULT 0
);

-- A post is written by a member here or by a remote author there (origin names their network), never by both.
CREATE TABLE question (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    topic_id BIGINT REFERENCES topic (id),
    member_id BIGINT REFERENCES member (id),
    remote_author_id BIGINT,
    origin TEXT,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    body_html TEXT NOT NULL,
    score BIGINT NOT NULL DEFAULT 0,
    answer_count BIGINT NOT NULL DEFAULT 0,
    accepted_answer_id BIGINT,
    verified_answer_id BIGINT,
    removed_at BIGINT,
    created_at BIGINT NOT NULL,
    activity_at BIGINT NOT NULL,
    CHECK ((member_id IS NULL) <> (remote_author_id IS NULL)),
    CHECK ((remote_author_id IS NULL) = (origin IS NULL))
);
-- One index per list of the home page, each ending in the id so that a keyset page is one range.
CREATE INDEX question_active ON question (activity_at, id) WHERE removed_at IS NULL;
CREATE INDEX question_newest ON question (created_at, id) WHERE removed_at IS NULL;
CREATE INDEX question_unanswered ON question (created_at, id) WHERE removed_at IS NULL AND answer_count = 0;
CREATE INDEX question_topic_active ON question (topic_id, activity_at, id) WHERE removed_at IS NULL;
CREATE INDEX question_topic_newest ON question (topic_id, created_at, id) WHERE removed_at IS NULL;
CREATE INDEX question_topic_unanswered ON question (topic_id, created_at, id) WHERE removed_at IS NULL AND answer_count = 0;
CREATE INDEX question_by_member ON question (member_id, created_at);

CREATE TABLE answer (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    question_id BIGINT NOT NULL REFERENCES question (id),
    member_id BIGINT REFERENCES member (id),
    remote_author_id BIGINT,
    origin TEXT,
    body TEXT NOT NULL,
    body_html TEXT NOT NULL,
    revision BIGINT NOT NULL DEFAULT 1,
    score BIGINT NOT NULL DEFAULT 0,
    removed_at BIGINT,
    created_at BIGINT NOT NULL,
    CHECK ((member_id IS NULL) <> (remote_author_id IS NULL)),
    CHECK ((remote_author_id IS NULL) = (origin IS NULL))
);
CREATE INDEX answer_by_question ON answer (question_id, created_at);
CREATE INDEX answer_by_member ON answer (member_id, created_at);

CREATE TABLE comment (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    question_id BIGINT NOT NULL REFERENCES question (id),
    -- NULL: a comment on the question itself.
    answer_id BIGINT REFERENCES answer (id),
    member_id BIGINT REFERENCES member (id),
    remote_author_id BIGINT,
    origin TEXT,
    body TEXT NOT NULL,
    body_html TEXT NOT NULL,
    removed_at BIGINT,
    created_at BIGINT NOT NULL,
    CHECK ((member_id IS NULL) <> (remote_author_id IS NULL)),
    CHECK ((remote_author_id IS NULL) = (origin IS NULL))
);
CREATE INDEX comment_by_question ON comment (question_id, created_at);

CREATE TABLE vote (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    member_id BIGINT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    post_kind TEXT NOT NULL CHECK (post_kind IN ('question', 'answer')),
    post_id BIGINT NOT NULL,
    value BIGINT NOT NULL CHECK (value IN (-1, 1)),
    created_at BIGINT NOT NULL,
    UNIQUE (member_id, post_kind, post_id)
);
CREATE INDEX vote_by_post ON vote (post_kind, post_id);
