//! The pages of the twin: where a person can be any customer, or the company as its staff would be in X's own app.
//!
//! Plain forms, no script. What people wrote is escaped by the templates; every form says whose page it came from.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::cards::{Card, Part, card, conversation};
use super::journal::Attempt;
use super::people::With;
use super::posts::Refused;
use super::{XTwin, locked, picture};
use crate::sim::door::Call;
use crate::sim::faults::{Described, Held, listed, said_of};
use crate::sim::pages::{Filled, own_origin, page, read, see_other, show_style};
use crate::sim::steering::{LARGEST_UPLOAD, Steered};

/// How many threads a page of the timeline has.
const THREADS: usize = 30;
/// How many calls and events the workshop shows.
const LATEST: usize = 60;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(show_timeline))
        .service(
            web::resource("/posts").app_data(web::PayloadConfig::new(LARGEST_UPLOAD)).route(web::post().to(write_post)),
        )
        .route("/posts/{id}/edit", web::post().to(edit_post))
        .route("/posts/{id}/delete", web::post().to(delete_post))
        .route("/intent/tweet", web::get().to(show_intent))
        .route("/intent/post", web::get().to(show_intent))
        .route("/intent/tweet", web::post().to(write_intent))
        .route("/sim", web::get().to(show_workshop))
        .route("/sim/twin.css", web::get().to(show_style))
        .route("/profile_images/{user}/photo_{size}.png", web::get().to(show_picture))
        .route("/i/web/status/{id}", web::get().to(find_status))
        .route("/{handle}/status/{id}", web::get().to(show_status))
        .route("/{handle}", web::get().to(show_profile));
}

/// Handle and name of everybody, for the lists to choose from.
pub(super) type People = Vec<(String, String)>;

#[derive(Template)]
#[template(path = "sim/x/timeline.html")]
struct Timeline {
    account: String,
    posting_as: String,
    people: People,
    threads: Vec<Vec<Card>>,
    page: usize,
    more: bool,
}

#[derive(Template)]
#[template(path = "sim/x/conversation.html")]
struct Conversation {
    handle: String,
    people: People,
    thread: Vec<Card>,
}

#[derive(Template)]
#[template(path = "sim/x/profile.html")]
struct Profile {
    id: u64,
    handle: String,
    name: String,
    followers: u64,
    count: usize,
    /// Whether this person lets the app in.
    connected: bool,
    people: People,
    posts: Vec<Card>,
}

#[derive(Template)]
#[template(path = "sim/x/compose.html")]
struct Compose {
    action: &'static str,
    /// Whether the author is given: on X's own compose page it is the company.
    fixed: bool,
    posting_as: String,
    in_reply_to: String,
    text: String,
    problem: String,
    original: Option<Card>,
    people: People,
}

#[derive(Template)]
#[template(path = "sim/x/not_edited.html")]
struct NotEdited {
    problem: String,
    text: String,
    id: String,
}

#[derive(Template)]
#[template(path = "sim/x/gone.html")]
struct Gone {
    said: &'static str,
}

#[derive(Template)]
#[template(path = "sim/x/workshop.html")]
struct Workshop {
    kinds: Vec<Described>,
    waiting: Vec<String>,
    held: Vec<Held>,
    lag: u64,
    /// In dollars.
    spent: String,
    webhooks: Vec<(String, bool, String)>,
    deliveries: Vec<(String, String, String)>,
    deliveries_total: usize,
    deliveries_failed: usize,
    calls: Vec<Call>,
}

fn gone() -> HttpResponse {
    page(404, &Gone { said: "The post or the profile was deleted, or it never was." })
}

#[derive(Deserialize)]
struct TimelineQuery {
    #[serde(default)]
    page: usize,
    #[serde(default, rename = "as")]
    posting_as: String,
}

async fn show_timeline(query: web::Query<TimelineQuery>, twin: web::Data<XTwin>) -> HttpResponse {
    let mut roots: Vec<u64> = Vec::new();
    let now = twin.now();
    let state = twin.state();
    let mut seen = std::collections::BTreeSet::new();
    roots.extend(state.world.newest_first().map(|post| post.root).filter(|root| seen.insert(*root)));
    let shown = roots.iter().skip(query.page.saturating_mul(THREADS)).take(THREADS);
    let account = twin.settings().account.handle.clone();
    let threads = shown.map(|root| conversation(&state.world, *root, twin.settings().account.id, now)).collect();
    let more = roots.len() > query.page.saturating_add(1).saturating_mul(THREADS);
    let posting_as = query.posting_as.clone();
    page(200, &Timeline { account, posting_as, people: people(&state.world), threads, page: query.page, more })
}

async fn find_status(id: web::Path<String>, twin: web::Data<XTwin>) -> HttpResponse {
    let state = twin.state();
    let post = id.parse().ok().and_then(|id| state.world.post(id));
    match post.and_then(|post| state.world.users.get(&post.author).map(|user| (post.id, &user.handle))) {
        Some((id, handle)) => see_other(&format!("/{handle}/status/{id}")),
        None => gone(),
    }
}

