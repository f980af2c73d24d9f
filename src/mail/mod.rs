//! Mail: what leaves this house by e-mail, through an outbox like what goes to the networks.
//!
//! Whoever has something to mail posts it in the transaction of what it tells of; a loop hands it to the site's mail server.
//! Once that server has taken a mail it is never handed over again, and its words are forgotten; while it has not, it is tried
//! again. Owns the table
//! `mail`. Knows no slice: what a mail says, and whether somebody wants it, is decided by who posts it.

mod letter;
mod message;
mod outbox;
pub mod page;
mod relay;
mod state;
mod store;
mod words;

pub use letter::Letter;
pub use outbox::start;
pub use relay::{Relay, Security};
pub use state::State;
pub use store::{MailRow, again, count_stuck, find, forget, give_up, list_newest, post, prune};

use lettre::message::Mailbox;
use tokio::sync::Notify;

use crate::db::id_type;

id_type!(
    /// The id of a mail.
    MailId
);

/// A mail to be posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMail {
    /// The id of a member, of whom mail knows nothing else. `None`: to somebody who has no account yet.
    pub to: Option<i64>,
    /// What it tells of, as in `notice-12`: nobody is mailed the same twice.
    pub event: String,
    pub address: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// Mails with the same word are one conversation in the reader's program, as in `question-12`.
    pub thread: Option<String>,
    /// The address at which its reader can stop such mails with one click; `None`: of mails that were asked for.
    pub unsubscribe: Option<String>,
}

/// Where mail goes.
#[derive(Clone, Debug)]
pub enum Way {
    /// No mail server is set: nothing can be mailed, and nobody is asked to confirm an address.
    None,
    /// A page of the demo shows it; it goes nowhere.
    Page,
    Server {
        relay: Relay,
        from: Mailbox,
    },
}

/// The way out of this process, and what wakes its loop.
pub struct Mail {
    pub way: Way,
    pub wake: Notify,
}

impl Mail {
    pub fn new(way: Way) -> Self {
        Self { way, wake: Notify::new() }
    }

    /// Whether a mail would reach anybody.
    pub fn is_on(&self) -> bool {
        !matches!(self.way, Way::None)
    }
}
