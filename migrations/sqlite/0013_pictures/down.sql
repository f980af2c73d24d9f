DROP TABLE remote_picture;
