-- Every version of an answer's words: staff vouch for one of them.
CREATE TABLE answer_revision (
    answer_id BIGINT NOT NULL REFERENCES answer (id),
    revision BIGINT NOT NULL,
    body TEXT NOT NULL,
    body_html TEXT NOT NULL,
    -- Who wrote it; NULL: its remote author.
    member_id BIGINT REFERENCES member (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (answer_id, revision)
);
INSERT INTO answer_revision (answer_id, revision, body, body_html, member_id, created_at)
    SELECT id, revision, body, body_html, member_id, created_at FROM answer;
-- What askers said of it, as staff decided.
ALTER TABLE answer ADD COLUMN worked BIGINT NOT NULL DEFAULT 0;
ALTER TABLE answer ADD COLUMN broken BIGINT NOT NULL DEFAULT 0;
-- The revision that staff vouch for: its words are shown, whatever was written since. NULL: the newest are.
ALTER TABLE answer ADD COLUMN vouched BIGINT;

ALTER TABLE topic ADD COLUMN two_person BIGINT NOT NULL DEFAULT 0 CHECK (two_person IN (0, 1));

ALTER TABLE verification ADD COLUMN state TEXT NOT NULL DEFAULT 'standing'
    CHECK (state IN ('awaiting', 'standing', 'stale', 'superseded', 'withdrawn', 'refused'));
ALTER TABLE verification ADD COLUMN version TEXT NOT NULL DEFAULT '';
ALTER TABLE verification ADD COLUMN region TEXT NOT NULL DEFAULT '';
-- The product and its version without what people write differently, to be held against a release.
ALTER TABLE verification ADD COLUMN product_key TEXT NOT NULL DEFAULT '';
ALTER TABLE verification ADD COLUMN version_key TEXT NOT NULL DEFAULT '';
UPDATE verification SET scope = '' WHERE scope = 'All customers';
UPDATE verification SET product_key = lower(scope);
ALTER TABLE verification ADD COLUMN second_id BIGINT REFERENCES member (id);
ALTER TABLE verification ADD COLUMN second_at BIGINT;
ALTER TABLE verification ADD COLUMN stale_since BIGINT;
-- Why it is stale, or why it ended.
ALTER TABLE verification ADD COLUMN reason TEXT;
ALTER TABLE verification ADD COLUMN ended_by BIGINT REFERENCES member (id);
ALTER TABLE verification ADD COLUMN superseded_by BIGINT REFERENCES verification (id);
-- What goes along with the short form once a second person has confirmed, as JSON.
ALTER TABLE verification ADD COLUMN pictures TEXT NOT NULL DEFAULT '[]';
UPDATE verification SET state = 'withdrawn' WHERE withdrawn_at IS NOT NULL;
-- An answer has one verification that stands, and beside it at most one that waits for its second person.
DROP INDEX verification_standing;
CREATE UNIQUE INDEX verification_standing ON verification (answer_id) WHERE state IN ('standing', 'stale');
CREATE UNIQUE INDEX verification_awaiting ON verification (answer_id) WHERE state = 'awaiting';
UPDATE answer SET vouched = revision WHERE EXISTS (SELECT 1 FROM verification
    WHERE verification.answer_id = answer.id AND verification.revision = answer.revision AND verification.state = 'standing');
CREATE INDEX verification_by_product ON verification (product_key) WHERE state = 'standing';
CREATE INDEX verification_until ON verification (valid_until) WHERE state = 'standing' AND valid_until IS NOT NULL;

-- What staff made of an answer without vouching for it.
CREATE TABLE answer_review (
    answer_id BIGINT PRIMARY KEY NOT NULL REFERENCES answer (id),
    seen_by BIGINT REFERENCES member (id),
    seen_at BIGINT,
    refused_by BIGINT REFERENCES member (id),
    refused_at BIGINT,
    refused_revision BIGINT,
    reason TEXT
);

-- What an asker said after a reply of ours, and what staff say it means.
CREATE TABLE result (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    question_id BIGINT NOT NULL REFERENCES question (id),
    answer_id BIGINT REFERENCES answer (id),
    comment_id BIGINT NOT NULL UNIQUE REFERENCES comment (id),
    guess TEXT CHECK (guess IN ('worked', 'broken')),
    decided TEXT CHECK (decided IN ('worked', 'broken', 'neither')),
    decided_by BIGINT REFERENCES member (id),
    decided_at BIGINT,
    created_at BIGINT NOT NULL,
    CHECK ((decided IS NULL) = (decided_by IS NULL) AND (decided IS NULL) = (decided_at IS NULL))
);
CREATE INDEX result_by_answer ON result (answer_id, decided_at);
CREATE INDEX result_by_question ON result (question_id);

CREATE TABLE product_release (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    product TEXT NOT NULL,
    version TEXT NOT NULL,
    product_key TEXT NOT NULL,
    version_key TEXT NOT NULL,
    entered_by BIGINT NOT NULL REFERENCES member (id),
    created_at BIGINT NOT NULL,
    -- When the last verification that it overtakes was put up for a check.
    settled_at BIGINT,
    UNIQUE (product_key, version_key)
);

-- A verified answer that was offered to staff for another question.
CREATE TABLE suggestion (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    question_id BIGINT NOT NULL REFERENCES question (id),
    verification_id BIGINT NOT NULL REFERENCES verification (id),
    shown_at BIGINT NOT NULL,
    taken_at BIGINT,
    taken_by BIGINT REFERENCES member (id),
    UNIQUE (question_id, verification_id)
);

-- A verified answer goes to another thread under a comment of staff, which says where it comes from.
CREATE INDEX delivery_by_answer ON delivery (answer_id) WHERE answer_id IS NOT NULL;
-- In this database's own words:
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql,
    'CHECK ((verification_id IS NOT NULL) + (comment_id IS NOT NULL) + (private_message_id IS NOT NULL) = 1)',
    'CHECK ((verification_id IS NOT NULL OR comment_id IS NOT NULL) <> (private_message_id IS NOT NULL))')
    WHERE name = 'delivery';
PRAGMA writable_schema = RESET;
