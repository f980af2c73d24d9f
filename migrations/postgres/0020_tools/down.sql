DROP TABLE split;
DROP TABLE merge;
DROP INDEX question_merged;
ALTER TABLE question DROP COLUMN merged_into;
DROP TABLE draft;
DROP TABLE macro_text;
DROP TABLE note;
UPDATE delivery SET state = 'queued' WHERE state = 'delayed';
-- In this database's own words:
ALTER TABLE delivery DROP CONSTRAINT delivery_delayed_until;
ALTER TABLE delivery DROP CONSTRAINT delivery_state_check;
ALTER TABLE delivery ADD CONSTRAINT delivery_state_check
    CHECK (state IN ('queued', 'sending', 'sent', 'uncertain', 'by_hand', 'failed', 'withdrawn'));
