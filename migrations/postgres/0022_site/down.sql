ALTER TABLE topic DROP COLUMN revision;
DROP TABLE invitation;
DROP TABLE setting;
DROP TABLE team_member;
DROP TABLE team;
DROP TABLE response_target;
DROP TABLE business_hours;
