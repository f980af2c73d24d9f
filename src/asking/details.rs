//! What a question carries beside its words, changed later: `GET` and `POST /questions/{id}/details`, for whoever asked it and
//! for staff. A question that moves to another topic is asked what that one asks.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::form::Ask;
use super::words;
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::db::{Conn, Tx};
use crate::holds;
use crate::members::{Member, Posted};
use crate::questions::{self, Question, QuestionId};
use crate::tags::{self, TagName};
use crate::topics::fields::{self, Field, FieldId, Kind, answers_to};
use crate::topics::{self, Topic, TopicId};
use crate::web::form::{Kept, new_submission};
use crate::web::once::post_once;
use crate::web::{Error, Frame, Page, Problems, markdown, redirect};

#[derive(Template)]
#[template(path = "asking/details.html")]
struct DetailsPage {
    frame: Frame,
    problems: Problems,
    question: Question,
    form: Ask,
    kept: Kept,
    topics: Vec<Topic>,
    fields: Vec<Field>,
    /// What it asks no more.
    ended: Vec<Field>,
    /// The topic asks something that was not in the form before.
    asks_more: bool,
    /// Something was answered that it asks no more.
    forgets: bool,
}

impl DetailsPage {
    fn is_chosen(&self, topic: &Topic) -> bool {
        self.form.topic(std::slice::from_ref(topic)).is_some()
    }

    fn fields_of(&self) -> &str {
        if self.fields.is_empty() { "" } else { &self.form.topic }
    }
}

/// What a question answers to fields.
type Values = HashMap<FieldId, String>;

/// Whether somebody may change what a question carries.
pub fn may_detail(by: &Member, question: &Question) -> bool {
    by.role.is_staff() || (question.author.member() == Some(by.id) && question.locked.is_none())
}

fn load(conn: &mut Conn, id: QuestionId, by: &Member) -> Result<Question, Error> {
    let question = questions::load_seen(conn, id, Some(by))?;
    if may_detail(by, &question) {
        return Ok(question);
    }
    let why = words::NOT_YOURS_TO_CHANGE;
    Err(Error::Forbidden(why.to_owned()))
}

struct Choice {
    topics: Vec<Topic>,
    fields: Vec<Field>,
    /// What the chosen topic asks no more.
    ended: Vec<Field>,
}

/// What the form of a question chooses from: the topics, and what the chosen one asks, with what the question answers so far.
fn load_choice(conn: &mut Conn, form: &Ask, answered: &Values) -> Result<Choice, Error> {
    let topics = topics::list(conn)?;
    let chosen = form.topic(&topics).map(|topic| topic.id);
    let all = chosen.map_or_else(|| Ok(Vec::new()), |id| fields::list_all(conn, id))?;
    let (ended, mut fields): (Vec<Field>, Vec<Field>) = all.into_iter().partition(|field| field.ended);
    for field in &mut fields {
        if let Some(value) = answered.get(&field.id) {
            field.keep(value);
        }
    }
    Ok(Choice { topics, fields, ended })
}

/// `GET /questions/{id}/details`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    by: Member,
    id: web::Path<QuestionId>,
) -> Result<Page<impl Template>, Error> {
    let id = id.into_inner();
    let read = move |conn: &mut Conn| {
        let question = load(conn, id, &by)?;
        let tags = questions::list_tags_of(conn, id)?;
        let values = questions::list_values(conn, id)?;
        let form = Ask {
            topic: question.topic.as_ref().map(|topic| topic.id.to_string()).unwrap_or_default(),
            tags: tags.join(", "),
            submission: new_submission(),
            ..Ask::default()
        };
        let choice = load_choice(conn, &form, &values)?;
        let mut kept = Kept::nothing("");
        choice.fields.iter().for_each(|field| kept.set(&field.key(), values.get(&field.id).map_or("", String::as_str)));
        Ok::<_, Error>((question, form, kept, choice))
    };
    let (question, form, kept, Choice { topics, fields, ended }) = app.db.read(read).await?;
    let problems = Problems::default();
    let (asks_more, forgets) = (false, false);
    Ok(Page::ok(DetailsPage { frame, problems, question, form, kept, topics, fields, ended, asks_more, forgets }))
}

/// `POST /questions/{id}/details`
pub async fn change(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<QuestionId>,
    posted: Posted<Member, Ask>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let Posted { by, form, kept } = posted;
    let (who, chosen, typed) = (by.clone(), form.clone(), kept.clone());
    let read = move |conn: &mut Conn| {
        let (question, answered) = (load(conn, id, &who)?, questions::list_values(conn, id)?);
        let mut choice = load_choice(conn, &chosen, &answered)?;
        // What was answered before stays.
        choice.ended.retain(|field| answered.get(&field.id).is_none_or(|value| value != field.typed(&typed)));
        let topics = &choice.topics;
        let (now, then) = (question.topic.as_ref().map(|topic| topic.id), chosen.topic(topics).map(|topic| topic.id));
        // Moving is no way around what staff look at before others see it there.
        let held = match now == then {
            true => None,
            false => holds::why_held(conn, &who, then, &markdown::to_html(&question.body))?,
        };
        Ok::<_, Error>((question, choice, held))
    };
    let (question, Choice { topics, fields, ended }, held) = app.db.read(read).await?;
    let mut problems = Problems::default();
    let topic = form.topic(&topics).cloned();
    if topic.is_none() && !form.topic.is_empty() {
        problems.add("topic", words::NO_SUCH_TOPIC);
    }
    if let Some(why) = held {
        problems.add("topic", why.of_an_edit());
    }
    let asks_more = !fields.is_empty() && topic.as_ref().is_some_and(|topic| !form.held_fields_of(topic));
    let new = Details {
        topic: topic.map(|topic| topic.id),
        tags: tags::read(&mut problems, "tags", &form.tags),
        values: if asks_more { Vec::new() } else { answers_to(&mut problems, &fields, &kept) },
    };
    let forgets = fields::is_answered(&ended, &kept);
    if !problems.is_empty() || asks_more || forgets {
        let is_step = problems.is_empty();
        let asks_more = asks_more && is_step;
        let page = DetailsPage { frame, problems, question, form, kept, topics, fields, ended, asks_more, forgets };
        return if is_step { Page::ok(page) } else { Page::unprocessable(page) }.render(&request);
    }
    let place = post_once(&app.db, kept, now, move |tx| new.write(tx, id, &by, now)).await?;
    Ok(redirect(place))
}

struct Details {
    topic: Option<TopicId>,
    tags: Vec<TagName>,
    values: Vec<(FieldId, String)>,
}

impl Details {
    /// Writes them and returns the place of the question.
    fn write(&self, tx: &mut Tx<'_>, id: QuestionId, by: &Member, now: Millis) -> Result<String, Error> {
        let question = load(tx, id, by)?;
        if question.topic.as_ref().map(|topic| topic.id) != self.topic {
            questions::set_topic(tx, id, self.topic, now)?;
        }
        questions::set_tags(tx, id, &self.tags, now)?;
        questions::set_values(tx, id, &self.values)?;
        if question.author.member() != Some(by.id) {
            let (subject, words) = (id.post().to_string(), "topic and tags".to_owned());
            audit::record(
                tx,
                &Entry { by: Some(by.id), act: Act::Edit, subject, question_id: Some(id.0), words, at: now },
            )?;
        }
        Ok(question.place())
    }
}
