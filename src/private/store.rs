//! All SQL of private messages. What returns words takes a `Staff` as proof that its reader may see them.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{
    Addressee, Arrival, Attachment, AttachmentId, AttachmentKind, PrivateMessage, PrivateMessageId, PrivateThread,
    PrivateThreadId, Side, ThreadRow, Which,
};
use crate::clock::Millis;
use crate::db::schema::{private_attachment, private_message, private_thread};
use crate::db::{Conn, DbError, Tx, per_database};
use crate::members::{MemberId, Staff};
use crate::posts::{Origin, RemoteAuthorId};
use crate::queue::{self, Item, Kind, Subject};

/// More of one conversation than anybody reads at once.
const MOST_MESSAGES: i64 = 200;

/// Stores a message of the network's once. `None`: it is there already, which is the normal quiet case.
pub fn take_in(tx: &mut Tx<'_>, new: &Arrival<'_>, now: Millis) -> Result<Option<PrivateMessageId>, DbError> {
    if is_known(tx, new.channel_id, new.remote_id)? {
        return Ok(None);
    }
    let thread = find_or_begin(tx, new)?;
    hold(tx, thread)?;
    let values = (
        private_message::thread_id.eq(thread),
        private_message::channel_id.eq(new.channel_id),
        private_message::remote_id.eq(new.remote_id),
        private_message::side.eq(new.side),
        private_message::text.eq(new.text),
        private_message::raw.eq(new.raw),
        private_message::sent_at.eq(new.sent_at),
        private_message::received_at.eq(now),
    );
    let id: PrivateMessageId = diesel::insert_into(private_message::table)
        .values(values)
        .returning(private_message::id)
        .get_result(&mut **tx)?;
    for one in &new.attachments {
        let due = one.url.filter(|_| one.kind == AttachmentKind::Photo).map(|_| now);
        diesel::insert_into(private_attachment::table)
            .values((
                private_attachment::message_id.eq(id),
                private_attachment::kind.eq(one.kind),
                private_attachment::url.eq(one.url),
                private_attachment::alt.eq(one.alt),
                private_attachment::due_at.eq(due),
            ))
            .execute(&mut **tx)?;
    }
    reckon(tx, thread)?;
    Ok(Some(id))
}

