//! Sign-up: `GET` and `POST /sign-up`.
//!
//! Whoever signs up is in at once, so that a taken address cannot be hidden from whoever tries it here: instead the tries
//! of one network are few.

use std::net::IpAddr;
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::create::{self, NewAccount};
use super::sign_in::Onward;
use super::words;
use super::{MemberId, Role, Viewer, confirm, session, sign_in};
use crate::app::App;
use crate::brakes::{self, Limit};
use crate::db::DbError;
use crate::web::form::{Form, clean};
use crate::web::frame::local_path;
use crate::web::{Error, Frame, Page, Problems, redirect};

/// From one network: a whole class signs up, and nobody asks for every address of a list.
const OF_ADDRESS: Limit = Limit { free: 60, pause: Duration::from_secs(300), longest: Duration::from_secs(3_600) };

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
    /// A mail will ask to confirm the address.
    can_mail: bool,
}

impl SignUpPage {
    fn email_hint(&self) -> &'static str {
        match self.can_mail {
            true => words::EMAIL_HINT_WITH_MAIL,
            false => words::EMAIL_HINT,
        }
    }

    fn sign_in_url(&self) -> String {
        sign_in::with_next("/sign-in", &self.form.next)
    }
}

/// `GET /sign-up`
pub async fn show(
    app: web::Data<App>,
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
    let can_mail = app.mail.is_on();
    Page::ok(SignUpPage { frame, problems: Problems::default(), form, can_mail }).render(&request)
}

/// `POST /sign-up/keep`: the same page, for somebody whose unsent text must come along.
pub async fn keep(
    app: web::Data<App>,
    frame: Frame,
    form: Form<SignUp>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (form, can_mail) = (form.value, app.mail.is_on());
    Page::ok(SignUpPage { frame, problems: Problems::default(), form, can_mail }).render(&request)
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
    let id = match make(&app, account, sign_in::address(&request)).await? {
        Ok(id) => id,
        Err(problems) => {
            let can_mail = app.mail.is_on();
            return Page::unprocessable(SignUpPage { frame, problems, form, can_mail }).render(&request);
        }
    };
    let cookie = session::begin(&app, id, &request).await?;
    let onward = Onward { next: form.next, kept_path: form.kept_path, kept_fields: form.kept_fields };
    sign_in::welcome(frame, &request, cookie, &onward)
}

/// Makes the account, and mails the link that confirms its address.
async fn make(app: &App, account: NewAccount, from: Option<IpAddr>) -> Result<Result<MemberId, Problems>, Error> {
    let now = app.clock.now();
    if let Some(from) = from.map(|address| brakes::of_address("sign-up", address))
        && let Some(until) = app.db.write(move |tx| brakes::try_once(tx, &from, OF_ADDRESS, now)).await?
    {
        let mut problems = Problems::default();
        let wait = brakes::wait_in_words(until, now);
        problems.add("email", words::too_many_sign_ups(&wait));
        return Ok(Err(problems));
    }
    let link = confirm::Link::to(app, &clean(&account.email))?;
    let checked = match create::check(&app.db, &app.hasher, account).await? {
        Ok(checked) => checked,
        Err(problems) => return Ok(Err(problems)),
    };
    let made = app.db.write(move |tx| {
        let id = checked.insert(tx, now)?;
        link.map_or(Ok(()), |link| link.post(tx, id, now))?;
        Ok::<_, DbError>(id)
    });
    match made.await {
        Ok(id) => {
            app.mail.wake.notify_one();
            Ok(Ok(id))
        }
        Err(error) if error.is_unique_violation() => Ok(Err(create::taken())),
        Err(error) => Err(error.into()),
    }
}
