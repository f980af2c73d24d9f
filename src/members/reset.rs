//! A forgotten password: `GET` and `POST /reset` mail a link, `GET` and `POST /reset/{token}` take the new password.
//!
//! What is said is the same for every address: nobody reads here who has an account.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::one_time::{self, NewOneTime, Purpose, Token};
use super::{create, link, sign_in, store, words};
use crate::app::App;
use crate::brakes;
use crate::db::DbError;
use crate::mail::{self, Letter};
use crate::web::form::Form;
use crate::web::{Error, Frame, Page, Problems};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    email: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Chosen {
    password: String,
}

#[derive(Template)]
#[template(path = "members/reset.html")]
struct ResetPage {
    frame: Frame,
    problems: Problems,
    form: Asked,
    /// Without mail only somebody at the server's terminal can help.
    can_mail: bool,
    is_asked: bool,
}

#[derive(Template)]
#[template(path = "members/new_password.html")]
struct NewPasswordPage {
    frame: Frame,
    problems: Problems,
    /// This very page.
    place: String,
}

/// `GET /reset`
pub async fn show(app: web::Data<App>, frame: Frame, request: HttpRequest) -> Result<HttpResponse, Error> {
    Page::ok(page(&app, frame, Problems::default(), Asked::default(), false)).render(&request)
}

fn page(app: &App, frame: Frame, problems: Problems, form: Asked, is_asked: bool) -> ResetPage {
    ResetPage { frame, problems, form, can_mail: app.mail.is_on(), is_asked }
}

/// `POST /reset`
pub async fn ask(
    app: web::Data<App>,
    frame: Frame,
    form: Form<Asked>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let form = form.value;
    let mut problems = Problems::default();
    let email = problems.text("email", "Your e-mail address", &form.email, 200);
    if !problems.is_empty() {
        return Page::unprocessable(page(&app, frame, problems, form, false)).render(&request);
    }
    if let Some(why) = link::brake(&app, "reset", &email, &request).await? {
        problems.add("email", why);
        return Page::unprocessable(page(&app, frame, problems, form, false)).render(&request);
    }
    if app.mail.is_on() {
        mail_link(&app, email).await?;
    }
    Page::ok(page(&app, frame, problems, form, true)).render(&request)
}

/// Mails the link, where somebody has this address.
async fn mail_link(app: &App, email: String) -> Result<(), Error> {
    let token = Token::new()?;
    let asked = email.clone();
    let Some((id, _)) = app.db.read(move |conn| store::find_for_sign_in(conn, &asked)).await? else { return Ok(()) };
    let letter = letter(&token);
    // What names the mail must not open anything: the link's hash.
    let event = format!("reset-{}", token.mark());
    let written = letter.to(&app.identity.now(), Some(id.0), &email, event)?;
    let now = app.clock.now();
    app.db
        .write(move |tx| {
            let new = NewOneTime { purpose: Purpose::Reset, member: Some(id), email, form: String::new() };
            one_time::issue(tx, &token, &new, now)?;
            mail::post(tx, &written, now)?;
            Ok::<_, DbError>(())
        })
        .await?;
    app.mail.wake.notify_one();
    Ok(())
}

fn letter(token: &Token) -> Letter {
    Letter {
        subject: words::RESET_SUBJECT.to_owned(),
        sentences: vec![words::RESET_WHAT.to_owned(), words::RESET_HOW_LONG.to_owned()],
        button: Some((words::RESET_BUTTON.to_owned(), format!("/reset/{}", token.expose()))),
        why: words::RESET_WHY.to_owned(),
    }
}

/// `GET /reset/{token}`
pub async fn choose(
    app: web::Data<App>,
    frame: Frame,
    token: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    if link::find(&app, Purpose::Reset, &token).await?.is_none() {
        return link::dead(frame, Purpose::Reset, &request);
    }
    Page::ok(NewPasswordPage { frame, problems: Problems::default(), place: format!("/reset/{token}") })
        .render(&request)
}

/// `POST /reset/{token}`
pub async fn change(
    app: web::Data<App>,
    frame: Frame,
    token: web::Path<String>,
    form: Form<Chosen>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let Some(found) = link::find(&app, Purpose::Reset, &token).await? else {
        return link::dead(frame, Purpose::Reset, &request);
    };
    let mut problems = Problems::default();
    create::check_password(&mut problems, &form.value.password, &[&found.email]);
    if !problems.is_empty() {
        let page = NewPasswordPage { frame, problems, place: format!("/reset/{token}") };
        return Page::unprocessable(page).render(&request);
    }
    let hash = app.hasher.hash(form.value.password).await?;
    let changed = link::take(&app, Purpose::Reset, &token, move |tx, found, now| {
        let Some(id) = found.member else { return Ok(None) };
        store::set_password(tx, id, &hash)?;
        // Whoever opened the link has the mailbox. A second factor from before anybody had shown that is a stranger's.
        if store::account::load_account(tx, id)?.confirmed_at.is_none() {
            store::second::turn_off(tx, id)?;
        }
        store::confirm(tx, id, &found.email, now)?;
        brakes::release(tx, &brakes::of_account("sign-in", &found.email))?;
        Ok(Some(id))
    });
    match changed.await? {
        Some(id) => sign_in::admit(&app, frame, id, "/", &request).await,
        None => link::dead(frame, Purpose::Reset, &request),
    }
}
