-- The questions of a tag in the order of their last activity: beside each tag stands its question's.
ALTER TABLE question_tag ADD COLUMN activity_at BIGINT NOT NULL DEFAULT 0;
UPDATE question_tag SET activity_at = (SELECT q.activity_at FROM question q WHERE q.id = question_tag.question_id);
CREATE INDEX question_tag_active ON question_tag (tag_id, activity_at, question_id);

-- The change feed also tells of what pages show beside the words of posts, so that kept pages stay true.
-- In this database's own words:
ALTER TABLE change DROP CONSTRAINT change_kind_check;
ALTER TABLE change ADD CONSTRAINT change_kind_check CHECK (kind IN ('question', 'answer', 'comment', 'work', 'shown'));
