CREATE TABLE verification (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    question_id BIGINT NOT NULL REFERENCES question (id),
    answer_id BIGINT NOT NULL REFERENCES answer (id),
    revision BIGINT NOT NULL,
    member_id BIGINT NOT NULL REFERENCES member (id),
    evidence TEXT NOT NULL,
    scope TEXT NOT NULL,
    valid_until BIGINT,
    short_form TEXT,
    created_at BIGINT NOT NULL,
    withdrawn_at BIGINT
);
CREATE INDEX verification_by_question ON verification (question_id);
-- An answer has one standing verification at a time.
CREATE UNIQUE INDEX verification_standing ON verification (answer_id) WHERE withdrawn_at IS NULL;