async fn show_status(path: web::Path<(String, String)>, twin: web::Data<XTwin>) -> HttpResponse {
    let (handle, id) = path.into_inner();
    let now = twin.now();
    let state = twin.state();
    let Some(post) = id.parse().ok().and_then(|id| state.world.post(id)) else { return gone() };
    // A post that was edited is shown as it is now.
    let newest = state.world.versions(post).last().and_then(|newest| state.world.post(*newest));
    let post = newest.unwrap_or(post);
    let Some(author) = state.world.users.get(&post.author) else { return gone() };
    if author.handle != handle || post.id.to_string() != id {
        return see_other(&format!("/{}/status/{}", author.handle, post.id));
    }
    let thread = conversation(&state.world, post.root, twin.settings().account.id, now);
    page(200, &Conversation { handle, people: people(&state.world), thread })
}

async fn show_profile(handle: web::Path<String>, twin: web::Data<XTwin>) -> HttpResponse {
    let now = twin.now();
    let state = twin.state();
    let Some(user) = state.world.by_handle(&handle) else { return gone() };
    let own = || state.world.newest_of(user.id);
    let company = twin.settings().account.id;
    let posts = own().take(100).map(|post| card(&state.world, post, company, 0, now)).collect();
    let (id, handle, name) = (user.id, user.handle.clone(), user.name.clone());
    page(
        200,
        &Profile {
            id,
            handle,
            name,
            followers: user.followers,
            count: own().count(),
            connected: state.world.grants.of(user.id).next().is_some(),
            people: people(&state.world),
            posts,
        },
    )
}

/// A post somebody wants to write.
#[derive(Deserialize)]
struct PostForm {
    #[serde(default, rename = "as")]
    posting_as: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    in_reply_to: String,
}

async fn write_post(request: HttpRequest, body: web::Bytes, twin: web::Data<XTwin>) -> actix_web::Result<HttpResponse> {
    let filled = Filled::read(&request, body).await?;
    let (handle, name) = (filled.handle("as"), filled.text("name"));
    let form =
        PostForm { posting_as: filled.text("as"), text: filled.text("text"), in_reply_to: filled.text("in_reply_to") };
    let written = twin.user(&handle, &name, 20).and_then(|_| twin.picture_of(&handle, &filled)).and_then(|picture| {
        let pictures: Vec<String> = picture.into_iter().collect();
        let quoting = filled.text("quoting");
        let with = With {
            in_reply_to: Some(form.in_reply_to.trim()).filter(|id| !id.is_empty()),
            quoting: Some(quoting.trim()).filter(|id| !id.is_empty()),
            pictures: &pictures,
            at: None,
        };
        twin.post_with(&handle, &form.text, with)
    });
    Ok(match written {
        Ok(id) if form.in_reply_to.is_empty() => see_other(&format!("/?as={handle}#p{id}")),
        Ok(id) => see_other(&format!("/{handle}/status/{id}#p{id}")),
        Err(problem) => twin.compose("/posts", false, form, Some(&problem)),
    })
}

/// Whoever wrote a post edits it where it stands.
async fn edit_post(
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
    twin: web::Data<XTwin>,
) -> actix_web::Result<HttpResponse> {
    let filled = Filled::read(&request, body).await?;
    let author = id.parse().ok().and_then(|id| {
        let state = twin.state();
        state.world.post(id).map(|post| state.world.handle(post.author))
    });
    let Some(author) = author else { return Ok(gone()) };
    Ok(match twin.edit(&author, &id, &filled.text("text")) {
        Ok(id) => see_other(&format!("/{author}/status/{id}#p{id}")),
        Err(problem) => {
            page(422, &NotEdited { problem: problem.to_string(), text: filled.text("text"), id: id.clone() })
        }
    })
}

async fn delete_post(
    request: HttpRequest,
    id: web::Path<String>,
    twin: web::Data<XTwin>,
) -> actix_web::Result<HttpResponse> {
    own_origin(&request)?;
    let author = id.parse().ok().and_then(|id| twin.state().world.post(id).map(|post| (id, post.author)));
    Ok(match author.map(|(id, author)| twin.erase(author, id)) {
        Some(Ok(())) => see_other("/"),
        Some(Err(error)) => HttpResponse::ServiceUnavailable().body(error.to_string()),
        None => gone(),
    })
}

#[derive(Deserialize)]
struct IntentQuery {
    #[serde(default)]
    in_reply_to: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    url: String,
}

async fn show_intent(query: web::Query<IntentQuery>, twin: web::Data<XTwin>) -> HttpResponse {
    let IntentQuery { in_reply_to, text, url } = query.into_inner();
    let text = if url.is_empty() { text } else { format!("{text} {url}").trim().to_owned() };
    let form = PostForm { posting_as: twin.settings().account.handle.clone(), text, in_reply_to };
    twin.compose("/intent/tweet", true, form, None)
}

