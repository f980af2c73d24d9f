UPDATE question SET verified_answer_id = (
    SELECT v.answer_id FROM verification v
    JOIN answer a ON a.id = v.answer_id
    WHERE v.state = 'standing' AND a.removed_at IS NULL AND v.question_id = question.id
    ORDER BY v.created_at DESC, v.id DESC LIMIT 1
)
WHERE removed_at IS NULL AND id IN (SELECT merged_into FROM question WHERE hidden_as = 'merged');

ALTER TABLE answer DROP COLUMN accepted_by;
