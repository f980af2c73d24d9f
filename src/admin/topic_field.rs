//! `/admin/fields/{id}/edit`: one thing that a topic asks gets another name, other choices, or is made a duty. What was
//! answered with a choice follows its new name, and stays where the choice ends.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::words::{self, field_log};
use super::{note, topic_fields};
use crate::app::App;
use crate::audit::Act;
use crate::clock::Millis;
use crate::db::{Conn, Tx};
use crate::members::{Admin, MemberId, Posted};
use crate::questions;
use crate::topics::fields::{self, Field, FieldId, Kind, LONGEST_NAME, Renamed, change_choices};
use crate::topics::{self, Topic, TopicId};
use crate::web::form::{Kept, clean};
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub struct Editing {
    name: String,
    required: Option<String>,
    /// More of them, one a line.
    choices: String,
}

#[derive(Template)]
#[template(path = "admin/topic_field.html")]
struct FieldPage {
    frame: Frame,
    problems: Problems,
    topic: Topic,
    field: Field,
    form: Editing,
    /// The choices that are there, as the form calls them.
    rows: Vec<Renamed>,
}

impl FieldPage {
    fn of(frame: Frame, topic: Topic, field: Field) -> Self {
        let form =
            Editing { name: field.name.clone(), required: field.required.then(String::new), choices: String::new() };
        let rows = rows_of(&field, &[]);
        Self { frame, problems: Problems::default(), topic, field, form, rows }
    }

    fn most(&self) -> usize {
        LONGEST_NAME
    }
}

/// The choices that are there, each with what was typed for it, if anything was.
fn rows_of(field: &Field, typed: &[Renamed]) -> Vec<Renamed> {
    let row = |was: &String| {
        let known = typed.iter().find(|one| one.was == *was).cloned();
        known.unwrap_or_else(|| Renamed { was: was.clone(), now: was.clone() })
    };
    field.choices.iter().map(row).collect()
}

/// What a form says of the choices that its page showed.
fn read_rows(kept: &Kept) -> Vec<Renamed> {
    let typed = |name: String| {
        let value = kept.fields.iter().find(|(known, _)| *known == name).map(|(_, value)| clean(value))?;
        Some(value.replace('\n', " "))
    };
    let row = |n: usize| {
        Some(Renamed { was: typed(format!("was_{n}"))?, now: typed(format!("choice_{n}")).unwrap_or_default() })
    };
    (0..fields::MOST_CHOICES).map_while(row).collect()
}

fn load(conn: &mut Conn, id: FieldId) -> Result<(Topic, Field), Error> {
    let (topic, field) = fields::find(conn, id)?.ok_or(Error::NotFound)?;
    Ok((topics::find(conn, topic)?.ok_or(Error::NotFound)?, field))
}

/// `GET /admin/fields/{id}/edit`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    _admin: Admin,
    id: web::Path<FieldId>,
) -> Result<Page<impl Template>, Error> {
    let id = id.into_inner();
    let (topic, field) = app.db.read(move |conn| load(conn, id)).await?;
    Ok(Page::ok(FieldPage::of(frame, topic, field)))
}

/// `POST /admin/fields/{id}/edit`
pub async fn save(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<FieldId>,
    posted: Posted<Admin, Editing>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let Posted { by, form, kept } = posted;
    let (by, now, typed) = (by.0.id, app.clock.now(), read_rows(&kept));
    let new = (form.clone(), typed.clone());
    let done = app.db.write(move |tx| carry_out(tx, id, &new.0, &new.1, (by, now))).await?;
    match done {
        Ok(topic) => Ok(redirect(format!("/admin/topics/{topic}/fields#field-{id}"))),
        Err(problems) => {
            let (topic, field) = app.db.read(move |conn| load(conn, id)).await?;
            let rows = rows_of(&field, &typed);
            Page::unprocessable(FieldPage { problems, form, rows, ..FieldPage::of(frame, topic, field) })
                .render(&request)
        }
    }
}

/// Saves what the form says; the inner error: why it does not.
fn carry_out(
    tx: &mut Tx<'_>,
    id: FieldId,
    form: &Editing,
    typed: &[Renamed],
    (by, now): (MemberId, Millis),
) -> Result<Result<TopicId, Problems>, Error> {
    let (topic, was) = fields::find(tx, id)?.ok_or(Error::NotFound)?;
    let mut problems = Problems::default();
    let name = problems.text("name", "The name", &form.name, LONGEST_NAME);
    let asked: Vec<Field> = fields::list(tx, topic)?.into_iter().filter(|field| field.id != id).collect();
    if topic_fields::is_asked(&asked, &name) {
        problems.add("name", words::ASKED_ALREADY);
    }
    let choices = match was.kind {
        Kind::Choice => change_choices(&mut problems, typed, &form.choices),
        Kind::Text => Vec::new(),
    };
    if typed.iter().map(|row| &row.was).ne(&was.choices) {
        problems.add("name", words::FIELD_CHANGED);
    }
    let required = form.required.is_some();
    let renamed = was.renamed_after(typed, &choices);
    let now_asked = Field { name: name.clone(), choices: choices.clone(), renamed, required, ..was.clone() };
    if problems.is_empty() && !fields::rewrite(tx, &was, &now_asked)? {
        problems.add("name", words::FIELD_CHANGED);
    }
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    for row in typed.iter().filter(|row| !row.now.is_empty() && row.now != row.was) {
        questions::rename_value(tx, id, &row.was, &row.now)?;
    }
    let said = changes(&was, &name, required, typed, &choices);
    if !said.is_empty() {
        note(tx, by, Act::Topic, format!("topic-{topic}"), said.join("; "), now)?;
    }
    Ok(Ok(topic))
}

/// What is another now, for the log.
fn changes(was: &Field, name: &str, required: bool, typed: &[Renamed], choices: &[String]) -> Vec<String> {
    let mut said = Vec::new();
    if was.name != name {
        said.push(field_log::renamed(&was.name, name));
    }
    if was.required != required {
        said.push(field_log::required(name, required));
    }
    for row in typed.iter().filter(|row| row.now != row.was) {
        said.push(match row.now.is_empty() {
            true => field_log::ended_choice(&row.was),
            false => field_log::renamed(&row.was, &row.now),
        });
    }
    let is_new = |choice: &&String| !typed.iter().any(|row| row.now == **choice);
    said.extend(choices.iter().filter(is_new).map(|choice| field_log::new_choice(choice)));
    said
}
