//! All SQL of verifications. Each change of state is one compare-and-swap.

pub(super) mod releases;
pub(super) mod review;

use std::collections::HashMap;

use diesel::prelude::*;

use super::scope::key;
use super::state::{Columns, Label, State};
use super::{NewVerification, Record, Scope, Stale, Standing, VerificationId};
use crate::answers::{self, AnswerId};
use crate::clock::Millis;
use crate::db::schema::{answer, member, verification};
use crate::db::{Conn, DbError, Tx};
use crate::members::MemberId;
use crate::questions::QuestionId;

/// Those that are shown with their answer, written as in the index of them: one for each answer.
const LIVE: &str = "verification.state IN ('standing', 'stale')";

/// Writes a verification that nothing is shown of yet. A second one that waits for the same answer is a unique violation.
pub(super) fn insert(tx: &mut Tx<'_>, new: &NewVerification, now: Millis) -> Result<VerificationId, DbError> {
    let scope = (
        verification::scope.eq(&new.scope.product),
        verification::version.eq(&new.scope.version),
        verification::region.eq(&new.scope.region),
        verification::product_key.eq(key(&new.scope.product)),
        verification::version_key.eq(key(&new.scope.version)),
    );
    Ok(diesel::insert_into(verification::table)
        .values((
            verification::question_id.eq(new.question_id),
            verification::answer_id.eq(new.answer_id),
            verification::revision.eq(new.revision),
            verification::member_id.eq(new.by),
            verification::evidence.eq(&new.evidence),
            scope,
            verification::valid_until.eq(new.valid_until),
            verification::short_form.eq(&new.short_form),
            verification::pictures.eq(&new.pictures),
            verification::state.eq(Label::Awaiting),
            verification::created_at.eq(now),
        ))
        .returning(verification::id)
        .get_result(&mut **tx)?)
}

/// Moves a record from the state it was read in to the next, with the second person where one confirms; `false`: it is not
/// in that state any more.
pub(super) fn step(
    tx: &mut Tx<'_>,
    record: &Record,
    to: &State,
    second: Option<(MemberId, Millis)>,
) -> Result<bool, DbError> {
    let Columns { label, until: _, stale_since, reason, ended_at, ended_by, superseded_by } = to.encode();
    let (second, second_at) = second.unzip();
    let moved = diesel::update(verification::table.find(record.id))
        .filter(verification::state.eq(record.state.label()))
        .set((
            verification::state.eq(label),
            verification::stale_since.eq(stale_since),
            verification::reason.eq(reason),
            verification::withdrawn_at.eq(ended_at),
            verification::ended_by.eq(ended_by),
            verification::superseded_by.eq(superseded_by),
            verification::second_id.eq(second.or(record.second)),
        ))
        .execute(&mut **tx)?;
    if moved == 1 {
        tx.shown_in(record.question_id.0);
    }
    if moved == 1 && second_at.is_some() {
        diesel::update(verification::table.find(record.id))
            .set(verification::second_at.eq(second_at))
            .execute(&mut **tx)?;
    }
    Ok(moved == 1)
}

type RecordRow = (
    (VerificationId, QuestionId, AnswerId, i64, MemberId, Option<MemberId>, Millis),
    (String, String, String, String, Option<String>, String),
    (Label, Option<Millis>, Option<Millis>, Option<String>, Option<Millis>, Option<MemberId>, Option<VerificationId>),
);

macro_rules! record_columns {
    () => {
        (
            (
                verification::id,
                verification::question_id,
                verification::answer_id,
                verification::revision,
                verification::member_id,
                verification::second_id,
                verification::created_at,
            ),
            (
                verification::evidence,
                verification::scope,
                verification::version,
                verification::region,
                verification::short_form,
                verification::pictures,
            ),
            (
                verification::state,
                verification::valid_until,
                verification::stale_since,
                verification::reason,
                verification::withdrawn_at,
                verification::ended_by,
                verification::superseded_by,
            ),
        )
    };
}

