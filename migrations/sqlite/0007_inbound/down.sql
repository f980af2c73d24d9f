DROP TABLE recheck;
DROP TABLE timeline_gap;
DROP TABLE remote_version;
ALTER TABLE remote_post DROP COLUMN version_id;
ALTER TABLE remote_post DROP COLUMN edited_at;
