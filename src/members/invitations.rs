//! Invitations to the desk: one-time links that give a role. Shown once when they are made; only their hashes are stored.
//!
//! The first administrator's invitation is made by the server itself, and there is one of it at most.

use std::time::Duration;

pub use super::store::invitations::{Invitation, list_open, revoke, revoke_of};
use super::store::{self, invitations as stored};
pub use super::token::Token;
use super::{MemberId, Role};
use crate::clock::Millis;
use crate::db::{Conn, DbError, Tx, id_type};

id_type!(
    /// The id of an invitation.
    InvitationId
);

const LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);

/// Makes an invitation.
pub fn invite(
    tx: &mut Tx<'_>,
    token: &Token,
    role: Role,
    title: &str,
    by: MemberId,
    now: Millis,
) -> Result<InvitationId, DbError> {
    stored::insert(tx, &token.hash(), (role, title), Some(by), now, now.plus(LIFETIME))
}

/// Whether nobody is at the desk yet; whoever would be there first waits here for the others, until the end of the
/// transaction.
pub fn is_first(tx: &mut Tx<'_>) -> Result<bool, DbError> {
    stored::in_turn(tx)?;
    Ok(!store::has_any(tx, &Role::DESK)?)
}

/// Makes the invitation of the first administrator; earlier ones die. `false`: somebody is at the desk already.
pub fn invite_first(tx: &mut Tx<'_>, token: &Token, now: Millis) -> Result<bool, DbError> {
    if !is_first(tx)? {
        return Ok(false);
    }
    stored::revoke_of(tx, None, now)?;
    stored::insert(tx, &token.hash(), (Role::Admin, ""), None, now, now.plus(LIFETIME))?;
    Ok(true)
}

/// The invitation of a link; `None`: it was used, taken back, is over, or never was.
pub fn find(conn: &mut Conn, token: &Token, now: Millis) -> Result<Option<Invitation>, DbError> {
    stored::find_open(conn, &token.hash(), now)
}

/// Uses up an invitation for a member. `None`: somebody did before, or it is over. Two at once: one gets it.
pub fn take(tx: &mut Tx<'_>, token: &Token, by: MemberId, now: Millis) -> Result<Option<Invitation>, DbError> {
    let Some(found) = stored::find_open(tx, &token.hash(), now)? else { return Ok(None) };
    Ok(stored::mark_used(tx, found.id, by, now)?.then_some(found))
}
