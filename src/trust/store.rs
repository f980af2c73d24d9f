//! All SQL of trust.

use std::time::Duration;

use diesel::prelude::*;

use super::{DAYS, Level, REPUTATION, Standing};
use crate::clock::Millis;
use crate::db::schema::member;
use crate::db::{Conn, DbError, Tx};
use crate::members::{MemberId, Role};
use crate::notices::{self, Kind, NewNotice};

/// How a member stands. [`DbError::is_not_found`]: there is no such member.
pub fn find(conn: &mut Conn, id: MemberId) -> Result<Standing, DbError> {
    type Row = (Role, Option<Millis>, i64, Option<Millis>, i64, Millis);
    let row: Row = member::table
        .find(id)
        .select((
            member::role,
            member::trusted_at,
            member::trust_by_staff,
            member::confirmed_at,
            member::reputation,
            member::created_at,
        ))
        .first(conn)?;
    let (role, trusted_at, by_staff, confirmed_at, reputation, since) = row;
    let is_trusted = role.is_at_desk() || trusted_at.is_some();
    let level = if is_trusted { Level::Trusted } else { Level::New };
    Ok(Standing { level, by_staff: by_staff != 0, confirmed: confirmed_at.is_some(), reputation, since })
}

/// Staff say how far a member is trusted, having seen `seen`; the rules change nothing about it any more. `false`: it is
/// another level by now.
pub fn set_by_staff(tx: &mut Tx<'_>, id: MemberId, seen: Level, level: Level, now: Millis) -> Result<bool, DbError> {
    let trusted_at = (level == Level::Trusted).then_some(now);
    let row = member::table.find(id);
    let done = match seen {
        Level::New => diesel::update(row.filter(member::trusted_at.is_null()))
            .set((member::trusted_at.eq(trusted_at), member::trust_by_staff.eq(1)))
            .execute(&mut **tx)?,
        Level::Trusted => diesel::update(row.filter(member::trusted_at.is_not_null()))
            .set((member::trusted_at.eq(trusted_at), member::trust_by_staff.eq(1)))
            .execute(&mut **tx)?,
    };
    tx.shown_everywhere();
    if done == 1 && level == Level::Trusted {
        tell(tx, id, now)?;
    }
    Ok(done == 1)
}

/// Trusts those who have earned it (see [`Standing::has_earned`]), at most `most`, and tells them. Once given it is not taken
/// by a vote: staff may.
pub fn raise_due(tx: &mut Tx<'_>, now: Millis, most: i64, can_mail: bool) -> Result<usize, DbError> {
    let early = now.minus(Duration::from_secs(DAYS * 24 * 3_600));
    let mut earned = member::table
        .filter(member::trusted_at.is_null())
        .filter(member::trust_by_staff.eq(0))
        .filter(member::reputation.ge(REPUTATION))
        .filter(member::created_at.le(early))
        .filter(member::left_at.is_null())
        .filter(member::role.eq(Role::Member))
        // Without an address nobody signs in.
        .filter(member::email.ne(""))
        .order(member::id)
        .limit(most)
        .select(member::id)
        .into_boxed();
    if can_mail {
        earned = earned.filter(member::confirmed_at.is_not_null());
    }
    let earned: Vec<MemberId> = earned.load(&mut **tx)?;
    for id in &earned {
        let row = member::table.find(id).filter(member::trusted_at.is_null());
        if diesel::update(row).set(member::trusted_at.eq(Some(now))).execute(&mut **tx)? == 1 {
            tx.shown_everywhere();
            tell(tx, *id, now)?;
        }
    }
    Ok(earned.len())
}

fn tell(tx: &mut Tx<'_>, to: MemberId, now: Millis) -> Result<(), DbError> {
    let new = NewNotice {
        to,
        kind: Kind::Trusted,
        question_id: None,
        post: None,
        subject: None,
        by: None,
        words: String::new(),
        at: now,
    };
    notices::tell_once(tx, &new, "trusted").map(drop)
}
