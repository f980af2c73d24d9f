//! What an asker writes on their network after an answer of ours had reached them: staff decide whether it worked.

use std::time::Duration;

use crate::answers::AnswerId;
use crate::bridge::store::{deliveries, remote};
use crate::clock::Millis;
use crate::db::{DbError, PostKind, PostRef, Tx};
use crate::posts::RemoteAuthorId;
use crate::questions::QuestionId;
use crate::results::{self, Reply};

/// A network's clock and ours need not agree to the second.
const CLOCKS: Duration = Duration::from_secs(60);

/// Notes a mirrored comment of the asker of its thread; others say nothing about whether it helped.
pub(super) fn note(
    tx: &mut Tx<'_>,
    (post, question_id): (PostRef, i64),
    author: RemoteAuthorId,
    text: &str,
    at: Millis,
    now: Millis,
) -> Result<(), DbError> {
    if post.kind != PostKind::Comment || remote::find_asker(tx, question_id)? != Some(author) {
        return Ok(());
    }
    let sent = deliveries::find_answer_sent(tx, question_id, at.plus(CLOCKS))?.map(AnswerId);
    let reply = Reply { question_id: QuestionId(question_id), comment_id: post.id, sent, text, at };
    results::asker_replied(tx, reply, now)
}