/// The conversation that this message belongs to, begun if it is the first.
fn find_or_begin(tx: &mut Tx<'_>, new: &Arrival<'_>) -> Result<PrivateThreadId, DbError> {
    let row = (
        private_thread::channel_id.eq(new.channel_id),
        private_thread::network.eq(Some(new.network)),
        private_thread::remote_id.eq(new.conversation),
        private_thread::remote_author_id.eq(new.with),
        private_thread::last_at.eq(new.sent_at),
    );
    per_database!(&mut **tx, conn => diesel::insert_into(private_thread::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(private_thread::table
        .filter(private_thread::channel_id.eq(new.channel_id))
        .filter(private_thread::remote_id.eq(new.conversation))
        .select(private_thread::id)
        .first(&mut **tx)?)
}

/// Writes a message of ours that is still to be sent. What carries it out is the caller's.
pub fn write(
    tx: &mut Tx<'_>,
    thread: PrivateThreadId,
    text: &str,
    by: MemberId,
    now: Millis,
) -> Result<PrivateMessageId, DbError> {
    let channel_id: i64 = private_thread::table.find(thread).select(private_thread::channel_id).first(&mut **tx)?;
    let id = diesel::insert_into(private_message::table)
        .values((
            private_message::thread_id.eq(thread),
            private_message::channel_id.eq(channel_id),
            private_message::side.eq(Side::Ours),
            private_message::member_id.eq(Some(by)),
            private_message::text.eq(text),
            private_message::sent_at.eq(now),
            private_message::received_at.eq(now),
        ))
        .returning(private_message::id)
        .get_result(&mut **tx)?;
    reckon(tx, thread)?;
    Ok(id)
}

/// The name of a conversation with the author of a remote post, until the network names it.
fn unmet(about: i64) -> String {
    format!("about:{about}")
}

/// Begins a conversation with the author of a remote post, who has one with us once they answer. A second one about the
/// same post is a unique violation.
pub fn begin_about(
    tx: &mut Tx<'_>,
    (channel_id, network): (i64, Origin),
    about: i64,
    with: RemoteAuthorId,
    now: Millis,
) -> Result<PrivateThreadId, DbError> {
    Ok(diesel::insert_into(private_thread::table)
        .values((
            private_thread::channel_id.eq(channel_id),
            private_thread::network.eq(Some(network)),
            private_thread::remote_id.eq(unmet(about)),
            private_thread::remote_author_id.eq(with),
            private_thread::last_at.eq(now),
            private_thread::about_id.eq(Some(about)),
        ))
        .returning(private_thread::id)
        .get_result(&mut **tx)?)
}

/// The conversation that began with the author of this remote post.
pub fn find_about(conn: &mut Conn, about: i64, _reader: &Staff) -> Result<Option<PrivateThread>, DbError> {
    Ok(private_thread::table
        .filter(private_thread::about_id.eq(about))
        .select(thread_columns())
        .first(conn)
        .optional()?)
}

/// The conversations that began with the authors of these remote posts, by post.
pub fn list_about(conn: &mut Conn, about: &[i64], _reader: &Staff) -> Result<HashMap<i64, PrivateThreadId>, DbError> {
    let rows: Vec<(i64, PrivateThreadId)> = private_thread::table
        .filter(private_thread::about_id.eq_any(about))
        .select((private_thread::about_id.assume_not_null(), private_thread::id))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// The network named the person of a conversation that began with the author of a post. Where there is a conversation with
/// them already, its messages go there.
pub fn meet(tx: &mut Tx<'_>, thread: PrivateThreadId, with: RemoteAuthorId, conversation: &str) -> Result<(), DbError> {
    let channel_id: i64 = private_thread::table.find(thread).select(private_thread::channel_id).first(&mut **tx)?;
    let known: Option<PrivateThreadId> = private_thread::table
        .filter(private_thread::channel_id.eq(channel_id))
        .filter(private_thread::remote_id.eq(conversation))
        .select(private_thread::id)
        .first(&mut **tx)
        .optional()?;
    let Some(known) = known.filter(|known| *known != thread) else {
        diesel::update(private_thread::table.find(thread))
            .set((private_thread::remote_id.eq(conversation), private_thread::remote_author_id.eq(with)))
            .execute(&mut **tx)?;
        return Ok(());
    };
    hold(tx, known)?;
    diesel::update(private_message::table.filter(private_message::thread_id.eq(thread)))
        .set(private_message::thread_id.eq(known))
        .execute(&mut **tx)?;
    let about: Option<i64> = private_thread::table.find(thread).select(private_thread::about_id).first(&mut **tx)?;
    diesel::delete(private_thread::table.find(thread)).execute(&mut **tx)?;
    queue::close(tx, Kind::Private, thread.0)?;
    let unmarked = private_thread::table.find(known).filter(private_thread::about_id.is_null());
    diesel::update(unmarked).set(private_thread::about_id.eq(about)).execute(&mut **tx)?;
    reckon(tx, known)
}

/// When the other person of a conversation wrote last.
pub fn last_word(conn: &mut Conn, thread: PrivateThreadId) -> Result<Option<Millis>, DbError> {
    let theirs = private_message::table
        .filter(private_message::thread_id.eq(thread))
        .filter(private_message::side.eq(Side::Theirs));
    Ok(theirs.select(diesel::dsl::max(private_message::sent_at)).first::<Option<i64>>(conn)?.map(Millis))
}

/// A message of the network's has other words now; `None`: it was taken back.
pub fn alter(
    tx: &mut Tx<'_>,
    channel_id: i64,
    remote_id: &str,
    text: Option<&str>,
    now: Millis,
) -> Result<(), DbError> {
    let message = private_message::table
        .filter(private_message::channel_id.eq(channel_id))
        .filter(private_message::remote_id.eq(remote_id));
    let Some((id, thread)) = message
        .select((private_message::id, private_message::thread_id))
        .first::<(PrivateMessageId, PrivateThreadId)>(&mut **tx)
        .optional()?
    else {
        return Ok(());
    };
    let row = private_message::table.find(id);
    match text {
        Some(text) => diesel::update(row).set(private_message::text.eq(text)).execute(&mut **tx)?,
        None => {
            diesel::delete(private_attachment::table.filter(private_attachment::message_id.eq(id)))
                .execute(&mut **tx)?;
            let gone = (
                private_message::text.eq(""),
                private_message::raw.eq(None::<String>),
                private_message::taken_back_at.eq(Some(now)),
            );
            diesel::update(row).set(gone).execute(&mut **tx)?
        }
    };
    reckon(tx, thread)
}

/// Makes everybody else who writes into this thread wait until this transaction ends, so that two who saw the same do
/// not both answer it.
pub fn hold(tx: &mut Tx<'_>, thread: PrivateThreadId) -> Result<(), DbError> {
    diesel::update(private_thread::table.find(thread)).set(private_thread::id.eq(thread)).execute(&mut **tx)?;
    Ok(())
}

/// The network named a message of ours: it stands there now.
pub fn name(tx: &mut Tx<'_>, id: PrivateMessageId, remote_id: &str) -> Result<(), DbError> {
    let (thread, channel_id): (PrivateThreadId, i64) = private_message::table
        .find(id)
        .select((private_message::thread_id, private_message::channel_id))
        .first(&mut **tx)?;
    // It came back before the network's answer did, and was taken for a colleague's.
    let double = private_message::table
        .filter(private_message::channel_id.eq(channel_id))
        .filter(private_message::remote_id.eq(remote_id))
        .filter(private_message::id.ne(id));
    if diesel::delete(double).execute(&mut **tx)? > 0 {
        reckon(tx, thread)?;
    }
    diesel::update(private_message::table.find(id))
        .set(private_message::remote_id.eq(Some(remote_id)))
        .execute(&mut **tx)?;
    Ok(())
}

/// A message of ours will not be sent; whom it was for waits again.
pub fn withdraw(tx: &mut Tx<'_>, id: PrivateMessageId, now: Millis) -> Result<(), DbError> {
    diesel::update(private_message::table.find(id))
        .set(private_message::withdrawn_at.eq(Some(now)))
        .execute(&mut **tx)?;
    let thread = private_message::table.find(id).select(private_message::thread_id).first(&mut **tx)?;
    reckon(tx, thread)
}

/// Staff say that what they saw of a thread, up to this message, needs no answer. `false`, and nothing is settled: the
/// thread has no such message.
pub fn settle(tx: &mut Tx<'_>, thread: PrivateThreadId, seen: PrivateMessageId) -> Result<bool, DbError> {
    hold(tx, thread)?;
    let message = private_message::table.find(seen).filter(private_message::thread_id.eq(thread));
    if !diesel::select(diesel::dsl::exists(message)).get_result::<bool>(&mut **tx)? {
        return Ok(false);
    }
    diesel::update(private_thread::table.find(thread))
        .set(private_thread::settled_id.eq(Some(seen.0)))
        .execute(&mut **tx)?;
    reckon(tx, thread)?;
    Ok(true)
}

/// Works out anew who waits since when. What we wrote here answers all that had come by then, since its writer saw it; of
/// what a colleague wrote in the network's own app only the time is known.
fn reckon(tx: &mut Tx<'_>, thread: PrivateThreadId) -> Result<(), DbError> {
    let standing = private_message::table
        .filter(private_message::thread_id.eq(thread))
        .filter(private_message::withdrawn_at.is_null())
        .filter(private_message::taken_back_at.is_null());
    let ours = standing.filter(private_message::side.eq(Side::Ours));
    let written: Option<i64> = ours
        .filter(private_message::member_id.is_not_null())
        .select(diesel::dsl::max(private_message::id))
        .first(&mut **tx)?;
    let elsewhere: Option<Millis> = ours
        .filter(private_message::member_id.is_null())
        .select(diesel::dsl::max(private_message::sent_at))
        .first::<Option<i64>>(&mut **tx)?
        .map(Millis);
    let settled: Option<i64> =
        private_thread::table.find(thread).select(private_thread::settled_id).first(&mut **tx)?;
    let waits_since: Option<i64> = standing
        .filter(private_message::side.eq(Side::Theirs))
        .filter(private_message::id.gt(written.max(settled).unwrap_or(0)))
        .filter(private_message::sent_at.gt(elsewhere.unwrap_or(Millis(i64::MIN))))
        .select(diesel::dsl::min(private_message::sent_at))
        .first(&mut **tx)?;
    let last_at: Option<i64> = standing.select(diesel::dsl::max(private_message::sent_at)).first(&mut **tx)?;
    let row = private_thread::table.find(thread);
    diesel::update(row).set(private_thread::waits_since.eq(waits_since)).execute(&mut **tx)?;
    if let Some(last_at) = last_at {
        diesel::update(row).set(private_thread::last_at.eq(last_at)).execute(&mut **tx)?;
    }
    queue_up(tx, thread, waits_since.map(Millis))
}

/// The desk's row of a conversation: there while somebody waits in it.
fn queue_up(tx: &mut Tx<'_>, thread: PrivateThreadId, waits_since: Option<Millis>) -> Result<(), DbError> {
    let Some(since) = waits_since else { return queue::close(tx, Kind::Private, thread.0).map(drop) };
    let (channel_id, network): (i64, Option<Origin>) = private_thread::table
        .find(thread)
        .select((private_thread::channel_id, private_thread::network))
        .first(&mut **tx)?;
    let arrived_at: Option<i64> = private_message::table
        .filter(private_message::thread_id.eq(thread))
        .filter(private_message::sent_at.eq(since))
        .select(diesel::dsl::max(private_message::received_at))
        .first(&mut **tx)?;
    let item = Item {
        kind: Kind::Private,
        ref_id: thread.0,
        subject: Subject::Private(thread.0),
        topic_id: None,
        channel_id: Some(channel_id),
        network,
        lang: None,
        since,
        arrived_at: arrived_at.map_or(since, Millis),
    };
    queue::open(tx, &item)
}

/// Whether this message of the network's is stored here.
pub fn is_known(conn: &mut Conn, channel_id: i64, remote_id: &str) -> Result<bool, DbError> {
    let row = private_message::table
        .filter(private_message::channel_id.eq(channel_id))
        .filter(private_message::remote_id.eq(remote_id));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(conn)?)
}

/// Whether somebody has written to us in private, or we to them.
pub fn has_thread_with(conn: &mut Conn, author: RemoteAuthorId) -> Result<bool, DbError> {
    let row = private_thread::table.filter(private_thread::remote_author_id.eq(author));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(conn)?)
}

/// To whom these messages go, without their words.
pub fn list_addressees(
    conn: &mut Conn,
    messages: &[PrivateMessageId],
) -> Result<HashMap<PrivateMessageId, Addressee>, DbError> {
    type Row = (PrivateMessageId, PrivateThreadId, RemoteAuthorId, Option<i64>, String);
    let rows: Vec<Row> = private_message::table
        .inner_join(private_thread::table)
        .filter(private_message::id.eq_any(messages))
        .select((
            private_message::id,
            private_thread::id,
            private_thread::remote_author_id,
            private_thread::about_id,
            private_thread::remote_id,
        ))
        .load(conn)?;
    let addressee = |(id, thread_id, with, about, conversation): Row| {
        let is_met = about.is_none_or(|about| conversation != unmet(about));
        (id, Addressee { thread_id, with, about, is_met })
    };
    Ok(rows.into_iter().map(addressee).collect())
}

#[diesel::dsl::auto_type(no_type_alias)]
fn thread_columns() -> _ {
    (
        private_thread::id,
        private_thread::channel_id,
        private_thread::remote_author_id,
        private_thread::waits_since,
        private_thread::last_at,
        private_thread::about_id,
    )
}

pub fn count_waiting(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(private_thread::table.filter(private_thread::waits_since.is_not_null()).count().get_result(conn)?)
}

/// A conversation; `None`: there is none of this id.
pub fn find(conn: &mut Conn, id: PrivateThreadId, _reader: &Staff) -> Result<Option<PrivateThread>, DbError> {
    Ok(private_thread::table.find(id).select(thread_columns()).first(conn).optional()?)
}

/// The conversations with one person, over all our accounts.
pub fn list_with(conn: &mut Conn, author: RemoteAuthorId, _reader: &Staff) -> Result<Vec<PrivateThread>, DbError> {
    Ok(private_thread::table
        .filter(private_thread::remote_author_id.eq(author))
        .order(private_thread::last_at.desc())
        .limit(10)
        .select(thread_columns())
        .load(conn)?)
}

/// Up to `limit` conversations after the cursor (time and id of the row before), each with its newest words.
pub fn list(
    conn: &mut Conn,
    which: Which,
    after: Option<(Millis, i64)>,
    limit: i64,
    _reader: &Staff,
) -> Result<Vec<ThreadRow>, DbError> {
    let threads = match which {
        Which::Waiting => list_waiting(conn, after.unwrap_or((Millis(i64::MIN), 0)), limit)?,
        Which::All => list_recent(conn, after.unwrap_or((Millis(i64::MAX), i64::MAX)), limit)?,
    };
    let mut newest = newest_words(conn, &threads)?;
    let rows = threads.into_iter().map(|thread| {
        let (last_side, last_text) = newest.remove(&thread.id).unwrap_or((Side::Theirs, String::new()));
        ThreadRow { thread, last_side, last_text }
    });
    Ok(rows.collect())
}

/// Whether there is a conversation of this id.
pub fn exists(conn: &mut Conn, id: PrivateThreadId) -> Result<bool, DbError> {
    Ok(diesel::select(diesel::dsl::exists(private_thread::table.find(id))).get_result(conn)?)
}

/// These conversations, each with its newest words.
pub fn list_of(conn: &mut Conn, ids: &[PrivateThreadId], _reader: &Staff) -> Result<Vec<ThreadRow>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let threads: Vec<PrivateThread> =
        private_thread::table.filter(private_thread::id.eq_any(ids)).select(thread_columns()).load(conn)?;
    let mut newest = newest_words(conn, &threads)?;
    let rows = threads.into_iter().map(|thread| {
        let (last_side, last_text) = newest.remove(&thread.id).unwrap_or((Side::Theirs, String::new()));
        ThreadRow { thread, last_side, last_text }
    });
    Ok(rows.collect())
}

