//! The live desk: one tail of the change feed a node, and a stream of its news for each page that is open:
//! `GET /desk/live`. Tells that something changed, never what: the page fetches that as its reader may see it.
//!
//! An open page costs a receiver and a heartbeat. Once in a few seconds a node looks, for all its pages together, whether
//! their readers still work at the desk, and who looks at what.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::http::header;
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::broadcast::{self, Receiver, Sender, error::RecvError};
use tokio::time::{Instant, sleep, sleep_until};

use super::words;
use crate::app::App;
use crate::clock::Millis;
use crate::db::{self, ChangeKind, Conn, DbError};
use crate::jobs::{Jobs, Progress, repeat};
use crate::members::{AtDesk, Member, MemberId, list_sessions_at_desk, load_cards, session_mark};
use crate::notices::{self, NewNotice};
use crate::queue::{self, Look, Reminder, Subject};
use crate::web::Error;

/// Other nodes' writes wake nobody here.
const POLL: Duration = Duration::from_secs(1);
/// Between two pieces of news: in a burst of writes, one tells of many.
const GAP: Duration = Duration::from_millis(300);
/// Between two looks at who is still at the desk, and at what.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A node that is gone is believed to have its pages open for so long.
const LOOK_LASTS: Duration = Duration::from_secs(45);
const RENEW_EVERY: Duration = Duration::from_secs(15);
/// Longer silences make proxies close a stream.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// Changes that one look takes in; more are told of by the next.
const BATCH: i64 = 500;
/// A page that lags behind by more news is told to look at everything.
const BACKLOG: usize = 64;
/// Streams of one node; more are a mistake or an attack.
const MOST: usize = 2_000;

/// The open pages of this node.
pub struct Live {
    news: Sender<News>,
    pages: Mutex<Pages>,
    turn: tokio::sync::Mutex<Turn>,
    /// Tells the connections of this node from those of others.
    node: String,
}

#[derive(Default)]
struct Pages {
    last: u64,
    open: BTreeMap<u64, Page>,
    /// The set of open pages is another than when it was last looked at.
    changed: bool,
}

#[derive(Clone)]
struct Page {
    session: String,
    member: MemberId,
    subject: Option<Subject>,
}

/// What one look found.
#[derive(Clone, Default)]
struct News {
    work: bool,
    threads: Arc<BTreeSet<i64>>,
    /// Who looks at what, where that changed.
    looks: Option<Arc<Looks>>,
    /// Pages whose readers are not at the desk any more.
    ended: Arc<HashSet<u64>>,
    /// The server stops.
    over: bool,
}

/// Who looks at a subject: by whom, with their name.
type Looks = HashMap<Subject, BTreeMap<MemberId, String>>;

/// What the one who looks remembers.
#[derive(Default)]
struct Turn {
    cursor: Option<i64>,
    told_at: Option<Instant>,
    looked_at: Option<Instant>,
    renewed_at: Option<Instant>,
    looks: Arc<Looks>,
    /// The pages whose look is noted.
    noted: BTreeSet<u64>,
    /// Until when what was put off has come back.
    woken_until: Option<Millis>,
}

impl Default for Live {
    fn default() -> Self {
        let (news, _) = broadcast::channel(BACKLOG);
        let node = crate::web::form::new_submission();
        Self { news, pages: Mutex::default(), turn: tokio::sync::Mutex::default(), node }
    }
}

impl Live {
    /// Starts the tail of this node.
    pub fn start(app: &Data<App>, jobs: &mut Jobs) {
        let (data, stop) = (app.clone(), jobs.stop());
        jobs.spawn(async move {
            repeat("live desk", stop, data.db.changed(), POLL, || step(&data)).await;
            // Nobody hears it where nothing is open.
            let _nobody = data.live.news.send(News { over: true, ..News::default() });
        });
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, page: Page) -> Option<u64> {
        let mut pages = self.pages();
        if pages.open.len() >= MOST {
            return None;
        }
        pages.last += 1;
        let id = pages.last;
        pages.open.insert(id, page);
        pages.changed = true;
        Some(id)
    }

    fn leave(&self, id: u64) {
        let mut pages = self.pages();
        pages.open.remove(&id);
        pages.changed = true;
    }

    fn connection(&self, id: u64) -> String {
        format!("{}-{id}", self.node)
    }
}

/// Which subject a page has open.
#[derive(Deserialize)]
pub struct On {
    #[serde(default)]
    on: String,
}

