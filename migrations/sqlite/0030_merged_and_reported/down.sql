ALTER TABLE flag DROP COLUMN weight;

UPDATE question SET
    answer_count = (SELECT count(*) FROM answer a WHERE a.removed_at IS NULL AND a.question_id = question.id),
    accepted_count = (
        SELECT count(*) FROM answer a
        WHERE a.removed_at IS NULL AND a.accepted_at IS NOT NULL AND a.question_id = question.id
    )
WHERE id IN (SELECT merged_into FROM question WHERE hidden_as = 'merged');
