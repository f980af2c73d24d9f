//! Suggest, do not send: for a question without a word of ours, the verified answers of other threads that fit it best, each
//! with why. Staff take one into their reply; what was offered and what was taken is counted: `GET /desk/suggestions`.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::attach::Attaching;
use super::talk::{Talking, again, find_news, refuse_claimed};
use super::words;
use crate::alike::VOUCHED;
use crate::answers::{self, Answer, AnswerId};
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::bridge::Cargo;
use crate::bridge::outbound::compose;
use crate::clock::Millis;
use crate::comments::{self, CommentId, NewComment};
use crate::db::{Conn, DbError, Tx};
use crate::members::{AtDesk, MemberId, Posted, Staff};
use crate::posts::{self, Author, Body, LONGEST_COMMENT};
use crate::questions::{self, QuestionId, Row};
use crate::queue::Subject;
use crate::results::{self, Taken};
use crate::search::{About, Among, Similar};
use crate::verifications::{self, Standing, Success, VerificationId, load_standing_of};
use crate::web::once::try_once;
use crate::web::{Error, Frame, Page, Problems, markdown, redirect};

/// More would have to be read.
const MOST: usize = 3;
const SPAN: Duration = Duration::from_secs(30 * 24 * 3600);
/// Rows of the page.
const LISTED: i64 = 50;

/// A verified answer of another thread, and why it may answer this one.
pub(super) struct Suggestion {
    pub standing: Standing,
    pub title: String,
    /// The address of the answer in its thread.
    pub place: String,
    /// What the two questions have in common.
    pub words: Vec<String>,
    pub success: Option<Success>,
    /// What would be sent.
    pub text: String,
}

impl Suggestion {
    /// The reasons, as one sentence: `router, drops · for R7 4.2 · worked for 3 of 4 who told us`.
    pub fn why(&self) -> String {
        let mut reasons = Vec::new();
        if !self.words.is_empty() {
            reasons.push(format!("same words: {}", self.words.join(", ")));
        }
        reasons.push(format!("for {}", self.standing.scope));
        reasons.extend(self.success.map(|success| success.to_string()));
        reasons.join(" · ")
    }
}

/// The best verified answers for a question, best first, and notes that they were offered.
pub(super) async fn offer(app: &App, question: QuestionId, about: &About) -> Result<Vec<Suggestion>, Error> {
    let mut similar = match app.search.similar(about, question, Among::Vouched).await {
        Ok(similar) => similar,
        // The page is of use without them.
        Err(error) => {
            tracing::warn!(%error, "nothing is suggested: {error}");
            return Ok(Vec::new());
        }
    };
    // What has next to nothing in common teaches staff not to look.
    similar.retain(|one| VOUCHED.is(one));
    if similar.is_empty() {
        return Ok(Vec::new());
    }
    let now = app.clock.now();
    let load = move |conn: &mut Conn| {
        let mut found = load(conn, similar, now)?;
        // Beside a part of another thread its own answers are no news.
        found.retain(|(of, _)| *of != question);
        let found: Vec<Suggestion> = found.into_iter().map(|(_, one)| one).take(MOST).collect();
        let known = results::list_offered(conn, question)?;
        Ok::<_, DbError>((found, known))
    };
    let (found, known) = app.db.read(load).await?;
    let new: Vec<VerificationId> = found.iter().map(|one| one.standing.id).filter(|id| !known.contains(id)).collect();
    if !new.is_empty() {
        app.db.write(move |tx| results::note_offered(tx, question, &new, now)).await?;
    }
    Ok(found)
}