async fn write_intent(
    request: HttpRequest,
    body: web::Bytes,
    twin: web::Data<XTwin>,
) -> actix_web::Result<HttpResponse> {
    let mut form: PostForm = read(&request, &body)?;
    let account = &twin.settings().account.handle;
    form.posting_as.clone_from(account);
    Ok(match twin.write_as(account, &form) {
        Ok(id) => see_other(&format!("/{account}/status/{id}#p{id}")),
        Err(problem) => twin.compose("/intent/tweet", true, form, Some(&problem)),
    })
}

impl XTwin {
    fn write_as(&self, handle: &str, form: &PostForm) -> Result<String, Refused> {
        self.post(handle, &form.text, Some(form.in_reply_to.trim()).filter(|id| !id.is_empty()), None)
    }

    /// The form for a post, with what was typed and why it was refused.
    fn compose(&self, action: &'static str, fixed: bool, form: PostForm, problem: Option<&Refused>) -> HttpResponse {
        let now = self.now();
        let state = self.state();
        let original = form.in_reply_to.parse().ok().and_then(|id| state.world.post(id));
        let original = original
            .map(|post| Card { actions: false, ..card(&state.world, post, self.settings().account.id, 0, now) });
        let status = match problem {
            None => 200,
            Some(Refused::Journal(_)) => 503,
            Some(_) => 422,
        };
        let PostForm { posting_as, text, in_reply_to, .. } = form;
        let problem = problem.map(ToString::to_string).unwrap_or_default();
        let people = people(&state.world);
        page(status, &Compose { action, fixed, posting_as, in_reply_to, text, problem, original, people })
    }
}

async fn show_workshop(twin: web::Data<XTwin>) -> HttpResponse {
    let faults = locked(&twin.inner.faults);
    let waiting = faults.waiting().map(|fault| said_of(fault, XTwin::OWN_FAULTS));
    let waiting = waiting.collect();
    drop(faults);
    let calls = locked(&twin.inner.calls).iter().rev().take(LATEST).cloned().collect();
    let (held, lag) = (twin.held(), twin.lag().as_secs());
    let spent = format!("{:.2}", twin.spent() as f64 / 1e6);
    let state = twin.state();
    let taken = |attempt: &Attempt| matches!(attempt, Attempt::Answered { status: 200..=299 });
    let deliveries = state.world.events.deliveries.iter().rev().take(LATEST).map(|delivery| {
        let came_of_it = match delivery.attempt.as_ref().map(|(attempt, _)| attempt) {
            None => "waits".to_owned(),
            Some(Attempt::Answered { status }) => format!("answered {status}"),
            Some(Attempt::Failed { why } | Attempt::Skipped { why }) => why.clone(),
        };
        (delivery.event.clone(), delivery.about.id().map(|id| id.to_string()).unwrap_or_default(), came_of_it)
    });
    let deliveries = deliveries.collect();
    let failed = state.world.events.deliveries.iter().filter_map(|delivery| delivery.attempt.as_ref());
    let webhooks = state.world.events.webhooks.values().map(|webhook| {
        let subscribed = state.world.events.subscriptions.values().filter(|one| one.webhook == Some(webhook.id));
        let events = subscribed.map(|one| one.event.clone()).collect::<Vec<_>>().join(", ");
        (webhook.url.clone(), webhook.valid, events)
    });
    let webhooks = webhooks.collect();
    let deliveries_failed = failed.filter(|(attempt, _)| !taken(attempt)).count();
    let deliveries_total = state.world.events.deliveries.len();
    let kinds = listed(XTwin::OWN_FAULTS).collect();
    page(
        200,
        &Workshop {
            kinds,
            waiting,
            held,
            lag,
            spent,
            webhooks,
            deliveries,
            deliveries_total,
            deliveries_failed,
            calls,
        },
    )
}

async fn show_picture(request: HttpRequest, path: web::Path<(u64, String)>, twin: web::Data<XTwin>) -> HttpResponse {
    // Whatever a fault on photos is called, it holds them: what a lost photo does, a lost answer shows as well.
    let fault = locked(&twin.inner.faults).take_for_photo(request.path());
    if let Some(fault) = fault {
        twin.hold_photo(fault.kind, request.path()).await;
    }
    let (user, size) = path.into_inner();
    let size = match size.as_str() {
        "normal" => 48,
        "bigger" => 73,
        "400x400" => 400,
        _ => return HttpResponse::NotFound().finish(),
    };
    if !twin.state().world.users.contains_key(&user) {
        return HttpResponse::NotFound().finish();
    }
    match picture::draw(user, size) {
        Ok(png) => {
            HttpResponse::Ok().content_type("image/png").insert_header(("cache-control", "max-age=86400")).body(png)
        }
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

pub(super) fn people(world: &super::World) -> People {
    world.users.values().map(|user| (user.handle.clone(), user.name.clone())).collect()
}
