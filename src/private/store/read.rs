//! What staff read of private messages: conversations, their words and what came with them. What returns words takes a `Staff`
//! as proof that its reader may see them. Writes nothing.

use std::collections::HashMap;

use diesel::prelude::*;

use super::unmet;
use crate::clock::Millis;
use crate::db::schema::{private_attachment, private_message, private_thread};
use crate::db::{Conn, DbError};
use crate::members::{MemberId, Staff};
use crate::posts::RemoteAuthorId;
use crate::private::{
    Addressee, Attachment, PrivateMessage, PrivateMessageId, PrivateThread, PrivateThreadId, Side, ThreadRow, Which,
};

/// More of one conversation than anybody reads at once.
const MOST_MESSAGES: i64 = 200;

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

/// Whether somebody has written to us in private, or we to them.
pub fn has_thread_with(conn: &mut Conn, author: RemoteAuthorId) -> Result<bool, DbError> {
    let row = private_thread::table.filter(private_thread::remote_author_id.eq(author));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(conn)?)
}
