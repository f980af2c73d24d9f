//! What the author of a held post is told: `GET /held/{id}`, where the form leads instead of to the post.

use actix_web::web;
use askama::Template;

use super::{Hold, HoldId, store};
use crate::app::App;
use crate::db::PostKind;
use crate::members::Member;
use crate::web::{Error, Frame, Page};

#[derive(Template)]
#[template(path = "holds/waits.html")]
struct WaitsPage {
    frame: Frame,
    hold: Hold,
    handle: String,
}

/// `GET /held/{id}`: for its author; nobody else learns that it is there.
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    member: Member,
    id: web::Path<HoldId>,
) -> Result<Page<impl Template>, Error> {
    let id = id.into_inner();
    let found = app.db.read(move |conn| store::find(conn, id)).await?;
    let hold = found.filter(|hold| hold.by == member.id).ok_or(Error::NotFound)?;
    Ok(Page::ok(WaitsPage { frame, hold, handle: member.handle }))
}

impl WaitsPage {
    fn kind(&self) -> &'static str {
        match self.hold.post.kind {
            PostKind::Question => "question",
            PostKind::Answer => "answer",
            PostKind::Comment => "comment",
        }
    }
}
