-- What gave or took reputation; the sum of a member's rows is `member.reputation`, and can be counted anew.
CREATE TABLE reputation (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    member_id BIGINT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    -- What happened, once: 'vote-answer-7-by-4', 'accepted-answer-7', 'verified-answer-7', 'result-12'.
    event TEXT NOT NULL,
    points BIGINT NOT NULL,
    question_id BIGINT REFERENCES question (id),
    at BIGINT NOT NULL,
    UNIQUE (member_id, event)
);
CREATE INDEX reputation_by_time ON reputation (at, member_id);
ALTER TABLE member ADD COLUMN reputation BIGINT NOT NULL DEFAULT 0;
-- Since when they are trusted; NULL: new.
ALTER TABLE member ADD COLUMN trusted_at BIGINT;
-- 1: staff said so, and the rules change nothing about it.
ALTER TABLE member ADD COLUMN trust_by_staff BIGINT NOT NULL DEFAULT 0;
CREATE INDEX member_by_reputation ON member (reputation, id) WHERE reputation > 0;

-- Whoever wants to hear of a question, a tag, a topic or a member.
CREATE TABLE follow (
    member_id BIGINT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('question', 'tag', 'topic', 'member')),
    ref_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (member_id, kind, ref_id)
);
CREATE INDEX follow_by_what ON follow (kind, ref_id, member_id);
-- Whether they follow by themselves the threads in which they ask and answer.
ALTER TABLE member ADD COLUMN follows_own BIGINT NOT NULL DEFAULT 1;

-- Posts of which not all who follow were told yet; the row goes when they were.
CREATE TABLE news (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    post_kind TEXT NOT NULL CHECK (post_kind IN ('question', 'answer', 'comment')),
    post_id BIGINT NOT NULL,
    by_id BIGINT REFERENCES member (id) ON DELETE CASCADE,
    -- The last member who was told, by id: the next batch begins after them.
    told_up_to BIGINT NOT NULL DEFAULT 0,
    UNIQUE (post_kind, post_id)
);
