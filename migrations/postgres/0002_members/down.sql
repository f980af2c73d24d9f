DROP TABLE session;
DROP TABLE member;
