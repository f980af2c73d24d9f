//! The pictures that remote people brought: their own photos, and what came with their posts. The bytes lie once under
//! their hash, however many show them, and go with the last who does.

use diesel::prelude::*;

use super::remote::{self, Fate};
use crate::bridge::{ChannelId, RemotePostId};
use crate::clock::Millis;
use crate::db::schema::{picture, remote_author, remote_picture, remote_post};
use crate::db::{Change, Conn, DbError, PostKind, PostRef, Tx, per_database, text_enum};
use crate::networks::{MediaKind, RemoteMedia};
use crate::pictures::Photo;

text_enum! {
    /// What a picture of a post stands for.
    pub enum Kind {
        Photo = "photo",
        /// The still of a film.
        Film = "film",
    }
}

/// One picture of a post as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct PictureRow {
    pub post: RemotePostId,
    pub key: String,
    pub kind: Kind,
    pub url: Option<String>,
    pub alt: String,
    pub hash: Option<String>,
    /// Width and height in pixels, of a picture that was fetched.
    pub size: (Option<i64>, Option<i64>),
    pub due_at: Option<Millis>,
    pub attempts: i64,
}

#[diesel::dsl::auto_type(no_type_alias)]
fn columns() -> _ {
    (
        remote_picture::remote_post_id,
        remote_picture::media_key,
        remote_picture::kind,
        remote_picture::url,
        remote_picture::alt,
        remote_picture::hash,
        (remote_picture::width, remote_picture::height),
        remote_picture::due_at,
        remote_picture::attempts,
    )
}

/// The pictures of these posts, each post's in their order.
pub fn list(conn: &mut Conn, posts: &[RemotePostId]) -> Result<Vec<PictureRow>, DbError> {
    Ok(remote_picture::table
        .filter(remote_picture::remote_post_id.eq_any(posts))
        .order((remote_picture::remote_post_id, remote_picture::position))
        .select(columns())
        .load(conn)?)
}

/// The pictures of the public posts of these threads, likewise.
pub fn list_of_threads(conn: &mut Conn, threads: &[i64]) -> Result<Vec<PictureRow>, DbError> {
    Ok(remote_picture::table
        .inner_join(remote_post::table)
        .filter(remote_post::question_id.eq_any(threads))
        .filter(remote_post::state.eq(Fate::Mirrored))
        .order((remote_picture::remote_post_id, remote_picture::position))
        .select(columns())
        .load(conn)?)
}

/// What the authors of these posts of one kind say of their pictures, where they say something.
pub fn list_alts(conn: &mut Conn, kind: PostKind, ids: &[i64]) -> Result<Vec<(i64, String)>, DbError> {
    Ok(remote_picture::table
        .inner_join(remote_post::table)
        .filter(remote_post::post_kind.eq(kind))
        .filter(remote_post::post_id.eq_any(ids))
        .filter(remote_post::state.eq(Fate::Mirrored))
        .filter(remote_picture::alt.ne(""))
        .order((remote_picture::remote_post_id, remote_picture::position))
        .select((remote_post::post_id.assume_not_null(), remote_picture::alt))
        .load(conn)?)
}

/// Gives a post these pictures in place of those that it has. One that stays keeps what is known of it and not told anew:
/// its bytes, its address, its description. `true`: they are other pictures, or in another order.
pub fn set_all(tx: &mut Tx<'_>, post: RemotePostId, media: &[RemoteMedia], now: Millis) -> Result<bool, DbError> {
    let before = list(tx, &[post])?;
    diesel::delete(remote_picture::table.filter(remote_picture::remote_post_id.eq(post))).execute(&mut **tx)?;
    for (position, one) in (0_i64..).zip(media) {
        let row = merged(post, one, before.iter().find(|row| row.key == one.key), now);
        let place = (remote_picture::remote_post_id.eq(post), remote_picture::position.eq(position));
        let told = (
            remote_picture::media_key.eq(&row.key),
            remote_picture::kind.eq(row.kind),
            remote_picture::url.eq(&row.url),
            remote_picture::alt.eq(&row.alt),
        );
        let fetched = (
            remote_picture::hash.eq(&row.hash),
            remote_picture::width.eq(row.size.0),
            remote_picture::height.eq(row.size.1),
            remote_picture::due_at.eq(row.due_at),
            remote_picture::attempts.eq(row.attempts),
        );
        diesel::insert_into(remote_picture::table).values((place, told, fetched)).execute(&mut **tx)?;
    }
    for hash in before.iter().filter_map(|row| row.hash.as_deref()) {
        release(tx, hash)?;
    }
    Ok(before.iter().map(|row| &row.key).ne(media.iter().map(|one| &one.key)))
}