fn record(row: RecordRow) -> Result<Record, DbError> {
    let (
        (id, question_id, answer_id, revision, by, second, created_at),
        (evidence, product, version, region, short_form, pictures),
        (label, until, stale_since, reason, ended_at, ended_by, superseded_by),
    ) = row;
    let state = State::decode(Columns { label, until, stale_since, reason, ended_at, ended_by, superseded_by })?;
    let scope = Scope { product, version, region };
    Ok(Record {
        id,
        question_id,
        answer_id,
        revision,
        by,
        second,
        evidence,
        scope,
        valid_until: until,
        short_form,
        pictures,
        state,
        created_at,
    })
}

/// One verification, wherever it stands.
pub fn load_record(conn: &mut Conn, id: VerificationId) -> Result<Record, DbError> {
    record(verification::table.find(id).select(record_columns!()).first(conn)?)
}

/// The verification of an answer that stands or is being checked again.
pub fn find_live(conn: &mut Conn, id: AnswerId) -> Result<Option<Record>, DbError> {
    let found: Option<RecordRow> = verification::table
        .filter(verification::answer_id.eq(id))
        .filter(diesel::dsl::sql::<diesel::sql_types::Bool>(LIVE))
        .select(record_columns!())
        .first(conn)
        .optional()?;
    found.map(record).transpose()
}

/// The verification of an answer that waits for its second person.
pub fn find_awaiting(conn: &mut Conn, id: AnswerId) -> Result<Option<Record>, DbError> {
    let found: Option<RecordRow> = verification::table
        .filter(verification::answer_id.eq(id))
        .filter(verification::state.eq(Label::Awaiting.literal()))
        .select(record_columns!())
        .first(conn)
        .optional()?;
    found.map(record).transpose()
}

/// The answers of a thread whose verification waits for its second person.
pub fn list_awaiting(conn: &mut Conn, question_id: QuestionId) -> Result<Vec<i64>, DbError> {
    Ok(verification::table
        .filter(verification::question_id.eq(question_id))
        .filter(verification::state.eq(Label::Awaiting))
        .select(verification::answer_id)
        .load(conn)?)
}

/// The answer of these questions that was vouched for last among those that staff stand by.
pub(super) fn find_newest_standing(conn: &mut Conn, questions: &[QuestionId]) -> Result<Option<i64>, DbError> {
    let shown: Vec<AnswerId> = answers::list_of(conn, questions)?.iter().map(|answer| answer.id).collect();
    Ok(verification::table
        .filter(verification::question_id.eq_any(questions))
        .filter(verification::answer_id.eq_any(shown))
        .filter(verification::state.eq(Label::Standing))
        .order((verification::created_at.desc(), verification::id.desc()))
        .select(verification::answer_id)
        .first(conn)
        .optional()?)
}

/// Those whose end date has passed, longest ago first.
pub(super) fn list_ended(conn: &mut Conn, now: Millis, most: i64) -> Result<Vec<(VerificationId, Millis)>, DbError> {
    let rows: Vec<(VerificationId, Option<Millis>)> = verification::table
        .filter(verification::state.eq(Label::Standing.literal()))
        .filter(verification::valid_until.is_not_null())
        .filter(verification::valid_until.lt(now))
        .order(verification::valid_until)
        .limit(most)
        .select((verification::id, verification::valid_until))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, until)| Some((id, until?))).collect())
}

/// Verifications of answers that were removed for good.
pub fn list_of_gone(conn: &mut Conn, most: i64) -> Result<Vec<VerificationId>, DbError> {
    Ok(verification::table
        .inner_join(answer::table)
        .filter(verification::state.eq_any([Label::Awaiting, Label::Standing, Label::Stale]))
        .filter(answer::removed_at.is_not_null())
        .filter(answer::hidden_as.is_null())
        .limit(most)
        .select(verification::id)
        .load(conn)?)
}

