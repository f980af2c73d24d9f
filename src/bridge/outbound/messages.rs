//! Private messages on their way out: the same deliveries as replies, with another call, another look back, and limits of
//! their own that hold up no reply.

use std::time::Duration;

use super::read_back::could_not_look;
use super::state::{self, Event, State};
use super::words;
use super::{advance, compose, take_step};
use crate::app::App;
use crate::bridge::inbound::mirror::PlaceError;
use crate::bridge::inbound::poll::note_failure;
use crate::bridge::store::deliveries::{self, Beside, DeliveryRow, Errand, NewDelivery, NewErrand};
use crate::bridge::store::remote::{self, NewAuthor, Scope};
use crate::bridge::store::{channels, limits};
use crate::bridge::view::load_authors;
use crate::bridge::{Channel, ChannelId, RemotePostId};
use crate::clock::Millis;
use crate::db::{Conn, DbError, Tx};
use crate::jobs::Progress;
use crate::members::MemberId;
use crate::networks::watch::{Caller, Endpoint};
use crate::networks::{Addressee, Failure, Outcome, RemoteMessage};
use crate::posts::RemoteAuthorId;
use crate::private::{self, PrivateMessageId, PrivateThread, PrivateThreadId};

/// Writes a message into a private thread and puts it into the outbox. Its writer must have seen the newest message of
/// the thread, and may take it back for so long. Call `Bridge::wake_outbox` after it.
pub fn write(
    tx: &mut Tx<'_>,
    thread: &PrivateThread,
    text: String,
    by: MemberId,
    (now, window): (Millis, Duration),
) -> Result<PrivateMessageId, DbError> {
    let channel_id = ChannelId(thread.channel_id);
    let id = private::write(tx, thread.id, &text, by, now)?;
    let state = state::first(now, window);
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
pub(super) async fn send(
    app: &App,
    channel: &Channel,
    id: PrivateMessageId,
    row: &DeliveryRow,
) -> Result<Outcome, DbError> {
    let Some(to) = app.db.read(move |conn| find_addressee(conn, id)).await? else {
        return Ok(Outcome::Refused { reason: words::ADDRESSEE_IS_GONE.to_owned() });
    };
    Ok(channel.account.message(to.addressee(), &row.text, &row.key()).await)
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
        Outcome::Accepted { remote_id, person } => {
            let (remote_id, person, now) = (remote_id.clone(), person.clone(), app.clock.now());
            app.db
                .write(move |tx| {
                    if let Some(person) = person {
                        meet(tx, channel, id, &person, now)?;
                    }
                    private::name(tx, id, &remote_id)
                })
                .await?;
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
    let Some(to) = app.db.read(move |conn| find_addressee(conn, id)).await? else {
        advance(app, row, Event::NotSeen, Beside::default()).await?;
        return Ok(Progress::Idle);
    };
    let Some(person) = to.person else { return look_at_post(app, channel, row, &to).await };
    let with = to.with;
    let page = match channel.account.messages_with(&person).await {
        Ok(page) => page,
        Err(failure) => {
            if let Failure::ChannelBroken(..) | Failure::TokenRefused(_) = failure {
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

/// Looks for the first message to the author of a post: nobody knows them as a person yet, but the network knows whether
/// they were written to. What it was cannot be read, so another's word from the network's own app would count as ours.
async fn look_at_post(app: &App, channel: &Channel, row: DeliveryRow, to: &To) -> Result<Progress, DbError> {
    let Some(post) = &to.post else {
        advance(app, row, Event::NotSeen, Beside::default()).await?;
        return Ok(Progress::Idle);
    };
    match channel.account.was_written_to(post).await {
        Ok(true) => {
            let by_a_person = Event::Posted { remote_id: None };
            advance(app, row, by_a_person, Beside::default()).await?;
            Ok(Progress::More)
        }
        Ok(false) => {
            advance(app, row, Event::NotSeen, Beside::default()).await?;
            Ok(Progress::More)
        }
        Err(failure) => {
            if let Failure::ChannelBroken(..) | Failure::TokenRefused(_) = failure {
                note_failure(app, channel, &failure).await?;
            }
            could_not_look(app, row, &failure).await
        }
    }
}

/// The network named the person whom a message to the author of a post went to: from now on it is a conversation with
/// them, the one that is here already where there is one.
fn meet(tx: &mut Tx<'_>, channel: ChannelId, id: PrivateMessageId, person: &str, now: Millis) -> Result<(), DbError> {
    let Some(to) = find_addressee(tx, id)?.filter(|to| to.person.is_none()) else { return Ok(()) };
    let origin = channels::load(tx, channel)?.network;
    let known = load_authors(tx, &[to.with])?.remove(&to.with);
    let name = known.map(|card| card.name).unwrap_or_default();
    let author = NewAuthor { remote_id: person, handle: "", name: &name, followers: None, picture_url: None };
    let with = remote::upsert_author(tx, Scope::of(origin), &author, now)?;
    private::meet(tx, to.thread, with, person)
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
    let candidates = match &message.key {
        // The network says which one it is, whomever it was for.
        Some(key) => deliveries::list_open_messages(tx, channel)?.into_iter().filter(|row| row.key() == *key).collect(),
        None => list_open_to(tx, channel, with)?,
    };
    if let Some(id) = deliveries::find_sent_message(tx, channel, &message.id)? {
        private::name(tx, id, &message.id)?;
        return Ok(true);
    }
    let by_key = message.key.as_ref().and_then(|_| candidates.first());
    let Some(row) = by_key.or_else(|| which(message, &candidates)) else {
        // Of one that is under way nobody knows yet under which words it stands there.
        let may_be = |row: &DeliveryRow| is_sending(row) && compose::is_not_before(message.sent_at, row);
        return if candidates.iter().any(may_be) { Err(PlaceError::Undecided) } else { Ok(false) };
    };
    let Errand::Message(id) = row.errand else { return Ok(false) };
    if is_sending(row) {
        return Err(PlaceError::Undecided);
    }
    let seen = Event::Seen { remote_id: message.id.clone() };
    match take_step(tx, row, &seen, &Beside::default(), now, Duration::ZERO)? {
        Ok(true) => {
            meet(tx, channel, id, &message.with.id, now)?;
            private::name(tx, id, &message.id)?;
        }
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

/// Whom a message goes to.
struct To {
    thread: PrivateThreadId,
    /// As we know them.
    with: RemoteAuthorId,
    /// As the network does; `None`: only as the author of a post.
    person: Option<String>,
    /// The remote id of the post whose author they are, where that is how we came to write to them.
    post: Option<String>,
    /// When they wrote to us last.
    wrote_at: Option<Millis>,
}

impl To {
    fn addressee(&self) -> Addressee<'_> {
        match (&self.person, &self.post) {
            (None, Some(post)) => Addressee::AuthorOf { post },
            (person, _) => Addressee::Person { id: person.as_deref().unwrap_or_default(), wrote_at: self.wrote_at },
        }
    }
}

fn find_addressee(conn: &mut Conn, id: PrivateMessageId) -> Result<Option<To>, DbError> {
    let Some(to) = private::list_addressees(conn, &[id])?.remove(&id) else { return Ok(None) };
    let post = match to.about {
        Some(about) => Some(remote::load(conn, RemotePostId(about))?.remote_id),
        None => None,
    };
    let person = match to.is_met {
        true => remote::find_author_remote_id(conn, to.with)?,
        false => None,
    };
    let wrote_at = private::last_word(conn, to.thread_id)?;
    Ok(Some(To { thread: to.thread_id, with: to.with, person, post, wrote_at }))
}
