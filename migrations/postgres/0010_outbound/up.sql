-- The breaker of a channel: how often in a row the network was not there for a send, and since when. Enough of them pause
-- the channel; then one delivery at a time tries whether the network is back.
ALTER TABLE channel ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
ALTER TABLE channel ADD COLUMN failing_since BIGINT;
