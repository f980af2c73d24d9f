//! All SQL of answers. Here: one answer, written, found, changed and removed.

mod imported;
mod judged;

use diesel::prelude::*;

pub use self::imported::{insert_imported, list_kept, list_taken};
pub use self::judged::{
    end_accepted, find_accepted, find_thread, hold, list_accepted_by, list_said_by, list_shown, recount,
    recount_accepted, say_helped, set_accepted,
};

use super::{Answer, AnswerId, NewAnswer, NewWords, Revision, merits};
use crate::clock::Millis;
use crate::db::schema::{answer, answer_revision, member};
use crate::db::{Change, Conn, DbError, PostKind, Tx};
use crate::files;
use crate::members::{Member, MemberId};
use crate::news::{self, Shown};
use crate::posts::{Author, AuthorColumns, HiddenAs, Origin, Text, gone};
use crate::questions::{self, Question, QuestionId};
use crate::queue::{self, Item, Kind};
use crate::web::Error;

/// Writes an answer, counts it at its question and lets staff know that they can verify it. A question that is gone takes
/// none: [`DbError::is_not_found`].
pub fn insert(tx: &mut Tx<'_>, new: &NewAnswer) -> Result<AnswerId, DbError> {
    questions::answered(tx, new.question_id, new.created_at)?;
    let id = insert_row(tx, new, None)?;
    questions::spoken_in(tx, new.question_id, new.author)?;
    await_review(tx, id, new.question_id, new.created_at)?;
    let (question_id, author, at) = (new.question_id.0, new.author, new.created_at);
    news::shown(tx, Shown { post: id.post(), question_id, author, at })?;
    changed(tx, id, new.question_id, new.created_at);
    Ok(id)
}

/// As [`insert`], for an answer that nobody sees, and nothing counts, before staff have let it through, by [`restore`].
pub fn insert_held(tx: &mut Tx<'_>, new: &NewAnswer) -> Result<AnswerId, DbError> {
    insert_row(tx, new, Some(HiddenAs::Held))
}

fn insert_row(tx: &mut Tx<'_>, new: &NewAnswer, hidden_as: Option<HiddenAs>) -> Result<AnswerId, DbError> {
    let (member, remote, origin) = new.author.columns();
    let id = diesel::insert_into(answer::table)
        .values((
            answer::question_id.eq(new.question_id),
            answer::member_id.eq(member),
            answer::remote_author_id.eq(remote),
            answer::origin.eq(origin),
            answer::body.eq(&new.body),
            answer::body_html.eq(new.body_html.as_str()),
            answer::created_at.eq(new.created_at),
            answer::removed_at.eq(hidden_as.map(|_| new.created_at)),
            answer::hidden_as.eq(hidden_as),
        ))
        .returning(answer::id)
        .get_result(&mut **tx)?;
    let words = NewWords { body: &new.body, html: &new.body_html, by: member, reason: "" };
    insert_revision(tx, id, 1, &words, new.created_at)?;
    Ok(id)
}

fn insert_revision(
    tx: &mut Tx<'_>,
    id: AnswerId,
    revision: i64,
    words: &NewWords<'_>,
    now: Millis,
) -> Result<(), DbError> {
    diesel::insert_into(answer_revision::table)
        .values((
            answer_revision::answer_id.eq(id),
            answer_revision::revision.eq(revision),
            answer_revision::body.eq(words.body),
            answer_revision::body_html.eq(words.html.as_str()),
            answer_revision::member_id.eq(words.by),
            answer_revision::reason.eq(words.reason),
            answer_revision::created_at.eq(now),
        ))
        .execute(&mut **tx)?;
    files::used(tx, files::Place::Post(id.post()), words.by, &words.html.pictures(), now)
}

/// Puts an answer into the queue: staff have words before them that nobody of them has verified or refused. What
/// bystanders on a network say beside a verified answer is no work for staff, nor is what only its asker reads: it goes nowhere.
pub fn await_review(tx: &mut Tx<'_>, id: AnswerId, question: QuestionId, now: Millis) -> Result<(), DbError> {
    let Some(question) = questions::find_in_whole(tx, question)? else { return Ok(()) };
    let origin: Option<Origin> = answer::table.find(id).select(answer::origin).first(&mut **tx)?;
    if origin.is_some() && question.verified_answer_id.is_some_and(|verified| verified != id.0) {
        return Ok(());
    }
    let (topic, network) = (question.topic.map(|topic| topic.id.0), question.author.origin());
    queue::open(tx, &Item::in_thread(Kind::Verify, id.0, question.id.0, topic, network, now))
}

