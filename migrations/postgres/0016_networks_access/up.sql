-- The keys of our app, by what they are for on any network: X alone calls them consumer key, consumer secret and bearer.
ALTER TABLE network_app RENAME COLUMN consumer_key TO api_key;
ALTER TABLE network_app RENAME COLUMN consumer_secret TO signing_secret;
ALTER TABLE network_app RENAME COLUMN earlier_consumer_secret TO earlier_signing_secret;
ALTER TABLE network_app RENAME COLUMN bearer_token TO app_token;
-- 1: the network has approved our staff to answer private messages for longer than others.
ALTER TABLE network_app ADD COLUMN may_answer_late BIGINT NOT NULL DEFAULT 0 CHECK (may_answer_late IN (0, 1));

-- Where one grant opens several accounts, an administrator chooses after the way back. The secret is sealed: the verifier
-- first, and what was granted while they choose. Who is on the way now begins anew.
DELETE FROM access_attempt;
ALTER TABLE access_attempt RENAME COLUMN verifier TO secret;
ALTER TABLE access_attempt ADD COLUMN step TEXT NOT NULL DEFAULT 'consent' CHECK (step IN ('consent', 'choice'));

-- Not every network has an API key.
-- In this database's own words:
ALTER TABLE network_app ALTER COLUMN api_key DROP NOT NULL;
