//! Addresses that stay: `GET /answers/{id}` and `/comments/{id}` lead to where the post stands now, be its thread merged, its
//! title another, or itself a question by now.

use actix_web::{HttpResponse, web};

use super::show::moved;
use crate::answers::{self, AnswerId};
use crate::app::App;
use crate::comments::{self, CommentId};
use crate::db::{Conn, PostKind, PostRef};
use crate::importing;
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

/// `GET /q/{id}` and `/a/{id}`
pub async fn to_imported(app: web::Data<App>, viewer: Viewer, id: web::Path<i64>) -> Result<HttpResponse, Error> {
    lead(&app, viewer, id.into_inner()).await
}

/// `GET /q/{id}/{user}` and `/a/{id}/{user}`: the user is who shared the address.
pub async fn to_shared(
    app: web::Data<App>,
    viewer: Viewer,
    path: web::Path<(i64, String)>,
) -> Result<HttpResponse, Error> {
    lead(&app, viewer, path.into_inner().0).await
}

/// `GET /questions/{id}/{slug}/{answer}`
pub async fn to_imported_answer(
    app: web::Data<App>,
    viewer: Viewer,
    path: web::Path<(i64, String, i64)>,
) -> Result<HttpResponse, Error> {
    lead(&app, viewer, path.into_inner().2).await
}

async fn lead(app: &App, viewer: Viewer, foreign: i64) -> Result<HttpResponse, Error> {
    let found = app.db.read(move |conn| find_imported(conn, foreign, &viewer)).await?;
    found.map(moved).ok_or(Error::NotFound)
}

/// Where a post is that had this number on another site; `None`: none had.
pub(super) fn find_imported(conn: &mut Conn, foreign: i64, viewer: &Viewer) -> Result<Option<String>, Error> {
    let Some(post) = importing::find_post(conn, foreign)? else { return Ok(None) };
    let thread = match post.kind {
        PostKind::Question => Some(QuestionId(post.id)),
        PostKind::Answer | PostKind::Comment => answers::find_thread(conn, AnswerId(post.id))?,
    };
    find(conn, post, thread, viewer).map(Some)
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
