-- The longest post that the network lets this account write, in the network's own units; NULL: what everybody may write.
ALTER TABLE channel ADD COLUMN longest_post BIGINT;

-- Pictures that staff send along, as they leave: under the hash of their bytes, for staff alone.
CREATE TABLE outgoing_picture (
    hash TEXT PRIMARY KEY NOT NULL,
    media_type TEXT NOT NULL,
    bytes BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

-- Who put a picture into a form: only they may send it, and what is never sent goes.
CREATE TABLE picture_draft (
    member_id BIGINT NOT NULL REFERENCES member (id),
    hash TEXT NOT NULL REFERENCES outgoing_picture (hash),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (member_id, hash)
);
CREATE INDEX picture_draft_by_hash ON picture_draft (hash);

-- The pictures of a delivery, in order, and how far each is on its way.
CREATE TABLE delivery_picture (
    delivery_id BIGINT NOT NULL REFERENCES delivery (id),
    position BIGINT NOT NULL,
    hash TEXT NOT NULL REFERENCES outgoing_picture (hash),
    alt TEXT NOT NULL,
    -- The network's id of the upload, which lives a day there.
    media_id TEXT,
    uploaded_at BIGINT,
    -- When the network took its description: it is ready to be posted.
    described_at BIGINT,
    PRIMARY KEY (delivery_id, position),
    CHECK ((media_id IS NULL) = (uploaded_at IS NULL)),
    CHECK (described_at IS NULL OR media_id IS NOT NULL)
);
CREATE INDEX delivery_picture_by_hash ON delivery_picture (hash);
