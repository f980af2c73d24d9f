//! The form of a new question: `GET` and `POST /ask`, with the steps that it may take without script: a picture, a preview,
//! similar questions, a topic's own fields.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::form::{Ask, Asked, check};
use super::similar::{self, SimilarQuestion};
use super::{ask_checked, guest};
use crate::app::App;
use crate::db::{Conn, DbError};
use crate::files::take::{into_text, is_a_look};
use crate::members::{Member, PostedWithFiles};
use crate::mentions;
use crate::preview::{Shown, shown};
use crate::topics::fields::{self, Field, Kind};
use crate::topics::{self, Topic, TopicId};
use crate::trust;
use crate::web::form::{Form, Kept, new_submission};
use crate::web::once::{landed, post_once};
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Template)]
#[template(path = "asking/ask.html")]
pub(super) struct AskPage {
    pub(super) frame: Frame,
    pub(super) problems: Problems,
    pub(super) form: Ask,
    /// What was answered to the topic's own fields.
    pub(super) kept: Kept,
    pub(super) choice: Choice,
    /// Those that are shown before the question is asked.
    pub(super) similar: Vec<SimilarQuestion>,
    pub(super) preview: Option<Shown>,
    /// The topic asks something that was not in the form before.
    pub(super) asks_more: bool,
    /// A stranger may ask by mail: see [`super::guest`].
    pub(super) by_mail: bool,
}

/// What can be chosen: the topics, and what the chosen one asks beside the question.
pub(super) struct Choice {
    pub(super) topics: Vec<Topic>,
    chosen: Option<TopicId>,
    pub(super) fields: Vec<Field>,
    /// What it asks no more: somebody may have answered it before.
    ended: Vec<Field>,
}

impl Choice {
    fn load(conn: &mut Conn, form: &Ask) -> Result<Self, DbError> {
        let topics = topics::list(conn)?;
        let chosen = form.topic(&topics).map(|topic| topic.id);
        let all = chosen.map_or_else(|| Ok(Vec::new()), |id| fields::list_all(conn, id))?;
        let (ended, fields) = all.into_iter().partition(|field| field.ended);
        Ok(Self { topics, chosen, fields, ended })
    }

    pub(super) async fn load_for(app: &App, form: &Ask) -> Result<Self, DbError> {
        let form = form.clone();
        app.db.read(move |conn| Self::load(conn, &form)).await
    }

    /// The topic whose fields a page with these holds.
    fn fields_of(&self) -> String {
        self.chosen.filter(|_| !self.fields.is_empty()).map(|id| id.to_string()).unwrap_or_default()
    }

    /// Whether something was answered that the chosen topic asks no more.
    pub(super) fn forgets(&self, kept: &Kept) -> bool {
        fields::is_answered(&self.ended, kept)
    }

    /// Whether the chosen topic asks something that was not in the form.
    pub(super) fn asks_more_than(&self, form: &Ask) -> bool {
        let chosen = self.topics.iter().find(|topic| Some(topic.id) == self.chosen);
        !self.fields.is_empty() && chosen.is_some_and(|topic| !form.held_fields_of(topic))
    }
}

/// `GET /ask`; `title` and `topic` may come along from the search or from a topic's page.
pub async fn show(app: web::Data<App>, frame: Frame, form: web::Query<Ask>) -> Result<Page<impl Template>, Error> {
    let form = Ask { submission: new_submission(), ..form.into_inner() };
    let choice = Choice::load_for(&app, &form).await?;
    let by_mail = guest::is_open(&app, &frame);
    Ok(Page::ok(AskPage { by_mail, ..AskPage::new(frame, Problems::default(), form, Kept::nothing("/ask"), choice) }))
}

/// `POST /ask/preview`: the form with the text as it will be shown, for everybody.
pub async fn look(
    app: web::Data<App>,
    frame: Frame,
    posted: Form<Ask>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let Form { value: form, kept } = posted;
    let choice = Choice::load_for(&app, &form).await?;
    let (preview, by_mail) = (Some(shown(&app.db, &form.body).await?), guest::is_open(&app, &frame));
    let page = AskPage { preview, by_mail, ..AskPage::new(frame, Problems::default(), form, kept, choice) };
    Page::ok(page).render(&request)
}

/// `POST /ask`
pub async fn ask(
    app: web::Data<App>,
    frame: Frame,
    posted: PostedWithFiles<Member, Ask>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let PostedWithFiles { by, mut form, mut kept, files } = posted;
    let mut problems = Problems::default();
    into_text(&app, &by, (&mut form.body, &mut form.alt), (&mut kept, files), &mut problems).await?;
    let choice = Choice::load_for(&app, &form).await?;
    if is_a_look(&form.then) && problems.is_empty() {
        let preview = Some(shown(&app.db, &form.body).await?);
        return Page::ok(AskPage { preview, ..AskPage::new(frame, problems, form, kept, choice) }).render(&request);
    }
    if let Some(place) = landed(&app.db, &kept).await? {
        return Ok(redirect(place));
    }
    let asks_more = choice.asks_more_than(&form);
    let asked_of: &[Field] = if asks_more { &[] } else { &choice.fields };
    let asked = check(&mut problems, &form, &kept, &choice.topics, asked_of);
    trust::check(&app, &by, asked.as_ref().map(|asked| &asked.body), &mut problems, "body").await?;
    let Some(asked) = asked.filter(|_| problems.is_empty()) else {
        return Page::unprocessable(AskPage::new(frame, problems, form, kept, choice)).render(&request);
    };
    let similar = if form.seen.is_empty() { similar::find(&app, &asked.title, Some(by.id)).await? } else { Vec::new() };
    if asks_more || !similar.is_empty() || choice.forgets(&kept) {
        return Page::ok(AskPage { similar, asks_more, ..AskPage::new(frame, problems, form, kept, choice) })
            .render(&request);
    }
    let asked = Asked { body: mentions::link(&app.db, asked.body).await?, ..asked };
    let now = app.clock.now();
    let place = post_once(&app.db, kept, now, move |tx| Ok(ask_checked(tx, &by, &asked, now)?));
    Ok(redirect(place.await?))
}

/// `GET /ask/fields?topic=…`: what a topic asks beside the question, for the page that asks.
pub async fn show_fields(app: web::Data<App>, form: web::Query<Ask>) -> Result<HttpResponse, Error> {
    let choice = Choice::load_for(&app, &form).await?;
    let page = FieldsPart { problems: Problems::default(), kept: Kept::nothing(""), choice };
    Ok(HttpResponse::Ok()
        .insert_header(("cache-control", "no-store"))
        .content_type("text/html; charset=utf-8")
        .body(page.render()?))
}

#[derive(Template)]
#[template(path = "asking/fields_part.html")]
struct FieldsPart {
    problems: Problems,
    kept: Kept,
    choice: Choice,
}

impl AskPage {
    pub(super) fn new(frame: Frame, problems: Problems, form: Ask, kept: Kept, choice: Choice) -> Self {
        Self {
            frame,
            problems,
            form,
            kept,
            choice,
            similar: Vec::new(),
            preview: None,
            asks_more: false,
            by_mail: false,
        }
    }

    fn is_chosen(&self, topic: &Topic) -> bool {
        Some(topic.id) == self.choice.chosen
    }

    fn fields_of(&self) -> String {
        self.choice.fields_of()
    }
}
