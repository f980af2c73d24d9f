//! One post and all that may be done about it: `GET /desk/moderate/{post}`, and `POST` there to hide it or to show it again.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::flags::{FlagView, dress};
use super::hide::{self, Doing};
use super::people::{Named, Names, Typed};
use super::words;
use super::{LISTED, LONGEST_REASON, Pressed, check_reason, store};
use crate::app::App;
use crate::audit::{self, Line};
use crate::db::{Conn, PostKind, PostRef, Tx};
use crate::holds;
use crate::members::{AtDesk, Member, Posted, Staff, Viewer};
use crate::posts::{AnyPost, load_for};
use crate::questions::{self, Question, QuestionId};
use crate::topics::{self, Topic};
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Template)]
#[template(path = "moderation/post.html")]
pub(super) struct PostPage {
    frame: Frame,
    problems: Problems,
    no_problems: Problems,
    typed: Typed,
    post: AnyPost,
    author: Named,
    flags: Vec<FlagView>,
    /// It waits for review.
    waits: bool,
    /// Its thread, where that is shown.
    question: Option<Question>,
    topics: Vec<Topic>,
    history: Vec<Line>,
    names: Names,
    faster: bool,
}

/// `GET /desk/moderate/{post}`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    by: AtDesk,
    post: web::Path<String>,
    asked: web::Query<Pressed>,
) -> Result<Page<impl Template>, Error> {
    let post = PostRef::parse(&post).ok_or(Error::NotFound)?;
    let page = PostPage::of(&app, frame, by.0, post).await?;
    Ok(Page::ok(PostPage { faster: asked.was_late(), ..page }))
}

impl PostPage {
    pub(super) async fn of(app: &App, frame: Frame, by: Member, post: PostRef) -> Result<Self, Error> {
        app.db.read(move |conn| Self::load(conn, frame, by, post)).await
    }

    fn load(conn: &mut Conn, frame: Frame, by: Member, post: PostRef) -> Result<Self, Error> {
        let reader = Viewer(Some(by));
        let post = load_for(conn, post, &reader)?;
        let open = store::find_open_flag(conn, post.post)?;
        let flags = dress(conn, open.into_iter().collect(), &reader)?;
        let history = audit::list_about(conn, &[post.post.to_string()], LISTED)?;
        let people = history.iter().filter_map(|line| line.entry.by);
        let reporters = flags.iter().flat_map(|view| view.reports.iter().map(|report| report.by));
        let names = Names::load(conn, std::iter::once(post.author), people.chain(reporters))?;
        Ok(Self {
            frame,
            problems: Problems::default(),
            no_problems: Problems::default(),
            typed: Typed::default(),
            author: names.author(&post.author),
            flags,
            waits: holds::waits(conn, post.post)?,
            question: questions::find_open(conn, QuestionId(post.question_id))?,
            topics: topics::list(conn)?,
            history,
            names,
            post,
            faster: false,
        })
    }

    /// The page with a form that could not be taken.
    pub(super) fn with_form(self, typed: Typed, problems: Problems) -> Self {
        Self { typed, problems, ..self }
    }

    fn problems_of(&self, form: &str) -> &Problems {
        if self.typed.form == form { &self.problems } else { &self.no_problems }
    }

    fn reason_of(&self, form: &str) -> &str {
        if self.typed.form == form { &self.typed.reason } else { "" }
    }

    fn back(&self) -> String {
        format!("/desk/moderate/{}", self.post.post)
    }

    fn is_thread(&self) -> bool {
        self.post.post.kind == PostKind::Question
    }

    fn is_in(&self, topic: &Topic) -> bool {
        let in_topic = |question: &Question| question.topic.as_ref().is_some_and(|one| one.id == topic.id);
        self.question.as_ref().is_some_and(in_topic)
    }
}

#[derive(Deserialize)]
pub struct Acting {
    act: Act,
    #[serde(default)]
    reason: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Act {
    Hide,
    Restore,
}

/// `POST /desk/moderate/{post}`
pub async fn act(
    app: web::Data<App>,
    frame: Frame,
    post: web::Path<String>,
    posted: Posted<Staff, Acting>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let post = PostRef::parse(&post).ok_or(Error::NotFound)?;
    let Posted { by: Staff(by), form, .. } = posted;
    let mut problems = Problems::default();
    let (name, reason) = match form.act {
        Act::Hide => ("hide", check_reason(&mut problems, &form.reason)),
        Act::Restore => ("restore", problems.optional_text("reason", "The reason", &form.reason, LONGEST_REASON)),
    };
    if !problems.is_empty() {
        let typed = Typed { form: name, reason: form.reason, ..Typed::default() };
        let page = PostPage::of(&app, frame, by, post).await?;
        return Page::unprocessable(page.with_form(typed, problems)).render(&request);
    }
    let doing = Doing { by: by.id, reason, now: app.clock.now() };
    let done = app.db.write(move |tx| carry_out(tx, post, form.act, by, &doing)).await?;
    app.bridge.wake_outbox();
    Ok(redirect(format!("/desk/moderate/{post}{}", if done { "" } else { "?faster=1" })))
}

/// `false`: somebody was faster.
fn carry_out(tx: &mut Tx<'_>, post: PostRef, act: Act, by: Member, doing: &Doing) -> Result<bool, Error> {
    let is_own = |found: &AnyPost| found.author.member() == Some(by.id);
    let found = load_for(tx, post, &Viewer(Some(by.clone())))?;
    match act {
        Act::Hide => Ok(hide::hide(tx, &found, doing)?),
        Act::Restore if is_own(&found) => {
            let why = words::YOU_WROTE_THIS;
            Err(Error::Forbidden(why.to_owned()))
        }
        Act::Restore => Ok(hide::restore(tx, &found, doing)?),
    }
}