/// What a picture is now, by what is told of it and what was known.
fn merged(post: RemotePostId, told: &RemoteMedia, before: Option<&PictureRow>, now: Millis) -> PictureRow {
    let kind = match told.kind {
        MediaKind::Photo => Kind::Photo,
        MediaKind::Film => Kind::Film,
    };
    let new = PictureRow {
        post,
        key: told.key.clone(),
        kind,
        url: told.url.clone(),
        alt: told.alt.clone(),
        hash: None,
        size: (None, None),
        due_at: Some(now),
        attempts: 0,
    };
    match before {
        None => new,
        // Nothing but the key was told.
        Some(known) if told.url.is_none() && told.alt.is_empty() => known.clone(),
        Some(known) if known.hash.is_some() || told.url.is_none() || known.url == told.url => {
            PictureRow { kind, alt: new.alt, ..known.clone() }
        }
        Some(_) => new,
    }
}

/// Takes the pictures of a post away.
pub fn forget(tx: &mut Tx<'_>, post: RemotePostId) -> Result<(), DbError> {
    let before = list(tx, &[post])?;
    diesel::delete(remote_picture::table.filter(remote_picture::remote_post_id.eq(post))).execute(&mut **tx)?;
    before.iter().filter_map(|row| row.hash.as_deref()).try_for_each(|hash| release(tx, hash))
}

/// The next picture that is due and has an address.
pub fn find_due(conn: &mut Conn, now: Millis) -> Result<Option<PictureRow>, DbError> {
    Ok(remote_picture::table
        .filter(remote_picture::due_at.le(now))
        .filter(remote_picture::url.is_not_null())
        .order((remote_picture::due_at, remote_picture::remote_post_id, remote_picture::position))
        .select(columns())
        .first(conn)
        .optional()?)
}

/// Pictures of a channel's posts that are due and whose address the network did not say, each with the id of the version
/// of the post that carries it.
pub fn list_unplaced(
    conn: &mut Conn,
    channel: ChannelId,
    now: Millis,
    limit: i64,
) -> Result<Vec<(PictureRow, String)>, DbError> {
    let rows: Vec<(PictureRow, String, Option<String>)> = remote_picture::table
        .inner_join(remote_post::table)
        .filter(remote_post::channel_id.eq(channel))
        .filter(remote_picture::due_at.le(now))
        .filter(remote_picture::url.is_null())
        .order((remote_picture::due_at, remote_picture::remote_post_id, remote_picture::position))
        .limit(limit)
        .select((columns(), remote_post::remote_id, remote_post::version_id))
        .load(conn)?;
    Ok(rows.into_iter().map(|(row, id, version)| (row, version.unwrap_or(id))).collect())
}

/// Counts a try before it is made and plans the next, `None` being none. `false`: somebody else tries it, or it is another
/// picture by now.
pub fn put_off(tx: &mut Tx<'_>, row: &PictureRow, due: Option<Millis>) -> Result<bool, DbError> {
    let same = remote_picture::table
        .filter(remote_picture::remote_post_id.eq(row.post))
        .filter(remote_picture::media_key.eq(&row.key))
        .filter(remote_picture::attempts.eq(row.attempts))
        .filter(remote_picture::hash.is_null());
    let changed = diesel::update(same)
        .set((remote_picture::due_at.eq(due), remote_picture::attempts.eq(row.attempts + 1)))
        .execute(&mut **tx)?;
    Ok(changed > 0)
}

/// It cannot be had, however often one tries.
pub fn give_up(tx: &mut Tx<'_>, row: &PictureRow) -> Result<(), DbError> {
    let same = remote_picture::table
        .filter(remote_picture::remote_post_id.eq(row.post))
        .filter(remote_picture::media_key.eq(&row.key))
        .filter(remote_picture::url.eq(&row.url));
    diesel::update(same).set(remote_picture::due_at.eq(None::<Millis>)).execute(&mut **tx)?;
    Ok(())
}

