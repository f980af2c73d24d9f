//! Atom feeds: `GET /feeds/{list}`, `/topics/{slug}/feed`, `/tags/{name}/feed` and `/members/{handle}/feed`. The newest
//! page of a list, each question with its first words and how far it has come.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{answer, clean};
use crate::app::App;
use crate::clock::Millis;
use crate::db::{Conn, DbError};
use crate::members::find_by_handle;
use crate::posts::Text;
use crate::questions::{self, List, QuestionId, Row};
use crate::tags::{self, TagName};
use crate::topics;
use crate::web::{Error, Frame};

/// Characters of a question's first words.
const LONGEST_SUMMARY: usize = 400;
/// Questions of a member.
const OF_MEMBER: i64 = 20;

#[derive(Template)]
#[template(path = "feeds/atom.xml")]
struct Feed {
    frame: Frame,
    title: String,
    /// The page that it is a feed of.
    page: String,
    entries: Vec<Entry>,
}

struct Entry {
    row: Row,
    title: String,
    summary: String,
}

#[derive(Deserialize)]
pub struct Which {
    list: Option<String>,
}

/// `GET /feeds/{list}`
pub async fn of_list(
    app: web::Data<App>,
    frame: Frame,
    list: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let list = List::parse(&list).ok_or(Error::NotFound)?;
    let (rows, texts) = app.db.read(move |conn| load(conn, list, None)).await?;
    let title = format!("{}: {} questions", frame.site_name(), list.label().to_lowercase());
    let page = if list == List::Active { "/".to_owned() } else { format!("/{}", list.as_str()) };
    respond(frame, title, page, rows, texts, &request)
}

/// `GET /topics/{slug}/feed`, with `list` as on the topic's page.
pub async fn of_topic(
    app: web::Data<App>,
    frame: Frame,
    slug: web::Path<String>,
    which: web::Query<Which>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let list = List::parse(which.list.as_deref().unwrap_or("active")).ok_or(Error::NotFound)?;
    let slug = slug.into_inner();
    let (topic, rows, texts) = app
        .db
        .read(move |conn| {
            let topic = topics::list(conn)?.into_iter().find(|topic| topic.slug == slug).ok_or(Error::NotFound)?;
            let (rows, texts) = load(conn, list, Some(topic.id))?;
            Ok::<_, Error>((topic, rows, texts))
        })
        .await?;
    let title = format!("{}: {}, {}", frame.site_name(), topic.name, list.label().to_lowercase());
    respond(frame, title, format!("/topics/{}?list={}", topic.slug, list.as_str()), rows, texts, &request)
}

/// `GET /tags/{name}/feed`: what carries a tag, by its last activity.
pub async fn of_tag(
    app: web::Data<App>,
    frame: Frame,
    name: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let name = TagName::parse(&name).filter(|parsed| parsed.as_str() == name.as_str()).ok_or(Error::NotFound)?;
    let tag = name.as_str().to_owned();
    let (rows, texts) = app
        .db
        .read(move |conn| {
            let id = tags::find(conn, &name)?.ok_or(Error::NotFound)?;
            let rows = questions::list_tagged(conn, id, None)?.rows;
            let texts = load_texts(conn, &rows)?;
            Ok::<_, Error>((rows, texts))
        })
        .await?;
    if rows.is_empty() {
        // Whoever looks learns nothing of questions that they may not see.
        return Err(Error::NotFound);
    }
    let title = format!("{}: questions tagged {tag}", frame.site_name());
    respond(frame, title, format!("/tags/{tag}"), rows, texts, &request)
}

/// `GET /members/{handle}/feed`: what a member asked.
pub async fn of_member(
    app: web::Data<App>,
    frame: Frame,
    handle: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let handle = handle.into_inner();
    let (handle, rows, texts) = app
        .db
        .read(move |conn| {
            let member = find_by_handle(conn, &handle)?.ok_or(Error::NotFound)?;
            let rows = questions::list_by_member(conn, member.id, OF_MEMBER)?;
            let texts = load_texts(conn, &rows)?;
            Ok::<_, Error>((member.handle, rows, texts))
        })
        .await?;
    let title = format!("{}: questions of @{handle}", frame.site_name());
    respond(frame, title, format!("/members/{handle}"), rows, texts, &request)
}

type Texts = HashMap<i64, Text>;

fn load(conn: &mut Conn, list: List, topic: Option<topics::TopicId>) -> Result<(Vec<Row>, Texts), Error> {
    let rows = questions::list(conn, list, topic, None)?.rows;
    let texts = load_texts(conn, &rows)?;
    Ok((rows, texts))
}

fn load_texts(conn: &mut Conn, rows: &[Row]) -> Result<Texts, DbError> {
    let ids: Vec<QuestionId> = rows.iter().map(|row| row.id).collect();
    Ok(questions::load_texts(conn, &ids)?.into_iter().map(|text| (text.question_id, text)).collect())
}

fn respond(
    frame: Frame,
    title: String,
    page: String,
    rows: Vec<Row>,
    mut texts: Texts,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let entry = |row: Row| {
        let words = texts.remove(&row.id.0).map(|text| text.words()).unwrap_or_default();
        Entry { title: clean(&row.title), summary: summary(&row, &words), row }
    };
    let entries = rows.into_iter().map(entry).collect();
    let feed = Feed { frame, title: clean(&title), page, entries };
    Ok(answer(request, "application/atom+xml; charset=utf-8", feed.render()?))
}

/// How far a question has come, and its first words.
fn summary(row: &Row, words: &str) -> String {
    let line = clean(&words.split_whitespace().collect::<Vec<_>>().join(" "));
    let first: String = line.chars().take(LONGEST_SUMMARY).collect();
    let more = if first.len() < line.len() { " …" } else { "" };
    let answers = if row.answer_count == 1 { "1 answer".to_owned() } else { format!("{} answers", row.answer_count) };
    format!("{}, {answers}. {first}{more}", row.state().label())
}

impl Feed {
    /// The moment of the newest thing in it.
    fn updated(&self) -> Millis {
        self.entries.iter().map(|entry| entry.row.activity_at).max().unwrap_or(Millis(0))
    }
}
