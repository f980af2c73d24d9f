//! Access: the keys of our app on a network and the tokens of our accounts there. Sealed on the way into the database,
//! opened on the way out, connected and kept connected here; nothing of them reaches a log, a page or another slice.

pub mod choice;
pub mod consent;
pub mod keys;
pub mod page;
mod renew;
mod upkeep;
mod words;

pub use renew::{Renewed, renew, step as renew_step};
pub(super) use renew::{doubt, refused};
pub(super) use upkeep::hook_address;
pub use upkeep::{Report, checks, look_after, step as upkeep_step};

use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::bridge::ChannelId;
use crate::bridge::channels::ConnectError;
use crate::bridge::store::access::{self as store, NewAccount, SealedTokens};
use crate::bridge::store::apps::{self, SealedApp};
use crate::bridge::store::channels::Mode;
use crate::clock::Millis;
use crate::config::Config;
use crate::db::{Db, DbError};
use crate::members::MemberId;
pub use crate::networks::Finding;
use crate::networks::{AppKeys, Granted, Network, Offer, Us};
use crate::posts::Origin;
use crate::secret::{Key, KeyError, KeyPlace, OpenError, Secret};
use crate::topics::TopicId;

/// What stands at a network and must be changed there when our address changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    pub network: Origin,
    /// Where the network sends people back who connect an account.
    pub callback: String,
    /// Where it sends what happens.
    pub hook: String,
    /// It is entered there by a person; else we register it ourselves.
    pub hook_by_hand: bool,
}

/// Our addresses at every network whose keys we have.
pub fn addresses(app: &App) -> Vec<Addresses> {
    let with_keys = app.bridge.networks().filter_map(|(origin, _)| Some((origin, app.bridge.keys(origin)?)));
    let addresses = with_keys.map(|(network, keys)| Addresses {
        network,
        callback: consent::callback_address(app, network),
        hook: hook_address(app, network),
        hook_by_hand: app.bridge.network(network).hook_token(&keys).is_some(),
    });
    addresses.collect()
}

