UPDATE delivery SET comment_id = NULL WHERE verification_id IS NOT NULL;
-- In this database's own words:
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql,
    'CHECK ((verification_id IS NOT NULL OR comment_id IS NOT NULL) <> (private_message_id IS NOT NULL))',
    'CHECK ((verification_id IS NOT NULL) + (comment_id IS NOT NULL) + (private_message_id IS NOT NULL) = 1)')
    WHERE name = 'delivery';
PRAGMA writable_schema = RESET;
-- In both databases again.
DROP INDEX delivery_by_answer;
DROP TABLE suggestion;
DROP TABLE product_release;
DROP TABLE result;
DROP TABLE answer_review;
DROP INDEX verification_until;
DROP INDEX verification_by_product;
-- Nobody vouched for these with the second word that they need, or somebody took it back.
UPDATE verification SET withdrawn_at = created_at WHERE state NOT IN ('standing', 'stale') AND withdrawn_at IS NULL;
DROP INDEX verification_awaiting;
DROP INDEX verification_standing;
CREATE UNIQUE INDEX verification_standing ON verification (answer_id) WHERE withdrawn_at IS NULL;
ALTER TABLE verification DROP COLUMN pictures;
ALTER TABLE verification DROP COLUMN superseded_by;
ALTER TABLE verification DROP COLUMN ended_by;
ALTER TABLE verification DROP COLUMN reason;
ALTER TABLE verification DROP COLUMN stale_since;
ALTER TABLE verification DROP COLUMN second_at;
ALTER TABLE verification DROP COLUMN second_id;
ALTER TABLE verification DROP COLUMN version_key;
ALTER TABLE verification DROP COLUMN product_key;
ALTER TABLE verification DROP COLUMN region;
ALTER TABLE verification DROP COLUMN version;
ALTER TABLE verification DROP COLUMN state;
ALTER TABLE topic DROP COLUMN two_person;
ALTER TABLE answer DROP COLUMN vouched;
ALTER TABLE answer DROP COLUMN broken;
ALTER TABLE answer DROP COLUMN worked;
DROP TABLE answer_revision;