#[derive(Queryable)]
struct Stored {
    id: AnswerId,
    question_id: QuestionId,
    author: AuthorColumns,
    body: String,
    body_html: String,
    revision: i64,
    vouched: Option<i64>,
    results: (i64, i64),
    score: i64,
    accepted_at: Option<Millis>,
    readers: (i64, i64),
    created_at: Millis,
}

macro_rules! columns {
    () => {
        (
            answer::id,
            answer::question_id,
            (answer::member_id, answer::remote_author_id, answer::origin),
            answer::body,
            answer::body_html,
            answer::revision,
            answer::vouched,
            (answer::worked, answer::broken),
            answer::score,
            answer::accepted_at,
            (answer::helped, answer::not_helped),
            answer::created_at,
        )
    };
}

impl Stored {
    fn decode(self) -> Result<Answer, DbError> {
        Ok(Answer {
            id: self.id,
            question_id: self.question_id,
            author: Author::decode(self.author)?,
            body: self.body,
            body_html: self.body_html,
            revision: self.revision,
            vouched: self.vouched,
            worked: self.results.0,
            broken: self.results.1,
            score: self.score,
            accepted_at: self.accepted_at,
            helped: self.readers.0,
            not_helped: self.readers.1,
            created_at: self.created_at,
        })
    }
}

type RevisionColumns = (i64, String, String, Option<MemberId>, Option<(String, String)>, String, Millis);

fn revision((number, body, body_html, by, named, reason, written_at): RevisionColumns) -> Revision {
    let (by_name, by_handle) = named.unzip();
    Revision { number, body, body_html, by, by_name, by_handle, reason, written_at }
}

macro_rules! revision_columns {
    () => {
        (
            answer_revision::revision,
            answer_revision::body,
            answer_revision::body_html,
            answer_revision::member_id,
            (member::name, member::handle).nullable(),
            answer_revision::reason,
            answer_revision::created_at,
        )
    };
}

fn find_shown(conn: &mut Conn, id: AnswerId) -> Result<Option<Stored>, DbError> {
    let shown = answer::table.find(id).filter(answer::removed_at.is_null());
    Ok(shown.select(columns!()).first(conn).optional()?)
}

/// An answer that may be shown, be it in a thread that is part of another; `None` where it never was, or it or its question was
/// removed, or that is private.
pub fn find(conn: &mut Conn, id: AnswerId) -> Result<Option<Answer>, DbError> {
    let Some(stored) = find_shown(conn, id)? else { return Ok(None) };
    if questions::find_in_whole(conn, stored.question_id)?.is_none() {
        return Ok(None);
    }
    stored.decode().map(Some)
}

/// As [`find`], of an answer that may be out of sight, or in a thread that is: its words are kept.
pub fn find_kept(conn: &mut Conn, id: AnswerId) -> Result<Option<Answer>, DbError> {
    let stored: Option<Stored> = answer::table
        .find(id)
        .filter(answer::removed_at.is_null().or(answer::hidden_as.is_not_null()))
        .select(columns!())
        .first(conn)
        .optional()?;
    stored.map(Stored::decode).transpose()
}

/// As [`find`], for pages: unknown is [`Error::NotFound`], removed is [`Error::Gone`].
pub fn load(conn: &mut Conn, id: AnswerId) -> Result<Answer, Error> {
    load_seen(conn, id, None).map(|(answer, _)| answer)
}

/// As [`load`], with the question under which it is read, for somebody (`None`: who is not signed in): of a private one, too,
/// if they may read it. Of a thread that is part of another that is the other's, and not the question of its own row.
pub fn load_seen(conn: &mut Conn, id: AnswerId, by: Option<&Member>) -> Result<(Answer, Question), Error> {
    let thread: QuestionId = answer::table.find(id).select(answer::question_id).first(conn)?;
    let question = questions::load_whole(conn, thread, by)?;
    match find_shown(conn, id)? {
        Some(stored) => Ok((stored.decode()?, question)),
        None => Err(Error::Gone(gone(PostKind::Answer, None).to_owned())),
    }
}

