//! Outbound: deliveries, from the transaction that wants one to the network's answer, never twice.
//!
//! A step claims one due delivery by compare-and-swap, sends it outside of any transaction, and records what the network
//! said before anything else. Whatever may have been accepted without our knowing becomes uncertain, never queued. A
//! network that is not there is left in peace by its channel's breaker.

pub mod breaker;
pub mod compose;
pub mod hide;
pub mod messages;
pub mod pictures;
pub mod private_word;
pub mod read_back;
pub mod relocate;
pub mod state;
pub mod undo;
pub(in crate::bridge) mod words;

use std::time::{Duration, Instant};

use self::breaker::{Admits, Breaker, Sign};
use self::pictures::{Attached, Stop};
use self::state::{Event, Facts, NotAllowed, State};
use crate::answers::{self, AnswerId};
use crate::app::App;
use crate::bridge::inbound::mirror::PlaceError;
use crate::bridge::meter;
use crate::bridge::store::deliveries::{self, Beside, DeliveryRow, Errand, NewDelivery, NewErrand, Reply, Unsent};
use crate::bridge::store::remote::{self, Path, Scope};
use crate::bridge::store::{self, attached, channels, waiting};
use crate::bridge::view::load_authors;
use crate::bridge::{Cargo, Channel, ChannelId, DeliveryId, RemotePostId, access};
use crate::clock::Millis;
use crate::db::{Conn, DbError, Tx};
use crate::jobs::Progress;
use crate::members::MemberId;
use crate::networks::watch::Endpoint;
use crate::networks::{Outcome, RemotePost, by_hand_reason};
use crate::notices::{self, NewNotice};
use crate::posts::{Called, Origin};
use crate::private;

/// Between two tries to record what the network said, while too many other writes wait.
const BETWEEN_RECORDINGS: Duration = Duration::from_millis(200);

/// The post that a reply in a thread goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub remote_post_id: RemotePostId,
    pub channel_id: ChannelId,
    pub remote_id: String,
    pub origin: Origin,
    /// Its author.
    pub to: Called,
    pub text: String,
    pub url: String,
    pub posted_at: Millis,
    pub path: Path,
    /// The asker's newest post that waits for a word from us: what is sent now settles it, and nothing newer.
    pub waiting: Option<RemotePostId>,
}

impl Target {
    /// Why the API may not answer it, where that is known before it is asked.
    pub fn why_by_hand(&self) -> Option<&'static str> {
        (self.path == Path::ByHand).then(|| by_hand_reason(self.origin.as_str()))
    }
}

/// The newest post of the asker that the network's API may answer; where there is none, the newest one at all, by hand. Words
/// that only a person can answer are answered under the ones before them: a conversation goes on by itself. `None`: the
/// thread was asked here.
pub fn find_target(conn: &mut Conn, question_id: i64) -> Result<Option<Target>, DbError> {
    let Some(asker) = remote::find_asker(conn, question_id)? else { return Ok(None) };
    let posts = remote::list_of_asker(conn, question_id, asker)?;
    let Some(chosen) = posts.iter().find(|post| post.path == Path::Api).or(posts.first()) else { return Ok(None) };
    let Some(card) = load_authors(conn, &[asker])?.remove(&asker) else { return Ok(None) };
    Ok(Some(Target {
        remote_post_id: chosen.id,
        channel_id: chosen.channel_id,
        remote_id: chosen.remote_id.clone(),
        origin: card.origin,
        to: card.called(),
        text: chosen.text.clone(),
        url: chosen.url.clone(),
        posted_at: chosen.posted_at,
        path: chosen.path,
        waiting: waiting::find(conn, question_id)?,
    }))
}

/// What is to be delivered, and who vouches for it.
pub struct Letter {
    pub question_id: i64,
    pub cargo: Cargo,
    pub target: Target,
    pub text: String,
    pub pictures: Vec<Attached>,
    pub by: MemberId,
    /// How long it may be taken back before it leaves.
    pub window: Duration,
}

