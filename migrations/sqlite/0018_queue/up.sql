-- The queue: one row for each thing that waits for staff. What it is stands in the tables of its kind.
CREATE TABLE work (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('mirrored', 'asked', 'verify', 'second', 'recheck', 'result', 'private', 'held',
        'held_post', 'delivery', 'removal', 'draft', 'flag')),
    -- Its id in the table of its kind.
    ref_id BIGINT NOT NULL,
    -- What is claimed, assigned and put off as one: 'question-12', 'private-3'.
    subject TEXT NOT NULL,
    question_id BIGINT,
    topic_id BIGINT REFERENCES topic (id),
    channel_id BIGINT REFERENCES channel (id),
    network TEXT,
    lang TEXT,
    -- When the clock starts: the moment of the original, on its network.
    since BIGINT NOT NULL,
    -- When we learned of it.
    arrived_at BIGINT NOT NULL,
    -- When three quarters of the time for a first response are over, and when all of it is.
    soon_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    UNIQUE (kind, ref_id)
);
CREATE INDEX work_due ON work (due_at, id);
CREATE INDEX work_by_kind ON work (kind, due_at, id);
CREATE INDEX work_by_topic ON work (topic_id, due_at, id);
CREATE INDEX work_by_network ON work (network, due_at, id);
CREATE INDEX work_by_subject ON work (subject);

-- Who handles a subject.
CREATE TABLE handling (
    subject TEXT PRIMARY KEY NOT NULL,
    claimed_by BIGINT REFERENCES member (id),
    claimed_until BIGINT,
    assignee_id BIGINT REFERENCES member (id),
    team_id BIGINT,
    snoozed_until BIGINT,
    -- Each act of a person adds one: who acted on an earlier one is told, and changes nothing.
    revision BIGINT NOT NULL DEFAULT 0,
    CHECK ((claimed_by IS NULL) = (claimed_until IS NULL))
);
CREATE INDEX handling_by_claim ON handling (claimed_by) WHERE claimed_by IS NOT NULL;
CREATE INDEX handling_by_assignee ON handling (assignee_id) WHERE assignee_id IS NOT NULL;
CREATE INDEX handling_by_team ON handling (team_id) WHERE team_id IS NOT NULL;
CREATE INDEX handling_snoozed ON handling (snoozed_until) WHERE snoozed_until IS NOT NULL;

-- Who has a subject open now, until a moment that its node puts off again and again.
CREATE TABLE presence (
    connection TEXT PRIMARY KEY NOT NULL,
    subject TEXT NOT NULL,
    member_id BIGINT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    until BIGINT NOT NULL
);
CREATE INDEX presence_by_subject ON presence (subject);

CREATE TABLE reminder (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    member_id BIGINT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    question_id BIGINT,
    due_at BIGINT NOT NULL,
    words TEXT NOT NULL DEFAULT ''
);
CREATE INDEX reminder_due ON reminder (due_at);

CREATE TABLE saved_view (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- NULL: everybody at the desk sees it.
    member_id BIGINT REFERENCES member (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- The filters as the address of the queue carries them.
    query TEXT NOT NULL,
    created_by BIGINT NOT NULL REFERENCES member (id),
    created_at BIGINT NOT NULL
);

-- A private conversation says which network it is on, as a thread does.
ALTER TABLE private_thread ADD COLUMN network TEXT;
UPDATE private_thread SET network = (SELECT channel.network FROM channel WHERE channel.id = private_thread.channel_id);

-- What waits already. Twelve minutes are what a first response may take where nobody said otherwise.
INSERT INTO work (kind, ref_id, subject, question_id, topic_id, channel_id, network, lang, since, arrived_at, soon_at, due_at)
    SELECT 'mirrored', q.id, 'question-' || q.id, q.id, q.topic_id, p.channel_id, p.network, p.lang,
        w.since, p.received_at, w.since + 540000, w.since + 720000
    FROM waiting w JOIN remote_post p ON p.id = w.remote_post_id JOIN question q ON q.id = w.question_id;
INSERT INTO work (kind, ref_id, subject, question_id, topic_id, since, arrived_at, soon_at, due_at)
    SELECT 'asked', q.id, 'question-' || q.id, q.id, q.topic_id,
        q.created_at, q.created_at, q.created_at + 540000, q.created_at + 720000
    FROM question q JOIN member m ON m.id = q.member_id
    WHERE q.removed_at IS NULL AND q.answer_count = 0 AND m.role = 'member';
INSERT INTO work (kind, ref_id, subject, channel_id, network, since, arrived_at, soon_at, due_at)
    SELECT 'private', t.id, 'private-' || t.id, t.channel_id, t.network,
        t.waits_since, t.waits_since, t.waits_since + 540000, t.waits_since + 720000
    FROM private_thread t WHERE t.waits_since IS NOT NULL;
INSERT INTO work (kind, ref_id, subject, question_id, channel_id, network, lang, since, arrived_at, soon_at, due_at)
    SELECT 'held', p.id, CASE WHEN p.question_id IS NULL THEN 'remote-post-' || p.id ELSE 'question-' || p.question_id END,
        p.question_id, p.channel_id, p.network, p.lang, p.posted_at, p.received_at, p.posted_at + 540000, p.posted_at + 720000
    FROM remote_post p WHERE p.state = 'held';
INSERT INTO work (kind, ref_id, subject, question_id, channel_id, network, since, arrived_at, soon_at, due_at)
    SELECT 'delivery', d.id,
        CASE WHEN d.question_id IS NULL THEN 'private-' || m.thread_id ELSE 'question-' || d.question_id END,
        d.question_id, d.channel_id, c.network, d.created_at, d.created_at, d.created_at + 540000, d.created_at + 720000
    FROM delivery d JOIN channel c ON c.id = d.channel_id LEFT JOIN private_message m ON m.id = d.private_message_id
    WHERE d.state IN ('uncertain', 'by_hand', 'failed');
INSERT INTO work (kind, ref_id, subject, question_id, topic_id, since, arrived_at, soon_at, due_at)
    SELECT 'removal', r.id, 'question-' || q.id, q.id, q.topic_id,
        r.created_at, r.created_at, r.created_at + 540000, r.created_at + 720000
    FROM removal_request r JOIN question q ON q.id = r.question_id WHERE r.settled_at IS NULL;

-- In this database's own words:
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '(kind IN (''question'', ''answer'', ''comment''))',
    '(kind IN (''question'', ''answer'', ''comment'', ''work''))') WHERE name = 'change';
UPDATE sqlite_schema SET sql = replace(sql, '(''member'', ''staff'', ''admin'')', '(''member'', ''trainee'', ''staff'', ''admin'')')
    WHERE name = 'member';
PRAGMA writable_schema = RESET;
