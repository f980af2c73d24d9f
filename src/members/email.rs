//! Another e-mail address: `GET` and `POST /account/email` ask for it with the password, `GET` and `POST /email/{token}` take it
//! once its mailbox was opened. The old address is told, so that a thief does not go unseen.
//!
//! Where the site sends no mail the new address counts at once, unconfirmed. Whether somebody else has it is said only
//! there, where the sign-up says it too, and to whoever opened the mailbox.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::confirm::written;
use super::one_time::{self, NewOneTime, Purpose, Token};
use super::{Account, Own, Posted, create, link, prove, store, words};
use crate::app::App;
use crate::brakes::{self, Limit};
use crate::db::DbError;
use crate::mail::{self, Letter, NewMail};
use crate::web::{Error, Frame, Page, Problems, redirect};

/// Mails of one account to new addresses.
const TRIES: Limit = Limit { free: 5, pause: Duration::from_secs(900), longest: Duration::from_secs(24 * 3_600) };

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct EmailForm {
    email: String,
    password: String,
    /// Of the second factor, where it is on.
    code: String,
}

#[derive(Template)]
#[template(path = "members/email.html")]
struct EmailPage {
    frame: Frame,
    problems: Problems,
    form: EmailForm,
    account: Account,
    /// The new address has to be confirmed by a mail.
    can_mail: bool,
}

#[derive(Template)]
#[template(path = "members/new_email.html")]
struct NewEmailPage {
    frame: Frame,
    email: String,
    /// This very page.
    place: String,
    done: bool,
}

/// `GET /account/email`
pub async fn show(app: web::Data<App>, frame: Frame, Own(member): Own) -> Result<Page<impl Template>, Error> {
    let account = app.db.read(move |conn| store::account::load_account(conn, member.id)).await?;
    let (problems, form) = (Problems::default(), EmailForm::default());
    Ok(Page::ok(EmailPage { frame, problems, form, account, can_mail: app.mail.is_on() }))
}

/// `POST /account/email`
pub async fn ask(
    app: web::Data<App>,
    frame: Frame,
    posted: Posted<Own, EmailForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (Own(member), form) = (posted.by, posted.form);
    let account = app.db.read(move |conn| store::account::load_account(conn, member.id)).await?;
    let mut problems = Problems::default();
    let email = problems.text("email", words::YOUR_NEW_EMAIL, &form.email, 200);
    create::check_email(&mut problems, "email", &email);
    if problems.is_empty() && email == account.email {
        problems.add("email", words::EMAIL_IS_YOURS);
    }
    prove::owner(&app, member.id, &mut problems, "password", (&form.password, &form.code)).await?;
    let mut told = None;
    if problems.is_empty() {
        told = match app.mail.is_on() {
            true => mail_link(&app, &account, email, &mut problems).await?,
            false => take_at_once(&app, &account, email, &mut problems).await?,
        };
    }
    match told {
        Some(told) => Ok(redirect(format!("/account?told={told}"))),
        None => Page::unprocessable(EmailPage { frame, problems, form, account, can_mail: app.mail.is_on() })
            .render(&request),
    }
}