/// `GET /desk/live`: an event stream. `work`: something in the queue is another; `thread`: so is the thread that the page
/// shows; `looking`: the names of colleagues who have it open; `end`: the reader is not at the desk any more.
pub async fn listen(
    app: Data<App>,
    by: AtDesk,
    on: web::Query<On>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let AtDesk(Member { id: member, role, .. }) = by;
    let session = session_mark(&request).ok_or(Error::SignIn { kept: None })?;
    let subject = Subject::parse(&on.on);
    if matches!(subject, Some(Subject::Private(_))) && !role.is_staff() {
        return Err(Error::Forbidden(words::FOR_STAFF.to_owned()));
    }
    // Before the page counts as open: what is told from then on arrives.
    let news = app.live.news.subscribe();
    let id = app.live.enter(Page { session, member, subject }).ok_or(Error::Busy { kept: None })?;
    let open = Open { app: app.clone(), id, member, subject, news, begun: false, over: false };
    let events = stream::unfold(open, |mut open| async move { Some((Ok::<_, Infallible>(open.next().await?), open)) });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Compressed, it would stay in the compressor's memory.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events))
}

/// A stream that somebody reads. Dropping it closes the page.
struct Open {
    app: Data<App>,
    id: u64,
    member: MemberId,
    subject: Option<Subject>,
    news: Receiver<News>,
    begun: bool,
    over: bool,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.app.live.leave(self.id);
    }
}

