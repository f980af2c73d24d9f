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
    due_at BIGINT NOT NULL,
    UNIQUE (kind, ref_id)
);
CREATE INDEX work_due ON work (due_at, id);
CREATE INDEX work_by_kind ON work (kind, due_at, id);
CREATE INDEX work_by_topic ON work (topic_id, due_at, id);
CREATE INDEX work_by_subject ON work (subject);

-- Who handles a subject.
CREATE TABLE handling (
    subject TEXT PRIMARY KEY NOT NULL,
    claimed_by BIGINT REFERENCES member (id),
    claimed_until BIGINT,
    assignee_id BIGINT REFERENCES member (id),
    team_id BIGINT,
    snoozed_until BIGINT,
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

-- In this database's own words:
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '(kind IN (''question'', ''answer'', ''comment''))',
    '(kind IN (''question'', ''answer'', ''comment'', ''work''))') WHERE name = 'change';
UPDATE sqlite_schema SET sql = replace(sql, '(''member'', ''staff'', ''admin'')', '(''member'', ''trainee'', ''staff'', ''admin'')')
    WHERE name = 'member';
PRAGMA writable_schema = RESET;
