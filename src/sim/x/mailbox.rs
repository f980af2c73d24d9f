//! The pages of direct messages, and the pictures that posts and messages show.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::pages::{People, people};
use super::people::MessageView;
use super::posts::Refused;
use super::world::World;
use super::{XTwin, picture};
use crate::clock::Millis;
use crate::sim::pages::{Filled, page, see_other};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/messages", web::get().to(show))
        .route("/messages", web::post().to(write))
        .route("/media/{file}", web::get().to(show_picture));
}

#[derive(Deserialize)]
struct Between {
    #[serde(default, rename = "as")]
    reader: String,
    #[serde(default)]
    with: String,
}

/// One line of the list: two people and what was said last.
struct Line {
    reader: String,
    with: String,
    said: String,
    at: Millis,
    ago: String,
}

#[derive(Template)]
#[template(path = "sim/x/messages.html")]
struct Mailbox {
    reader: String,
    with: String,
    text: String,
    problem: String,
    said: Vec<Said>,
    lines: Vec<Line>,
    people: People,
}

struct Said {
    own: bool,
    message: MessageView,
    picture: String,
    ago: String,
}

async fn show(query: web::Query<Between>, twin: web::Data<XTwin>) -> HttpResponse {
    let Between { reader, with } = query.into_inner();
    let with = if with.is_empty() { twin.settings().account.handle.clone() } else { with };
    page(200, &twin.mailbox(reader, with, String::new(), String::new()))
}

async fn write(request: HttpRequest, body: web::Bytes, twin: web::Data<XTwin>) -> actix_web::Result<HttpResponse> {
    let form = Filled::read(&request, body).await?;
    let (from, to) = (form.handle("as"), form.handle("with"));
    let text = form.text("text");
    let sent = twin
        .user(&from, "", 20)
        .and_then(|_| twin.picture_of(&from, &form))
        .and_then(|picture| twin.message(&from, &to, &text, picture.as_deref()));
    Ok(match sent {
        Ok(id) => see_other(&format!("/messages?as={from}&with={to}#m{id}")),
        Err(problem) => {
            let said = match problem {
                Refused::Empty => "A message needs a text or a picture.".to_owned(),
                other => other.to_string(),
            };
            page(422, &twin.mailbox(from, to, text, said))
        }
    })
}

/// A picture, as long as something that shows it stands.
async fn show_picture(name: web::Path<String>, twin: web::Data<XTwin>) -> HttpResponse {
    let id = name.split('.').next().and_then(|id| id.parse().ok()).unwrap_or_default();
    let state = twin.state();
    let picture = state.world.media.get(id).filter(|picture| picture.file_name() == *name);
    let mime = picture.filter(|_| state.world.shows(id)).map(|picture| picture.mime.clone());
    drop(state);
    let bytes = mime.as_ref().and_then(|_| std::fs::read(picture::file(&twin.settings().state, id)).ok());
    match (mime, bytes) {
        (Some(mime), Some(bytes)) => HttpResponse::Ok()
            .content_type(mime)
            .insert_header(("x-content-type-options", "nosniff"))
            .insert_header(("cache-control", "no-cache"))
            .body(bytes),
        _ => HttpResponse::NotFound().finish(),
    }
}

impl World {
    /// Whether a post or a message that stands has this picture.
    fn shows(&self, id: u64) -> bool {
        self.posts.values().any(|post| post.deleted.is_none() && post.media.contains(&id))
            || self.messages.all.values().any(|message| !message.deleted && message.media == Some(id))
    }
}

impl XTwin {
    fn mailbox(&self, reader: String, with: String, text: String, problem: String) -> Mailbox {
        let now = self.now();
        let said = self.messages(&reader, &with).into_iter().map(|message| Said {
            own: message.from.eq_ignore_ascii_case(&reader),
            picture: message.picture.as_ref().map(|picture| self.picture_path(&picture.id)).unwrap_or_default(),
            ago: message.at.ago(now),
            message,
        });
        let said = said.collect();
        let state = self.state();
        let mut seen = std::collections::BTreeSet::new();
        let newest = state.world.messages.all.values().rev().filter(|message| !message.deleted);
        let newest = newest.filter(|message| seen.insert(message.conversation())).take(50);
        let lines = newest.map(|message| {
            let view = state.world.view_message(message);
            // The customer's side is the one to be.
            let ours = state.world.grants.has_been_given_by(message.from);
            let (reader, with) = if ours { (view.to, view.from) } else { (view.from, view.to) };
            Line { reader, with, said: view.text, at: view.at, ago: view.at.ago(now) }
        });
        let lines = lines.collect();
        Mailbox { reader, with, text, problem, said, lines, people: people(&state.world) }
    }

    pub(super) fn picture_path(&self, id: &str) -> String {
        let state = self.state();
        let picture = id.parse().ok().and_then(|id| state.world.media.get(id));
        picture.map(|picture| format!("/media/{}", picture.file_name())).unwrap_or_default()
    }

    /// The picture of a form, if it brought one.
    pub(super) fn picture_of(&self, handle: &str, form: &Filled) -> Result<Option<String>, Refused> {
        match form.file("picture") {
            Some(bytes) => self.add_picture(handle, bytes, form.text("alt").trim()).map(Some),
            None => Ok(None),
        }
    }
}
