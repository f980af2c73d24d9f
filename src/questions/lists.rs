//! The lists: `GET /`, `/newest`, `/unanswered` and `/topics/{slug}`, in keyset pages.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::{List, Row, count_by_topic, list};
use crate::app::App;
use crate::db::page::{self, Cursor};
use crate::topics::{self, Topic};
use crate::web::{Error, Frame, Page};

#[derive(Deserialize)]
pub struct Place {
    /// The last row of the page before, as [`Cursor`] writes it.
    after: Option<String>,
    /// On a topic's page: `newest` or `unanswered`; else the active ones.
    list: Option<String>,
}

#[derive(Template)]
#[template(path = "questions/list.html")]
struct ListPage {
    frame: Frame,
    list: List,
    /// `None`: all of them.
    topic: Option<Topic>,
    /// All topics with the number of their questions.
    topics: Vec<(Topic, i64)>,
    rows: Vec<Row>,
    next: Option<Cursor>,
    /// Not the first page of its list.
    further: bool,
}

/// `GET /`
pub async fn active(app: web::Data<App>, frame: Frame, place: web::Query<Place>) -> Result<Page<impl Template>, Error> {
    render(app, frame, List::Active, None, place.into_inner()).await
}

/// `GET /newest`
pub async fn newest(app: web::Data<App>, frame: Frame, place: web::Query<Place>) -> Result<Page<impl Template>, Error> {
    render(app, frame, List::Newest, None, place.into_inner()).await
}

/// `GET /unanswered`
pub async fn unanswered(
    app: web::Data<App>,
    frame: Frame,
    place: web::Query<Place>,
) -> Result<Page<impl Template>, Error> {
    render(app, frame, List::Unanswered, None, place.into_inner()).await
}

/// `GET /topics/{slug}`
pub async fn of_topic(
    app: web::Data<App>,
    frame: Frame,
    slug: web::Path<String>,
    place: web::Query<Place>,
) -> Result<Page<impl Template>, Error> {
    let place = place.into_inner();
    let list = match place.list.as_deref() {
        None | Some("active") => List::Active,
        Some("newest") => List::Newest,
        Some("unanswered") => List::Unanswered,
        Some(_) => return Err(Error::NotFound),
    };
    render(app, frame, list, Some(slug.into_inner()), place).await
}

async fn render(
    app: web::Data<App>,
    frame: Frame,
    which: List,
    slug: Option<String>,
    place: Place,
) -> Result<Page<ListPage>, Error> {
    let after = parse_cursor(place.after.as_deref())?;
    let (topic, topics, page) = app
        .db
        .read(move |conn| {
            let counts = count_by_topic(conn)?;
            let topics: Vec<(Topic, i64)> = topics::list(conn)?
                .into_iter()
                .map(|topic| {
                    let count = counts.get(&topic.id).copied().unwrap_or(0);
                    (topic, count)
                })
                .collect();
            let topic = match slug {
                None => None,
                Some(slug) => {
                    let (topic, _) = topics.iter().find(|(topic, _)| topic.slug == slug).ok_or(Error::NotFound)?;
                    Some(topic.clone())
                }
            };
            let page = list(conn, which, topic.as_ref().map(|topic| topic.id), after)?;
            Ok::<_, Error>((topic, topics, page))
        })
        .await?;
    let page::Page { rows, next } = page;
    Ok(Page::ok(ListPage { frame, list: which, topic, topics, rows, next, further: after.is_some() }))
}

fn parse_cursor(after: Option<&str>) -> Result<Option<Cursor>, Error> {
    let Some(text) = after.filter(|text| !text.is_empty()) else { return Ok(None) };
    let wrong = "This address does not name a place in the list. Begin at the top of the list instead.";
    Cursor::parse(text).map(Some).ok_or_else(|| Error::BadRequest(wrong.to_owned()))
}

impl ListPage {
    /// The address of another list of the same topic.
    fn list_url(&self, list: &List) -> String {
        match (&self.topic, list) {
            (None, List::Active) => "/".to_owned(),
            (None, List::Newest) => "/newest".to_owned(),
            (None, List::Unanswered) => "/unanswered".to_owned(),
            (Some(topic), List::Active) => format!("/topics/{}", topic.slug),
            (Some(topic), List::Newest) => format!("/topics/{}?list=newest", topic.slug),
            (Some(topic), List::Unanswered) => format!("/topics/{}?list=unanswered", topic.slug),
        }
    }

    fn next_url(&self) -> Option<String> {
        let here = self.list_url(&self.list);
        let joint = if here.contains('?') { '&' } else { '?' };
        self.next.map(|next| format!("{here}{joint}after={next}"))
    }

    fn ask_url(&self) -> String {
        self.topic.as_ref().map_or_else(|| "/ask".to_owned(), |topic| format!("/ask?topic={}", topic.slug))
    }
}
