//! Our apps on the networks: their keys, sealed, where the networks send their events, and what was found about them.

use diesel::prelude::*;

use crate::clock::Millis;
use crate::db::schema::network_app;
use crate::db::{Conn, DbError, Tx, per_database};
use crate::posts::Origin;

/// The keys of our app, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct SealedApp {
    pub client_id: String,
    pub client_secret: Option<String>,
    pub api_key: Option<String>,
    pub signing_secret: String,
    pub earlier_signing_secret: Option<String>,
    pub app_token: Option<String>,
    /// 1: the network lets our staff answer private messages for longer than others.
    pub may_answer_late: i64,
}

pub fn find_app(conn: &mut Conn, network: Origin) -> Result<Option<SealedApp>, DbError> {
    Ok(network_app::table
        .filter(network_app::network.eq(network))
        .select((
            network_app::client_id,
            network_app::client_secret,
            network_app::api_key,
            network_app::signing_secret,
            network_app::earlier_signing_secret,
            network_app::app_token,
            network_app::may_answer_late,
        ))
        .first(conn)
        .optional()?)
}

/// Stores the keys of our app in the place of any that were there.
pub fn set_app(tx: &mut Tx<'_>, network: Origin, app: &SealedApp, now: Millis) -> Result<(), DbError> {
    let values = (
        network_app::client_id.eq(&app.client_id),
        network_app::client_secret.eq(&app.client_secret),
        network_app::api_key.eq(&app.api_key),
        network_app::signing_secret.eq(&app.signing_secret),
        network_app::earlier_signing_secret.eq(&app.earlier_signing_secret),
        network_app::app_token.eq(&app.app_token),
        network_app::may_answer_late.eq(app.may_answer_late),
    );
    let new = (network_app::network.eq(network), network_app::created_at.eq(now), values);
    per_database!(&mut **tx, conn => diesel::insert_into(network_app::table)
        .values(new)
        .on_conflict(network_app::network)
        .do_update()
        .set((values, network_app::generation.eq(network_app::generation + 1)))
        .execute(conn))?;
    Ok(())
}

/// What the last look at our app found, and where the network sends its events.
#[derive(Clone, Debug, Queryable)]
pub struct AppState {
    pub webhook_id: Option<String>,
    /// The address that the network found in order last, and when.
    pub webhook_url: Option<String>,
    pub webhook_valid_at: Option<Millis>,
    pub events_until: Option<Millis>,
    pub upkeep_due_at: Millis,
    pub findings: Option<String>,
    pub checked_at: Option<Millis>,
    pub is_rotating: bool,
}

pub fn find_app_state(conn: &mut Conn, network: Origin) -> Result<Option<AppState>, DbError> {
    Ok(network_app::table
        .filter(network_app::network.eq(network))
        .select((
            network_app::webhook_id,
            network_app::webhook_url,
            network_app::webhook_valid_at,
            network_app::events_until,
            network_app::upkeep_due_at,
            network_app::findings,
            network_app::checked_at,
            network_app::earlier_signing_secret.is_not_null(),
        ))
        .first(conn)
        .optional()?)
}

/// Takes the turn to look after our app; `false`: another node was faster.
pub fn claim_upkeep(tx: &mut Tx<'_>, network: Origin, due: Millis, next: Millis) -> Result<bool, DbError> {
    let mine = network_app::table.filter(network_app::network.eq(network)).filter(network_app::upkeep_due_at.eq(due));
    Ok(diesel::update(mine).set(network_app::upkeep_due_at.eq(next)).execute(&mut **tx)? == 1)
}

/// Says when the next look is due.
pub fn set_upkeep_due(tx: &mut Tx<'_>, network: Origin, due: Millis) -> Result<(), DbError> {
    diesel::update(network_app::table.filter(network_app::network.eq(network)))
        .set(network_app::upkeep_due_at.eq(due))
        .execute(&mut **tx)?;
    Ok(())
}

pub fn set_app_token(tx: &mut Tx<'_>, network: Origin, token: &str) -> Result<(), DbError> {
    diesel::update(network_app::table.filter(network_app::network.eq(network)))
        .set((network_app::app_token.eq(Some(token)), network_app::generation.eq(network_app::generation + 1)))
        .execute(&mut **tx)?;
    Ok(())
}

/// The webhook that the network calls, and that it was in order just now.
pub fn set_webhook(tx: &mut Tx<'_>, network: Origin, id: &str, url: &str, now: Millis) -> Result<(), DbError> {
    diesel::update(network_app::table.filter(network_app::network.eq(network)))
        .set(network_app::webhook_id.eq(Some(id)))
        .execute(&mut **tx)?;
    mark_hook_valid(tx, network, url, now)
}

/// The network found this address in order just now.
pub fn mark_hook_valid(tx: &mut Tx<'_>, network: Origin, url: &str, now: Millis) -> Result<(), DbError> {
    diesel::update(network_app::table.filter(network_app::network.eq(network)))
        .set((network_app::webhook_url.eq(Some(url)), network_app::webhook_valid_at.eq(Some(now))))
        .execute(&mut **tx)?;
    Ok(())
}

/// Up to when events could reach us.
pub fn set_events_until(tx: &mut Tx<'_>, network: Origin, until: Millis) -> Result<(), DbError> {
    diesel::update(network_app::table.filter(network_app::network.eq(network)))
        .set(network_app::events_until.eq(Some(until)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Ends the rotation of the secret that signs: only the newer one counts.
pub fn forget_earlier_secret(tx: &mut Tx<'_>, network: Origin) -> Result<(), DbError> {
    diesel::update(network_app::table.filter(network_app::network.eq(network)))
        .set((
            network_app::earlier_signing_secret.eq(None::<String>),
            network_app::generation.eq(network_app::generation + 1),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

pub fn set_app_findings(tx: &mut Tx<'_>, network: Origin, findings: &str, now: Millis) -> Result<(), DbError> {
    diesel::update(network_app::table.filter(network_app::network.eq(network)))
        .set((network_app::findings.eq(Some(findings)), network_app::checked_at.eq(Some(now))))
        .execute(&mut **tx)?;
    Ok(())
}
