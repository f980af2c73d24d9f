//! The second factor: a code of one's phone beside the password. `GET` and `POST /account/second` set it up, `POST
//! /account/second/on`, `/off` and `/codes` turn it on, off, and make new recovery codes; the step at the sign-in is `step`.
//!
//! The secret is sealed like every secret in the database. A code is used once, and guesses are braked for each account,
//! whichever window they come from.

mod codes;
pub mod step;
mod totp;
mod words;

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use self::totp::{Shared, Shown};
use super::store::{self, second as stored};
use super::{Account, MemberId, Own, Posted, load_account, prove, session_mark};
use crate::app::App;
use crate::brakes::{self, Limit};
use crate::clock::Millis;
use crate::db::DbError;
use crate::web::{Error, Frame, Page, Problems, redirect};

const TRIES: Limit = Limit { free: 5, pause: Duration::from_secs(60), longest: Duration::from_secs(3_600) };

/// Asks for a code of the second factor, where it is on. `false`: `problems` says at `code` what is wrong.
pub(super) async fn prove_code(app: &App, id: MemberId, problems: &mut Problems, typed: &str) -> Result<bool, Error> {
    let (code, now) = (codes::plain(typed), app.clock.now());
    if code.is_empty() {
        problems.add("code", words::CODE_MISSING);
        return Ok(false);
    }
    let what = brakes::of_account("second", &id.to_string());
    let tried = what.clone();
    if let Some(until) = app.db.write(move |tx| brakes::try_once(tx, &tried, TRIES, now)).await? {
        let wait = brakes::wait_in_words(until, now);
        problems.add("code", words::too_many_codes(&wait));
        return Ok(false);
    }
    if !is_right(app, id, code, now).await? {
        let why = words::CODE_WRONG;
        problems.add("code", why);
        return Ok(false);
    }
    app.db.write(move |tx| brakes::release(tx, &what)).await?;
    Ok(true)
}

