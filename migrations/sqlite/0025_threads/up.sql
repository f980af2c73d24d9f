-- Several answers may be accepted: each says so itself, also while it is out of sight. Its question keeps their number.
ALTER TABLE answer ADD COLUMN accepted_at BIGINT;
UPDATE answer SET accepted_at = created_at
WHERE was_accepted = 1 OR EXISTS (SELECT 1 FROM question WHERE question.accepted_answer_id = answer.id);
ALTER TABLE answer DROP COLUMN was_accepted;
ALTER TABLE question ADD COLUMN accepted_count BIGINT NOT NULL DEFAULT 0;
UPDATE question SET accepted_count = 1 WHERE accepted_answer_id IS NOT NULL;
ALTER TABLE question DROP COLUMN accepted_answer_id;
-- "Did this help?", by anybody who reads.
ALTER TABLE answer ADD COLUMN helped BIGINT NOT NULL DEFAULT 0;
ALTER TABLE answer ADD COLUMN not_helped BIGINT NOT NULL DEFAULT 0;
CREATE TABLE helped (
    answer_id BIGINT NOT NULL REFERENCES answer (id),
    -- 'member-4', or 'guest-' and what their signed cookie says.
    person TEXT NOT NULL,
    value BIGINT NOT NULL CHECK (value IN (-1, 1)),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (answer_id, person)
);
-- "I have this too": a count of people.
ALTER TABLE question ADD COLUMN affected BIGINT NOT NULL DEFAULT 0;
CREATE TABLE affected (
    question_id BIGINT NOT NULL REFERENCES question (id),
    person TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (question_id, person)
);
CREATE INDEX question_affected ON question (affected, id) WHERE removed_at IS NULL;
CREATE INDEX question_topic_affected ON question (topic_id, affected, id) WHERE removed_at IS NULL;

-- Every version of a question's and a comment's words, and why it was changed.
ALTER TABLE question ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE comment ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
CREATE TABLE question_revision (
    question_id BIGINT NOT NULL REFERENCES question (id),
    revision BIGINT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    -- NULL: its remote author.
    member_id BIGINT REFERENCES member (id),
    reason TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    PRIMARY KEY (question_id, revision)
);
CREATE TABLE comment_revision (
    comment_id BIGINT NOT NULL REFERENCES comment (id),
    revision BIGINT NOT NULL,
    body TEXT NOT NULL,
    member_id BIGINT REFERENCES member (id),
    reason TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    PRIMARY KEY (comment_id, revision)
);
ALTER TABLE answer_revision ADD COLUMN reason TEXT NOT NULL DEFAULT '';

-- Closed: no further answers, and why. Locked: no further word at all.
ALTER TABLE question ADD COLUMN closed_at BIGINT;
ALTER TABLE question ADD COLUMN closed_reason TEXT;
