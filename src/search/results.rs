//! `GET /search`: what was found, as a page or as JSON, and a way on where nothing was. `GET /search/suggest`: what is most
//! likely meant, while one types.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::json;

use super::{Found, Hint, LAST_PAGE, Results, Sort, follow, unfound};
use crate::app::App;
use crate::db::PostKind;
use crate::members::Viewer;
use crate::posts::LONGEST_TITLE;
use crate::web::{Error, Frame, Page};

/// Characters of a query that are kept in the field.
const LONGEST_SHOWN: usize = super::query::LONGEST_QUERY;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    q: String,
    /// `newest` or `votes`. Anything else is by relevance.
    sort: String,
    /// From 1. Anything that is no number is the first page.
    page: String,
}

impl Asked {
    fn sort(&self) -> Sort {
        SORTS.into_iter().find(|(_, name, _)| *name == self.sort).map(|(sort, _, _)| sort).unwrap_or_default()
    }
}

/// The orders, with their names in addresses and for people.
const SORTS: [(Sort, &str, &str); 3] =
    [(Sort::Relevance, "", "Best match"), (Sort::Newest, "newest", "Newest"), (Sort::Votes, "votes", "Most votes")];

#[derive(Template)]
#[template(path = "search/results.html")]
struct ResultsPage {
    frame: Frame,
    query: String,
    sort: Sort,
    /// The form of a new question, with these words as its title.
    ask: String,
    results: Results,
    /// Whether they follow this search; `None`: there is no button.
    follows: Option<bool>,
}

/// `GET /search?q=…&sort=…&page=…`; JSON where that is asked for.
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    viewer: Viewer,
    asked: web::Query<Asked>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let query = plain(&asked.q).trim().to_owned();
    let sort = asked.sort();
    let results = app.search.search(&query, sort, asked.page.parse().unwrap_or(1)).await?;
    // What a filter left out is there, and a filter may name somebody.
    if results.ready && results.total == 0 && results.chosen.is_empty() && has_words(&results.words) {
        unfound::note(&app, &results.words).await;
    }
    if wants_json(&request) {
        return Ok(HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .insert_header((header::VARY, "Accept"))
            .json(as_json(&query, &results, frame.address())));
    }
    let ask = ask_place(&results);
    // Nothing would ever be found by words that were shown mended.
    let as_typed = !results.mended.as_ref().is_some_and(|mended| mended.shown);
    let follows = follow::load(&app, viewer.id().filter(|_| as_typed), &query).await?;
    Page::ok(ResultsPage { frame, query, sort, ask, results, follows }).render(&request)
}

#[derive(Template)]
#[template(path = "search/suggest.html")]
struct Suggestions {
    frame: Frame,
    found: Vec<Found>,
}

/// `GET /search/suggest?q=…`: the list alone, or JSON; nothing where nothing begins so.
pub async fn suggest(
    app: web::Data<App>,
    frame: Frame,
    asked: web::Query<Asked>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let typed = plain(&asked.q).trim_start().to_owned();
    let found = app.search.suggest(&typed).await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::CACHE_CONTROL, "no-store")).insert_header((header::VARY, "Accept"));
    if wants_json(&request) {
        let found: Vec<_> = found.iter().map(|found| found_as_json(found, frame.address())).collect();
        return Ok(response.json(json!({ "query": typed, "results": found })));
    }
    let html = if found.is_empty() { String::new() } else { Suggestions { frame, found }.render()? };
    Ok(response.content_type("text/html; charset=utf-8").body(html))
}

/// The query as it is kept in the field. Nobody types control characters, and no database takes every one of them. One
/// character more than is read, so that whoever reads it sees that it was cut.
fn plain(query: &str) -> String {
    query.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_SHOWN + 1).collect()
}

/// Whether anybody could ask this as a question.
fn has_words(query: &str) -> bool {
    query.chars().any(char::is_alphanumeric)
}

fn wants_json(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.starts_with("application/json"))
}

