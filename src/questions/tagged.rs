//! Questions by their tags: `GET /tags` and `/tags/{name}`.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;
use serde_json::json;

use super::lists::parse_cursor;
use super::{Row, count_by_tag, list_tagged, list_tags_beginning};
use crate::app::App;
use crate::db::MadeOf;
use crate::db::page::Cursor;
use crate::follows::{Button, What};
use crate::members::Viewer;
use crate::tags::{self, TagName};
use crate::web::{Error, Frame, Page};

/// Tags of the page of all tags, the most used ones.
const LISTED: i64 = 300;
/// Tags that are suggested while one types.
const SUGGESTED: i64 = 8;

#[derive(Template)]
#[template(path = "questions/tags.html")]
struct TagsPage {
    frame: Frame,
    /// With the number of their questions.
    tags: Arc<Vec<(String, i64)>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Typed {
    begins: String,
}

/// `GET /tags`: the tags that are used; where JSON is asked for, `{tags}` that begin as one has typed.
pub async fn all(
    app: web::Data<App>,
    frame: Frame,
    typed: web::Query<Typed>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.starts_with("application/json")) {
        let begun = TagName::parse(&typed.begins);
        let known = match begun {
            Some(begun) => app.db.read(move |conn| list_tags_beginning(conn, &begun, SUGGESTED)).await?,
            None => Vec::new(),
        };
        return Ok(HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .json(json!({ "tags": known })));
    }
    let tags = app.counts.tags(app.db.fresh());
    let tags = app.db.read(move |conn| tags.or_load(conn, |conn| count_by_tag(conn, LISTED))).await?;
    Page::ok(TagsPage { frame, tags }).made_of(MadeOf::Posts, None).render(&request)
}

#[derive(Deserialize)]
pub struct Place {
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "questions/tag.html")]
struct TagPage {
    frame: Frame,
    tag: String,
    rows: Vec<Row>,
    next: Option<Cursor>,
    further: bool,
    /// The button that follows it.
    following: Option<Button>,
}

impl TagPage {
    fn next_url(&self) -> Option<String> {
        self.next.map(|next| format!("/tags/{}?after={next}", self.tag))
    }
}

/// `GET /tags/{name}`
pub async fn one(
    app: web::Data<App>,
    frame: Frame,
    viewer: Viewer,
    name: web::Path<String>,
    place: web::Query<Place>,
) -> Result<Page<impl Template>, Error> {
    let name = TagName::parse(&name).filter(|parsed| parsed.as_str() == name.as_str()).ok_or(Error::NotFound)?;
    let after = parse_cursor(place.after.as_deref())?;
    let tag = name.as_str().to_owned();
    let (page, following) = app
        .db
        .read(move |conn| {
            let id = tags::find(conn, &name)?.ok_or(Error::NotFound)?;
            let following = Button::load(conn, &viewer, What::tag(id.0))?;
            Ok::<_, Error>((list_tagged(conn, id, after)?, following))
        })
        .await?;
    if page.rows.is_empty() && after.is_none() {
        // Whoever looks learns nothing of questions that they may not see.
        return Err(Error::NotFound);
    }
    let page = TagPage { frame, tag, rows: page.rows, next: page.next, further: after.is_some(), following };
    Ok(Page::ok(page).made_of(MadeOf::Posts, None))
}
