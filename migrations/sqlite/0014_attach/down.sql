DROP TABLE delivery_picture;
DROP TABLE picture_draft;
DROP TABLE outgoing_picture;
ALTER TABLE channel DROP COLUMN longest_post;
