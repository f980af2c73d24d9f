//! Verifying: `GET` and `POST /desk/answers/{id}/verify`. One transaction writes who vouches for what, and the delivery
//! that carries it to the asker.
//!
//! The form carries what its reader saw (the revision, the post that is answered, the latest delivery): where one of them
//! changed meanwhile nothing is written, and the form comes back with the news.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::Pressed;
use super::attach::Attaching;
use super::preview::{Preview, count_url};
use super::queue::next::url as next_url;
use super::queue::{Filter, Pane, load_pane};
use super::talk::{WROTE_AGAIN, find_news, known_of, newest_of, refuse_claimed, wrote_again};
use crate::answers::{self, Answer, AnswerId};
use crate::app::App;
use crate::bridge::outbound::pictures::Attached;
use crate::bridge::outbound::{Letter, Target, compose, enqueue, find_target};
use crate::bridge::view::{DeliveryView, load_deliveries};
use crate::bridge::{Cargo, Path, is_our_account};
use crate::clock::Millis;
use crate::db::{Conn, DbError, Tx};
use crate::members::{Member, MemberId, PostedWithFiles, Staff, Viewer};
use crate::questions::{self, Question};
use crate::queue::Subject;
use crate::threads::{self, AnswerView, AuthorView, Thread};
use crate::verifications::{self, NewVerification, Standing, VerificationId, load_standing};
use crate::web::form::new_submission;
use crate::web::markdown::direction;
use crate::web::once::try_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

const LONGEST_EVIDENCE: usize = 2_000;
const LONGEST_SCOPE: usize = 200;
const EVERYBODY: &str = "All customers";

/// What one verification is about, as it is at one moment.
pub struct Case {
    pub answer: Answer,
    pub question: Question,
    /// Who vouches for this answer already.
    pub standing: Option<Standing>,
    /// The post that is to be answered. `None`: there is nobody to send to.
    pub target: Option<Target>,
    /// The answer is a reply that our own account wrote in the network's own app: it stands there already.
    pub is_there: bool,
    /// What went to the target already, or is to go.
    pub earlier: Vec<DeliveryView>,
    /// The id of the newest delivery of the thread; 0 without one.
    last_delivery: i64,
    /// The newest answer and comment of the thread, as the form carries them.
    known: String,
}

/// What staff say of an answer, checked.
pub struct Vouching {
    pub evidence: String,
    pub scope: String,
    pub valid_until: Option<Millis>,
    /// The words for the target; none without one.
    pub short_form: Option<String>,
    /// What goes along with them.
    pub pictures: Vec<Attached>,
}

/// Loads what a verification of this answer is about. Unknown and removed answers are [`Error::NotFound`] and
/// [`Error::Gone`].
pub fn load_case(conn: &mut Conn, id: AnswerId) -> Result<Case, Error> {
    let answer = answers::load(conn, id)?;
    let question = questions::load(conn, answer.question_id)?;
    let is_there = is_ours(conn, &answer)?;
    let target = if is_there { None } else { find_target(conn, question.id.0)? };
    let deliveries = load_deliveries(conn, question.id.0)?;
    let last_delivery = deliveries.iter().map(|one| one.id.0).max().unwrap_or(0);
    let to_target =
        |one: &DeliveryView| one.counts() && target.as_ref().is_some_and(|t| Some(t.remote_post_id) == one.target);
    let earlier = deliveries.into_iter().filter(to_target).collect();
    let standing = load_standing(conn, question.id.0)?.remove(&id.0);
    let known = known_of(conn, question.id)?;
    Ok(Case { answer, question, standing, target, is_there, earlier, last_delivery, known })
}

fn is_ours(conn: &mut Conn, answer: &Answer) -> Result<bool, DbError> {
    match answer.author.remote() {
        Some(author) => is_our_account(conn, author),
        None => Ok(false),
    }
}

/// Writes the verification, and the delivery that carries it where there is a target. Call `Bridge::wake_outbox` after it.
pub fn vouch(
    tx: &mut Tx<'_>,
    case: &Case,
    vouching: Vouching,
    by: MemberId,
    now: Millis,
) -> Result<VerificationId, DbError> {
    let (question_id, answer_id) = (case.question.id, case.answer.id);
    let Vouching { evidence, scope, valid_until, short_form, pictures } = vouching;
    let revision = case.answer.revision;
    let text = short_form.clone();
    let new = NewVerification { question_id, answer_id, revision, by, evidence, scope, valid_until, short_form };
    let id = verifications::insert(tx, &new, now)?;
    if let (Some(target), Some(text)) = (case.target.clone(), text) {
        let cargo = Cargo::Answer { verification_id: id.0, answer_id: answer_id.0 };
        enqueue(tx, Letter { question_id: question_id.0, cargo, target, text, pictures, by }, now)?;
    }
    Ok(id)
}

impl Case {
    pub fn place(&self) -> String {
        format!("/desk/questions/{}#{}", self.question.id, self.answer.id.post())
    }

    fn is_by(&self, member: &Member) -> bool {
        self.answer.author.member() == Some(member.id)
    }