/// The newest answer of a question; 0 without one.
pub fn newest(conn: &mut Conn, question: QuestionId) -> Result<i64, DbError> {
    let of_question = answer::table.filter(answer::question_id.eq(question)).filter(answer::removed_at.is_null());
    Ok(of_question.select(diesel::dsl::max(answer::id)).first::<Option<i64>>(conn)?.unwrap_or(0))
}

/// The answers of a question that may be shown, oldest first.
pub fn list(conn: &mut Conn, question: QuestionId) -> Result<Vec<Answer>, DbError> {
    let stored: Vec<Stored> = answer::table
        .filter(answer::question_id.eq(question))
        .filter(answer::removed_at.is_null())
        .order((answer::created_at, answer::id))
        .select(columns!())
        .load(conn)?;
    stored.into_iter().map(Stored::decode).collect()
}

/// The answers of these questions that may be shown, oldest first.
pub fn list_of(conn: &mut Conn, questions: &[QuestionId]) -> Result<Vec<Answer>, DbError> {
    // What holds a list is prepared anew for each use, and most threads are alone.
    if let [question] = questions {
        return list(conn, *question);
    }
    let stored: Vec<Stored> = answer::table
        .filter(answer::question_id.eq_any(questions))
        .filter(answer::removed_at.is_null())
        .order((answer::created_at, answer::id))
        .select(columns!())
        .load(conn)?;
    stored.into_iter().map(Stored::decode).collect()
}

/// The answers of a member, first those that staff vouch for, each the newest first. Those of removed questions are among
/// them: show only what `questions::rows_of_threads` knows.
pub fn list_by_member(conn: &mut Conn, member: MemberId, limit: i64) -> Result<Vec<Answer>, DbError> {
    let stored: Vec<Stored> = answer::table
        .filter(answer::member_id.eq(member))
        .filter(answer::removed_at.is_null())
        .order((answer::vouched.is_null(), answer::created_at.desc()))
        .limit(limit)
        .select(columns!())
        .load(conn)?;
    stored.into_iter().map(Stored::decode).collect()
}

macro_rules! text_columns {
    () => {
        (
            answer::id,
            answer::question_id,
            answer::body,
            (answer::member_id, answer::remote_author_id, answer::origin),
            answer::vouched,
            answer::accepted_at,
            answer::body_html.like("%<img %"),
            answer::created_at,
        )
    };
}

type TextColumns = (AnswerId, QuestionId, String, AuthorColumns, Option<i64>, Option<Millis>, bool, Millis);

fn text(columns: TextColumns) -> Result<Text, DbError> {
    let (id, question, body, author, vouched, accepted_at, has_picture, created_at) = columns;
    Ok(Text {
        post: id.post(),
        question_id: question.0,
        answer_id: None,
        title: String::new(),
        body,
        author: Author::decode(author)?,
        vouched: vouched.is_some(),
        accepted: accepted_at.is_some(),
        has_picture,
        created_at,
    })
}

/// The texts of those of these answers that are not removed. Those of removed
/// questions are among them: show only those whose question is shown.
pub fn load_texts(conn: &mut Conn, ids: &[AnswerId]) -> Result<Vec<Text>, DbError> {
    let found: Vec<TextColumns> = answer::table
        .filter(answer::id.eq_any(ids))
        .filter(answer::removed_at.is_null())
        .select(text_columns!())
        .load(conn)?;
    found.into_iter().map(text).collect()
}

/// The texts of the answers of these questions, but for removed ones.
pub fn load_texts_of(conn: &mut Conn, questions: &[QuestionId]) -> Result<Vec<Text>, DbError> {
    let found: Vec<TextColumns> = answer::table
        .filter(answer::question_id.eq_any(questions))
        .filter(answer::removed_at.is_null())
        .select(text_columns!())
        .load(conn)?;
    found.into_iter().map(text).collect()
}

/// Who wrote a version, unless they left.
#[diesel::dsl::auto_type(no_type_alias)]
fn still_here() -> _ {
    answer_revision::member_id.eq(member::id.nullable()).and(member::left_at.is_null())
}

