//! The step between the password and the session, for whoever has a second factor: `POST /sign-in/second`.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::super::one_time::{self, NewOneTime, Purpose, Token};
use super::super::sign_in::{self, Onward};
use super::super::{MemberId, session, words};
use super::prove_code;
use crate::app::App;
use crate::web::form::Form;
use crate::web::{Error, Frame, Page, Problems};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct StepForm {
    /// Says that the password was right.
    token: String,
    code: String,
    next: String,
    kept_path: String,
    kept_fields: String,
}

#[derive(Template)]
#[template(path = "members/step.html")]
struct StepPage {
    frame: Frame,
    problems: Problems,
    token: String,
    onward: Onward,
}

/// Asks a member, whose password was right, for a code.
pub(in crate::members) async fn ask(
    app: &App,
    frame: Frame,
    id: MemberId,
    onward: Onward,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let (token, now) = (Token::new()?, app.clock.now());
    let issued = token.clone();
    let new = NewOneTime { purpose: Purpose::Second, member: Some(id), email: String::new(), form: String::new() };
    app.db.write(move |tx| one_time::issue(tx, &issued, &new, now)).await?;
    let token = token.expose().to_owned();
    Page::ok(StepPage { frame, problems: Problems::default(), token, onward }).render(request)
}

/// `POST /sign-in/second`
pub async fn take(
    app: web::Data<App>,
    frame: Frame,
    form: Form<StepForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let StepForm { token, code, next, kept_path, kept_fields } = form.value;
    let (onward, now) = (Onward { next, kept_path, kept_fields }, app.clock.now());
    let sought = Token::read(&token);
    let found = app.db.read(move |conn| one_time::find(conn, &sought, Purpose::Second, now)).await?;
    let Some(id) = found.and_then(|found| found.member) else { return over(frame, onward, &request) };
    let mut problems = Problems::default();
    if !prove_code(&app, id, &mut problems, &code).await? {
        return Page::unprocessable(StepPage { frame, problems, token, onward }).render(&request);
    }
    let used = Token::read(&token);
    if app.db.write(move |tx| one_time::take(tx, &used, Purpose::Second, now)).await?.is_none() {
        return over(frame, onward, &request);
    }
    let cookie = session::begin(&app, id, &request).await?;
    sign_in::welcome(frame, &request, cookie, &onward)
}

/// The password has to be typed again; what waits stays.
fn over(frame: Frame, onward: Onward, request: &HttpRequest) -> Result<HttpResponse, Error> {
    let why = words::STEP_TOO_OLD;
    sign_in::again(frame, why, onward, request)
}
