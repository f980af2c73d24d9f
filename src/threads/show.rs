//! The question page: `GET /questions/{id}` and `/questions/{id}/{slug}`.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::conversation::{self, Turn};
use super::{AnswerView, AuthorView, Thread, load};
use crate::answers::accept::may_accept;
use crate::app::App;
use crate::db::{Conn, PostKind};
use crate::members::Viewer;
use crate::posts::{AnyPost, Author, Origin, list_unshown_in, load_for, slug};
use crate::questions::{self, Question, QuestionId};
use crate::verifications::Standing;
use crate::votes::Vote;
use crate::web::form::new_submission;
use crate::web::{Error, Frame, Page, Problems, markdown, redirect};

/// Characters of a description in search results elsewhere.
const LONGEST_DESCRIPTION: usize = 155;

#[derive(Template)]
#[template(path = "threads/thread.html")]
struct ThreadPage {
    frame: Frame,
    thread: Thread,
    /// What the viewer sees of it and others do not.
    unshown: Vec<AnyPost>,
    /// What was said on the network; empty where it was no talk.
    talk: Vec<Turn>,
    description: String,
    /// This site lets its single staff member verify their own answers.
    verifies_own: bool,
    /// The viewer may say which answer helped.
    may_accept: bool,
    /// For the forms of a signed-in viewer; each form is an act of its own, so one id serves them all.
    submission: String,
    no_problems: Problems,
}

/// A question that is hidden or held, as its author and the desk see it.
#[derive(Template)]
#[template(path = "threads/unshown.html")]
struct UnshownPage {
    frame: Frame,
    post: AnyPost,
}

/// What stands at the address of a question.
enum Found {
    Thread(Box<Thread>, Vec<AnyPost>),
    Unshown(AnyPost),
    /// It is part of this thread.
    PartOf(Question),
}

fn find(conn: &mut Conn, id: QuestionId, viewer: &Viewer) -> Result<Found, Error> {
    match load(conn, id, viewer) {
        Ok(thread) => Ok(Found::Thread(Box::new(thread), list_unshown_in(conn, id.0, viewer)?)),
        Err(gone @ Error::Gone(_)) => match find_whole(conn, id)? {
            Some(into) => Ok(Found::PartOf(into)),
            None => find_unshown(conn, id, viewer, gone),
        },
        Err(error) => Err(error),
    }
}

/// The thread that this one is part of.
fn find_whole(conn: &mut Conn, id: QuestionId) -> Result<Option<Question>, Error> {
    match questions::find_merged_into(conn, id)? {
        Some(into) => Ok(questions::find(conn, into)?),
        None => Ok(None),
    }
}

fn find_unshown(conn: &mut Conn, id: QuestionId, viewer: &Viewer, gone: Error) -> Result<Found, Error> {
    match load_for(conn, id.post(), viewer) {
        Ok(post) if post.is_hidden() || post.is_held() => Ok(Found::Unshown(post)),
        Ok(_) | Err(Error::NotFound) => Err(gone),
        Err(error) => Err(error),
    }
}

/// `GET /questions/{id}`
pub async fn show_short(
    app: web::Data<App>,
    frame: Frame,
    viewer: Viewer,
    id: web::Path<QuestionId>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    respond(app, frame, viewer, id.into_inner(), "", &request).await
}

/// `GET /questions/{id}/{slug}`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    viewer: Viewer,
    path: web::Path<(QuestionId, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, asked_slug) = path.into_inner();
    respond(app, frame, viewer, id, &asked_slug, &request).await
}

