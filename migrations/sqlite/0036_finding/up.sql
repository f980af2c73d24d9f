-- Who wrote something is looked for by name, however it is written.
CREATE INDEX member_called ON member (lower(name));
CREATE INDEX remote_author_called ON remote_author (lower(name));
CREATE INDEX remote_author_handle_called ON remote_author (lower(handle));

-- What was looked for and not found, once however often it was asked: what the forum lacks.
CREATE TABLE unfound (
    words TEXT NOT NULL PRIMARY KEY,
    times BIGINT NOT NULL,
    asked_at BIGINT NOT NULL
);
CREATE INDEX unfound_often ON unfound (times DESC, asked_at DESC);
