DELETE FROM network_app WHERE api_key IS NULL;
-- In this database's own words:
ALTER TABLE network_app ALTER COLUMN api_key SET NOT NULL;
-- In both databases again.
DELETE FROM access_attempt;
ALTER TABLE access_attempt DROP COLUMN step;
ALTER TABLE access_attempt RENAME COLUMN secret TO verifier;
ALTER TABLE network_app DROP COLUMN may_answer_late;
ALTER TABLE network_app RENAME COLUMN app_token TO bearer_token;
ALTER TABLE network_app RENAME COLUMN earlier_signing_secret TO earlier_consumer_secret;
ALTER TABLE network_app RENAME COLUMN signing_secret TO consumer_secret;
ALTER TABLE network_app RENAME COLUMN api_key TO consumer_key;
