-- Why a post that is not shown may come back; NULL beside `removed_at`: it is gone for good.
ALTER TABLE question ADD COLUMN hidden_as TEXT CHECK (hidden_as IN ('hidden', 'held', 'merged', 'split'));
ALTER TABLE answer ADD COLUMN hidden_as TEXT CHECK (hidden_as IN ('hidden', 'held', 'merged', 'split'));
ALTER TABLE comment ADD COLUMN hidden_as TEXT CHECK (hidden_as IN ('hidden', 'held', 'merged', 'split'));
-- It was the accepted one when it was taken out of sight.
ALTER TABLE answer ADD COLUMN was_accepted BIGINT NOT NULL DEFAULT 0 CHECK (was_accepted IN (0, 1));
ALTER TABLE question ADD COLUMN locked_at BIGINT;
ALTER TABLE question ADD COLUMN locked_reason TEXT;
-- The posts of one author, whatever their kind, newest last.
CREATE INDEX comment_by_member ON comment (member_id, created_at);
CREATE INDEX question_by_remote_author ON question (remote_author_id, created_at) WHERE remote_author_id IS NOT NULL;
CREATE INDEX answer_by_remote_author ON answer (remote_author_id, created_at) WHERE remote_author_id IS NOT NULL;
CREATE INDEX comment_by_remote_author ON comment (remote_author_id, created_at) WHERE remote_author_id IS NOT NULL;

ALTER TABLE topic ADD COLUMN hold_first BIGINT NOT NULL DEFAULT 0;
ALTER TABLE topic ADD COLUMN hold_links BIGINT NOT NULL DEFAULT 0 CHECK (hold_links IN (0, 1));

ALTER TABLE member ADD COLUMN banned_until BIGINT;
ALTER TABLE member ADD COLUMN ban_reason TEXT;

-- What tells a member something.
CREATE TABLE notice (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    member_id BIGINT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    question_id BIGINT,
    post_kind TEXT CHECK (post_kind IN ('question', 'answer', 'comment')),
    post_id BIGINT,
    subject TEXT,
    by_id BIGINT REFERENCES member (id),
    -- A reason, or other words that a person wrote.
    words TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    read_at BIGINT,
    CHECK ((post_kind IS NULL) = (post_id IS NULL))
);
CREATE INDEX notice_by_member ON notice (member_id, id);
CREATE INDEX notice_unread ON notice (member_id, id) WHERE read_at IS NULL;

-- Every act of staff; rows are only ever added.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- NULL: the server itself.
    member_id BIGINT,
    act TEXT NOT NULL,
    -- 'question-12', 'member-4', 'topic-2'.
    subject TEXT NOT NULL,
    question_id BIGINT,
    words TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);
CREATE INDEX audit_by_member ON audit (member_id, id);
CREATE INDEX audit_by_act ON audit (act, id);
CREATE INDEX audit_by_subject ON audit (subject, id);
CREATE INDEX audit_by_question ON audit (question_id, id) WHERE question_id IS NOT NULL;
-- In this database's own words:
CREATE TRIGGER audit_stays AFTER UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END;
-- In both databases again.

CREATE TABLE flag (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    post_kind TEXT NOT NULL CHECK (post_kind IN ('question', 'answer', 'comment')),
    post_id BIGINT NOT NULL,
    question_id BIGINT NOT NULL REFERENCES question (id),
    created_at BIGINT NOT NULL,
    decided_at BIGINT,
    decided_by BIGINT REFERENCES member (id),
    upheld BIGINT CHECK (upheld IN (0, 1))
);
CREATE INDEX flag_by_post ON flag (post_kind, post_id);
CREATE INDEX flag_by_question ON flag (question_id) WHERE decided_at IS NULL;
CREATE INDEX flag_waiting ON flag (id) WHERE decided_at IS NULL;
CREATE UNIQUE INDEX flag_open ON flag (post_kind, post_id) WHERE decided_at IS NULL;
CREATE TABLE report (
    flag_id BIGINT NOT NULL REFERENCES flag (id),
    member_id BIGINT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    reason TEXT NOT NULL,
    words TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    PRIMARY KEY (flag_id, member_id)
);
CREATE INDEX report_by_member ON report (member_id);

-- A post of a new member that staff look at before anybody else does.
CREATE TABLE hold (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    post_kind TEXT NOT NULL CHECK (post_kind IN ('question', 'answer', 'comment')),
    post_id BIGINT NOT NULL,
    question_id BIGINT NOT NULL REFERENCES question (id),
    member_id BIGINT NOT NULL REFERENCES member (id),
    why TEXT NOT NULL CHECK (why IN ('first', 'link')),
    created_at BIGINT NOT NULL,
    decided_at BIGINT,
    decided_by BIGINT REFERENCES member (id),
    approved BIGINT CHECK (approved IN (0, 1)),
    reason TEXT,
    UNIQUE (post_kind, post_id)
);
CREATE INDEX hold_by_member ON hold (member_id, id);
CREATE INDEX hold_open ON hold (id) WHERE decided_at IS NULL;
CREATE INDEX hold_by_question ON hold (question_id) WHERE decided_at IS NULL;

-- Warnings and bans, for the page of the member.
CREATE TABLE sanction (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    member_id BIGINT NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('warning', 'ban', 'lift')),
    until BIGINT,
    reason TEXT NOT NULL,
    by_id BIGINT NOT NULL REFERENCES member (id),
    created_at BIGINT NOT NULL
);
CREATE INDEX sanction_by_member ON sanction (member_id, id);

-- One author's posts, hidden together, so that they come back together.
CREATE TABLE bulk_hide (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    member_id BIGINT REFERENCES member (id),
    remote_author_id BIGINT REFERENCES remote_author (id),
    reason TEXT NOT NULL,
    by_id BIGINT NOT NULL REFERENCES member (id),
    created_at BIGINT NOT NULL,
    restored_at BIGINT,
    restored_by BIGINT REFERENCES member (id),
    CHECK ((member_id IS NULL) <> (remote_author_id IS NULL))
);
CREATE INDEX bulk_hide_by_member ON bulk_hide (member_id) WHERE member_id IS NOT NULL;
CREATE INDEX bulk_hide_by_remote_author ON bulk_hide (remote_author_id) WHERE remote_author_id IS NOT NULL;
CREATE TABLE bulk_hidden (
    bulk_id BIGINT NOT NULL REFERENCES bulk_hide (id),
    post_kind TEXT NOT NULL,
    post_id BIGINT NOT NULL,
    PRIMARY KEY (bulk_id, post_kind, post_id)
);
