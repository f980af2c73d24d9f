//! Lists of the queue, in the order in which an answer is due, and how much is in each.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::page::Cursor;
use crate::db::schema::{handling, work};
use crate::db::{Conn, DbError};
use crate::members::MemberId;
use crate::posts::Origin;
use crate::queue::{Item, Kind, Subject, Wanted, Whose, Work, WorkId};

type Row = (
    (WorkId, Kind, i64, String),
    (Option<i64>, Option<i64>, Option<Origin>, Option<String>),
    (Millis, Millis, Millis, Millis),
);

#[diesel::dsl::auto_type(no_type_alias)]
fn columns() -> _ {
    (
        (work::id, work::kind, work::ref_id, work::subject),
        (work::topic_id, work::channel_id, work::network, work::lang),
        (work::since, work::arrived_at, work::soon_at, work::due_at),
    )
}

fn decode(row: Row) -> Result<Work, DbError> {
    let ((id, kind, ref_id, subject), (topic_id, channel_id, network, lang), (since, arrived_at, soon_at, due_at)) =
        row;
    let subject =
        Subject::parse(&subject).ok_or(DbError::Inconsistent { what: "subject of the queue", value: subject })?;
    let item = Item { kind, ref_id, subject, topic_id, channel_id, network, lang, since, arrived_at };
    Ok(Work { id, item, soon_at, due_at })
}

type Boxed<'a> = work::BoxedQuery<'a, <Conn as diesel::Connection>::Backend>;

/// Up to `limit` rows after the cursor (due moment and id of the row before).
pub fn list(conn: &mut Conn, wanted: &Wanted, after: Option<Cursor>, limit: i64) -> Result<Vec<Work>, DbError> {
    if wanted.kinds.len() < 2 {
        return list_of_a_kind(conn, wanted, after, limit);
    }
    // Asked for together, all of these kinds would be read and sorted; one by one, each is the beginning of an index.
    let mut works = Vec::new();
    for kind in &wanted.kinds {
        let one = Wanted { kinds: vec![*kind], ..wanted.clone() };
        works.extend(list_of_a_kind(conn, &one, after, limit)?);
    }
    works.sort_by_key(|work| (work.due_at, work.id));
    works.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(works)
}

/// Of one kind, or of all.
fn list_of_a_kind(conn: &mut Conn, wanted: &Wanted, after: Option<Cursor>, limit: i64) -> Result<Vec<Work>, DbError> {
    let mut query = narrowed(work::table.into_boxed(), wanted);
    if let Some(after) = after {
        // The first half is what the index can jump to; the second settles equal moments.
        query = query.filter(work::due_at.ge(after.at));
        query = query.filter(work::due_at.gt(after.at).or(work::id.gt(WorkId(after.id))));
    }
    let rows: Vec<Row> = query.order((work::due_at, work::id)).limit(limit).select(columns()).load(conn)?;
    rows.into_iter().map(decode).collect()
}

fn narrowed<'a>(mut query: Boxed<'a>, wanted: &'a Wanted) -> Boxed<'a> {
    if let Some(kind) = wanted.kinds.first() {
        query = query.filter(work::kind.eq(*kind));
    }
    if !wanted.sees_private {
        query = query.filter(work::kind.ne(Kind::Private));
    }
    if let Some(topic) = wanted.topic {
        query = query.filter(work::topic_id.eq(topic));
    }
    query = match wanted.network {
        None => query,
        Some(None) => query.filter(work::network.is_null()),
        Some(Some(network)) => query.filter(work::network.eq(network)),
    };
    if let Some(lang) = &wanted.lang {
        query = query.filter(work::lang.eq(lang));
    }
    of_whom(query, wanted)
}

