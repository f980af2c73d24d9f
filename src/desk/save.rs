//! Saving what somebody writes, so that colleagues see it and nothing is lost: `POST …/draft` of each form, by its button
//! and, with script, by itself.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::de::IgnoredAny;

use super::writing::{fields_of, form_url, place_of_answer};
use crate::answers::AnswerId;
use crate::app::App;
use crate::drafts::{self, Place};
use crate::members::{AtDesk, Posted};
use crate::questions::{self, QuestionId};
use crate::web::{Error, redirect};

/// `POST /desk/questions/{id}/draft`
pub async fn message(
    app: web::Data<App>,
    id: web::Path<QuestionId>,
    posted: Posted<AtDesk, IgnoredAny>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    app.db.read(move |conn| questions::load_living(conn, id)).await?;
    save(&app, Place::message(id.0), posted, &request).await
}

/// `POST /desk/answers/{id}/verify/draft`
pub async fn verification(
    app: web::Data<App>,
    id: web::Path<AnswerId>,
    posted: Posted<AtDesk, IgnoredAny>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let place = app.db.read(move |conn| place_of_answer(conn, id)).await?;
    save(&app, place, posted, &request).await
}

async fn save(
    app: &App,
    place: Place,
    posted: Posted<AtDesk, IgnoredAny>,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let (now, by, fields) = (app.clock.now(), posted.by.0.id, fields_of(&posted.kept));
    let saved = app.db.write(move |tx| drafts::save(tx, by, place, &fields, now)).await?;
    let json = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if json.is_some_and(|accept| accept.starts_with("application/json")) {
        let answer = serde_json::json!({ "saved": saved });
        return Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(answer));
    }
    let told = if saved { "saved=1" } else { "faster=1" };
    Ok(redirect(format!("{}?{told}#reply", form_url(place))))
}
