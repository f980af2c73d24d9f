-- In this database's own words:
UPDATE question SET hidden_as = 'hidden' WHERE hidden_as = 'private';
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '(''hidden'', ''held'', ''merged'', ''split'', ''private''))',
    '(''hidden'', ''held'', ''merged'', ''split''))') WHERE name = 'question';
PRAGMA writable_schema = RESET;
-- In both databases again.
ALTER TABLE question DROP COLUMN private;
DROP TABLE upload_use;
DROP TABLE upload;
DROP TABLE field_value;
DROP TABLE topic_field;
DROP TABLE expertise;
DROP TABLE question_tag;
DROP TABLE tag;
