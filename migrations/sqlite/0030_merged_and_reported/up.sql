-- What the reports of a post weigh together: one of a trusted member as much as two of new ones. What waits already is
-- looked at in its turn.
ALTER TABLE flag ADD COLUMN weight BIGINT NOT NULL DEFAULT 0;
UPDATE flag SET weight = 2;

-- A thread counts the answers of the threads that are part of it, too.
UPDATE question SET
    answer_count = (
        SELECT count(*) FROM answer a JOIN question q ON q.id = a.question_id
        WHERE a.removed_at IS NULL AND (q.id = question.id OR (q.merged_into = question.id AND q.hidden_as = 'merged'))
    ),
    accepted_count = (
        SELECT count(*) FROM answer a JOIN question q ON q.id = a.question_id
        WHERE a.removed_at IS NULL AND a.accepted_at IS NOT NULL
            AND (q.id = question.id OR (q.merged_into = question.id AND q.hidden_as = 'merged'))
    )
WHERE id IN (SELECT merged_into FROM question WHERE hidden_as = 'merged');
