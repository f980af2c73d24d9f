//! Access to the networks: the keys of our app and the tokens of our accounts, sealed, and what running processes read
//! to follow their changes.

use std::time::Duration;

use diesel::prelude::*;

use crate::bridge::ChannelId;
use crate::bridge::store::channels::{Health, Mode};
use crate::clock::Millis;
use crate::db::schema::{access_attempt, channel, network_app, remote_author};
use crate::db::{Conn, DbError, Tx, per_database};
use crate::posts::{Origin, RemoteAuthorId};
use crate::topics::TopicId;

/// The keys of our app, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct SealedApp {
    pub client_id: String,
    pub client_secret: Option<String>,
    pub consumer_key: String,
    pub consumer_secret: String,
    pub earlier_consumer_secret: Option<String>,
    pub bearer_token: Option<String>,
}

/// The tokens of one account, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedTokens {
    pub access_token: String,
    pub refresh_token: Option<String>,
    pub expires_at: Option<Millis>,
    /// Separated by spaces, as the network gave them.
    pub scopes: String,
}

/// An account that is connected.
#[derive(Clone, Debug, Queryable)]
pub struct ConnectedRow {
    pub id: ChannelId,
    pub network: Origin,
    pub remote_id: String,
    pub handle: String,
    pub generation: i64,
    pub access_token: String,
    /// Separated by spaces.
    pub scopes: String,
    /// In the network's own units; none: what everybody may write.
    pub longest_post: Option<i64>,
}

/// What changes whenever a running process must read the rest anew.
pub type Version = Vec<(i64, i64)>;

pub fn version(conn: &mut Conn) -> Result<Version, DbError> {
    let apps: Version = network_app::table.select((network_app::id, network_app::generation)).load(conn)?;
    let channels: Version = channel::table.order(channel::id).select((channel::id, channel::generation)).load(conn)?;
    let longest: Vec<(i64, Option<i64>)> =
        channel::table.order(channel::id).select((channel::id, channel::longest_post)).load(conn)?;
    let longest = longest.into_iter().map(|(id, units)| (id, units.unwrap_or_default())).collect();
    Ok([apps, channels, longest].concat())
}

pub fn find_app(conn: &mut Conn, network: Origin) -> Result<Option<SealedApp>, DbError> {
    Ok(network_app::table
        .filter(network_app::network.eq(network))
        .select((
            network_app::client_id,
            network_app::client_secret,
            network_app::consumer_key,
            network_app::consumer_secret,
            network_app::earlier_consumer_secret,
            network_app::bearer_token,
        ))
        .first(conn)
        .optional()?)
}

/// The accounts that are connected, oldest first.
pub fn list_connected(conn: &mut Conn) -> Result<Vec<ConnectedRow>, DbError> {
    Ok(channel::table
        .filter(channel::access_token.is_not_null())
        .filter(channel::disconnected_at.is_null())
        .order(channel::id)
        .select((
            channel::id,
            channel::network,
            channel::remote_id,
            channel::handle,
            channel::generation,
            channel::access_token.assume_not_null(),
            channel::scopes,
            channel::longest_post,
        ))
        .load(conn)?)
}

