//! Reported posts: `GET /desk/flags` lists them, `POST /desk/flags/{id}` decides about one. Either way those who reported
//! it are told.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::hide::{self, Doing};
use super::people::Names;
use super::words;
use super::{Flag, FlagId, Forms, LISTED, Pressed, Reason, Report, read_reason, store};
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::db::{Conn, DbError, PostKind, PostRef, Tx};
use crate::members::{AtDesk, Member, MemberId, Posted, Staff, Viewer};
use crate::notices::{self, NewNotice};
use crate::posts::{AnyPost, load_for};
use crate::questions::{self, Question, QuestionId};
use crate::queue::{self, Item};
use crate::web::frame::local_path;
use crate::web::{Error, Frame, Page, Problems, redirect};

/// A flag with what its reader must know to decide.
pub struct FlagView {
    pub flag: Flag,
    pub reports: Vec<Report>,
    pub post: AnyPost,
    /// Staff vouch for it.
    pub verified: bool,
}

impl FlagView {
    /// The reasons with their numbers, the most frequent first: `spam (2), rude (1)`.
    pub fn reasons(&self) -> String {
        let count = |reason: Reason| self.reports.iter().filter(|report| report.reason == reason).count();
        let mut counted: Vec<(usize, &str)> = Reason::EVERY
            .iter()
            .map(|reason| (count(*reason), reason.label()))
            .filter(|(count, _)| *count > 0)
            .collect();
        counted.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        if let ([_], [(_, label)]) = (self.reports.as_slice(), counted.as_slice()) {
            return (*label).to_owned();
        }
        counted.iter().map(|(count, label)| format!("{label} ({count})")).collect::<Vec<_>>().join(", ")
    }
}

pub(super) fn dress(conn: &mut Conn, flags: Vec<Flag>, reader: &Viewer) -> Result<Vec<FlagView>, Error> {
    let ids: Vec<FlagId> = flags.iter().map(|flag| flag.id).collect();
    let reports = if ids.is_empty() { Vec::new() } else { store::list_reports(conn, &ids)? };
    let threads: Vec<QuestionId> = flags.iter().map(|flag| QuestionId(flag.question_id)).collect();
    let rows = if threads.is_empty() { Vec::new() } else { questions::rows(conn, &threads)? };
    let mut views = Vec::with_capacity(flags.len());
    for flag in flags {
        let post = match load_for(conn, flag.post, reader) {
            Ok(post) => post,
            // Removed for good meanwhile: there is nothing to decide any more.
            Err(Error::NotFound) => continue,
            Err(error) => return Err(error),
        };
        let reports = reports.iter().filter(|report| report.flag == flag.id).cloned().collect();
        let verified = flag.post.kind == PostKind::Answer
            && rows.iter().any(|row| row.verified_answer_id == Some(flag.post.id) && row.id.0 == flag.question_id);
        views.push(FlagView { flag, reports, post, verified });
    }
    Ok(views)
}

#[derive(Template)]
#[template(path = "moderation/flags.html")]
struct FlagsPage {
    frame: Frame,
    forms: Forms<FlagId>,
    flags: Vec<FlagView>,
    names: Names,
    faster: bool,
}

/// `GET /desk/flags`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    by: AtDesk,
    asked: web::Query<Pressed>,
) -> Result<Page<impl Template>, Error> {
    let page = FlagsPage::of(&app, frame, by.0).await?;
    Ok(Page::ok(FlagsPage { faster: asked.was_late(), ..page }))
}

impl FlagsPage {
    async fn of(app: &App, frame: Frame, by: Member) -> Result<Self, Error> {
        let reader = Viewer(Some(by));
        let (flags, names) = app
            .db
            .read(move |conn| {
                let open = store::list_open_flags(conn, LISTED)?;
                let flags = dress(conn, open, &reader)?;
                let reporters = flags.iter().flat_map(|view| view.reports.iter().map(|report| report.by));
                let names = Names::load(conn, flags.iter().map(|view| view.post.author), reporters)?;
                Ok::<_, Error>((flags, names))
            })
            .await?;
        Ok(Self { frame, forms: Forms::fresh(), flags, names, faster: false })
    }

    fn problems_of(&self, view: &FlagView) -> &Problems {
        self.forms.problems_of(view.flag.id)
    }
}

