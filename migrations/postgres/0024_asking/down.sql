-- In this database's own words:
UPDATE question SET hidden_as = 'hidden' WHERE hidden_as = 'private';
ALTER TABLE question DROP CONSTRAINT question_hidden_as_check;
ALTER TABLE question ADD CONSTRAINT question_hidden_as_check
    CHECK (hidden_as IN ('hidden', 'held', 'merged', 'split'));
-- In both databases again.
ALTER TABLE question DROP COLUMN private;
DROP TABLE upload_use;
DROP TABLE upload;
DROP TABLE field_value;
DROP TABLE topic_field;
DROP TABLE expertise;
DROP TABLE question_tag;
DROP TABLE tag;
