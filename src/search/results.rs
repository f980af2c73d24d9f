//! `GET /search`: what was found, as a page or as JSON, and a way on where nothing was.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::json;

use super::{Found, LAST_PAGE, Results};
use crate::app::App;
use crate::db::PostKind;
use crate::posts::LONGEST_TITLE;
use crate::web::{Error, Frame, Page};

/// Characters of a query that are kept in the field.
const LONGEST_SHOWN: usize = super::query::LONGEST_QUERY;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    q: String,
    /// From 1. Anything that is no number is the first page.
    page: String,
}

#[derive(Template)]
#[template(path = "search/results.html")]
struct ResultsPage {
    frame: Frame,
    query: String,
    /// The form of a new question, with these words as its title.
    ask: String,
    results: Results,
}

/// `GET /search?q=…&page=…`; JSON where that is asked for.
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    asked: web::Query<Asked>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let query: String = asked.q.trim().chars().take(LONGEST_SHOWN).collect();
    let results = app.search.search(&query, asked.page.parse().unwrap_or(1)).await?;
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.starts_with("application/json")) {
        return Ok(HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .insert_header((header::VARY, "Accept"))
            .json(as_json(&query, &results, frame.address())));
    }
    let ask = ask_place(&query);
    Page::ok(ResultsPage { frame, query, ask, results }).render(&request)
}

/// Snippets are pieces of plain text with a mark or without: whoever shows them escapes them.
fn as_json(query: &str, results: &Results, address: &str) -> serde_json::Value {
    let found = |found: &Found| {
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
                "created_at": found.row.created_at.to_rfc3339(),
            },
        })
    };
    json!({
        "query": query,
        "page": results.page,
        "pages": results.pages,
        "total": results.total,
        "ready": results.ready,
        "results": results.found.iter().map(found).collect::<Vec<_>>(),
    })
}

fn ask_place(query: &str) -> String {
    let title: String = query.chars().take(LONGEST_TITLE).collect();
    if title.is_empty() { "/ask".to_owned() } else { format!("/ask?title={}", encoded(&title)) }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

impl ResultsPage {
    fn first(&self) -> String {
        format!("/search?q={}", encoded(&self.query))
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
