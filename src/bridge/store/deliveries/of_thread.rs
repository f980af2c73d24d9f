//! The deliveries of a thread, of an answer or of a post together: what was sent there, and what is not to leave any more.

use diesel::prelude::*;

use super::{DeliveryRow, Row, columns, decode, load};
use crate::bridge::outbound::state::Label;
use crate::bridge::{DeliveryId, RemotePostId};
use crate::clock::Millis;
use crate::db::schema::{delivery, remote_post};
use crate::db::{Conn, DbError, PostKind, PostRef, Tx};

/// Which deliveries of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsent {
    All,
    OfAnswer(i64),
    /// Those that answer this remote post.
    Towards(RemotePostId),
}

/// Revokes what did not certainly arrive of a thread, or of an answer wherever it goes: it must not be tried again. Returns
/// what can be withdrawn at once.
pub fn revoke_unsent(
    tx: &mut Tx<'_>,
    question_id: i64,
    which: Unsent,
    now: Millis,
) -> Result<Vec<DeliveryRow>, DbError> {
    let open = delivery::table.filter(delivery::state.ne_all([Label::Sent, Label::Withdrawn]));
    let in_thread = open.clone().filter(delivery::question_id.eq(question_id));
    let revoked = delivery::revoked_at.eq(Some(now));
    match which {
        Unsent::All => diesel::update(in_thread).set(revoked).execute(&mut **tx)?,
        Unsent::OfAnswer(id) => {
            diesel::update(open.filter(delivery::answer_id.eq(id))).set(revoked).execute(&mut **tx)?
        }
        Unsent::Towards(id) => {
            diesel::update(in_thread.filter(delivery::remote_post_id.eq(id))).set(revoked).execute(&mut **tx)?
        }
    };
    let rows = match which {
        Unsent::OfAnswer(id) => list_unsent_of(tx, id)?,
        Unsent::All | Unsent::Towards(_) => list_unsent(tx, question_id)?,
    };
    Ok(rows.into_iter().filter(|row| row.revoked).collect())
}

/// Deliveries of a thread that have not left yet.
fn list_unsent(conn: &mut Conn, question_id: i64) -> Result<Vec<DeliveryRow>, DbError> {
    let rows: Vec<Row> = delivery::table
        .inner_join(remote_post::table)
        .filter(delivery::question_id.eq(question_id))
        .filter(delivery::state.eq_any(NOT_LEFT))
        .select(columns())
        .load(conn)?;
    rows.into_iter().map(decode).collect()
}

/// Deliveries of an answer, in whichever threads, that have not left yet.
fn list_unsent_of(conn: &mut Conn, answer_id: i64) -> Result<Vec<DeliveryRow>, DbError> {
    let rows: Vec<Row> = delivery::table
        .inner_join(remote_post::table)
        .filter(delivery::answer_id.eq(answer_id))
        .filter(delivery::state.eq_any(NOT_LEFT))
        .select(columns())
        .load(conn)?;
    rows.into_iter().map(decode).collect()
}

const NOT_LEFT: [Label; 4] = [Label::Delayed, Label::Queued, Label::ByHand, Label::Failed];

/// What was written in one act with this delivery: the same words of a verification to others, or the delivery alone. With
/// the verification, where it was written in that act, too.
pub fn list_written_with(conn: &mut Conn, id: DeliveryId) -> Result<(Option<i64>, Vec<DeliveryRow>), DbError> {
    // Under a comment, a verified answer of another thread goes out: that one stands whatever becomes of this.
    let verification: Option<Option<i64>> = delivery::table
        .find(id)
        .filter(delivery::comment_id.is_null())
        .select(delivery::verification_id)
        .first(conn)
        .optional()?;
    let Some(verification_id) = verification.flatten() else { return Ok((None, vec![load(conn, id)?])) };
    let rows: Vec<Row> = delivery::table
        .inner_join(remote_post::table)
        .filter(delivery::verification_id.eq(verification_id))
        .filter(delivery::comment_id.is_null())
        .filter(delivery::state.ne(Label::Withdrawn))
        .order(delivery::id)
        .select(columns())
        .load(conn)?;
    Ok((Some(verification_id), rows.into_iter().map(decode).collect::<Result<_, _>>()?))
}

/// The newest delivery of a thread, whatever it carries; 0 without one. Forms carry it, to tell what their writer saw.
pub fn newest(conn: &mut Conn, question_id: i64) -> Result<i64, DbError> {
    let of_thread = delivery::table.filter(delivery::question_id.eq(question_id));
    Ok(of_thread.select(diesel::dsl::max(delivery::id)).first::<Option<DeliveryId>>(conn)?.map_or(0, |id| id.0))
}

/// The answer that was sent last to a thread by this moment.
pub fn find_answer_sent(conn: &mut Conn, question_id: i64, by: Millis) -> Result<Option<i64>, DbError> {
    Ok(delivery::table
        .filter(delivery::question_id.eq(question_id))
        .filter(delivery::state.eq(Label::Sent))
        .filter(delivery::answer_id.is_not_null())
        .filter(delivery::sent_at.le(by))
        .order((delivery::sent_at.desc(), delivery::id.desc()))
        .select(delivery::answer_id)
        .first::<Option<i64>>(conn)
        .optional()?
        .flatten())
}

/// Whether a delivery carries the words of this post, or did.
pub fn is_carried(conn: &mut Conn, post: PostRef) -> Result<bool, DbError> {
    let standing = delivery::table.filter(delivery::state.ne(Label::Withdrawn));
    let found = match post.kind {
        PostKind::Answer => {
            diesel::select(diesel::dsl::exists(standing.filter(delivery::answer_id.eq(post.id)))).get_result(conn)
        }
        PostKind::Comment => {
            diesel::select(diesel::dsl::exists(standing.filter(delivery::comment_id.eq(post.id)))).get_result(conn)
        }
        PostKind::Question => Ok(false),
    };
    Ok(found?)
}

/// Whether anything was sent in a thread, or is to be.
pub fn has_any(conn: &mut Conn, question_id: i64) -> Result<bool, DbError> {
    let standing =
        delivery::table.filter(delivery::question_id.eq(question_id)).filter(delivery::state.ne(Label::Withdrawn));
    Ok(diesel::select(diesel::dsl::exists(standing)).get_result(conn)?)
}
