//! The demo: a made-up company on the real product, with a twin of X beside it.
//!
//! Owns the demo's folder and its content. Everything it shows came about through the product's own functions and the
//! twin's real paths; it writes no table. `serve` knows of it only that a folder is one.

mod company;
pub mod folder;
mod play;
pub mod replay;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

pub use company::{Company, Login, StoryError};
pub use play::{PlayError, people, play};

use crate::bridge::Mode;
use crate::bridge::access::{NewAccess, Tokens};
use crate::clock::Clock;
use crate::clock::Millis;
use crate::config::{Bridge, Config, FacebookPlace, LEAST_BETWEEN_MESSAGES, Server, Site, XPlace};
use crate::db::Place;
use crate::networks::{AppKeys, Us};
use crate::posts::Origin;
use crate::secret::Secret;
use crate::sim::x::{Account, Grant, Settings};
use crate::topics::TopicId;
use crate::web::client::Proxies;

/// The company's account on the twin. A twin that runs elsewhere must have the same, and the same tokens.
pub const ACCOUNT_ID: u64 = 1_403_881_130_802_225_152;
pub const HANDLE: &str = "acme";
pub const ACCESS_TOKEN: &str = "demo-access-token";
pub const BEARER_TOKEN: &str = "demo-bearer-token";
pub const CLIENT_ID: &str = "demo-client-id";
pub const CLIENT_SECRET: &str = "demo-client-secret";
pub const CONSUMER_KEY: &str = "demo-consumer-key";
pub const CONSUMER_SECRET: &str = "demo-consumer-secret";
const SCOPES: &str = "tweet.read tweet.write users.read offline.access media.write dm.read dm.write";
/// Where the questions go that arrive from the twin, until staff sort them.
const INBOUND_TOPIC: &str = "from-x";
/// How long the twin keeps the company's own new posts out of its lists, as X does.
const READ_BACK_LAG: Duration = Duration::from_secs(2);
const WORKERS: usize = 2;

/// The forum of the demo, in `folder`, speaking to the twin at `twin`.
pub fn config(folder: &Path, database: Option<Place>, bind: SocketAddr, twin: &str) -> Config {
    Config {
        site: Site { name: "Acme Help".to_owned(), address: format!("http://{bind}"), single_staff: false, demo: true },
        server: Server { bind, workers: WORKERS, trusted_proxies: Proxies::default() },
        database: database.unwrap_or_else(|| Place::Sqlite(folder.join("answerwell.db"))),
        data: folder.to_owned(),
        bridge: Bridge {
            // The twin is near: nobody should wait long to see what becomes of a lost answer.
            send_timeout: Duration::from_secs(3),
            lease: Duration::from_secs(5),
            read_back_lag: Duration::from_secs(6),
            poll_every: Duration::from_secs(15),
            read_messages_every: LEAST_BETWEEN_MESSAGES,
        },
        secret_key: None,
        x: XPlace::twin(twin),
        facebook: FacebookPlace::default(),
    }
}

/// The company's access to the twin: what an administrator would have got from X.
pub fn access(topic: Option<TopicId>) -> NewAccess {
    NewAccess {
        network: Origin::X,
        app: app_keys(),
        account: Us { id: ACCOUNT_ID.to_string(), handle: HANDLE.to_owned() },
        tokens: Tokens {
            access: Secret::new(ACCESS_TOKEN),
            refresh: None,
            expires_at: None,
            scopes: SCOPES.to_owned(),
        },
        mode: Mode::Mirror,
        topic,
    }
}

/// The access of another brand on the twin, by what the consent page gave for it at `now`.
fn brand_access(id: String, handle: &str, grant: Grant, scopes: &[&str], now: Millis) -> NewAccess {
    NewAccess {
        network: Origin::X,
        app: app_keys(),
        account: Us { id, handle: handle.to_owned() },
        tokens: Tokens {
            access: Secret::new(grant.access_token),
            refresh: grant.refresh_token.map(Secret::new),
            expires_at: Some(now.plus(Duration::from_secs(grant.expires_in))),
            scopes: scopes.join(" "),
        },
        mode: Mode::Mirror,
        topic: None,
    }
}

fn app_keys() -> AppKeys {
    AppKeys {
        client_id: CLIENT_ID.to_owned(),
        client_secret: Some(Secret::new(CLIENT_SECRET)),
        api_key: Some(Secret::new(CONSUMER_KEY)),
        signing_secret: Secret::new(CONSUMER_SECRET),
        earlier_signing_secret: None,
        app_token: Some(Secret::new(BEARER_TOKEN)),
        may_answer_late: false,
    }
}

/// The twin of the demo, in `folder`, reached at `address` (without a slash at the end).
pub fn twin(folder: &Path, address: &str, clock: Clock) -> Settings {
    Settings {
        state: folder.join("x.jsonl"),
        public_url: address.to_owned(),
        clock,
        account: Account { id: ACCOUNT_ID, handle: HANDLE.to_owned(), name: "Acme".to_owned() },
        access_token: ACCESS_TOKEN.to_owned(),
        bearer_token: BEARER_TOKEN.to_owned(),
        client_id: CLIENT_ID.to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        consumer_key: CONSUMER_KEY.to_owned(),
        consumer_secret: CONSUMER_SECRET.to_owned(),
        read_back_lag: READ_BACK_LAG,
    }
}
