//! What pages show of the bridge: remote authors, originals, and what went where. Reads only.

use std::collections::HashMap;

use diesel::prelude::*;

use super::outbound::pictures::Attached;
use super::outbound::state::{self, Columns, Event, Label, State};
pub use super::pictures::{PictureView, Pictures};
use super::store::channels::Health;
pub use super::store::originals::{MirrorView, ParentView, QuoteView, load_mirrors};
use super::store::remote::Scope;
use super::store::{attached, authors};
use super::store::{pictures, remote};
use super::words;
use super::{ChannelId, DeliveryId, RemotePostId};
use crate::clock::Millis;
use crate::db::schema::{channel, delivery, remote_author, remote_post};
use crate::db::{Conn, DbError, PostKind, PostRef};
use crate::members::Staff;
use crate::posts::{Called, Origin, RemoteAuthorId};
use crate::private::{self, PrivateMessageId, PrivateThreadId};

/// What is shown of a remote author beside a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteCard {
    pub id: RemoteAuthorId,
    pub origin: Origin,
    /// Without the leading `@`; empty where the network has no handles, or did not say it.
    pub handle: String,
    /// Empty where the network did not say it.
    pub name: String,
    pub followers: Option<i64>,
    /// The path of the photo as we serve it; none until it was fetched.
    pub picture: Option<String>,
    /// An account of ours: what it says, a colleague said in the network's own app.
    pub ours: bool,
}

impl RemoteCard {
    /// As a sentence names them.
    pub fn called(&self) -> Called {
        self.origin.called(&self.handle, &self.name)
    }

    /// The same in a sentence that names the network anyway.
    pub fn who(&self) -> String {
        self.called().who()
    }

    /// As they are named above their words.
    pub fn name(&self) -> &str {
        match (self.name.is_empty(), self.handle.is_empty()) {
            (false, _) => &self.name,
            (true, false) => &self.handle,
            (true, true) => "Somebody",
        }
    }

    /// With the leading `@`; `None`: there is none.
    pub fn at_handle(&self) -> Option<String> {
        (self.origin.has_handles() && !self.handle.is_empty()).then(|| format!("@{}", self.handle))
    }
}

/// One delivery as the thread and the desk show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryView {
    pub id: DeliveryId,
    pub channel_id: ChannelId,
    /// The thread it belongs to; none: a private message.
    pub question_id: Option<i64>,
    /// The private message that it carries; none: a reply for everybody to read.
    pub message: Option<(PrivateMessageId, PrivateThreadId)>,
    /// The answer it carries; none: a staff comment.
    pub answer_id: Option<i64>,
    /// The staff comment it carries; none: an answer.
    pub comment_id: Option<i64>,
    /// The post that it answers; none: a private message.
    pub target: Option<RemotePostId>,
    pub origin: Origin,
    /// Whom it answers.
    pub to: Called,
    /// Where the post that it answers stands; empty for a private message.
    pub target_url: String,
    /// The remote id of the post that it answers; of the person, for a private message.
    pub target_remote_id: String,
    pub text: String,
    /// What goes along with it, in order.
    pub pictures: Vec<Attached>,
    pub state: State,
    pub attempts: i64,
    pub sent_url: Option<String>,
    pub created_at: Millis,
    /// It waits in the queue of an account without access: only an administrator brings it further.
    pub is_stopped: bool,
}

impl DeliveryView {
    /// The state for pages: its kind for the style sheet, and the words for everybody.
    pub fn chip(&self) -> (&'static str, &'static str) {
        chip(self.state.label())
    }

    pub fn sent_at(&self) -> Option<Millis> {
        match self.state {
            State::Sent { at, .. } => Some(at),
            _ => None,
        }
    }

    /// Why it stands where it stands; for staff only.
    pub fn reason(&self) -> Option<&str> {
        match &self.state {
            State::Queued { reason, .. } => reason.as_deref(),
            State::Uncertain { reason, .. } | State::ByHand { reason } | State::Failed { reason } => Some(reason),
            State::Delayed { .. } | State::Sending { .. } | State::Sent { .. } | State::Withdrawn => None,
        }
    }

    /// Until when it may be taken back; `None`: not any more.
    pub fn undo_until(&self) -> Option<Millis> {
        match self.state {
            State::Delayed { until } => Some(until),
            _ => None,
        }
    }

