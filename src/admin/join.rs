//! `/invitations/{token}`: whoever holds the link of an invitation takes its role, with the account that they are signed in
//! with or with a new one. Once: the link is used up in the transaction that gives the role.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::note;
use super::words;
use crate::app::App;
use crate::audit::Act;
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::members::confirm;
use crate::members::create::{self, Checked, NewAccount};
use crate::members::invitations::{self, Invitation, Token};
use crate::members::sign_in::Recognised;
use crate::members::{self, Member, MemberId, Viewer};
use crate::web::form::{Form, clean};
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct JoinForm {
    name: String,
    email: String,
    password: String,
}

#[derive(Template)]
#[template(path = "admin/join.html")]
struct JoinPage {
    frame: Frame,
    problems: Problems,
    form: JoinForm,
    invitation: Invitation,
    inviter: String,
    /// Who is signed in.
    me: Option<Member>,
    /// This very page.
    place: String,
}

impl JoinPage {
    /// They have the role already, or a higher one.
    fn has_it(&self) -> bool {
        let rank = |role: members::Role| members::Role::DESK.iter().position(|one| *one == role);
        self.me.as_ref().is_some_and(|me| rank(me.role) >= rank(self.invitation.role))
    }
}

/// `GET /invitations/{token}`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    viewer: Viewer,
    token: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let page = load(&app, frame, viewer, &token, JoinForm::default(), Problems::default()).await?;
    Page::ok(page).render(&request)
}

async fn load(
    app: &App,
    frame: Frame,
    viewer: Viewer,
    token: &str,
    form: JoinForm,
    problems: Problems,
) -> Result<JoinPage, Error> {
    let (sought, now, place) = (Token::read(token), app.clock.now(), format!("/invitations/{token}"));
    let (invitation, cards) = app
        .db
        .read(move |conn| {
            let invitation = invitations::find(conn, &sought, now)?.filter(|found| found.created_by.is_some());
            let invitation = invitation.ok_or_else(over)?;
            let by: Vec<MemberId> = invitation.created_by.into_iter().collect();
            Ok::<_, Error>((invitation, members::load_cards(conn, &by)?))
        })
        .await?;
    let inviter = cards.into_values().next().map_or_else(|| "Somebody".to_owned(), |card| card.name);
    Ok(JoinPage { frame, problems, form, invitation, inviter, me: viewer.0, place })
}

/// Said alike of a link that was used, taken back, is over, or never was.
fn over() -> Error {
    Error::Gone(words::INVITATION_IS_DEAD.to_owned())
}

/// `POST /invitations/{token}`
pub async fn join(
    app: web::Data<App>,
    frame: Frame,
    viewer: Viewer,
    token: web::Path<String>,
    form: Form<JoinForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (token, form, now) = (token.into_inner(), form.value, app.clock.now());
    let typed = (form.email.clone(), form.password.clone());
    // A dead link is said before anything is checked or hashed.
    let page = match load(&app, frame, viewer, &token, form, Problems::default()).await {
        Ok(page) => page,
        Err(dead) => return came_twice(&app, &typed, "/desk", dead, &request).await,
    };
    let taken = Token::read(&token);
    if let Some(me) = page.me.as_ref().map(|me| me.id) {
        if page.has_it() {
            return Page::unprocessable(page).render(&request);
        }
        app.db.write(move |tx| take(tx, &taken, me, now)).await?;
        return Ok(redirect("/desk"));
    }
    let account = NewAccount {
        name: page.form.name.clone(),
        email: page.form.email.clone(),
        password: page.form.password.clone(),
        title: String::new(),
        role: members::Role::Member,
    };
    let made = match create::check(&app.db, &app.hasher, account).await? {
        Ok(checked) => app.db.write(move |tx| take_as_new(tx, &taken, &checked, now)).await,
        Err(problems) => return Page::unprocessable(JoinPage { problems, ..page }).render(&request),
    };
    match made {
        Ok(id) => {
            confirm::ask(&app, id, &clean(&typed.0)).await?;
            signed_in(&app, id, "/desk", &request).await
        }
        Err(Refused::EmailTaken) => {
            Page::unprocessable(JoinPage { problems: create::taken(), ..page }).render(&request)
        }
        Err(Refused::Other(dead)) => came_twice(&app, &typed, "/desk", dead, &request).await,
    }
}

/// The same form, sent twice by a double click: the second time the link is used up, by this very person. Whoever else
/// comes late learns why nothing was done.
pub(super) async fn came_twice(
    app: &App,
    (email, password): &(String, String),
    place: &str,
    dead: Error,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    if !matches!(dead, Error::Gone(_)) {
        return Err(dead);
    }
    match members::sign_in::recognise(app, email, password, None).await? {
        Recognised::As(id) => signed_in(app, id, place, request).await,
        Recognised::Half(_) | Recognised::No | Recognised::NotUntil(_) => Err(dead),
    }
}

/// Begins a session and leads on.
pub(super) async fn signed_in(
    app: &App,
    id: MemberId,
    place: &str,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let mut response = redirect(place);
    let cookie = members::begin_session(app, id, request).await?;
    response.add_cookie(&cookie).map_err(|error| Error::Internal(format!("a cookie could not be written: {error}")))?;
    Ok(response)
}

/// Uses the invitation up and gives its role.
fn take(tx: &mut Tx<'_>, token: &Token, id: MemberId, now: Millis) -> Result<(), Error> {
    let found = invitations::take(tx, token, id, now)?.ok_or_else(over)?;
    members::raise_role(tx, id, found.role, &found.title)?;
    let words = format!("joined by invitation-{} as {}", found.id, found.role.as_str());
    note(tx, id, Act::ChangeRole, format!("member-{id}"), words, now)?;
    Ok(())
}

fn take_as_new(tx: &mut Tx<'_>, token: &Token, account: &Checked, now: Millis) -> Result<MemberId, Refused> {
    let id = account.insert(tx, now)?;
    take(tx, token, id, now).map_err(Refused::Other)?;
    Ok(id)
}

/// Why nobody joined; nothing was written.
pub(super) enum Refused {
    EmailTaken,
    Other(Error),
}

impl From<DbError> for Refused {
    fn from(error: DbError) -> Self {
        if error.is_unique_violation() { Self::EmailTaken } else { Self::Other(error.into()) }
    }
}

impl From<diesel::result::Error> for Refused {
    fn from(error: diesel::result::Error) -> Self {
        DbError::from(error).into()
    }
}
