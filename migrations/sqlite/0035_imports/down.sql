DROP TABLE question_link;
DROP TABLE import_note;
DROP TABLE imported_member;
DROP TABLE imported_post;
DROP TABLE import_source;