    /// What is told while it may be taken back: `Leaves in 8 s`.
    pub fn leaves_in(&self, now: &Millis) -> String {
        match self.undo_until() {
            Some(until) if until > *now => words::leaves_in(until.since(*now).as_millis().div_ceil(1000)),
            _ => "Leaves now".to_owned(),
        }
    }

    /// When what was put off goes on, as the end of its story: `It is tried again at 21:23 UTC.`
    pub fn goes_on(&self, now: &Millis) -> Option<String> {
        match &self.state {
            State::Queued { .. } if self.is_stopped => Some(words::WAITS_FOR_ACCESS.to_owned()),
            State::Queued { due, reason: Some(_) } if due > now => Some(words::tried_again_at(&due.to_time())),
            State::Queued { reason: Some(_), .. } => Some(words::TRIED_AGAIN_SOON.to_owned()),
            _ => None,
        }
    }

    /// What the address of a reply of ours looks like.
    pub fn example_link(&self) -> &'static str {
        match self.origin {
            Origin::X => "https://x.com/…/status/…",
            Origin::Facebook => "https://www.facebook.com/…",
        }
    }

    /// We still look for it among our own posts.
    pub fn is_looked_for(&self) -> bool {
        matches!(self.state, State::Uncertain { look_at: Some(_), .. })
    }

    /// Nobody but a person can bring it further.
    pub fn needs_person(&self) -> bool {
        NEED_A_PERSON.contains(&self.state.label())
    }

    /// It did not go out, and does not by itself.
    pub fn is_given_up(&self) -> bool {
        matches!(self.state, State::Failed { .. } | State::Withdrawn)
    }

    /// It was posted, or may have been, or still will be.
    pub fn counts(&self) -> bool {
        self.state != State::Withdrawn
    }

    pub fn may_be_posted(&self) -> bool {
        state::allows(&self.state, &Event::Posted { remote_id: None })
    }

    pub fn may_be_sent_again(&self) -> bool {
        state::allows(&self.state, &Event::SendAgain)
    }

    pub fn may_be_withdrawn(&self) -> bool {
        state::allows(&self.state, &Event::Withdraw)
    }
}

/// A state for pages: its kind for the style sheet, and the words for everybody.
fn chip(label: Label) -> (&'static str, &'static str) {
    match label {
        Label::Delayed => ("delayed", words::DELAYED),
        Label::Queued => ("queued", words::QUEUED),
        Label::Sending => ("sending", "Being sent"),
        Label::Sent => ("sent", "Sent"),
        Label::Uncertain => ("uncertain", words::UNCERTAIN),
        Label::ByHand => ("by-hand", words::BY_HAND),
        Label::Failed => ("failed", "Not sent"),
        Label::Withdrawn => ("withdrawn", "Withdrawn"),
    }
}

pub use super::outbound::state::NEED_A_PERSON;

/// The path under which a photo is served.
pub fn picture_path(hash: &str) -> String {
    format!("/pictures/{hash}.png")
}

/// The cards of these remote authors, and which of them are accounts of ours.
pub fn load_authors(conn: &mut Conn, ids: &[RemoteAuthorId]) -> Result<HashMap<RemoteAuthorId, RemoteCard>, DbError> {
    type Row = (RemoteAuthorId, Origin, String, String, String, Option<i64>, Option<String>);
    let accounts: Vec<(Origin, String)> = channel::table.select((channel::network, channel::remote_id)).load(conn)?;
    let rows: Vec<Row> = remote_author::table
        .filter(remote_author::id.eq_any(ids))
        .select((
            remote_author::id,
            remote_author::network,
            remote_author::remote_id,
            remote_author::handle,
            remote_author::name,
            remote_author::followers,
            remote_author::picture_hash,
        ))
        .load(conn)?;
    let card = |(id, origin, remote_id, handle, name, followers, hash): Row| {
        let picture = hash.map(|hash| picture_path(&hash));
        let ours = accounts.iter().any(|(network, account)| *network == origin && *account == remote_id);
        (id, RemoteCard { id, origin, handle, name, followers, picture, ours })
    };
    Ok(rows.into_iter().map(card).collect())
}

