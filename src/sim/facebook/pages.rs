//! The pages of the twin: where a person can be any customer, or a colleague at a page as in Facebook's own app.
//!
//! Plain forms, no script. What people wrote is escaped by the templates; every form says whose page it came from.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::cards::{Card, thread};
use super::hand::With;
use super::journal::{Change, Place};
use super::people::Trait;
use super::world::World;
use super::{FacebookTwin, Refused, Task, locked, picture};
use crate::sim::door;
use crate::sim::faults::Held;
use crate::sim::pages::{Filled, page, see_other, show_style};
use crate::sim::steering::LARGEST_UPLOAD;

/// How many posts a page of the wall has.
const POSTS: usize = 20;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(show_wall))
        .service(web::resource("/write").app_data(web::PayloadConfig::new(LARGEST_UPLOAD)).route(web::post().to(write)))
        .route("/items/{id}/edit", web::post().to(edit))
        .route("/items/{id}/delete", web::post().to(delete))
        .route("/items/{id}/hide", web::post().to(hide))
        .route("/items/{id}/like", web::post().to(like))
        .route("/people/{handle}/traits", web::post().to(set_traits))
        .route("/people/{handle}/roles", web::post().to(set_roles))
        .route("/sim/twin.css", web::get().to(show_style))
        .route("/faces/{id}.png", web::get().to(show_face))
        .route("/{wall}/posts/{post}", web::get().to(show_post))
        .route("/{handle}", web::get().to(show_profile));
}

/// Handle and name of everybody, pages too, for the lists to choose from.
pub(super) type People = Vec<(String, String)>;

pub(super) fn people(world: &World) -> People {
    let pages = world.pages.values().map(|page| (page.handle.clone(), page.name.clone()));
    pages.chain(world.people.values().map(|person| (person.handle.clone(), person.name.clone()))).collect()
}

#[derive(Template)]
#[template(path = "sim/facebook/wall.html")]
struct Wall {
    company: String,
    writing_as: String,
    people: People,
    /// The pages that one can write on.
    pages: People,
    threads: Vec<Vec<Card>>,
    page: usize,
    more: bool,
}

#[derive(Template)]
#[template(path = "sim/facebook/post.html")]
struct Post {
    people: People,
    thread: Vec<Card>,
    /// The comment that is pointed at.
    pointed: String,
}

