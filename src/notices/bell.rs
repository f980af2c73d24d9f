//! The number beside the bell: told to the frame once per request of a signed-in member, to a page that is open by its stream
//! (see the arrivals), and where it has none by `GET /notices/count`. A count over the index of unread notices; visitors and
//! files cost nothing.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpResponse, web};
use serde_json::json;

use super::store;
use crate::app::App;
use crate::clock::Millis;
use crate::db::{Conn, DbError};
use crate::members::{self, Member, Own};
use crate::web::{Error, Frame, Person};

/// Middleware, to be run when the viewer is known.
pub async fn ring(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let is_file = ["/assets/", "/pictures/", "/theme.css"].iter().any(|begin| request.path().starts_with(begin));
    let member = request.extensions().get::<Member>().map(|member| member.id).filter(|_| !is_file);
    let app = request.app_data::<web::Data<App>>().cloned();
    if let (Some(member), Some(app)) = (member, app) {
        let unread = match app.db.read(move |conn| store::count_unread(conn, member)).await {
            Ok(unread) => unread,
            // Answered, not returned as `Err`: only answers get a page around them.
            Err(error) => return Ok(request.error_response(Error::from(error))),
        };
        if let Some(person) = request.extensions_mut().get_mut::<Person>() {
            person.unread = unread;
        }
    }
    next.call(request).await.map(ServiceResponse::map_into_boxed_body)
}

/// What a page hears of its bell: whose it is, so that a page of somebody who signed out meanwhile does not show it as theirs.
pub fn news(handle: &str, unread: i64) -> serde_json::Value {
    json!({ "to": handle, "unread": unread })
}

/// What the holder of a session has not read; `None`: the session ended, and nothing is told to who held it.
pub fn count_for(conn: &mut Conn, session: &str, now: Millis) -> Result<Option<i64>, DbError> {
    match members::find_holder(conn, session, now)? {
        Some(member) => store::count_unread(conn, member).map(Some),
        None => Ok(None),
    }
}

/// `GET /notices/count`: what the frame of a page would show now.
pub async fn count(frame: Frame, own: Own) -> HttpResponse {
    let unread = frame.viewer.map_or(0, |viewer| viewer.unread);
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(news(&own.0.handle, unread))
}
