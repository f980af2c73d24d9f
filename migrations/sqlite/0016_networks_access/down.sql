DELETE FROM network_app WHERE api_key IS NULL;
-- In this database's own words:
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'api_key TEXT', 'api_key TEXT NOT NULL') WHERE name = 'network_app';
PRAGMA writable_schema = RESET;
-- In both databases again.
DELETE FROM access_attempt;
ALTER TABLE access_attempt DROP COLUMN step;
ALTER TABLE access_attempt RENAME COLUMN secret TO verifier;
ALTER TABLE network_app DROP COLUMN may_answer_late;
ALTER TABLE network_app RENAME COLUMN app_token TO bearer_token;
ALTER TABLE network_app RENAME COLUMN earlier_signing_secret TO earlier_consumer_secret;
ALTER TABLE network_app RENAME COLUMN signing_secret TO consumer_secret;
ALTER TABLE network_app RENAME COLUMN api_key TO consumer_key;
