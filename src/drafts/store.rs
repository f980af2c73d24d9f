//! All SQL of drafts.

use diesel::prelude::*;

use super::{Draft, DraftId, Fields, Kind, NotSettled, Place};
use crate::clock::Millis;
use crate::db::schema::draft;
use crate::db::{Conn, DbError, Tx, per_database};
use crate::members::MemberId;
use crate::notices::{self, NewNotice};
use crate::queue::{self, Item};

type Row = (DraftId, MemberId, (Kind, i64, i64), String, (Millis, Option<Millis>), (Option<String>, Option<MemberId>));

macro_rules! columns {
    () => {
        (
            draft::id,
            draft::member_id,
            (draft::kind, draft::question_id, draft::answer_id),
            draft::form,
            (draft::updated_at, draft::submitted_at),
            (draft::returned_reason, draft::returned_by),
        )
    };
}

fn decode(row: Row) -> Result<Draft, DbError> {
    let (id, by, (kind, question_id, answer_id), form, (updated_at, handed_in_at), (reason, returned_by)) = row;
    let fields: Fields = serde_json::from_str(&form)
        .map_err(|_| DbError::Inconsistent { what: "form of a draft", value: id.to_string() })?;
    let place = Place { kind, question_id, answer_id };
    let returned = reason.map(|reason| (reason, returned_by));
    Ok(Draft { id, by, place, fields, updated_at, handed_in_at, returned })
}

/// The draft of one person in one place.
pub fn find_own(conn: &mut Conn, by: MemberId, place: Place) -> Result<Option<Draft>, DbError> {
    draft::table
        .filter(draft::member_id.eq(by))
        .filter(draft::kind.eq(place.kind))
        .filter(draft::question_id.eq(place.question_id))
        .filter(draft::answer_id.eq(place.answer_id))
        .select(columns!())
        .first::<Row>(conn)
        .optional()?
        .map(decode)
        .transpose()
}

/// A draft; `None`: it was sent, thrown away, or never was.
pub fn load(conn: &mut Conn, id: DraftId) -> Result<Option<Draft>, DbError> {
    draft::table.find(id).select(columns!()).first::<Row>(conn).optional()?.map(decode).transpose()
}

/// Everybody's drafts in a thread, oldest first.
pub fn list_of_thread(conn: &mut Conn, question_id: i64) -> Result<Vec<Draft>, DbError> {
    let rows: Vec<Row> = draft::table
        .filter(draft::question_id.eq(question_id))
        .order((draft::updated_at, draft::id))
        .select(columns!())
        .load(conn)?;
    rows.into_iter().map(decode).collect()
}

/// Saves what somebody is writing; nothing written is no draft. `false`, and nothing is saved: they handed it in, and it
/// stays as it was then.
pub fn save(tx: &mut Tx<'_>, by: MemberId, place: Place, fields: &Fields, now: Millis) -> Result<bool, DbError> {
    if let Some(known) = find_own(tx, by, place)? {
        let open = draft::table.find(known.id).filter(draft::submitted_at.is_null());
        let done = match fields.is_empty() {
            true => diesel::delete(open).execute(&mut **tx)?,
            false => diesel::update(open)
                .set((draft::form.eq(encoded(fields)), draft::updated_at.eq(now)))
                .execute(&mut **tx)?,
        };
        return Ok(done == 1);
    }
    if !fields.is_empty() {
        insert(tx, by, place, fields, now)?;
    }
    Ok(true)
}

