//! Channels in memory: the keys of our app and the accounts that are connected, as the database has them now. Every
//! process follows the database within a second, so that what an administrator or another node changes counts here too.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::access::{self, SealError};
use super::words;
use crate::bridge::ChannelId;
use crate::bridge::meter::Meter;
use crate::bridge::store::access::{self as store, ConnectedRow, Version};
use crate::bridge::store::apps::{self, SealedApp};
use crate::bridge::store::remote::Scope;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, DbError};
use crate::jobs::Progress;
use crate::networks::http::{GuardError, GuardSettings, Guarded};
use crate::networks::{self, Abilities, Account, AppKeys, Network, Seat, Us};
use crate::posts::{Called, Origin};
use crate::secret::KeyPlace;

/// An account of ours that is connected now. Clones are cheap; each call of `account` is made with the token of the moment
/// in which the channel was taken from the bridge.
#[derive(Clone, Debug)]
pub struct Channel {
    pub id: ChannelId,
    pub origin: Origin,
    pub network: Arc<dyn Network>,
    pub account: Arc<dyn Account>,
    /// Of the access token that `account` uses.
    pub(super) generation: i64,
    /// What the account's owner granted, separated by spaces.
    pub(super) scopes: String,
}

impl Channel {
    pub(super) fn scope(&self) -> Scope {
        Scope::of(self.origin)
    }

    pub fn abilities(&self) -> &'static Abilities {
        self.network.abilities()
    }

    /// Our own account there, as a sentence names it.
    pub fn called(&self) -> Called {
        self.origin.called(&self.account.us().handle, "")
    }

    /// Our own account there, by its id.
    pub(super) fn us(&self) -> &str {
        &self.account.us().id
    }
}

/// Why the bridge could not be built, or an account not be connected.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error(transparent)]
    Client(#[from] GuardError),
}

impl From<diesel::result::Error> for ConnectError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}

/// What is connected, shared by everybody in this process.
pub(super) struct Channels {
    pub http: Guarded,
    pub networks: Networks,
    pub key: KeyPlace,
    meter: Meter,
    now: RwLock<Arc<Connected>>,
    /// Held from looking into the database to taking over what it has: of two who look, the later one has the last word.
    turn: tokio::sync::Mutex<()>,
    /// The networks whose connection this process has looked after since it began.
    begun: Mutex<HashSet<Origin>>,
    /// The networks that this process has asked for the events that came while it was not there.
    looked: Mutex<HashSet<Origin>>,
}

/// Every network, as this server reaches it.
pub(super) struct Networks(Vec<(Origin, Arc<dyn Network>)>);

impl Networks {
    fn open(config: &Config, clock: &Clock) -> Result<(Self, Guarded), GuardError> {
        // Twins are exempt from the guard, the networks themselves need no exemption.
        let places = [&config.x.base_url, &config.facebook.base_url];
        let allowed_origins = places.into_iter().filter(|place| !place.starts_with("https://")).cloned().collect();
        let http = Guarded::new(GuardSettings { timeout: config.bridge.send_timeout, allowed_origins })?;
        let all = networks::all(&config.x, &config.facebook, &http, clock);
        let all = all.into_iter().filter_map(|network| Some((Origin::parse(network.name())?, network))).collect();
        Ok((Self(all), http))
    }

    pub fn iter(&self) -> impl Iterator<Item = (Origin, &Arc<dyn Network>)> {
        self.0.iter().map(|(origin, network)| (*origin, network))
    }

    pub fn get(&self, origin: Origin) -> &Arc<dyn Network> {
        let found = self.0.iter().find(|(one, _)| *one == origin);
        found.map(|(_, network)| network).expect("every origin is a network")
    }
}

/// What is connected at one moment.
#[derive(Default)]
pub(super) struct Connected {
    version: Version,
    pub apps: Vec<(Origin, AppKeys)>,
    pub channels: Vec<Channel>,
    /// Why some of what the database holds is of no use here.
    pub trouble: Option<String>,
}

