//! All SQL of mail.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::state::{Next, State};
use super::words;
use super::{MailId, NewMail};
use crate::clock::Millis;
use crate::db::schema::mail;
use crate::db::{Conn, DbError, Tx, per_database};

/// What is stored of a mail beside its words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Headers {
    pub thread: Option<String>,
    pub unsubscribe: Option<String>,
}

/// A mail that a loop has taken on.
#[derive(Clone, Debug)]
pub(super) struct Due {
    pub id: MailId,
    pub event: String,
    pub address: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub headers: Headers,
    /// With the one to come.
    pub attempts: i64,
}

/// A mail for the page of the administrator, and of the demo.
#[derive(Clone, Debug, Queryable)]
pub struct MailRow {
    pub id: MailId,
    pub address: String,
    pub subject: String,
    pub text: String,
    pub state: State,
    pub attempts: i64,
    pub due_at: Option<Millis>,
    pub sent_at: Option<Millis>,
    pub reason: Option<String>,
    pub created_at: Millis,
}

/// Puts a mail into the outbox. `false`: this address was told of this event before.
pub fn post(tx: &mut Tx<'_>, new: &NewMail, now: Millis) -> Result<bool, DbError> {
    let headers = Headers { thread: new.thread.clone(), unsubscribe: new.unsubscribe.clone() };
    let headers = serde_json::to_string(&headers)
        .map_err(|error| DbError::Inconsistent { what: "mail", value: error.to_string() })?;
    let row = (
        mail::member_id.eq(new.to),
        mail::event.eq(&new.event),
        mail::address.eq(&new.address),
        mail::subject.eq(&new.subject),
        mail::text.eq(&new.text),
        mail::html.eq(&new.html),
        mail::headers.eq(headers),
        mail::state.eq(State::Queued),
        mail::due_at.eq(now),
        mail::created_at.eq(now),
    );
    let posted = per_database!(&mut **tx, conn => diesel::insert_into(mail::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(posted == 1)
}

/// Takes on the mail that is due longest, until `lease`. `None`: none is due.
pub(super) fn take(tx: &mut Tx<'_>, now: Millis, lease: Millis) -> Result<Option<Due>, DbError> {
    let first: Option<MailId> = mail::table
        .filter(mail::state.eq(State::Queued.literal()).and(mail::due_at.le(now)))
        .order((mail::due_at, mail::id))
        .select(mail::id)
        .first(&mut **tx)
        .optional()?;
    let Some(id) = first else { return Ok(None) };
    let taken = diesel::update(mail::table.find(id).filter(mail::state.eq(State::Queued)))
        .set((
            mail::state.eq(State::Sending),
            mail::lease_until.eq(Some(lease)),
            mail::due_at.eq(None::<Millis>),
            mail::attempts.eq(mail::attempts + 1),
        ))
        .execute(&mut **tx)?;
    // Another node was faster: there may be more.
    if taken == 0 { take(tx, now, lease) } else { load_due(tx, id).map(Some) }
}

type DueRow = (MailId, String, String, String, String, String, String, i64);

fn load_due(conn: &mut Conn, id: MailId) -> Result<Due, DbError> {
    let row: DueRow = mail::table
        .find(id)
        .select((
            mail::id,
            mail::event,
            mail::address,
            mail::subject,
            mail::text,
            mail::html,
            mail::headers,
            mail::attempts,
        ))
        .first(conn)?;
    let (id, event, address, subject, text, html, headers, attempts) = row;
    let headers = serde_json::from_str(&headers)
        .map_err(|error| DbError::Inconsistent { what: "mail's headers", value: error.to_string() })?;
    Ok(Due { id, event, address, subject, text, html, headers, attempts })
}

/// Writes down what came of it. `false`: its lease had ended, and it was settled otherwise. What a server has taken is
/// nobody's to read here any more: some mails hold a link into somebody's account.
pub(super) fn settle(tx: &mut Tx<'_>, id: MailId, next: &Next, keep_words: bool, now: Millis) -> Result<bool, DbError> {
    let sent_at = (next.state == State::Sent).then_some(now);
    // An acceptance counts even where somebody believed it lost.
    let from: &[State] = if sent_at.is_some() { &[State::Sending, State::Uncertain] } else { &[State::Sending] };
    let settled = diesel::update(mail::table.find(id).filter(mail::state.eq_any(from.iter().copied())))
        .set((
            mail::state.eq(next.state),
            mail::due_at.eq(next.due_at),
            mail::lease_until.eq(None::<Millis>),
            mail::sent_at.eq(sent_at),
            mail::reason.eq(next.reason.as_deref()),
        ))
        .execute(&mut **tx)?;
    if settled == 1 && sent_at.is_some() && !keep_words {
        diesel::update(mail::table.find(id)).set((mail::text.eq(""), mail::html.eq(""))).execute(&mut **tx)?;
    }
    Ok(settled == 1)
}

/// What was being handed over when its loop died may have been taken.
pub(super) fn give_up_leases(tx: &mut Tx<'_>, now: Millis) -> Result<usize, DbError> {
    let over = mail::table.filter(mail::state.eq(State::Sending.literal()).and(mail::lease_until.lt(now)));
    let given_up = diesel::update(over)
        .set((mail::state.eq(State::Uncertain), mail::lease_until.eq(None::<Millis>), mail::reason.eq(words::STOPPED)))
        .execute(&mut **tx)?;
    Ok(given_up)
}

/// A person wants it tried once more, or now and not later. `false`: it is under way, or arrived.
pub fn again(tx: &mut Tx<'_>, id: MailId, now: Millis) -> Result<bool, DbError> {
    let seen: Option<(State, Option<Millis>)> =
        mail::table.find(id).select((mail::state, mail::due_at)).first(&mut **tx).optional()?;
    let Some((state, due_at)) = seen else { return Ok(false) };
    let is_idle = match state {
        State::Queued => due_at > Some(now),
        State::Uncertain | State::Failed | State::GivenUp => true,
        State::Sending | State::Sent => false,
    };
    if !is_idle {
        return Ok(false);
    }
    let queued = diesel::update(mail::table.find(id).filter(mail::state.eq(state)))
        .set((
            mail::state.eq(State::Queued),
            mail::due_at.eq(Some(now)),
            mail::attempts.eq(0),
            mail::reason.eq(None::<String>),
        ))
        .execute(&mut **tx)?;
    Ok(queued == 1)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn columns() -> _ {
    (
        mail::id,
        mail::address,
        mail::subject,
        mail::text,
        mail::state,
        mail::attempts,
        mail::due_at,
        mail::sent_at,
        mail::reason,
        mail::created_at,
    )
}

/// Those of these states with lower ids, newest first.
pub fn list_newest(conn: &mut Conn, states: &[State], before: MailId, limit: i64) -> Result<Vec<MailRow>, DbError> {
    Ok(mail::table
        .filter(mail::state.eq_any(states.iter().copied()))
        .filter(mail::id.lt(before))
        .order(mail::id.desc())
        .limit(limit)
        .select(columns())
        .load(conn)?)
}

/// `None`: it is gone.
pub fn find(conn: &mut Conn, id: MailId) -> Result<Option<MailRow>, DbError> {
    Ok(mail::table.find(id).select(columns()).first(conn).optional()?)
}

/// A person decides to leave it. `false`: it is under way, or arrived.
pub fn give_up(tx: &mut Tx<'_>, id: MailId) -> Result<bool, DbError> {
    let idle = mail::state.eq_any([State::Queued, State::Uncertain, State::Failed]);
    let left = diesel::update(mail::table.find(id).filter(idle))
        .set((mail::state.eq(State::GivenUp), mail::due_at.eq(None::<Millis>)))
        .execute(&mut **tx)?;
    Ok(left == 1)
}

/// How many wait for a person.
pub fn count_stuck(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(mail::table.filter(mail::state.eq_any([State::Uncertain, State::Failed])).count().get_result(conn)?)
}

/// Throws away what arrived or was given up before `before`, `most` at a time.
pub fn prune(tx: &mut Tx<'_>, before: Millis, most: i64) -> Result<usize, DbError> {
    let old: Vec<MailId> = mail::table
        .filter(mail::state.eq_any([State::Sent, State::GivenUp]).and(mail::created_at.lt(before)))
        .order(mail::id)
        .limit(most)
        .select(mail::id)
        .load(&mut **tx)?;
    Ok(diesel::delete(mail::table.filter(mail::id.eq_any(old))).execute(&mut **tx)?)
}

/// Forgets what was mailed, or is to be mailed, to a member: they left. What is being handed over goes its way.
pub fn forget(tx: &mut Tx<'_>, member: i64) -> Result<(), DbError> {
    let theirs = mail::table.filter(mail::member_id.eq(member)).filter(mail::state.ne(State::Sending));
    diesel::delete(theirs).execute(&mut **tx)?;
    Ok(())
}
