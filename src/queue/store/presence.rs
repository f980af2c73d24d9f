//! Who has a subject open. Each node tells of its own connections, and lets what it did not renew run out.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::schema::{handling, presence};
use crate::db::{Conn, DbError, Tx};
use crate::members::MemberId;
use crate::queue::{CLAIM, Subject};

/// A connection that has a subject open.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Look {
    /// Unique over all nodes.
    pub connection: String,
    pub subject: Subject,
    pub member: MemberId,
}

/// Notes that a connection looks at a subject.
pub fn look(tx: &mut Tx<'_>, look: &Look, until: Millis) -> Result<(), DbError> {
    diesel::insert_into(presence::table)
        .values((
            presence::connection.eq(&look.connection),
            presence::subject.eq(look.subject.to_string()),
            presence::member_id.eq(look.member),
            presence::until.eq(until),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Puts the end of these connections off, and with it the end of the claims that their members hold on what they look at:
/// two updates, however many there are.
pub fn renew_looks(tx: &mut Tx<'_>, connections: &[String], until: Millis, now: Millis) -> Result<(), DbError> {
    diesel::update(presence::table.filter(presence::connection.eq_any(connections)))
        .set(presence::until.eq(until))
        .execute(&mut **tx)?;
    let looking = presence::table
        .filter(presence::connection.eq_any(connections))
        .filter(presence::subject.eq(handling::subject))
        .filter(presence::member_id.nullable().eq(handling::claimed_by));
    diesel::update(handling::table)
        .filter(handling::claimed_until.gt(now))
        .filter(diesel::dsl::exists(looking))
        .set(handling::claimed_until.eq(Some(now.plus(CLAIM))))
        .execute(&mut **tx)?;
    Ok(())
}

/// Forgets these connections, and whatever a node that is gone has left behind.
pub fn forget_looks(tx: &mut Tx<'_>, connections: &[String], now: Millis) -> Result<(), DbError> {
    diesel::delete(presence::table.filter(presence::connection.eq_any(connections))).execute(&mut **tx)?;
    diesel::delete(presence::table.filter(presence::until.lt(now))).execute(&mut **tx)?;
    Ok(())
}

/// Who looks at what now.
pub fn list_looks(conn: &mut Conn, now: Millis) -> Result<Vec<Look>, DbError> {
    let rows: Vec<(String, String, MemberId)> = presence::table
        .filter(presence::until.ge(now))
        .order(presence::connection)
        .select((presence::connection, presence::subject, presence::member_id))
        .load(conn)?;
    let look = |(connection, subject, member): (String, String, MemberId)| {
        Some(Look { connection, subject: Subject::parse(&subject)?, member })
    };
    Ok(rows.into_iter().filter_map(look).collect())
}
