//! Administrators on the way to a network's consent page and back, and the choice that may follow. Each attempt belongs to
//! one session, and counts once.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::schema::access_attempt;
use crate::db::{DbError, Tx, text_enum};
use crate::posts::Origin;

text_enum! {
    /// Where an administrator is who connects an account.
    pub enum Step {
        /// On the network's page.
        Consent = "consent",
        /// Here again, choosing among the accounts that the grant opens.
        Choice = "choice",
    }
}

/// An administrator on the way.
pub struct NewAttempt<'a> {
    pub network: Origin,
    pub step: Step,
    pub state_hash: &'a str,
    pub session_hash: &'a str,
    /// Sealed: the verifier, and then what was granted.
    pub secret: &'a str,
    /// Of the account that is to be connected; empty: any.
    pub handle: &'a str,
}

/// Notes an attempt, and forgets those begun before `forgotten`.
pub fn insert_attempt(tx: &mut Tx<'_>, new: &NewAttempt<'_>, forgotten: Millis, now: Millis) -> Result<(), DbError> {
    diesel::delete(access_attempt::table.filter(access_attempt::created_at.lt(forgotten))).execute(&mut **tx)?;
    diesel::insert_into(access_attempt::table)
        .values((
            access_attempt::state_hash.eq(new.state_hash),
            access_attempt::network.eq(new.network),
            access_attempt::step.eq(new.step),
            access_attempt::session_hash.eq(new.session_hash),
            access_attempt::secret.eq(new.secret),
            access_attempt::handle.eq(new.handle),
            access_attempt::created_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Where an attempt stands, and whose it is.
#[derive(Clone, Debug)]
pub struct Way {
    pub network: Origin,
    pub step: Step,
    pub state_hash: String,
    pub session_hash: String,
}

/// Takes the attempt that is there, which counts once; its sealed secret, and the account's handle.
pub fn take_attempt(tx: &mut Tx<'_>, way: &Way, begun_after: Millis) -> Result<Option<(String, String)>, DbError> {
    let mine = access_attempt::table
        .find(&way.state_hash)
        .filter(access_attempt::network.eq(way.network))
        .filter(access_attempt::step.eq(way.step))
        .filter(access_attempt::session_hash.eq(&way.session_hash))
        .filter(access_attempt::created_at.ge(begun_after));
    let attempt = mine.select((access_attempt::secret, access_attempt::handle)).first(&mut **tx).optional()?;
    // Who deletes it has it: of two that read it at the same moment, one.
    let deleted = diesel::delete(access_attempt::table.find(&way.state_hash)).execute(&mut **tx)?;
    Ok(attempt.filter(|_| deleted == 1))
}