async fn respond(
    app: web::Data<App>,
    frame: Frame,
    viewer: Viewer,
    id: QuestionId,
    asked_slug: &str,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let who = viewer.clone();
    let (mut thread, unshown) = match app.db.read(move |conn| find(conn, id, &who)).await? {
        Found::Thread(thread, unshown) => (*thread, unshown),
        // A merge can be taken back: nobody may remember the way.
        Found::PartOf(into) => {
            let place = format!("{}#question-{id}", into.place());
            let mut answer = redirect(place);
            answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-cache"));
            return Ok(answer);
        }
        Found::Unshown(post) => return Page::ok(UnshownPage { frame, post }).render(request),
    };
    if asked_slug != slug(&thread.question.title) {
        // A title can be set back: a browser that remembered the way for good could then go in circles.
        return Ok(HttpResponse::MovedPermanently()
            .insert_header((header::LOCATION, thread.question.place()))
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .finish());
    }
    let may_accept = viewer.0.as_ref().is_some_and(|member| may_accept(member, &thread.question));
    let submission = if viewer.0.is_some() { new_submission() } else { String::new() };
    let description = describe(&thread);
    let talk = conversation::take(&mut thread);
    let (verifies_own, no_problems) = (app.config.site.single_staff, Problems::default());
    let page =
        ThreadPage { frame, thread, unshown, talk, description, verifies_own, may_accept, submission, no_problems };
    Page::ok(page).render(request)
}

/// The first words of the question, on one line.
fn describe(thread: &Thread) -> String {
    let text = match thread.question.author {
        Author::Member(_) => markdown::to_text(&thread.question.body),
        Author::Remote { .. } => thread.question.body.clone(),
    };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST_DESCRIPTION) {
        None => line,
        Some((end, _)) => {
            let whole_words = line[..end].rsplit_once(' ').map_or(&line[..end], |(words, _)| words);
            format!("{whole_words} …")
        }
    }
}

impl ThreadPage {
    fn canonical(&self) -> String {
        format!("{}{}", self.frame.address(), self.thread.question.place())
    }

    /// Staff vouch for what is shown, and stand by it now.
    fn is_verified(&self, answer: &AnswerView) -> bool {
        !answer.changed_since && answer.standing.as_ref().is_some_and(|standing| self.holds(standing))
    }

    /// Staff stand by it now.
    fn holds(&self, standing: &Standing) -> bool {
        standing.holds(self.frame.now)
    }

    fn is_expired(&self, standing: &Standing) -> bool {
        standing.expired(self.frame.now)
    }

    /// Who vouches for the answer wrote it.
    fn is_own(&self, answer: &AnswerView, standing: &Standing) -> bool {
        matches!(&answer.post.author, AuthorView::Member(card) if card.handle == standing.by_handle)
    }

    /// Under which name the browser keeps an answer that was not sent yet.
    fn draft_key(&self) -> String {
        format!("answer-{}", self.thread.question.id)
    }

    fn talk_heading(&self) -> String {
        let network = self.thread.question.author.origin().map(Origin::label).unwrap_or_default();
        format!("The conversation on {network}")
    }

    /// How many answers there are, wherever they were given.
    fn answer_count(&self) -> usize {
        let said = self.talk.iter().filter(|turn| turn.answer().is_some() && !turn.by_asker).count();
        self.thread.answers.len() + said
    }

    fn is_ours(&self, author: &AuthorView) -> bool {
        matches!(author, AuthorView::Remote(card) if card.ours)
    }

    /// The text of a quoted post, which is plain.
    fn quoted(&self, text: &str) -> String {
        markdown::from_plain(text).into_string()
    }

    fn answers_heading(&self) -> String {
        match self.thread.answers.len() {
            0 => "No answer yet".to_owned(),
            1 => "1 answer".to_owned(),
            many => format!("{many} answers"),
        }
    }

    /// The best answer, where staff vouch for it: its standing is told beneath the title.
    fn best(&self) -> Option<(&AnswerView, &Standing)> {
        let best = self.thread.answers.first()?;
        Some((best, best.standing.as_ref().filter(|_| !best.changed_since)?))
    }

    fn is_up(&self, vote: &Option<Vote>) -> bool {
        *vote == Some(Vote::Up)
    }

    fn is_down(&self, vote: &Option<Vote>) -> bool {
        *vote == Some(Vote::Down)
    }
}
