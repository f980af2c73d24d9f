//! What arrives while somebody reads: `GET /live`, one stream a browser, and `GET /live/figures` for those who get no stream.
//! Tells everybody which public threads have other figures now, and beside that each member the number beside their own bell;
//! never a word. Of a private thread its readers' streams say that there is something to look at; what it is they are told by
//! `/live/figures`, which asks again who they are.
//!
//! One tail of the change feed a node, so that it does not matter on which node somebody wrote. Owns no table.

mod figures;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use tokio::sync::broadcast::{self, Receiver, Sender, error::RecvError};
use tokio::time::{Instant, sleep_until};

pub use self::figures::show;
use self::figures::{Figures, list_figures};
use crate::app::App;
use crate::db::{self, Changed, DbError};
use crate::jobs::{Jobs, Progress, repeat};
use crate::members::{Member, MemberId, Viewer, session_mark};
use crate::notices::bell;
use crate::posts::Readers;
use crate::questions::QuestionId;
use crate::web::Error;

/// Other nodes' writes wake nobody here.
const POLL: Duration = Duration::from_secs(1);
/// Between two pieces of news: in a burst of writes, one tells of many.
const GAP: Duration = Duration::from_millis(500);
/// Longer silences make proxies close a stream.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// Changes that one look takes in; more are told of by the next.
const BATCH: i64 = 500;
/// A stream that lags behind by more news is told to look for itself.
const BACKLOG: usize = 64;
/// Streams of one node. Whoever comes later asks for figures now and then instead.
const MOST: usize = 3_000;

/// The open streams of this node.
pub struct Arrivals {
    news: Sender<News>,
    open: AtomicUsize,
    turn: tokio::sync::Mutex<Turn>,
}

/// A piece of news.
#[derive(Clone)]
enum News {
    /// What goes into the streams of these readers.
    Piece(Readers, Bytes),
    /// Each of these members was told something, or read it: the streams of others say nothing.
    Told(Arc<BTreeSet<MemberId>>),
    /// The server stops.
    Over,
}

/// What the one who looks remembers.
#[derive(Default)]
struct Turn {
    cursor: Option<i64>,
    told_at: Option<Instant>,
}

impl Default for Arrivals {
    fn default() -> Self {
        Self { news: broadcast::channel(BACKLOG).0, open: AtomicUsize::new(0), turn: tokio::sync::Mutex::default() }
    }
}

impl Arrivals {
    /// Starts the tail of this node.
    pub fn start(app: &Data<App>, jobs: &mut Jobs) {
        let (data, stop) = (app.clone(), jobs.stop());
        jobs.spawn(async move {
            repeat("arrivals", stop, data.db.changed(), POLL, || step(&data)).await;
            // Nobody hears it where nothing is open.
            let _nobody = data.arrivals.news.send(News::Over);
        });
    }
}

/// `GET /live`
pub async fn listen(app: Data<App>, viewer: Viewer, request: HttpRequest) -> Result<HttpResponse, Error> {
    if app.arrivals.open.fetch_add(1, Ordering::SeqCst) >= MOST {
        app.arrivals.open.fetch_sub(1, Ordering::SeqCst);
        return Err(Error::Busy { kept: None });
    }
    let member = viewer.0.as_ref().zip(session_mark(&request));
    let member =
        member.map(|(Member { id, handle, .. }, session)| Listener { id: *id, handle: handle.clone(), session });
    let open = Open { news: app.arrivals.news.subscribe(), app, viewer, member, begun: false };
    begin(&open.app).await?;
    let pieces = stream::unfold(open, |mut open| async move { Some((Ok::<_, Infallible>(open.next().await?), open)) });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Compressed, it would stay in the compressor's memory.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(pieces))
}

/// From here on every change is told: the stream says "look" for what was before, and nothing may fall between the two.
async fn begin(app: &App) -> Result<(), DbError> {
    let mut turn = app.arrivals.turn.lock().await;
    if turn.cursor.is_none() {
        turn.cursor = Some(app.db.read(db::newest_change).await?);
    }
    Ok(())
}

/// A stream that somebody reads. Dropping it gives its place to another.
struct Open {
    app: Data<App>,
    news: Receiver<News>,
    /// Who opened it.
    viewer: Viewer,
    /// As whom they are signed in there.
    member: Option<Listener>,
    begun: bool,
}

