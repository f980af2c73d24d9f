//! All SQL of notices.

use diesel::prelude::*;

use super::{NewNotice, NoticeId};
use crate::db::schema::notice;
use crate::db::{DbError, Tx};

/// Tells a member something, in the transaction of what it tells of. Nobody is told of what they did themselves: `None`.
pub fn tell(tx: &mut Tx<'_>, new: &NewNotice) -> Result<Option<NoticeId>, DbError> {
    if new.by == Some(new.to) {
        return Ok(None);
    }
    let id = diesel::insert_into(notice::table)
        .values((
            notice::member_id.eq(new.to),
            notice::kind.eq(new.kind),
            notice::question_id.eq(new.question_id),
            notice::post_kind.eq(new.post.map(|post| post.kind)),
            notice::post_id.eq(new.post.map(|post| post.id)),
            notice::subject.eq(&new.subject),
            notice::by_id.eq(new.by),
            notice::words.eq(&new.words),
            notice::created_at.eq(new.at),
        ))
        .returning(notice::id)
        .get_result(&mut **tx)?;
    Ok(Some(id))
}
