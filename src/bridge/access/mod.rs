//! Access: the keys of our app on a network and the tokens of our accounts there. Sealed on the way into the database,
//! opened on the way out, connected and kept connected here; nothing of them reaches a log, a page or another slice.

pub mod consent;
pub mod keys;
pub mod page;
mod renew;
mod upkeep;

pub use renew::{Renewed, renew, step as renew_step};
pub(super) use renew::{doubt, refused};
pub use upkeep::{Finding, Report, checks, look_after, step as upkeep_step};

use crate::app::App;
use crate::bridge::ChannelId;
use crate::bridge::channels::ConnectError;
use crate::bridge::store::access::{self as store, NewAccount, SealedApp, SealedTokens};
use crate::bridge::store::channels::Mode;
use crate::clock::Millis;
use crate::config::Config;
use crate::db::{Db, DbError};
use crate::networks::x::{Account, AppKeys, Known, XApp};
use crate::posts::Origin;
use crate::secret::{Key, KeyError, KeyPlace, OpenError, Secret};
use crate::topics::TopicId;

/// An account that is to be connected, with all that it takes.
#[derive(Clone, Debug)]
pub struct NewAccess {
    /// The keys of our app; those of an earlier connection are replaced.
    pub app: AppKeys,
    pub account: Account,
    pub tokens: Tokens,
    /// For an account that is new here; one that was connected before keeps its own.
    pub mode: Mode,
    /// The topic of what arrives; like `mode`.
    pub topic: Option<TopicId>,
}

/// What the network gives for an account.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: Secret,
    /// Without it the access ends when the token expires.
    pub refresh: Option<Secret>,
    pub expires_at: Option<Millis>,
    /// Separated by spaces.
    pub scopes: String,
}

/// Why a secret cannot be sealed or opened. The text is for the administrator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("{0}. Put the right key back, or connect anew")]
    Open(#[from] OpenError),
    #[error("no random numbers: {0}")]
    Random(String),
}

impl From<getrandom::Error> for SealError {
    fn from(error: getrandom::Error) -> Self {
        Self::Random(error.to_string())
    }
}

/// Connects an account, and uses it here at once; other nodes follow within a second.
pub async fn connect(app: &App, new: NewAccess) -> Result<ChannelId, ConnectError> {
    let id = connect_in(&app.db, &app.config, new, app.clock.now()).await?;
    app.bridge.reload(&app.db).await?;
    Ok(id)
}

/// As [`connect`], without a running app.
pub async fn connect_in(db: &Db, config: &Config, new: NewAccess, now: Millis) -> Result<ChannelId, ConnectError> {
    let stored = db.read(|conn| store::find_app(conn, Origin::X)).await?;
    let key = sealing_key(&KeyPlace::new(&config.data, config.secret_key.clone()), stored.as_ref())?;
    let keys = seal_app(&key, &new.app)?;
    let tokens = seal_tokens(&key, Origin::X, &new.account.id, &new.tokens)?;
    db.write(move |tx| {
        store::set_app(tx, Origin::X, &keys, now)?;
        let Account { id, handle } = &new.account;
        let account = NewAccount { network: Origin::X, remote_id: id, handle, mode: new.mode, topic_id: new.topic };
        store::connect(tx, &account, &tokens, now).map_err(ConnectError::from)
    })
    .await
}

/// Stores the keys of our app, and uses them here at once. `next_look`: when they are looked after by themselves.
/// `anew`: the key that sealed what is stored is lost for good, and another takes its place.
async fn keep_keys(app: &App, keys: AppKeys, anew: bool, next_look: Millis) -> Result<(), ConnectError> {
    let stored = app.db.read(|conn| store::find_app(conn, Origin::X)).await?;
    let key = sealing_key(&app.bridge.channels.key, stored.as_ref().filter(|_| !anew))?;
    let (sealed, now) = (seal_app(&key, &keys)?, app.clock.now());
    app.db
        .write(move |tx| {
            store::set_app(tx, Origin::X, &sealed, now)?;
            store::set_upkeep_due(tx, Origin::X, next_look)
        })
        .await?;
    Ok(app.bridge.reload(&app.db).await?)
}

