//! Sign-up: `GET` and `POST /sign-up`.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::create::{self, NewAccount};
use super::{Role, Viewer, session, sign_in};
use crate::app::App;
use crate::web::form::Form;
use crate::web::frame::local_path;
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct SignUp {
    name: String,
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
#[template(path = "members/sign_up.html")]
struct SignUpPage {
    frame: Frame,
    problems: Problems,
    form: SignUp,
}

impl SignUpPage {
    fn sign_in_url(&self) -> String {
        sign_in::with_next("/sign-in", &self.form.next)
    }
}

/// `GET /sign-up`
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
    let form = SignUp { next, ..SignUp::default() };
    Page::ok(SignUpPage { frame, problems: Problems::default(), form }).render(&request)
}

/// `POST /sign-up/keep`: the same page, for somebody whose unsent text must come along.
pub async fn keep(frame: Frame, form: Form<SignUp>, request: HttpRequest) -> Result<HttpResponse, Error> {
    Page::ok(SignUpPage { frame, problems: Problems::default(), form: form.value }).render(&request)
}

/// `POST /sign-up`
pub async fn sign_up(
    app: web::Data<App>,
    frame: Frame,
    form: Form<SignUp>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let form = form.value;
    let account = NewAccount {
        name: form.name.clone(),
        email: form.email.clone(),
        password: form.password.clone(),
        title: String::new(),
        role: Role::Member,
    };
    let id = match create::create(&app, account).await? {
        Ok(id) => id,
        Err(problems) => return Page::unprocessable(SignUpPage { frame, problems, form }).render(&request),
    };
    let cookie = session::begin(&app, id).await?;
    sign_in::welcome(frame, &request, cookie, &form.next, &form.kept_path, &form.kept_fields)
}
