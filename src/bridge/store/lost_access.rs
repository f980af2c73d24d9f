//! What is known of an account whose access is gone, or may soon be: what mends it, and when the answer to a renewal was lost.
//! Decisions are made from this; the words for people stand beside the channel, and nobody reads them back.

use diesel::prelude::*;

use crate::bridge::ChannelId;
use crate::clock::Millis;
use crate::db::schema::lost_access;
use crate::db::{Conn, DbError, Tx, per_database};
use crate::networks::Mend;

/// How it stands in the database.
fn word(mend: Mend) -> &'static str {
    match mend {
        Mend::BuyCredits => "credits",
        Mend::EnterKeys => "keys",
        Mend::Connect => "connect",
    }
}

pub fn set_mend(tx: &mut Tx<'_>, id: ChannelId, mend: Mend) -> Result<(), DbError> {
    let set = lost_access::mend.eq(Some(word(mend)));
    per_database!(&mut **tx, conn => diesel::insert_into(lost_access::table)
        .values((lost_access::channel_id.eq(id), set))
        .on_conflict(lost_access::channel_id)
        .do_update()
        .set(set)
        .execute(conn))?;
    Ok(())
}

/// What gives an account its access back. Connecting it again helps where nothing else is known.
pub fn load_mend(conn: &mut Conn, id: ChannelId) -> Result<Mend, DbError> {
    let known: Option<Option<String>> = lost_access::table.find(id).select(lost_access::mend).first(conn).optional()?;
    let known = known.flatten();
    let is_known = |mend: &Mend| known.as_deref() == Some(word(*mend));
    Ok([Mend::BuyCredits, Mend::EnterKeys].into_iter().find(is_known).unwrap_or(Mend::Connect))
}

/// The answer to a renewal was lost: the refresh token may be used up.
pub fn note_renewal(tx: &mut Tx<'_>, id: ChannelId, now: Millis) -> Result<(), DbError> {
    let set = lost_access::renewal_at.eq(Some(now));
    per_database!(&mut **tx, conn => diesel::insert_into(lost_access::table)
        .values((lost_access::channel_id.eq(id), set))
        .on_conflict(lost_access::channel_id)
        .do_update()
        .set(set)
        .execute(conn))?;
    Ok(())
}

/// When the answer to a renewal was lost, if that was since the tokens of now were given.
pub fn find_renewal(conn: &mut Conn, id: ChannelId) -> Result<Option<Millis>, DbError> {
    Ok(lost_access::table.find(id).select(lost_access::renewal_at).first(conn).optional()?.flatten())
}

/// There are new tokens. Whether they work is another question.
pub fn renewed(tx: &mut Tx<'_>, id: ChannelId) -> Result<(), DbError> {
    diesel::update(lost_access::table.find(id)).set(lost_access::renewal_at.eq(None::<Millis>)).execute(&mut **tx)?;
    Ok(())
}

/// The account is connected anew, or not any more.
pub fn forget(tx: &mut Tx<'_>, id: ChannelId) -> Result<(), DbError> {
    diesel::delete(lost_access::table.find(id)).execute(&mut **tx)?;
    Ok(())
}
