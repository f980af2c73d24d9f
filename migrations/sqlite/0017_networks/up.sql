-- Where a network attaches a reply elsewhere than under the post that it answers: the remote id of that other post.
ALTER TABLE remote_post ADD COLUMN answers_under TEXT;
-- When the words were read, where an edit keeps the id of its post: of two readings the later one counts.
ALTER TABLE remote_post ADD COLUMN read_at BIGINT;
-- Since when it is hidden on the network.
ALTER TABLE remote_post ADD COLUMN hidden_at BIGINT;
CREATE INDEX remote_post_under ON remote_post (answers_under) WHERE answers_under IS NOT NULL;
-- The remote post whose author we wrote to; they have a conversation with us once they answer.
ALTER TABLE private_thread ADD COLUMN about_id BIGINT REFERENCES remote_post (id);
CREATE UNIQUE INDEX private_thread_about ON private_thread (about_id) WHERE about_id IS NOT NULL;
-- Its sender took it back on the network; the words are gone.
ALTER TABLE private_message ADD COLUMN taken_back_at BIGINT;
