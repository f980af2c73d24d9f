//! Private messages on their way out: the same deliveries as replies, with another call, another look back, and limits of
//! their own that hold up no reply.

use super::read_back::could_not_look;
use super::state::{Event, State};
use super::{advance, compose, take_step};
use crate::app::App;
use crate::bridge::inbound::mirror::PlaceError;
use crate::bridge::inbound::poll::note_failure;
use crate::bridge::store::deliveries::{self, Beside, DeliveryRow, Errand, NewDelivery, NewErrand};
use crate::bridge::store::{channels, limits, remote};
use crate::bridge::{Channel, ChannelId};
use crate::clock::Millis;
use crate::db::{Conn, DbError, Tx};
use crate::jobs::Progress;
use crate::members::MemberId;
use crate::networks::watch::{Caller, Endpoint};
use crate::networks::{Failure, Outcome, RemoteMessage};
use crate::posts::RemoteAuthorId;
use crate::private::{self, PrivateMessageId, PrivateThread};

/// Writes a message into a private thread and puts it into the outbox. Its writer must have seen the newest message of
/// the thread. Call `Bridge::wake_outbox` after it.
pub fn write(
    tx: &mut Tx<'_>,
    thread: &PrivateThread,
    text: String,
    by: MemberId,
    now: Millis,
) -> Result<PrivateMessageId, DbError> {
    let channel_id = ChannelId(thread.channel_id);
    let id = private::write(tx, thread.id, &text, by, now)?;
    let state = State::Queued { due: now, reason: None };
    let new = NewDelivery { channel_id, errand: NewErrand::Message(id), text, state, created_by: by };
    deliveries::insert(tx, &new, now)?;
    Ok(id)
}

/// Until when the network takes no private message of this channel's; `None`: it takes one now.
pub fn closed_until(conn: &mut Conn, channel: ChannelId, now: Millis) -> Result<Option<Millis>, DbError> {
    let paused = channels::list_messages_paused(conn, now)?.into_iter().find(|(id, _)| *id == channel);
    let used_up = limits::closed_until(conn, channel, Endpoint::MessageSend, Caller::Account, now)?;
    Ok(paused.map(|(_, until)| until).max(used_up))
}

/// Sends a message, once.
pub(super) async fn send(app: &App, channel: &Channel, id: PrivateMessageId, text: &str) -> Result<Outcome, DbError> {
    match app.db.read(move |conn| find_person(conn, id)).await? {
        Some((_, person)) => Ok(channel.account.message(&person, text).await),
        None => Ok(Outcome::Refused { reason: "The person it was for is not known here any more.".to_owned() }),
    }
}