fn list_waiting(conn: &mut Conn, (since, id): (Millis, i64), limit: i64) -> Result<Vec<PrivateThread>, DbError> {
    let later = private_thread::waits_since.gt(since);
    let same = private_thread::waits_since.eq(since).and(private_thread::id.gt(id));
    Ok(private_thread::table
        .filter(private_thread::waits_since.is_not_null())
        .filter(later.or(same))
        .order((private_thread::waits_since, private_thread::id))
        .limit(limit)
        .select(thread_columns())
        .load(conn)?)
}

fn list_recent(conn: &mut Conn, (at, id): (Millis, i64), limit: i64) -> Result<Vec<PrivateThread>, DbError> {
    let earlier = private_thread::last_at.lt(at);
    let same = private_thread::last_at.eq(at).and(private_thread::id.lt(id));
    Ok(private_thread::table
        .filter(earlier.or(same))
        .order((private_thread::last_at.desc(), private_thread::id.desc()))
        .limit(limit)
        .select(thread_columns())
        .load(conn)?)
}

fn newest_words(
    conn: &mut Conn,
    threads: &[PrivateThread],
) -> Result<HashMap<PrivateThreadId, (Side, String)>, DbError> {
    let ids: Vec<PrivateThreadId> = threads.iter().map(|thread| thread.id).collect();
    let times: Vec<Millis> = threads.iter().map(|thread| thread.last_at).collect();
    let rows: Vec<(PrivateThreadId, Side, String)> = private_message::table
        .filter(private_message::thread_id.eq_any(ids))
        .filter(private_message::sent_at.eq_any(times))
        .filter(private_message::withdrawn_at.is_null())
        .order((private_message::sent_at, private_message::id))
        .select((private_message::thread_id, private_message::side, private_message::text))
        .load(conn)?;
    Ok(rows.into_iter().map(|(thread, side, text)| (thread, (side, text))).collect())
}

