//! When remote posts are looked up again. A row goes with the last look, or with the post.

use diesel::prelude::*;

use crate::bridge::{ChannelId, RemotePostId};
use crate::clock::Millis;
use crate::db::schema::recheck;
use crate::db::{DbError, Tx, per_database};

/// Plans the first look.
pub fn insert(tx: &mut Tx<'_>, post: RemotePostId, channel: ChannelId, due: Millis) -> Result<(), DbError> {
    let row = (recheck::remote_post_id.eq(post), recheck::channel_id.eq(channel), recheck::due_at.eq(due));
    per_database!(&mut **tx, conn => diesel::insert_into(recheck::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}

pub fn forget(tx: &mut Tx<'_>, post: RemotePostId) -> Result<(), DbError> {
    diesel::delete(recheck::table.find(post)).execute(&mut **tx)?;
    Ok(())
}
