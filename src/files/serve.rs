//! `GET /files/{name}` and `/files/small/{name}`: an uploaded picture, whole or as it stands in a text.

use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use object_store::ObjectStoreExt;

use super::{Size, key, store, trouble};
use crate::app::App;
use crate::pictures::PictureName;
use crate::web::Error;

/// `GET /files/{name}`
pub async fn show(app: web::Data<App>, name: web::Path<String>) -> Result<HttpResponse, Error> {
    respond(&app, &name, Size::Whole).await
}

/// `GET /files/small/{name}`
pub async fn show_small(app: web::Data<App>, name: web::Path<String>) -> Result<HttpResponse, Error> {
    respond(&app, &name, Size::Small).await
}

async fn respond(app: &App, name: &str, size: Size) -> Result<HttpResponse, Error> {
    let name = PictureName::parse(name).ok_or(Error::NotFound)?;
    let asked = name.clone();
    if !app.db.read(move |conn| store::is_kept(conn, &asked)).await? {
        return Err(Error::NotFound);
    }
    let found = app.files.store().await?.get(&key(&name, size)).await;
    let found = match found {
        Ok(found) => found,
        Err(object_store::Error::NotFound { .. }) => return Err(Error::NotFound),
        Err(error) => return Err(trouble(&error)),
    };
    let length = found.meta.size;
    Ok(HttpResponse::Ok()
        .content_type(name.media_type())
        // The name is the hash of what it names: it never changes.
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::CONTENT_DISPOSITION, "inline"))
        .body(SizedStream::new(length, found.into_stream())))
}
