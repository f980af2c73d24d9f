-- A site whose dump was read into this forum.
CREATE TABLE import_source (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name TEXT NOT NULL UNIQUE,
    -- Counts the attempts: what an earlier one brought over is told apart.
    runs BIGINT NOT NULL DEFAULT 0,
    begun_at BIGINT NOT NULL,
    -- When all of it was here; NULL: not yet.
    ended_at BIGINT
);

-- What became of each post of a dump. Never deleted: nothing comes twice, nothing that was erased here comes back, and old
-- addresses lead to where a post is now.
CREATE TABLE imported_post (
    source_id BIGINT NOT NULL REFERENCES import_source (id),
    -- Questions and answers count their ids together there, comments by themselves.
    part TEXT NOT NULL CHECK (part IN ('post', 'comment')),
    foreign_id BIGINT NOT NULL,
    post_kind TEXT NOT NULL CHECK (post_kind IN ('question', 'answer', 'comment')),
    post_id BIGINT NOT NULL,
    run BIGINT NOT NULL,
    -- What the votes there came to, which name nobody: its score here is this and the sum of its votes here.
    score BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (source_id, part, foreign_id),
    UNIQUE (post_kind, post_id)
);
CREATE INDEX imported_post_by_foreign ON imported_post (foreign_id, part, source_id);

-- Who wrote in a dump. Such a member has no address, no password, and cannot sign in.
CREATE TABLE imported_member (
    source_id BIGINT NOT NULL REFERENCES import_source (id),
    -- The id of the user there; '=Name' of somebody who left and whose name was kept; '' of nobody that is known.
    author TEXT NOT NULL,
    -- NULL: the account is still to be made.
    member_id BIGINT UNIQUE REFERENCES member (id),
    -- When something of theirs was written.
    since BIGINT NOT NULL,
    PRIMARY KEY (source_id, author)
);
CREATE INDEX imported_member_to_make ON imported_member (source_id, author) WHERE member_id IS NULL;

-- What the other files of a dump say of its posts, gathered while they are read, and thrown away with the end.
CREATE TABLE import_note (
    source_id BIGINT NOT NULL REFERENCES import_source (id),
    foreign_id BIGINT NOT NULL,
    -- When its newest words were written, and where in the file of versions they stand.
    text_at BIGINT,
    text_row BIGINT,
    -- The question that accepted it, and when.
    accepted_for BIGINT,
    accepted_at BIGINT,
    -- When it was closed last, and the code of the reason.
    closed_at BIGINT,
    closed_as BIGINT,
    votes BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (source_id, foreign_id)
);

-- Questions that another question points to, as a dump said: what was asked before, and what is worth reading beside it.
CREATE TABLE question_link (
    question_id BIGINT NOT NULL REFERENCES question (id),
    other_id BIGINT NOT NULL REFERENCES question (id),
    kind TEXT NOT NULL CHECK (kind IN ('duplicate', 'related')),
    PRIMARY KEY (question_id, other_id, kind)
);
