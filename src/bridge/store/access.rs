//! Access to the networks: the keys of our app and the tokens of our accounts, sealed, and what running processes read
//! to follow their changes.

use diesel::prelude::*;

use crate::bridge::ChannelId;
use crate::bridge::store::channels::{Health, Mode};
use crate::clock::Millis;
use crate::db::schema::{channel, network_app, remote_author};
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
}

/// What changes whenever a running process must read the rest anew.
pub type Version = Vec<(i64, i64)>;

pub fn version(conn: &mut Conn) -> Result<Version, DbError> {
    let apps: Version = network_app::table.select((network_app::id, network_app::generation)).load(conn)?;
    let channels: Version = channel::table.order(channel::id).select((channel::id, channel::generation)).load(conn)?;
    Ok([apps, channels].concat())
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