impl Connected {
    pub fn keys(&self, origin: Origin) -> Option<&AppKeys> {
        self.apps.iter().find(|(one, _)| *one == origin).map(|(_, keys)| keys)
    }
}

impl Channels {
    pub async fn load(config: &Config, db: &Db, clock: &Clock, meter: &Meter) -> Result<Self, ConnectError> {
        let (networks, http) = Networks::open(config, clock)?;
        let key = KeyPlace::new(&config.data, config.secret_key.clone());
        let channels = Self {
            http,
            networks,
            key,
            meter: meter.clone(),
            now: RwLock::default(),
            turn: tokio::sync::Mutex::default(),
            looked: Mutex::default(),
            begun: Mutex::default(),
        };
        channels.reload(db).await?;
        Ok(channels)
    }

    pub fn now(&self) -> Arc<Connected> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether this is the first time that this process looks after the connection to a network.
    pub fn begins(&self, origin: Origin) -> bool {
        locked(&self.begun).insert(origin)
    }

    /// Whether nobody in this process has yet asked for the events that came while it was not there.
    pub fn is_unlooked(&self, origin: Origin) -> bool {
        !locked(&self.looked).contains(&origin)
    }

    /// Somebody has asked for them now.
    pub fn has_looked(&self, origin: Origin) {
        locked(&self.looked).insert(origin);
    }

    /// Takes over what the database has, if it is something new. What does not open is tried again each time.
    pub async fn follow(&self, db: &Db) -> Result<Progress, DbError> {
        let version = db.read(store::version).await?;
        let known = self.now();
        if known.version != version || known.trouble.is_some() {
            self.reload(db).await?;
        }
        Ok(Progress::Idle)
    }

    /// Takes over what the database has.
    pub async fn reload(&self, db: &Db) -> Result<(), DbError> {
        let _turn = self.turn.lock().await;
        let (version, apps, rows) = db
            .read(|conn| {
                let mut found = Vec::new();
                for origin in Origin::ALL {
                    found.extend(apps::find_app(conn, origin)?.map(|app| (origin, app)));
                }
                Ok::<_, DbError>((store::version(conn)?, found, store::list_connected(conn)?))
            })
            .await?;
        let connected = self.open(version, apps, rows);
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(trouble) = connected.trouble.as_ref().filter(|trouble| now.trouble.as_ref() != Some(trouble)) {
            tracing::error!(trouble, "a channel cannot be used: {trouble}");
        }
        *now = Arc::new(connected);
        Ok(())
    }

    fn open(&self, version: Version, apps: Vec<(Origin, SealedApp)>, rows: Vec<ConnectedRow>) -> Connected {
        let mut connected = Connected { version, ..Connected::default() };
        for (origin, app) in apps {
            match access::open_app(&self.key, origin, &app) {
                Ok(keys) => connected.apps.push((origin, keys)),
                Err(error) => connected.trouble = Some(words::keys_of_our_app(origin.label(), error)),
            }
        }
        for row in rows {
            match access::open_token(&self.key, row.network, &row.remote_id, &row.access_token) {
                Ok(access_token) => {
                    let network = self.networks.get(row.network);
                    let seat = Seat {
                        us: Us { id: row.remote_id, handle: row.handle },
                        access_token,
                        keys: connected.keys(row.network).cloned(),
                        longest_post: row.longest_post.and_then(|units| usize::try_from(units).ok()),
                        watch: self.meter.watch(row.id),
                    };
                    connected.channels.push(Channel {
                        id: row.id,
                        origin: row.network,
                        network: Arc::clone(network),
                        account: network.seat(seat),
                        generation: row.generation,
                        scopes: row.scopes,
                    });
                }
                Err(error) => {
                    let (handle, network) = (row.handle, row.network.label());
                    connected.trouble = Some(words::access_to(&handle, network, error));
                }
            }
        }
        connected
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
