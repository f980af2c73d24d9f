//! Verifying: `GET` and `POST /desk/answers/{id}/verify`. One transaction writes who vouches for what, and the delivery
//! that carries it to the asker; where the topic asks for a second person, their word sends it (`second.rs`).
//!
//! The form carries what its reader saw (the revision, the post that is answered, the latest delivery): where one of them
//! changed meanwhile nothing is written, and the form comes back with the news.

mod case;
mod form;
pub mod refuse;
pub mod second;
mod words;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

pub use self::case::{Awaiting, Case, Vouching, load_case, vouch};
use self::case::{decode, hold_case, look_around};
pub use self::form::Verifying;
use super::Pressed;
use super::also::{self, Also};
use super::attach::Attaching;
use super::preview::{Preview, count_url};
use super::queue::next::url as next_url;
use super::queue::{Filter, Pane, load_pane};
use super::writing::{self, Writing};
use crate::answers::AnswerId;
use crate::app::App;
use crate::bridge::Path;
use crate::bridge::outbound::{Target, withdraw_answer};
use crate::clock::Millis;
use crate::db::DbError;
use crate::drafts::{DraftId, Place};
use crate::members::{AtDesk, Member, Posted, PostedWithFiles, Staff, Viewer};
use crate::posts::history::{Change, Piece, compare};
use crate::queue::Subject;
use crate::threads::{self, AnswerView, AuthorView, Thread};
use crate::verifications::{self, Rules, VerificationId};
use crate::web::markdown::direction;
use crate::web::once::try_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

const LONGEST_WHY: usize = 500;

#[derive(Template)]
#[template(path = "desk/verify.html")]
pub(super) struct VerifyPage {
    frame: Frame,
    problems: Problems,
    form: Verifying,
    pictures: Attaching,
    case: Case,
    thread: Thread,
    preview: Option<Preview>,
    used: usize,
    limit: usize,
    /// What a timeline shows of a longer post.
    cut_after: Option<usize>,
    /// Its network's replies carry pictures.
    takes_pictures: bool,
    own: bool,
    /// Its reader wrote the answer, and this site lets nobody verify their own.
    refused: bool,
    /// Its reader vouched for it first, and a second person has to.
    is_first: bool,
    /// What was typed as the reason for a refusal.
    why: String,
    pane: Pane,
    writing: Writing,
    /// Who else receives it, as the form was posted; none: it was not.
    ticked: Option<Vec<String>>,
    /// What another button did.
    told: Option<String>,
}

impl VerifyPage {
    async fn of(app: &web::Data<App>, frame: Frame, by: Member, id: AnswerId, filter: Filter) -> Result<Self, Error> {
        Self::asked(app, frame, by, id, filter, None).await
    }

    /// As [`Self::of`], with a draft that is opened for approval.
    pub(super) async fn asked(
        app: &web::Data<App>,
        frame: Frame,
        by: Member,
        id: AnswerId,
        filter: Filter,
        draft: Option<DraftId>,
    ) -> Result<Self, Error> {
        let (viewer, member) = (Viewer(Some(by.clone())), by.clone());
        let (data, now) = (app.clone(), frame.now);
        let (case, thread, pane, writing) = app
            .db
            .read(move |conn| {
                let case = load_case(conn, id)?;
                let thread = threads::load_at_desk(conn, case.question.id, &viewer)?;
                let subject = Subject::Question(case.question.id.0);
                let pane = load_pane(conn, &data.bridge, &member, filter, subject, now)?;
                let place = Place::verification(case.question.id.0, id.0);
                let writing = writing::load(conn, place, &member, draft)?;
                Ok::<_, Error>((case, thread, pane, writing))
            })
            .await?;
        let (queue, at) = (pane.filter.query(), pane.at.clone());
        let form = match writing.begun() {
            Some(draft) => Verifying { draft: writing.draft_id(), ..draft.form::<Verifying>() }.seen(&case),
            None => Verifying::about(&case, frame.now),
        };
        let form = Verifying { queue, at, ..form };
        let (own, problems) = (case.is_by(&by), Problems::default());
        let refused = own && !app.config.site.single_staff;
        let is_first = case.waits_for_second().is_some_and(|one| one.record.by == by.id);
        let pictures = writing.pictures();
        let page = Self {
            frame,
            problems,
            form,
            pictures,
            case,
            thread,
            preview: None,
            used: 0,
            limit: 0,
            cut_after: None,
            takes_pictures: false,
            own,
            refused,
            is_first,
            why: String::new(),
            pane,
            writing,
            ticked: None,
            told: None,
        };
        Ok(page.measured(app))
    }

    /// The form with what was typed, and what is wrong with it if anything is.
    pub(super) fn again(self, app: &App, form: Verifying, pictures: Attaching, problems: Problems) -> Page<Self> {
        let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        Page::with_status(self.with_form(app, form, pictures, problems), status)
    }

