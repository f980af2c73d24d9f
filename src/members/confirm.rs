//! An address is shown to be its owner's: a mail with a link after the sign-up, `GET` and `POST /confirm/{token}` behind it,
//! and `POST /account/confirm` for another one.
//!
//! Whoever signs up is in at once, mail or not: nobody with a question waits for a mail. What needs a sure address looks
//! at `confirmed_at`. Where the site sends no mail nobody is asked.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::one_time::{self, NewOneTime, Purpose, Token};
use super::{MemberId, Own, link, store, words};
use crate::app::App;
use crate::brakes::{self, Limit};
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::mail::{self, Letter, NewMail};
use crate::web::{Error, Frame, Page, redirect};

/// Mails to one address.
const TRIES: Limit = Limit { free: 3, pause: Duration::from_secs(900), longest: Duration::from_secs(24 * 3_600) };

/// A link that is ready to be mailed, with the mail.
pub(super) struct Link {
    token: Token,
    mail: NewMail,
}

impl Link {
    /// `None`: this site sends no mail, and nobody is asked.
    pub fn to(app: &App, email: &str) -> Result<Option<Self>, Error> {
        if !app.mail.is_on() {
            return Ok(None);
        }
        let token = Token::new()?;
        let letter = Letter {
            subject: words::CONFIRM_SUBJECT.to_owned(),
            sentences: vec![
                words::confirm_what(&app.identity.now().name),
                words::CONFIRM_HOW_LONG.to_owned(),
                words::CONFIRM_NOT_YOU.to_owned(),
            ],
            button: Some((words::CONFIRM_BUTTON.to_owned(), format!("/confirm/{}", token.expose()))),
            why: words::CONFIRM_WHY.to_owned(),
        };
        let mail = written(app, &letter, email, format!("confirm-{}", token.mark()))?;
        Ok(Some(Self { token, mail }))
    }

    /// Makes the link good, and posts its mail.
    pub fn post(&self, tx: &mut Tx<'_>, id: MemberId, now: Millis) -> Result<(), DbError> {
        let email = self.mail.address.clone();
        let new = NewOneTime { purpose: Purpose::Confirm, member: Some(id), email, form: String::new() };
        one_time::issue(tx, &self.token, &new, now)?;
        mail::post(tx, &NewMail { to: Some(id.0), ..self.mail.clone() }, now)?;
        Ok(())
    }
}

/// Mails the link to somebody whose account was made elsewhere than at the sign-up.
pub async fn ask(app: &App, id: MemberId, email: &str) -> Result<(), Error> {
    let Some(link) = Link::to(app, email)? else { return Ok(()) };
    let now = app.clock.now();
    app.db.write(move |tx| link.post(tx, id, now)).await?;
    app.mail.wake.notify_one();
    Ok(())
}

/// A letter as a mail to an address; whose it is, is not said.
pub(super) fn written(app: &App, letter: &Letter, email: &str, event: String) -> Result<NewMail, Error> {
    Ok(letter.to(&app.identity.now(), None, email, event)?)
}

/// `POST /account/confirm`: another mail.
pub async fn again(app: web::Data<App>, Own(member): Own) -> Result<HttpResponse, Error> {
    let account = app.db.read(move |conn| store::account::load_account(conn, member.id)).await?;
    let Some(link) = Link::to(&app, &account.email)?.filter(|_| account.confirmed_at.is_none()) else {
        return Ok(redirect("/account"));
    };
    let (id, now) = (member.id, app.clock.now());
    let told = app
        .db
        .write(move |tx| {
            let what = brakes::of_account("confirm", &account.email);
            if brakes::try_once(tx, &what, TRIES, now)?.is_some() {
                return Ok::<_, DbError>("confirm-enough");
            }
            link.post(tx, id, now)?;
            Ok("confirm-sent")
        })
        .await?;
    app.mail.wake.notify_one();
    Ok(redirect(format!("/account?told={told}")))
}

#[derive(Template)]
#[template(path = "members/confirm.html")]
struct ConfirmPage {
    frame: Frame,
    email: String,
    /// This very page.
    place: String,
    done: bool,
}

/// `GET /confirm/{token}`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    token: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    match link::find(&app, Purpose::Confirm, &token).await? {
        Some(found) => {
            let place = format!("/confirm/{token}");
            Page::ok(ConfirmPage { frame, email: found.email, place, done: false }).render(&request)
        }
        None => link::dead(frame, Purpose::Confirm, &request),
    }
}

/// `POST /confirm/{token}`
pub async fn confirm(
    app: web::Data<App>,
    frame: Frame,
    token: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let confirmed = link::take(&app, Purpose::Confirm, &token, |tx, found, now| {
        let Some(member) = found.member else { return Ok(None) };
        Ok(store::confirm(tx, member, &found.email, now)?.then_some(found.email))
    });
    match confirmed.await? {
        Some(email) => Page::ok(ConfirmPage { frame, email, place: String::new(), done: true }).render(&request),
        None => link::dead(frame, Purpose::Confirm, &request),
    }
}
