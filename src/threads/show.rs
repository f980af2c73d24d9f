//! The question page: `GET /questions/{id}` and `/questions/{id}/{slug}`.

use std::collections::HashMap;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::conversation::{self, Turn};
use super::extras::Extras;
use super::permalink::find_imported;
use super::structured::qa_page;
use super::{AlsoAsked, AnswerView, AuthorView, Thread, load, words};
use crate::affected;
use crate::alike::Listed;
use crate::answers::{self, AnswerId, accept::may_accept, helped::Said};
use crate::app::App;
use crate::asking::details::may_detail;
use crate::db::{Conn, MadeOf, PostKind};
use crate::follows::{Button, What};
use crate::members::{Known, Person, Viewer};
use crate::posts::{AnyPost, Author, Origin, list_unshown_in, load_for, slug};
use crate::questions::{self, Question, QuestionId};
use crate::verifications::Standing;
use crate::votes::Vote;
use crate::web::form::new_submission;
use crate::web::{Error, Frame, Page, Problems, grouped, markdown};

/// Characters of a description in search results elsewhere.
const LONGEST_DESCRIPTION: usize = 155;

#[derive(Template)]
#[template(path = "threads/thread.html")]
struct ThreadPage {
    frame: Frame,
    thread: Thread,
    beside: Beside,
    /// What was said on the network; empty where it was no talk.
    talk: Vec<Turn>,
    extras: Extras,
    /// Questions like this one.
    similar: Listed,
    /// The viewer may change what the question carries beside its words.
    may_detail: bool,
    description: String,
    /// For search engines; none where there is no answer.
    structured: Option<String>,
    /// This site lets its single staff member verify their own answers.
    verifies_own: bool,
    /// The viewer may say which answer helped.
    may_accept: bool,
    /// The button that follows it.
    following: Option<Button>,
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
    Thread(Box<Thread>, Beside, Extras),
    Unshown(AnyPost),
    /// It is part of this thread.
    PartOf(Question),
    /// No question of ours has this number; a post had it on the site that it came from, and is there now.
    Imported(String),
}

/// What of a thread only its viewer sees, or is about them.
struct Beside {
    unshown: Vec<AnyPost>,
    is_affected: bool,
    said: HashMap<AnswerId, Said>,
}

impl Beside {
    fn load(conn: &mut Conn, thread: &Thread, viewer: &Viewer, person: Option<&Person>) -> Result<Self, Error> {
        let unshown = list_unshown_in(conn, thread.question.id.0, viewer)?;
        let Some(person) = person else { return Ok(Self { unshown, is_affected: false, said: HashMap::new() }) };
        let is_affected = affected::is_said(conn, thread.question.id, person)?;
        let answers: Vec<AnswerId> = thread.answers.iter().map(|answer| answer.id).collect();
        Ok(Self { unshown, is_affected, said: answers::list_said_by(conn, &person.to_string(), &answers)? })
    }
}

