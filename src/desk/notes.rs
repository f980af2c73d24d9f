//! Notes on the desk: what colleagues tell each other about a thread or a private conversation. Nobody reads them who may
//! not read what they are about.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::words;
use crate::app::App;
use crate::clock::Millis;
use crate::db::{Conn, DbError};
use crate::members::{self, AtDesk, Card, Cards, Member, MemberId, Posted, Staff};
use crate::notes::{self, LONGEST, NewNote, Note, NoteId, find_mentioned, insert, list};
use crate::private::{self, PrivateThreadId};
use crate::questions::{self, QuestionId};
use crate::queue::Subject;
use crate::web::form::new_submission;
use crate::web::once::post_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

/// The notes about one subject, as their reader sees them.
pub(super) struct Notes {
    subject: Subject,
    list: Vec<Note>,
    cards: Cards,
    reader: Member,
    pub submission: String,
}

impl Notes {
    pub fn load(conn: &mut Conn, subject: Subject, reader: &Member) -> Result<Self, DbError> {
        let list = list(conn, subject)?;
        let writers: Vec<_> = list.iter().map(|note| note.by).collect();
        let cards = if writers.is_empty() { Cards::new() } else { members::load_cards(conn, &writers)? };
        Ok(Self { subject, list, cards, reader: reader.clone(), submission: new_submission() })
    }

    /// Those that were written after one moment, up to another: a page puts each in its place.
    pub fn between(&self, after: Option<&Millis>, until: Option<&Millis>) -> impl Iterator<Item = &Note> {
        let (after, until) = (after.copied(), until.copied());
        let is_here = move |note: &&Note| {
            after.is_none_or(|after| note.created_at >= after) && until.is_none_or(|until| note.created_at < until)
        };
        self.list.iter().filter(is_here)
    }

    pub fn writer(&self, note: &Note) -> Option<&Card> {
        self.cards.get(&note.by)
    }

    pub fn is_own(&self, note: &Note) -> bool {
        note.by == self.reader.id
    }

    pub fn action(&self) -> String {
        format!("{}/notes", place(self.subject))
    }
}

fn place(subject: Subject) -> String {
    match subject {
        Subject::Question(id) => format!("/desk/questions/{id}"),
        Subject::Private(id) => format!("/desk/private/{id}"),
        Subject::RemotePost(_) => "/desk".to_owned(),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Noting {
    note: String,
    submission: String,
}

#[derive(Template)]
#[template(path = "desk/note.html")]
struct NotePage {
    frame: Frame,
    problems: Problems,
    form: Noting,
    subject: Subject,
}

impl NotePage {
    fn back(&self) -> String {
        place(self.subject)
    }
}

/// `POST /desk/questions/{id}/notes`
pub async fn on_question(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<QuestionId>,
    posted: Posted<AtDesk, Noting>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    app.db.read(move |conn| questions::load_living(conn, id)).await?;
    let Posted { by: AtDesk(by), form, kept } = posted;
    write(app, frame, Subject::Question(id.0), by, Posted { by: (), form, kept }, request).await
}

/// `POST /desk/private/{id}/notes`
pub async fn on_private(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<PrivateThreadId>,
    posted: Posted<Staff, Noting>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let Posted { by, form, kept } = posted;
    let reader = by.clone();
    app.db.read(move |conn| private::find(conn, id, &reader)).await?.ok_or(Error::NotFound)?;
    write(app, frame, Subject::Private(id.0), by.0, Posted { by: (), form, kept }, request).await
}

async fn write(
    app: web::Data<App>,
    frame: Frame,
    subject: Subject,
    by: Member,
    posted: Posted<(), Noting>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let Posted { form, kept, .. } = posted;
    let mut problems = Problems::default();
    let body = problems.text("note", "Your note", &form.note, LONGEST);
    if !problems.is_empty() {
        let form = Noting { submission: new_submission(), ..form };
        return Page::unprocessable(NotePage { frame, problems, form, subject }).render(&request);
    }
    let new = compose(&app, subject, by.id, body).await?;
    let now = app.clock.now();
    let place = post_once(&app.db, kept, now, move |tx| {
        let id = insert(tx, &new, now)?;
        Ok(format!("{}#note-{id}", place(subject)))
    });
    Ok(redirect(place.await?))
}

/// A note ready to be written: rendered, with those of the desk whom its text calls.
pub async fn compose(app: &App, subject: Subject, by: MemberId, body: String) -> Result<NewNote, DbError> {
    let handles = notes::mentions(&body);
    let known = app.db.read(move |conn| find_mentioned(conn, subject, &handles)).await?;
    let body_html = notes::render(&body, &known);
    let mentioned = known.iter().map(|card| card.id).collect();
    Ok(NewNote { subject, by, body, body_html, mentioned })
}

/// `POST /desk/notes/{id}/remove`: by its writer alone.
pub async fn remove(app: web::Data<App>, by: AtDesk, id: web::Path<NoteId>) -> Result<HttpResponse, Error> {
    let (id, now, by) = (id.into_inner(), app.clock.now(), by.0.id);
    match app.db.write(move |tx| notes::remove(tx, id, by, now)).await? {
        Some(subject) => Ok(redirect(place(subject))),
        None => Err(Error::Gone(words::NOTE_IS_GONE.to_owned())),
    }
}
