-- What a remote post quotes: shown with it, as long as the quoted post stands.
ALTER TABLE remote_post ADD COLUMN quoted_remote_id TEXT;
