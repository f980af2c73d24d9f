//! Pictures that staff send along: kept under the hash of their bytes, tied to who put them into a form and to the
//! deliveries that carry them. Never those of remote people, which the public may see.

use diesel::prelude::*;

use crate::bridge::DeliveryId;
use crate::clock::Millis;
use crate::db::schema::{delivery_picture, outgoing_picture, picture_draft};
use crate::db::{Conn, DbError, Tx, per_database};
use crate::members::MemberId;
use crate::pictures::Still;

/// A picture of a delivery, and how far it is on its way.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct AttachedRow {
    pub delivery_id: DeliveryId,
    pub position: i64,
    pub hash: String,
    pub alt: String,
    /// The network's id of the upload.
    pub media_id: Option<String>,
    pub uploaded_at: Option<Millis>,
    /// When the network took its description.
    pub described_at: Option<Millis>,
}

/// Keeps a picture that a member put into a form.
pub fn insert_draft(tx: &mut Tx<'_>, by: MemberId, picture: &Still, now: Millis) -> Result<(), DbError> {
    let new = (
        outgoing_picture::hash.eq(&picture.sha256),
        outgoing_picture::media_type.eq(picture.media_type),
        outgoing_picture::bytes.eq(&picture.bytes),
        outgoing_picture::created_at.eq(now),
    );
    per_database!(&mut **tx, conn => diesel::insert_into(outgoing_picture::table)
        .values(new)
        .on_conflict(outgoing_picture::hash)
        .do_nothing()
        .execute(conn))?;
    keep_draft(tx, by, &picture.sha256, now)
}

/// Those of these pictures that this member put into a form.
pub fn list_drafts(conn: &mut Conn, by: MemberId, hashes: &[String]) -> Result<Vec<String>, DbError> {
    Ok(picture_draft::table
        .filter(picture_draft::member_id.eq(by))
        .filter(picture_draft::hash.eq_any(hashes))
        .select(picture_draft::hash)
        .load(conn)?)
}

/// Ties a picture and its description to a delivery.
pub fn attach(tx: &mut Tx<'_>, id: DeliveryId, position: i64, hash: &str, alt: &str) -> Result<(), DbError> {
    diesel::insert_into(delivery_picture::table)
        .values((
            delivery_picture::delivery_id.eq(id),
            delivery_picture::position.eq(position),
            delivery_picture::hash.eq(hash),
            delivery_picture::alt.eq(alt),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Puts the pictures of a delivery that was taken back into its writer's form again.
pub fn put_back(tx: &mut Tx<'_>, by: MemberId, id: DeliveryId, now: Millis) -> Result<(), DbError> {
    for AttachedRow { hash, .. } in list(tx, &[id])? {
        keep_draft(tx, by, &hash, now)?;
    }
    Ok(())
}

/// Notes that a member has a picture, which is here already, in a form.
pub fn keep_draft(tx: &mut Tx<'_>, by: MemberId, hash: &str, now: Millis) -> Result<(), DbError> {
    let draft = (picture_draft::member_id.eq(by), picture_draft::hash.eq(hash), picture_draft::created_at.eq(now));
    per_database!(&mut **tx, conn => diesel::insert_into(picture_draft::table)
        .values(draft)
        .on_conflict((picture_draft::member_id, picture_draft::hash))
        .do_update()
        .set(picture_draft::created_at.eq(now))
        .execute(conn))?;
    Ok(())
}

/// The pictures of these deliveries, in order.
pub fn list(conn: &mut Conn, deliveries: &[DeliveryId]) -> Result<Vec<AttachedRow>, DbError> {
    if deliveries.is_empty() {
        return Ok(Vec::new());
    }
    Ok(delivery_picture::table
        .filter(delivery_picture::delivery_id.eq_any(deliveries))
        .order((delivery_picture::delivery_id, delivery_picture::position))
        .load(conn)?)
}

/// A picture's type and bytes.
pub fn find(conn: &mut Conn, hash: &str) -> Result<Option<(String, Vec<u8>)>, DbError> {
    Ok(outgoing_picture::table
        .find(hash)
        .select((outgoing_picture::media_type, outgoing_picture::bytes))
        .first(conn)
        .optional()?)
}

/// Whether all of these pictures are there.
pub fn are_kept(conn: &mut Conn, hashes: &[String]) -> Result<bool, DbError> {
    let mut wanted = hashes.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let kept: i64 = outgoing_picture::table.filter(outgoing_picture::hash.eq_any(&wanted)).count().get_result(conn)?;
    Ok(usize::try_from(kept).is_ok_and(|kept| kept == wanted.len()))
}

/// The network has a picture under this id.
pub fn set_uploaded(tx: &mut Tx<'_>, row: &AttachedRow, media_id: &str, now: Millis) -> Result<(), DbError> {
    diesel::update(delivery_picture::table.find((row.delivery_id, row.position)))
        .set((
            delivery_picture::media_id.eq(Some(media_id)),
            delivery_picture::uploaded_at.eq(Some(now)),
            delivery_picture::described_at.eq(None::<Millis>),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The network has a picture's description as well.
pub fn set_described(tx: &mut Tx<'_>, row: &AttachedRow, now: Millis) -> Result<(), DbError> {
    diesel::update(delivery_picture::table.find((row.delivery_id, row.position)))
        .filter(delivery_picture::media_id.is_not_null())
        .set(delivery_picture::described_at.eq(Some(now)))
        .execute(&mut **tx)?;
    Ok(())
}

/// The uploads of a delivery are of no use any more: sent again, its pictures are uploaded anew.
pub fn forget_uploads(tx: &mut Tx<'_>, id: DeliveryId) -> Result<(), DbError> {
    diesel::update(delivery_picture::table.filter(delivery_picture::delivery_id.eq(id)))
        .set((
            delivery_picture::described_at.eq(None::<Millis>),
            delivery_picture::uploaded_at.eq(None::<Millis>),
            delivery_picture::media_id.eq(None::<String>),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Whether a delivery has pictures that the network has not taken with their descriptions: then it was never posted.
pub fn is_incomplete(conn: &mut Conn, id: DeliveryId) -> Result<bool, DbError> {
    let open = delivery_picture::table
        .filter(delivery_picture::delivery_id.eq(id))
        .filter(delivery_picture::described_at.is_null());
    Ok(diesel::select(diesel::dsl::exists(open)).get_result(conn)?)
}

/// Throws away at most `limit` pictures that were put into a form before `before` and not sent. Returns how many forms
/// lost one.
pub fn prune_drafts(tx: &mut Tx<'_>, before: Millis, limit: i64) -> Result<usize, DbError> {
    let old: Vec<(MemberId, String)> = picture_draft::table
        .filter(picture_draft::created_at.lt(before))
        .limit(limit)
        .select((picture_draft::member_id, picture_draft::hash))
        .load(&mut **tx)?;
    for (member, hash) in &old {
        diesel::delete(picture_draft::table.find((*member, hash))).execute(&mut **tx)?;
    }
    let hashes: Vec<&String> = old.iter().map(|(_, hash)| hash).collect();
    let drafted = picture_draft::table.select(picture_draft::hash);
    let sent = delivery_picture::table.select(delivery_picture::hash);
    diesel::delete(
        outgoing_picture::table
            .filter(outgoing_picture::hash.eq_any(hashes))
            .filter(outgoing_picture::hash.ne_all(drafted))
            .filter(outgoing_picture::hash.ne_all(sent)),
    )
    .execute(&mut **tx)?;
    Ok(old.len())
}
