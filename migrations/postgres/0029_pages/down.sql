DROP INDEX question_tag_active;
ALTER TABLE question_tag DROP COLUMN activity_at;
DELETE FROM change WHERE kind = 'shown';
-- In this database's own words:
ALTER TABLE change DROP CONSTRAINT change_kind_check;
ALTER TABLE change ADD CONSTRAINT change_kind_check CHECK (kind IN ('question', 'answer', 'comment', 'work'));