/// The people on any network who are called so, by their name or their handle, however it is written.
pub fn list_authors_called(conn: &mut Conn, name: &str) -> Result<Vec<RemoteAuthorId>, DbError> {
    authors::list_called(conn, name)
}

/// What their authors say of the pictures of these posts; a post with several has several.
pub fn load_alts(conn: &mut Conn, posts: &[PostRef]) -> Result<Vec<(PostRef, String)>, DbError> {
    let mut alts = Vec::new();
    for kind in [PostKind::Question, PostKind::Answer, PostKind::Comment] {
        let ids: Vec<i64> = posts.iter().filter(|post| post.kind == kind).map(|post| post.id).collect();
        if !ids.is_empty() {
            let found = pictures::list_alts(conn, kind, &ids)?;
            alts.extend(found.into_iter().map(|(id, alt)| (PostRef { kind, id }, alt)));
        }
    }
    Ok(alts)
}

/// The post here that stands for a remote one, and its thread; `None`: nothing does.
pub fn find_mirror(conn: &mut Conn, origin: Origin, remote_id: &str) -> Result<Option<(PostRef, i64)>, DbError> {
    let row = remote::find(conn, Scope::of(origin), remote_id)?;
    Ok(row.and_then(|row| row.post().zip(row.question_id)))
}

/// What went where from a thread, oldest first, in one query.
pub fn load_deliveries(conn: &mut Conn, question_id: i64) -> Result<Vec<DeliveryView>, DbError> {
    list_deliveries(conn, Some(question_id), &[])
}

/// As [`load_deliveries`], of several threads, in one query.
pub fn load_deliveries_in(conn: &mut Conn, threads: &[i64]) -> Result<Vec<DeliveryView>, DbError> {
    let found: Vec<Row> = rows()
        .filter(delivery::question_id.eq_any(threads))
        .order((delivery::created_at, delivery::id))
        .select(columns())
        .load(conn)?;
    dress(conn, found)
}

/// Where these answers went, whoever asked, in one query.
pub fn load_deliveries_of(conn: &mut Conn, answers: &[i64]) -> Result<Vec<DeliveryView>, DbError> {
    let found: Vec<Row> = rows()
        .filter(delivery::answer_id.eq_any(answers))
        .order((delivery::created_at, delivery::id))
        .select(columns())
        .load(conn)?;
    dress(conn, found)
}

/// What was sent to somebody in public, or is to be, the newest first.
pub fn list_sent_to(conn: &mut Conn, author: RemoteAuthorId, limit: i64) -> Result<Vec<DeliveryView>, DbError> {
    let found: Vec<Row> = rows()
        .filter(remote_post::remote_author_id.eq(author))
        .filter(delivery::state.ne(Label::Withdrawn))
        .order((delivery::created_at.desc(), delivery::id.desc()))
        .limit(limit)
        .select(columns())
        .load(conn)?;
    dress(conn, found)
}

/// The deliveries in these states, oldest first, at most 200: what waits for a person. Private words are among them.
pub fn list_deliveries_in(conn: &mut Conn, states: &[Label], _reader: &Staff) -> Result<Vec<DeliveryView>, DbError> {
    list_deliveries(conn, None, states)
}

/// What this member has written and may still take back, the newest first, at most 20. Private words are among them.
pub fn list_leaving(conn: &mut Conn, by: &Staff, now: Millis) -> Result<Vec<DeliveryView>, DbError> {
    let found: Vec<Row> = rows()
        .filter(delivery::state.eq(Label::Delayed))
        .filter(delivery::due_at.gt(now))
        .filter(delivery::revoked_at.is_null())
        .filter(delivery::created_by.eq(by.0.id))
        .order((delivery::due_at.desc(), delivery::id.desc()))
        .limit(20)
        .select(columns())
        .load(conn)?;
    dress(conn, found)
}

/// What became of these private messages, in one query; one that a colleague wrote in the network's own app has none.
pub fn load_message_deliveries(
    conn: &mut Conn,
    messages: &[PrivateMessageId],
    _reader: &Staff,
) -> Result<HashMap<PrivateMessageId, DeliveryView>, DbError> {
    let found: Vec<Row> = rows().filter(delivery::private_message_id.eq_any(messages)).select(columns()).load(conn)?;
    let views = dress(conn, found)?;
    Ok(views.into_iter().filter_map(|view| Some((view.message?.0, view))).collect())
}

