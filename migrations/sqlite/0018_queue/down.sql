ALTER TABLE private_thread DROP COLUMN network;
DROP TABLE saved_view;
DROP TABLE reminder;
DROP TABLE presence;
DROP TABLE handling;
DROP TABLE work;
DELETE FROM change WHERE kind = 'work';
UPDATE member SET role = 'member' WHERE role = 'trainee';
-- In this database's own words:
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''comment'', ''work''', '''comment''') WHERE name = 'change';
UPDATE sqlite_schema SET sql = replace(sql, '''trainee'', ', '') WHERE name = 'member';
PRAGMA writable_schema = RESET;
