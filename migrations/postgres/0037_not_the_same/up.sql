-- Two questions that staff said are not the same: neither is suggested as asked twice beside the other again. The lower id
-- comes first, so that a pair stands here once.
CREATE TABLE not_the_same (
    question_id BIGINT NOT NULL REFERENCES question (id),
    other_id BIGINT NOT NULL REFERENCES question (id),
    member_id BIGINT NOT NULL REFERENCES member (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (question_id, other_id),
    CHECK (question_id < other_id)
);
CREATE INDEX not_the_same_by_other ON not_the_same (other_id);
