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
    WHEN position('credits' IN reason) > 0 THEN 'credits'
    WHEN position('keys of our app' IN reason) > 0 THEN 'keys'
    ELSE 'connect'
END FROM channel WHERE state = 'broken' AND disconnected_at IS NULL;
INSERT INTO lost_access (channel_id)
SELECT id FROM channel
WHERE position('the answer to a renewal was lost at ' IN access_problem) > 0
    AND id NOT IN (SELECT channel_id FROM lost_access);
UPDATE lost_access SET renewal_at = 1000 * extract(epoch FROM to_timestamp(
    substring(channel.access_problem FROM 'was lost at (\d+ [A-Z][a-z]+ \d+, \d+:\d+) UTC'),
    'DD Mon YYYY, HH24:MI'
)::timestamp AT TIME ZONE 'UTC')::bigint
FROM channel
WHERE channel.id = lost_access.channel_id
    AND position('the answer to a renewal was lost at ' IN channel.access_problem) > 0;
-- In both databases again.

-- The title that a question got from the remote post that it stands for. One that differs is staff's, and stays. What was
-- split off got its title from staff, too.
ALTER TABLE remote_post ADD COLUMN given_title TEXT;
UPDATE remote_post SET given_title = (
    SELECT title FROM question
    WHERE question.id = remote_post.post_id AND question.revision = 1
        AND NOT EXISTS (SELECT 1 FROM split WHERE split.question_id = question.id)
) WHERE post_kind = 'question' AND state IN ('mirrored', 'held');
