DROP INDEX delivery_private;
DELETE FROM inbox WHERE source = 'messages';
DELETE FROM delivery_event WHERE delivery_id IN (SELECT id FROM delivery WHERE private_message_id IS NOT NULL);
DELETE FROM delivery WHERE private_message_id IS NOT NULL;
-- In this database's own words:
ALTER TABLE delivery DROP CONSTRAINT delivery_has_target;
ALTER TABLE delivery DROP CONSTRAINT delivery_private_or_public;
ALTER TABLE delivery DROP CONSTRAINT delivery_carries_one;
ALTER TABLE delivery ADD CONSTRAINT delivery_check CHECK ((verification_id IS NULL) <> (comment_id IS NULL));
ALTER TABLE delivery ALTER COLUMN remote_post_id SET NOT NULL;
ALTER TABLE delivery ALTER COLUMN question_id SET NOT NULL;
DO $$
DECLARE before text;
BEGIN
    SELECT pg_get_constraintdef(oid) INTO before FROM pg_constraint WHERE conname = 'inbox_source_check';
    ALTER TABLE inbox DROP CONSTRAINT inbox_source_check;
    EXECUTE 'ALTER TABLE inbox ADD CONSTRAINT inbox_source_check ' || replace(before, '''messages''::text, ', '');
END $$;
-- In both databases again.
ALTER TABLE delivery DROP COLUMN private_message_id;
ALTER TABLE channel DROP COLUMN messages_paused_until;
ALTER TABLE channel DROP COLUMN messages_trouble;
ALTER TABLE channel DROP COLUMN messages_due_at;
ALTER TABLE channel DROP COLUMN messages_since;
DROP TABLE private_attachment;
DROP TABLE private_message;
DROP TABLE private_thread;
