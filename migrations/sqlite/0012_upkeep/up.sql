-- Work that one of all nodes does from time to time: when it is due again, and when it was last done.
CREATE TABLE periodic (
    name TEXT PRIMARY KEY NOT NULL,
    due_at BIGINT NOT NULL,
    done_at BIGINT
);

-- Whole copies that were made of this database, so that somebody can be told when the last one is old.
CREATE TABLE backup (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    made_at BIGINT NOT NULL,
    bytes BIGINT NOT NULL
);

-- 1: a demo filled this database with made-up people whose passwords everybody knows.
ALTER TABLE feed ADD COLUMN demo BIGINT NOT NULL DEFAULT 0;
