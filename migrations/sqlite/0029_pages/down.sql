DROP INDEX question_tag_active;
ALTER TABLE question_tag DROP COLUMN activity_at;
DELETE FROM change WHERE kind = 'shown';
-- In this database's own words:
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '(''question'', ''answer'', ''comment'', ''work'', ''shown'')',
    '(''question'', ''answer'', ''comment'', ''work'')') WHERE name = 'change';
PRAGMA writable_schema = RESET;
