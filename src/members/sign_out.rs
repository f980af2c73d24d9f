//! Sign-out: `POST /sign-out`.

use actix_web::cookie::Cookie;
use actix_web::{HttpRequest, HttpResponse, web};

use super::session;
use crate::app::App;
use crate::web::{Error, redirect};

pub async fn sign_out(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let cookie = session::end(&app, &request).await?;
    let mut response = redirect("/");
    add(&mut response, &cookie)?;
    Ok(response)
}

/// Takes the cookie of a session that is over away.
pub fn take_cookie(app: &App, response: &mut HttpResponse) -> Result<(), Error> {
    add(response, &session::no_cookie(app))
}

fn add(response: &mut HttpResponse, cookie: &Cookie<'static>) -> Result<(), Error> {
    response.add_cookie(cookie).map_err(|error| Error::Internal(format!("a cookie could not be written: {error}")))
}
