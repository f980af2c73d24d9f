DROP INDEX delivery_private;
DELETE FROM inbox WHERE source = 'messages';
DELETE FROM delivery_event WHERE delivery_id IN (SELECT id FROM delivery WHERE private_message_id IS NOT NULL);
DELETE FROM delivery WHERE private_message_id IS NOT NULL;
-- In this database's own words:
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(replace(sql,
    'question_id BIGINT REFERENCES question (id)', 'question_id BIGINT NOT NULL REFERENCES question (id)'),
    'remote_post_id BIGINT REFERENCES remote_post (id)', 'remote_post_id BIGINT NOT NULL REFERENCES remote_post (id)'),
    'CHECK ((verification_id IS NOT NULL) + (comment_id IS NOT NULL) + (private_message_id IS NOT NULL) = 1),
    CHECK ((question_id IS NULL) <> (private_message_id IS NULL)),
    CHECK ((question_id IS NULL) = (remote_post_id IS NULL))',
    'CHECK ((verification_id IS NULL) <> (comment_id IS NULL))')
    WHERE name = 'delivery';
UPDATE sqlite_schema SET sql = replace(sql, '''messages'', ', '') WHERE name = 'inbox';
PRAGMA writable_schema = RESET;
-- In both databases again.
ALTER TABLE delivery DROP COLUMN private_message_id;
ALTER TABLE channel DROP COLUMN messages_paused_until;
ALTER TABLE channel DROP COLUMN messages_trouble;
ALTER TABLE channel DROP COLUMN messages_due_at;
ALTER TABLE channel DROP COLUMN messages_since;
DROP TABLE private_attachment;
DROP TABLE private_message;
DROP TABLE private_thread;
