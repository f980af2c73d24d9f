//! What a page does through the API: post, comment, edit, hide, remove.

use std::time::Duration;

use serde_json::json;

use super::answer::Answer;
use super::gate::{Caller, Request};
use super::items::{Draft, To};
use super::journal::{Change, Shown};
use super::people::Task;
use super::{By, FacebookTwin, Refused};

/// How long Facebook remembers a post's text for its duplicate check.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(600);
/// Who may speak for a page.
const SPEAKING: [Task; 3] = [Task::Moderate, Task::CreateContent, Task::Manage];

impl FacebookTwin {
    /// `POST /{page}/feed`.
    pub(super) fn write_post(&self, request: &Request, caller: &Caller, id: &str) -> Result<Answer, Answer> {
        let (page, person) = self.own_page(caller, id)?;
        caller.needs("pages_manage_posts")?;
        self.needs_task(page, person, &[Task::CreateContent, Task::Manage])?;
        let link = request.one("link").map(str::to_owned);
        let change = self.change(|world, now| {
            check_link(link.as_deref())?;
            let text = request.text("message");
            let mut recent = world.wall(page).rev().take_while(|post| now.since(post.at) < DUPLICATE_WINDOW);
            if recent.any(|post| post.author == page && post.text == text.trim() && post.link == link) {
                return Err(Refused::Duplicate);
            }
            let by = By::App { colleague: person };
            let to = To::Wall(page);
            world.draft_item(Draft { author: page, by, typed: text, to, shown: None, link, at: None }, now)
        })?;
        Ok(Answer::ok(json!({ "id": written_id(&change) })))
    }

    /// `POST /{page}/photos`: with `published=false` only the picture, to be shown elsewhere.
    pub(super) async fn write_photo(&self, request: &Request, caller: &Caller, id: &str) -> Result<Answer, Answer> {
        let (page, person) = self.own_page(caller, id)?;
        caller.needs("pages_manage_posts")?;
        self.needs_task(page, person, &[Task::CreateContent, Task::Manage])?;
        let Some(shown) = self.shown(request, "url").await? else {
            return Err(Answer::error(400, "OAuthException", 324, None, "(#324) Missing or invalid image file"));
        };
        let Shown::Photo(photo) = shown else { return Err(Answer::of_code(324, None)) };
        if request.one("published") == Some("false") {
            return Ok(Answer::ok(json!({ "id": photo.to_string() })));
        }
        let text = request.one("message").unwrap_or_else(|| request.text("caption")).to_owned();
        let change = self.change(|world, now| {
            let by = By::App { colleague: person };
            let to = To::Wall(page);
            world
                .draft_item(Draft { author: page, by, typed: &text, to, shown: Some(shown), link: None, at: None }, now)
        })?;
        Ok(Answer::ok(json!({"id": photo.to_string(), "post_id": written_id(&change)})))
    }

    /// `POST /{post or comment}/comments`: the page answers.
    pub(super) async fn write_comment(&self, request: &Request, caller: &Caller, id: &str) -> Result<Answer, Answer> {
        let (page, person) = caller.page()?;
        caller.needs("pages_manage_engagement")?;
        self.needs_task(page, person, &SPEAKING)?;
        let number = self.find_number(request, caller, page, id)?;
        let link = request.one("attachment_share_url").map(str::to_owned);
        let shown = self.shown(request, "attachment_url").await?;
        let change = self.change(|world, now| {
            check_link(link.as_deref())?;
            let by = By::App { colleague: person };
            let (typed, to) = (request.text("message"), To::Item(number));
            world.draft_item(Draft { author: page, by, typed, to, shown, link, at: None }, now)
        })?;
        Ok(Answer::ok(json!({ "id": written_id(&change) })))
    }

    /// `POST /{comment or post}`: another text for one's own, or another's hidden.
    pub(super) fn change_item(&self, request: &Request, caller: &Caller, id: &str) -> Result<Answer, Answer> {
        let (page, person) = caller.page()?;
        self.needs_task(page, person, &SPEAKING)?;
        let number = self.find_number(request, caller, page, id)?;
        let is_post = self.state().world.items.get(&number).is_some_and(super::items::Item::is_post);
        caller.needs(if is_post { "pages_manage_posts" } else { "pages_manage_engagement" })?;
        let hidden = match request.one("is_hidden") {
            None => None,
            Some("true" | "1") => Some(true),
            Some("false" | "0") => Some(false),
            Some(_) => return Err(Answer::invalid("Param is_hidden must be a boolean")),
        };
        let text = request.one("message");
        if hidden.is_none() && text.is_none() {
            return Err(Answer::invalid("At least one of message, is_hidden must be given"));
        }
        if let Some(text) = text {
            self.change(|world, now| world.draft_edit(page, number, text, now))?;
        }
        if let Some(hidden) = hidden {
            self.change(|world, now| world.draft_hide(page, number, hidden, now))?;
        }
        Ok(Answer::success())
    }

    /// `DELETE /{comment or post}`.
    pub(super) fn delete_item(&self, caller: &Caller, id: &str) -> Result<Answer, Answer> {
        let (page, person) = caller.page()?;
        self.needs_task(page, person, &SPEAKING)?;
        let (number, is_post) = {
            let state = self.state();
            let item = state.world.item(id).ok_or_else(|| Answer::missing(id))?;
            (item.number, item.is_post())
        };
        caller.needs(if is_post { "pages_manage_posts" } else { "pages_manage_engagement" })?;
        self.change(|world, now| world.draft_remove(page, number, now))?;
        Ok(Answer::success())
    }

    /// The number of a post or comment that this page's token may see.
    fn find_number(&self, request: &Request, caller: &Caller, page: u64, id: &str) -> Result<u64, Answer> {
        let state = self.state();
        let found = self.lens(&state, request, caller, page).find(id)?;
        Ok(found.number)
    }

    fn own_page(&self, caller: &Caller, id: &str) -> Result<(u64, u64), Answer> {
        let (page, person) = caller.page()?;
        if id.parse() == Ok(page) { Ok((page, person)) } else { Err(Answer::missing(id)) }
    }

    /// The picture of a request: uploaded with it or before, or one that lies somewhere.
    pub(super) async fn shown(&self, request: &Request, url: &str) -> Result<Option<Shown>, Answer> {
        let bad = || Answer::error(400, "OAuthException", 324, None, "(#324) Missing or invalid image file");
        if let Some(id) = request.one("attachment_id") {
            return Ok(Some(Shown::Photo(id.parse().map_err(|_| bad())?)));
        }
        if let Some(bytes) = request.files.get("source") {
            return Ok(Some(Shown::Photo(self.keep_picture(bytes).map_err(|_| bad())?)));
        }
        match request.one(url) {
            Some(url) => {
                let bytes = self.fetch(url).await.map_err(|_| bad())?;
                Ok(Some(Shown::Photo(self.keep_picture(&bytes).map_err(|_| bad())?)))
            }
            None => Ok(None),
        }
    }
}

/// Facebook looks at links. Names that can never be looked at (`.invalid`) are refused.
fn check_link(link: Option<&str>) -> Result<(), Refused> {
    let host = |link: &str| link.parse::<actix_web::http::Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
    match link.map(host) {
        None => Ok(()),
        Some(Some(host)) if !host.ends_with(".invalid") => Ok(()),
        Some(_) => Err(Refused::BadLink),
    }
}

fn written_id(change: &Change) -> &str {
    match change {
        Change::Item { written, .. } => &written.id,
        _ => "",
    }
}