fn find(conn: &mut Conn, id: QuestionId, viewer: &Viewer, person: Option<&Person>) -> Result<Found, Error> {
    match load(conn, id, viewer) {
        Ok(thread) => {
            let beside = Beside::load(conn, &thread, viewer, person)?;
            let extras = Extras::load(conn, &thread.question)?;
            Ok(Found::Thread(Box::new(thread), beside, extras))
        }
        Err(gone @ Error::Gone(_)) => match find_whole(conn, id)? {
            Some(into) => Ok(Found::PartOf(into)),
            None => find_unshown(conn, id, viewer, gone),
        },
        Err(Error::NotFound) => match find_imported(conn, id.0, viewer)? {
            Some(place) => Ok(Found::Imported(place)),
            None => Err(Error::NotFound),
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
    who: (Viewer, Known),
    id: web::Path<QuestionId>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    respond(app, frame, who, id.into_inner(), "", &request).await
}

/// `GET /questions/{id}/{slug}`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    who: (Viewer, Known),
    path: web::Path<(QuestionId, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, asked_slug) = path.into_inner();
    respond(app, frame, who, id, &asked_slug, &request).await
}

async fn respond(
    app: web::Data<App>,
    frame: Frame,
    (viewer, Known(person)): (Viewer, Known),
    id: QuestionId,
    asked_slug: &str,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let who = viewer.clone();
    let recalled = app.beside.recall(app.db.fresh(), id);
    let load = move |conn: &mut Conn| {
        let found = find(conn, id, &who, person.as_ref())?;
        Ok::<_, Error>((found, Button::load(conn, &who, What::question(id.0))?, recalled.load(conn)?))
    };
    let (found, following, similar) = app.db.read(load).await?;
    let (mut thread, beside, extras) = match found {
        Found::Thread(thread, beside, extras) => (*thread, beside, extras),
        Found::PartOf(into) => return Ok(moved(format!("{}#question-{id}", into.place()))),
        Found::Imported(place) => return Ok(moved(place)),
        Found::Unshown(post) => return Page::ok(UnshownPage { frame, post }).render(request),
    };
    if asked_slug != slug(&thread.question.title) {
        return Ok(moved(thread.question.place()));
    }
    let may_accept = viewer.0.as_ref().is_some_and(|member| may_accept(member, &thread.question));
    let may_detail = viewer.0.as_ref().is_some_and(|member| may_detail(member, &thread.question));
    let submission = if viewer.0.is_some() { new_submission() } else { String::new() };
    let description = describe(&thread);
    let structured = if thread.question.private { None } else { qa_page(&thread, frame.address()) };
    let talk = conversation::take(&mut thread);
    let made_of = MadeOf::Threads(
        thread.parts().into_iter().chain(extras.linked()).chain(similar.ids.iter().map(|id| id.0)).collect(),
    );
    let mut until = thread.next_end(frame.now);
    // What is private is looked for nowhere.
    if !thread.question.private {
        let holds = app.beside.see_to(&thread.question, &similar, frame.now);
        until = Some(until.map_or(holds, |end| end.min(holds)));
    }
    let (verifies_own, no_problems) = (app.config.site.single_staff, Problems::default());
    let page = ThreadPage {
        frame,
        thread,
        beside,
        talk,
        extras,
        similar,
        may_detail,
        description,
        structured,
        verifies_own,
        may_accept,
        following,
        submission,
        no_problems,
    };
    Page::ok(page).made_of(made_of, until).render(request)
}

/// The thread stands there now. A title can be set back and a merge undone: a browser that remembered the way for good could
/// then go in circles.
pub(super) fn moved(place: String) -> HttpResponse {
    HttpResponse::MovedPermanently()
        .insert_header((header::LOCATION, place))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .finish()
}

/// The first words of the question, on one line.
fn describe(thread: &Thread) -> String {
    let text = match thread.question.author {
        Author::Member(_) => markdown::text_of_html(&thread.question.body_html),
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

    /// The words of the form below the thread.
    fn answering(&self) -> words::Answering {
        let question = &self.thread.question;
        match (question.private && question.closed.is_none(), self.thread.post.own) {
            (true, true) => words::WRITE_MORE,
            (true, false) => words::ANSWER_ASKER,
            (false, _) => words::answering(question.closed.is_some(), self.answer_count()),
        }
    }

    fn talk_heading(&self) -> String {
        let network = self.thread.question.author.origin().map(Origin::label).unwrap_or_default();
        format!("The conversation on {network}")
    }

    /// The viewer's own question that is part of this one: they are counted.
    fn own_part(&self) -> Option<&AlsoAsked> {
        self.thread.also.iter().find(|also| also.own)
    }

    /// The viewer asked what this answers.
    fn asked(&self, answer: &AnswerView) -> bool {
        self.thread.post.own || answer.given_to.as_ref().is_some_and(|asked| asked.own)
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

    /// Whether the viewer said that an answer helped, and that it did not.
    fn said(&self, answer: &AnswerView) -> (bool, bool) {
        let said = self.beside.said.get(&answer.id);
        (said == Some(&Said::Helped), said == Some(&Said::DidNot))
    }

    fn affected_words(&self) -> String {
        people(self.thread.question.affected)
    }

    fn is_up(&self, vote: &Option<Vote>) -> bool {
        *vote == Some(Vote::Up)
    }

    fn is_down(&self, vote: &Option<Vote>) -> bool {
        *vote == Some(Vote::Down)
    }
}

fn people(number: i64) -> String {
    match number {
        0 => "Nobody else has said so yet".to_owned(),
        1 => "1 person has this too".to_owned(),
        many => format!("{} people have this too", grouped(many)),
    }
}
