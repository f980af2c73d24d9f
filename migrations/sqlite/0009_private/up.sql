-- A conversation in private messages with one person: one of our accounts on one side, they on the other.
CREATE TABLE private_thread (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    channel_id BIGINT NOT NULL REFERENCES channel (id),
    -- The conversation, as the network names it.
    remote_id TEXT NOT NULL,
    remote_author_id BIGINT NOT NULL REFERENCES remote_author (id),
    -- The time of their oldest message that nobody answered; NULL: nobody waits.
    waits_since BIGINT,
    -- Staff say that no message up to this one needs an answer.
    settled_id BIGINT,
    last_at BIGINT NOT NULL,
    UNIQUE (channel_id, remote_id)
);
CREATE INDEX private_thread_waiting ON private_thread (waits_since, id) WHERE waits_since IS NOT NULL;
CREATE INDEX private_thread_recent ON private_thread (last_at, id);
CREATE INDEX private_thread_by_author ON private_thread (remote_author_id);

CREATE TABLE private_message (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    thread_id BIGINT NOT NULL REFERENCES private_thread (id),
    channel_id BIGINT NOT NULL REFERENCES channel (id),
    -- NULL: written here, and the network has not named it yet.
    remote_id TEXT,
    side TEXT NOT NULL CHECK (side IN ('theirs', 'ours')),
    -- Who of us wrote it here; NULL: they did, or a colleague in the network's own app.
    member_id BIGINT REFERENCES member (id),
    text TEXT NOT NULL,
    raw TEXT,
    -- By the network's clock; of what was written here, when that was.
    sent_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    -- Inbound once, and once for each of our accounts: two of them may write to each other.
    UNIQUE (channel_id, remote_id),
    CHECK (remote_id IS NOT NULL OR member_id IS NOT NULL),
    CHECK (side = 'ours' OR (member_id IS NULL AND withdrawn_at IS NULL))
);
CREATE INDEX private_message_by_thread ON private_message (thread_id, sent_at, id);

-- What came with a message beside its words.
CREATE TABLE private_attachment (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    message_id BIGINT NOT NULL REFERENCES private_message (id),
    kind TEXT NOT NULL CHECK (kind IN ('photo', 'other')),
    -- Where the network keeps it, for our own account alone.
    url TEXT,
    alt TEXT NOT NULL DEFAULT '',
    -- A photo as we show it; NULL: it was not fetched, or cannot be.
    picture BLOB,
    due_at BIGINT,
    attempts BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX private_attachment_by_message ON private_attachment (message_id, id);
CREATE INDEX private_attachment_due ON private_attachment (due_at) WHERE due_at IS NOT NULL;

-- How far the private messages of an account were read, when next, and what keeps us from it.
ALTER TABLE channel ADD COLUMN messages_since TEXT;
ALTER TABLE channel ADD COLUMN messages_due_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE channel ADD COLUMN messages_trouble TEXT;
-- The network lets us send no private message until then; posts go on.
ALTER TABLE channel ADD COLUMN messages_paused_until BIGINT;

-- A delivery carries an answer or a comment to a post, or a private message to a person.
ALTER TABLE delivery ADD COLUMN private_message_id BIGINT REFERENCES private_message (id);
-- In this database's own words:
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(replace(sql,
    'question_id BIGINT NOT NULL REFERENCES question (id)', 'question_id BIGINT REFERENCES question (id)'),
    'remote_post_id BIGINT NOT NULL REFERENCES remote_post (id)', 'remote_post_id BIGINT REFERENCES remote_post (id)'),
    'CHECK ((verification_id IS NULL) <> (comment_id IS NULL))',
    'CHECK ((verification_id IS NOT NULL) + (comment_id IS NOT NULL) + (private_message_id IS NOT NULL) = 1),
    CHECK ((question_id IS NULL) <> (private_message_id IS NULL)),
    CHECK ((question_id IS NULL) = (remote_post_id IS NULL))')
    WHERE name = 'delivery';
UPDATE sqlite_schema SET sql = replace(sql, '(''webhook'', ', '(''webhook'', ''messages'', ') WHERE name = 'inbox';
PRAGMA writable_schema = RESET;
-- In both databases again.
CREATE UNIQUE INDEX delivery_private ON delivery (private_message_id);
