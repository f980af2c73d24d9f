ALTER TABLE private_thread DROP COLUMN network;
DROP TABLE saved_view;
DROP TABLE reminder;
DROP TABLE presence;
DROP TABLE handling;
DROP TABLE work;
DELETE FROM change WHERE kind = 'work';
UPDATE member SET role = 'member' WHERE role = 'trainee';
-- In this database's own words:
ALTER TABLE change DROP CONSTRAINT change_kind_check;
ALTER TABLE change ADD CONSTRAINT change_kind_check CHECK (kind IN ('question', 'answer', 'comment'));
ALTER TABLE member DROP CONSTRAINT member_role_check;
ALTER TABLE member ADD CONSTRAINT member_role_check CHECK (role IN ('member', 'staff', 'admin'));