/// What an outcome means beyond its delivery. A limit of private messages holds up these alone; `false`: it says
/// something of the whole channel, too.
pub(super) async fn note_outcome(
    app: &App,
    channel: ChannelId,
    id: PrivateMessageId,
    outcome: &Outcome,
) -> Result<bool, DbError> {
    match outcome {
        Outcome::Accepted { remote_id } => {
            let remote_id = remote_id.clone();
            app.db.write(move |tx| private::name(tx, id, &remote_id)).await?;
            Ok(false)
        }
        Outcome::RetryAfter { wait, .. } if !wait.is_zero() => {
            let until = app.clock.now().plus(*wait);
            app.db.write(move |tx| channels::pause_messages(tx, channel, until)).await?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Looks for a message of unknown fate in its conversation.
pub(super) async fn look(
    app: &App,
    channel: &Channel,
    row: DeliveryRow,
    id: PrivateMessageId,
) -> Result<Progress, DbError> {
    let Some((with, person)) = app.db.read(move |conn| find_person(conn, id)).await? else {
        advance(app, row, Event::NotSeen, Beside::default()).await?;
        return Ok(Progress::Idle);
    };
    let page = match channel.account.messages_with(&person).await {
        Ok(page) => page,
        Err(failure) => {
            if let Failure::ChannelBroken(_) | Failure::TokenRefused(_) = failure {
                note_failure(app, channel, &failure).await?;
            }
            return could_not_look(app, row, &failure).await;
        }
    };
    let channel_id = channel.id;
    let (candidates, ours) = app
        .db
        .read(move |conn| {
            let mut ours = Vec::new();
            for message in page.messages.into_iter().filter(|message| message.ours) {
                if !is_taken(conn, channel_id, &message.id)? {
                    ours.push(message);
                }
            }
            Ok::<_, DbError>((list_open_to(conn, channel_id, with)?, ours))
        })
        .await?;
    let found = ours.iter().find(|message| which(message, &candidates).is_some_and(|one| one.id == row.id));
    // The same words are under way a second time: whose a message is will be clear in a moment.
    if found.is_some_and(|message| which(message, &candidates).is_some_and(is_sending)) {
        return Ok(Progress::Idle);
    }
    let Some(remote_id) = found.map(|message| message.id.clone()) else {
        advance(app, row, Event::NotSeen, Beside::default()).await?;
        return Ok(Progress::More);
    };
    if advance(app, row, Event::Seen { remote_id: remote_id.clone() }, Beside::default()).await? {
        app.db.write(move |tx| private::name(tx, id, &remote_id)).await?;
    }
    Ok(Progress::More)
}

/// A message of ours came back: if it is a delivery, that is settled and named, and `true` comes back. `false`: a
/// colleague wrote it in the network's own app.
pub(in crate::bridge) fn recognise(
    tx: &mut Tx<'_>,
    channel: ChannelId,
    with: RemoteAuthorId,
    message: &RemoteMessage,
    now: Millis,
) -> Result<bool, PlaceError> {
    // The candidates first: an acceptance that is recorded between the two reads is then seen by the second.
    let candidates = list_open_to(tx, channel, with)?;
    if let Some(id) = deliveries::find_sent_message(tx, channel, &message.id)? {
        private::name(tx, id, &message.id)?;
        return Ok(true);
    }
    let Some(row) = which(message, &candidates) else {
        // Of one that is under way nobody knows yet under which words it stands there.
        let may_be = |row: &DeliveryRow| is_sending(row) && compose::is_not_before(message.sent_at, row);
        return if candidates.iter().any(may_be) { Err(PlaceError::Undecided) } else { Ok(false) };
    };
    let Errand::Message(id) = row.errand else { return Ok(false) };
    if is_sending(row) {
        return Err(PlaceError::Undecided);
    }
    let seen = Event::Seen { remote_id: message.id.clone() };
    match take_step(tx, row, &seen, &Beside::default(), now, std::time::Duration::ZERO)? {
        Ok(true) => private::name(tx, id, &message.id)?,
        // Somebody moved it meanwhile: it is read anew.
        _ => return Err(PlaceError::Undecided),
    }
    Ok(true)
}

fn is_sending(row: &DeliveryRow) -> bool {
    matches!(row.state, State::Sending { .. })
}

/// Which of these deliveries a message of ours is: it says the same, and was not there before the delivery was. Without
/// a parent to go by, words that differ are another message.
fn which<'a>(message: &RemoteMessage, candidates: &'a [DeliveryRow]) -> Option<&'a DeliveryRow> {
    candidates
        .iter()
        .find(|row| compose::is_not_before(message.sent_at, row) && compose::same_words(&message.text, &row.text))
}

/// The deliveries to one person whose fate may still turn out.
fn list_open_to(conn: &mut Conn, channel: ChannelId, with: RemoteAuthorId) -> Result<Vec<DeliveryRow>, DbError> {
    let open = deliveries::list_open_messages(conn, channel)?;
    let id_of = |row: &DeliveryRow| match row.errand {
        Errand::Message(id) => Some(id),
        Errand::Reply(_) => None,
    };
    let ids: Vec<PrivateMessageId> = open.iter().filter_map(id_of).collect();
    let addressees = private::list_addressees(conn, &ids)?;
    let to_them = |row: &DeliveryRow| id_of(row).and_then(|id| addressees.get(&id)).is_some_and(|to| to.with == with);
    Ok(open.into_iter().filter(to_them).collect())
}

/// Whether this message is known already: as a delivery, or as a colleague's.
fn is_taken(conn: &mut Conn, channel: ChannelId, remote_id: &str) -> Result<bool, DbError> {
    Ok(deliveries::find_sent_message(conn, channel, remote_id)?.is_some()
        || private::is_known(conn, channel.0, remote_id)?)
}

/// Whom a message goes to: as we know them, and as the network does.
fn find_person(conn: &mut Conn, id: PrivateMessageId) -> Result<Option<(RemoteAuthorId, String)>, DbError> {
    let Some(to) = private::list_addressees(conn, &[id])?.remove(&id) else { return Ok(None) };
    Ok(remote::find_author_remote_id(conn, to.with)?.map(|person| (to.with, person)))
}
