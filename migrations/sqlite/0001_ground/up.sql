-- The change feed: what others must see, as ids and kinds, never text.
CREATE TABLE change (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('question', 'answer', 'comment')),
    post_id BIGINT NOT NULL,
    question_id BIGINT NOT NULL,
    at BIGINT NOT NULL
);

-- The life of this database: a restore or an import makes a new epoch, and every tailing cursor starts again.
CREATE TABLE feed (
    id BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    epoch TEXT NOT NULL
);

-- One-use ids of forms: a double click posts once and lands where the first click did.
CREATE TABLE submission (
    token TEXT PRIMARY KEY NOT NULL,
    place TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX submission_by_age ON submission (at);