    /// Whether somebody who asked the same receives it, as far as the form says.
    fn is_ticked(&self, one: &Also) -> bool {
        let of_thread = format!("{}-", one.question_id);
        self.ticked.as_ref().map_or(!one.has_reply, |marks| marks.iter().any(|mark| mark.starts_with(&of_thread)))
    }

    fn with_form(self, app: &App, form: Verifying, pictures: Attaching, problems: Problems) -> Self {
        let (queue, at) = (self.pane.filter.query(), self.pane.at.clone());
        let form = Verifying { queue, at, ..form.seen(&self.case) };
        Self { form, pictures, problems, ..self }.measured(app)
    }

    fn measured(mut self, app: &App) -> Self {
        if let Some(target) = &self.case.target {
            let waits = self.case.waits_for_second().and_then(|one| one.record.short_form.as_deref());
            let text = waits.unwrap_or(&self.form.short_form);
            let length = app.bridge.length(target.channel_id, text);
            (self.used, self.limit) = (length.used, length.limit);
            self.cut_after = app.bridge.cut_after(target.channel_id);
            self.takes_pictures = app.bridge.abilities(target.origin).most_pictures > 0;
            self.preview = Some(Preview::to(&app.bridge, target, text, &self.pictures));
        }
        self
    }

    /// Nobody vouches for their own words, but where the site has nobody else.
    fn status(&self) -> StatusCode {
        let shows = self.case.is_settled(self.frame.now) || self.case.waits_for_second().is_some();
        if self.refused && !shows { StatusCode::FORBIDDEN } else { StatusCode::OK }
    }

    fn answer(&self) -> Option<&AnswerView> {
        self.thread.answers.iter().find(|answer| answer.id == self.case.answer.id)
    }

    /// Staff stand by what the answer says now.
    fn is_settled(&self) -> bool {
        self.case.is_settled(self.frame.now)
    }

    /// What the newest version changed of what staff vouched for.
    fn changes(&self) -> Vec<Piece> {
        if self.case.answer.has_newer() { compare(&self.case.answer.body, &self.case.newest.body) } else { Vec::new() }
    }

    /// What the one button will do.
    fn button(&self) -> String {
        if self.writing.is_trainee {
            return words::HAND_IN.to_owned();
        }
        if self.case.needs_second {
            return words::VOUCH.to_owned();
        }
        match &self.case.target {
            Some(_) if self.case.has_arrived() => "Verify".to_owned(),
            None => "Verify".to_owned(),
            Some(target) if target.path == Path::Api => words::verify_and_send(&self.receivers(target)),
            Some(_) => words::VERIFY_AND_POST.to_owned(),
        }
    }

    /// Who receives it, whatever is ticked when the button is pressed; with script the button says how many.
    fn receivers(&self, target: &Target) -> String {
        if self.case.also.is_empty() { target.to.to_string() } else { words::and_ticked(&target.to.to_string()) }
    }

    /// The button's words with script, for one person and, with `{}` for how many, for several; none where it always says
    /// the same.
    fn counted(&self, button: &str) -> Option<(String, String)> {
        let target = self.case.target.as_ref().filter(|_| !self.case.also.is_empty())?;
        let receivers = self.receivers(target);
        let begin = button.strip_suffix(&receivers)?;
        Some((format!("{begin}{}", target.to), format!("{begin}{{}} people")))
    }

    /// What the second person's button will do.
    fn confirm_button(&self) -> String {
        let sends = self.case.waits_for_second().is_some_and(|one| one.record.short_form.is_some());
        match self.case.target.as_ref().filter(|_| sends) {
            None => "Confirm".to_owned(),
            Some(target) if target.path == Path::Api => words::confirm_and_send(&self.receivers(target)),
            Some(_) => words::CONFIRM_AND_POST.to_owned(),
        }
    }

    fn heading(&self) -> String {
        if self.is_settled() {
            words::VERIFIED_ANSWER.to_owned()
        } else if self.case.waits_for_second().is_some() {
            words::SECOND_PERSON.to_owned()
        } else if self.case.standing.is_some() {
            words::CHECK_AGAIN.to_owned()
        } else {
            self.button()
        }
    }

    fn count_url(&self) -> String {
        self.case.target.as_ref().map(|target| count_url(target, &self.pictures)).unwrap_or_default()
    }

    fn tomorrow(&self) -> String {
        let day = self.frame.now.plus(std::time::Duration::from_secs(24 * 3600)).to_rfc3339();
        day.split('T').next().unwrap_or_default().to_owned()
    }
}

