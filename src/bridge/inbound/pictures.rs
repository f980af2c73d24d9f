//! Photos of remote authors (what comes with their posts is `post_pictures`): fetched once through the guarded client,
//! re-encoded, and served from here, so that no reader's browser talks to a network.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::bridge::store::pictures::find_portrait;
use crate::bridge::store::remote;
use crate::db::DbError;
use crate::jobs::Progress;
use crate::networks::pictures;
use crate::web::Error;

/// A photo that could not be had is tried again after this time: the initials do until then.
const NEXT_TRY: Duration = Duration::from_secs(24 * 3600);

/// Fetches the next photo that is due.
pub async fn step(app: &App) -> Result<Progress, DbError> {
    let now = app.clock.now();
    let Some((id, url)) = app.db.read(move |conn| remote::find_picture_due(conn, now)).await? else {
        return Ok(Progress::Idle);
    };
    let due = url.clone();
    if !app.db.write(move |tx| remote::set_picture_due(tx, id, &due, now.plus(NEXT_TRY))).await? {
        // Erased or changed since it was found: whatever is due now is another photo.
        return Ok(Progress::More);
    }
    match pictures::fetch(app.bridge.http(), &url).await {
        Ok(picture) => {
            let stored =
                app.db.write(move |tx| remote::set_picture(tx, id, &url, &picture.sha256, &picture.png, now)).await?;
            if !stored {
                tracing::info!(author = id.0, "a photo was dropped: its author was erased or changed it meanwhile");
            }
        }
        Err(error) => tracing::info!(author = id.0, %error, "a photo could not be had: {error}"),
    }
    Ok(Progress::More)
}

/// `GET /pictures/{hash}.png`
pub async fn show(app: web::Data<App>, hash: web::Path<String>) -> Result<HttpResponse, Error> {
    let hash = hash.into_inner();
    let bytes = app.db.read(move |conn| find_portrait(conn, &hash)).await?.ok_or(Error::NotFound)?;
    Ok(HttpResponse::Ok()
        .content_type("image/png")
        // A removed photo must go from browsers too, so it is not kept for good.
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(bytes))
}
