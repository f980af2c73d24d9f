//! Links of one use that are mailed to somebody: who opens one has the mailbox. Only their hashes are stored, and what they
//! are for is written down with them: a link for one thing does nothing else.

use std::time::Duration;

use super::MemberId;
use super::store::one_time as stored;
pub use super::store::one_time::OneTime;
pub use super::token::Token;
use crate::clock::Millis;
use crate::db::{Conn, DbError, Tx, text_enum};

text_enum! {
    /// What a link is for.
    pub enum Purpose {
        /// Their address is theirs.
        Confirm = "confirm",
        /// A new password.
        Reset = "reset",
        /// Another address for an account.
        Change = "change",
        /// A question of somebody without an account.
        Guest = "guest",
        /// The password was right; the second factor is still to come. Not mailed: the page itself leads on.
        Second = "second",
    }
}

impl Purpose {
    /// How long such a link holds.
    pub fn lifetime(self) -> Duration {
        const HOUR: Duration = Duration::from_secs(3_600);
        match self {
            Self::Second => HOUR / 6,
            Self::Reset => HOUR,
            Self::Confirm | Self::Change => HOUR * 48,
            Self::Guest => HOUR * 24 * 7,
        }
    }
}

/// Whom a link is for, and what it carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOneTime {
    pub purpose: Purpose,
    pub member: Option<MemberId>,
    pub email: String,
    pub form: String,
}

/// Makes a link good. Those for the same thing that the member had before end: only the newest mail counts.
pub fn issue(tx: &mut Tx<'_>, token: &Token, new: &NewOneTime, now: Millis) -> Result<(), DbError> {
    if let Some(member) = new.member {
        stored::end_of(tx, member, new.purpose, now)?;
    }
    stored::insert(tx, &token.hash(), new, now, now.plus(new.purpose.lifetime()))
}

/// Ends the links of a member for these things.
pub(super) fn end(tx: &mut Tx<'_>, member: MemberId, purposes: &[Purpose], now: Millis) -> Result<(), DbError> {
    purposes.iter().try_for_each(|purpose| stored::end_of(tx, member, *purpose, now))
}

/// What a link is good for; `None`: it was used, is over, is for something else, or never was.
pub fn find(conn: &mut Conn, token: &Token, purpose: Purpose, now: Millis) -> Result<Option<OneTime>, DbError> {
    stored::find_open(conn, &token.hash(), purpose, now)
}

/// Uses a link up. `None`: see [`find`]. Two at once: one gets it.
pub fn take(tx: &mut Tx<'_>, token: &Token, purpose: Purpose, now: Millis) -> Result<Option<OneTime>, DbError> {
    let hash = token.hash();
    let Some(found) = stored::find_open(tx, &hash, purpose, now)? else { return Ok(None) };
    Ok(stored::mark_used(tx, &hash, now)?.then_some(found))
}