    fn target_id(&self) -> i64 {
        self.target.as_ref().map_or(0, |target| target.remote_post_id.0)
    }

    fn newest(&self) -> i64 {
        self.target.as_ref().map_or(0, newest_of)
    }

    /// What changed since the form was opened, or forbids the act as it stands now.
    fn conflicts(&self, form: &Verifying) -> Problems {
        let mut problems = Problems::default();
        if let Some(standing) = &self.standing {
            problems.add("standing", already_verified(standing));
        }
        if form.revision != self.answer.revision {
            problems.add("answer", "The answer changed since you opened this page. Read it again, then verify it.");
        }
        if form.target != self.target_id() {
            let news = "The post that your reply goes to is another one now. Read it, then send.";
            problems.add("recipient", news);
        } else if self.target.as_ref().is_some_and(|target| wrote_again(target, form.newest)) {
            problems.add("recipient", WROTE_AGAIN);
        } else if form.last_delivery != self.last_delivery {
            let news = "Something was sent in this thread since you opened this page. See what it says, then decide.";
            problems.add("earlier", news);
        }
        problems
    }
}

fn already_verified(standing: &Standing) -> String {
    format!(
        "{} verified this answer on {}. One verification stands at a time: withdraw that one first if yours is to take \
         its place.",
        standing.by_name,
        standing.created_at.to_day()
    )
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Verifying {
    evidence: String,
    scope: String,
    /// `2027-01-31`, or nothing.
    until: String,
    short_form: String,
    revision: i64,
    target: i64,
    last_delivery: i64,
    newest: i64,
    submission: String,
    /// The list of the queue that stands beside it, and where the thread stands in it.
    queue: String,
    at: String,
    /// The newest answer and comment that its writer saw.
    known: String,
    /// `next`: to be sent, and on to the next thread.
    then: String,
    /// The writer saw that a colleague has claimed the thread, and sends all the same.
    take_over: String,
}

impl Verifying {
    /// The form as it is first shown.
    fn about(case: &Case) -> Self {
        let short_form = if case.target.is_some() { compose::short_form(&case.answer.body) } else { String::new() };
        Self { scope: EVERYBODY.to_owned(), short_form, ..Self::default() }.seen(case)
    }

    /// With the marks of what its reader sees now.
    fn seen(self, case: &Case) -> Self {
        Self {
            revision: case.answer.revision,
            target: case.target_id(),
            last_delivery: case.last_delivery,
            newest: case.newest(),
            known: case.known.clone(),
            submission: new_submission(),
            ..self
        }
    }

    fn check(&self, problems: &mut Problems, app: &App, case: &Case, pictures: &Attaching, now: Millis) -> Vouching {
        let evidence = problems.text("evidence", "Evidence", &self.evidence, LONGEST_EVIDENCE);
        let scope = problems.text("scope", "For whom it holds", &self.scope, LONGEST_SCOPE);
        let valid_until = check_until(problems, &self.until, now);
        let short_form = case.target.as_ref().map(|target| {
            super::check_outgoing(problems, &app.bridge, target, "short_form", "The short form", &self.short_form)
        });
        let pictures = pictures.check(problems, app, case.target.as_ref().map(|target| target.channel_id));
        Vouching { evidence, scope, valid_until, short_form, pictures }
    }
}

/// The end of the day that was chosen.
fn check_until(problems: &mut Problems, text: &str, now: Millis) -> Option<Millis> {
    let day = text.trim();
    if day.is_empty() {
        return None;
    }
    let moment = |time: &str| Millis::parse_rfc3339(&format!("{day}T{time}Z"));
    match (moment("00:00:00"), moment("23:59:59")) {
        (Some(begin), Some(end)) if begin > now => Some(end),
        (Some(_), Some(_)) => {
            problems.add("until", "That day has begun or passed. Choose a later one, or leave the field empty.");
            None
        }
        _ => {
            problems.add("until", "This is no day. Write it as 2027-01-31, or leave the field empty.");
            None
        }
    }
}

#[derive(Template)]
#[template(path = "desk/verify.html")]
struct VerifyPage {
    frame: Frame,
    problems: Problems,
    form: Verifying,
    pictures: Attaching,
    pane: Pane,
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
    /// What another button did.
    told: Option<String>,
}

impl VerifyPage {
    async fn of(app: &web::Data<App>, frame: Frame, by: Member, id: AnswerId, filter: Filter) -> Result<Self, Error> {
        let (viewer, member) = (Viewer(Some(by.clone())), by.clone());
        let (data, now) = (app.clone(), frame.now);
        let (case, thread, pane) = app
            .db
            .read(move |conn| {
                let case = load_case(conn, id)?;
                let thread = threads::load(conn, case.question.id, &viewer)?;
                let subject = Subject::Question(case.question.id.0);
                let pane = load_pane(conn, &data.bridge, &member, filter, subject, now)?;
                Ok::<_, Error>((case, thread, pane))
            })
            .await?;
        let form = Verifying { queue: pane.filter.query(), at: pane.at.clone(), ..Verifying::about(&case) };
        let (own, problems) = (case.is_by(&by), Problems::default());
        let refused = own && !app.config.site.single_staff;
        let pictures = Attaching::nothing();
        let page = Self {
            frame,
            problems,
            form,
            pictures,
            pane,
            case,
            thread,
            preview: None,
            used: 0,
            limit: 0,
            cut_after: None,
            takes_pictures: false,
            own,
            refused,
            told: None,
        };
        Ok(page.measured(app))
    }

    fn with_form(self, app: &App, form: Verifying, pictures: Attaching, problems: Problems) -> Self {
        let (queue, at) = (self.pane.filter.query(), self.pane.at.clone());
        let form = Verifying { queue, at, ..form.seen(&self.case) };
        Self { form, pictures, problems, ..self }.measured(app)
    }

    fn measured(mut self, app: &App) -> Self {
        if let Some(target) = &self.case.target {
            let length = app.bridge.length(target.channel_id, &self.form.short_form);
            (self.used, self.limit) = (length.used, length.limit);
            self.cut_after = app.bridge.cut_after(target.channel_id);
            self.takes_pictures = app.bridge.abilities(target.origin).most_pictures > 0;
            self.preview = Some(Preview::to(&app.bridge, target, &self.form.short_form, &self.pictures));
        }
        self
    }

    /// Nobody vouches for their own words, but where the site has nobody else.
    fn status(&self) -> StatusCode {
        if self.refused && self.case.standing.is_none() { StatusCode::FORBIDDEN } else { StatusCode::OK }
    }

    fn answer(&self) -> Option<&AnswerView> {
        self.thread.answers.iter().find(|answer| answer.id == self.case.answer.id)
    }

    /// What the one button will do.
    fn button(&self) -> String {
        match &self.case.target {
            None => "Verify".to_owned(),
            Some(target) if target.path == Path::Api => format!("Verify and send to {}", target.to),
            Some(_) => "Verify and post by hand".to_owned(),
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

/// `GET /desk/answers/{id}/verify`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    staff: Staff,
    id: web::Path<AnswerId>,
    asked: web::Query<Pressed>,
) -> Result<Page<impl Template>, Error> {
    let page = VerifyPage::of(&app, frame, staff.0, id.into_inner(), asked.filter()).await?;
    let page = VerifyPage { told: asked.told(), ..page };
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
    let page = VerifyPage::of(&app, frame.clone(), by.clone(), id, filter.clone()).await?;
    if page.refused {
        return Page::with_status(page, StatusCode::FORBIDDEN).render(&request);
    }
    let mut problems = Problems::default();
    let pictures = Attaching::take_in(&app, by.id, &mut kept, files, &mut problems).await?;
    if pictures.is_a_look {
        return Page::ok(page.with_form(&app, form, pictures, problems)).render(&request);
    }
    let vouching = form.check(&mut problems, &app, &page.case, &pictures, now);
    if !problems.is_empty() {
        return Page::unprocessable(page.with_form(&app, form, pictures, problems)).render(&request);
    }
    let member = by.id;
    let done = try_once(&app.db, kept, now, move |tx| {
        let case = hold_case(tx, id)?;
        let mut problems = case.conflicts(&form);
        if problems.is_empty()
            && let Some(news) = find_news(tx, case.question.id, &form.known)?
        {
            problems.add("answer", news);
        }
        let takes_over = !form.take_over.is_empty();
        if problems.is_empty()
            && let Some(claimed) = refuse_claimed(tx, Subject::Question(case.question.id.0), member, takes_over, now)?
        {
            problems.add("claim", claimed);
        }
        if !problems.is_empty() {
            return Ok(Err((form, problems)));
        }
        vouch(tx, &case, vouching, member, now)?;
        Ok(Ok(if form.then == "next" { next_url(&form.queue, &form.at) } else { case.place() }))
    });
    match done.await? {
        Ok(place) => {
            app.bridge.wake_outbox();
            Ok(redirect(place))
        }
        Err((form, problems)) => {
            let page = VerifyPage::of(&app, frame, by, id, filter).await?;
            Page::unprocessable(page.with_form(&app, form, pictures, problems)).render(&request)
        }
    }
}

/// The case as it is now, and stays until this transaction ends.
fn hold_case(tx: &mut Tx<'_>, id: AnswerId) -> Result<Case, Error> {
    let question = answers::load(tx, id)?.question_id;
    questions::hold(tx, question)?;
    load_case(tx, id)
}

/// `POST /desk/verifications/{id}/withdraw`: nobody vouches for the answer any more, and what has not left stays here.
pub async fn withdraw(app: web::Data<App>, staff: Staff, id: web::Path<VerificationId>) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let withdrawn = app
        .db
        .write(move |tx| {
            let withdrawn = verifications::withdraw(tx, id, now)?;
            let (question, answer) = (withdrawn.question_id.0, withdrawn.answer_id.0);
            if !withdrawn.already {
                crate::bridge::outbound::withdraw_answer(tx, question, answer, Some(staff.0.id), now)?;
            }
            Ok::<_, DbError>(withdrawn)
        })
        .await?;
    Ok(redirect(format!("/desk/questions/{}#{}", withdrawn.question_id, withdrawn.answer_id.post())))
}
