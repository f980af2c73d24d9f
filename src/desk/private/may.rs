//! Whether a message may be written into a private conversation now: what its page says before anybody types, and what
//! the handler of its form holds to.

use crate::app::App;
use crate::bridge::outbound::private_word;
use crate::bridge::view::load_message_deliveries;
use crate::bridge::{ChannelId, RemotePostId, Window};
use crate::clock::Millis;
use crate::db::{Conn, DbError};
use crate::desk::words;
use crate::members::Staff;
use crate::private::{self, PrivateThread, Side};

/// What may be done in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum May {
    /// `None`: for as long as one likes.
    Write { until: Option<Millis> },
    /// The author of a post was written to once, and must answer first.
    WaitForThem,
    /// They were not written to while the network allowed it.
    TooLate { since: Millis },
    /// They must write first. When that came; `None`: they never wrote.
    Closed { since: Option<Millis> },
}

impl May {
    pub fn is_open(self) -> bool {
        matches!(self, Self::Write { .. })
    }

    /// Why nothing may be written, where that is so.
    pub fn refusal(self, network: &str) -> Option<String> {
        match self {
            Self::Write { .. } => None,
            Self::WaitForThem => Some(words::once_only(network)),
            Self::TooLate { since } => Some(words::allowed_until(network, &since.to_words())),
            Self::Closed { since: Some(since) } => Some(words::closed_since(network, &since.to_words())),
            Self::Closed { since: None } => Some(words::not_before_they_wrote(network)),
        }
    }
}

/// Reads it from the conversation as it stands. A channel that is not connected is no matter of this.
pub(super) fn load(
    conn: &mut Conn,
    app: &App,
    thread: &PrivateThread,
    reader: &Staff,
    now: Millis,
) -> Result<May, DbError> {
    let channel = ChannelId(thread.channel_id);
    let wrote_at = private::last_word(conn, thread.id)?;
    if let (Some(about), None) = (thread.about, wrote_at) {
        if stands(conn, thread, reader)? {
            return Ok(May::WaitForThem);
        }
        let occasion = private_word::find(conn, &app.bridge, RemotePostId(about))?;
        return Ok(match occasion {
            Some(occasion) if occasion.is_open(now) => May::Write { until: occasion.until },
            Some(occasion) => May::TooLate { since: occasion.until.unwrap_or(now) },
            None => May::TooLate { since: now },
        });
    }
    Ok(match app.bridge.message_window(channel, wrote_at, now) {
        Some(Window::Closed { since }) => May::Closed { since: wrote_at.map(|_| since) },
        Some(Window::Open { until }) => May::Write { until },
        None => May::Write { until: None },
    })
}

/// Whether a word of ours stands there, may stand there or may still go there.
fn stands(conn: &mut Conn, thread: &PrivateThread, reader: &Staff) -> Result<bool, DbError> {
    let (messages, _) = private::list_messages(conn, thread.id, reader)?;
    let ours: Vec<_> = messages.iter().filter(|one| one.side == Side::Ours && !one.withdrawn).collect();
    let ids: Vec<_> = ours.iter().map(|one| one.id).collect();
    let deliveries = load_message_deliveries(conn, &ids, reader)?;
    Ok(ids.iter().any(|id| deliveries.get(id).is_none_or(|delivery| !delivery.is_given_up())))
}
