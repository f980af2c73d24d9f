//! Sign-in: `GET` and `POST /sign-in`, and what happens to a form that waited for it.

use actix_web::cookie::Cookie;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{MemberId, Viewer, session, store};
use crate::app::App;
use crate::web::form::{Form, Kept, clean};
use crate::web::frame::local_path;
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct SignIn {
    email: String,
    password: String,
    next: String,
    kept_path: String,
    kept_fields: String,
}

#[derive(Deserialize)]
pub struct Next {
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "members/sign_in.html")]
struct SignInPage {
    frame: Frame,
    problems: Problems,
    form: SignIn,
}

#[derive(Template)]
#[template(path = "members/resume.html")]
struct ResumePage {
    frame: Frame,
    kept: Kept,
}

impl SignInPage {
    fn sign_up_url(&self) -> String {
        with_next("/sign-up", &self.form.next)
    }
}

/// The address of a sign-in or sign-up page that leads on to `next`.
pub(super) fn with_next(page: &str, next: &str) -> String {
    format!("{page}?next={}", utf8_percent_encode(next, NON_ALPHANUMERIC))
}

/// `GET /sign-in`
pub async fn show(
    frame: Frame,
    viewer: Viewer,
    query: web::Query<Next>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let next = local_path(query.next.as_deref()).to_owned();
    if viewer.0.is_some() {
        return Ok(redirect(next));
    }
    let form = SignIn { next, ..SignIn::default() };
    Page::ok(SignInPage { frame, problems: Problems::default(), form }).render(&request)
}

/// `POST /sign-in`
pub async fn sign_in(
    app: web::Data<App>,
    frame: Frame,
    form: Form<SignIn>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let form = form.value;
    let Some(id) = recognise(&app, &form.email, &form.password).await? else {
        let mut problems = Problems::default();
        problems.add("email", "E-mail address and password do not belong together. Check both; capital letters count.");
        return Page::unprocessable(SignInPage { frame, problems, form }).render(&request);
    };
    let cookie = session::begin(&app, id).await?;
    welcome(frame, &request, cookie, &form.next, &form.kept_path, &form.kept_fields)
}

/// The member whose e-mail address and password these are; `None`: they do not belong together.
pub async fn recognise(app: &App, email: &str, password: &str) -> Result<Option<MemberId>, Error> {
    let email = clean(email);
    let known = app.db.read(move |conn| store::find_for_sign_in(conn, &email)).await?;
    let (id, hash) = known.unzip();
    let right = app.hasher.verify(password.to_owned(), hash).await?;
    Ok(id.filter(|_| right))
}

/// After signing in or up: back to where the person was, or to the text that waited.
pub(super) fn welcome(
    frame: Frame,
    request: &HttpRequest,
    cookie: Cookie<'static>,
    next: &str,
    kept_path: &str,
    kept_fields: &str,
) -> Result<HttpResponse, Error> {
    let mut response = if kept_path.is_empty() {
        redirect(local_path(Some(next)))
    } else {
        let kept = Kept::read(local_path(Some(kept_path)), kept_fields.as_bytes());
        Page::ok(ResumePage { frame, kept }).render(request)?
    };
    response.add_cookie(&cookie).map_err(|error| Error::Internal(format!("a cookie could not be written: {error}")))?;
    Ok(response)
}
