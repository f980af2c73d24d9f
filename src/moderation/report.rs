//! Reporting a post: `GET` and `POST /report/{post}`. Every member may, once per post; the first one puts it into the
//! queue, and each is told what became of it.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::words;
use super::{Reason, Report, flags, store, weight_of};
use crate::app::App;
use crate::clock::Millis;
use crate::comments::{self, CommentId};
use crate::db::{Conn, DbError, PostKind, PostRef, Tx};
use crate::members::{Member, Posted, Viewer};
use crate::posts::{AnyPost, load_for};
use crate::questions::{self, Question, QuestionId};
use crate::trust;
use crate::web::{Error, Frame, Page, Problems, redirect};

const LONGEST_WORDS: usize = 500;

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Reporting {
    /// The word of a [`Reason`].
    reason: String,
    words: String,
}

#[derive(Template)]
#[template(path = "moderation/report.html")]
struct ReportPage {
    frame: Frame,
    problems: Problems,
    form: Reporting,
    post: AnyPost,
    question: Question,
    /// The viewer wrote it.
    own: bool,
    /// The viewer reported it.
    told: bool,
}

/// `GET /report/{post}`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    member: Member,
    post: web::Path<String>,
) -> Result<Page<impl Template>, Error> {
    let post = PostRef::parse(&post).ok_or(Error::NotFound)?;
    Ok(Page::ok(ReportPage::of(&app, frame, member, post).await?))
}

impl ReportPage {
    async fn of(app: &App, frame: Frame, by: Member, post: PostRef) -> Result<Self, Error> {
        let (post, question, own, told) = app
            .db
            .read(move |conn| {
                let told = store::has_reported(conn, post, by.id)?;
                let (post, question) = load(conn, post, &by, told)?;
                let own = post.author.member() == Some(by.id);
                Ok::<_, Error>((post, question, own, told))
            })
            .await?;
        let (problems, form) = (Problems::default(), Reporting::default());
        Ok(Self { frame, problems, form, post, question, own, told })
    }

    fn reasons(&self) -> Vec<Reason> {
        Reason::EVERY.iter().copied().filter(|reason| reason.fits(self.post.post)).collect()
    }

    fn is_chosen(&self, reason: &Reason) -> bool {
        self.form.reason == reason.as_str()
    }
}

/// A post that everybody sees, with its thread. Who reported it learns what a stranger would not: that it was hidden.
fn load(conn: &mut Conn, post: PostRef, by: &Member, told: bool) -> Result<(AnyPost, Question), Error> {
    let found = match load_for(conn, post, &Viewer(Some(by.clone()))) {
        Err(Error::NotFound) if told => {
            return Err(Error::Gone(words::REPORTED_AND_HIDDEN.to_owned()));
        }
        other => other?,
    };
    let question = questions::load_whole(conn, QuestionId(found.question_id), None)?;
    // What hangs on an answer that is hidden is shown to nobody.
    let hangs = post.kind == PostKind::Comment && comments::find_thread(conn, CommentId(post.id))?.is_none();
    if !found.is_shown() || hangs {
        return Err(Error::Gone(words::NOTHING_TO_REPORT.to_owned()));
    }
    Ok((found, question))
}

/// `POST /report/{post}`
pub async fn report(
    app: web::Data<App>,
    frame: Frame,
    post: web::Path<String>,
    posted: Posted<Member, Reporting>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let post = PostRef::parse(&post).ok_or(Error::NotFound)?;
    let Posted { by, form, .. } = posted;
    let mut problems = Problems::default();
    let reason = check(&mut problems, post, &form);
    let Some((reason, words)) = reason.filter(|_| problems.is_empty()) else {
        let page = ReportPage::of(&app, frame, by, post).await?;
        return Page::unprocessable(ReportPage { problems, form, ..page }).render(&request);
    };
    let now = app.clock.now();
    let done = app.db.write(move |tx| write(tx, post, &by, reason, words, now)).await;
    match done {
        // Pressed twice at the same moment: the other press has told us.
        Err(Refused::Db(error)) if error.is_unique_violation() => {}
        Err(refused) => return Err(refused.into()),
        Ok(()) => {}
    }
    Ok(redirect(format!("/report/{post}")))
}

fn check(problems: &mut Problems, post: PostRef, form: &Reporting) -> Option<(Reason, String)> {
    let reason = Reason::parse(&form.reason).filter(|reason| reason.fits(post));
    let words = match reason {
        None => {
            problems.add("reason", words::CHOOSE_WHAT_IS_WRONG);
            return None;
        }
        Some(Reason::Other) => problems.text("words", words::WHAT_IS_WRONG, &form.words, LONGEST_WORDS),
        Some(_) => problems.optional_text("words", words::WHAT_YOU_ADD, &form.words, LONGEST_WORDS),
    };
    reason.map(|reason| (reason, words))
}

/// Kept apart, so that a second press at the same moment can be told from trouble.
pub enum Refused {
    Db(DbError),
    Page(Error),
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Db(error) => error.into(),
            Refused::Page(error) => error,
        }
    }
}

impl From<DbError> for Refused {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl From<diesel::result::Error> for Refused {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Page(error)
    }
}

/// Writes the report; a second one of the same member changes nothing.
pub fn write(
    tx: &mut Tx<'_>,
    post: PostRef,
    by: &Member,
    reason: Reason,
    words: String,
    now: Millis,
) -> Result<(), Refused> {
    if store::has_reported(tx, post, by.id)? {
        return Ok(());
    }
    let (found, question) = load(tx, post, by, false)?;
    if found.author.member() == Some(by.id) {
        return Err(Error::Forbidden(words::YOU_WROTE_IT.to_owned()).into());
    }
    let flag = store::open_flag(tx, post, found.question_id, now)?.ok_or(Error::Busy { kept: None })?;
    let weight = weight_of(trust::find(tx, by.id)?.level);
    store::insert_report(tx, &Report { flag, by: by.id, reason, words, at: now }, weight)?;
    Ok(flags::await_staff(tx, flag, &question, now)?)
}