/// Connects an account of the app whose keys are there already.
async fn keep_account(app: &App, known: Known, tokens: Tokens, mode: Mode) -> Result<ChannelId, ConnectError> {
    let Known { account, longest_post } = known;
    let key = app.bridge.channels.key.find().map_err(SealError::from)?;
    let (sealed, now) = (seal_tokens(&key, Origin::X, &account.id, &tokens)?, app.clock.now());
    let id = app
        .db
        .write(move |tx| {
            let Account { id, handle } = &account;
            let account = NewAccount { network: Origin::X, remote_id: id, handle, mode, topic_id: None };
            let id = store::connect(tx, &account, &sealed, now)?;
            store::set_longest_post(tx, id, in_units(longest_post))?;
            Ok::<_, DbError>(id)
        })
        .await?;
    app.bridge.reload(&app.db).await?;
    Ok(id)
}

/// Gives an access back that nobody here will use; whether X took it.
async fn give_back(x: &XApp, token: &Secret) -> bool {
    let told = x.revoke(token).await;
    if let Err(failure) = &told {
        tracing::warn!(%failure, "an access that nobody uses was not given back: {failure}");
    }
    told.is_ok()
}

/// The key to seal with: the one that sealed what is stored, so that no process shuts it for the others; a new one only
/// where nothing is.
fn sealing_key(place: &KeyPlace, stored: Option<&SealedApp>) -> Result<Key, SealError> {
    match stored {
        Some(stored) => {
            open_app(place, stored)?;
            Ok(place.find()?)
        }
        None => Ok(place.find_or_make()?),
    }
}

pub(super) fn open_app(place: &KeyPlace, sealed: &SealedApp) -> Result<AppKeys, SealError> {
    let key = place.find()?;
    let open = |name: &str, text: &str| key.open(&app_place(name), text);
    let open_some = |name: &str, text: &Option<String>| text.as_deref().map(|text| open(name, text)).transpose();
    Ok(AppKeys {
        client_id: sealed.client_id.clone(),
        client_secret: open_some("client_secret", &sealed.client_secret)?,
        consumer_key: open("consumer_key", &sealed.consumer_key)?,
        consumer_secret: open("consumer_secret", &sealed.consumer_secret)?,
        earlier_consumer_secret: open_some("consumer_secret", &sealed.earlier_consumer_secret)?,
        bearer_token: open_some("bearer_token", &sealed.bearer_token)?,
    })
}

fn seal_app(key: &Key, app: &AppKeys) -> Result<SealedApp, SealError> {
    let seal = |name: &str, secret: &Secret| key.seal(&app_place(name), secret);
    let seal_some = |name: &str, secret: &Option<Secret>| secret.as_ref().map(|secret| seal(name, secret)).transpose();
    Ok(SealedApp {
        client_id: app.client_id.clone(),
        client_secret: seal_some("client_secret", &app.client_secret)?,
        consumer_key: seal("consumer_key", &app.consumer_key)?,
        consumer_secret: seal("consumer_secret", &app.consumer_secret)?,
        earlier_consumer_secret: seal_some("consumer_secret", &app.earlier_consumer_secret)?,
        bearer_token: seal_some("bearer_token", &app.bearer_token)?,
    })
}

pub(super) fn open_token(place: &KeyPlace, network: Origin, account: &str, sealed: &str) -> Result<Secret, SealError> {
    open_secret(place, "access_token", network, account, sealed)
}

/// Opens one of an account's tokens.
fn open_secret(
    place: &KeyPlace,
    name: &str,
    network: Origin,
    account: &str,
    sealed: &str,
) -> Result<Secret, SealError> {
    Ok(place.find()?.open(&token_place(name, network, account), sealed)?)
}

/// Seals one of the app's keys.
fn seal_secret(place: &KeyPlace, name: &str, secret: &Secret) -> Result<String, SealError> {
    Ok(place.find()?.seal(&app_place(name), secret)?)
}

fn seal_tokens(key: &Key, network: Origin, account: &str, tokens: &Tokens) -> Result<SealedTokens, SealError> {
    let refresh = tokens.refresh.as_ref();
    Ok(SealedTokens {
        access_token: key.seal(&token_place("access_token", network, account), &tokens.access)?,
        refresh_token: refresh
            .map(|secret| key.seal(&token_place("refresh_token", network, account), secret))
            .transpose()?,
        expires_at: tokens.expires_at,
        scopes: tokens.scopes.clone(),
    })
}

/// A sealed secret opens in its own place alone. Both consumer secrets share one: the newer becomes the earlier.
fn app_place(name: &str) -> String {
    format!("network_app.{name}:{}", Origin::X.as_str())
}

fn token_place(name: &str, network: Origin, account: &str) -> String {
    format!("channel.{name}:{}:{account}", network.as_str())
}

/// A length as it is stored.
fn in_units(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
