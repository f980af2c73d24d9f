//! Hiding a post of somebody else on its network, from the desk, or showing it there again. What the network accepted is
//! followed here at once; whatever else it says comes back in words for who pressed the button.
//!
//! No delivery: hiding twice does no harm, so that a lost answer costs nothing but another press.

use super::words;
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::bridge::inbound::hiding;
use crate::bridge::inbound::poll::note_failure;
use crate::bridge::store::channels;
use crate::bridge::store::remote::{self, Fate, RemoteRow};
use crate::bridge::{Channel, ChannelId, RemotePostId, view};
use crate::clock::Millis;
use crate::db::{Conn, DbError, Tx};
use crate::members::MemberId;
use crate::networks::{Failure, Outcome};

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hiding {
    Done,
    /// Nothing was changed here, and the words say why and what to do.
    NotDone(String),
}

/// The thread that a stored post belongs to; `None`: to none.
pub fn find_thread(conn: &mut Conn, post: RemotePostId) -> Result<Option<i64>, DbError> {
    Ok(remote::find_by_id(conn, post)?.and_then(|row| row.question_id))
}

/// Hides a post on its network, or shows it again, and here with it.
pub async fn hide(app: &App, post: RemotePostId, hidden: bool, by: MemberId) -> Result<Hiding, DbError> {
    let Some((row, ours)) = app.db.read(move |conn| load(conn, post)).await? else {
        return Ok(not_done(words::POST_IS_GONE));
    };
    let Some(channel) = app.bridge.channel(row.channel_id) else {
        return Ok(not_done(words::NOT_CONNECTED));
    };
    let network = channel.origin.label();
    if !channel.abilities().hides || ours {
        return Ok(Hiding::NotDone(words::hides_only_others(network)));
    }
    if row.hidden_at.is_some() == hidden {
        return Ok(Hiding::Done);
    }
    let outcome = channel.account.hide(&row.remote_id, hidden).await;
    if let Outcome::Accepted { .. } = outcome {
        let (id, now) = (row.channel_id, app.clock.now());
        app.db
            .write(move |tx| {
                follow(tx, id, post, hidden, now)?;
                let words = if hidden { "hidden" } else { "shown again" }.to_owned();
                let line = Entry::new(by, Act::HideOnNetwork, format!("remote-post-{post}"), now);
                audit::record(tx, &Entry { question_id: row.question_id, words, ..line })
            })
            .await?;
        return Ok(Hiding::Done);
    }
    note_broken(app, &channel, &outcome).await?;
    Ok(Hiding::NotDone(in_words(network, &outcome, hidden)))
}

fn not_done(words: &str) -> Hiding {
    Hiding::NotDone(words.to_owned())
}

/// The post, where it still stands, and whether it is our own.
fn load(conn: &mut Conn, post: RemotePostId) -> Result<Option<(RemoteRow, bool)>, DbError> {
    let found = remote::find_by_id(conn, post)?;
    let Some(row) = found.filter(|row| matches!(row.fate, Fate::Mirrored | Fate::Held)) else { return Ok(None) };
    let ours = match row.author {
        Some(author) => view::load_authors(conn, &[author])?.values().any(|card| card.ours),
        None => false,
    };
    Ok(Some((row, ours)))
}

fn follow(tx: &mut Tx<'_>, channel: ChannelId, post: RemotePostId, hidden: bool, now: Millis) -> Result<(), DbError> {
    channels::hold(tx, channel)?;
    let row = remote::load(tx, post)?;
    hiding::follow(tx, &row, hidden, now)
}

/// An access that ended is renewed, or an administrator told, as after every other call.
async fn note_broken(app: &App, channel: &Channel, outcome: &Outcome) -> Result<(), DbError> {
    match outcome {
        Outcome::ChannelBroken { mend, reason } => {
            note_failure(app, channel, &Failure::ChannelBroken(*mend, reason.clone())).await
        }
        Outcome::TokenRefused { reason } => note_failure(app, channel, &Failure::TokenRefused(reason.clone())).await,
        _ => Ok(()),
    }
}

fn in_words(network: &str, outcome: &Outcome, hidden: bool) -> String {
    let (verb, there) = if hidden { (words::HIDDEN, words::HIDE_IT) } else { (words::SHOWN_AGAIN, words::SHOW_IT) };
    match outcome {
        Outcome::Accepted { .. } => words::is_done(verb, network),
        Outcome::RetryAfter { wait, reason } => {
            let minutes = wait.as_secs().div_ceil(60).max(1);
            words::not_said(network, verb, reason, minutes)
        }
        Outcome::Unreachable { reason } => words::no_answer(verb, network, reason, there),
        Outcome::Refused { reason } => words::not_done(network, reason),
        Outcome::ByHand { reason } => words::by_hand(network, reason, there),
        Outcome::ChannelBroken { reason, .. } | Outcome::TokenRefused { reason } => {
            words::no_access(verb, network, reason)
        }
        Outcome::Unknown { reason, .. } => words::perhaps(verb, network, reason),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::networks::Mend;

    #[test]
    fn every_outcome_says_what_to_do() {
        let reason = || "No luck.".to_owned();
        for outcome in [
            Outcome::RetryAfter { wait: Duration::from_secs(90), reason: reason() },
            Outcome::Unreachable { reason: reason() },
            Outcome::Refused { reason: reason() },
            Outcome::ByHand { reason: reason() },
            Outcome::ChannelBroken { mend: Mend::Connect, reason: reason() },
            Outcome::TokenRefused { reason: reason() },
            Outcome::Unknown { reason: reason(), there: false },
        ] {
            for hidden in [true, false] {
                let words = in_words("Facebook", &outcome, hidden);
                assert!(words.contains("No luck.") && words.contains("Facebook"), "{words}");
            }
        }
        let wait = Outcome::RetryAfter { wait: Duration::from_secs(90), reason: reason() };
        assert!(in_words("Facebook", &wait, true).ends_with("Press again in 2 min."));
    }
}
