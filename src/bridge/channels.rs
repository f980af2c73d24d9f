//! Channels in memory: the keys of our app and the accounts that are connected, as the database has them now. Every
//! process follows the database within a second, so that what an administrator or another node changes counts here too.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError, RwLock};

use super::access::{self, SealError};
use crate::bridge::ChannelId;
use crate::bridge::meter::Meter;
use crate::bridge::store::access::{self as store, ConnectedRow, SealedApp, Version};
use crate::bridge::store::remote::Scope;
use crate::clock::Clock;
use crate::config::{Config, XPlace};
use crate::db::{Db, DbError};
use crate::jobs::Progress;
use crate::networks::http::{GuardError, GuardSettings, Guarded};
use crate::networks::x::{Account, AppKeys, EVERYBODYS_LONGEST, X};
use crate::posts::Origin;
use crate::secret::KeyPlace;

/// Remote ids of X are unique in X as a whole.
const X_SCOPE: Scope = Scope { network: Origin::X, scope: "x.com" };

/// An account of ours that is connected now. Clones are cheap; each call of `x` is made with the token of the moment in
/// which the channel was taken from the bridge.
#[derive(Clone, Debug)]
pub struct Channel {
    pub id: ChannelId,
    pub x: Arc<X>,
    /// Of the access token that `x` uses.
    pub(super) generation: i64,
    /// What the account's owner granted, separated by spaces.
    pub(super) scopes: String,
}

impl Channel {
    pub(super) fn scope(&self) -> Scope {
        Self::scope_on(Origin::X)
    }

    /// What the remote ids of a network are unique in.
    pub(super) fn scope_on(network: Origin) -> Scope {
        match network {
            Origin::X => X_SCOPE,
        }
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

/// How X is reached, whichever account speaks.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub http: Guarded,
    pub place: XPlace,
    pub clock: Clock,
}

impl Line {
    pub fn open(config: &Config, clock: &Clock) -> Result<Self, GuardError> {
        let place = config.x.clone();
        // The twin is exempt from the guard, X itself needs no exemption.
        let allowed_origin = (!place.base_url.starts_with("https://")).then(|| place.base_url.clone());
        let http = Guarded::new(GuardSettings { timeout: config.bridge.send_timeout, allowed_origin })?;
        Ok(Self { http, place, clock: clock.clone() })
    }
}

/// What is connected, shared by everybody in this process.
pub(super) struct Channels {
    pub line: Line,
    pub key: KeyPlace,
    meter: Meter,
    now: RwLock<Arc<Connected>>,
    /// Held from looking into the database to taking over what it has: of two who look, the later one has the last word.
    turn: tokio::sync::Mutex<()>,
    /// This process has looked after the connection since it began.
    pub begun: AtomicBool,
    /// This process has asked for the events that came while it was not there.
    pub looked: AtomicBool,
}

/// What is connected at one moment.
#[derive(Default)]
pub(super) struct Connected {
    version: Version,
    pub app: Option<AppKeys>,
    pub channels: Vec<Channel>,
    /// Why some of what the database holds is of no use here.
    pub trouble: Option<String>,
}

impl Channels {
    pub async fn load(config: &Config, db: &Db, clock: &Clock, meter: &Meter) -> Result<Self, ConnectError> {
        let line = Line::open(config, clock)?;
        let key = KeyPlace::new(&config.data, config.secret_key.clone());
        let channels = Self {
            line,
            key,
            meter: meter.clone(),
            now: RwLock::default(),
            turn: tokio::sync::Mutex::default(),
            looked: AtomicBool::new(false),
            begun: AtomicBool::new(false),
        };
        channels.reload(db).await?;
        Ok(channels)
    }

    pub fn now(&self) -> Arc<Connected> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
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
        let (version, app, rows) = db
            .read(|conn| {
                Ok::<_, DbError>((
                    store::version(conn)?,
                    store::find_app(conn, Origin::X)?,
                    store::list_connected(conn)?,
                ))
            })
            .await?;
        let connected = self.open(version, app, rows);
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(trouble) = connected.trouble.as_ref().filter(|trouble| now.trouble.as_ref() != Some(trouble)) {
            tracing::error!(trouble, "a channel cannot be used: {trouble}");
        }
        *now = Arc::new(connected);
        Ok(())
    }

    fn open(&self, version: Version, app: Option<SealedApp>, rows: Vec<ConnectedRow>) -> Connected {
        let mut connected = Connected { version, ..Connected::default() };
        match app.map(|app| access::open_app(&self.key, &app)).transpose() {
            Ok(app) => connected.app = app,
            Err(error) => connected.trouble = Some(format!("the keys of our app on X: {error}")),
        }
        for row in rows {
            match access::open_token(&self.key, row.network, &row.remote_id, &row.access_token) {
                Ok(access_token) => {
                    let account = Account { id: row.remote_id, handle: row.handle };
                    let x = X {
                        http: self.line.http.clone(),
                        base_url: self.line.place.base_url.clone(),
                        web_url: self.line.place.web_url.clone(),
                        account,
                        longest_post: longest_of(row.longest_post),
                        access_token,
                        bearer_token: connected.app.as_ref().and_then(|app| app.bearer_token.clone()),
                        clock: self.line.clock.clone(),
                        watch: self.meter.watch(row.id),
                    };
                    let (id, generation, scopes) = (row.id, row.generation, row.scopes);
                    connected.channels.push(Channel { id, x: Arc::new(x), generation, scopes });
                }
                Err(error) => connected.trouble = Some(format!("the access to @{} on X: {error}", row.handle)),
            }
        }
        connected
    }
}

/// What X said of the longest post of an account, or what everybody may write.
fn longest_of(said: Option<i64>) -> usize {
    said.and_then(|units| usize::try_from(units).ok()).unwrap_or(EVERYBODYS_LONGEST)
}
