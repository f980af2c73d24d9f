//! Sign-in: `GET` and `POST /sign-in`, and what happens to a form that waited for it.

use std::net::IpAddr;
use std::time::Duration;

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::words;
use super::{MemberId, Viewer, second, session, store};
use crate::app::App;
use crate::brakes::{self, Limit};
use crate::clock::Millis;
use crate::db::DbError;
use crate::web::client::Client;
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

impl SignIn {
    fn onward(&self) -> Onward {
        let Self { next, kept_path, kept_fields, .. } = self;
        Onward { next: next.clone(), kept_path: kept_path.clone(), kept_fields: kept_fields.clone() }
    }
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
    match recognise(&app, &form.email, &form.password, address(&request)).await? {
        Recognised::As(id) => {
            let cookie = session::begin(&app, id, &request).await?;
            welcome(frame, &request, cookie, &form.onward())
        }
        Recognised::Half(id) => second::step::ask(&app, frame, id, form.onward(), &request).await,
        unknown => {
            let mut problems = Problems::default();
            let now = app.clock.now();
            problems.add("email", unknown.problem(now));
            let page = SignInPage { frame, problems, form };
            let Recognised::NotUntil(until) = unknown else { return Page::unprocessable(page).render(&request) };
            // Said to machines as well: nothing was wrong with the form.
            let mut answer = Page::with_status(page, StatusCode::TOO_MANY_REQUESTS).render(&request)?;
            let seconds = until.since(now).as_secs().max(1);
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            Ok(answer)
        }
    }
}

/// The page once more, for somebody who has to begin anew; `why` says so.
pub(super) fn again(
    frame: Frame,
    why: &str,
    Onward { next, kept_path, kept_fields }: Onward,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let mut problems = Problems::default();
    problems.add("email", why);
    let form = SignIn { next, kept_path, kept_fields, ..SignIn::default() };
    Page::unprocessable(SignInPage { frame, problems, form }).render(request)
}

/// Where somebody goes from the sign-in, and what they wrote before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Onward {
    pub next: String,
    pub kept_path: String,
    pub kept_fields: String,
}

/// Who somebody is by their e-mail address and password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognised {
    As(MemberId),
    /// They belong together, and the second factor is still to come.
    Half(MemberId),
    /// They do not belong together.
    No,
    /// It was tried too often; the password was not looked at.
    NotUntil(Millis),
}

impl Recognised {
    /// What to tell somebody who was not recognised.
    fn problem(self, now: Millis) -> String {
        match self {
            Self::NotUntil(until) => words::not_looked_at(&brakes::wait_in_words(until, now)),
            _ => words::NOT_RECOGNISED.to_owned(),
        }
    }
}

/// Of one account: a person who forgot tries three or four.
const OF_ACCOUNT: Limit = Limit { free: 5, pause: Duration::from_secs(60), longest: Duration::from_secs(3_600) };
/// From one address: behind it may sit a whole company.
const OF_ADDRESS: Limit = Limit { free: 50, pause: Duration::from_secs(60), longest: Duration::from_secs(3_600) };

/// Where a request came from, as far as the proxies before us say it.
pub fn address(request: &HttpRequest) -> Option<IpAddr> {
    Client::of(request).and_then(|client| client.address)
}

/// Looks whose e-mail address and password these are, and counts the attempt.
pub async fn recognise(app: &App, email: &str, password: &str, address: Option<IpAddr>) -> Result<Recognised, Error> {
    let (email, now) = (clean(email), app.clock.now());
    let account = brakes::of_account("sign-in", &email);
    let household = address.map(|address| brakes::of_address("sign-in", address));
    let tried = (account.clone(), household.clone());
    let refused = app.db.write(move |tx| {
        let (account, household) = tried;
        if let Some(household) = &household
            && let Some(until) = brakes::try_once(tx, household, OF_ADDRESS, now)?
        {
            return Ok::<_, DbError>(Some(until));
        }
        brakes::try_once(tx, &account, OF_ACCOUNT, now)
    });
    if let Some(until) = refused.await? {
        return Ok(Recognised::NotUntil(until));
    }
    let known = app.db.read(move |conn| store::find_for_sign_in(conn, &email)).await?;
    let (id, hash) = known.unzip();
    let right = app.hasher.verify(password.to_owned(), hash).await?;
    let Some(id) = id.filter(|_| right) else { return Ok(Recognised::No) };
    let has_second = app
        .db
        .write(move |tx| {
            brakes::release(tx, &account)?;
            // Whoever knows one password may guess others: only this attempt is taken back.
            household.map_or(Ok(()), |household| brakes::take_back(tx, &household))?;
            store::second::is_on(tx, id)
        })
        .await?;
    Ok(if has_second { Recognised::Half(id) } else { Recognised::As(id) })
}

/// Begins the session of somebody who has just shown that they are this member by something else than the password, and
/// leads on. Whoever has a second factor is asked for it first.
pub async fn admit(
    app: &App,
    frame: Frame,
    id: MemberId,
    next: &str,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let onward = Onward { next: next.to_owned(), ..Onward::default() };
    if app.db.read(move |conn| store::second::is_on(conn, id)).await? {
        return second::step::ask(app, frame, id, onward, request).await;
    }
    let cookie = session::begin(app, id, request).await?;
    welcome(frame, request, cookie, &onward)
}

/// After signing in or up: back to where the person was, or to the text that waited.
pub(super) fn welcome(
    frame: Frame,
    request: &HttpRequest,
    cookie: Cookie<'static>,
    Onward { next, kept_path, kept_fields }: &Onward,
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
