CREATE TABLE tag (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- As it is written in addresses: lower case, words joined by '-'.
    name TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);
CREATE TABLE question_tag (
    question_id BIGINT NOT NULL REFERENCES question (id),
    tag_id BIGINT NOT NULL REFERENCES tag (id),
    PRIMARY KEY (question_id, tag_id)
);
CREATE INDEX question_tag_by_tag ON question_tag (tag_id, question_id);
-- What a member knows about.
CREATE TABLE expertise (
    member_id BIGINT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    tag_id BIGINT NOT NULL REFERENCES tag (id),
    PRIMARY KEY (member_id, tag_id)
);
CREATE INDEX expertise_by_tag ON expertise (tag_id);

-- What a topic asks beside the question.
CREATE TABLE topic_field (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    topic_id BIGINT NOT NULL REFERENCES topic (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('text', 'choice')),
    -- A choice a line.
    choices TEXT NOT NULL DEFAULT '',
    required BIGINT NOT NULL DEFAULT 0 CHECK (required IN (0, 1)),
    position BIGINT NOT NULL,
    -- It is asked no more; what was answered stays.
    ended_at BIGINT
);
CREATE INDEX topic_field_by_topic ON topic_field (topic_id, position);
CREATE TABLE field_value (
    question_id BIGINT NOT NULL REFERENCES question (id),
    field_id BIGINT NOT NULL REFERENCES topic_field (id),
    value TEXT NOT NULL,
    PRIMARY KEY (question_id, field_id)
);

-- A picture in the store of files; its name is the hash of its bytes.
CREATE TABLE upload (
    name TEXT PRIMARY KEY NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
-- Who uses it: one that nobody uses goes.
CREATE TABLE upload_use (
    name TEXT NOT NULL REFERENCES upload (name),
    -- 'question-12', 'member-4', or 'draft-4': of a form that a member has not sent yet.
    place TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (name, place)
);
CREATE INDEX upload_use_by_place ON upload_use (place);

-- Seen by its asker and staff alone. Such a question has `removed_at`, so that no list, feed or index ever holds it.
ALTER TABLE question ADD COLUMN private BIGINT NOT NULL DEFAULT 0 CHECK (private IN (0, 1));
-- In this database's own words:
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '(''hidden'', ''held'', ''merged'', ''split''))',
    '(''hidden'', ''held'', ''merged'', ''split'', ''private''))') WHERE name = 'question';
PRAGMA writable_schema = RESET;
-- In both databases again.
