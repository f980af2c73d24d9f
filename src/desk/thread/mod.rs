//! A thread as staff see it: `GET /desk/questions/{id}`. The whole conversation in the order in which it was said, what
//! went where, and what may be done now.

mod case;
mod entries;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

pub(super) use self::case::Opened;
use self::case::{Case, load_case};
pub(super) use self::entries::Parcel;
use self::entries::{Entry, PrivateWord};
use super::Pressed;
use super::attach::Attaching;
use super::preview::{Preview, count_url};
use super::queue::{Filter, Pane, load_pane};
use super::same::{self, Same};
use super::suggest::{self, Suggestion};
use super::talk::{Talking, newest_of};
use crate::alike::about;
use crate::app::App;
use crate::bridge::view::MirrorView;
use crate::bridge::{Path, RemotePostId, TroubleKind};
use crate::clock::Millis;
use crate::db::PostKind;
use crate::drafts::Draft;
use crate::members::{AtDesk, Member, Viewer};
use crate::posts::load_for;
use crate::questions::{QuestionId, State};
use crate::queue::Subject;
use crate::results::{Outcome, Verdict};
use crate::threads::AuthorView;
use crate::verifications::Standing;
use crate::web::form::new_submission;
use crate::web::markdown::{self, direction};
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Template)]
#[template(path = "desk/thread.html")]
pub(super) struct ThreadPage {
    frame: Frame,
    problems: Problems,
    /// For the forms that go elsewhere.
    no_problems: Problems,
    pane: Pane,
    case: Case,
    form: Talking,
    pictures: Attaching,
    preview: Option<Preview>,
    used: usize,
    limit: usize,
    /// What a timeline shows of a longer post.
    cut_after: Option<usize>,
    /// Its network's replies carry pictures.
    takes_pictures: bool,
    /// What was not hidden, or not shown again, and why.
    not_hidden: Option<(RemotePostId, String)>,
    /// Verified answers of other threads that may fit.
    suggestions: Vec<Suggestion>,
    /// Questions that ask the same, as it seems.
    same: Vec<Same>,
    /// A button did nothing because somebody or something was faster.
    faster: bool,
    /// What another button did.
    told: Option<String>,
}

/// `GET /desk/questions/{id}`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    by: AtDesk,
    id: web::Path<QuestionId>,
    asked: web::Query<Pressed>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, reader) = (id.into_inner(), Viewer(Some(by.0.clone())));
    let opened = Opened { back: asked.back, draft: asked.draft };
    let mut page = match ThreadPage::asked(&app, frame, by.0, id, asked.filter(), opened).await {
        // What is hidden or held is looked at where it is decided about.
        Err(gone @ Error::Gone(_)) => {
            let found = app.db.read(move |conn| load_for(conn, id.post(), &reader)).await;
            let is_put_away = found.is_ok_and(|post| post.is_hidden() || post.is_held());
            return if is_put_away { Ok(redirect(format!("/desk/moderate/{}", id.post()))) } else { Err(gone) };
        }
        other => other?,
    };
    if asked.take != 0 {
        page = page.taking(&app, asked.take).await?;
    }
    (page.faster, page.told) = (asked.was_late(), asked.told());
    page.case.writing.undo = asked.undo();
    Page::ok(page).render(&request)
}

impl ThreadPage {
    pub(super) async fn of(
        app: &web::Data<App>,
        frame: Frame,
        by: Member,
        id: QuestionId,
        filter: Filter,
        back: usize,
    ) -> Result<Self, Error> {
        Self::asked(app, frame, by, id, filter, Opened { back, draft: None }).await
    }

    /// As [`Self::of`], perhaps with a draft that is opened for approval.
    pub(super) async fn asked(
        app: &web::Data<App>,
        frame: Frame,
        by: Member,
        id: QuestionId,
        filter: Filter,
        opened: Opened,
    ) -> Result<Self, Error> {
        let (data, now) = (app.clone(), frame.now);
        let (pane, case) = app
            .db
            .read(move |conn| {
                let case = load_case(conn, &data, id, by.clone(), opened)?;
                let pane = load_pane(conn, &data.bridge, &by, filter, Subject::Question(id.0), now)?;
                Ok::<_, Error>((pane, case))
            })
            .await?;
        let form = case.writing.begun().map(Draft::form).unwrap_or_default();
        let pictures = case.writing.pictures();
        let page = Self {
            frame,
            problems: Problems::default(),
            no_problems: Problems::default(),
            pane,
            case,
            form: Talking::default(),
            pictures: Attaching::nothing(),
            preview: None,
            used: 0,
            limit: 0,
            cut_after: None,
            takes_pictures: false,
            not_hidden: None,
            suggestions: Vec::new(),
            same: Vec::new(),
            faster: false,
            told: None,
        };
        let page = page.with_suggestions(app).await?.with_same(app).await?;
        Ok(page.with_form(app, form, pictures, Problems::default()))
    }

    /// With the verified answers that may fit, where nobody of us has said a word yet.
    async fn with_suggestions(self, app: &App) -> Result<Self, Error> {
        // What a private question gets is written for it, and goes nowhere.
        if self.case.has_word || self.case.question.private {
            return Ok(self);
        }
        let question = &self.case.question;
        let about = about(&question.title, &question.body);
        let suggestions = suggest::offer(app, question.id, &about).await?;
        Ok(Self { suggestions, ..self })
    }

    /// With what was asked before and reads the same, as long as this is not settled.
    async fn with_same(self, app: &App) -> Result<Self, Error> {
        let question = &self.case.question;
        let is_settled = matches!(question.state(), State::Verified | State::Accepted);
        if is_settled || question.private || self.case.parts.whole.is_some() {
            return Ok(self);
        }
        Ok(Self { same: same::find(app, question).await?, ..self })
    }

