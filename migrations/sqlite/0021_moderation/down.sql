DROP TABLE bulk_hidden;
DROP TABLE bulk_hide;
DROP TABLE sanction;
DROP TABLE hold;
DROP TABLE report;
DROP TABLE flag;
DROP TABLE audit;
-- In this database's own words:
-- In both databases again.
DROP TABLE notice;
ALTER TABLE member DROP COLUMN ban_reason;
ALTER TABLE member DROP COLUMN banned_until;
ALTER TABLE topic DROP COLUMN hold_links;
ALTER TABLE topic DROP COLUMN hold_first;
DROP INDEX comment_by_remote_author;
DROP INDEX answer_by_remote_author;
DROP INDEX question_by_remote_author;
DROP INDEX comment_by_member;
ALTER TABLE question DROP COLUMN locked_reason;
ALTER TABLE question DROP COLUMN locked_at;
ALTER TABLE answer DROP COLUMN was_accepted;
ALTER TABLE comment DROP COLUMN hidden_as;
ALTER TABLE answer DROP COLUMN hidden_as;
ALTER TABLE question DROP COLUMN hidden_as;
