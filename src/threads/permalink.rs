//! Addresses that stay: `GET /answers/{id}` and `/comments/{id}` lead to where the post stands now, be its thread merged, its
//! title another, or itself a question by now.

use actix_web::{HttpResponse, web};

use super::show::moved;
use crate::answers::{self, AnswerId};
use crate::app::App;
use crate::comments::{self, CommentId};
use crate::db::{Conn, PostRef};
use crate::members::Viewer;
use crate::merges;
use crate::posts;
use crate::questions::{self, QuestionId};
use crate::web::Error;

/// `GET /answers/{id}`
pub async fn to_answer(app: web::Data<App>, viewer: Viewer, id: web::Path<AnswerId>) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let place = app.db.read(move |conn| {
        let thread = answers::find_thread(conn, id)?;
        find(conn, id.post(), thread, &viewer)
    });
    place.await.map(moved)
}

/// `GET /comments/{id}`
pub async fn to_comment(app: web::Data<App>, viewer: Viewer, id: web::Path<CommentId>) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let place = app.db.read(move |conn| {
        let thread = comments::find_thread(conn, id)?;
        find(conn, id.post(), thread, &viewer)
    });
    place.await.map(moved)
}

/// `thread`: where the post is shown, in a thread that may be part of another.
fn find(conn: &mut Conn, post: PostRef, thread: Option<QuestionId>, viewer: &Viewer) -> Result<String, Error> {
    if let Some(question) = merges::find_split_off(conn, post)? {
        return Ok(whole(conn, question, viewer)?.place());
    }
    let thread = thread.ok_or(Error::NotFound)?;
    let question = whole(conn, thread, viewer)?;
    Ok(posts::place(question.id.0, &question.title, post))
}

/// A thread, or the one that it is part of; removed and hidden is [`Error::Gone`], private is unknown to others.
fn whole(conn: &mut Conn, id: QuestionId, viewer: &Viewer) -> Result<questions::Question, Error> {
    questions::load_whole(conn, id, viewer.0.as_ref())
}