/// An account that is to be connected, with all that it takes.
#[derive(Clone, Debug)]
pub struct NewAccess {
    pub network: Origin,
    /// The keys of our app; those of an earlier connection are replaced.
    pub app: AppKeys,
    pub account: Us,
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

impl From<Granted> for Tokens {
    fn from(granted: Granted) -> Self {
        Self {
            access: granted.access_token,
            refresh: granted.refresh_token,
            expires_at: granted.expires_at,
            scopes: granted.scopes,
        }
    }
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
    let network = new.network;
    let stored = stored_app(db, network).await?;
    let key = sealing_key(&KeyPlace::new(&config.data, config.secret_key.clone()), stored.as_ref())?;
    let keys = seal_app(&key, network, &new.app)?;
    let tokens = seal_tokens(&key, network, &new.account.id, &new.tokens)?;
    db.write(move |tx| {
        apps::set_app(tx, network, &keys, now)?;
        let Us { id, handle } = &new.account;
        let account = NewAccount { network, remote_id: id, handle, mode: new.mode, topic_id: new.topic };
        store::connect(tx, &account, &tokens, now).map_err(ConnectError::from)
    })
    .await
}

/// What a key must open that is to seal more: the keys of the app on this network, or else on any other.
async fn stored_app(db: &Db, network: Origin) -> Result<Option<(Origin, SealedApp)>, DbError> {
    db.read(move |conn| {
        for one in [network].into_iter().chain(Origin::ALL) {
            if let Some(app) = apps::find_app(conn, one)? {
                return Ok(Some((one, app)));
            }
        }
        Ok(None)
    })
    .await
}

/// Stores the keys of our app, and uses them here at once. `next_look`: when they are looked after by themselves.
/// `anew`: the key that sealed what is stored is lost for good, and another takes its place.
async fn keep_keys(
    app: &App,
    network: Origin,
    keys: AppKeys,
    anew: bool,
    next_look: Millis,
    by: MemberId,
) -> Result<(), ConnectError> {
    let stored = stored_app(&app.db, network).await?;
    let key = sealing_key(&app.bridge.channels.key, stored.as_ref().filter(|_| !anew))?;
    let (sealed, now) = (seal_app(&key, network, &keys)?, app.clock.now());
    app.db
        .write(move |tx| {
            apps::set_app(tx, network, &sealed, now)?;
            apps::set_upkeep_due(tx, network, next_look)?;
            let line = Entry::new(by, Act::Channel, format!("network-{}", network.as_str()), now);
            audit::record(tx, &Entry { words: "new keys".to_owned(), ..line })
        })
        .await?;
    Ok(app.bridge.reload(&app.db).await?)
}

/// Connects an account of the app whose keys are there already.
async fn keep_account(
    app: &App,
    network: Origin,
    offer: Offer,
    mode: Mode,
    by: MemberId,
) -> Result<ChannelId, ConnectError> {
    let Offer { us: Us { id: remote_id, handle }, granted, longest_post, .. } = offer;
    let key = app.bridge.channels.key.find().map_err(SealError::from)?;
    let (sealed, now) = (seal_tokens(&key, network, &remote_id, &granted.into())?, app.clock.now());
    let id = app
        .db
        .write(move |tx| {
            let account = NewAccount { network, remote_id: &remote_id, handle: &handle, mode, topic_id: None };
            let id = store::connect(tx, &account, &sealed, now)?;
            if let Some(longest) = longest_post {
                store::set_longest_post(tx, id, in_units(longest))?;
            }
            let line = Entry::new(by, Act::Channel, format!("channel-{id}"), now);
            audit::record(tx, &Entry { words: format!("connected {}", network.name_of(&handle)), ..line })?;
            Ok::<_, DbError>(id)
        })
        .await?;
    app.bridge.reload(&app.db).await?;
    Ok(id)
}

/// Gives an access back that nobody here will use; whether the network took it. `account`: the one that we leave.
async fn give_back(network: &dyn Network, keys: &AppKeys, account: Option<&str>, token: &Secret) -> bool {
    let told = network.give_back(keys, account, token).await;
    if let Err(failure) = &told {
        tracing::warn!(%failure, "an access that nobody uses was not given back: {failure}");
    }
    told.is_ok()
}

/// The key to seal with: the one that sealed what is stored, so that no process shuts it for the others; a new one only
/// where nothing is.
fn sealing_key(place: &KeyPlace, stored: Option<&(Origin, SealedApp)>) -> Result<Key, SealError> {
    match stored {
        Some((network, stored)) => {
            open_app(place, *network, stored)?;
            Ok(place.find()?)
        }
        None => Ok(place.find_or_make()?),
    }
}

pub(super) fn open_app(place: &KeyPlace, network: Origin, sealed: &SealedApp) -> Result<AppKeys, SealError> {
    let key = place.find()?;
    let open = |name: &str, text: &str| key.open(&app_place(name, network), text);
    let open_some = |name: &str, text: &Option<String>| text.as_deref().map(|text| open(name, text)).transpose();
    Ok(AppKeys {
        client_id: sealed.client_id.clone(),
        client_secret: open_some("client_secret", &sealed.client_secret)?,
        api_key: open_some(API_KEY, &sealed.api_key)?,
        signing_secret: open(SIGNING_SECRET, &sealed.signing_secret)?,
        earlier_signing_secret: open_some(SIGNING_SECRET, &sealed.earlier_signing_secret)?,
        app_token: open_some(APP_TOKEN, &sealed.app_token)?,
        may_answer_late: sealed.may_answer_late != 0,
    })
}

fn seal_app(key: &Key, network: Origin, app: &AppKeys) -> Result<SealedApp, SealError> {
    let seal = |name: &str, secret: &Secret| key.seal(&app_place(name, network), secret);
    let seal_some = |name: &str, secret: &Option<Secret>| secret.as_ref().map(|secret| seal(name, secret)).transpose();
    Ok(SealedApp {
        client_id: app.client_id.clone(),
        client_secret: seal_some("client_secret", &app.client_secret)?,
        api_key: seal_some(API_KEY, &app.api_key)?,
        signing_secret: seal(SIGNING_SECRET, &app.signing_secret)?,
        earlier_signing_secret: seal_some(SIGNING_SECRET, &app.earlier_signing_secret)?,
        app_token: seal_some(APP_TOKEN, &app.app_token)?,
        may_answer_late: i64::from(app.may_answer_late),
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

/// Seals the token of an app.
fn seal_app_token(place: &KeyPlace, network: Origin, token: &Secret) -> Result<String, SealError> {
    Ok(place.find()?.seal(&app_place(APP_TOKEN, network), token)?)
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

/// The places of an app's secrets have the names that their columns had while X was the only network: what was sealed
/// then opens in its own place alone.
const API_KEY: &str = "consumer_key";
/// Both signing secrets share one: the newer becomes the earlier.
const SIGNING_SECRET: &str = "consumer_secret";
const APP_TOKEN: &str = "bearer_token";

fn app_place(name: &str, network: Origin) -> String {
    format!("network_app.{name}:{}", network.as_str())
}

fn token_place(name: &str, network: Origin, account: &str) -> String {
    format!("channel.{name}:{}:{account}", network.as_str())
}

/// A length as it is stored.
fn in_units(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_were_sealed_while_x_was_the_only_network_open_still() {
        let folder = tempfile::TempDir::new().unwrap();
        let place = KeyPlace::new(folder.path(), None);
        let key = place.find_or_make().unwrap();
        let seal = |column: &str| key.seal(&format!("network_app.{column}:x"), &Secret::new(column)).unwrap();
        let sealed = SealedApp {
            client_id: "client".to_owned(),
            client_secret: Some(seal("client_secret")),
            api_key: Some(seal("consumer_key")),
            signing_secret: seal("consumer_secret"),
            earlier_signing_secret: Some(seal("consumer_secret")),
            app_token: Some(seal("bearer_token")),
            may_answer_late: 0,
        };
        let keys = open_app(&place, Origin::X, &sealed).unwrap();
        assert_eq!(keys.api_key, Some(Secret::new("consumer_key")));
        assert_eq!(keys.signing_secret, Secret::new("consumer_secret"));
        assert_eq!(keys.app_token, Some(Secret::new("bearer_token")));
        assert!(open_app(&place, Origin::Facebook, &sealed).is_err(), "and on no other network");
    }
}
