-- What colleagues tell each other about a thread or a conversation; nobody else ever sees it.
CREATE TABLE note (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    subject TEXT NOT NULL,
    member_id BIGINT NOT NULL REFERENCES member (id),
    body TEXT NOT NULL,
    body_html TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    removed_at BIGINT
);
CREATE INDEX note_by_subject ON note (subject, created_at, id);

-- Texts with placeholders; the same name in several languages is one macro.
CREATE TABLE macro_text (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name TEXT NOT NULL,
    lang TEXT NOT NULL,
    body TEXT NOT NULL,
    revision BIGINT NOT NULL DEFAULT 1,
    edited_by BIGINT NOT NULL REFERENCES member (id),
    edited_at BIGINT NOT NULL,
    UNIQUE (name, lang)
);

-- What somebody at the desk is writing. 'message': a reply of the thread; 'verification': of one answer.
CREATE TABLE draft (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    member_id BIGINT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('message', 'verification')),
    question_id BIGINT NOT NULL REFERENCES question (id),
    -- 0: of no answer.
    answer_id BIGINT NOT NULL DEFAULT 0,
    -- The form's fields, as JSON.
    form TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- Handed in for approval.
    submitted_at BIGINT,
    -- Why it came back.
    returned_reason TEXT,
    returned_by BIGINT REFERENCES member (id),
    UNIQUE (member_id, kind, question_id, answer_id)
);
CREATE INDEX draft_by_question ON draft (question_id);

-- A merge is a pointer: nothing moves, so that taking it back restores everything.
ALTER TABLE question ADD COLUMN merged_into BIGINT REFERENCES question (id);
CREATE INDEX question_merged ON question (merged_into) WHERE merged_into IS NOT NULL;
CREATE TABLE merge (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    question_id BIGINT NOT NULL REFERENCES question (id),
    into_id BIGINT NOT NULL REFERENCES question (id),
    member_id BIGINT NOT NULL REFERENCES member (id),
    created_at BIGINT NOT NULL,
    undone_at BIGINT,
    undone_by BIGINT REFERENCES member (id)
);
CREATE UNIQUE INDEX merge_standing ON merge (question_id) WHERE undone_at IS NULL;
-- A post that became a question of its own.
CREATE TABLE split (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    question_id BIGINT NOT NULL REFERENCES question (id),
    from_question_id BIGINT NOT NULL REFERENCES question (id),
    post_kind TEXT NOT NULL CHECK (post_kind IN ('answer', 'comment')),
    post_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL REFERENCES member (id),
    created_at BIGINT NOT NULL,
    undone_at BIGINT,
    undone_by BIGINT REFERENCES member (id)
);
CREATE UNIQUE INDEX split_standing ON split (post_kind, post_id) WHERE undone_at IS NULL;
CREATE INDEX split_by_thread ON split (from_question_id);

-- A delivery inside its undo window is delayed.
-- In this database's own words:
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(sql, '(state IN (''queued'',', '(state IN (''delayed'', ''queued'','),
    'CHECK (state <> ''queued'' OR due_at IS NOT NULL)', 'CHECK (state NOT IN (''delayed'', ''queued'') OR due_at IS NOT NULL)')
    WHERE name = 'delivery';
PRAGMA writable_schema = RESET;