/// Stores the keys of our app in the place of any that were there.
pub fn set_app(tx: &mut Tx<'_>, network: Origin, app: &SealedApp, now: Millis) -> Result<(), DbError> {
    let values = (
        network_app::client_id.eq(&app.client_id),
        network_app::client_secret.eq(&app.client_secret),
        network_app::consumer_key.eq(&app.consumer_key),
        network_app::consumer_secret.eq(&app.consumer_secret),
        network_app::earlier_consumer_secret.eq(&app.earlier_consumer_secret),
        network_app::bearer_token.eq(&app.bearer_token),
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

/// An account as it is connected for the first time.
pub struct NewAccount<'a> {
    pub network: Origin,
    pub remote_id: &'a str,
    pub handle: &'a str,
    pub mode: Mode,
    pub topic_id: Option<TopicId>,
}

/// Connects an account with these tokens: a new channel, or the one it had, which keeps its mode and its topic. Either
/// way it works again.
pub fn connect(
    tx: &mut Tx<'_>,
    account: &NewAccount<'_>,
    tokens: &SealedTokens,
    now: Millis,
) -> Result<ChannelId, DbError> {
    let key = (channel::network.eq(account.network), channel::remote_id.eq(account.remote_id));
    let first = (
        channel::mode.eq(account.mode),
        channel::topic_id.eq(account.topic_id.map(|id| id.0)),
        channel::created_at.eq(now),
    );
    let values = (
        channel::handle.eq(account.handle),
        channel::state.eq(Health::Live),
        channel::paused_until.eq(None::<Millis>),
        channel::reason.eq(None::<String>),
        channel::access_token.eq(Some(&tokens.access_token)),
        channel::refresh_token.eq(&tokens.refresh_token),
        channel::token_expires_at.eq(tokens.expires_at),
        channel::scopes.eq(&tokens.scopes),
        channel::token_since.eq(Some(now)),
        channel::refresh_lease_until.eq(None::<Millis>),
        channel::refresh_due_at.eq(None::<Millis>),
        channel::access_problem.eq(None::<String>),
        channel::disconnected_at.eq(None::<Millis>),
    );
    per_database!(&mut **tx, conn => diesel::insert_into(channel::table)
        .values((key, first, values.clone()))
        .on_conflict((channel::network, channel::remote_id))
        .do_update()
        .set((values, channel::generation.eq(channel::generation + 1)))
        .execute(conn))?;
    Ok(channel::table
        .filter(channel::network.eq(account.network))
        .filter(channel::remote_id.eq(account.remote_id))
        .select(channel::id)
        .first(&mut **tx)?)
}

/// Whether a remote author is an account that is, or was, one of ours.
pub fn is_our_account(conn: &mut Conn, author: RemoteAuthorId) -> Result<bool, DbError> {
    let same = channel::network.eq(remote_author::network).and(channel::remote_id.eq(remote_author::remote_id));
    let ours = remote_author::table.inner_join(channel::table.on(same)).filter(remote_author::id.eq(author));
    Ok(diesel::select(diesel::dsl::exists(ours)).get_result(conn)?)
}

/// What is needed to renew the access to an account.
#[derive(Clone, Debug, Queryable)]
pub struct RenewRow {
    pub network: Origin,
    pub remote_id: String,
    pub generation: i64,
    pub refresh_token: Option<String>,
    pub expires_at: Option<Millis>,
    pub token_since: Option<Millis>,
    /// When a renewal that brought nothing is tried again.
    pub due_at: Option<Millis>,
    pub problem: Option<String>,
}

pub fn load_renewing(conn: &mut Conn, id: ChannelId) -> Result<RenewRow, DbError> {
    Ok(channel::table
        .find(id)
        .select((
            channel::network,
            channel::remote_id,
            channel::generation,
            channel::refresh_token,
            channel::token_expires_at,
            channel::token_since,
            channel::refresh_due_at,
            channel::access_problem,
        ))
        .first(conn)?)
}

/// The accounts whose token ends before `soon` and may be renewed now.
pub fn list_to_renew(conn: &mut Conn, soon: Millis, now: Millis) -> Result<Vec<(ChannelId, i64)>, DbError> {
    Ok(channel::table
        .filter(channel::access_token.is_not_null())
        .filter(channel::refresh_token.is_not_null())
        .filter(channel::disconnected_at.is_null())
        .filter(channel::state.ne(Health::Broken))
        .filter(channel::token_expires_at.le(soon))
        .filter(channel::refresh_due_at.is_null().or(channel::refresh_due_at.le(now)))
        .select((channel::id, channel::generation))
        .load(conn)?)
}

/// Takes the turn to renew this generation of the access, by the database's clock; `false`: somebody has it, or was faster.
pub fn claim_renewal(tx: &mut Tx<'_>, id: ChannelId, generation: i64, lease: Duration) -> Result<bool, DbError> {
    let now = tx.database_now()?;
    let free = channel::refresh_lease_until.is_null().or(channel::refresh_lease_until.lt(now));
    let claimed = diesel::update(channel::table.find(id).filter(channel::generation.eq(generation)).filter(free))
        .set(channel::refresh_lease_until.eq(Some(now.plus(lease))))
        .execute(&mut **tx)?;
    Ok(claimed == 1)
}

/// Stores what a renewal brought, whoever holds the turn by now: the old refresh token is used up. `false`: the access is
/// a newer one already.
pub fn renew(
    tx: &mut Tx<'_>,
    id: ChannelId,
    generation: i64,
    tokens: &SealedTokens,
    now: Millis,
) -> Result<bool, DbError> {
    let renewed = diesel::update(channel::table.find(id).filter(channel::generation.eq(generation)))
        .set((
            channel::access_token.eq(Some(&tokens.access_token)),
            channel::refresh_token.eq(&tokens.refresh_token),
            channel::token_expires_at.eq(tokens.expires_at),
            channel::scopes.eq(&tokens.scopes),
            channel::token_since.eq(Some(now)),
            channel::generation.eq(generation + 1),
            channel::refresh_lease_until.eq(None::<Millis>),
            channel::refresh_due_at.eq(None::<Millis>),
            channel::access_problem.eq(None::<String>),
        ))
        .execute(&mut **tx)?;
    Ok(renewed == 1)
}

/// Gives the turn back without a new token. `due`: when to try again.
pub fn put_off_renewal(
    tx: &mut Tx<'_>,
    id: ChannelId,
    generation: i64,
    problem: &str,
    due: Millis,
) -> Result<(), DbError> {
    diesel::update(channel::table.find(id).filter(channel::generation.eq(generation)))
        .set((
            channel::refresh_lease_until.eq(None::<Millis>),
            channel::refresh_due_at.eq(Some(due)),
            channel::access_problem.eq(Some(problem)),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Marks the access as ended, unless it is a newer one already.
pub fn mark_ended(tx: &mut Tx<'_>, id: ChannelId, generation: i64, reason: &str) -> Result<(), DbError> {
    diesel::update(channel::table.find(id).filter(channel::generation.eq(generation)))
        .set((
            channel::state.eq(Health::Broken),
            channel::paused_until.eq(None::<Millis>),
            channel::reason.eq(Some(reason)),
            channel::refresh_lease_until.eq(None::<Millis>),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The access works again.
pub fn mark_live(tx: &mut Tx<'_>, id: ChannelId) -> Result<(), DbError> {
    diesel::update(channel::table.find(id).filter(channel::disconnected_at.is_null()))
        .set((
            channel::state.eq(Health::Live),
            channel::paused_until.eq(None::<Millis>),
            channel::reason.eq(None::<String>),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// What the last look at our app found, and where the network sends its events.
#[derive(Clone, Debug, Queryable)]
pub struct AppState {
    pub webhook_id: Option<String>,
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
            network_app::events_until,
            network_app::upkeep_due_at,
            network_app::findings,
            network_app::checked_at,
            network_app::earlier_consumer_secret.is_not_null(),
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

pub fn set_bearer(tx: &mut Tx<'_>, network: Origin, bearer: &str) -> Result<(), DbError> {
    diesel::update(network_app::table.filter(network_app::network.eq(network)))
        .set((network_app::bearer_token.eq(Some(bearer)), network_app::generation.eq(network_app::generation + 1)))
        .execute(&mut **tx)?;
    Ok(())
}

/// The webhook that the network calls, and that it was in order just now.
pub fn set_webhook(tx: &mut Tx<'_>, network: Origin, id: &str, url: &str, now: Millis) -> Result<(), DbError> {
    diesel::update(network_app::table.filter(network_app::network.eq(network)))
        .set((
            network_app::webhook_id.eq(Some(id)),
            network_app::webhook_url.eq(Some(url)),
            network_app::webhook_valid_at.eq(Some(now)),
        ))
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

/// Ends the rotation of the consumer secret: only the newer one counts.
pub fn forget_earlier_secret(tx: &mut Tx<'_>, network: Origin) -> Result<(), DbError> {
    diesel::update(network_app::table.filter(network_app::network.eq(network)))
        .set((
            network_app::earlier_consumer_secret.eq(None::<String>),
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

/// The longest post that the network lets an account write, in its own units.
pub fn set_longest_post(tx: &mut Tx<'_>, id: ChannelId, units: i64) -> Result<(), DbError> {
    diesel::update(channel::table.find(id)).set(channel::longest_post.eq(Some(units))).execute(&mut **tx)?;
    Ok(())
}

pub fn set_findings(tx: &mut Tx<'_>, id: ChannelId, findings: &str, now: Millis) -> Result<(), DbError> {
    diesel::update(channel::table.find(id))
        .set((channel::findings.eq(Some(findings)), channel::checked_at.eq(Some(now))))
        .execute(&mut **tx)?;
    Ok(())
}

/// An account as the administrator's pages show it.
#[derive(Clone, Debug, Queryable)]
pub struct AccountRow {
    pub id: ChannelId,
    pub network: Origin,
    pub handle: String,
    pub mode: Mode,
    pub topic_id: Option<i64>,
    pub health: Health,
    pub reason: Option<String>,
    pub scopes: String,
    pub is_connected: bool,
    pub expires_at: Option<Millis>,
    pub may_renew: bool,
    pub problem: Option<String>,
    pub disconnected_at: Option<Millis>,
    pub findings: Option<String>,
    /// When it was looked at last.
    pub checked_at: Option<Millis>,
}

#[diesel::dsl::auto_type(no_type_alias)]
fn account_columns() -> _ {
    (
        channel::id,
        channel::network,
        channel::handle,
        channel::mode,
        channel::topic_id,
        channel::state,
        channel::reason,
        channel::scopes,
        channel::access_token.is_not_null(),
        channel::token_expires_at,
        channel::refresh_token.is_not_null(),
        channel::access_problem,
        channel::disconnected_at,
        channel::findings,
        channel::checked_at,
    )
}

/// Every account that is or was connected, oldest first.
pub fn list_accounts(conn: &mut Conn) -> Result<Vec<AccountRow>, DbError> {
    Ok(channel::table.order(channel::id).select(account_columns()).load(conn)?)
}

pub fn load_account(conn: &mut Conn, id: ChannelId) -> Result<AccountRow, DbError> {
    Ok(channel::table.find(id).select(account_columns()).first(conn)?)
}

/// The sealed token to give back: the one for renewing, or else the access itself. With its name and the account's id.
pub fn find_last_token(conn: &mut Conn, id: ChannelId) -> Result<Option<(&'static str, String, String)>, DbError> {
    let (account, refresh, access): (String, Option<String>, Option<String>) = channel::table
        .find(id)
        .select((channel::remote_id, channel::refresh_token, channel::access_token))
        .first(conn)?;
    let refresh = refresh.map(|token| ("refresh_token", token));
    let token = refresh.or_else(|| access.map(|token| ("access_token", token)));
    Ok(token.map(|(name, token)| (name, account, token)))
}

pub fn set_handling(tx: &mut Tx<'_>, id: ChannelId, mode: Mode, topic: Option<TopicId>) -> Result<(), DbError> {
    diesel::update(channel::table.find(id))
        .set((channel::mode.eq(mode), channel::topic_id.eq(topic.map(|topic| topic.0))))
        .execute(&mut **tx)?;
    Ok(())
}

/// Forgets the tokens of an account that an administrator takes off.
pub fn disconnect(tx: &mut Tx<'_>, id: ChannelId, reason: &str, now: Millis) -> Result<(), DbError> {
    diesel::update(channel::table.find(id))
        .set((
            channel::access_token.eq(None::<String>),
            channel::refresh_token.eq(None::<String>),
            channel::token_expires_at.eq(None::<Millis>),
            channel::access_problem.eq(None::<String>),
            channel::findings.eq(None::<String>),
            channel::generation.eq(channel::generation + 1),
            channel::disconnected_at.eq(Some(now)),
            channel::state.eq(Health::Broken),
            channel::paused_until.eq(None::<Millis>),
            channel::reason.eq(Some(reason)),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// An administrator who leaves for the consent page.
pub struct NewAttempt<'a> {
    pub network: Origin,
    pub state_hash: &'a str,
    pub session_hash: &'a str,
    pub verifier: &'a str,
    /// Of the account that is to be connected.
    pub handle: &'a str,
}

/// Notes an attempt, and forgets those begun before `forgotten`.
pub fn insert_attempt(tx: &mut Tx<'_>, new: &NewAttempt<'_>, forgotten: Millis, now: Millis) -> Result<(), DbError> {
    diesel::delete(access_attempt::table.filter(access_attempt::created_at.lt(forgotten))).execute(&mut **tx)?;
    diesel::insert_into(access_attempt::table)
        .values((
            access_attempt::state_hash.eq(new.state_hash),
            access_attempt::network.eq(new.network),
            access_attempt::session_hash.eq(new.session_hash),
            access_attempt::verifier.eq(new.verifier),
            access_attempt::handle.eq(new.handle),
            access_attempt::created_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Takes the attempt of this state and session, which counts once; its sealed verifier, and the account's handle.
pub fn take_attempt(
    tx: &mut Tx<'_>,
    state_hash: &str,
    session_hash: &str,
    begun_after: Millis,
) -> Result<Option<(String, String)>, DbError> {
    let mine = access_attempt::table
        .find(state_hash)
        .filter(access_attempt::session_hash.eq(session_hash))
        .filter(access_attempt::created_at.ge(begun_after));
    let attempt = mine.select((access_attempt::verifier, access_attempt::handle)).first(&mut **tx).optional()?;
    // Who deletes it has it: of two that read it at the same moment, one.
    let deleted = diesel::delete(access_attempt::table.find(state_hash)).execute(&mut **tx)?;
    Ok(attempt.filter(|_| deleted == 1))
}
