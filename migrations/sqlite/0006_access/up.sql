-- Our app on a network: one per installation. Secrets are sealed; the key lies outside the database.
CREATE TABLE network_app (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    network TEXT NOT NULL UNIQUE,
    client_id TEXT NOT NULL,
    client_secret TEXT,
    consumer_key TEXT NOT NULL,
    consumer_secret TEXT NOT NULL,
    -- While the consumer secret is rotated: what is signed with either is genuine.
    earlier_consumer_secret TEXT,
    bearer_token TEXT,
    -- Where the network sends its events, and when it last found that address in order.
    webhook_id TEXT,
    webhook_url TEXT,
    webhook_valid_at BIGINT,
    -- Up to when events could reach us: what lies between this and now is asked for again.
    events_until BIGINT,
    upkeep_due_at BIGINT NOT NULL DEFAULT 0,
    -- What the last look found, as JSON, and when that was.
    findings TEXT,
    checked_at BIGINT,
    -- Rises with every change that a running process must take over.
    generation BIGINT NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL
);

-- An administrator on the way to the network's consent page and back.
CREATE TABLE access_attempt (
    state_hash TEXT PRIMARY KEY NOT NULL,
    network TEXT NOT NULL,
    session_hash TEXT NOT NULL,
    -- Sealed.
    verifier TEXT NOT NULL,
    -- The account that is to be connected, and no other: X connects whoever is signed in there.
    handle TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Access to one account. Tokens are sealed; without an access token the account is not connected.
ALTER TABLE channel ADD COLUMN access_token TEXT;
ALTER TABLE channel ADD COLUMN refresh_token TEXT;
ALTER TABLE channel ADD COLUMN token_expires_at BIGINT;
ALTER TABLE channel ADD COLUMN scopes TEXT NOT NULL DEFAULT '';
-- Rises with every new token: who holds an older one takes over the newer.
ALTER TABLE channel ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;
ALTER TABLE channel ADD COLUMN token_since BIGINT;
-- The one who renews now, by the database's clock.
ALTER TABLE channel ADD COLUMN refresh_lease_until BIGINT;
ALTER TABLE channel ADD COLUMN refresh_due_at BIGINT;
-- Why the access cannot be renewed, although it still works.
ALTER TABLE channel ADD COLUMN access_problem TEXT;
-- An administrator took the account off; NULL: it is ours.
ALTER TABLE channel ADD COLUMN disconnected_at BIGINT;
ALTER TABLE channel ADD COLUMN findings TEXT;
ALTER TABLE channel ADD COLUMN checked_at BIGINT;

-- What the settings connected before has no access here: its tokens were never in the database.
UPDATE channel SET state = 'broken', paused_until = NULL,
    reason = 'accounts are connected on the page Channels now: connect it there';