#[derive(Template)]
#[template(path = "sim/facebook/profile.html")]
struct Profile {
    id: u64,
    handle: String,
    name: String,
    is_page: bool,
    is_company: bool,
    /// Whether this person lets the app in.
    connected: bool,
    unseen: bool,
    closed: bool,
    /// Who may do what, or on which pages this person may.
    roles: Vec<(String, String, String)>,
    tasks: Vec<&'static str>,
    ends: Vec<(u64, &'static str)>,
    people: People,
    threads: Vec<Vec<Card>>,
}

#[derive(Template)]
#[template(path = "sim/facebook/refused.html")]
struct NotDone {
    problem: String,
    /// Where the form goes, and its hidden fields.
    action: String,
    fields: Vec<(&'static str, String)>,
    text: String,
}

#[derive(Template)]
#[template(path = "sim/facebook/gone.html")]
struct Gone;

fn gone() -> HttpResponse {
    page(404, &Gone)
}

#[derive(Deserialize)]
struct WallQuery {
    #[serde(default)]
    page: usize,
    #[serde(default, rename = "as")]
    writing_as: String,
}

async fn show_wall(query: web::Query<WallQuery>, twin: web::Data<FacebookTwin>) -> HttpResponse {
    let now = twin.now();
    let state = twin.state();
    let world = &state.world;
    let mut posts: Vec<_> = world.items.values().filter(|item| item.is_post() && item.removed.is_none()).collect();
    // Whatever was last written under comes first.
    let latest = |number: u64| world.under.get(&number).and_then(|below| below.last().map(|(at, _)| *at));
    posts.sort_by_key(|post| {
        std::cmp::Reverse((latest(post.number).map_or(post.at, |at| at.max(post.at)), post.number))
    });
    let shown = posts.iter().skip(query.page.saturating_mul(POSTS)).take(POSTS);
    let threads = shown.map(|post| thread(world, post, now)).collect();
    let more = posts.len() > query.page.saturating_add(1).saturating_mul(POSTS);
    let pages = world.pages.values().map(|page| (page.handle.clone(), page.name.clone())).collect();
    let company = twin.settings().page.handle.clone();
    let writing_as = query.writing_as.clone();
    page(200, &Wall { company, writing_as, people: people(world), pages, threads, page: query.page, more })
}

#[derive(Deserialize)]
struct PostQuery {
    #[serde(default)]
    comment_id: String,
    #[serde(default)]
    reply_comment_id: String,
}

async fn show_post(
    path: web::Path<(String, String)>,
    query: web::Query<PostQuery>,
    twin: web::Data<FacebookTwin>,
) -> HttpResponse {
    let (wall, post) = path.into_inner();
    let now = twin.now();
    let state = twin.state();
    let world = &state.world;
    let wall = wall.parse().ok().or_else(|| world.by_handle(&wall)).unwrap_or_default();
    let Some(post) = world.item(&format!("{wall}_{post}")).filter(|item| item.is_post()) else { return gone() };
    let PostQuery { comment_id, reply_comment_id } = query.into_inner();
    let pointed = if reply_comment_id.is_empty() { comment_id } else { reply_comment_id };
    page(200, &Post { people: people(world), thread: thread(world, post, now), pointed })
}

async fn show_profile(handle: web::Path<String>, twin: web::Data<FacebookTwin>) -> HttpResponse {
    let now = twin.now();
    let state = twin.state();
    let world = &state.world;
    let Some(id) = world.by_handle(&handle).or_else(|| handle.parse().ok()) else { return gone() };
    let (person, known) = (world.people.get(&id), world.pages.get(&id));
    if person.is_none() && known.is_none() {
        return gone();
    }
    let joined = |tasks: &[Task]| tasks.iter().map(|task| task.name()).collect::<Vec<_>>().join(", ");
    let roles = world.pages.values().flat_map(|page| {
        let theirs = page.roles.iter().filter(move |(person, _)| page.id == id || **person == id);
        theirs.map(move |(person, tasks)| {
            let other = if page.id == id { *person } else { page.id };
            (world.handle(other).to_owned(), world.name(other).to_owned(), joined(tasks))
        })
    });
    let roles = roles.collect();
    let profile = Profile {
        id,
        handle: world.handle(id).to_owned(),
        name: world.name(id).to_owned(),
        is_page: known.is_some(),
        is_company: id == twin.settings().page.id,
        connected: world.grants.of(id).next().is_some(),
        unseen: person.is_some_and(|person| person.unseen),
        closed: person.is_some_and(|person| person.closed),
        roles,
        tasks: Task::ALL.iter().map(|task| task.name()).collect(),
        ends: super::End::ALL.iter().map(|end| (end.subcode(), end.said())).collect(),
        people: people(world),
        threads: world.wall(id).rev().take(100).map(|post| thread(world, post, now)).collect(),
    };
    page(200, &profile)
}

/// A post or a comment, as anybody. Somebody new is made on the way.
async fn write(
    request: HttpRequest,
    body: web::Bytes,
    twin: web::Data<FacebookTwin>,
) -> actix_web::Result<HttpResponse> {
    let form = Filled::read(&request, body).await?;
    let (handle, text, on) = (form.handle("as"), form.text("text"), form.text("on"));
    let wall = match form.handle("wall").as_str() {
        "" => handle.clone(),
        wall => wall.to_owned(),
    };
    let written = twin.make(&handle, &form.text("name")).and_then(|()| twin.picture_from(&form)).and_then(|picture| {
        let with = With { picture: picture.as_deref(), sticker: !form.text("sticker").is_empty(), at: None };
        match on.as_str() {
            "" => twin.post(&handle, &wall, &text, with),
            on => twin.comment(&handle, on, &text, with),
        }
    });
    Ok(match written {
        Ok(id) => see_other(&twin.place_of(&id)),
        Err(problem) => {
            let fields = vec![("as", handle), ("name", form.text("name")), ("wall", form.handle("wall")), ("on", on)];
            not_done("/write".to_owned(), fields, text, &problem)
        }
    })
}

async fn edit(
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
    twin: web::Data<FacebookTwin>,
) -> actix_web::Result<HttpResponse> {
    let form = Filled::read(&request, body).await?;
    let text = form.text("text");
    let author = twin.author_of(&id);
    Ok(match author.and_then(|author| twin.edit(&author, &id, &text)) {
        Ok(()) => see_other(&twin.place_of(&id)),
        Err(problem) => not_done(format!("/items/{id}/edit"), Vec::new(), text, &problem),
    })
}

/// Removed by its author, or by the page when the form says so.
async fn delete(
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
    twin: web::Data<FacebookTwin>,
) -> actix_web::Result<HttpResponse> {
    let form = Filled::read(&request, body).await?;
    let back = twin.place_of(&id);
    let is_post = back.ends_with(&format!("posts/{}", id.rsplit('_').next().unwrap_or_default()));
    let who = match form.handle("as").as_str() {
        "" => twin.author_of(&id),
        who => Ok(who.to_owned()),
    };
    Ok(match who.and_then(|who| twin.delete(&who, &id)) {
        Ok(()) => see_other(if is_post { "/" } else { &back }),
        Err(problem) => not_done(format!("/items/{id}/delete"), Vec::new(), String::new(), &problem),
    })
}

async fn hide(
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
    twin: web::Data<FacebookTwin>,
) -> actix_web::Result<HttpResponse> {
    let form = Filled::read(&request, body).await?;
    let hidden = form.text("hidden") == "true";
    let number = twin.number(&id);
    let changed = number.ok_or(Refused::NotThere).and_then(|number| {
        twin.change(|world, now| {
            let wall = world.standing(number).map(|item| world.wall_of(item)).ok_or(Refused::NotThere)?;
            world.draft_hide(wall, number, hidden, now)
        })
    });
    Ok(match changed {
        Ok(_) => see_other(&twin.place_of(&id)),
        Err(problem) => not_done(format!("/items/{id}/hide"), Vec::new(), String::new(), &problem),
    })
}

async fn like(
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
    twin: web::Data<FacebookTwin>,
) -> actix_web::Result<HttpResponse> {
    let form = Filled::read(&request, body).await?;
    let handle = form.handle("as");
    Ok(match twin.make(&handle, "").and_then(|()| twin.react(&handle, &id)) {
        Ok(()) => see_other(&twin.place_of(&id)),
        Err(problem) => not_done(format!("/items/{id}/like"), Vec::new(), String::new(), &problem),
    })
}

async fn set_traits(
    request: HttpRequest,
    handle: web::Path<String>,
    body: web::Bytes,
    twin: web::Data<FacebookTwin>,
) -> actix_web::Result<HttpResponse> {
    let form = Filled::read(&request, body).await?;
    let set = twin.known(&handle).and_then(|person| {
        for (which, name) in [(Trait::Unseen, "unseen"), (Trait::Closed, "closed")] {
            twin.accept(Change::Trait { person, which, on: !form.text(name).is_empty() })?;
        }
        Ok(())
    });
    Ok(match set {
        Ok(()) => see_other(&format!("/{handle}")),
        Err(problem) => HttpResponse::NotFound().body(problem.to_string()),
    })
}

/// Gives somebody a role on a page, or takes it away.
async fn set_roles(
    request: HttpRequest,
    handle: web::Path<String>,
    body: web::Bytes,
    twin: web::Data<FacebookTwin>,
) -> actix_web::Result<HttpResponse> {
    let form = Filled::read(&request, body).await?;
    let person = form.handle("as");
    let chosen = Task::ALL.into_iter().filter(|task| !form.text(task.name()).is_empty());
    let tasks: Vec<Task> = if form.text("take").is_empty() { chosen.collect() } else { Vec::new() };
    Ok(match twin.make(&person, "").and_then(|()| twin.set_role(&person, &handle, &tasks)) {
        Ok(()) => see_other(&format!("/{handle}")),
        Err(problem) => not_done(format!("/people/{handle}/roles"), Vec::new(), String::new(), &problem),
    })
}

async fn show_face(request: HttpRequest, id: web::Path<u64>, twin: web::Data<FacebookTwin>) -> HttpResponse {
    // Whatever a fault on pictures is called, it holds them: what a lost one does, a lost answer shows as well.
    let fault = locked(&twin.inner.faults).take_for_photo(request.path());
    if let Some(fault) = fault {
        let path = request.path().to_owned();
        let held = Held { at: fault.kind, method: "GET".to_owned(), path, body: String::new() };
        door::hold(&twin.inner.faults, held).await;
    }
    let known = {
        let state = twin.state();
        state.world.people.contains_key(&id) || state.world.pages.contains_key(&id)
    };
    match picture::draw(*id, 100) {
        Ok(png) if known => {
            HttpResponse::Ok().content_type("image/png").insert_header(("cache-control", "max-age=86400")).body(png)
        }
        _ => HttpResponse::NotFound().finish(),
    }
}

fn not_done(action: String, fields: Vec<(&'static str, String)>, text: String, problem: &Refused) -> HttpResponse {
    let status = match problem {
        Refused::Journal(_) => 503,
        Refused::NotThere => 404,
        _ => 422,
    };
    page(status, &NotDone { problem: problem.to_string(), action, fields, text })
}

impl FacebookTwin {
    /// Whoever has this handle; a person is made if there is nobody.
    pub(super) fn make(&self, handle: &str, name: &str) -> Result<(), Refused> {
        match self.known(handle) {
            Ok(_) => Ok(()),
            Err(_) => self.person(handle, name).map(drop),
        }
    }

    /// The picture of a form, if it brought one.
    pub(super) fn picture_from(&self, form: &Filled) -> Result<Option<String>, Refused> {
        form.file("picture").map(|bytes| self.add_picture(bytes)).transpose()
    }

    fn author_of(&self, id: &str) -> Result<String, Refused> {
        let state = self.state();
        let item = state.world.item(id).ok_or(Refused::NotThere)?;
        Ok(state.world.handle(item.author).to_owned())
    }

    /// Where a post or comment is shown.
    fn place_of(&self, id: &str) -> String {
        let state = self.state();
        let world = &state.world;
        let Some(item) = world.ids.get(id).and_then(|number| world.items.get(number)) else { return "/".to_owned() };
        let post = world.items.get(&item.post()).unwrap_or(item);
        let Place::Wall(wall) = post.place else { return "/".to_owned() };
        let anchor = if item.is_post() { String::new() } else { format!("#c{}", item.last_part()) };
        format!("/{wall}/posts/{}{anchor}", post.last_part())
    }
}