/// Every version of an answer's words, newest first.
pub fn list_revisions(conn: &mut Conn, id: AnswerId) -> Result<Vec<Revision>, DbError> {
    let rows: Vec<RevisionColumns> = answer_revision::table
        .left_join(member::table.on(still_here()))
        .filter(answer_revision::answer_id.eq(id))
        .order(answer_revision::revision.desc())
        .select(revision_columns!())
        .load(conn)?;
    Ok(rows.into_iter().map(revision).collect())
}

/// One version of an answer's words. [`DbError::is_not_found`]: there is no such version.
pub fn load_revision(conn: &mut Conn, id: AnswerId, number: i64) -> Result<Revision, DbError> {
    let row: RevisionColumns = answer_revision::table
        .left_join(member::table.on(still_here()))
        .filter(answer_revision::answer_id.eq(id))
        .filter(answer_revision::revision.eq(number))
        .select(revision_columns!())
        .first(conn)?;
    Ok(revision(row))
}

/// Gives an answer the words of a later version, which is its next revision, and returns its number. Where staff vouch for
/// an earlier one, that stays what is shown until they have verified this one. Out of sight it stays there, and waits for
/// nobody. [`DbError::is_not_found`]: it was removed.
pub fn edit(tx: &mut Tx<'_>, id: AnswerId, words: &NewWords<'_>, now: Millis) -> Result<i64, DbError> {
    let (question, number): (QuestionId, i64) = diesel::update(answer::table.find(id))
        .filter(answer::removed_at.is_null().or(answer::hidden_as.is_not_null()))
        .set(answer::revision.eq(answer::revision + 1))
        .returning((answer::question_id, answer::revision))
        .get_result(&mut **tx)?;
    insert_revision(tx, id, number, words, now)?;
    diesel::update(answer::table.find(id))
        .filter(answer::vouched.is_null())
        .set((answer::body.eq(words.body), answer::body_html.eq(words.html.as_str())))
        .execute(&mut **tx)?;
    if find(tx, id)?.is_some() {
        await_review(tx, id, question, now)?;
    }
    if let Some(by) = words.by {
        news::edited(tx, id.post(), by)?;
    }
    changed(tx, id, question, now);
    Ok(number)
}

/// As [`edit`], for words that must be gone from every page at once, whoever vouched for them.
pub fn cover(tx: &mut Tx<'_>, id: AnswerId, words: &NewWords<'_>, now: Millis) -> Result<(), DbError> {
    diesel::update(answer::table.find(id)).set(answer::vouched.eq(None::<i64>)).execute(&mut **tx)?;
    merits::count_verified(tx, id, false, now)?;
    edit(tx, id, words, now).map(drop)
}

/// Shows the revision that staff vouch for from now on; `None`: the newest words.
pub fn set_vouched(tx: &mut Tx<'_>, id: AnswerId, number: Option<i64>, now: Millis) -> Result<(), DbError> {
    let (question, newest): (QuestionId, i64) =
        answer::table.find(id).select((answer::question_id, answer::revision)).first(&mut **tx)?;
    let shown = load_revision(tx, id, number.unwrap_or(newest))?;
    // One that is out of sight comes back with it; the words of one that was removed stay empty.
    diesel::update(answer::table.find(id))
        .filter(answer::removed_at.is_null().or(answer::hidden_as.is_not_null()))
        .set((answer::vouched.eq(number), answer::body.eq(&shown.body), answer::body_html.eq(&shown.body_html)))
        .execute(&mut **tx)?;
    merits::count_verified(tx, id, number.is_some(), now)?;
    changed(tx, id, question, now);
    Ok(())
}

/// Counts what an asker said of it (taking back is adding less than nothing).
pub fn add_results(tx: &mut Tx<'_>, id: AnswerId, worked: i64, broken: i64, now: Millis) -> Result<(), DbError> {
    let question: QuestionId = diesel::update(answer::table.find(id))
        .set((answer::worked.eq(answer::worked + worked), answer::broken.eq(answer::broken + broken)))
        .returning(answer::question_id)
        .get_result(&mut **tx)?;
    changed(tx, id, question, now);
    Ok(())
}

