-- Who said that an answer helped: where threads are merged that may be who asked another part, and taken apart again each
-- thread keeps what was said for it. NULL: said before this was noted, and stays with its answer.
ALTER TABLE answer ADD COLUMN accepted_by BIGINT REFERENCES member (id);

-- A thread names the answer that staff vouched for last, be it of a thread that is part of it.
UPDATE question SET verified_answer_id = (
    SELECT v.answer_id FROM verification v
    JOIN answer a ON a.id = v.answer_id
    JOIN question q ON q.id = v.question_id
    WHERE v.state = 'standing' AND a.removed_at IS NULL
        AND (q.id = question.id OR (q.merged_into = question.id AND q.hidden_as = 'merged'))
    ORDER BY v.created_at DESC, v.id DESC LIMIT 1
)
WHERE removed_at IS NULL AND id IN (SELECT merged_into FROM question WHERE hidden_as = 'merged');