impl Open {
    /// The next piece of the stream; `None`: it is over.
    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        if !self.begun {
            self.begun = true;
            // What changed between the page and its stream is looked for once.
            return Some(Bytes::from_static(b"retry: 4000\n\nevent: work\ndata:\n\n"));
        }
        loop {
            let told = tokio::select! {
                news = self.news.recv() => news,
                () = sleep(HEARTBEAT) => return Some(Bytes::from_static(b": here\n\n")),
            };
            match told {
                Ok(news) if news.over => return None,
                Ok(news) => {
                    let events = self.events(&news);
                    if !events.is_empty() {
                        return Some(Bytes::from(events));
                    }
                }
                Err(RecvError::Lagged(_)) => {
                    return Some(Bytes::from_static(b"event: work\ndata:\n\nevent: thread\ndata:\n\n"));
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    fn events(&mut self, news: &News) -> String {
        if news.ended.contains(&self.id) {
            self.over = true;
            return "event: end\ndata:\n\n".to_owned();
        }
        let mut events = String::new();
        if news.work {
            events.push_str("event: work\ndata:\n\n");
        }
        if self.subject.and_then(Subject::question_id).is_some_and(|id| news.threads.contains(&id)) {
            events.push_str("event: thread\ndata:\n\n");
        }
        if let (Some(looks), Some(subject)) = (&news.looks, self.subject) {
            let others = looks.get(&subject).into_iter().flatten().filter(|(id, _)| **id != self.member);
            let names: Vec<&String> = others.map(|(_, name)| name).collect();
            events.push_str(&format!("event: looking\ndata: {}\n\n", serde_json::json!(names)));
        }
        events
    }
}

/// Looks once, for all open pages, and tells them what there is to tell.
async fn step(app: &App) -> Result<Progress, DbError> {
    let mut turn = app.live.turn.lock().await;
    let (open, changed) = {
        let mut pages = app.live.pages();
        (pages.open.clone(), std::mem::take(&mut pages.changed))
    };
    let is_time = |at: Option<Instant>, every: Duration| at.is_none_or(|at| at.elapsed() >= every);
    let mut news = News::default();
    if changed || is_time(turn.looked_at, LOOK_EVERY) {
        turn.looked_at = Some(Instant::now());
        news.work = wake_and_remind(app, &mut turn).await?;
        look_around(app, &mut turn, &open, &mut news).await?;
    }
    if open.is_empty() {
        turn.cursor = None;
        return Ok(Progress::Idle);
    }
    if let Some(at) = turn.told_at {
        sleep_until(at + GAP).await;
    }
    let progress = follow(app, &mut turn, &mut news).await?;
    if news.work || !news.threads.is_empty() || news.looks.is_some() || !news.ended.is_empty() {
        turn.told_at = Some(Instant::now());
        let _nobody = app.live.news.send(news);
    }
    Ok(progress)
}

/// Follows the change feed from where the last look ended.
async fn follow(app: &App, turn: &mut Turn, news: &mut News) -> Result<Progress, DbError> {
    let cursor = turn.cursor;
    let (changes, newest) = app
        .db
        .read(move |conn| match cursor {
            Some(cursor) => Ok::<_, DbError>((db::list_changes(conn, cursor, BATCH)?, cursor)),
            None => Ok((Vec::new(), db::newest_change(conn)?)),
        })
        .await?;
    turn.cursor = Some(changes.last().map_or(newest, |last| last.id));
    news.work |= changes.iter().any(|change| change.kind == ChangeKind::Work);
    // A claim changes no thread: its words do.
    let posts = changes.iter().filter(|change| change.post().is_some());
    news.threads = Arc::new(posts.map(|change| change.question_id).collect());
    Ok(if i64::try_from(changes.len()).is_ok_and(|many| many >= BATCH) { Progress::More } else { Progress::Idle })
}

/// Tells who wanted to be reminded, and returns whether something that was put off has come back.
async fn wake_and_remind(app: &App, turn: &mut Turn) -> Result<bool, DbError> {
    let now = app.clock.now();
    let since = turn.woken_until.replace(now).unwrap_or(now);
    let (due, woken) = app
        .db
        .read(move |conn| {
            Ok::<_, DbError>((queue::list_due_reminders(conn, now)?, queue::list_ended_snoozes(conn, since, now)?))
        })
        .await?;
    for reminder in due {
        app.db.write(move |tx| remind(tx, &reminder, now)).await?;
    }
    Ok(!woken.is_empty())
}

fn remind(tx: &mut db::Tx<'_>, reminder: &Reminder, now: Millis) -> Result<(), DbError> {
    if !queue::take_reminder(tx, reminder.id)? {
        return Ok(());
    }
    let notice = NewNotice {
        to: reminder.member,
        kind: notices::Kind::Reminder,
        question_id: reminder.subject.question_id(),
        post: None,
        subject: Some(reminder.subject.to_string()),
        by: None,
        words: reminder.words.clone(),
        at: now,
    };
    notices::tell(tx, &notice).map(drop)
}

/// Notes who looks at what, and finds out who still may.
async fn look_around(app: &App, turn: &mut Turn, open: &BTreeMap<u64, Page>, news: &mut News) -> Result<(), DbError> {
    let now = app.clock.now();
    let looking: BTreeSet<u64> = open.iter().filter(|(_, page)| page.subject.is_some()).map(|(id, _)| *id).collect();
    let begun: Vec<Look> = looking.difference(&turn.noted).filter_map(|id| look_of(app, *id, open.get(id)?)).collect();
    let gone: Vec<String> = turn.noted.difference(&looking).map(|id| app.live.connection(*id)).collect();
    let is_new = !begun.is_empty();
    let renewed = !looking.is_empty() && turn.renewed_at.is_none_or(|at| at.elapsed() >= RENEW_EVERY);
    if renewed {
        turn.renewed_at = Some(Instant::now());
    }
    if renewed || !begun.is_empty() || !gone.is_empty() {
        let all: Vec<String> = looking.iter().map(|id| app.live.connection(*id)).collect();
        app.db
            .write(move |tx| {
                for look in &begun {
                    queue::look(tx, look, now.plus(LOOK_LASTS))?;
                }
                queue::forget_looks(tx, &gone, now)?;
                if renewed { queue::renew_looks(tx, &all, now.plus(LOOK_LASTS), now) } else { Ok(()) }
            })
            .await?;
        turn.noted = looking;
    }
    if open.is_empty() {
        turn.looks = Arc::default();
        return Ok(());
    }
    let marks: Vec<String> =
        open.values().map(|page| page.session.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    let known = Arc::clone(&turn.looks);
    let (sessions, looks) = app
        .db
        .read(move |conn| Ok::<_, DbError>((list_sessions_at_desk(conn, &marks, now)?, load_looks(conn, &known, now)?)))
        .await?;
    let may_stay = |page: &Page| {
        let role = sessions.iter().find(|(mark, _)| *mark == page.session).map(|(_, role)| *role);
        role.is_some_and(|role| role.is_staff() || !matches!(page.subject, Some(Subject::Private(_))))
    };
    news.ended = Arc::new(open.iter().filter(|(_, page)| !may_stay(page)).map(|(id, _)| *id).collect());
    let looks = Arc::new(looks);
    // A page that has just opened knows nothing yet.
    if is_new || looks != turn.looks {
        turn.looks = Arc::clone(&looks);
        news.looks = Some(looks);
    }
    Ok(())
}

fn look_of(app: &App, id: u64, page: &Page) -> Option<Look> {
    Some(Look { connection: app.live.connection(id), subject: page.subject?, member: page.member })
}

fn load_looks(conn: &mut Conn, known: &Looks, now: Millis) -> Result<Looks, DbError> {
    let found = queue::list_looks(conn, now)?;
    let name_known = |id: MemberId| known.values().find_map(|by| by.get(&id)).cloned();
    let mut names: HashMap<MemberId, String> =
        found.iter().filter_map(|look| Some((look.member, name_known(look.member)?))).collect();
    let unknown: Vec<MemberId> = found.iter().map(|look| look.member).filter(|id| !names.contains_key(id)).collect();
    if !unknown.is_empty() {
        names.extend(load_cards(conn, &unknown)?.into_iter().map(|(id, card)| (id, card.name)));
    }
    let mut looks = Looks::new();
    for Look { subject, member, .. } in found {
        let name = names.get(&member).cloned().unwrap_or_default();
        looks.entry(subject).or_default().insert(member, name);
    }
    Ok(looks)
}
