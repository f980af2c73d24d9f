ALTER TABLE remote_post DROP COLUMN quoted_remote_id;
