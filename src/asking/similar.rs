//! Questions like the one that is being written: `GET /ask/similar` while one types, and a step before asking for those
//! without script. Those with an answer that staff vouch for first, then other answered ones, then open ones, which to have,
//! too, is better than to ask again.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::alike::{ASKING, Enough, VOUCHED, asked};
use crate::answers::{self, AnswerId};
use crate::app::App;
use crate::clock::Millis;
use crate::db::{Conn, DbError};
use crate::members::{MemberId, Viewer};
use crate::posts::{self, LONGEST_TITLE};
use crate::questions::{self, QuestionId, Row};
use crate::search::{self, Among};
use crate::verifications::{Standing, load_standing_answers};
use crate::web::form::clean;
use crate::web::{Error, Frame, markdown};

/// More would have to be read.
const MOST: usize = 5;
/// Characters of an answer that are shown.
const LONGEST_EXCERPT: usize = 400;

pub struct SimilarQuestion {
    pub row: Row,
    /// The address of its best answer, or of itself.
    pub place: String,
    /// The answer that staff vouch for.
    pub vouched: Option<Vouched>,
    /// Whoever asks now asked this, too.
    pub own: bool,
}

pub struct Vouched {
    pub standing: Standing,
    /// The first words of the answer, plain.
    pub excerpt: String,
}

impl SimilarQuestion {
    /// Nobody has answered it yet.
    pub fn is_open(&self) -> bool {
        self.row.answer_count == 0
    }

    /// What is most likely to help first.
    fn rank(&self) -> u8 {
        match (&self.vouched, self.is_open()) {
            (Some(_), _) => 0,
            (None, false) => 1,
            (None, true) => 2,
        }
    }
}

/// The best of them for a title, best first; nothing where the search cannot be asked. `by`: who asks.
pub async fn find(app: &App, title: &str, by: Option<MemberId>) -> Result<Vec<SimilarQuestion>, Error> {
    let title: String = clean(title).chars().take(LONGEST_TITLE).collect();
    let similar = match app.search.similar(&asked(&title), QuestionId(0), Among::All).await {
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
    Ok(app.db.read(move |conn| load(conn, &similar, by, now)).await?)
}

fn load(
    conn: &mut Conn,
    similar: &[search::Similar],
    by: Option<MemberId>,
    now: Millis,
) -> Result<Vec<SimilarQuestion>, DbError> {
    let ids: Vec<QuestionId> = similar.iter().map(|one| one.question_id).collect();
    let is_enough = |id: QuestionId, enough: Enough| similar.iter().any(|one| one.question_id == id && enough.is(one));
    let rows: Vec<Row> = questions::rows(conn, &ids)?;
    let verified: Vec<i64> = rows.iter().filter_map(|row| row.verified_answer_id).collect();
    let mut standings: HashMap<i64, Standing> = load_standing_answers(conn, &verified)?
        .into_iter()
        .filter(|standing| standing.holds(now))
        .map(|standing| (standing.answer_id, standing))
        .collect();
    let askers = questions::list_askers(conn, &ids)?;
    let mut found = Vec::new();
    for row in rows {
        let vouched = match row.verified_answer_id.and_then(|id| standings.remove(&id)) {
            Some(standing) => load_vouched(conn, standing)?,
            None => None,
        };
        if !is_enough(row.id, if vouched.is_some() { VOUCHED } else { ASKING }) {
            continue;
        }
        let place = match &vouched {
            Some(vouched) => posts::place(row.id.0, &row.title, AnswerId(vouched.standing.answer_id).post()),
            None => row.place(),
        };
        let own = by.is_some() && askers.get(&row.id).and_then(|asker| asker.member()) == by;
        found.push(SimilarQuestion { row, place, vouched, own });
    }
    found.sort_by_key(SimilarQuestion::rank);
    found.truncate(MOST);
    Ok(found)
}

/// The words of an answer that staff stand by, where it is shown.
fn load_vouched(conn: &mut Conn, standing: Standing) -> Result<Option<Vouched>, DbError> {
    let answer = answers::find(conn, AnswerId(standing.answer_id))?;
    Ok(answer.map(|answer| Vouched { excerpt: excerpt(&answer.body, answer.author.origin().is_some()), standing }))
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
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    viewer: Viewer,
    typed: web::Query<Typed>,
) -> Result<HttpResponse, Error> {
    let similar = find(&app, &typed.title, viewer.id()).await?;
    let html = if similar.is_empty() { String::new() } else { Fragment { frame, similar }.render()? };
    Ok(HttpResponse::Ok()
        .insert_header(("cache-control", "no-store"))
        .content_type("text/html; charset=utf-8")
        .body(html))
}
