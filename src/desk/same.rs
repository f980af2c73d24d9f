//! A question that reads like one that was asked before: suggested to staff with why. They make the one part of the other by
//! the button of [`super::merge`], or say that the two are not the same: `POST /desk/questions/{id}/apart`. Nothing is ever
//! merged without them.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::words;
use crate::alike::{TWICE, about};
use crate::app::App;
use crate::db::{Conn, DbError};
use crate::members::{Posted, Staff};
use crate::merges::{self, NotMerged};
use crate::questions::{self, Question, QuestionId, Row};
use crate::search::{Among, Similar};
use crate::web::{Error, redirect};

/// More would have to be read.
const MOST: usize = 2;

/// A question that was asked before, and why it may be the same.
pub(super) struct Same {
    pub row: Row,
    /// What the two have in common.
    words: Vec<String>,
    same_topic: bool,
}

impl Same {
    /// The reasons, as one line: `same words: router, drops · same topic: Wi-Fi · 4 people have this too`.
    pub fn why(&self) -> String {
        let mut reasons = vec![format!("same words: {}", self.words.join(", "))];
        if let Some(topic) = self.row.topic.as_ref().filter(|_| self.same_topic) {
            reasons.push(format!("same topic: {}", topic.name));
        }
        match self.row.affected {
            0 => {}
            1 => reasons.push("1 person has this too".to_owned()),
            many => reasons.push(format!("{many} people have this too")),
        }
        reasons.join(" · ")
    }

    /// How far it has come: `verified answer`, `4 answers`.
    pub fn how_far(&self) -> String {
        match (self.row.verified_answer_id, self.row.answer_count) {
            (Some(_), _) => "verified answer".to_owned(),
            (None, 0) => "no answer yet".to_owned(),
            (None, 1) => "1 answer".to_owned(),
            (None, many) => format!("{many} answers"),
        }
    }
}

/// What was asked before and reads like this question, best first.
pub(super) async fn find(app: &App, question: &Question) -> Result<Vec<Same>, Error> {
    let about = about(&question.title, &question.body);
    let mut similar = match app.search.similar(&about, question.id, Among::All).await {
        Ok(similar) => similar,
        // The page is of use without them.
        Err(error) => {
            tracing::warn!(%error, "nothing is suggested as asked twice: {error}");
            return Ok(Vec::new());
        }
    };
    similar.retain(|one| TWICE.is(one));
    if similar.is_empty() {
        return Ok(Vec::new());
    }
    let question = question.clone();
    Ok(app.db.read(move |conn| load(conn, &question, similar)).await?)
}

fn load(conn: &mut Conn, question: &Question, similar: Vec<Similar>) -> Result<Vec<Same>, DbError> {
    let ids: Vec<QuestionId> = similar.iter().map(|one| one.question_id).collect();
    let apart = merges::list_not_the_same(conn, question.id)?;
    let topic = question.topic.as_ref().map(|topic| topic.id);
    // Of two that ask the same the later one is the one that asks again.
    let was_before = |row: &Row| (row.created_at, row.id) < (question.created_at, question.id);
    let rows = questions::rows(conn, &ids)?.into_iter().filter(|row| was_before(row) && !apart.contains(&row.id));
    let same = rows.filter_map(|row| {
        let words = similar.iter().find(|one| one.question_id == row.id)?.words.clone();
        let same_topic = topic.is_some() && row.topic.as_ref().map(|topic| topic.id) == topic;
        Some(Same { row, words, same_topic })
    });
    Ok(same.take(MOST).collect())
}

#[derive(Deserialize)]
pub struct Apart {
    other: QuestionId,
}

/// `POST /desk/questions/{id}/apart`
pub async fn keep_apart(
    app: web::Data<App>,
    id: web::Path<QuestionId>,
    posted: Posted<Staff, Apart>,
) -> Result<HttpResponse, Error> {
    let (id, now, by, other) = (id.into_inner(), app.clock.now(), posted.by.0.id, posted.form.other);
    match app.db.write(move |tx| merges::keep_apart(tx, id, other, by, now)).await {
        Ok(()) => Ok(redirect(format!("/desk/questions/{id}?did=apart"))),
        Err(NotMerged::Db(error)) => Err(error.into()),
        Err(why) => Err(Error::BadRequest(words::nothing_changed(why))),
    }
}
