//! The pages of Messenger, as either side, and the pictures that posts and messages show.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::cards::path_of;
use super::hand::{MessageView, With};
use super::journal::Shown;
use super::pages::{People, people};
use super::told::shown_url;
use super::world::World;
use super::{FacebookTwin, picture};
use crate::clock::Millis;
use crate::sim::pages::{Filled, page, see_other};
use crate::sim::steering::LARGEST_UPLOAD;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/messages")
                .app_data(web::PayloadConfig::new(LARGEST_UPLOAD))
                .route(web::get().to(show))
                .route(web::post().to(write)),
        )
        .route("/messages/{id}/edit", web::post().to(edit))
        .route("/messages/{id}/unsend", web::post().to(unsend))
        .route("/media/sticker.png", web::get().to(show_sticker))
        .route("/media/{file}", web::get().to(show_picture));
}

#[derive(Deserialize)]
struct Between {
    #[serde(default)]
    with: String,
}

/// One line of the list: a person and what was said last.
struct Line {
    handle: String,
    name: String,
    said: String,
    at: Millis,
    ago: String,
}

struct Said {
    by_page: bool,
    message: MessageView,
    picture: String,
    ago: String,
    /// Whether it can be edited and taken back where it is shown.
    changeable: bool,
}

#[derive(Template)]
#[template(path = "sim/facebook/messages.html")]
struct Mailbox {
    company: String,
    /// The person whose conversation is shown.
    with: String,
    name: String,
    /// Until when the page may answer through the API.
    window: String,
    as_page: bool,
    text: String,
    problem: String,
    said: Vec<Said>,
    lines: Vec<Line>,
    people: People,
}

async fn show(query: web::Query<Between>, twin: web::Data<FacebookTwin>) -> HttpResponse {
    page(200, &twin.mailbox(query.into_inner().with, false, String::new(), String::new()))
}

async fn write(
    request: HttpRequest,
    body: web::Bytes,
    twin: web::Data<FacebookTwin>,
) -> actix_web::Result<HttpResponse> {
    let form = Filled::read(&request, body).await?;
    let (person, text) = (form.handle("with"), form.text("text"));
    let as_page = form.text("side") == "page";
    let sent = twin.make(&person, "").and_then(|()| twin.picture_from(&form)).and_then(|picture| {
        let with = With { picture: picture.as_deref(), sticker: !form.text("sticker").is_empty(), at: None };
        if as_page { twin.message_from_page(&person, &text, with) } else { twin.message(&person, &text, with) }
    });
    Ok(match sent {
        Ok(_) => see_other(&format!("/messages?with={person}#latest")),
        Err(problem) => page(422, &twin.mailbox(person, as_page, text, problem.to_string())),
    })
}

async fn edit(
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
    twin: web::Data<FacebookTwin>,
) -> actix_web::Result<HttpResponse> {
    let form = Filled::read(&request, body).await?;
    let (person, text) = (form.handle("with"), form.text("text"));
    Ok(match twin.edit_message(&id, &text) {
        Ok(()) => see_other(&format!("/messages?with={person}")),
        Err(problem) => page(422, &twin.mailbox(person, false, text, problem.to_string())),
    })
}

async fn unsend(
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
    twin: web::Data<FacebookTwin>,
) -> actix_web::Result<HttpResponse> {
    let form = Filled::read(&request, body).await?;
    let person = form.handle("with");
    Ok(match twin.unsend(&id) {
        Ok(()) => see_other(&format!("/messages?with={person}")),
        Err(problem) => page(422, &twin.mailbox(person, false, String::new(), problem.to_string())),
    })
}

/// The thumb.
async fn show_sticker() -> HttpResponse {
    match picture::draw(u64::MAX, 120) {
        Ok(png) => HttpResponse::Ok().content_type("image/png").body(png),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

/// A picture, as long as something that shows it stands.
async fn show_picture(name: web::Path<String>, twin: web::Data<FacebookTwin>) -> HttpResponse {
    let id = name.split('.').next().and_then(|id| id.parse().ok()).unwrap_or_default();
    let mime = {
        let state = twin.state();
        let picture = state.world.pictures.get(&id).filter(|picture| picture.file_name() == *name);
        picture.filter(|_| state.world.shows(id)).map(|picture| picture.mime.clone())
    };
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
    /// Whether something that stands has this picture.
    fn shows(&self, id: u64) -> bool {
        let shown = Some(Shown::Photo(id));
        self.items.values().any(|item| item.shown == shown && self.standing(item.number).is_some())
            || self.talks.all.values().any(|message| !message.unsent && message.said.shown == shown)
    }
}

impl FacebookTwin {
    fn mailbox(&self, with: String, as_page: bool, text: String, problem: String) -> Mailbox {
        let (now, company) = (self.now(), self.settings().page.id);
        let said = self.messages(&with);
        let state = self.state();
        let world = &state.world;
        let handle = world.handle(company).to_owned();
        let said = said.into_iter().map(|message| Said {
            by_page: message.from == handle,
            picture: message
                .picture
                .as_ref()
                .and_then(|id| id.parse().ok())
                .map_or_else(String::new, |id| path_of(shown_url(world, Shown::Photo(id)), &world.base)),
            ago: message.at.ago(now),
            changeable: !message.app,
            message,
        });
        let said = said.collect();
        let lines = world.talks.of_page(company).into_iter().take(50).map(|message| Line {
            handle: world.handle(message.said.person).to_owned(),
            name: world.name(message.said.person).to_owned(),
            said: message.said.text.clone(),
            at: message.said.at,
            ago: message.said.at.ago(now),
        });
        let lines = lines.collect();
        let person = world.by_handle(&with).filter(|id| world.people.contains_key(id));
        let window = person.and_then(|person| world.window(company, person, false));
        let window = match window {
            Some(until) if until > now => format!("The page may answer until {}.", until.to_words()),
            Some(_) => "The page's 24 hours are over; a human agent has seven days.".to_owned(),
            None => String::new(),
        };
        let name = person.map(|person| world.name(person).to_owned()).unwrap_or_default();
        let people = people(world);
        Mailbox {
            company: world.name(company).to_owned(),
            with,
            name,
            window,
            as_page,
            text,
            problem,
            said,
            lines,
            people,
        }
    }
}