fn insert(tx: &mut Tx<'_>, by: MemberId, place: Place, fields: &Fields, now: Millis) -> Result<(), DbError> {
    let row = (
        draft::member_id.eq(by),
        draft::kind.eq(place.kind),
        draft::question_id.eq(place.question_id),
        draft::answer_id.eq(place.answer_id),
        draft::form.eq(encoded(fields)),
        draft::updated_at.eq(now),
    );
    // The same person in two windows: whichever comes later is saved again in a moment.
    per_database!(&mut **tx, conn => diesel::insert_into(draft::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}

fn encoded(fields: &Fields) -> String {
    serde_json::to_string(fields).unwrap_or_else(|_| "{}".to_owned())
}

/// Hands a draft in for approval: it waits in the queue as `item`, whose `ref_id` is filled in here. One that waits already
/// is replaced.
pub fn hand_in(
    tx: &mut Tx<'_>,
    by: MemberId,
    place: Place,
    fields: &Fields,
    item: Item,
    now: Millis,
) -> Result<DraftId, DbError> {
    if find_own(tx, by, place)?.is_none() {
        insert(tx, by, place, fields, now)?;
    }
    let id = find_own(tx, by, place)?.ok_or(diesel::result::Error::NotFound)?.id;
    diesel::update(draft::table.find(id))
        .set((
            draft::form.eq(encoded(fields)),
            draft::updated_at.eq(now),
            draft::submitted_at.eq(Some(now)),
            draft::returned_reason.eq(None::<String>),
            draft::returned_by.eq(None::<MemberId>),
        ))
        .execute(&mut **tx)?;
    queue::open(tx, &Item { kind: queue::Kind::Draft, ref_id: id.0, ..item })?;
    Ok(id)
}

/// Its writer takes a draft back that they handed in; `false`: it does not wait any more, or is not theirs.
pub fn take_back(tx: &mut Tx<'_>, id: DraftId, by: MemberId) -> Result<bool, DbError> {
    let waiting = draft::table.find(id).filter(draft::member_id.eq(by)).filter(draft::submitted_at.is_not_null());
    let done = diesel::update(waiting).set(draft::submitted_at.eq(None::<Millis>)).execute(&mut **tx)?;
    if done == 1 {
        queue::close(tx, queue::Kind::Draft, id.0)?;
    }
    Ok(done == 1)
}

/// Staff return a draft with a reason, and its writer is told.
pub fn send_back(tx: &mut Tx<'_>, id: DraftId, reason: &str, by: MemberId, now: Millis) -> Result<Draft, NotSettled> {
    let draft = waiting(tx, id, by)?;
    let done = diesel::update(draft::table.find(id).filter(draft::submitted_at.eq(draft.handed_in_at)))
        .set((
            draft::submitted_at.eq(None::<Millis>),
            draft::returned_reason.eq(Some(reason)),
            draft::returned_by.eq(Some(by)),
        ))
        .execute(&mut **tx)?;
    if done == 0 {
        return Err(NotSettled::Late);
    }
    queue::close(tx, queue::Kind::Draft, id.0)?;
    tell(tx, &draft, notices::Kind::DraftReturned, reason, by, now)?;
    Ok(draft)
}

/// Staff send what was drafted, in their own name: the draft goes with it, and its writer is told.
pub fn settle(tx: &mut Tx<'_>, id: DraftId, by: MemberId, now: Millis) -> Result<Draft, NotSettled> {
    let draft = waiting(tx, id, by)?;
    let row = draft::table.find(id).filter(draft::submitted_at.eq(draft.handed_in_at));
    if diesel::delete(row).execute(&mut **tx)? == 0 {
        return Err(NotSettled::Late);
    }
    queue::close(tx, queue::Kind::Draft, id.0)?;
    tell(tx, &draft, notices::Kind::DraftSent, "", by, now)?;
    Ok(draft)
}

/// A draft that waits for the approval of this person.
fn waiting(tx: &mut Tx<'_>, id: DraftId, by: MemberId) -> Result<Draft, NotSettled> {
    let draft = load(tx, id)?.filter(|draft| draft.handed_in_at.is_some()).ok_or(NotSettled::Late)?;
    if draft.by == by { Err(NotSettled::Own) } else { Ok(draft) }
}

fn tell(
    tx: &mut Tx<'_>,
    draft: &Draft,
    kind: notices::Kind,
    words: &str,
    by: MemberId,
    now: Millis,
) -> Result<(), DbError> {
    let new = NewNotice {
        to: draft.by,
        kind,
        question_id: Some(draft.place.question_id),
        post: None,
        subject: Some(queue::Subject::Question(draft.place.question_id).to_string()),
        by: Some(by),
        words: words.to_owned(),
        at: now,
    };
    notices::tell(tx, &new).map(drop)
}

/// Throws away what somebody wrote in one place: it was sent, or is not wanted. What they handed in goes with it.
pub fn discard(tx: &mut Tx<'_>, by: MemberId, place: Place) -> Result<(), DbError> {
    if let Some(known) = find_own(tx, by, place)? {
        diesel::delete(draft::table.find(known.id)).execute(&mut **tx)?;
        queue::close(tx, queue::Kind::Draft, known.id.0)?;
    }
    Ok(())
}

/// Throws away at most `limit` drafts that nobody touched since `before`, but for those that wait for approval.
pub fn prune(tx: &mut Tx<'_>, before: Millis, limit: i64) -> Result<usize, DbError> {
    let old = draft::table
        .filter(draft::updated_at.lt(before))
        .filter(draft::submitted_at.is_null())
        .limit(limit)
        .select(draft::id);
    let old: Vec<DraftId> = old.load(&mut **tx)?;
    Ok(diesel::delete(draft::table.filter(draft::id.eq_any(old))).execute(&mut **tx)?)
}