/// Snippets are pieces of plain text with a mark or without: whoever shows them escapes them.
fn found_as_json(found: &Found, address: &str) -> serde_json::Value {
    json!({
        "kind": found.post.kind.as_str(),
        "url": format!("{address}{}", found.place),
        "title": &found.row.title,
        "title_pieces": &found.title,
        "snippet": &found.snippet,
        "question": {
            "id": found.row.id,
            "url": format!("{address}{}", found.row.place()),
            "state": found.row.state().as_str(),
            "answers": found.row.answer_count,
            "score": found.row.score,
            "topic": found.row.topic.as_ref().map(|topic| &topic.slug),
            "tags": &found.row.tags,
            "created_at": found.row.created_at.to_rfc3339(),
        },
    })
}

fn as_json(query: &str, results: &Results, address: &str) -> serde_json::Value {
    let all = |found: &[Found]| found.iter().map(|found| found_as_json(found, address)).collect::<Vec<_>>();
    json!({
        "query": query,
        "page": results.page,
        "pages": results.pages,
        "total": results.total,
        "ready": results.ready,
        "results": all(&results.found),
        "near": all(&results.near),
        "mended": results.mended.as_ref().map(|mended| &mended.query),
        "hints": results.hints.iter().map(hint_as_json).collect::<Vec<_>>(),
        "filters": results.chosen.iter().map(|chosen| &chosen.typed).collect::<Vec<_>>(),
        "counts": if results.estimated { "estimated" } else { "exact" },
        "facets": results.facets.iter().map(|facet| json!({
            "name": facet.name,
            "choices": facet.choices.iter().map(|choice| json!({
                "label": &choice.label,
                "count": choice.count,
                "query": &choice.query,
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

fn hint_as_json(hint: &Hint) -> serde_json::Value {
    let (kind, of) = match hint {
        Hint::NoFilter { typed, .. } => ("no_filter", Some(typed)),
        Hint::NoSuchTopic(name) => ("no_such_topic", Some(name)),
        Hint::NoSuchTag(name) => ("no_such_tag", Some(name)),
        Hint::NoSuchAuthor(name) => ("no_such_author", Some(name)),
        Hint::NoOperator(typed) => ("no_operator", Some(typed)),
        Hint::OnlyWithout => ("only_without", None),
        Hint::TooLong => ("too_long", None),
    };
    json!({ "kind": kind, "of": of })
}

/// The form of a new question, with the words of the query as its title, without its filters.
fn ask_place(results: &Results) -> String {
    let title: String = results.words.chars().take(LONGEST_TITLE).collect();
    if title.is_empty() { "/ask".to_owned() } else { format!("/ask?title={}", encoded(&title)) }
}

pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

impl ResultsPage {
    /// The results of another query, in the same order.
    fn place_of(&self, query: &str) -> String {
        format!("/search?q={}{}", encoded(query), sorted(self.sort))
    }

    fn first(&self) -> String {
        self.place_of(&self.query)
    }

    fn sorts(&self) -> impl Iterator<Item = (bool, &'static str, String)> {
        SORTS.into_iter().map(|(sort, _, label)| {
            (sort == self.sort, label, format!("/search?q={}{}", encoded(&self.query), sorted(sort)))
        })
    }

    /// The name of the order in the form; empty: the usual one.
    fn sort_name(&self) -> &'static str {
        name_of(self.sort)
    }

    fn page_place(&self, page: usize) -> Option<String> {
        (1..=self.results.pages).contains(&page).then(|| format!("{}&page={page}", self.first()))
    }

    fn before(&self) -> Option<String> {
        self.page_place(self.results.page - 1)
    }

    fn after(&self) -> Option<String> {
        self.page_place(self.results.page + 1)
    }

    /// On the last page that is shown, though more fits.
    fn cut_off(&self) -> bool {
        self.results.page == LAST_PAGE && self.results.total > self.results.page * super::PAGE_SIZE
    }
}

fn name_of(sort: Sort) -> &'static str {
    SORTS.into_iter().find(|(one, _, _)| *one == sort).map_or("", |(_, name, _)| name)
}

fn sorted(sort: Sort) -> String {
    match name_of(sort) {
        "" => String::new(),
        name => format!("&sort={name}"),
    }
}

impl Found {
    /// Where in the thread it was found, for people.
    fn within(&self) -> &'static str {
        match self.post.kind {
            PostKind::Question => "in the question",
            PostKind::Answer => "in an answer",
            PostKind::Comment => "in a comment",
        }
    }
}
