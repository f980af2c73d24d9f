DROP TABLE submission;
DROP TABLE feed;
DROP TABLE change;
