DROP TABLE unfound;
DROP INDEX remote_author_handle_called;
DROP INDEX remote_author_called;
DROP INDEX member_called;