    /// With the words of a suggestion in the reply; `0`: of none.
    async fn taking(self, app: &App, suggestion: i64) -> Result<Self, Error> {
        let mut problems = Problems::default();
        let taken = suggest::load_taken(app, &self.frame, self.case.question.id, suggestion, &mut problems).await?;
        let text = taken.map(|taken| taken.text).unwrap_or_default();
        let form = Talking { text, suggestion, ..Talking::default() };
        Ok(self.with_form(app, form, Attaching::nothing(), problems))
    }

    /// The page with what was written, and the marks of what its reader sees now.
    pub(super) fn with_form(mut self, app: &App, form: Talking, pictures: Attaching, problems: Problems) -> Self {
        self.form = Talking {
            target: self.case.target.as_ref().map_or(0, |target| target.remote_post_id.0),
            last_delivery: self.case.last_delivery,
            newest: self.case.target.as_ref().map_or(0, newest_of),
            submission: new_submission(),
            text: form.text,
            draft: self.case.writing.draft_id(),
            queue: self.pane.filter.query(),
            at: self.pane.at.clone(),
            known: self.case.known.clone(),
            then: String::new(),
            take_over: String::new(),
            suggestion: form.suggestion,
        };
        (self.problems, self.pictures) = (problems, pictures);
        if let Some(target) = &self.case.target {
            let length = app.bridge.length(target.channel_id, &self.form.text);
            (self.used, self.limit) = (length.used, length.limit);
            self.cut_after = app.bridge.cut_after(target.channel_id);
            self.takes_pictures = app.bridge.abilities(target.origin).most_pictures > 0;
            self.preview = Some(Preview::to(&app.bridge, target, &self.form.text, &self.pictures));
        }
        self
    }

    /// The page with why a post was not hidden, or not shown again.
    pub(super) fn not_hidden(self, post: RemotePostId, why: String) -> Self {
        Self { not_hidden: Some((post, why)), ..self }
    }

    /// Why this post was not hidden, or not shown again, when its button was pressed.
    fn why_not_hidden(&self, mirror: &MirrorView) -> Option<&str> {
        let (_, why) = self.not_hidden.as_ref().filter(|(post, _)| *post == mirror.remote_post_id)?;
        Some(why)
    }

    /// When the post before this one was written.
    fn before(&self, index: &usize) -> Option<&Millis> {
        self.case.entries[..*index].last().map(|entry| &entry.written_at)
    }

    fn last_written(&self) -> Option<&Millis> {
        self.case.entries.last().map(|entry| &entry.written_at)
    }

    /// Where the words of a suggestion are put into the reply.
    fn take_url(&self, suggestion: &Suggestion) -> String {
        format!("/desk/questions/{}?take={}#reply", self.case.question.id, suggestion.standing.id)
    }

    fn count_url(&self) -> String {
        self.case.target.as_ref().map(|target| count_url(target, &self.pictures)).unwrap_or_default()
    }

    /// Something left a moment ago, and nobody knows yet what became of it.
    fn is_moving(&self) -> bool {
        let moving = |parcel: &Parcel| matches!(parcel.delivery.chip().0, "queued" | "sending");
        self.case.entries.iter().flat_map(|entry| &entry.deliveries).any(moving)
    }

    /// The text of a quoted post, which is plain.
    fn quoted(&self, text: &str) -> String {
        markdown::from_plain(text).into_string()
    }

    fn is_expired(&self, standing: &Standing) -> bool {
        standing.expired(self.frame.now)
    }

    /// What this comment may say about an answer that had reached its writer.
    fn result_of(&self, entry: &Entry) -> Option<&Outcome> {
        let comment = Some(entry.post.id).filter(|_| entry.post.kind == PostKind::Comment)?;
        self.case.results.iter().find(|outcome| outcome.comment_id == comment)
    }

    /// Somebody vouched for this answer, and a second person has to.
    fn awaits_second(&self, entry: &Entry) -> bool {
        self.case.awaiting.contains(&entry.post.id)
    }

    fn verdicts(&self) -> [Verdict; 3] {
        [Verdict::Worked, Verdict::Broken, Verdict::Neither]
    }

    /// The same page with an earlier or later part of the thread.
    fn part_url(&self, back: usize) -> String {
        let id = self.case.question.id;
        let place = self.pane.filter.beside(format!("/desk/questions/{id}"));
        let join = if place.contains('?') { "&" } else { "?" };
        format!("{place}{join}back={back}#thread")
    }

    fn draft_key(&self) -> String {
        format!("message-{}", self.case.question.id)
    }

    fn verify_place(&self, entry: &Entry) -> String {
        format!("/desk/answers/{}/verify", entry.post.id)
    }

    /// Where the forms about reported posts lead back to.
    fn here(&self) -> String {
        format!("/desk/questions/{}", self.case.question.id)
    }

    /// Where a post becomes a question of its own; none for what we vouch for, or sent.
    fn split_place(&self, entry: &Entry) -> Option<String> {
        let is_tied = entry.standing.is_some() || !entry.deliveries.is_empty() || self.case.question.private;
        let stays = entry.post.kind == PostKind::Question || is_tied;
        (!stays && self.frame.staff()).then(|| format!("/desk/posts/{}/split", entry.post))
    }

    fn kind(&self, entry: &Entry) -> &'static str {
        match (entry.post.kind, entry.about) {
            (PostKind::Question, _) => "Question",
            (PostKind::Answer, _) => "Answer",
            (PostKind::Comment, None) => "Comment",
            (PostKind::Comment, Some(_)) => "Comment on an answer",
        }
    }
}
