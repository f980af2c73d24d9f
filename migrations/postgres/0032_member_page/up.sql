-- The answers of a member as their page lists them: those that staff vouched for first, each kind the newest first. Whoever gave
-- thousands had all of them read for each visit.
CREATE INDEX answer_on_member_page ON answer (member_id, (vouched IS NULL), created_at DESC) WHERE removed_at IS NULL;
