//! Access to our accounts: their tokens, sealed, what was found about them, and what running processes read to follow
//! the changes.

use std::time::Duration;

use diesel::prelude::*;

use super::lost_access;
use crate::bridge::ChannelId;
use crate::bridge::store::channels::{Health, Mode};
use crate::clock::Millis;
use crate::db::schema::{channel, network_app, remote_author};
use crate::db::{Conn, DbError, Tx, per_database};
use crate::networks::Mend;
use crate::posts::{Origin, RemoteAuthorId};
use crate::topics::TopicId;

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

/// What changes whenever a running process must read the rest anew: of each app its generation, and of each account what
/// stands beside its access, too.
pub type Version = (Vec<(i64, i64)>, Vec<(i64, i64, Option<i64>, String)>);

pub fn version(conn: &mut Conn) -> Result<Version, DbError> {
    let apps =
        network_app::table.order(network_app::id).select((network_app::id, network_app::generation)).load(conn)?;
    let channels = channel::table
        .order(channel::id)
        .select((channel::id, channel::generation, channel::longest_post, channel::scopes))
        .load(conn)?;
    Ok((apps, channels))
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
    // What was written there is ours from now on.
    tx.shown_everywhere();
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
    let id = channel::table
        .filter(channel::network.eq(account.network))
        .filter(channel::remote_id.eq(account.remote_id))
        .select(channel::id)
        .first(&mut **tx)?;
    lost_access::forget(tx, id)?;
    Ok(id)
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
    if renewed == 1 {
        lost_access::renewed(tx, id)?;
    }
    Ok(renewed == 1)
}

/// Gives the turn back without a new token. `problem`: what an administrator must know of it; `due`: when to try again.
pub fn put_off_renewal(
    tx: &mut Tx<'_>,
    id: ChannelId,
    generation: i64,
    problem: Option<&str>,
    due: Millis,
) -> Result<(), DbError> {
    diesel::update(channel::table.find(id).filter(channel::generation.eq(generation)))
        .set((
            channel::refresh_lease_until.eq(None::<Millis>),
            channel::refresh_due_at.eq(Some(due)),
            channel::access_problem.eq(problem),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Marks the access as ended, unless it is a newer one already.
pub fn mark_ended(tx: &mut Tx<'_>, id: ChannelId, generation: i64, reason: &str) -> Result<(), DbError> {
    let ended = diesel::update(channel::table.find(id).filter(channel::generation.eq(generation)))
        .set((
            channel::state.eq(Health::Broken),
            channel::paused_until.eq(None::<Millis>),
            channel::reason.eq(Some(reason)),
            channel::refresh_lease_until.eq(None::<Millis>),
        ))
        .execute(&mut **tx)?;
    if ended == 1 { lost_access::set_mend(tx, id, Mend::Connect) } else { Ok(()) }
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

/// The longest post that the network lets an account write, in its own units.
pub fn set_longest_post(tx: &mut Tx<'_>, id: ChannelId, units: i64) -> Result<(), DbError> {
    diesel::update(channel::table.find(id)).set(channel::longest_post.eq(Some(units))).execute(&mut **tx)?;
    Ok(())
}

/// When the access of an account ends, as the network says it now; `None`: not by itself.
pub fn set_expires_at(tx: &mut Tx<'_>, id: ChannelId, at: Option<Millis>) -> Result<(), DbError> {
    diesel::update(channel::table.find(id)).set(channel::token_expires_at.eq(at)).execute(&mut **tx)?;
    Ok(())
}

/// What is granted, as the network says it now, separated by spaces.
pub fn set_scopes(tx: &mut Tx<'_>, id: ChannelId, scopes: &str) -> Result<(), DbError> {
    diesel::update(channel::table.find(id)).set(channel::scopes.eq(scopes)).execute(&mut **tx)?;
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
    /// In the network's own units; none: what everybody may write.
    pub longest_post: Option<i64>,
}

impl AccountRow {
    /// As people write it.
    pub fn name(&self) -> String {
        self.network.name_of(&self.handle)
    }
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
        channel::longest_post,
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

/// Gives the accounts whose posts go to one topic another; `None`: none.
pub fn move_topic(tx: &mut Tx<'_>, from: TopicId, to: Option<TopicId>) -> Result<(), DbError> {
    diesel::update(channel::table.filter(channel::topic_id.eq(from.0)))
        .set(channel::topic_id.eq(to.map(|topic| topic.0)))
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
    lost_access::forget(tx, id)
}
