//! Channels in memory: the accounts of ours that the configuration names, each with its connection.

use crate::bridge::ChannelId;
use crate::bridge::meter::Meter;
use crate::bridge::store::channels::{Mode, NewChannel, connect};
use crate::bridge::store::remote::Scope;
use crate::clock::Clock;
use crate::config::{self, Config, XChannel};
use crate::db::{Db, DbError};
use crate::networks::http::{GuardSettings, Guarded};
use crate::networks::watch::Watch;
use crate::networks::x::{Account, X};
use crate::posts::Origin;
use crate::topics;

/// Remote ids of X are unique in X as a whole.
const X_SCOPE: Scope = Scope { network: Origin::X, scope: "x.com" };

/// An account of ours that is connected now.
#[derive(Clone, Debug)]
pub struct Channel {
    pub id: ChannelId,
    pub x: X,
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

/// Why the bridge could not be built.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("the setting {setting}: {problem}")]
    Setting { setting: &'static str, problem: String },
}

impl From<diesel::result::Error> for ConnectError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}

/// Connects the channel that the configuration names, if it names one.
pub(super) async fn connect_configured(
    config: &Config,
    db: &Db,
    clock: &Clock,
    meter: &Meter,
) -> Result<Vec<Channel>, ConnectError> {
    let Some(settings) = &config.x else { return Ok(Vec::new()) };
    let x = client(settings, &config.bridge, clock)?;
    let now = clock.now();
    let wanted = settings.clone();
    let id = db
        .write(move |tx| {
            let topic_id = match &wanted.topic {
                None => None,
                Some(slug) => {
                    let topic = topics::find_by_slug(tx, slug)?;
                    let problem = || format!("there is no topic {slug:?}; make it first, or leave the setting out");
                    Some(topic.ok_or_else(|| ConnectError::Setting { setting: "x.topic", problem: problem() })?.id.0)
                }
            };
            let new = NewChannel {
                network: Origin::X,
                remote_id: wanted.account_id,
                handle: wanted.handle,
                mode: match wanted.mode {
                    config::Mode::Mirror => Mode::Mirror,
                    config::Mode::Hold => Mode::Hold,
                },
                topic_id,
            };
            connect(tx, &new, now).map_err(ConnectError::from)
        })
        .await?;
    Ok(vec![Channel { id, x: X { watch: meter.watch(id), ..x } }])
}

fn client(settings: &XChannel, bridge: &config::Bridge, clock: &Clock) -> Result<X, ConnectError> {
    // The twin is exempt from the guard, X itself needs no exemption.
    let allowed_origin = (!settings.base_url.starts_with("https://")).then(|| settings.base_url.clone());
    let http = Guarded::new(GuardSettings { timeout: bridge.send_timeout, allowed_origin })
        .map_err(|error| ConnectError::Setting { setting: "x.base_url", problem: error.to_string() })?;
    Ok(X {
        http,
        base_url: settings.base_url.clone(),
        web_url: settings.web_url.clone(),
        account: Account { id: settings.account_id.clone(), handle: settings.handle.clone() },
        access_token: settings.access_token.clone(),
        bearer_token: Some(settings.bearer_token.clone()).filter(|token| !token.expose().is_empty()),
        consumer_secret: settings.consumer_secret.clone(),
        clock: clock.clone(),
        watch: Watch::nobody(),
    })
}
