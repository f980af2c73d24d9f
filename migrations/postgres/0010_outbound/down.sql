ALTER TABLE channel DROP COLUMN failing_since;
ALTER TABLE channel DROP COLUMN failures;