/// `GET /desk/answers/{id}/verify`. Its author is told that staff read the answer, once.
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    reader: AtDesk,
    id: web::Path<AnswerId>,
    asked: web::Query<Pressed>,
) -> Result<Page<impl Template>, Error> {
    let (by, now, is_staff) = (reader.0.id, app.clock.now(), reader.0.role.is_staff());
    let page = VerifyPage::asked(&app, frame, reader.0, id.into_inner(), asked.filter(), asked.draft).await?;
    let mut page = VerifyPage { told: asked.told(), ..page };
    page.writing.undo = asked.undo();
    if is_staff && !page.case.is_seen && !page.own {
        let answer = page.case.answer.clone();
        app.db.write(move |tx| verifications::note_seen(tx, &answer, by, now)).await?;
    }
    let status = page.status();
    Ok(Page::with_status(page, status))
}

/// `POST /desk/answers/{id}/verify`
pub async fn verify(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<AnswerId>,
    posted: PostedWithFiles<Staff, Verifying>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let PostedWithFiles { by: Staff(by), form, mut kept, files } = posted;
    let filter = Filter::parse(&form.queue);
    let asked = Some(DraftId(form.draft)).filter(|draft| draft.0 != 0);
    let marks = also::read(&kept);
    let mut page = VerifyPage::asked(&app, frame.clone(), by.clone(), id, filter.clone(), asked).await?;
    page.ticked = Some(marks.clone());
    if page.refused {
        return Page::with_status(page, StatusCode::FORBIDDEN).render(&request);
    }
    let mut problems = Problems::default();
    writing::adopt_pictures(&app, form.draft, by.id).await?;
    let pictures = Attaching::take_in(&app, by.id, &mut kept, files, &mut problems).await?;
    if pictures.is_a_look {
        return Page::ok(page.with_form(&app, form, pictures, problems)).render(&request);
    }
    let vouching = form.check(&mut problems, &app, &page.case, &pictures, now);
    if let (Some(text), Ok(chosen)) = (&vouching.short_form, also::choose(&page.case.also, &marks)) {
        also::check(&mut problems, &app, &chosen, "short_form", words::SHORT_FORM, text);
    }
    if !problems.is_empty() {
        return Page::unprocessable(page.with_form(&app, form, pictures, problems)).render(&request);
    }
    let ticked = marks.clone();
    let (member, rules) = (by.id, Rules { single_staff: app.config.site.single_staff });
    let done = try_once(&app.db, kept, now, move |tx| {
        let case = hold_case(tx, id)?;
        let mut problems = case.conflicts(&form, now);
        if problems.is_empty() {
            problems = look_around(tx, &case, &form, member, now)?;
        }
        if !problems.is_empty() {
            return Ok(Err((form, problems)));
        }
        let also = match also::choose(&case.also, &marks) {
            Ok(also) => also,
            Err(problems) => return Ok(Err((form, problems))),
        };
        let place = Place::verification(case.question.id.0, id.0);
        if let Err(problems) = writing::settle(tx, place, form.draft, member, now)? {
            return Ok(Err((form, problems)));
        }
        match vouch(tx, &case, Vouching { also, ..vouching }, member, rules, now)? {
            Ok(_) if form.then == "next" => Ok(Ok(next_url(&form.queue, &form.at))),
            Ok(_) => Ok(Ok(case.place())),
            Err(refusal) => {
                let mut problems = Problems::default();
                problems.add("standing", refusal.to_string());
                Ok(Err((form, problems)))
            }
        }
    });
    match done.await? {
        Ok(place) => {
            app.bridge.wake_outbox();
            Ok(redirect(place))
        }
        Err((form, problems)) => {
            let mut page = VerifyPage::asked(&app, frame, by, id, filter, asked).await?;
            page.ticked = Some(ticked);
            Page::unprocessable(page.with_form(&app, form, pictures, problems)).render(&request)
        }
    }
}

/// Checks a form as if it were sent.
pub(super) fn check(
    form: &Verifying,
    problems: &mut Problems,
    app: &App,
    page: &VerifyPage,
    pictures: &Attaching,
    now: Millis,
) {
    form.check(problems, app, &page.case, pictures, now);
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Withdrawing {
    why: String,
}

/// `POST /desk/verifications/{id}/withdraw`: nobody vouches for the answer any more, and what has not left stays here.
pub async fn withdraw(
    app: web::Data<App>,
    id: web::Path<VerificationId>,
    posted: Posted<Staff, Withdrawing>,
) -> Result<HttpResponse, Error> {
    let (id, now, by) = (id.into_inner(), app.clock.now(), posted.by.0.id);
    let why: String = crate::web::form::clean(&posted.form.why).chars().take(LONGEST_WHY).collect();
    let (record, withdrawn) = app
        .db
        .write(move |tx| {
            let record = verifications::load_record(tx, id)?;
            let withdrawn = verifications::withdraw(tx, id, Some(by), &why, now)?.is_ok();
            if withdrawn {
                withdraw_answer(tx, record.question_id.0, record.answer_id.0, Some(by), now)?;
            }
            Ok::<_, DbError>((record, withdrawn))
        })
        .await?;
    let late = if withdrawn { "" } else { "?faster=1" };
    Ok(redirect(format!("/desk/questions/{}{late}#{}", record.question_id, record.answer_id.post())))
}
