//! The rows by which notices are mailed: who chose what, what is undecided, what is gathered, and who has which address.

use std::collections::HashMap;

use diesel::prelude::*;

use super::{Row, decode};
use crate::clock::Millis;
use crate::db::schema::{member, notice, notice_choice};
use crate::db::{Conn, DbError, Tx, per_database};
use crate::members::MemberId;
use crate::notices::{Matter, Notice, NoticeId, Pace};

/// What somebody chose; where nothing, as the matter usually is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices(HashMap<Matter, Pace>);

impl Choices {
    pub fn of(&self, matter: Matter) -> Pace {
        self.0.get(&matter).copied().unwrap_or_else(|| matter.usual())
    }
}

/// Somebody who may be mailed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    pub email: String,
    /// In the links of their mails that need no sign-in.
    pub key: String,
}

/// What these members chose; who chose nothing is not among them.
pub fn load_choices(conn: &mut Conn, of: &[MemberId]) -> Result<HashMap<MemberId, Choices>, DbError> {
    let ids: Vec<i64> = of.iter().map(|id| id.0).collect();
    let rows: Vec<(i64, Matter, Pace)> = notice_choice::table
        .filter(notice_choice::member_id.eq_any(ids))
        .select((notice_choice::member_id, notice_choice::matter, notice_choice::mail))
        .load(conn)?;
    let mut choices: HashMap<MemberId, Choices> = HashMap::new();
    for (id, matter, pace) in rows {
        choices.entry(MemberId(id)).or_default().0.insert(matter, pace);
    }
    Ok(choices)
}

pub fn choose(tx: &mut Tx<'_>, by: MemberId, matter: Matter, pace: Pace) -> Result<(), DbError> {
    let row = (notice_choice::member_id.eq(by.0), notice_choice::matter.eq(matter), notice_choice::mail.eq(pace));
    per_database!(&mut **tx, conn => diesel::insert_into(notice_choice::table)
        .values(row)
        .on_conflict((notice_choice::member_id, notice_choice::matter))
        .do_update()
        .set(notice_choice::mail.eq(pace))
        .execute(conn))?;
    Ok(())
}

/// Those of these members whose address is confirmed and who have a key.
pub fn load_readers(conn: &mut Conn, ids: &[MemberId]) -> Result<HashMap<MemberId, Reader>, DbError> {
    let rows: Vec<(MemberId, String, Option<String>)> = member::table
        .filter(member::id.eq_any(ids))
        .filter(member::confirmed_at.is_not_null())
        .filter(member::left_at.is_null())
        .select((member::id, member::email, member::mail_key))
        .load(conn)?;
    let with_key = rows.into_iter().filter_map(|(id, email, key)| Some((id, Reader { email, key: key? })));
    Ok(with_key.collect())
}

/// Those of these members who have no key.
pub fn list_without_key(conn: &mut Conn, ids: &[MemberId]) -> Result<Vec<MemberId>, DbError> {
    let without = member::table.filter(member::id.eq_any(ids)).filter(member::mail_key.is_null());
    Ok(without.select(member::id).load(conn)?)
}

/// Gives a member a key, if they have none yet.
pub fn give_key(tx: &mut Tx<'_>, id: MemberId, key: &str) -> Result<(), DbError> {
    let row = member::table.find(id).filter(member::mail_key.is_null());
    diesel::update(row).set(member::mail_key.eq(Some(key))).execute(&mut **tx)?;
    Ok(())
}

pub fn find_by_key(conn: &mut Conn, key: &str) -> Result<Option<MemberId>, DbError> {
    Ok(member::table.filter(member::mail_key.eq(key)).select(member::id).first(conn).optional()?)
}

/// Where mail to a member goes; `None`: nowhere, it is not confirmed.
pub fn find_address(conn: &mut Conn, id: MemberId) -> Result<Option<String>, DbError> {
    let confirmed = member::table.find(id).filter(member::confirmed_at.is_not_null());
    Ok(confirmed.select(member::email).first(conn).optional()?)
}

type Addressed = (MemberId, Row);

/// The oldest notices from `until` or before about whose mail nothing was decided.
pub fn list_undecided(conn: &mut Conn, until: Millis, limit: i64) -> Result<Vec<(MemberId, Notice)>, DbError> {
    let rows: Vec<Addressed> = notice::table
        .filter(notice::mailed_at.is_null())
        .filter(notice::gathered.is_null())
        .filter(notice::created_at.le(until))
        .order(notice::id)
        .limit(limit)
        .select((notice::member_id, columns!()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(to, row)| (to, decode(row))).collect())
}

/// Puts a notice by for the mail that gathers.
pub fn put_by(tx: &mut Tx<'_>, id: NoticeId, pace: Pace) -> Result<(), DbError> {
    let row = notice::table.find(id).filter(notice::mailed_at.is_null());
    diesel::update(row).set(notice::gathered.eq(Some(pace))).execute(&mut **tx)?;
    Ok(())
}

/// Notes that these need no mail any more; says for how many that was new.
pub fn mark_mailed(tx: &mut Tx<'_>, ids: &[NoticeId], now: Millis) -> Result<usize, DbError> {
    let open = notice::table.filter(notice::id.eq_any(ids)).filter(notice::mailed_at.is_null());
    Ok(diesel::update(open).set(notice::mailed_at.eq(Some(now))).execute(&mut **tx)?)
}

/// Whose oldest gathered notice waits since before `day`, or since before `week` where they want one mail a week.
pub fn list_due_readers(conn: &mut Conn, day: Millis, week: Millis, limit: i64) -> Result<Vec<MemberId>, DbError> {
    let mut due: Vec<MemberId> = Vec::new();
    for (pace, since) in [(Pace::Daily, day), (Pace::Weekly, week)] {
        let some: Vec<MemberId> = notice::table
            .filter(notice::mailed_at.is_null())
            .filter(notice::gathered.eq(pace))
            .filter(notice::created_at.le(since))
            .select(notice::member_id)
            .distinct()
            .limit(limit)
            .load(conn)?;
        due.extend(some);
    }
    due.sort_unstable();
    due.dedup();
    Ok(due)
}

/// What is gathered for these members, oldest first.
pub fn list_gathered(conn: &mut Conn, of: &[MemberId]) -> Result<Vec<(MemberId, Notice)>, DbError> {
    let rows: Vec<Addressed> = notice::table
        .filter(notice::member_id.eq_any(of))
        .filter(notice::mailed_at.is_null())
        .filter(notice::gathered.is_not_null())
        .order(notice::id)
        .select((notice::member_id, columns!()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(to, row)| (to, decode(row))).collect())
}
