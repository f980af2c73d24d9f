DROP TABLE split;
DROP TABLE merge;
DROP INDEX question_merged;
ALTER TABLE question DROP COLUMN merged_into;
DROP TABLE draft;
DROP TABLE macro_text;
DROP TABLE note;
UPDATE delivery SET state = 'queued' WHERE state = 'delayed';
-- In this database's own words:
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(sql, '(state IN (''delayed'', ''queued'',', '(state IN (''queued'','),
    'CHECK (state NOT IN (''delayed'', ''queued'') OR due_at IS NOT NULL)', 'CHECK (state <> ''queued'' OR due_at IS NOT NULL)')
    WHERE name = 'delivery';
PRAGMA writable_schema = RESET;