/// Puts a delivery into the outbox, in the transaction that wrote what it carries. Call `Bridge::wake_outbox` after it.
/// The same words to the same post a second time are a unique violation.
pub fn enqueue(tx: &mut Tx<'_>, letter: Letter, now: Millis) -> Result<DeliveryId, DbError> {
    let state = match letter.target.path {
        Path::Api => state::first(now, letter.window),
        Path::ByHand => State::ByHand { reason: by_hand_reason(letter.target.origin.as_str()).to_owned() },
    };
    let Letter { question_id, cargo, target, text, pictures, by, window: _ } = letter;
    let errand = NewErrand::Reply { question_id, cargo, target: target.remote_post_id };
    let new = NewDelivery { channel_id: target.channel_id, errand, text, state, created_by: by };
    let id = deliveries::insert(tx, &new, now)?;
    for (position, Attached { hash, alt }) in (1..).zip(&pictures) {
        attached::attach(tx, id, position, hash, alt)?;
    }
    if let Some(seen) = target.waiting {
        waiting::settle(tx, question_id, seen)?;
    }
    Ok(id)
}

/// Sends one due delivery, and takes in those whose worker is gone and those that nobody took back in time.
pub async fn step(app: &App) -> Result<Progress, DbError> {
    let now = app.clock.now();
    let connected: Vec<ChannelId> = app.bridge.channels().iter().map(|channel| channel.id).collect();
    let (orphaned, over, due) = app
        .db
        .read(move |conn| {
            let sending: Vec<ChannelId> =
                channels::list_sending(conn, now)?.into_iter().filter(|id| connected.contains(id)).collect();
            let muted: Vec<ChannelId> =
                channels::list_messages_paused(conn, now)?.into_iter().map(|(id, _)| id).collect();
            let writing = sending.iter().copied().filter(|id| !muted.contains(id)).collect();
            let writing = meter::list_open(conn, writing, Endpoint::MessageSend, now)?;
            let replying = meter::list_open(conn, sending, Endpoint::PostCreate, now)?;
            let mut orphaned = Vec::new();
            for row in deliveries::list_orphaned(conn)? {
                let event = pictures::of_orphan(conn, &row)?.map_or(Event::LeaseExpired, Event::Came);
                orphaned.push((row, event));
            }
            let over = deliveries::list_windows_over(conn, now)?;
            Ok::<_, DbError>((orphaned, over, deliveries::find_due(conn, &replying, &writing, now)?))
        })
        .await?;
    for (row, event) in orphaned {
        advance(app, row, event, Beside::default()).await?;
    }
    // Each by itself: whoever presses Undo in this moment wins or loses one, and never holds up the others.
    let is_over = !over.is_empty();
    for row in over {
        advance(app, row, Event::WindowOver, Beside::default()).await?;
    }
    let Some(row) = due else { return Ok(if is_over { Progress::More } else { Progress::Idle }) };
    let Some(channel) = app.bridge.channel(row.channel_id) else { return Ok(Progress::Idle) };
    if let Some(claimed) = claim(app, row).await? {
        send(app, &channel, claimed).await?;
    }
    Ok(Progress::More)
}

/// Takes a due delivery; `None`: another worker was faster.
async fn claim(app: &App, row: DeliveryRow) -> Result<Option<DeliveryRow>, DbError> {
    let (now, lease, lag) = (app.clock.now(), app.bridge.settings.lease, app.bridge.settings.read_back_lag);
    let claimed = app.db.write(move |tx| {
        let lease_until = tx.database_now()?.plus(lease);
        let claim = Event::Claimed { lease_until };
        let sending = state::next(&row.state, &claim, facts(&row, now, lag)).map_err(|_| NotClaimed::Late)?;
        let attempts = row.attempts + 1;
        let beside = Beside { attempts: Some(attempts), attempted_at: Some(now), ..Beside::default() };
        if !is_admitted(tx, row.channel_id, now)? || !deliveries::step(tx, &row, &sending, &beside, now)? {
            return Err(NotClaimed::Late);
        }
        Ok(DeliveryRow { state: sending, attempts, attempted_at: Some(now), ..row })
    });
    match claimed.await {
        Ok(claimed) => Ok(Some(claimed)),
        Err(NotClaimed::Late) => Ok(None),
        Err(NotClaimed::Db(error)) => Err(error),
    }
}

/// Why a delivery was not taken. As an error, it takes back what the breaker booked for it.
enum NotClaimed {
    Late,
    Db(DbError),
}

