//! The pictures that came with private messages: fetched once, and shown to staff alone.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::schema::{private_attachment, private_message};
use crate::db::{Conn, DbError, Tx};
use crate::members::Staff;
use crate::private::AttachmentId;

/// A picture that came with a message, as we show it.
pub fn find_picture(conn: &mut Conn, id: AttachmentId, _reader: &Staff) -> Result<Option<Vec<u8>>, DbError> {
    Ok(private_attachment::table
        .find(id)
        .select(private_attachment::picture)
        .first::<Option<Vec<u8>>>(conn)
        .optional()?
        .flatten())
}

/// The next picture to be fetched: its channel, its address, and how often that was tried.
pub fn find_due_picture(conn: &mut Conn, now: Millis) -> Result<Option<(AttachmentId, i64, String, i64)>, DbError> {
    Ok(private_attachment::table
        .inner_join(private_message::table)
        .filter(private_attachment::due_at.le(now))
        .filter(private_attachment::url.is_not_null())
        .order((private_attachment::due_at, private_attachment::id))
        .select((
            private_attachment::id,
            private_message::channel_id,
            private_attachment::url.assume_not_null(),
            private_attachment::attempts,
        ))
        .first(conn)
        .optional()?)
}

/// Puts the next try off before it is made; `None`: there will be none. `false`: another node was faster.
pub fn put_off_picture(tx: &mut Tx<'_>, id: AttachmentId, attempts: i64, due: Option<Millis>) -> Result<bool, DbError> {
    let same = private_attachment::table.find(id).filter(private_attachment::attempts.eq(attempts));
    let changed = diesel::update(same)
        .set((private_attachment::due_at.eq(due), private_attachment::attempts.eq(attempts + 1)))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Keeps a picture as we show it.
pub fn set_picture(tx: &mut Tx<'_>, id: AttachmentId, bytes: &[u8]) -> Result<(), DbError> {
    diesel::update(private_attachment::table.find(id))
        .set((private_attachment::picture.eq(Some(bytes)), private_attachment::due_at.eq(None::<Millis>)))
        .execute(&mut **tx)?;
    Ok(())
}