/// Deliveries that wait for their network, oldest first, at most 100: put off, or of a channel that cannot send now.
/// Private words are among them.
pub fn list_held_up(conn: &mut Conn, now: Millis, _reader: &Staff) -> Result<Vec<DeliveryView>, DbError> {
    let stopped = channel::table
        .filter(channel::state.eq(Health::Broken).or(channel::paused_until.assume_not_null().gt(now)))
        .select(channel::id);
    let found: Vec<Row> = rows()
        .filter(delivery::state.eq(Label::Queued))
        .filter(delivery::reason.is_not_null().or(delivery::channel_id.eq_any(stopped)))
        .order((delivery::created_at, delivery::id))
        .limit(100)
        .select(columns())
        .load(conn)?;
    dress(conn, found)
}

/// The channels of the deliveries that wait for their network, one entry for each delivery; without their words.
pub fn list_held_up_channels(conn: &mut Conn, now: Millis) -> Result<Vec<ChannelId>, DbError> {
    let stopped = channel::table
        .filter(channel::state.eq(Health::Broken).or(channel::paused_until.assume_not_null().gt(now)))
        .select(channel::id);
    Ok(delivery::table
        .filter(delivery::state.eq(Label::Queued))
        .filter(delivery::reason.is_not_null().or(delivery::channel_id.eq_any(stopped)))
        .select(delivery::channel_id)
        .load(conn)?)
}

/// How these deliveries stand, as their chips say it.
pub fn load_delivery_chips(
    conn: &mut Conn,
    ids: &[DeliveryId],
) -> Result<HashMap<DeliveryId, (&'static str, &'static str)>, DbError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(DeliveryId, Label)> =
        delivery::table.filter(delivery::id.eq_any(ids)).select((delivery::id, delivery::state)).load(conn)?;
    Ok(rows.into_iter().map(|(id, label)| (id, chip(label))).collect())
}

/// How many deliveries are in these states.
pub fn count_deliveries_in(conn: &mut Conn, states: &[Label]) -> Result<i64, DbError> {
    Ok(delivery::table.filter(delivery::state.eq_any(states)).count().get_result(conn)?)
}

type Row = (
    (DeliveryId, ChannelId, Option<i64>, Option<i64>, Option<i64>, Option<RemotePostId>, Option<PrivateMessageId>),
    (String, i64, Millis, Option<String>),
    (Label, Option<Millis>, Option<Millis>, Option<Millis>, Option<String>, Option<String>),
    (Option<Origin>, Option<String>, Option<String>, Option<String>, Option<String>),
);

#[diesel::dsl::auto_type(no_type_alias)]
fn rows() -> _ {
    delivery::table.left_join(remote_post::table.left_join(remote_author::table))
}

#[diesel::dsl::auto_type(no_type_alias)]
fn columns() -> _ {
    (
        (
            delivery::id,
            delivery::channel_id,
            delivery::question_id,
            delivery::answer_id,
            delivery::comment_id,
            delivery::remote_post_id,
            delivery::private_message_id,
        ),
        (delivery::text, delivery::attempts, delivery::created_at, delivery::sent_url),
        (
            delivery::state,
            delivery::due_at,
            delivery::lease_until,
            delivery::sent_at,
            delivery::sent_remote_id,
            delivery::reason,
        ),
        (
            remote_post::network.nullable(),
            remote_post::url.nullable(),
            remote_post::remote_id.nullable(),
            remote_author::handle.nullable(),
            remote_author::name.nullable(),
        ),
    )
}

fn list_deliveries(conn: &mut Conn, question_id: Option<i64>, states: &[Label]) -> Result<Vec<DeliveryView>, DbError> {
    let found: Vec<Row> = match question_id {
        Some(id) => rows()
            .filter(delivery::question_id.eq(id))
            .order((delivery::created_at, delivery::id))
            .select(columns())
            .load(conn)?,
        None => rows()
            .filter(delivery::state.eq_any(states))
            .order((delivery::created_at, delivery::id))
            .limit(200)
            .select(columns())
            .load(conn)?,
    };
    dress(conn, found)
}

