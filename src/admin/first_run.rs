//! `/first-run/{token}`: the first administrator of a new site comes in, by the one-time link that `serve` writes into its
//! log while nobody is at the desk. Of two who open it at once one wins, and the other learns that.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::join::{Refused, came_twice, signed_in};
use super::words;
use super::{note, site};
use crate::app::App;
use crate::audit::Act;
use crate::clock::Millis;
use crate::db::Tx;
use crate::members::confirm;
use crate::members::create::{self, Checked, NewAccount};
use crate::members::invitations::{self, Token};
use crate::members::{self, MemberId, Role};
use crate::settings::{self, Site};
use crate::web::form::{Form, clean};
use crate::web::{Error, Frame, Page, Problems};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct FirstForm {
    name: String,
    email: String,
    password: String,
    site_name: String,
    address: String,
    /// The address leads here, though the browser is at another one.
    sure: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/first_run.html")]
struct FirstPage {
    frame: Frame,
    problems: Problems,
    form: FirstForm,
    place: String,
    /// Whether the address must be vouched for.
    asks_sure: bool,
}

/// While nobody is at the desk: a new link to the page of the first administrator. Earlier ones die.
pub async fn invite(app: &App) -> Result<Option<String>, Error> {
    let (token, now) = (Token::new()?, app.clock.now());
    let made = token.clone();
    let is_needed = app.db.write(move |tx| invitations::invite_first(tx, &made, now)).await?;
    Ok(is_needed.then(|| format!("{}/first-run/{}", app.identity.now().address, token.expose())))
}

/// `GET /first-run/{token}`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    token: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    see_it_holds(&app, &token).await?;
    let known = app.identity.now();
    let form = FirstForm { site_name: known.name.clone(), address: known.address.clone(), ..FirstForm::default() };
    let place = format!("/first-run/{token}");
    Page::ok(FirstPage { frame, problems: Problems::default(), form, place, asks_sure: false }).render(&request)
}

async fn see_it_holds(app: &App, token: &str) -> Result<(), Error> {
    let (sought, now) = (Token::read(token), app.clock.now());
    let holds = app
        .db
        .read(move |conn| {
            let found = invitations::find(conn, &sought, now)?.filter(|found| found.created_by.is_none());
            Ok::<_, Error>(found.is_some() && !members::has_any(conn, &Role::DESK)?)
        })
        .await?;
    if holds { Ok(()) } else { Err(over()) }
}

/// Said alike of a link that was used, replaced, or never was.
fn over() -> Error {
    Error::Gone(words::FIRST_LINK_IS_DEAD.to_owned())
}

/// `POST /first-run/{token}`
pub async fn begin(
    app: web::Data<App>,
    frame: Frame,
    token: web::Path<String>,
    form: Form<FirstForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (token, form, now) = (token.into_inner(), form.value, app.clock.now());
    let (typed, place) = ((form.email.clone(), form.password.clone()), "/admin?told=welcome");
    if let Err(dead) = see_it_holds(&app, &token).await {
        return came_twice(&app, &typed, place, dead, &request).await;
    }
    let mut problems = Problems::default();
    let chosen = settings::check(&mut problems, &form.site_name, &form.address);
    let asks_sure = site::asks_sure(&app, &chosen, &request) && problems.is_empty();
    if asks_sure && form.sure.is_none() {
        problems.add("address", site::not_sure(&chosen, &request));
    }
    let account = NewAccount {
        name: form.name.clone(),
        email: form.email.clone(),
        password: form.password.clone(),
        title: String::new(),
        role: Role::Admin,
    };
    let checked = match create::check(&app.db, &app.hasher, account).await? {
        Ok(checked) if problems.is_empty() => Ok(checked),
        Ok(_) => Err(problems),
        Err(mut found) => {
            problems.all().iter().for_each(|(field, problem)| found.add(field.clone(), problem.clone()));
            Err(found)
        }
    };
    let again = |problems| FirstPage { frame, problems, form, place: format!("/first-run/{token}"), asks_sure };
    let account = match checked {
        Ok(account) => account,
        Err(problems) => return Page::unprocessable(again(problems)).render(&request),
    };
    let taken = Token::read(&token);
    match app.db.write(move |tx| found_site(tx, &taken, &account, &chosen, now)).await {
        Ok(id) => {
            settings::follow(&app.db, &app.identity).await?;
            confirm::ask(&app, id, &clean(&typed.0)).await?;
            signed_in(&app, id, place, &request).await
        }
        Err(Refused::EmailTaken) => Page::unprocessable(again(create::taken())).render(&request),
        Err(Refused::Other(dead)) => came_twice(&app, &typed, place, dead, &request).await,
    }
}

/// Makes the administrator and names the site, if nobody did before.
fn found_site(
    tx: &mut Tx<'_>,
    token: &Token,
    account: &Checked,
    chosen: &Site,
    now: Millis,
) -> Result<MemberId, Refused> {
    if !invitations::is_first(tx)? {
        return Err(Refused::Other(over()));
    }
    let id = account.insert(tx, now)?;
    invitations::take(tx, token, id, now)?.ok_or_else(|| Refused::Other(over()))?;
    let seen = settings::load(tx)?.map_or(0, |stored| stored.revision);
    settings::save(tx, seen, chosen, id, now)?;
    note(tx, id, Act::ChangeRole, format!("member-{id}"), "the first administrator", now)?;
    note(tx, id, Act::Setting, "site", format!("{} at {}", chosen.name, chosen.address), now)?;
    Ok(id)
}