/// Those of a post's pictures whose address the network does not say are not asked for any more.
pub fn give_up_unplaced(tx: &mut Tx<'_>, post: RemotePostId) -> Result<(), DbError> {
    let unplaced =
        remote_picture::table.filter(remote_picture::remote_post_id.eq(post)).filter(remote_picture::url.is_null());
    diesel::update(unplaced).set(remote_picture::due_at.eq(None::<Millis>)).execute(&mut **tx)?;
    Ok(())
}

/// Keeps a picture as we show it. `false`: its post was taken away or has other pictures by now, and nothing was stored.
pub fn set_photo(tx: &mut Tx<'_>, row: &PictureRow, photo: &Photo, now: Millis) -> Result<bool, DbError> {
    let same = remote_picture::table
        .filter(remote_picture::remote_post_id.eq(row.post))
        .filter(remote_picture::media_key.eq(&row.key))
        .filter(remote_picture::url.eq(&row.url));
    // First, because it locks the row: a removal at the same moment waits, and then finds the picture.
    let changed = diesel::update(same)
        .set((
            remote_picture::hash.eq(Some(&photo.sha256)),
            remote_picture::width.eq(Some(i64::from(photo.width))),
            remote_picture::height.eq(Some(i64::from(photo.height))),
            remote_picture::due_at.eq(None::<Millis>),
        ))
        .execute(&mut **tx)?;
    if changed == 0 {
        return Ok(false);
    }
    keep(tx, &photo.sha256, &photo.jpeg, now)?;
    show_anew(tx, row.post, now)?;
    Ok(true)
}

/// Says that others must see the post with this picture, or with what is known of it.
pub fn show_anew(tx: &mut Tx<'_>, id: RemotePostId, now: Millis) -> Result<(), DbError> {
    let post = remote::load(tx, id)?;
    if let (Fate::Mirrored, Some(stands), Some(question_id)) = (post.fate, post.post(), post.question_id) {
        tx.changed(Change { post: stands, question_id, at: now });
    }
    Ok(())
}

/// Who shows the picture of this hash: what became of each remote post, and what stands for it here.
pub fn list_holders(conn: &mut Conn, hash: &str) -> Result<Vec<(Fate, Option<PostRef>)>, DbError> {
    let rows: Vec<(Fate, Option<PostKind>, Option<i64>)> = remote_picture::table
        .inner_join(remote_post::table)
        .filter(remote_picture::hash.eq(hash))
        .limit(100)
        .select((remote_post::state, remote_post::post_kind, remote_post::post_id))
        .load(conn)?;
    let post = |kind: Option<PostKind>, id: Option<i64>| Some(PostRef { kind: kind?, id: id? });
    Ok(rows.into_iter().map(|(fate, kind, id)| (fate, post(kind, id))).collect())
}

/// The bytes under this hash, whoever shows them.
pub fn find_bytes(conn: &mut Conn, hash: &str) -> Result<Option<Vec<u8>>, DbError> {
    Ok(picture::table.find(hash).select(picture::bytes).first(conn).optional()?)
}

/// The photo of an author under this hash.
pub fn find_portrait(conn: &mut Conn, hash: &str) -> Result<Option<Vec<u8>>, DbError> {
    let of_author = remote_author::table.filter(remote_author::picture_hash.eq(hash));
    if !diesel::select(diesel::dsl::exists(of_author)).get_result::<bool>(conn)? {
        return Ok(None);
    }
    find_bytes(conn, hash)
}

/// Stores bytes under their hash, once.
pub(super) fn keep(tx: &mut Tx<'_>, hash: &str, bytes: &[u8], now: Millis) -> Result<(), DbError> {
    let row = (picture::hash.eq(hash), picture::bytes.eq(bytes), picture::created_at.eq(now));
    per_database!(&mut **tx, conn => diesel::insert_into(picture::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}

/// Lets bytes go that nobody shows any more.
pub(super) fn release(tx: &mut Tx<'_>, hash: &str) -> Result<(), DbError> {
    let of_author = remote_author::table.filter(remote_author::picture_hash.eq(hash));
    let of_post = remote_picture::table.filter(remote_picture::hash.eq(hash));
    if diesel::select(diesel::dsl::exists(of_author)).get_result::<bool>(&mut **tx)?
        || diesel::select(diesel::dsl::exists(of_post)).get_result::<bool>(&mut **tx)?
    {
        return Ok(());
    }
    diesel::delete(picture::table.find(hash)).execute(&mut **tx)?;
    Ok(())
}