type StandingRow = (
    (VerificationId, i64, i64, Option<MemberId>),
    (String, String, String),
    (String, String, String, String),
    (Option<Millis>, Millis, Option<Millis>, Option<String>),
);

macro_rules! standing_columns {
    () => {
        (
            (verification::id, verification::answer_id, verification::revision, verification::second_id),
            (member::name, member::handle, member::title),
            (verification::evidence, verification::scope, verification::version, verification::region),
            (verification::valid_until, verification::created_at, verification::stale_since, verification::reason),
        )
    };
}

/// The live verifications of a thread by the answer they vouch for.
pub fn load_standing(conn: &mut Conn, question_id: i64) -> Result<HashMap<i64, Standing>, DbError> {
    load_standing_in(conn, &[question_id])
}

/// As [`load_standing`], of several threads.
pub fn load_standing_in(conn: &mut Conn, threads: &[i64]) -> Result<HashMap<i64, Standing>, DbError> {
    let live = verification::state.eq(Label::Standing).or(verification::state.eq(Label::Stale));
    let all = verification::table.inner_join(member::table).filter(live).select(standing_columns!());
    let rows: Vec<StandingRow> = match threads {
        // What holds a list is prepared anew for each use, and most threads are alone.
        [thread] => all.filter(verification::question_id.eq(thread)).load(conn)?,
        threads => all.filter(verification::question_id.eq_any(threads)).load(conn)?,
    };
    let standing = dress(conn, rows)?;
    Ok(standing.into_iter().map(|one| (one.answer_id, one)).collect())
}

/// Those of the verified answers of these questions that staff stand by, with the short form of each.
pub fn load_standing_of(conn: &mut Conn, questions: &[i64]) -> Result<Vec<(Standing, Option<String>)>, DbError> {
    let rows: Vec<(StandingRow, Option<String>)> = verification::table
        .inner_join(member::table)
        .filter(verification::question_id.eq_any(questions))
        .filter(verification::state.eq(Label::Standing))
        .select((standing_columns!(), verification::short_form))
        .load(conn)?;
    let (rows, forms): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    Ok(dress(conn, rows)?.into_iter().zip(forms).collect())
}

/// Those of these answers that staff stand by.
pub fn load_standing_answers(conn: &mut Conn, answers: &[i64]) -> Result<Vec<Standing>, DbError> {
    let rows: Vec<StandingRow> = verification::table
        .inner_join(member::table)
        .filter(verification::answer_id.eq_any(answers))
        .filter(verification::state.eq(Label::Standing))
        .select(standing_columns!())
        .load(conn)?;
    dress(conn, rows)
}

fn dress(conn: &mut Conn, rows: Vec<StandingRow>) -> Result<Vec<Standing>, DbError> {
    let seconds: Vec<MemberId> = rows.iter().filter_map(|row| row.0.3).collect();
    let names: HashMap<MemberId, String> = if seconds.is_empty() {
        HashMap::new()
    } else {
        let named: Vec<(MemberId, String)> =
            member::table.filter(member::id.eq_any(seconds)).select((member::id, member::name)).load(conn)?;
        named.into_iter().collect()
    };
    let standing = |row: StandingRow| {
        let (
            (id, answer_id, revision, second),
            (by_name, by_handle, by_title),
            (evidence, product, version, region),
            (valid_until, created_at, stale_since, reason),
        ) = row;
        Standing {
            id,
            answer_id,
            revision,
            by_name,
            by_handle,
            by_title,
            second_name: second.and_then(|second| names.get(&second).cloned()),
            evidence,
            scope: Scope { product, version, region },
            valid_until,
            created_at,
            stale: stale_since.map(|since| Stale { since, why: reason.unwrap_or_default() }),
        }
    };
    Ok(rows.into_iter().map(standing).collect())
}
