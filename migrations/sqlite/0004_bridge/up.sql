CREATE TABLE channel (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    network TEXT NOT NULL,
    -- Our account there.
    remote_id TEXT NOT NULL,
    handle TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('mirror', 'hold')),
    topic_id BIGINT REFERENCES topic (id),
    state TEXT NOT NULL CHECK (state IN ('live', 'paused', 'broken')),
    paused_until BIGINT,
    reason TEXT,
    -- How far each timeline was read, as the network counts.
    mentions_since TEXT,
    own_since TEXT,
    poll_due_at BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    UNIQUE (network, remote_id),
    CHECK ((state = 'paused') = (paused_until IS NOT NULL)),
    CHECK (state = 'live' OR reason IS NOT NULL)
);

-- Raw bodies as they came, verified but not yet understood.
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    channel_id BIGINT NOT NULL REFERENCES channel (id),
    source TEXT NOT NULL CHECK (source IN ('webhook', 'poll')),
    body BLOB NOT NULL,
    received_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('new', 'working', 'done', 'failed')),
    due_at BIGINT NOT NULL,
    lease_until BIGINT,
    attempts BIGINT NOT NULL DEFAULT 0,
    reason TEXT,
    CHECK ((state = 'working') = (lease_until IS NOT NULL)),
    CHECK (state <> 'failed' OR reason IS NOT NULL)
);
CREATE INDEX inbox_due ON inbox (state, due_at);

CREATE TABLE picture (
    hash TEXT PRIMARY KEY NOT NULL,
    bytes BLOB NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE remote_author (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    network TEXT NOT NULL,
    scope TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    handle TEXT NOT NULL,
    name TEXT NOT NULL,
    followers BIGINT,
    picture_url TEXT,
    picture_hash TEXT REFERENCES picture (hash),
    -- When the photo is to be fetched (again); NULL: it is not.
    picture_due_at BIGINT,
    seen_at BIGINT NOT NULL,
    UNIQUE (network, scope, remote_id)
);
CREATE INDEX remote_author_picture_due ON remote_author (picture_due_at) WHERE picture_due_at IS NOT NULL;

-- Inbound once: the row is never deleted. What is purged, refused or deleted keeps its key, so that it cannot come back.
CREATE TABLE remote_post (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    channel_id BIGINT NOT NULL REFERENCES channel (id),
    network TEXT NOT NULL,
    scope TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    remote_author_id BIGINT REFERENCES remote_author (id),
    parent_remote_id TEXT,
    conversation_remote_id TEXT,
    text TEXT NOT NULL DEFAULT '',
    lang TEXT,
    raw TEXT,
    url TEXT NOT NULL,
    reply_path TEXT NOT NULL CHECK (reply_path IN ('api', 'by_hand')),
    posted_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('held', 'mirrored', 'ours', 'ignored', 'removed')),
    reason TEXT,
    -- The mirror: the post here that stands for this one.
    post_kind TEXT CHECK (post_kind IN ('question', 'answer', 'comment')),
    post_id BIGINT,
    question_id BIGINT,
    UNIQUE (network, scope, remote_id),
    CHECK ((post_kind IS NULL) = (post_id IS NULL)),
    CHECK (state <> 'mirrored' OR (post_id IS NOT NULL AND question_id IS NOT NULL AND remote_author_id IS NOT NULL))
);
CREATE INDEX remote_post_by_question ON remote_post (question_id, posted_at);
CREATE INDEX remote_post_by_conversation ON remote_post (conversation_remote_id);
CREATE INDEX remote_post_held ON remote_post (posted_at) WHERE state = 'held';

-- Threads whose asker waits for a word from us, since when, and which of the asker's posts is the newest.
CREATE TABLE waiting (
    question_id BIGINT PRIMARY KEY NOT NULL REFERENCES question (id),
    remote_post_id BIGINT NOT NULL REFERENCES remote_post (id),
    since BIGINT NOT NULL
);
CREATE INDEX waiting_since ON waiting (since, question_id);

CREATE TABLE removal_request (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    question_id BIGINT NOT NULL REFERENCES question (id),
    message TEXT NOT NULL,
    contact TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    settled_at BIGINT,
    settled_by BIGINT REFERENCES member (id)
);
CREATE INDEX removal_request_open ON removal_request (created_at) WHERE settled_at IS NULL;

-- One act towards one remote post. Which columns are filled in which state is kept by the checks below.
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    channel_id BIGINT NOT NULL REFERENCES channel (id),
    question_id BIGINT NOT NULL REFERENCES question (id),
    -- What it carries: a verified answer, or a staff comment that its sender vouches for.
    verification_id BIGINT,
    answer_id BIGINT REFERENCES answer (id),
    comment_id BIGINT REFERENCES comment (id),
    remote_post_id BIGINT NOT NULL REFERENCES remote_post (id),
    kind TEXT NOT NULL CHECK (kind IN ('reply')),
    step BIGINT NOT NULL DEFAULT 1,
    text TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'uncertain', 'by_hand', 'failed', 'withdrawn')),
    -- queued: when to send; uncertain: when to look again (NULL: a person decides).
    due_at BIGINT,
    lease_until BIGINT,
    attempts BIGINT NOT NULL DEFAULT 0,
    attempted_at BIGINT,
    sent_at BIGINT,
    sent_remote_id TEXT,
    sent_url TEXT,
    reason TEXT,
    created_by BIGINT NOT NULL REFERENCES member (id),
    created_at BIGINT NOT NULL,
    -- Nobody vouches for it any more: what did not arrive must not be tried again.
    revoked_at BIGINT,
    UNIQUE (verification_id, remote_post_id, kind, step),
    UNIQUE (comment_id, remote_post_id, kind, step),
    CHECK ((verification_id IS NULL) <> (comment_id IS NULL)),
    CHECK ((verification_id IS NULL) = (answer_id IS NULL)),
    CHECK (state <> 'queued' OR due_at IS NOT NULL),
    CHECK ((state = 'sending') = (lease_until IS NOT NULL)),
    CHECK (state NOT IN ('sending', 'uncertain') OR attempted_at IS NOT NULL),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK (state NOT IN ('uncertain', 'by_hand', 'failed') OR reason IS NOT NULL)
);
CREATE INDEX delivery_due ON delivery (state, due_at);
CREATE INDEX delivery_by_question ON delivery (question_id);
-- A post of ours is one delivery: whoever adopts it first has it.
CREATE UNIQUE INDEX delivery_sent ON delivery (channel_id, sent_remote_id);

CREATE TABLE delivery_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    delivery_id BIGINT NOT NULL REFERENCES delivery (id),
    state TEXT NOT NULL,
    reason TEXT,
    -- The person who decided; NULL where the outbox did.
    member_id BIGINT REFERENCES member (id),
    at BIGINT NOT NULL
);
CREATE INDEX delivery_event_by_delivery ON delivery_event (delivery_id, id);
