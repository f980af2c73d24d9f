//! Private messages on the desk: who wrote to us, what was said, and the form that answers. Nothing here is reached, or
//! loaded, without a `Staff`.

pub mod begin;
pub mod list;
mod may;
pub mod reply;
pub mod thread;

use crate::bridge::view::RemoteCard;

/// How somebody is called whose name the network did not say.
pub(super) fn name_of(author: Option<&RemoteCard>) -> &str {
    match author {
        Some(card) if !card.name.is_empty() => &card.name,
        Some(card) if !card.handle.is_empty() => &card.handle,
        _ => "somebody",
    }
}

/// The address that counts a message of this channel while it is typed.
fn count_url(channel: i64) -> String {
    format!("/desk/private/count?channel={channel}")
}