#[derive(Deserialize)]
pub struct Deciding {
    act: Decision,
    #[serde(default)]
    reason: String,
    back: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Decision {
    Hide,
    Dismiss,
}

/// `POST /desk/flags/{id}`
pub async fn decide(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<FlagId>,
    posted: Posted<Staff, Deciding>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, Posted { by: Staff(by), form, .. }) = (id.into_inner(), posted);
    let reason = match read_reason(form.act == Decision::Hide, &form.reason) {
        Ok(reason) => reason,
        Err(problems) => {
            let page = FlagsPage::of(&app, frame, by).await?;
            return Page::unprocessable(FlagsPage { forms: Forms::back(id, problems), ..page }).render(&request);
        }
    };
    let doing = Doing { by: by.id, reason, now: app.clock.now() };
    let done = app.db.write(move |tx| carry_out(tx, id, form.act, &by, &doing)).await?;
    app.bridge.wake_outbox();
    let back =
        local_path(form.back.as_deref().or(Some("/desk/flags"))).split('?').next().unwrap_or("/desk/flags").to_owned();
    Ok(redirect(if done { back } else { format!("{back}?faster=1") }))
}

/// `false`: somebody was faster.
fn carry_out(tx: &mut Tx<'_>, id: FlagId, act: Decision, by: &Member, doing: &Doing) -> Result<bool, Error> {
    let flag = store::find_flag(tx, id)?.ok_or(Error::NotFound)?;
    let post = load_for(tx, flag.post, &Viewer(Some(by.clone())))?;
    if post.author.member() == Some(by.id) {
        return Err(Error::Forbidden(words::YOU_WROTE_WHAT_WAITS.to_owned()));
    }
    match act {
        // The flag first: of two who decide at once, one has it.
        Decision::Hide => Ok(settle(tx, &flag, true, doing)? && hide::hide(tx, &post, doing)?),
        Decision::Dismiss => Ok(dismiss(tx, &flag, doing)?),
    }
}

/// The post stays, and those who reported it are told.
fn dismiss(tx: &mut Tx<'_>, flag: &Flag, doing: &Doing) -> Result<bool, DbError> {
    if !settle(tx, flag, false, doing)? {
        return Ok(false);
    }
    let entry = Entry {
        by: Some(doing.by),
        act: Act::Dismiss,
        subject: flag.post.to_string(),
        question_id: Some(flag.question_id),
        words: String::new(),
        at: doing.now,
    };
    audit::record(tx, &entry)?;
    Ok(true)
}

/// A post was hidden: whoever reported it is told so.
pub(super) fn uphold(tx: &mut Tx<'_>, post: PostRef, doing: &Doing) -> Result<(), DbError> {
    match store::find_open_flag(tx, post)? {
        Some(flag) => settle(tx, &flag, true, doing).map(drop),
        None => Ok(()),
    }
}

fn settle(tx: &mut Tx<'_>, flag: &Flag, upheld: bool, doing: &Doing) -> Result<bool, DbError> {
    if !store::decide_flag(tx, flag.id, doing.by, upheld, doing.now)? {
        return Ok(false);
    }
    queue::close(tx, queue::Kind::Flag, flag.id.0)?;
    let kind = if upheld { notices::Kind::ReportUpheld } else { notices::Kind::ReportDismissed };
    for report in store::list_reports(tx, &[flag.id])? {
        tell_reporter(tx, flag, &report, kind, doing.by, doing.now)?;
    }
    Ok(true)
}

/// A reported post waits for staff.
pub(super) fn await_staff(tx: &mut Tx<'_>, id: FlagId, thread: &Question, since: Millis) -> Result<(), DbError> {
    let (topic, network) = (thread.topic.as_ref().map(|topic| topic.id.0), thread.author.origin());
    queue::open(tx, &Item::in_thread(queue::Kind::Flag, id.0, thread.id.0, topic, network, since))
}

/// A thread is shown again: what was reported in it waits for staff again.
pub(super) fn await_again(tx: &mut Tx<'_>, thread: &Question) -> Result<(), DbError> {
    let open = store::list_open_flags_in(tx, thread.id.0)?;
    open.into_iter().try_for_each(|flag| await_staff(tx, flag.id, thread, flag.created_at))
}

fn tell_reporter(
    tx: &mut Tx<'_>,
    flag: &Flag,
    report: &Report,
    kind: notices::Kind,
    by: MemberId,
    now: Millis,
) -> Result<(), DbError> {
    let notice = NewNotice {
        to: report.by,
        kind,
        question_id: Some(flag.question_id),
        post: Some(flag.post),
        subject: None,
        by: Some(by),
        words: String::new(),
        at: now,
    };
    notices::tell(tx, &notice).map(drop)
}
