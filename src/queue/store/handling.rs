//! Who handles what. Each act is one compare-and-swap: one wins, the other is told how it stands now.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::schema::handling;
use crate::db::{Conn, DbError, Tx, per_database};
use crate::members::MemberId;
use crate::queue::{CLAIM, Claim, Done, Handling, Sending, Subject, To};

type Row = (Option<MemberId>, Option<Millis>, Option<MemberId>, Option<i64>, Option<Millis>, i64);

#[diesel::dsl::auto_type(no_type_alias)]
fn columns() -> _ {
    (
        handling::claimed_by,
        handling::claimed_until,
        handling::assignee_id,
        handling::team_id,
        handling::snoozed_until,
        handling::revision,
    )
}

fn decode((by, until, assignee, team, snoozed_until, revision): Row, now: Millis) -> Handling {
    let claim = by.zip(until).map(|(by, until)| Claim { by, until }).filter(|claim| claim.until > now);
    let snoozed_until = snoozed_until.filter(|until| *until > now);
    Handling { claim, assignee, team, snoozed_until, revision }
}

fn load(conn: &mut Conn, subject: Subject, now: Millis) -> Result<Handling, DbError> {
    let row: Option<Row> = handling::table.find(subject.to_string()).select(columns()).first(conn).optional()?;
    Ok(row.map(|row| decode(row, now)).unwrap_or_default())
}

/// How these subjects are handled; one that nobody has touched is not there.
pub fn load_handling(
    conn: &mut Conn,
    subjects: &[Subject],
    now: Millis,
) -> Result<HashMap<Subject, Handling>, DbError> {
    let names: Vec<String> = subjects.iter().map(Subject::to_string).collect();
    let rows: Vec<(String, Row)> =
        handling::table.filter(handling::subject.eq_any(names)).select((handling::subject, columns())).load(conn)?;
    Ok(rows.into_iter().filter_map(|(name, row)| Some((Subject::parse(&name)?, decode(row, now)))).collect())
}

/// Makes sure that there is a row, so that an update can compare and swap.
fn begin(tx: &mut Tx<'_>, subject: Subject) -> Result<(), DbError> {
    per_database!(&mut **tx, conn => diesel::insert_into(handling::table)
        .values(handling::subject.eq(subject.to_string()))
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}

fn done(tx: &mut Tx<'_>, subject: Subject, changed: usize, now: Millis) -> Result<Done, DbError> {
    if changed == 0 {
        return load(tx, subject, now).map(Done::No);
    }
    tx.work_changed(subject.question_id());
    Ok(Done::Yes)
}

/// Claims a subject, or renews a claim of one's own. [`Done::No`]: a colleague has it.
pub fn claim(tx: &mut Tx<'_>, subject: Subject, by: MemberId, now: Millis) -> Result<Done, DbError> {
    begin(tx, subject)?;
    let free = handling::claimed_by
        .is_null()
        .or(handling::claimed_by.assume_not_null().eq(by))
        .or(handling::claimed_until.assume_not_null().le(now));
    let changed = diesel::update(handling::table.find(subject.to_string()).filter(free))
        .set((
            handling::claimed_by.eq(Some(by)),
            handling::claimed_until.eq(Some(now.plus(CLAIM))),
            handling::revision.eq(handling::revision + 1),
        ))
        .execute(&mut **tx)?;
    done(tx, subject, changed, now)
}

/// Takes a claim over from the colleague whom one saw as its holder. [`Done::No`]: it is another's by now, or nobody's.
pub fn take_over(
    tx: &mut Tx<'_>,
    subject: Subject,
    from: MemberId,
    by: MemberId,
    now: Millis,
) -> Result<Done, DbError> {
    let theirs = handling::table
        .find(subject.to_string())
        .filter(handling::claimed_by.eq(from))
        .filter(handling::claimed_until.gt(now));
    let changed = diesel::update(theirs)
        .set((
            handling::claimed_by.eq(Some(by)),
            handling::claimed_until.eq(Some(now.plus(CLAIM))),
            handling::revision.eq(handling::revision + 1),
        ))
        .execute(&mut **tx)?;
    done(tx, subject, changed, now)
}

/// Ends one's own claim. [`Done::No`]: it is not one's own.
pub fn release(tx: &mut Tx<'_>, subject: Subject, by: MemberId, now: Millis) -> Result<Done, DbError> {
    let changed = settle_claim(tx, subject, by)?;
    done(tx, subject, changed, now)
}

/// Ends a claim of this member on the subject, if there is one, and says how many there were.
pub fn settle_claim(tx: &mut Tx<'_>, subject: Subject, by: MemberId) -> Result<usize, DbError> {
    let own = handling::table.find(subject.to_string()).filter(handling::claimed_by.eq(by));
    Ok(diesel::update(own)
        .set((
            handling::claimed_by.eq(None::<MemberId>),
            handling::claimed_until.eq(None::<Millis>),
            handling::revision.eq(handling::revision + 1),
        ))
        .execute(&mut **tx)?)
}

/// Gives a subject to a person or a team, or to nobody. `seen`: its revision as whoever gives it saw it.
pub fn assign(tx: &mut Tx<'_>, subject: Subject, to: To, seen: i64, now: Millis) -> Result<Done, DbError> {
    begin(tx, subject)?;
    let (person, team) = match to {
        To::Nobody => (None, None),
        To::Person(id) => (Some(id), None),
        To::Team(id) => (None, Some(id)),
    };
    let same = handling::table.find(subject.to_string()).filter(handling::revision.eq(seen));
    let changed = diesel::update(same)
        .set((
            handling::assignee_id.eq(person),
            handling::team_id.eq(team),
            handling::revision.eq(handling::revision + 1),
        ))
        .execute(&mut **tx)?;
    done(tx, subject, changed, now)
}

/// Puts a subject off, or brings it back. `seen`: its revision as whoever does it saw it.
pub fn set_snooze(
    tx: &mut Tx<'_>,
    subject: Subject,
    until: Option<Millis>,
    seen: i64,
    now: Millis,
) -> Result<Done, DbError> {
    begin(tx, subject)?;
    let same = handling::table.find(subject.to_string()).filter(handling::revision.eq(seen));
    let changed = diesel::update(same)
        .set((handling::snoozed_until.eq(until), handling::revision.eq(handling::revision + 1)))
        .execute(&mut **tx)?;
    done(tx, subject, changed, now)
}

/// Whether this member may send into the subject: not where a colleague has claimed it. Call it inside the transaction that
/// sends.
pub fn may_send(conn: &mut Conn, subject: Subject, by: MemberId, now: Millis) -> Result<Sending, DbError> {
    let claim = load(conn, subject, now)?.claim;
    Ok(claim.filter(|claim| claim.by != by).map_or(Sending::Free, Sending::Claimed))
}
