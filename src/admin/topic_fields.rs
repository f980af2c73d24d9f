//! `/admin/topics/{id}/fields`: what a topic asks beside the question. Fields are added, put in order, made a duty, and ended;
//! what was answered to one that ended stays.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::note;
use super::words::{self, field_log};
use crate::app::App;
use crate::audit::Act;
use crate::clock::Millis;
use crate::db::{Conn, Tx};
use crate::members::{Admin, MemberId, Posted};
use crate::topics::fields::{self, Field, FieldId, Kind, LONGEST_NAME, MOST};
use crate::topics::{self, Topic, TopicId};
use crate::web::form::new_submission;
use crate::web::once::try_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub struct Adding {
    name: String,
    kind: String,
    /// One a line.
    choices: String,
    required: Option<String>,
    submission: String,
}

#[derive(Template)]
#[template(path = "admin/topic_fields.html")]
struct FieldsPage {
    frame: Frame,
    problems: Problems,
    topic: Topic,
    /// Those that are asked, in their order; then those that ended.
    asked: Vec<Field>,
    ended: Vec<Field>,
    form: Adding,
}

impl FieldsPage {
    async fn load(app: &App, frame: Frame, id: TopicId, form: Adding, problems: Problems) -> Result<Self, Error> {
        let read = move |conn: &mut Conn| {
            let topic = topics::find(conn, id)?.ok_or(Error::NotFound)?;
            Ok::<_, Error>((topic, fields::list_all(conn, id)?))
        };
        let (topic, all) = app.db.read(read).await?;
        let (ended, asked) = all.into_iter().partition(|field| field.ended);
        let form = Adding { submission: new_submission(), ..form };
        Ok(Self { frame, problems, topic, asked, ended, form })
    }

    fn most(&self) -> usize {
        MOST
    }

    fn is_full(&self) -> bool {
        self.asked.len() >= MOST
    }
}

/// `GET /admin/topics/{id}/fields`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    _admin: Admin,
    id: web::Path<TopicId>,
) -> Result<Page<impl Template>, Error> {
    let form = Adding { kind: Kind::Text.as_str().to_owned(), ..Adding::default() };
    Ok(Page::ok(FieldsPage::load(&app, frame, id.into_inner(), form, Problems::default()).await?))
}

/// `POST /admin/topics/{id}/fields`: one more.
pub async fn add(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<TopicId>,
    posted: Posted<Admin, Adding>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let Posted { by, form, kept } = posted;
    let (by, now) = (by.0.id, app.clock.now());
    let mut problems = Problems::default();
    let name = problems.text("name", "The name", &form.name, LONGEST_NAME);
    let kind = Kind::parse(&form.kind).unwrap_or_else(|| {
        problems.add("kind", words::CHOOSE_KIND);
        Kind::Text
    });
    let choices = if kind == Kind::Choice { fields::read_choices(&mut problems, &form.choices) } else { Vec::new() };
    let required = form.required.is_some();
    if problems.is_empty() {
        let work = move |tx: &mut Tx<'_>| {
            topics::find(tx, id)?.ok_or(Error::NotFound)?;
            let asked = fields::list(tx, id)?;
            if let Some(why) = why_not(&asked, &name) {
                return Ok(Err(why));
            }
            fields::add(tx, id, &name, kind, &choices, required)?;
            note(tx, by, Act::Topic, format!("topic-{id}"), field_log::added(&name), now)?;
            Ok(Ok(format!("/admin/topics/{id}/fields")))
        };
        match try_once(&app.db, kept, now, work).await? {
            Ok(place) => return Ok(redirect(place)),
            Err(why) => problems.add("name", why),
        }
    }
    Page::unprocessable(FieldsPage::load(&app, frame, id, form, problems).await?).render(&request)
}

fn why_not(asked: &[Field], name: &str) -> Option<String> {
    if asked.len() >= MOST {
        return Some(words::asks_enough());
    }
    is_asked(asked, name).then(|| words::ASKED_ALREADY.to_owned())
}

/// Whether one of these has this name.
pub(super) fn is_asked(asked: &[Field], name: &str) -> bool {
    asked.iter().any(|field| field.name.to_lowercase() == name.to_lowercase())
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Do {
    Up,
    Down,
    Require,
    Relax,
    End,
    Resume,
}

#[derive(Deserialize)]
pub struct Changing {
    act: Do,
}

/// `POST /admin/fields/{id}`: moves it, makes it a duty or not, ends it or asks it again.
pub async fn change(
    app: web::Data<App>,
    id: web::Path<FieldId>,
    posted: Posted<Admin, Changing>,
) -> Result<HttpResponse, Error> {
    let (id, act, by, now) = (id.into_inner(), posted.form.act, posted.by.0.id, app.clock.now());
    let topic = app.db.write(move |tx| carry_out(tx, id, act, (by, now))).await?;
    Ok(redirect(format!("/admin/topics/{topic}/fields#field-{id}")))
}

fn carry_out(tx: &mut Tx<'_>, id: FieldId, act: Do, (by, now): (MemberId, Millis)) -> Result<TopicId, Error> {
    let topic = fields::find_topic(tx, id)?.ok_or(Error::NotFound)?;
    let asked = fields::list(tx, topic)?;
    match act {
        Do::Up | Do::Down => {
            let mut ids: Vec<FieldId> = asked.iter().map(|field| field.id).collect();
            let at = ids.iter().position(|one| *one == id).ok_or(Error::NotFound)?;
            let other = if act == Do::Up { at.checked_sub(1) } else { Some(at + 1) };
            if let Some(other) = other.filter(|other| *other < ids.len()) {
                ids.swap(at, other);
                fields::order(tx, &ids)?;
            }
        }
        Do::Require | Do::Relax => fields::set_required(tx, id, act == Do::Require)?,
        Do::End => fields::end(tx, id, Some(now))?,
        Do::Resume if asked.len() >= MOST => {
            return Err(Error::BadRequest(words::cannot_resume()));
        }
        Do::Resume => fields::end(tx, id, None)?,
    }
    note(tx, by, Act::Topic, format!("topic-{topic}"), format!("field {id}: {}", act.words()), now)?;
    Ok(topic)
}

impl Do {
    fn words(self) -> &'static str {
        match self {
            Self::Up => "moved up",
            Self::Down => "moved down",
            Self::Require => "must be answered",
            Self::Relax => "may be left out",
            Self::End => "asked no more",
            Self::Resume => "asked again",
        }
    }
}
