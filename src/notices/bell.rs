//! The number beside the bell: told to the frame once per request of a signed-in member. A count over the index of unread
//! notices; visitors and files cost nothing.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};

use super::store;
use crate::app::App;
use crate::members::Member;
use crate::web::{Error, Person};

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