impl From<DbError> for NotClaimed {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl From<diesel::result::Error> for NotClaimed {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}

/// Whether the breaker of a channel lets a delivery go now. The one that tries whether the network is back books its
/// failure in advance.
fn is_admitted(tx: &mut Tx<'_>, id: ChannelId, now: Millis) -> Result<bool, DbError> {
    let breaker = store::breaker::load(tx, id)?;
    match breaker.admits(now) {
        Admits::All => Ok(true),
        Admits::Nobody => Ok(false),
        Admits::One => {
            let tries = words::ONE_TRIES;
            store::breaker::step(tx, id, breaker, breaker.after(Sign::Absent, now), tries)
        }
    }
}

async fn send(app: &App, channel: &Channel, mut claimed: DeliveryRow) -> Result<(), DbError> {
    let (id, attempts) = (claimed.id, claimed.attempts);
    let errand = claimed.errand.clone();
    let brought = pictures::upload(app, channel, &mut claimed).await;
    let (has_pictures, on_the_way) = (!matches!(&brought, Ok(ids) if ids.is_empty()), brought.is_err());
    let outcome = match (brought, &claimed.errand) {
        (Ok(ids), Errand::Reply(reply)) => {
            channel.account.reply(&reply.target, &claimed.text, &ids, &claimed.key()).await
        }
        (Ok(_), Errand::Message(id)) => messages::send(app, channel, *id, &claimed).await?,
        (Err(Stop::Outcome(outcome)), _) => outcome,
        (Err(Stop::Db(error)), _) => return Err(error),
        (Err(Stop::Lost), _) => {
            tracing::warn!(delivery = id.0, "the lease of delivery {id} ended on the way of its pictures");
            return Ok(());
        }
    };
    tracing::info!(delivery = id.0, ?outcome, "delivery {id} was sent: {outcome:?}");
    let mut beside = Beside::default();
    match &outcome {
        Outcome::Accepted { remote_id, .. } if claimed.reply().is_some() => {
            beside.sent_url = Some(channel.account.own_url(remote_id));
        }
        // A channel that is broken or not there costs its deliveries no try.
        Outcome::ChannelBroken { .. } | Outcome::TokenRefused { .. } | Outcome::Unreachable { .. } => {
            beside.attempts = Some(attempts - 1);
        }
        _ => {}
    }
    // The acceptance alone, before anything else. Neither a burst of other writes nor a database that was away for a
    // moment may cost us what we know; when the lease is over it is too late.
    let known_since = Instant::now();
    let recorded = loop {
        match advance(app, claimed.clone(), Event::Came(outcome.clone()), beside.clone()).await {
            Err(error) if known_since.elapsed() < app.bridge.settings.lease => {
                tracing::warn!(delivery = id.0, %error, "what became of delivery {id} waits for the database: {error}");
                tokio::time::sleep(BETWEEN_RECORDINGS).await;
            }
            other => break other?,
        }
    };
    if !recorded {
        tracing::warn!(delivery = id.0, "the lease of delivery {id} ended before its answer came; nothing was touched");
    }
    if has_pictures && matches!(outcome, Outcome::Refused { .. }) {
        app.db.write(move |tx| attached::forget_uploads(tx, id)).await?;
    }
    // What the network says of uploads holds up no text.
    if on_the_way && matches!(outcome, Outcome::RetryAfter { .. }) {
        return Ok(());
    }
    if let Errand::Message(message) = errand
        && messages::note_outcome(app, channel.id, message, &outcome).await?
    {
        return Ok(());
    }
    note_outcome(app, channel, &outcome).await
}

/// What an outcome means for the whole channel.
async fn note_outcome(app: &App, channel: &Channel, outcome: &Outcome) -> Result<(), DbError> {
    let id = channel.id;
    if let Some(sign) = breaker::sign(outcome) {
        note_sign(app, id, sign, outcome).await?;
    }
    match outcome {
        Outcome::TokenRefused { reason } => access::refused(app, channel, reason).await,
        Outcome::ChannelBroken { mend, reason } => {
            let (mend, reason) = (*mend, reason.clone());
            app.db.write(move |tx| channels::mark_broken(tx, id, mend, &reason)).await
        }
        Outcome::RetryAfter { wait, reason } if !wait.is_zero() => {
            let (until, reason) = (app.clock.now().plus(*wait), reason.clone());
            app.db.write(move |tx| channels::mark_paused(tx, id, until, &reason)).await
        }
        _ => Ok(()),
    }
}

/// Moves the breaker of a channel by what a send says of its network.
async fn note_sign(app: &App, id: ChannelId, sign: Sign, outcome: &Outcome) -> Result<(), DbError> {
    let now = app.clock.now();
    // Nearly always: it was there, and it is.
    if sign == Sign::There && app.db.read(move |conn| store::breaker::load(conn, id)).await? == Breaker::default() {
        return Ok(());
    }
    let reason = match outcome {
        Outcome::Unreachable { reason } | Outcome::Unknown { reason, .. } => reason.clone(),
        _ => String::new(),
    };
    app.db
        .write(move |tx| {
            // Read anew when another sender was faster; what it noted holds as well.
            for _ in 0..3 {
                let breaker = store::breaker::load(tx, id)?;
                let next = breaker.after(sign, now);
                if next == breaker || store::breaker::step(tx, id, breaker, next, &reason)? {
                    break;
                }
            }
            Ok(())
        })
        .await
}

/// Moves a delivery by an event; `false`: it was not in that state any more, and nothing was touched.
async fn advance(app: &App, row: DeliveryRow, event: Event, beside: Beside) -> Result<bool, DbError> {
    let (now, lag) = (app.clock.now(), app.bridge.settings.read_back_lag);
    app.db
        .write(move |tx| {
            // Shut in the same moment, or another worker knocks once more at a channel that is known to be shut.
            if let Event::Came(Outcome::ChannelBroken { mend, reason }) = &event
                && row.reply().is_some()
            {
                channels::mark_broken(tx, row.channel_id, *mend, reason)?;
            }
            // What was revoked while the network was asked counts; everything else must be as it was.
            let revoked = deliveries::load(tx, row.id)?.revoked;
            let row = DeliveryRow { revoked, ..row };
            Ok(take_step(tx, &row, &event, &beside, now, lag)?.is_ok_and(|done| done))
        })
        .await
}

fn take_step(
    tx: &mut Tx<'_>,
    row: &DeliveryRow,
    event: &Event,
    beside: &Beside,
    now: Millis,
    lag: Duration,
) -> Result<Result<bool, NotAllowed>, DbError> {
    let next = match state::next(&row.state, event, facts(row, now, lag)) {
        Ok(next) => next,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let done = deliveries::step(tx, row, &next, beside, now)?;
    let arrived = matches!(next, State::Sent { .. }) && !matches!(row.state, State::Sent { .. });
    if done && arrived {
        tell_author(tx, row, now)?;
    }
    Ok(Ok(done))
}

/// Who wrote the answer that a delivery carried is told that it arrived.
fn tell_author(tx: &mut Tx<'_>, row: &DeliveryRow, now: Millis) -> Result<(), DbError> {
    let Some(Reply { question_id, answer_id: Some(id), .. }) = row.reply() else { return Ok(()) };
    let Some(answer) = answers::find(tx, AnswerId(*id))? else { return Ok(()) };
    let Some(to) = answer.author.member() else { return Ok(()) };
    let (question_id, post) = (Some(*question_id), Some(answer.id.post()));
    let (kind, words) = (notices::Kind::Sent, String::new());
    let new = NewNotice { to, kind, question_id, post, subject: None, by: None, words, at: now };
    notices::tell(tx, &new).map(drop)
}

fn facts(row: &DeliveryRow, now: Millis, lag: Duration) -> Facts {
    let DeliveryRow { created_at, attempts, attempted_at, revoked, .. } = *row;
    Facts { now, created_at, attempts, attempted_at, lag, revoked }
}

/// What a person decides about a delivery that waits for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It stands on the network; the link, if they gave one.
    Posted {
        url: Option<String>,
        /// What the link names, where it names a post.
        remote_id: Option<String>,
    },
    SendAgain,
    Withdraw,
}

/// Carries out a person's decision. `Err`: the delivery is in no state for it, because somebody or something was faster.
pub fn decide(
    tx: &mut Tx<'_>,
    id: DeliveryId,
    decision: Decision,
    by: MemberId,
    now: Millis,
) -> Result<Result<(), NotAllowed>, DbError> {
    let row = deliveries::load(tx, id)?;
    let (event, sent_url) = match decision {
        Decision::Posted { url, remote_id } => (Event::Posted { remote_id }, url),
        Decision::SendAgain => (Event::SendAgain, None),
        Decision::Withdraw => (Event::Withdraw, None),
    };
    let beside = Beside { sent_url, by: Some(by), ..Beside::default() };
    let from = row.state.label().as_str();
    let done = take_step(tx, &row, &event, &beside, now, Duration::ZERO)?;
    if event == Event::Withdraw && done == Ok(true) {
        match &row.errand {
            Errand::Reply(reply) => waiting::reopen(tx, reply.question_id, reply.target_id)?,
            Errand::Message(id) => private::withdraw(tx, *id, now)?,
        }
    }
    Ok(done.and_then(|done| if done { Ok(()) } else { Err(NotAllowed { from }) }))
}

/// Withdraws what has not left of an answer that nobody vouches for any more, or that is gone: in its own thread and in the
/// others that it was to go to. `by`: the person who decided, if one did. What may have left is not sent again.
pub fn withdraw_answer(
    tx: &mut Tx<'_>,
    question_id: i64,
    answer_id: i64,
    by: Option<MemberId>,
    now: Millis,
) -> Result<(), DbError> {
    for (asked_in, target) in withdraw_from(tx, question_id, Unsent::OfAnswer(answer_id), by, now)? {
        waiting::reopen(tx, asked_in, target)?;
    }
    Ok(())
}

/// A thread goes out of sight: what has not left yet stays here, and nobody in it waits for a word from us.
pub fn put_away(tx: &mut Tx<'_>, question_id: i64, by: MemberId, now: Millis) -> Result<(), DbError> {
    withdraw(tx, question_id, Unsent::All, Some(by), now)?;
    waiting::end(tx, question_id)
}

/// A thread comes into sight again: its asker waits again, unless their newest words were answered.
pub fn bring_back(tx: &mut Tx<'_>, question_id: i64) -> Result<(), DbError> {
    waiting::bring_back(tx, question_id)
}

/// Withdraws what has not left yet and returns the posts that it was for. What is on its way is revoked: if it did not
/// arrive, it is not tried again.
pub(in crate::bridge) fn withdraw(
    tx: &mut Tx<'_>,
    question_id: i64,
    which: Unsent,
    by: Option<MemberId>,
    now: Millis,
) -> Result<Vec<RemotePostId>, DbError> {
    Ok(withdraw_from(tx, question_id, which, by, now)?.into_iter().map(|(_, target)| target).collect())
}

/// As [`withdraw`], each post with the thread that it belongs to: an answer also goes to the askers of merged threads.
fn withdraw_from(
    tx: &mut Tx<'_>,
    question_id: i64,
    which: Unsent,
    by: Option<MemberId>,
    now: Millis,
) -> Result<Vec<(i64, RemotePostId)>, DbError> {
    let mut targets = Vec::new();
    for row in deliveries::revoke_unsent(tx, question_id, which, now)? {
        let beside = Beside { by, ..Beside::default() };
        match take_step(tx, &row, &Event::Withdraw, &beside, now, Duration::ZERO)? {
            Ok(true) => targets.extend(row.reply().map(|reply| (reply.question_id, reply.target_id))),
            _ => tracing::warn!(delivery = row.id.0, "delivery {} left while it was withdrawn", row.id),
        }
    }
    Ok(targets)
}

/// Our own post came back: which reply is it? Adopts it where that delivery's fate was unknown or in a person's hands.
/// `None`: it is no delivery, a colleague wrote it in the network's own app.
pub(in crate::bridge) fn recognise(
    tx: &mut Tx<'_>,
    channel: ChannelId,
    scope: Scope,
    post: &RemotePost,
    url: &str,
    now: Millis,
) -> Result<Option<Reply>, PlaceError> {
    // A person may have answered a later version than the one that is the key of the post.
    let parent = match &post.parent {
        Some(parent) => remote::find(tx, scope, parent)?.map(|row| row.remote_id),
        None => None,
    };
    let post = &RemotePost { parent: parent.or_else(|| post.parent.clone()), ..post.clone() };
    // The candidates first: an acceptance that is recorded between the two reads is then seen by the second.
    let candidates = match &post.parent {
        Some(parent) => deliveries::list_open_towards(tx, channel, parent)?,
        None => Vec::new(),
    };
    if let Some(sent) = deliveries::find_sent(tx, channel, &post.id)? {
        return Ok(sent.reply().cloned());
    }
    let Some(row) = compose::which(post, &candidates) else { return Ok(None) };
    if matches!(row.state, State::Sending { .. }) {
        return Err(PlaceError::Undecided);
    }
    let seen = Event::Seen { remote_id: post.id.clone() };
    let beside = Beside { sent_url: Some(url.to_owned()), ..Beside::default() };
    match take_step(tx, row, &seen, &beside, now, Duration::ZERO)? {
        Ok(true) => Ok(row.reply().cloned()),
        // Somebody moved it meanwhile: it is read anew.
        _ => Err(PlaceError::Undecided),
    }
}