fn of_whom<'a>(query: Boxed<'a>, wanted: &'a Wanted) -> Boxed<'a> {
    let now = wanted.now;
    let asleep = handling::table.filter(handling::snoozed_until.gt(now)).select(handling::subject);
    let claimed = handling::claimed_until.assume_not_null().gt(now);
    match wanted.whose {
        Whose::Snoozed => return query.filter(work::subject.eq_any(asleep)),
        Whose::All => query,
        Whose::Mine => {
            let me = wanted.reader;
            let taken = handling::table.filter(handling::claimed_by.eq(me)).filter(claimed).select(handling::subject);
            let given = handling::table.filter(handling::assignee_id.eq(me)).select(handling::subject);
            query.filter(work::subject.eq_any(taken).or(work::subject.eq_any(given)))
        }
        Whose::Team => {
            let given = handling::table.filter(handling::team_id.eq_any(&wanted.teams)).select(handling::subject);
            query.filter(work::subject.eq_any(given))
        }
        Whose::Nobody => {
            let taken =
                handling::table.filter(handling::claimed_by.is_not_null()).filter(claimed).select(handling::subject);
            let given = handling::table
                .filter(handling::assignee_id.is_not_null().or(handling::team_id.is_not_null()))
                .select(handling::subject);
            query.filter(work::subject.ne_all(taken)).filter(work::subject.ne_all(given))
        }
    }
    .filter(work::subject.ne_all(asleep))
}

/// All that waits in these subjects, in the order in which it is due.
pub fn list_of_subjects(conn: &mut Conn, subjects: &[Subject]) -> Result<Vec<Work>, DbError> {
    let names: Vec<String> = subjects.iter().map(Subject::to_string).collect();
    let rows: Vec<Row> =
        work::table.filter(work::subject.eq_any(names)).order((work::due_at, work::id)).select(columns()).load(conn)?;
    rows.into_iter().map(decode).collect()
}

/// How much waits in all, private conversations and what is put off among it.
pub fn count_open(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(work::table.count().get_result(conn)?)
}

/// How much is in each list.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub all: i64,
    pub mine: i64,
    pub team: i64,
    pub nobody: i64,
    pub snoozed: i64,
    /// Without what is put off.
    pub by_kind: HashMap<Kind, i64>,
}

/// Counts what a reader may know of. Costs one walk over an index, and otherwise only as much as is handled by somebody.
pub fn count(conn: &mut Conn, wanted: &Wanted) -> Result<Counts, DbError> {
    let mut by_kind: HashMap<Kind, i64> = work::table
        .group_by(work::kind)
        .select((work::kind, diesel::dsl::count_star()))
        .load(conn)?
        .into_iter()
        .collect();
    if !wanted.sees_private {
        by_kind.remove(&Kind::Private);
    }
    let mut counts = Counts::default();
    for (kind, taken, given, team, until) in list_handled(conn)? {
        if kind == Kind::Private && !wanted.sees_private {
            continue;
        }
        if until.is_some_and(|until| until > wanted.now) {
            counts.snoozed += 1;
            by_kind.entry(kind).and_modify(|count| *count -= 1);
            continue;
        }
        let taken = taken.filter(|(_, until)| *until > wanted.now).map(|(by, _)| by);
        counts.mine += i64::from(taken == Some(wanted.reader) || given == Some(wanted.reader));
        counts.team += i64::from(team.is_some_and(|team| wanted.teams.contains(&team)));
        counts.nobody -= i64::from(taken.is_some() || given.is_some() || team.is_some());
    }
    counts.all = by_kind.values().sum();
    counts.nobody += counts.all;
    Ok(Counts { by_kind, ..counts })
}

/// What is handled in any way: its kind, who claimed it until when, to whom and to which team it is given, and until when
/// it is put off.
type Handled = (Kind, Option<(MemberId, Millis)>, Option<MemberId>, Option<i64>, Option<Millis>);

fn list_handled(conn: &mut Conn) -> Result<Vec<Handled>, DbError> {
    type Row = (Kind, Option<MemberId>, Option<Millis>, Option<MemberId>, Option<i64>, Option<Millis>);
    let rows: Vec<Row> = handling::table
        .inner_join(work::table.on(work::subject.eq(handling::subject)))
        .filter(
            handling::claimed_by
                .is_not_null()
                .or(handling::assignee_id.is_not_null())
                .or(handling::team_id.is_not_null())
                .or(handling::snoozed_until.is_not_null()),
        )
        .select((
            work::kind,
            handling::claimed_by,
            handling::claimed_until,
            handling::assignee_id,
            handling::team_id,
            handling::snoozed_until,
        ))
        .load(conn)?;
    let handled = |(kind, by, until, assignee, team, snoozed): Row| (kind, by.zip(until), assignee, team, snoozed);
    Ok(rows.into_iter().map(handled).collect())
}
