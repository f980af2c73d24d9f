//! Sign-out: `POST /sign-out`.

use actix_web::{HttpRequest, HttpResponse, web};

use super::session;
use crate::app::App;
use crate::web::{Error, redirect};

pub async fn sign_out(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let cookie = session::end(&app, &request).await?;
    let mut response = redirect("/");
    response.add_cookie(&cookie).map_err(|error| Error::Internal(format!("a cookie could not be written: {error}")))?;
    Ok(response)
}
