//! Who works at the desk, and as what. A role counts from the next request on: sessions stay, and can do what the new role
//! may.

use super::store::{self, invitations};
use super::{MemberId, Role};
use crate::clock::Millis;
use crate::db::{DbError, Tx};

/// What became of a change of role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum RoleChange {
    Done,
    /// Somebody changed it meanwhile: it is not the one that was seen.
    NotAsSeen,
    /// It is the last administrator's, and nobody could give it back.
    LastAdmin,
}

/// Gives a member another role, if they still have the one that was `seen`. Whoever runs the site no more leaves no
/// invitation behind.
pub fn change_role(tx: &mut Tx<'_>, id: MemberId, seen: Role, new: Role, now: Millis) -> Result<RoleChange, DbError> {
    invitations::in_turn(tx)?;
    let loses = seen == Role::Admin && new != Role::Admin;
    if loses && !store::has_other_admin(tx, id, now)? {
        return Ok(RoleChange::LastAdmin);
    }
    if !store::set_role(tx, id, seen, new)? {
        return Ok(RoleChange::NotAsSeen);
    }
    if loses {
        invitations::revoke_of(tx, Some(id), now)?;
    }
    Ok(RoleChange::Done)
}

/// Gives a member the role and the title of an invitation. `false`: they have that role or a higher one already.
pub fn raise_role(tx: &mut Tx<'_>, id: MemberId, role: Role, title: &str) -> Result<bool, DbError> {
    let lower = [Role::Member, Role::Trainee, Role::Staff, Role::Admin].into_iter().take_while(|lower| *lower != role);
    store::raise_role(tx, id, &lower.collect::<Vec<_>>(), role, title)
}
