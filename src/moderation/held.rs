//! Posts of new members that wait for review: `GET /desk/posts-held` lists them, `POST /desk/posts-held/{id}` lets one
//! through or does not. Nobody decides about their own.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::hide::{self, Doing};
use super::people::Names;
use super::sight;
use super::words;
use super::{Forms, LISTED, Pressed, read_reason};
use crate::app::App;
use crate::audit::Act;
use crate::db::{Conn, PostKind, Tx};
use crate::holds::{self, Decision, Hold, HoldId};
use crate::members::{AtDesk, Member, Posted, Staff, Viewer};
use crate::notices;
use crate::posts::{AnyPost, HiddenAs, load_for};
use crate::questions::{self, QuestionId};
use crate::web::{Error, Frame, Page, Problems, redirect};

/// A held post as staff read it.
struct HeldView {
    hold: Hold,
    post: AnyPost,
    /// The viewer wrote it.
    own: bool,
}

#[derive(Template)]
#[template(path = "moderation/held.html")]
struct HeldPage {
    frame: Frame,
    forms: Forms<HoldId>,
    held: Vec<HeldView>,
    names: Names,
    faster: bool,
}

/// `GET /desk/posts-held`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    by: AtDesk,
    asked: web::Query<Pressed>,
) -> Result<Page<impl Template>, Error> {
    let page = HeldPage::of(&app, frame, by.0).await?;
    Ok(Page::ok(HeldPage { faster: asked.was_late(), ..page }))
}

impl HeldPage {
    async fn of(app: &App, frame: Frame, by: Member) -> Result<Self, Error> {
        let (held, names) = app.db.read(move |conn| load(conn, by)).await?;
        Ok(Self { frame, forms: Forms::fresh(), held, names, faster: false })
    }

    fn problems_of(&self, view: &HeldView) -> &Problems {
        self.forms.problems_of(view.hold.id)
    }
}

fn load(conn: &mut Conn, by: Member) -> Result<(Vec<HeldView>, Names), Error> {
    let reader = Viewer(Some(by));
    let mut held = Vec::new();
    for hold in holds::list_open(conn, LISTED)? {
        let post = match load_for(conn, hold.post, &reader) {
            Ok(post) => post,
            Err(Error::NotFound) => continue,
            Err(error) => return Err(error),
        };
        held.push(HeldView { own: Some(hold.by) == reader.id(), hold, post });
    }
    let names = Names::load(conn, held.iter().map(|view| view.post.author), std::iter::empty())?;
    Ok((held, names))
}

#[derive(Deserialize)]
pub struct Deciding {
    act: Verdict,
    #[serde(default)]
    reason: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Approve,
    Reject,
}

/// `POST /desk/posts-held/{id}`
pub async fn decide(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<HoldId>,
    posted: Posted<Staff, Deciding>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, Posted { by: Staff(by), form, .. }) = (id.into_inner(), posted);
    let reason = match read_reason(form.act == Verdict::Reject, &form.reason) {
        Ok(reason) => reason,
        Err(problems) => {
            let page = HeldPage::of(&app, frame, by).await?;
            return Page::unprocessable(HeldPage { forms: Forms::back(id, problems), ..page }).render(&request);
        }
    };
    let doing = Doing { by: by.id, reason, now: app.clock.now() };
    let done = app.db.write(move |tx| carry_out(tx, id, form.act, &by, &doing)).await?;
    Ok(redirect(if done { "/desk/posts-held" } else { "/desk/posts-held?faster=1" }))
}

/// `false`: somebody was faster.
fn carry_out(tx: &mut Tx<'_>, id: HoldId, verdict: Verdict, by: &Member, doing: &Doing) -> Result<bool, Error> {
    let Some(hold) = holds::find_open(tx, id)? else { return Ok(false) };
    if hold.by == by.id {
        return Err(Error::Forbidden(words::YOU_WROTE_WHAT_WAITS.to_owned()));
    }
    let approved = verdict == Verdict::Approve;
    let decision = Decision { approved, by: by.id, at: doing.now, reason: doing.reason.clone() };
    if !holds::settle(tx, id, &decision)? {
        return Ok(false);
    }
    let post = load_for(tx, hold.post, &Viewer(Some(by.clone())))?;
    let (act, kind) = if approved {
        publish(tx, &post, doing)?;
        (Act::Approve, notices::Kind::Approved)
    } else {
        (Act::Reject, notices::Kind::Rejected)
    };
    hide::tell_author(tx, &post, kind, doing)?;
    hide::record(tx, &post, act, doing)?;
    Ok(true)
}

/// Shows a held post as if it were written now: its thread is active again, while it keeps its own time.
fn publish(tx: &mut Tx<'_>, post: &AnyPost, doing: &Doing) -> Result<(), Error> {
    let thread = QuestionId(post.question_id);
    if post.post.kind != PostKind::Question && questions::find_open(tx, thread)?.is_none() {
        let why = words::THREAD_NOT_SHOWN;
        return Err(Error::BadRequest(why.to_owned()));
    }
    if !sight::bring_back(tx, hide::spot_of(post), HiddenAs::Held, doing.now)? {
        return Err(Error::BadRequest(words::NOT_HELD.to_owned()));
    }
    questions::touched(tx, thread, doing.now)?;
    Ok(())
}
