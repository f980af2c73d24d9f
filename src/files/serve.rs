//! `GET /files/{name}` and `/files/small/{name}`: an uploaded picture, whole or as it stands in a text. What everybody may see
//! is kept by every cache on the way; what stands only in posts that few may see is sent to those few, and kept by none.

use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use object_store::ObjectStoreExt;

use super::{Place, Size, key, store, trouble};
use crate::app::App;
use crate::db::{Conn, DbError};
use crate::members::Viewer;
use crate::pictures::PictureName;
use crate::posts;
use crate::web::Error;

/// `GET /files/{name}`
pub async fn show(app: web::Data<App>, viewer: Viewer, name: web::Path<String>) -> Result<HttpResponse, Error> {
    respond(&app, viewer, &name, Size::Whole).await
}

/// `GET /files/small/{name}`
pub async fn show_small(app: web::Data<App>, viewer: Viewer, name: web::Path<String>) -> Result<HttpResponse, Error> {
    respond(&app, viewer, &name, Size::Small).await
}

/// Who may see a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    ByAll,
    /// Not by everybody, but by whoever asks now.
    ByViewer,
    No,
}

/// The most that one of its places allows.
fn judge(conn: &mut Conn, name: &PictureName, viewer: &Viewer) -> Result<Seen, DbError> {
    let mut seen = Seen::No;
    for place in store::list_places(conn, name)? {
        let by_viewer = match place {
            Place::Member(_) => return Ok(Seen::ByAll),
            Place::Draft(by) => viewer.id() == Some(by),
            Place::Post(post) if posts::may_read(conn, post, &Viewer(None))? => return Ok(Seen::ByAll),
            Place::Post(post) => posts::may_read(conn, post, viewer)?,
        };
        if by_viewer {
            seen = Seen::ByViewer;
        }
    }
    Ok(seen)
}

async fn respond(app: &App, viewer: Viewer, name: &str, size: Size) -> Result<HttpResponse, Error> {
    let name = PictureName::parse(name).ok_or(Error::NotFound)?;
    let asked = name.clone();
    let caching = match app.db.read(move |conn| judge(conn, &asked, &viewer)).await? {
        // The name is the hash of what it names: it never changes.
        Seen::ByAll => "public, max-age=31536000, immutable",
        Seen::ByViewer => "private, no-store",
        Seen::No => return Err(Error::NotFound),
    };
    let found = app.files.store().await?.get(&key(&name, size)).await;
    let found = match found {
        Ok(found) => found,
        Err(object_store::Error::NotFound { .. }) => return Err(Error::NotFound),
        Err(error) => return Err(trouble(&error)),
    };
    let length = found.meta.size;
    Ok(HttpResponse::Ok()
        .content_type(name.media_type())
        .insert_header((header::CACHE_CONTROL, caching))
        .insert_header((header::CONTENT_DISPOSITION, "inline"))
        .body(SizedStream::new(length, found.into_stream())))
}
