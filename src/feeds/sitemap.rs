//! The sitemap and the word to crawlers: `GET /sitemap.xml` names the parts, `/sitemaps/{part}.xml` is one of them, of bounded
//! size, and `/robots.txt` names the sitemap.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::answer;
use crate::app::App;
use crate::clock::Millis;
use crate::posts::question_place;
use crate::questions::{self, QuestionId};
use crate::topics;
use crate::web::{Error, Frame};

/// Questions have consecutive ids: a part is a range of them, so that a part stays the same while others grow.
const IDS_PER_PART: i64 = 5_000;
/// Addresses that one transaction reads.
const BATCH: i64 = 1_000;
/// The part of what is not a question.
const PAGES: &str = "pages";

#[derive(Template)]
#[template(path = "feeds/sitemap_index.xml")]
struct Index {
    frame: Frame,
    parts: Vec<String>,
}

/// `GET /sitemap.xml`
pub async fn index(app: web::Data<App>, frame: Frame, request: HttpRequest) -> Result<HttpResponse, Error> {
    let newest = app.db.read(questions::newest_public).await?;
    let questions = newest.map_or(0..0, |newest| 0..newest.0 / IDS_PER_PART + 1).map(|part| part.to_string());
    let parts = std::iter::once(PAGES.to_owned()).chain(questions).collect();
    Ok(answer(&request, "application/xml; charset=utf-8", Index { frame, parts }.render()?))
}

#[derive(Template)]
#[template(path = "feeds/sitemap.xml")]
struct Part {
    frame: Frame,
    /// Path, and when it last changed.
    places: Vec<(String, Option<Millis>)>,
}

/// `GET /sitemaps/{part}.xml`
pub async fn part(
    app: web::Data<App>,
    frame: Frame,
    part: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let part = part.into_inner();
    let places = if part == PAGES {
        let topics = app.db.read(topics::list).await?.into_iter().map(|topic| format!("/topics/{}", topic.slug));
        let lists = ["/", "/newest", "/unanswered", "/affected"].map(str::to_owned);
        lists.into_iter().chain(topics).map(|place| (place, None)).collect()
    } else {
        let number: i64 =
            part.parse().ok().filter(|number| (0..i64::MAX / IDS_PER_PART).contains(number)).ok_or(Error::NotFound)?;
        list_questions(&app, number * IDS_PER_PART).await?
    };
    Ok(answer(&request, "application/xml; charset=utf-8", Part { frame, places }.render()?))
}

/// The questions of a part, read in batches: no transaction is a long one.
async fn list_questions(app: &App, begin: i64) -> Result<Vec<(String, Option<Millis>)>, Error> {
    let (mut after, end) = (QuestionId(begin - 1), QuestionId(begin + IDS_PER_PART));
    let mut places = Vec::new();
    loop {
        let found = app.db.read(move |conn| questions::list_public_after(conn, after, end, BATCH)).await?;
        let Some((last, ..)) = found.last() else { return Ok(places) };
        after = *last;
        places.extend(found.into_iter().map(|(id, title, at)| (question_place(id.0, &title), Some(at))));
    }
}

#[derive(Template)]
#[template(path = "feeds/robots.txt", escape = "none")]
struct Robots {
    frame: Frame,
}

/// `GET /robots.txt`
pub async fn robots(frame: Frame, request: HttpRequest) -> Result<HttpResponse, Error> {
    Ok(answer(&request, "text/plain; charset=utf-8", Robots { frame }.render()?))
}