/// Takes an answer away for good: its words are emptied in every version, its question no longer counts it. Once more
/// changes nothing.
pub fn remove(tx: &mut Tx<'_>, id: AnswerId, now: Millis) -> Result<(), DbError> {
    hold(tx, id)?;
    diesel::update(answer_revision::table.filter(answer_revision::answer_id.eq(id)))
        .set((answer_revision::body.eq(""), answer_revision::body_html.eq(""), answer_revision::reason.eq("")))
        .execute(&mut **tx)?;
    queue::close(tx, Kind::Verify, id.0)?;
    files::released(tx, files::Place::Post(id.post()))?;
    let empty = (answer::body.eq(""), answer::body_html.eq(""), answer::removed_at.eq(Some(now)));
    let shown =
        diesel::update(answer::table.find(id)).filter(answer::removed_at.is_null()).set(empty).execute(&mut **tx)?;
    if shown == 1 {
        let (question, accepted) = parent(tx, id)?;
        questions::answer_removed(tx, question, id.0, accepted, now)?;
        changed(tx, id, question, now);
        return Ok(());
    }
    // Out of sight, nothing counts it any more.
    diesel::update(answer::table.find(id))
        .filter(answer::hidden_as.is_not_null())
        .set((empty, answer::hidden_as.eq(None::<HiddenAs>)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Takes an answer out of sight; its words stay, so that it can come back. `false`: it is not shown.
pub fn hide(tx: &mut Tx<'_>, id: AnswerId, why: HiddenAs, now: Millis) -> Result<bool, DbError> {
    hold(tx, id)?;
    let done = diesel::update(answer::table.find(id))
        .filter(answer::removed_at.is_null())
        .set((answer::removed_at.eq(Some(now)), answer::hidden_as.eq(Some(why))))
        .execute(&mut **tx)?;
    if done == 1 {
        let (question, accepted) = parent(tx, id)?;
        queue::close(tx, Kind::Verify, id.0)?;
        questions::answer_removed(tx, question, id.0, accepted, now)?;
        changed(tx, id, question, now);
    }
    Ok(done == 1)
}

/// Shows an answer again that was out of sight for this reason; its question counts it, and among the accepted ones where
/// it was one. Whether it is verified is for verifications to say. `false`: it is not out of
/// sight for this reason.
pub fn restore(tx: &mut Tx<'_>, id: AnswerId, why: HiddenAs, now: Millis) -> Result<bool, DbError> {
    hold(tx, id)?;
    let found: Option<(QuestionId, Option<Millis>, i64, Option<i64>)> = diesel::update(answer::table.find(id))
        .filter(answer::hidden_as.eq(why))
        .set((answer::removed_at.eq(None::<Millis>), answer::hidden_as.eq(None::<HiddenAs>)))
        .returning((answer::question_id, answer::accepted_at, answer::revision, answer::vouched))
        .get_result(&mut **tx)
        .optional()?;
    let Some((question, accepted_at, newest, vouched)) = found else { return Ok(false) };
    questions::answer_returned(tx, question, accepted_at.is_some(), now)?;
    if vouched != Some(newest) {
        await_review(tx, id, question, now)?;
    }
    if why == HiddenAs::Held
        && let Some(held) = find_shown(tx, id)?
    {
        let author = Author::decode(held.author)?;
        news::shown(tx, Shown { post: id.post(), question_id: question.0, author, at: now })?;
    }
    changed(tx, id, question, now);
    Ok(true)
}

/// Adds to the score (taking away is adding less than nothing).
pub fn add_score(tx: &mut Tx<'_>, id: AnswerId, difference: i64, now: Millis) -> Result<(), DbError> {
    let question: QuestionId = diesel::update(answer::table.find(id))
        .filter(answer::removed_at.is_null())
        .set(answer::score.eq(answer::score + difference))
        .returning(answer::question_id)
        .get_result(&mut **tx)?;
    changed(tx, id, question, now);
    Ok(())
}

/// The question of an answer, and whether the answer is accepted.
fn parent(tx: &mut Tx<'_>, id: AnswerId) -> Result<(QuestionId, bool), DbError> {
    let (question, accepted_at): (QuestionId, Option<Millis>) =
        answer::table.find(id).select((answer::question_id, answer::accepted_at)).first(&mut **tx)?;
    Ok((question, accepted_at.is_some()))
}

fn changed(tx: &mut Tx<'_>, id: AnswerId, question: QuestionId, now: Millis) {
    tx.changed(Change { post: id.post(), question_id: question.0, at: now });
}
