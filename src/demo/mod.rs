//! The demo: a made-up company on the real product, with twins of X and of Facebook beside it.
//!
//! Owns the demo's folder and its content. Everything it shows came about through the product's own functions and the
//! twins' real paths; it writes no table. `serve` knows of it only that a folder is one.

mod colleagues;
mod company;
pub mod facebook;
pub mod folder;
mod photo;
mod play;
pub mod replay;
mod rooms;
mod stage;
mod step;
pub mod x;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

pub use company::{Company, Login, StoryError};
pub use play::{Listeners, PlayError, people, play};

use crate::config::{Bridge, Config, FacebookPlace, LEAST_BETWEEN_MESSAGES, Server, Site, XPlace};
use crate::db::Place;
use crate::posts::Origin;
use crate::web::client::Proxies;

/// How the company's account is called on either network.
pub const HANDLE: &str = "acme";
const NAME: &str = "Acme";
/// How long a twin keeps the company's own new posts out of its lists, as its network does.
const READ_BACK_LAG: Duration = Duration::from_secs(2);
const WORKERS: usize = 2;
/// In the story the poller looks this often; each look moves the clock as far.
const POLL_EVERY: Duration = Duration::from_secs(1);

/// Where the twins are: their addresses, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twins {
    pub x: String,
    pub facebook: String,
}

/// The forum of the demo, in `folder`, speaking to the twins.
pub fn config(folder: &Path, database: Option<Place>, bind: SocketAddr, twins: &Twins) -> Config {
    Config {
        site: Site { name: "Acme Help".to_owned(), address: format!("http://{bind}"), single_staff: false, demo: true },
        server: Server { bind, workers: WORKERS, trusted_proxies: Proxies::default() },
        database: database.unwrap_or_else(|| Place::Sqlite(folder.join("answerwell.db"))),
        data: folder.to_owned(),
        bridge: Bridge {
            // The twins are near: nobody should wait long to see what becomes of a lost answer.
            send_timeout: Duration::from_secs(3),
            lease: Duration::from_secs(5),
            read_back_lag: Duration::from_secs(6),
            poll_every: Duration::from_secs(15),
            read_messages_every: LEAST_BETWEEN_MESSAGES,
            undo_window: Duration::ZERO,
        },
        secret_key: None,
        x: XPlace::twin(&twins.x),
        facebook: FacebookPlace::twin(&twins.facebook),
        mail: crate::mail::Way::Page,
    }
}

/// The topic of the questions that arrive from a network, until staff sort them.
fn inbound_topic(network: Origin) -> &'static str {
    match network {
        Origin::X => "from-x",
        Origin::Facebook => "from-facebook",
    }
}