/// The verified answers of these threads and of those that are part of them, best first, each with the question that it was
/// given to.
fn load(conn: &mut Conn, similar: Vec<Similar>, now: Millis) -> Result<Vec<(QuestionId, Suggestion)>, DbError> {
    let threads: Vec<QuestionId> = similar.iter().map(|one| one.question_id).collect();
    let wholes: HashMap<QuestionId, QuestionId> = questions::list_whole_threads(conn, &threads)?.into_iter().collect();
    let ids: Vec<i64> = wholes.keys().map(|id| id.0).collect();
    let rows: HashMap<QuestionId, Row> =
        questions::rows(conn, &threads)?.into_iter().map(|row| (row.id, row)).collect();
    let mut found: Vec<(f32, (QuestionId, Suggestion))> = Vec::new();
    for (standing, short_form) in load_standing_of(conn, &ids)? {
        let Some(answer) = answers::find(conn, AnswerId(standing.answer_id))? else { continue };
        let Some(whole) = wholes.get(&answer.question_id) else { continue };
        let Some(fits) = similar.iter().find(|one| one.question_id == *whole) else { continue };
        let Some(row) = rows.get(whole) else { continue };
        if standing.holds(now) && answer.shown() == standing.revision {
            let (score, given_to) = (fits.score * trust(&answer), answer.question_id);
            found.push((score, (given_to, suggestion(row, fits, answer, standing, short_form))));
        }
    }
    found.sort_by(|(left, _), (right, _)| right.total_cmp(left));
    Ok(found.into_iter().map(|(_, found)| found).collect())
}

/// What worked for those who told us goes before what did not; of what nobody told us nothing is held against it.
fn trust(answer: &Answer) -> f32 {
    let share = |count: i64| f32::from(u16::try_from(count).unwrap_or(u16::MAX));
    2.0 * (share(answer.worked) + 1.0) / (share(answer.worked + answer.broken) + 2.0)
}

fn suggestion(row: &Row, fits: &Similar, answer: Answer, standing: Standing, short_form: Option<String>) -> Suggestion {
    Suggestion {
        title: row.title.clone(),
        place: posts::place(row.id.0, &row.title, answer.id.post()),
        words: fits.words.clone(),
        success: Success::of(answer.worked, answer.broken),
        text: short_form.unwrap_or_else(|| compose::short_form(&answer.body)),
        standing,
    }
}

/// A suggestion that staff take into their reply.
pub(super) struct Taking {
    id: VerificationId,
    answer_id: AnswerId,
    /// Its words, to begin with.
    pub text: String,
    /// The whole address of the answer.
    url: String,
}

impl Taking {
    /// What a delivery of it carries.
    pub fn cargo(&self, comment: CommentId) -> Cargo {
        Cargo::Elsewhere { verification_id: self.id.0, answer_id: self.answer_id.0, comment_id: comment.0 }
    }

    /// Takes it, if staff still stand by it.
    pub fn take(
        &self,
        tx: &mut Tx<'_>,
        thread: QuestionId,
        by: MemberId,
        now: Millis,
    ) -> Result<Result<(), Problems>, DbError> {
        if find(tx, self.id, thread, now)?.is_none() {
            return Ok(Err(gone()));
        }
        results::note_taken(tx, thread, self.id, by, now)?;
        Ok(Ok(()))
    }
}

fn gone() -> Problems {
    let mut problems = Problems::default();
    let why = words::ANSWER_WITHDRAWN;
    problems.add("text", why);
    problems
}

/// Loads the suggestion that a form names; 0 names none. One that cannot be taken is a problem.
pub(super) async fn load_taken(
    app: &App,
    frame: &Frame,
    thread: QuestionId,
    suggestion: i64,
    problems: &mut Problems,
) -> Result<Option<Taking>, Error> {
    if suggestion == 0 {
        return Ok(None);
    }
    let (id, now) = (VerificationId(suggestion), app.clock.now());
    let found = app.db.read(move |conn| find(conn, id, thread, now)).await?;
    if found.is_none() {
        *problems = gone();
    }
    Ok(found.map(|(one, answer_id)| {
        let url = format!("{}{}", frame.address(), one.place);
        Taking { id, answer_id, text: one.text, url }
    }))
}

/// A suggestion as it stands now. `None`: staff do not stand by it any more, or it is of this very thread.
fn find(
    conn: &mut Conn,
    id: VerificationId,
    thread: QuestionId,
    now: Millis,
) -> Result<Option<(Suggestion, AnswerId)>, DbError> {
    let record = match verifications::load_record(conn, id) {
        Err(error) if error.is_not_found() => return Ok(None),
        other => other?,
    };
    let whole = questions::find_merged_into(conn, record.question_id)?.unwrap_or(record.question_id);
    if [record.question_id, whole].contains(&thread) {
        return Ok(None);
    }
    let similar = Similar { question_id: whole, score: 1.0, alike: 1.0, words: Vec::new() };
    let found = load(conn, vec![similar], now)?;
    let found = found.into_iter().map(|(_, one)| one).find(|one| one.standing.id == id);
    Ok(found.map(|one| (one, record.answer_id)))
}

