DROP TABLE news;
ALTER TABLE member DROP COLUMN follows_own;
DROP TABLE follow;
DROP INDEX member_by_reputation;
ALTER TABLE member DROP COLUMN trust_by_staff;
ALTER TABLE member DROP COLUMN trusted_at;
ALTER TABLE member DROP COLUMN reputation;
DROP TABLE reputation;
