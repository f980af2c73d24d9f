//! Facebook Pages and Messenger, by the Graph API: one page of ours, read and answered.
//!
//! `network` is what the bridge asks of Facebook and `account` what it asks of a page of ours; `read` reads what stands there,
//! `client` makes the calls, `connect` gets and looks into tokens, `look` finds out how a connection is. Pure, and as good
//! on bytes that were stored earlier: `wire` is Facebook's JSON, `cut` divides a webhook's body by pages, `events` reads it,
//! `parse` makes neutral posts, `messages` neutral private messages, `outcome` says what an answer means, `observe` what it
//! says of limits, `proof` proves what the app's secret proves, `places` knows ids and addresses.

mod account;
mod client;
mod connect;
mod cut;
mod events;
mod look;
mod messages;
mod network;
mod observe;
mod outcome;
mod parse;
mod places;
mod proof;
mod read;
mod wire;
mod words;

use reqwest::Url;

use self::client::Graph;
use super::AppKeys;
use super::Us;
use super::http::Guarded;
use super::watch::{Caller, Watch};
use crate::clock::Clock;
use crate::secret::Secret;

pub use words::BY_HAND;

use words::NO_SEARCH;

use words::LABEL;

/// Where Facebook is. Only the demo and the tests have it elsewhere: there it is a twin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacebookPlace {
    /// Of the Graph API, without a version and without a trailing slash.
    pub base_url: String,
    /// Of Facebook's own pages, without a trailing slash.
    pub web_url: String,
    /// Of the Graph API. Each lives about two years.
    pub version: String,
}

impl Default for FacebookPlace {
    fn default() -> Self {
        Self {
            base_url: "https://graph.facebook.com".to_owned(),
            web_url: "https://www.facebook.com".to_owned(),
            version: "v25.0".to_owned(),
        }
    }
}

impl FacebookPlace {
    /// A twin, whose API and pages share one address.
    pub fn twin(address: &str) -> Self {
        let address = address.trim_end_matches('/').to_owned();
        Self { base_url: address.clone(), web_url: address, ..Self::default() }
    }

    fn is_twin(&self) -> bool {
        !self.base_url.starts_with("https://")
    }

    /// An address of the API; the error is for administrators.
    fn address(&self, path: &[&str]) -> Result<Url, String> {
        address(&self.base_url, &self.version, path)
    }

    /// An address of Facebook's own pages that has a version, too.
    fn page(&self, path: &[&str]) -> Result<Url, String> {
        address(&self.web_url, &self.version, path)
    }
}

fn address(base: &str, version: &str, path: &[&str]) -> Result<Url, String> {
    let wrong = || format!("the base address `{base}` is not one");
    let mut url = Url::parse(base).map_err(|_| wrong())?;
    url.path_segments_mut().map_err(|()| wrong())?.pop_if_empty().push(version).extend(path);
    Ok(url)
}

/// Facebook as this server reaches it.
#[derive(Clone, Debug)]
pub struct FacebookNetwork {
    pub http: Guarded,
    pub place: FacebookPlace,
    pub clock: Clock,
}

/// A page of ours that is connected.
#[derive(Clone, Debug)]
pub struct FacebookPage {
    pub us: Us,
    /// The keys of our app: without them nothing can be proven.
    keys: Option<AppKeys>,
    /// The page's own token.
    graph: Graph,
}

impl FacebookNetwork {
    /// Graph by somebody's token, watched by nobody: calls that belong to no channel.
    fn graph(&self, keys: &AppKeys, token: &Secret) -> Graph {
        Graph {
            http: self.http.clone(),
            place: self.place.clone(),
            clock: self.clock.clone(),
            token: token.clone(),
            secret: Some(keys.signing_secret.clone()),
            caller: Caller::Account,
            watch: Watch::nobody(),
        }
    }

    /// Graph by our app's own token.
    fn app_graph(&self, keys: &AppKeys) -> Graph {
        self.graph(keys, &Secret::new("")).of_app(keys)
    }
}

impl Graph {
    /// The same, by the app's own token, which is its id and secret.
    fn of_app(&self, keys: &AppKeys) -> Self {
        let token = Secret::new(format!("{}|{}", keys.client_id, keys.signing_secret.expose()));
        let secret = Some(keys.signing_secret.clone());
        Self { token, secret, caller: Caller::App, ..self.clone() }
    }
}