/// The newest two hundred messages of a conversation, oldest first, and whether there are older ones.
pub fn list_messages(
    conn: &mut Conn,
    thread: PrivateThreadId,
    _reader: &Staff,
) -> Result<(Vec<PrivateMessage>, bool), DbError> {
    type Row = (PrivateMessageId, Side, Option<MemberId>, String, Millis, Option<Millis>, Option<Millis>);
    let mut rows: Vec<Row> = private_message::table
        .filter(private_message::thread_id.eq(thread))
        .order((private_message::sent_at.desc(), private_message::id.desc()))
        .limit(MOST_MESSAGES + 1)
        .select((
            private_message::id,
            private_message::side,
            private_message::member_id,
            private_message::text,
            private_message::sent_at,
            private_message::withdrawn_at,
            private_message::taken_back_at,
        ))
        .load(conn)?;
    let most = usize::try_from(MOST_MESSAGES).unwrap_or(usize::MAX);
    let is_cut = rows.len() > most;
    rows.truncate(most);
    let ids: Vec<PrivateMessageId> = rows.iter().map(|row| row.0).collect();
    let mut attachments = attachments_of(conn, &ids)?;
    let messages =
        rows.into_iter().rev().map(|(id, side, member, text, sent_at, withdrawn_at, taken_back_at)| PrivateMessage {
            id,
            side,
            member,
            text,
            sent_at,
            withdrawn: withdrawn_at.is_some(),
            taken_back: taken_back_at.is_some(),
            attachments: attachments.remove(&id).unwrap_or_default(),
        });
    Ok((messages.collect(), is_cut))
}

fn attachments_of(
    conn: &mut Conn,
    messages: &[PrivateMessageId],
) -> Result<HashMap<PrivateMessageId, Vec<Attachment>>, DbError> {
    let rows: Vec<(PrivateMessageId, Attachment)> = private_attachment::table
        .filter(private_attachment::message_id.eq_any(messages))
        .order(private_attachment::id)
        .select((
            private_attachment::message_id,
            (
                private_attachment::id,
                private_attachment::kind,
                private_attachment::alt,
                private_attachment::picture.is_not_null(),
                private_attachment::due_at.is_not_null(),
            ),
        ))
        .load(conn)?;
    let mut by_message: HashMap<PrivateMessageId, Vec<Attachment>> = HashMap::new();
    for (message, attachment) in rows {
        by_message.entry(message).or_default().push(attachment);
    }
    Ok(by_message)
}

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
