//! The desk: what waits for staff, and the forms with which they verify, send, ask back and decide.
//!
//! Owns no table. Every act is one transaction over the slices that own what it changes; nothing is sent here: the bridge
//! gets a text and a target in the transaction that writes what they carry.

mod also;
pub mod approve;
mod attach;
mod card;
pub mod decide;
pub mod hand_in;
pub mod hide;
pub mod insert;
mod leaving;
pub mod lists;
pub mod live;
pub mod merge;
pub mod notes;
mod preview;
pub mod private;
pub mod queue;
pub mod recheck;
pub mod releases;
pub mod results;
pub mod review;
pub mod same;
pub mod save;
pub mod searches;
pub mod suggest;
pub mod talk;
pub mod thread;
pub mod undo;
pub mod verify;
mod words;
mod writing;

pub use preview::count;

use queue::Filter;
use serde::Deserialize;
use undo::Undo;

use crate::bridge::Bridge;
use crate::bridge::outbound::Target;
use crate::drafts::DraftId;
use crate::macros::find_unfilled;
use crate::private::PrivateMessageId;
use crate::web::Problems;
use crate::web::form::clean;

/// How a page of the desk is asked for after a button.
#[derive(Deserialize)]
pub struct Pressed {
    faster: Option<String>,
    /// Undo was pressed: what was written is in the form again, or had left.
    undone: Option<String>,
    left: Option<String>,
    /// A draft that is opened for approval.
    draft: Option<DraftId>,
    /// A private message that was taken back: its words are in the form again.
    again: Option<PrivateMessageId>,
    /// The verification whose words are put into the reply; 0: none.
    #[serde(default)]
    take: i64,
    /// The list of the queue that stands beside the page.
    #[serde(default)]
    queue: String,
    #[serde(default)]
    did: String,
    /// Of a long thread: so many parts back from its end.
    #[serde(default)]
    back: usize,
}

impl Pressed {
    /// Somebody or something was faster, and the button changed nothing: the page says so.
    fn was_late(&self) -> bool {
        self.faster.is_some()
    }

    fn undo(&self) -> Option<Undo> {
        match (&self.undone, &self.left) {
            (_, Some(_)) => Some(Undo::Left),
            (Some(_), None) => Some(Undo::Done),
            (None, None) => None,
        }
    }

    /// What a button before the page did, in words.
    fn told(&self) -> Option<String> {
        queue::act::told(&self.did)
    }

    fn filter(&self) -> Filter {
        Filter::parse(&self.queue)
    }
}

/// Checks a text that is to leave by the rule of its network. It is never cut: what is too long is for a person to
/// shorten.
fn check_outgoing(
    problems: &mut Problems,
    bridge: &Bridge,
    target: &Target,
    field: &'static str,
    name: &str,
    text: &str,
) -> String {
    let (text, network) = (clean(text), target.origin.label());
    let length = bridge.length(target.channel_id, &text);
    if bridge.account_of(target.channel_id).is_none() {
        problems.add(field, words::cannot_go(name, network));
    } else if let Some(open) = find_unfilled(&text) {
        problems.add(field, words::still_holds(name, open));
    } else if text.is_empty() {
        problems.add(field, words::nothing_to_post(name, network));
    } else if !length.fits() {
        problems.add(field, words::too_long(name, length.used, network, length.limit, length.over()));
    }
    text
}
