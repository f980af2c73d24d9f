//! All SQL of teams.

use diesel::prelude::*;

use super::{Team, TeamId};
use crate::db::schema::{team, team_member};
use crate::db::{Conn, DbError, Tx};
use crate::members::MemberId;

/// All teams, by name.
pub fn list(conn: &mut Conn) -> Result<Vec<Team>, DbError> {
    let rows: Vec<(TeamId, String, i64)> =
        team::table.order((team::name, team::id)).select((team::id, team::name, team::revision)).load(conn)?;
    let seats: Vec<(TeamId, MemberId)> = team_member::table
        .order((team_member::team_id, team_member::member_id))
        .select((team_member::team_id, team_member::member_id))
        .load(conn)?;
    let of = |id: TeamId| seats.iter().filter(|seat| seat.0 == id).map(|seat| seat.1).collect();
    Ok(rows.into_iter().map(|(id, name, revision)| Team { members: of(id), id, name, revision }).collect())
}

pub fn find(conn: &mut Conn, id: TeamId) -> Result<Option<Team>, DbError> {
    Ok(list(conn)?.into_iter().find(|team| team.id == id))
}

/// The teams that somebody is in.
pub fn list_of(conn: &mut Conn, member: MemberId) -> Result<Vec<TeamId>, DbError> {
    let seats = team_member::table.filter(team_member::member_id.eq(member));
    Ok(seats.order(team_member::team_id).select(team_member::team_id).load(conn)?)
}

/// Makes a team. A taken name is a unique violation.
pub fn insert(tx: &mut Tx<'_>, name: &str, members: &[MemberId]) -> Result<TeamId, DbError> {
    let id = diesel::insert_into(team::table).values(team::name.eq(name)).returning(team::id).get_result(&mut **tx)?;
    seat(tx, id, members)?;
    Ok(id)
}

/// Changes a team, unless somebody did since `seen` was loaded, or it is gone: then `false`.
pub fn change(tx: &mut Tx<'_>, id: TeamId, seen: i64, name: &str, members: &[MemberId]) -> Result<bool, DbError> {
    let changed = diesel::update(team::table.find(id).filter(team::revision.eq(seen)))
        .set((team::name.eq(name), team::revision.eq(seen + 1)))
        .execute(&mut **tx)?;
    if changed == 0 {
        return Ok(false);
    }
    diesel::delete(team_member::table.filter(team_member::team_id.eq(id))).execute(&mut **tx)?;
    seat(tx, id, members)?;
    Ok(true)
}

fn seat(tx: &mut Tx<'_>, id: TeamId, members: &[MemberId]) -> Result<(), DbError> {
    for member in members {
        diesel::insert_into(team_member::table)
            .values((team_member::team_id.eq(id), team_member::member_id.eq(member)))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Deletes a team; `false`: it was gone.
pub fn delete(tx: &mut Tx<'_>, id: TeamId) -> Result<bool, DbError> {
    diesel::delete(team_member::table.filter(team_member::team_id.eq(id))).execute(&mut **tx)?;
    Ok(diesel::delete(team::table.find(id)).execute(&mut **tx)? == 1)
}

/// Takes somebody who leaves the desk out of all teams.
pub fn leave_all(tx: &mut Tx<'_>, member: MemberId) -> Result<(), DbError> {
    diesel::delete(team_member::table.filter(team_member::member_id.eq(member))).execute(&mut **tx)?;
    Ok(())
}