/// The comment that stands for a reply: its words, and where those of another thread come from.
pub(super) fn body(text: &str, taken: Option<&Taking>) -> Body {
    let source = match taken {
        Some(taken) => format!("{text}\n\nFrom a verified answer: {}", taken.url),
        None => text.to_owned(),
    };
    Body { html: markdown::from_plain(&source), source }
}

/// `POST /desk/questions/{id}/take`: for a question that was asked here, a suggestion becomes a comment of its taker.
pub async fn take_here(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<QuestionId>,
    posted: Posted<Staff, Talking>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let Posted { by: Staff(by), form, kept } = posted;
    app.db.read(move |conn| questions::load(conn, id).map(drop)).await?;
    let mut problems = Problems::default();
    let text = problems.text("text", "Your message", &form.text, LONGEST_COMMENT);
    let taken = load_taken(&app, &frame, id, form.suggestion, &mut problems).await?;
    let Some(taken) = taken.filter(|_| problems.is_empty()) else {
        let problems = if problems.is_empty() { gone() } else { problems };
        return again(&app, frame, by, id, (form, Attaching::nothing()), problems, &request).await;
    };
    let (member, body) = (by.id, body(&text, Some(&taken)));
    let done = try_once(&app.db, kept, now, move |tx| {
        questions::hold(tx, id)?;
        let takes_over = !form.take_over.is_empty();
        if let Some(problem) = refuse_claimed(tx, Subject::Question(id.0), member, takes_over, now)? {
            let mut problems = Problems::default();
            problems.add("claim", problem);
            return Ok(Err((form, problems)));
        }
        if let Some(news) = find_news(tx, id, &form.known)? {
            let mut problems = Problems::default();
            problems.add("text", news);
            return Ok(Err((form, problems)));
        }
        if let Err(problems) = taken.take(tx, id, member, now)? {
            return Ok(Err((form, problems)));
        }
        let (author, Body { source, html }) = (Author::Member(member), body);
        let new =
            NewComment { question_id: id, answer_id: None, author, body: source, body_html: html, created_at: now };
        let comment = comments::insert(tx, &new)?;
        let line = Entry::new(member, Act::Send, comment.post(), now);
        audit::record(tx, &Entry { question_id: Some(id.0), ..line })?;
        Ok(Ok(format!("/desk/questions/{id}#{}", comment.post())))
    });
    match done.await? {
        Ok(place) => Ok(redirect(place)),
        Err((form, problems)) => again(&app, frame, by, id, (form, Attaching::nothing()), problems, &request).await,
    }
}

#[derive(Template)]
#[template(path = "desk/suggestions.html")]
struct SuggestionsPage {
    frame: Frame,
    offered: i64,
    taken: i64,
    last: Vec<(Taken, Option<Row>)>,
}

impl SuggestionsPage {
    /// How many of a hundred were taken.
    fn share(&self) -> i64 {
        if self.offered == 0 { 0 } else { self.taken * 100 / self.offered }
    }
}

/// `GET /desk/suggestions`
pub async fn show(app: web::Data<App>, frame: Frame, _by: AtDesk) -> Result<Page<impl Template>, Error> {
    let since = app.clock.now().minus(SPAN);
    let page = app
        .db
        .read(move |conn| {
            let (offered, taken) = results::count_suggested(conn, since)?;
            let last = results::list_taken(conn, LISTED)?;
            let ids: Vec<QuestionId> = last.iter().map(|one| one.question_id).collect();
            let rows = questions::rows(conn, &ids)?;
            let row_of = |id: QuestionId| rows.iter().find(|row| row.id == id).cloned();
            let last = last.into_iter().map(|one| (one.clone(), row_of(one.question_id))).collect();
            Ok::<_, DbError>(SuggestionsPage { frame, offered, taken, last })
        })
        .await?;
    Ok(Page::ok(page))
}
