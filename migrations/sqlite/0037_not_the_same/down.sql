DROP TABLE not_the_same;
