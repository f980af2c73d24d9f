//! Inviting colleagues: `POST /admin/people/invitations` makes a one-time link, which is shown once, to be passed on by
//! whatever way its maker trusts; `…/{id}/revoke` takes it back.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::people::{LONGEST_TITLE, PeoplePage};
use super::words;
use super::{Nothing, note};
use crate::app::App;
use crate::audit::Act;
use crate::members::invitations::{self, InvitationId, Token};
use crate::members::{Admin, Posted, Role};
use crate::web::form::new_submission;
use crate::web::once::post_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub struct InviteForm {
    pub role: String,
    pub title: String,
    pub submission: String,
}

impl InviteForm {
    pub(super) fn new() -> Self {
        Self { role: Role::Staff.as_str().to_owned(), title: String::new(), submission: new_submission() }
    }
}

/// `POST /admin/people/invitations`
pub async fn invite(
    app: web::Data<App>,
    frame: Frame,
    posted: Posted<Admin, InviteForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let Posted { by, form, kept } = posted;
    let (by, now) = (by.0.id, app.clock.now());
    let mut problems = Problems::default();
    let title = problems.optional_text("title", "The title", &form.title, LONGEST_TITLE).replace('\n', " ");
    let role = Role::parse(&form.role).filter(|role| role.is_at_desk());
    if role.is_none() {
        problems.add("role", words::NO_ROLE_CHOSEN);
    }
    let Some(role) = role.filter(|_| problems.is_empty()) else {
        let mut page = PeoplePage::load(&app, frame, by).await?;
        (page.problems, page.form) = (problems, InviteForm { submission: new_submission(), ..form });
        return Page::unprocessable(page).render(&request);
    };
    let token = Token::new()?;
    let link = format!("{}/invitations/{}", frame.address(), token.expose());
    let (made, sought) = (token.clone(), token);
    post_once(&app.db, kept, now, move |tx| {
        let id = invitations::invite(tx, &made, role, &title, by, now)?;
        note(tx, by, Act::Invite, format!("invitation-{id}"), format!("as {}", role.as_str()), now)?;
        Ok("/admin/people?told=shown".to_owned())
    })
    .await?;
    if app.db.read(move |conn| invitations::find(conn, &sought, now)).await?.is_none() {
        // The same form, sent twice: the link of the first time cannot be shown again.
        return Ok(redirect("/admin/people?told=shown"));
    }
    let mut page = PeoplePage::load(&app, frame, by).await?;
    page.link = Some(link);
    Page::ok(page).render(&request)
}

/// `POST /admin/people/invitations/{id}/revoke`
pub async fn revoke(
    app: web::Data<App>,
    id: web::Path<InvitationId>,
    posted: Posted<Admin, Nothing>,
) -> Result<HttpResponse, Error> {
    let (id, by, now) = (id.into_inner(), posted.by.0.id, app.clock.now());
    let told = app
        .db
        .write(move |tx| {
            if !invitations::revoke(tx, id, now)? {
                return Ok::<_, Error>("gone");
            }
            note(tx, by, Act::Invite, format!("invitation-{id}"), "taken back", now)?;
            Ok("saved")
        })
        .await?;
    Ok(redirect(format!("/admin/people?told={told}")))
}