/// Without mail nobody can show that an address is theirs.
async fn take_at_once(
    app: &App,
    account: &Account,
    email: String,
    problems: &mut Problems,
) -> Result<Option<&'static str>, Error> {
    let id = account.id;
    match app.db.write(move |tx| store::account::set_email(tx, id, &email, None)).await {
        Ok(()) => Ok(Some("email-changed")),
        Err(error) if error.is_unique_violation() => {
            problems.add("email", words::NEW_EMAIL_TAKEN);
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Mails the link to the new address, and a note to the old one. Somebody else who has the new address is told instead.
async fn mail_link(
    app: &App,
    account: &Account,
    email: String,
    problems: &mut Problems,
) -> Result<Option<&'static str>, Error> {
    let (token, now, id) = (Token::new()?, app.clock.now(), account.id);
    let link = NewMail { to: Some(id.0), ..written(app, &to_new(&token), &email, format!("change-{}", token.mark()))? };
    let taken = written(app, &to_taken(), &email, format!("taken-{}", token.mark()))?;
    let note =
        NewMail { to: Some(id.0), ..written(app, &to_old(), &account.email, format!("changing-{}", token.mark()))? };
    // Another spelling of one's own address is one's own.
    let own = email.to_lowercase() == account.email.to_lowercase();
    let refused = app.db.write(move |tx| {
        let what = brakes::of_account("change", &id.to_string());
        if let Some(until) = brakes::try_once(tx, &what, TRIES, now)? {
            return Ok::<_, DbError>(Some(until));
        }
        if !own && store::email_is_taken(tx, &email)? {
            mail::post(tx, &taken, now)?;
        } else {
            let new = NewOneTime { purpose: Purpose::Change, member: Some(id), email, form: String::new() };
            one_time::issue(tx, &token, &new, now)?;
            mail::post(tx, &link, now)?;
        }
        mail::post(tx, &note, now)?;
        Ok(None)
    });
    if let Some(until) = refused.await? {
        let wait = brakes::wait_in_words(until, now);
        problems.add("email", words::asked_too_often(&wait));
        return Ok(None);
    }
    app.mail.wake.notify_one();
    Ok(Some("email-asked"))
}

fn to_new(token: &Token) -> Letter {
    Letter {
        subject: words::NEW_EMAIL_SUBJECT.to_owned(),
        sentences: vec![words::NEW_EMAIL_WHAT.to_owned(), words::NEW_EMAIL_HOW_LONG.to_owned()],
        button: Some((words::NEW_EMAIL_BUTTON.to_owned(), format!("/email/{}", token.expose()))),
        why: words::NEW_EMAIL_WHY.to_owned(),
    }
}

fn to_taken() -> Letter {
    Letter {
        subject: words::TAKEN_EMAIL_SUBJECT.to_owned(),
        sentences: vec![words::TAKEN_EMAIL_WHAT.to_owned(), words::TAKEN_EMAIL_THEN.to_owned()],
        button: Some((words::SIGN_IN.to_owned(), "/sign-in".to_owned())),
        why: words::NEW_EMAIL_WHY.to_owned(),
    }
}

fn to_old() -> Letter {
    Letter {
        subject: words::OLD_EMAIL_SUBJECT.to_owned(),
        sentences: vec![words::OLD_EMAIL_WHAT.to_owned(), words::OLD_EMAIL_THEN.to_owned()],
        button: Some((words::OLD_EMAIL_BUTTON.to_owned(), "/account/password".to_owned())),
        why: words::OLD_EMAIL_WHY.to_owned(),
    }
}

/// `GET /email/{token}`
pub async fn open(
    app: web::Data<App>,
    frame: Frame,
    token: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    match link::find(&app, Purpose::Change, &token).await? {
        Some(found) => {
            let place = format!("/email/{token}");
            Page::ok(NewEmailPage { frame, email: found.email, place, done: false }).render(&request)
        }
        None => link::dead(frame, Purpose::Change, &request),
    }
}

/// `POST /email/{token}`
pub async fn change(
    app: web::Data<App>,
    frame: Frame,
    token: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let changed = link::take(&app, Purpose::Change, &token, |tx, found, now| {
        let Some(member) = found.member else { return Ok(None) };
        store::account::set_email(tx, member, &found.email, Some(now))?;
        // What was mailed to the old address opens nothing any more.
        one_time::end(tx, member, &[Purpose::Reset, Purpose::Confirm], now)?;
        Ok(Some(found.email))
    });
    match changed.await {
        Ok(Some(email)) => Page::ok(NewEmailPage { frame, email, place: String::new(), done: true }).render(&request),
        Ok(None) => link::dead(frame, Purpose::Change, &request),
        Err(error) if error.is_unique_violation() => link::dead(frame, Purpose::Change, &request),
        Err(error) => Err(error.into()),
    }
}
