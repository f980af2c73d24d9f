ALTER TABLE private_message DROP COLUMN taken_back_at;
DROP INDEX private_thread_about;
ALTER TABLE private_thread DROP COLUMN about_id;
DROP INDEX remote_post_under;
ALTER TABLE remote_post DROP COLUMN hidden_at;
ALTER TABLE remote_post DROP COLUMN read_at;
ALTER TABLE remote_post DROP COLUMN answers_under;
