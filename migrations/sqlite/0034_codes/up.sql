-- What an administrator does about lost access, and when the answer to a renewal was lost. Both were read out of words for
-- people: `… no credits left at X …`, `… was lost at 24 Jul 2026, 21:23 UTC …`.
CREATE TABLE lost_access (
    channel_id BIGINT PRIMARY KEY NOT NULL REFERENCES channel (id),
    mend TEXT CHECK (mend IN ('credits', 'keys', 'connect')),
    renewal_at BIGINT
);
-- In this database's own words:
INSERT INTO lost_access (channel_id, mend)
SELECT id, CASE
    WHEN instr(reason, 'credits') > 0 THEN 'credits'
    WHEN instr(reason, 'keys of our app') > 0 THEN 'keys'
    ELSE 'connect'
END FROM channel WHERE state = 'broken' AND disconnected_at IS NULL;
INSERT INTO lost_access (channel_id)
SELECT id FROM channel
WHERE instr(access_problem, 'the answer to a renewal was lost at ') > 0
    AND id NOT IN (SELECT channel_id FROM lost_access);
UPDATE lost_access SET renewal_at = (
    SELECT 1000 * CAST(strftime('%s', printf(
        '%s-%02d-%02d %s',
        substr(month, 5, 4),
        (instr('JanFebMarAprMayJunJulAugSepOctNovDec', substr(month, 1, 3)) + 2) / 3,
        day,
        substr(month, 11, 5)
    )) AS INTEGER)
    FROM (
        SELECT CAST(substr(said, 1, instr(said, ' ') - 1) AS INTEGER) AS day, substr(said, instr(said, ' ') + 1) AS month
        FROM (
            SELECT substr(access_problem, instr(access_problem, 'was lost at ') + 12) AS said FROM channel
            WHERE channel.id = lost_access.channel_id
                AND instr(access_problem, 'the answer to a renewal was lost at ') > 0
        )
    )
);
-- In both databases again.

-- The title that a question got from the remote post that it stands for. One that differs is staff's, and stays. What was
-- split off got its title from staff, too.
ALTER TABLE remote_post ADD COLUMN given_title TEXT;
UPDATE remote_post SET given_title = (
    SELECT title FROM question
    WHERE question.id = remote_post.post_id AND question.revision = 1
        AND NOT EXISTS (SELECT 1 FROM split WHERE split.question_id = question.id)
) WHERE post_kind = 'question' AND state IN ('mirrored', 'held');
