//! X, by its API v2: one account of ours on it, read and answered.
//!
//! `network` and `account` are what the bridge asks of it. `wire` is X's JSON, `parse` makes neutral posts of it, `messages`
//! neutral private messages, `text` makes text for people, `client` makes the calls, `outcome` says what an answer means,
//! `media` what it means for a picture of ours, `observe` what it cost, `length` measures, `query` checks searches,
//! `webhook` proves who is calling, `older` reads what X's older API sends, `ids` reads ids, `connect` and `tend` make and
//! keep the connection. Everything but the calls is pure: it works on bytes that were stored earlier just as well. Knows no
//! question and no database.

mod account;
mod client;
mod connect;
mod ids;
mod length;
mod media;
mod messages;
mod network;
mod observe;
mod older;
mod outcome;
mod parse;
mod query;
mod tend;
mod text;
mod webhook;
mod wire;
mod words;

use std::time::Duration;

pub use connect::SCOPES;
pub use network::{XNetwork, XPlace};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::Us;
use super::http::Guarded;
use super::watch::Watch;
use crate::clock::Clock;
use crate::secret::Secret;

pub use ids::{id_at, time_of};
pub use length::LIMIT as EVERYBODYS_LONGEST;
pub use words::BY_HAND;

/// What an account must have granted for pictures to be uploaded.
pub const PICTURES_SCOPE: &str = "media.write";
/// How far back X searches: seven days; an hour less is safe whatever its clock says.
pub const SEARCHED: Duration = Duration::from_secs((7 * 24 - 1) * 3600);
/// Where X's API lives, if the configuration does not say.
pub const BASE_URL: &str = "https://api.x.com";
/// Where X's own pages live, if the configuration does not say.
pub const WEB_URL: &str = "https://x.com";
/// The header that carries the signature of a webhook's body.
pub const SIGNATURE_HEADER: &str = "x-twitter-webhooks-signature";

/// One channel's connection to X. Clones share connections.
#[derive(Clone, Debug)]
pub struct X {
    pub http: Guarded,
    /// Of the API, without a trailing slash.
    pub base_url: String,
    /// Of X's own pages, without a trailing slash.
    pub web_url: String,
    pub account: Us,
    /// The longest post that X lets it write, in weighted characters; [`EVERYBODYS_LONGEST`] unless X said more.
    pub longest_post: usize,
    /// The account's own (user context) token: reads what is addressed to us and sends.
    pub access_token: Secret,
    /// The app's token, used for public reads where there is one, to spare the account's limits.
    pub bearer_token: Option<Secret>,
    pub clock: Clock,
    /// Sees every call.
    pub watch: Watch,
}

/// X's own page (on `web_url`) for writing a reply by hand, with the text filled in.
pub fn intent_url(web_url: &str, parent: &str, text: &str) -> String {
    format!("{web_url}/intent/tweet?in_reply_to={}&text={}", encoded(parent), encoded(text))
}

/// Whether X would take something in this text for an address, which makes the post dearer.
pub fn holds_link(text: &str) -> bool {
    length::holds_address(text)
}

fn encoded(text: &str) -> String {
    const KEPT: percent_encoding::AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, &KEPT).to_string()
}

#[cfg(test)]
mod tests;
