DROP TABLE vote;
DROP TABLE comment;
DROP TABLE answer;
DROP TABLE question;
DROP TABLE topic;
