//! The company on X: its account on the twin, with tokens that everybody knows.

use std::path::Path;
use std::time::Duration;

use super::{HANDLE, NAME, READ_BACK_LAG};
use crate::bridge::Mode;
use crate::bridge::access::{NewAccess, Tokens};
use crate::clock::{Clock, Millis};
use crate::networks::{AppKeys, Us};
use crate::posts::Origin;
use crate::secret::Secret;
use crate::sim::x::{Account, Grant, Settings};
use crate::topics::TopicId;

/// The company's account. A twin that runs elsewhere must have the same, and the same tokens.
pub const ACCOUNT_ID: u64 = 1_403_881_130_802_225_152;
pub const ACCESS_TOKEN: &str = "demo-access-token";
pub const BEARER_TOKEN: &str = "demo-bearer-token";
pub const CLIENT_ID: &str = "demo-client-id";
pub const CLIENT_SECRET: &str = "demo-client-secret";
pub const CONSUMER_KEY: &str = "demo-consumer-key";
pub const CONSUMER_SECRET: &str = "demo-consumer-secret";
const SCOPES: &str = "tweet.read tweet.write users.read offline.access media.write dm.read dm.write";

/// The twin, in `folder`, reached at `address` (without a slash at the end).
pub fn twin(folder: &Path, address: &str, clock: Clock) -> Settings {
    Settings {
        state: folder.join("x.jsonl"),
        public_url: address.to_owned(),
        clock,
        account: Account { id: ACCOUNT_ID, handle: HANDLE.to_owned(), name: NAME.to_owned() },
        access_token: ACCESS_TOKEN.to_owned(),
        bearer_token: BEARER_TOKEN.to_owned(),
        client_id: CLIENT_ID.to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        consumer_key: CONSUMER_KEY.to_owned(),
        consumer_secret: CONSUMER_SECRET.to_owned(),
        read_back_lag: READ_BACK_LAG,
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

/// The access of another brand, by what the consent page gave for it at `now`.
pub(super) fn brand_access(id: String, handle: &str, grant: Grant, scopes: &[&str], now: Millis) -> NewAccess {
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
