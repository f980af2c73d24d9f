ALTER TABLE remote_post DROP COLUMN given_title;
DROP TABLE lost_access;
