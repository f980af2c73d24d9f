//! The end of an account: `GET` and `POST /account/leave`, with password and code, and `GET /left`.
//!
//! Name, address, handle, profile, sessions and notices go at once. What the member wrote stays, under "Former member": a
//! thread belongs to all who wrote in it. The last administrator cannot leave.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::words;
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::members::{self, Account, MemberId, Own, Posted, Role, RoleChange, load_account, prove_owner, sign_out};
use crate::web::{Error, Frame, Page, Problems, redirect};
use crate::{files, follows, mail, notices, posts, profiles, queue, teams};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct LeaveForm {
    password: String,
    code: String,
}

#[derive(Template)]
#[template(path = "leaving/leave.html")]
struct LeavePage {
    frame: Frame,
    problems: Problems,
    account: Account,
}

#[derive(Template)]
#[template(path = "leaving/left.html")]
struct LeftPage {
    frame: Frame,
}

/// `GET /account/leave`
pub async fn show(app: web::Data<App>, frame: Frame, Own(member): Own) -> Result<Page<impl Template>, Error> {
    let account = app.db.read(move |conn| load_account(conn, member.id)).await?;
    Ok(Page::ok(LeavePage { frame, problems: Problems::default(), account }))
}

/// `POST /account/leave`
pub async fn leave(
    app: web::Data<App>,
    frame: Frame,
    posted: Posted<Own, LeaveForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (Own(member), form, now) = (posted.by, posted.form, app.clock.now());
    let mut problems = Problems::default();
    let id = member.id;
    prove_owner(&app, id, &mut problems, "password", (&form.password, &form.code)).await?;
    if problems.is_empty() && app.db.write(move |tx| end(tx, id, now)).await? {
        let mut response = redirect("/left");
        sign_out::take_cookie(&app, &mut response)?;
        return Ok(response);
    }
    if problems.is_empty() {
        let why = words::ONLY_ADMINISTRATOR;
        problems.add("password", why);
    }
    let account = app.db.read(move |conn| load_account(conn, id)).await?;
    Page::unprocessable(LeavePage { frame, problems, account }).render(&request)
}

/// `false`: it is the last administrator.
fn end(tx: &mut Tx<'_>, id: MemberId, now: Millis) -> Result<bool, Error> {
    let role = members::load_member(tx, id)?.role;
    if role.is_at_desk() {
        match members::change_role(tx, id, role, Role::Member, now)? {
            RoleChange::Done => {}
            RoleChange::LastAdmin => return Ok(false),
            // Changed at this very moment: the same form is right once more.
            RoleChange::NotAsSeen => return Err(Error::Busy { kept: None }),
        }
        queue::release_member(tx, id)?;
        teams::leave_all(tx, id)?;
        let entry = Entry::new(id, Act::ChangeRole, format!("member-{id}"), now);
        audit::record(tx, &Entry { words: format!("{} -> left", role.as_str()), ..entry })?;
    }
    forget(tx, id, now)?;
    Ok(true)
}

fn forget(tx: &mut Tx<'_>, id: MemberId, now: Millis) -> Result<(), DbError> {
    members::erase(tx, id, now)?;
    notices::forget(tx, id)?;
    follows::forget(tx, id)?;
    profiles::forget(tx, id)?;
    mail::forget(tx, id.0)?;
    files::released(tx, files::Place::Member(id))?;
    posts::author_changed(tx, id, now)
}

/// `GET /left`
pub async fn left(frame: Frame) -> Result<Page<impl Template>, Error> {
    Ok(Page::ok(LeftPage { frame }))
}