/// To whom a private message goes.
type Person = (PrivateThreadId, Called, Origin, String);

fn dress(conn: &mut Conn, found: Vec<Row>) -> Result<Vec<DeliveryView>, DbError> {
    let messages: Vec<PrivateMessageId> = found.iter().filter_map(|row| row.0.6).collect();
    let people = load_people(conn, &messages)?;
    let ids: Vec<DeliveryId> = found.iter().map(|row| row.0.0).collect();
    let mut pictures: HashMap<DeliveryId, Vec<Attached>> = HashMap::new();
    for row in attached::list(conn, &ids)? {
        pictures.entry(row.delivery_id).or_default().push(Attached { hash: row.hash, alt: row.alt });
    }
    let is_queued = found.iter().any(|row| row.2.0 == Label::Queued);
    let broken = if is_queued { list_broken(conn)? } else { Vec::new() };
    let views = found.into_iter().map(|row| view(row, &people, &broken));
    let dressed = views
        .map(|view| view.map(|view| DeliveryView { pictures: pictures.remove(&view.id).unwrap_or_default(), ..view }));
    dressed.collect()
}

fn list_broken(conn: &mut Conn) -> Result<Vec<ChannelId>, DbError> {
    Ok(channel::table.filter(channel::state.eq(Health::Broken)).select(channel::id).load(conn)?)
}

fn load_people(conn: &mut Conn, messages: &[PrivateMessageId]) -> Result<HashMap<PrivateMessageId, Person>, DbError> {
    if messages.is_empty() {
        return Ok(HashMap::new());
    }
    let addressees = private::list_addressees(conn, messages)?;
    let ids: Vec<RemoteAuthorId> = addressees.values().map(|to| to.with).collect();
    type Named = (RemoteAuthorId, Origin, String, String, String);
    let rows: Vec<Named> = remote_author::table
        .filter(remote_author::id.eq_any(ids))
        .select((
            remote_author::id,
            remote_author::network,
            remote_author::handle,
            remote_author::name,
            remote_author::remote_id,
        ))
        .load(conn)?;
    let authors: HashMap<RemoteAuthorId, (Called, Origin, String)> = rows
        .into_iter()
        .map(|(id, origin, handle, name, remote_id)| (id, (origin.called(&handle, &name), origin, remote_id)))
        .collect();
    let person = |(message, to): (PrivateMessageId, private::Addressee)| {
        let (called, origin, remote_id) = authors.get(&to.with)?.clone();
        Some((message, (to.thread_id, called, origin, remote_id)))
    };
    Ok(addressees.into_iter().filter_map(person).collect())
}

fn view(row: Row, people: &HashMap<PrivateMessageId, Person>, broken: &[ChannelId]) -> Result<DeliveryView, DbError> {
    let (
        (id, channel_id, question_id, answer_id, comment_id, target, message_id),
        (text, attempts, created_at, sent_url),
        (label, due_at, lease_until, sent_at, sent_remote_id, reason),
        (origin, target_url, target_remote_id, handle, name),
    ) = row;
    let is_stopped = label == Label::Queued && broken.contains(&channel_id);
    let state = State::decode(Columns { label, due_at, lease_until, sent_at, sent_remote_id, reason })?;
    let nobody = || DbError::Inconsistent { what: "delivery to nobody", value: id.to_string() };
    let (message, to, origin, target_url, target_remote_id) = match message_id {
        None => {
            let post = (target_url.ok_or_else(nobody)?, target_remote_id.ok_or_else(nobody)?);
            let (origin, handle, name) =
                (origin.ok_or_else(nobody)?, handle.unwrap_or_default(), name.unwrap_or_default());
            (None, origin.called(&handle, &name), origin, post.0, post.1)
        }
        Some(message) => {
            let (thread, to, origin, person) = people.get(&message).ok_or_else(nobody)?.clone();
            (Some((message, thread)), to, origin, String::new(), person)
        }
    };
    Ok(DeliveryView {
        id,
        channel_id,
        question_id,
        message,
        answer_id,
        comment_id,
        target,
        origin,
        to,
        target_url,
        target_remote_id,
        text,
        pictures: Vec::new(),
        state,
        attempts,
        sent_url,
        created_at,
        is_stopped,
    })
}