/// Uses a code up.
async fn is_right(app: &App, id: MemberId, code: String, now: Millis) -> Result<bool, Error> {
    if !codes::is_of_a_phone(&code) {
        return Ok(app.db.write(move |tx| stored::use_code(tx, id, &codes::hash(&code), now)).await?);
    }
    let (known, email) =
        app.db.read(move |conn| Ok::<_, DbError>((stored::load(conn, id)?, load_account(conn, id)?.email))).await?;
    let Some(sealed) = known.secret.filter(|_| known.since.is_some()) else { return Ok(false) };
    let Some(step) = Shared::open(app, id, &email, &sealed)?.step_of(&code, now) else { return Ok(false) };
    Ok(app.db.write(move |tx| stored::use_step(tx, id, step)).await?)
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct SecondForm {
    password: String,
    code: String,
}

#[derive(Template)]
#[template(path = "members/second.html")]
struct SecondPage {
    frame: Frame,
    problems: Problems,
    /// The form that the problems are of.
    form: &'static str,
    account: Account,
    /// Recovery codes that are left.
    left: i64,
    /// Whose address is not sure yet could shut its owner out with a second factor.
    must_confirm: bool,
    /// What the phone takes, while it is set up.
    shown: Option<Shown>,
}

/// What is shown only once.
#[derive(Template)]
#[template(path = "members/recovery_codes.html")]
struct CodesPage {
    frame: Frame,
    codes: Vec<String>,
}

impl SecondPage {
    fn problems_of<'a>(&'a self, form: &str, none: &'a Problems) -> &'a Problems {
        if self.form == form { &self.problems } else { none }
    }
}

async fn page(
    app: &App,
    frame: Frame,
    id: MemberId,
    (form, problems): (&'static str, Problems),
    shown: Option<Shown>,
) -> Result<SecondPage, Error> {
    let (account, left) =
        app.db.read(move |conn| Ok::<_, DbError>((load_account(conn, id)?, stored::count_codes(conn, id)?))).await?;
    let must_confirm = must_confirm(app, &account);
    Ok(SecondPage { frame, problems, form, account, left, must_confirm, shown })
}

/// Where addresses can be shown to be somebody's, this one was not.
fn must_confirm(app: &App, account: &Account) -> bool {
    app.mail.is_on() && account.confirmed_at.is_none()
}

/// `GET /account/second`
pub async fn show(app: web::Data<App>, frame: Frame, Own(member): Own) -> Result<Page<impl Template>, Error> {
    Ok(Page::ok(page(&app, frame, member.id, ("", Problems::default()), None).await?))
}

/// `POST /account/second`: shows a new secret, to be taken over by a phone.
pub async fn begin(
    app: web::Data<App>,
    frame: Frame,
    posted: Posted<Own, SecondForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (Own(member), mut problems) = (posted.by, Problems::default());
    let id = member.id;
    let account = app.db.read(move |conn| load_account(conn, id)).await?;
    if must_confirm(&app, &account) {
        problems.add("password", words::CONFIRM_FIRST);
    } else {
        prove::password(&app, id, &mut problems, "password", &posted.form.password).await?;
    }
    if !problems.is_empty() {
        return Page::unprocessable(page(&app, frame, id, ("begin", problems), None).await?).render(&request);
    }
    let email = account.email;
    let shared = Shared::new(&app, &email)?;
    let sealed = shared.seal(&app, id)?;
    if !app.db.write(move |tx| stored::keep(tx, id, &sealed)).await? {
        return Ok(redirect("/account/second"));
    }
    Page::ok(page(&app, frame, id, ("", problems), Some(shared.shown()?)).await?).render(&request)
}

/// `POST /account/second/on`: the phone has it, as its first code shows.
pub async fn turn_on(
    app: web::Data<App>,
    frame: Frame,
    posted: Posted<Own, SecondForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (Own(member), now, mut problems) = (posted.by, app.clock.now(), Problems::default());
    let id = member.id;
    let (known, account) =
        app.db.read(move |conn| Ok::<_, DbError>((stored::load(conn, id)?, load_account(conn, id)?))).await?;
    // The address may be another since it was begun.
    let Some(sealed) = known.secret.filter(|_| known.since.is_none() && !must_confirm(&app, &account)) else {
        return Ok(redirect("/account/second"));
    };
    let shared = Shared::open(&app, id, &account.email, &sealed)?;
    let Some(step) = shared.step_of(&codes::plain(&posted.form.code), now) else {
        let why = words::CODE_OF_THE_PHONE_WRONG;
        problems.add("code", why);
        return Page::unprocessable(page(&app, frame, id, ("on", problems), Some(shared.shown()?)).await?)
            .render(&request);
    };
    let (codes, kept) = (codes::new()?, session_mark(&request));
    let hashes = hashes(&codes);
    let on = app
        .db
        .write(move |tx| {
            if !stored::turn_on(tx, id, &sealed, step, now)? {
                return Ok(false);
            }
            stored::set_codes(tx, id, &hashes)?;
            // Whoever is in without a code is out.
            store::shut_out(tx, id, kept.as_deref())?;
            Ok::<_, DbError>(true)
        })
        .await?;
    if !on {
        return Ok(redirect("/account/second"));
    }
    Page::ok(CodesPage { frame, codes }).render(&request)
}

fn hashes(codes: &[String]) -> Vec<String> {
    codes.iter().map(|code| codes::hash(&codes::plain(code))).collect()
}

/// `POST /account/second/codes`: new recovery codes; the earlier ones end.
pub async fn new_codes(
    app: web::Data<App>,
    frame: Frame,
    posted: Posted<Own, SecondForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (Own(member), mut problems) = (posted.by, Problems::default());
    let id = member.id;
    if !prove_code(&app, id, &mut problems, &posted.form.code).await? {
        return Page::unprocessable(page(&app, frame, id, ("codes", problems), None).await?).render(&request);
    }
    let codes = codes::new()?;
    let hashes = hashes(&codes);
    app.db.write(move |tx| stored::set_codes(tx, id, &hashes)).await?;
    Page::ok(CodesPage { frame, codes }).render(&request)
}

/// `POST /account/second/off`
pub async fn turn_off(
    app: web::Data<App>,
    frame: Frame,
    posted: Posted<Own, SecondForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (Own(member), form, mut problems) = (posted.by, posted.form, Problems::default());
    let id = member.id;
    prove::owner(&app, id, &mut problems, "password", (&form.password, &form.code)).await?;
    if !problems.is_empty() {
        return Page::unprocessable(page(&app, frame, id, ("off", problems), None).await?).render(&request);
    }
    app.db.write(move |tx| stored::turn_off(tx, id)).await?;
    Ok(redirect("/account?told=second-off"))
}
