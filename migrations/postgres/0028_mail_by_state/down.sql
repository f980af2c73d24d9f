DROP INDEX mail_by_state;
