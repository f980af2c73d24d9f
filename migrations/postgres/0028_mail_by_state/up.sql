-- What is stuck is counted on every page of the administration, among all that was ever sent.
CREATE INDEX mail_by_state ON mail (state, id);
