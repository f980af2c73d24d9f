//! Questions like the one that is being written, with the answers that staff vouch for: `GET /ask/similar` while one types,
//! and a step before asking for those without script.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::answers::{self, AnswerId};
use crate::app::App;
use crate::clock::Millis;
use crate::db::{Conn, DbError};
use crate::posts::{self, LONGEST_TITLE};
use crate::questions::{self, QuestionId, Row};
use crate::search;
use crate::verifications::{Standing, load_standing_answers};
use crate::web::form::clean;
use crate::web::{Error, Frame, markdown};

/// More would have to be read.
const MOST: usize = 3;
/// Characters of an answer that are shown.
const LONGEST_EXCERPT: usize = 400;

/// A question that staff have verified an answer in.
pub struct SimilarQuestion {
    pub title: String,
    /// The address of the answer in its thread.
    pub place: String,
    /// The first words of the answer, plain.
    pub answer: String,
    pub standing: Standing,
}

/// The best of them for a title, best first; nothing where the search cannot be asked.
pub async fn find(app: &App, title: &str) -> Result<Vec<SimilarQuestion>, Error> {
    let title: String = clean(title).chars().take(LONGEST_TITLE).collect();
    let similar = match app.search.similar(&title, QuestionId(0)).await {
        Ok(similar) => similar,
        // Asking goes on without them.
        Err(error) => {
            tracing::warn!(%error, "no similar questions are shown: {error}");
            return Ok(Vec::new());
        }
    };
    if similar.is_empty() {
        return Ok(Vec::new());
    }
    let now = app.clock.now();
    Ok(app.db.read(move |conn| load(conn, &similar, now)).await?)
}

fn load(conn: &mut Conn, similar: &[search::Similar], now: Millis) -> Result<Vec<SimilarQuestion>, DbError> {
    let ids: Vec<QuestionId> = similar.iter().map(|one| one.question_id).collect();
    let rows: Vec<Row> = questions::rows(conn, &ids)?;
    let verified: Vec<i64> = rows.iter().filter_map(|row| row.verified_answer_id).collect();
    let standings: HashMap<i64, Standing> = load_standing_answers(conn, &verified)?
        .into_iter()
        .filter(|standing| standing.holds(now))
        .map(|standing| (standing.answer_id, standing))
        .collect();
    let mut found = Vec::new();
    for row in rows {
        if found.len() == MOST {
            break;
        }
        let Some(id) = row.verified_answer_id else { continue };
        let Some(standing) = standings.get(&id) else { continue };
        let Some(answer) = answers::find(conn, AnswerId(id))? else { continue };
        found.push(SimilarQuestion {
            place: posts::place(row.id.0, &row.title, answer.id.post()),
            answer: excerpt(&answer.body, answer.author.origin().is_some()),
            title: row.title,
            standing: standing.clone(),
        });
    }
    Ok(found)
}

fn excerpt(body: &str, is_plain: bool) -> String {
    let text = if is_plain { body.to_owned() } else { markdown::to_text(body) };
    match text.char_indices().nth(LONGEST_EXCERPT) {
        None => text,
        Some((end, _)) => format!("{} …", text[..end].rsplit_once(' ').map_or(&text[..end], |(words, _)| words)),
    }
}

#[derive(Template)]
#[template(path = "asking/similar.html")]
struct Fragment {
    frame: Frame,
    similar: Vec<SimilarQuestion>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Typed {
    title: String,
}

/// `GET /ask/similar?title=…`: the list alone, for the page that asks; nothing where there is none.
pub async fn show(app: web::Data<App>, frame: Frame, typed: web::Query<Typed>) -> Result<HttpResponse, Error> {
    let similar = find(&app, &typed.title).await?;
    let html = if similar.is_empty() { String::new() } else { Fragment { frame, similar }.render()? };
    Ok(HttpResponse::Ok()
        .insert_header(("cache-control", "no-store"))
        .content_type("text/html; charset=utf-8")
        .body(html))
}
