//! `/admin/people`: everybody at the desk, with role and title, and the invitations that are open. A role counts from the
//! next request on; who leaves the desk gives back what they held.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::invitations::InviteForm;
use super::words;
use super::{Asked, Told, note};
use crate::app::App;
use crate::audit::Act;
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::members::invitations::{Invitation, list_open};
use crate::members::{self, Admin, Card, Cards, MemberId, Posted, Role, RoleChange};
use crate::queue;
use crate::teams::{self, Team};
use crate::web::form::clean;
use crate::web::{Error, Frame, Page, Problems, redirect};

pub(super) const LONGEST_TITLE: usize = 80;

#[derive(Template)]
#[template(path = "admin/people.html")]
pub(super) struct PeoplePage {
    pub frame: Frame,
    pub told: Option<Told>,
    /// Of the form of an invitation.
    pub problems: Problems,
    pub form: InviteForm,
    /// The link of the invitation that was just made, to copy.
    pub link: Option<String>,
    people: Vec<Card>,
    teams: Vec<Team>,
    invitations: Vec<Invitation>,
    by: Cards,
    /// Who looks.
    me: MemberId,
}

impl PeoplePage {
    pub async fn load(app: &App, frame: Frame, me: MemberId) -> Result<Self, Error> {
        let now = frame.now;
        let (people, teams, invitations, by) = app
            .db
            .read(move |conn| {
                let invitations = list_open(conn, now)?;
                let by: Vec<MemberId> = invitations.iter().filter_map(|invitation| invitation.created_by).collect();
                let by = members::load_cards(conn, &by)?;
                Ok::<_, DbError>((members::list_desk(conn)?, teams::list(conn)?, invitations, by))
            })
            .await?;
        let (form, problems) = (InviteForm::new(), Problems::default());
        Ok(Self { frame, told: None, problems, form, link: None, people, teams, invitations, by, me })
    }

    fn roles(&self) -> [Role; 3] {
        Role::DESK
    }

    fn is_me(&self, card: &Card) -> bool {
        card.id == self.me
    }

    fn is_last_admin(&self, card: &Card) -> bool {
        card.role == Role::Admin && self.people.iter().filter(|one| one.role == Role::Admin).count() == 1
    }

    fn teams_of(&self, card: &Card) -> String {
        let theirs = self.teams.iter().filter(|team| team.members.contains(&card.id));
        theirs.map(|team| team.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    fn inviter(&self, invitation: &Invitation) -> &str {
        invitation.created_by.and_then(|id| self.by.get(&id)).map_or("somebody", |card| card.name.as_str())
    }

    fn is_chosen(&self, role: &Role) -> bool {
        self.form.role == role.as_str()
    }
}

/// `GET /admin/people`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    admin: Admin,
    asked: web::Query<Asked>,
) -> Result<Page<impl Template>, Error> {
    let page = PeoplePage::load(&app, frame, admin.0.id).await?;
    Ok(Page::ok(PeoplePage { told: asked.told, ..page }))
}

#[derive(Deserialize)]
pub struct RoleForm {
    /// What the page showed.
    seen_role: String,
    seen_title: String,
    role: String,
    #[serde(default)]
    title: String,
}

/// `POST /admin/people/{id}`: another role, another title, or both.
pub async fn change(
    app: web::Data<App>,
    id: web::Path<MemberId>,
    posted: Posted<Admin, RoleForm>,
) -> Result<HttpResponse, Error> {
    let (id, by, now, form) = (id.into_inner(), posted.by.0.id, app.clock.now(), posted.form);
    let unknown = || Error::BadRequest(words::NO_ROLE.to_owned());
    let at_desk = |word: &str| Role::parse(word).filter(|role| role.is_at_desk()).ok_or_else(unknown);
    let (seen, new) = (at_desk(&form.seen_role)?, at_desk(&form.role)?);
    let title = clean(&form.title).replace('\n', " ");
    if title.chars().count() > LONGEST_TITLE {
        let why = words::title_too_long(LONGEST_TITLE);
        return Err(Error::BadRequest(why));
    }
    let told = app
        .db
        .write(move |tx| {
            if seen != new {
                match give_role(tx, id, (seen, new), by, now)? {
                    RoleChange::Done => {}
                    RoleChange::NotAsSeen => return Ok("changed"),
                    RoleChange::LastAdmin => return Ok("last"),
                }
            }
            if title != form.seen_title {
                if !members::set_title(tx, id, &form.seen_title, &title)? {
                    // The role goes with it: half a form is nobody's wish.
                    return Err(Undone::Changed);
                }
                note(tx, by, Act::ChangeRole, format!("member-{id}"), format!("title: {title}"), now)?;
            }
            Ok::<_, Undone>("saved")
        })
        .await;
    let told = match told {
        Ok(told) => told,
        Err(Undone::Changed) => "changed",
        Err(Undone::Db(error)) => return Err(error.into()),
    };
    Ok(redirect(format!("/admin/people?told={told}#person-{id}")))
}

/// Why a transaction wrote nothing.
enum Undone {
    Changed,
    Db(DbError),
}

impl From<DbError> for Undone {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl From<diesel::result::Error> for Undone {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}

#[derive(Deserialize)]
pub struct Leaving {
    /// What the page showed.
    seen_role: String,
}

/// `POST /admin/people/{id}/remove`: no more at the desk; the account stays, as a member's.
pub async fn remove(
    app: web::Data<App>,
    id: web::Path<MemberId>,
    posted: Posted<Admin, Leaving>,
) -> Result<HttpResponse, Error> {
    let (id, by, now) = (id.into_inner(), posted.by.0.id, app.clock.now());
    let Some(seen) = Role::parse(&posted.form.seen_role).filter(|role| role.is_at_desk()) else {
        return Ok(redirect("/admin/people?told=changed"));
    };
    let change = app.db.write(move |tx| give_role(tx, id, (seen, Role::Member), by, now)).await?;
    let told = match change {
        RoleChange::Done => "saved",
        RoleChange::NotAsSeen => "changed",
        RoleChange::LastAdmin => "last",
    };
    // Who took themselves off may not see that page any more.
    Ok(redirect(if id == by && change == RoleChange::Done {
        "/".to_owned()
    } else {
        format!("/admin/people?told={told}")
    }))
}

fn give_role(
    tx: &mut Tx<'_>,
    id: MemberId,
    (seen, new): (Role, Role),
    by: MemberId,
    now: Millis,
) -> Result<RoleChange, DbError> {
    let change = members::change_role(tx, id, seen, new, now)?;
    if change == RoleChange::Done {
        if !new.is_at_desk() {
            queue::release_member(tx, id)?;
            teams::leave_all(tx, id)?;
        }
        let words = format!("{} -> {}", seen.as_str(), new.as_str());
        note(tx, by, Act::ChangeRole, format!("member-{id}"), words, now)?;
    }
    Ok(change)
}
