//! What is counted of a thread while it is read, and `GET /live/figures?thread=ID`: of one thread, for its readers.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Query};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::comments;
use crate::db::{Conn, DbError};
use crate::members::Viewer;
use crate::posts::Readers;
use crate::questions::{self, QuestionId};
use crate::web::Error;

/// As pages are told them.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Figures {
    pub id: i64,
    answers: i64,
    comments: i64,
    newest_comment: i64,
    /// How many people have this too.
    affected: i64,
}

/// The figures of the threads in which these are read, with those of all that is part of them, and who reads them: tell them
/// to nobody else.
pub(super) fn list_figures(conn: &mut Conn, ids: &[QuestionId]) -> Result<Vec<(Figures, Readers)>, DbError> {
    let threads = questions::list_whole_threads(conn, ids)?;
    let (all, wholes): (Vec<QuestionId>, Vec<QuestionId>) = threads.iter().copied().unzip();
    let of_threads = comments::list_figures(conn, &all)?;
    let figures = |question: questions::Figures| {
        let mut said = comments::Figures::default();
        let parts = threads.iter().filter(|(_, whole)| *whole == question.id);
        parts.filter_map(|(part, _)| of_threads.get(part)).for_each(|more| said.add(*more));
        let questions::Figures { id, answers, affected } = question;
        Figures { id: id.0, answers, comments: said.many, newest_comment: said.newest, affected }
    };
    let found = questions::list_figures(conn, &wholes)?;
    Ok(found.into_iter().map(|(question, readers)| (figures(question), readers)).collect())
}

#[derive(Deserialize)]
pub struct Asked {
    thread: QuestionId,
}

/// `GET /live/figures?thread=ID`: a list of one for its readers; of any other thread an empty one.
pub async fn show(app: Data<App>, viewer: Viewer, asked: Query<Asked>) -> Result<HttpResponse, Error> {
    let id = asked.thread;
    let found = app.db.read(move |conn| list_figures(conn, &[id])).await?;
    let read = found.into_iter().filter(|(_, readers)| readers.include_viewer(viewer.0.as_ref()));
    let figures: Vec<Figures> = read.map(|(figures, _)| figures).collect();
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(figures))
}
