//! All SQL of private messages. Here is what changes them; what staff read stands in `read`.

mod pictures;
mod read;
mod waits;

use diesel::prelude::*;

pub use self::pictures::{find_due_picture, find_picture, put_off_picture, set_picture};
pub use self::read::{
    count_waiting, exists, find, find_about, has_thread_with, list, list_about, list_addressees, list_messages,
    list_of, list_with,
};
use self::waits::reckon;
use super::{Arrival, AttachmentKind, PrivateMessageId, PrivateThreadId, Side};
use crate::clock::Millis;
use crate::db::schema::{private_attachment, private_message, private_thread};
use crate::db::{Conn, DbError, Tx, per_database};
use crate::members::MemberId;
use crate::posts::{Origin, RemoteAuthorId};
use crate::queue::{self, Kind};

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

/// Whether this message of the network's is stored here.
pub fn is_known(conn: &mut Conn, channel_id: i64, remote_id: &str) -> Result<bool, DbError> {
    let row = private_message::table
        .filter(private_message::channel_id.eq(channel_id))
        .filter(private_message::remote_id.eq(remote_id));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(conn)?)
}
