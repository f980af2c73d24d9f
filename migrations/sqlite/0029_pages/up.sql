-- The questions of a tag in the order of their last activity: beside each tag stands its question's.
ALTER TABLE question_tag ADD COLUMN activity_at BIGINT NOT NULL DEFAULT 0;
UPDATE question_tag SET activity_at = (SELECT q.activity_at FROM question q WHERE q.id = question_tag.question_id);
CREATE INDEX question_tag_active ON question_tag (tag_id, activity_at, question_id);

-- The change feed also tells of what pages show beside the words of posts, so that kept pages stay true.
-- In this database's own words:
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '(''question'', ''answer'', ''comment'', ''work'')',
    '(''question'', ''answer'', ''comment'', ''work'', ''shown'')') WHERE name = 'change';
PRAGMA writable_schema = RESET;
