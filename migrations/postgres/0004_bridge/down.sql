DROP TABLE delivery_event;
DROP TABLE delivery;
DROP TABLE removal_request;
DROP TABLE remote_post;
DROP TABLE remote_author;
DROP TABLE picture;
DROP TABLE inbox;
DROP TABLE channel;
