//! Questions out of sight, and threads that are locked or closed.

use diesel::prelude::*;

use super::{changed, is_open};
use crate::clock::Millis;
use crate::db::schema::question;
use crate::db::{DbError, Tx};
use crate::news::{self, Shown};
use crate::posts::HiddenAs;
use crate::questions::QuestionId;

/// Takes a question out of sight with its thread; its words stay, so that it can come back. `false`: it is shown to nobody.
pub fn hide(tx: &mut Tx<'_>, id: QuestionId, why: HiddenAs, now: Millis) -> Result<bool, DbError> {
    let done = diesel::update(question::table.find(id))
        .filter(is_open!())
        .set((question::removed_at.eq(Some(now)), question::hidden_as.eq(Some(why))))
        .execute(&mut **tx)?;
    changed(tx, id, now);
    Ok(done == 1)
}

/// Shows a question again that was out of sight for this reason, a private one to those who read it. `false`: it is not out
/// of sight for it. The search must be told of the rest of its thread, which this slice does not know.
pub fn restore(tx: &mut Tx<'_>, id: QuestionId, why: HiddenAs, now: Millis) -> Result<bool, DbError> {
    let private = diesel::update(question::table.find(id))
        .filter(question::hidden_as.eq(why))
        .filter(question::private.ne(0))
        .set(question::hidden_as.eq(Some(HiddenAs::Private)))
        .execute(&mut **tx)?;
    let public = diesel::update(question::table.find(id))
        .filter(question::hidden_as.eq(why))
        .filter(question::private.eq(0))
        .set((question::removed_at.eq(None::<Millis>), question::hidden_as.eq(None::<HiddenAs>)))
        .execute(&mut **tx)?;
    let done = private + public;
    changed(tx, id, now);
    if done == 1
        && why == HiddenAs::Held
        && let Some(held) = super::find_open(tx, id)?
    {
        news::shown(tx, Shown { post: id.post(), question_id: id.0, author: held.author, at: now })?;
    }
    Ok(done == 1)
}

/// Makes a question that everybody sees private, or a private one public: then its readers hear of it as of a new one.
/// `false`: it is so already, or is shown to nobody.
pub fn set_private(tx: &mut Tx<'_>, id: QuestionId, private: bool, now: Millis) -> Result<bool, DbError> {
    let row = question::table.find(id);
    let done = match private {
        true => diesel::update(row.filter(question::removed_at.is_null()))
            .set((
                question::private.eq(1),
                question::removed_at.eq(Some(now)),
                question::hidden_as.eq(Some(HiddenAs::Private)),
            ))
            .execute(&mut **tx)?,
        false => diesel::update(row.filter(question::hidden_as.eq(HiddenAs::Private)))
            .set((
                question::private.eq(0),
                question::removed_at.eq(None::<Millis>),
                question::hidden_as.eq(None::<HiddenAs>),
            ))
            .execute(&mut **tx)?,
    };
    changed(tx, id, now);
    if done == 1
        && let Some(found) = super::find(tx, id)?
    {
        news::shown(tx, Shown { post: id.post(), question_id: id.0, author: found.author, at: now })?;
    }
    Ok(done == 1)
}

/// Locks a thread for members. `false`: it is locked already, or not shown.
pub fn lock(tx: &mut Tx<'_>, id: QuestionId, reason: &str, now: Millis) -> Result<bool, DbError> {
    let done = diesel::update(question::table.find(id))
        .filter(is_open!())
        .filter(question::locked_at.is_null())
        .set((question::locked_at.eq(Some(now)), question::locked_reason.eq(Some(reason))))
        .execute(&mut **tx)?;
    changed(tx, id, now);
    Ok(done == 1)
}

/// Unlocks a thread. `false`: it is not locked, or not shown.
pub fn unlock(tx: &mut Tx<'_>, id: QuestionId, now: Millis) -> Result<bool, DbError> {
    let done = diesel::update(question::table.find(id))
        .filter(is_open!())
        .filter(question::locked_at.is_not_null())
        .set((question::locked_at.eq(None::<Millis>), question::locked_reason.eq(None::<String>)))
        .execute(&mut **tx)?;
    changed(tx, id, now);
    Ok(done == 1)
}

/// Closes a thread: it takes no further answers. `false`: it is closed already, or not shown.
pub fn close(tx: &mut Tx<'_>, id: QuestionId, reason: &str, now: Millis) -> Result<bool, DbError> {
    let done = diesel::update(question::table.find(id))
        .filter(is_open!())
        .filter(question::closed_at.is_null())
        .set((question::closed_at.eq(Some(now)), question::closed_reason.eq(Some(reason))))
        .execute(&mut **tx)?;
    changed(tx, id, now);
    Ok(done == 1)
}

/// Lets a thread take answers again. `false`: it does already, or is not shown.
pub fn reopen(tx: &mut Tx<'_>, id: QuestionId, now: Millis) -> Result<bool, DbError> {
    let done = diesel::update(question::table.find(id))
        .filter(is_open!())
        .filter(question::closed_at.is_not_null())
        .set((question::closed_at.eq(None::<Millis>), question::closed_reason.eq(None::<String>)))
        .execute(&mut **tx)?;
    changed(tx, id, now);
    Ok(done == 1)
}
