//! The lists: `GET /`, `/newest`, `/unanswered`, `/affected` and `/topics/{slug}`, in keyset pages.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::words;
use super::{List, Row, count_by_topic, list};
use crate::app::App;
use crate::db::MadeOf;
use crate::db::page::{self, Cursor};
use crate::follows::{Button, What};
use crate::members::Viewer;
use crate::topics::{self, Topic};
use crate::web::{Error, Frame, Page};

#[derive(Deserialize)]
pub struct Place {
    /// The last row of the page before, as [`Cursor`] writes it.
    after: Option<String>,
    /// On a topic's page: `newest`, `unanswered` or `affected`; else the active ones.
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
    /// On a topic's page: the button that follows it.
    following: Option<Button>,
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

/// `GET /affected`
pub async fn affected(
    app: web::Data<App>,
    frame: Frame,
    place: web::Query<Place>,
) -> Result<Page<impl Template>, Error> {
    render(app, frame, List::Affected, None, place.into_inner()).await
}

/// `GET /topics/{slug}`
pub async fn of_topic(
    app: web::Data<App>,
    frame: Frame,
    viewer: Viewer,
    slug: web::Path<String>,
    place: web::Query<Place>,
) -> Result<Page<impl Template>, Error> {
    let place = place.into_inner();
    let list = List::parse(place.list.as_deref().unwrap_or("active")).ok_or(Error::NotFound)?;
    render(app, frame, list, Some((slug.into_inner(), viewer)), place).await
}

async fn render(
    app: web::Data<App>,
    frame: Frame,
    which: List,
    topic: Option<(String, Viewer)>,
    place: Place,
) -> Result<Page<ListPage>, Error> {
    let after = parse_cursor(place.after.as_deref())?;
    let counts = app.counts.topics(app.db.fresh());
    let (topic, topics, page, following) = app
        .db
        .read(move |conn| {
            let counts = counts.or_load(conn, count_by_topic)?;
            let topics: Vec<(Topic, i64)> = topics::list(conn)?
                .into_iter()
                .map(|topic| {
                    let count = counts.get(&topic.id).copied().unwrap_or(0);
                    (topic, count)
                })
                .collect();
            let (topic, following) = match topic {
                None => (None, None),
                Some((slug, viewer)) => {
                    let (topic, _) = topics.iter().find(|(topic, _)| topic.slug == slug).ok_or(Error::NotFound)?;
                    (Some(topic.clone()), Button::load(conn, &viewer, What::topic(topic.id.0))?)
                }
            };
            let page = list(conn, which, topic.as_ref().map(|topic| topic.id), after)?;
            Ok::<_, Error>((topic, topics, page, following))
        })
        .await?;
    let page::Page { rows, next } = page;
    let page = ListPage { frame, list: which, topic, topics, rows, next, further: after.is_some(), following };
    Ok(Page::ok(page).made_of(MadeOf::Posts, None))
}

/// The place in a list that an address names.
pub(super) fn parse_cursor(after: Option<&str>) -> Result<Option<Cursor>, Error> {
    let Some(text) = after.filter(|text| !text.is_empty()) else { return Ok(None) };
    let wrong = words::NO_PLACE_IN_THE_LIST;
    Cursor::parse(text).map(Some).ok_or_else(|| Error::BadRequest(wrong.to_owned()))
}

impl ListPage {
    /// The address of another list of the same topic.
    fn list_url(&self, list: &List) -> String {
        match (&self.topic, list) {
            (None, List::Active) => "/".to_owned(),
            (None, List::Newest) => "/newest".to_owned(),
            (None, List::Unanswered) => "/unanswered".to_owned(),
            (None, List::Affected) => "/affected".to_owned(),
            (Some(topic), List::Active) => format!("/topics/{}", topic.slug),
            (Some(topic), List::Newest) => format!("/topics/{}?list=newest", topic.slug),
            (Some(topic), List::Unanswered) => format!("/topics/{}?list=unanswered", topic.slug),
            (Some(topic), List::Affected) => format!("/topics/{}?list=affected", topic.slug),
        }
    }

    /// The one address of what is shown, in full.
    fn canonical(&self) -> String {
        format!("{}{}", self.frame.address(), self.list_url(&self.list))
    }

    /// The list as a feed.
    fn feed_url(&self) -> String {
        match &self.topic {
            None => format!("/feeds/{}", self.list.as_str()),
            Some(topic) => format!("/topics/{}/feed?list={}", topic.slug, self.list.as_str()),
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