/// A member who hears of their own notices for as long as the session lasts.
struct Listener {
    id: MemberId,
    handle: String,
    session: String,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.app.arrivals.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Open {
    /// The next piece of the stream; `None`: it is over.
    async fn next(&mut self) -> Option<Bytes> {
        if !self.begun {
            self.begun = true;
            // What changed between the page and its stream is looked for once.
            return Some(Bytes::from_static(b"retry: 5000\n\nevent: look\ndata:\n\n"));
        }
        let heartbeat = Instant::now() + HEARTBEAT;
        loop {
            let told = tokio::select! {
                told = self.news.recv() => told,
                () = sleep_until(heartbeat) => return Some(Bytes::from_static(b": here\n\n")),
            };
            match told {
                Ok(News::Piece(readers, piece)) if readers.include_viewer(self.viewer.0.as_ref()) => {
                    return Some(piece);
                }
                // Not for whoever reads this stream.
                Ok(News::Piece(..)) => {}
                Ok(News::Told(members)) => {
                    if let Some(listener) = self.member.as_ref().filter(|listener| members.contains(&listener.id)) {
                        return self.ring(listener).await;
                    }
                }
                Err(RecvError::Lagged(_)) => return Some(Bytes::from_static(b"event: look\ndata:\n\n")),
                Ok(News::Over) | Err(RecvError::Closed) => return None,
            }
        }
    }

    /// The number beside the bell. `None`: the session ended, or nobody knows; the browser begins a stream anew, as who it is
    /// then.
    async fn ring(&self, listener: &Listener) -> Option<Bytes> {
        let (session, now) = (listener.session.clone(), self.app.clock.now());
        match self.app.db.read(move |conn| bell::count_for(conn, &session, now)).await {
            Ok(unread) => {
                let news = |unread| format!("event: bell\ndata: {}\n\n", bell::news(&listener.handle, unread));
                unread.map(|unread| Bytes::from(news(unread)))
            }
            Err(error) => {
                tracing::warn!(%error, "a member could not be told of a notice while reading");
                None
            }
        }
    }
}

/// Looks once, for all streams, and tells them what there is to tell.
async fn step(app: &App) -> Result<Progress, DbError> {
    let mut turn = app.arrivals.turn.lock().await;
    if app.arrivals.open.load(Ordering::SeqCst) == 0 {
        turn.cursor = None;
        return Ok(Progress::Idle);
    }
    if let Some(at) = turn.told_at {
        sleep_until(at + GAP).await;
    }
    let cursor = turn.cursor;
    let (newest, progress, figures, told) = app
        .db
        .read(move |conn| {
            let Some(cursor) = cursor else {
                return Ok((db::newest_change(conn)?, Progress::Idle, Vec::new(), BTreeSet::new()));
            };
            let changes = db::list_changes(conn, cursor, BATCH)?;
            let posts = changes.iter().filter(|change| change.post().is_some());
            let threads: BTreeSet<i64> = posts.map(|change| change.question_id).collect();
            let threads: Vec<QuestionId> = threads.into_iter().map(QuestionId).collect();
            let figures = if threads.is_empty() { Vec::new() } else { list_figures(conn, &threads)? };
            let is_full = i64::try_from(changes.len()).is_ok_and(|many| many >= BATCH);
            let progress = if is_full { Progress::More } else { Progress::Idle };
            let told: BTreeSet<MemberId> = changes.iter().filter_map(Changed::member).map(MemberId).collect();
            Ok::<_, DbError>((changes.last().map_or(cursor, |last| last.id), progress, figures, told))
        })
        .await?;
    turn.cursor = Some(newest);
    if !figures.is_empty() || !told.is_empty() {
        turn.told_at = Some(Instant::now());
    }
    let (public, private): (Vec<_>, Vec<_>) =
        figures.into_iter().partition(|(_, readers)| *readers == Readers::Everybody);
    let public: Vec<Figures> = public.into_iter().map(|(figures, _)| figures).collect();
    if !public.is_empty() {
        let piece = Bytes::from(format!("event: threads\ndata: {}\n\n", serde_json::json!(public)));
        let _nobody = app.arrivals.news.send(News::Piece(Readers::Everybody, piece));
    }
    for (Figures { id, .. }, readers) in private {
        let piece = Bytes::from(format!("event: look\ndata: {id}\n\n"));
        let _nobody = app.arrivals.news.send(News::Piece(readers, piece));
    }
    if !told.is_empty() {
        let _nobody = app.arrivals.news.send(News::Told(Arc::new(told)));
    }
    Ok(progress)
}
