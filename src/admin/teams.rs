//! `/admin/teams`: colleagues to whom work is given together.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::words;
use super::{Asked, Nothing, Told, note};
use crate::app::App;
use crate::audit::Act;
use crate::db::{DbError, Tx};
use crate::members::{self, Admin, Card, MemberId, Posted};
use crate::queue;
use crate::teams::{self, Team, TeamId};
use crate::web::form::{Kept, new_submission};
use crate::web::once::try_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

const LONGEST_NAME: usize = 60;

#[derive(Template)]
#[template(path = "admin/teams.html")]
struct TeamsPage {
    frame: Frame,
    told: Option<Told>,
    teams: Vec<Team>,
    people: Vec<Card>,
}

impl TeamsPage {
    fn names(&self, team: &Team) -> String {
        let names = self.people.iter().filter(|card| team.members.contains(&card.id)).map(|card| card.name.as_str());
        names.collect::<Vec<_>>().join(", ")
    }
}

/// `GET /admin/teams`
pub async fn list(
    app: web::Data<App>,
    frame: Frame,
    _admin: Admin,
    asked: web::Query<Asked>,
) -> Result<Page<impl Template>, Error> {
    let (teams, people) = app.db.read(|conn| Ok::<_, DbError>((teams::list(conn)?, members::list_desk(conn)?))).await?;
    Ok(Page::ok(TeamsPage { frame, told: asked.told, teams, people }))
}

#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub struct TeamForm {
    name: String,
    revision: i64,
    submission: String,
    /// Ticked, in the fields `member`: read apart, since a form says the name once for each.
    #[serde(skip)]
    members: Vec<MemberId>,
}

#[derive(Template)]
#[template(path = "admin/team.html")]
struct TeamPage {
    frame: Frame,
    problems: Problems,
    /// `None`: it is a new one.
    id: Option<TeamId>,
    form: TeamForm,
    people: Vec<Card>,
}

impl TeamPage {
    fn action(&self) -> String {
        self.id.map_or_else(|| "/admin/teams/new".to_owned(), |id| format!("/admin/teams/{id}"))
    }

    fn is_in(&self, card: &Card) -> bool {
        self.form.members.contains(&card.id)
    }
}

/// `GET /admin/teams/new`
pub async fn begin(app: web::Data<App>, frame: Frame, _admin: Admin) -> Result<Page<impl Template>, Error> {
    let people = app.db.read(members::list_desk).await?;
    let form = TeamForm { submission: new_submission(), ..TeamForm::default() };
    Ok(Page::ok(TeamPage { frame, problems: Problems::default(), id: None, form, people }))
}

/// `GET /admin/teams/{id}`
pub async fn edit(
    app: web::Data<App>,
    frame: Frame,
    _admin: Admin,
    id: web::Path<TeamId>,
) -> Result<Page<impl Template>, Error> {
    let id = id.into_inner();
    let (team, people) =
        app.db.read(move |conn| Ok::<_, DbError>((teams::find(conn, id)?, members::list_desk(conn)?))).await?;
    let Team { name, revision, members, .. } = team.ok_or(Error::NotFound)?;
    let form = TeamForm { name, revision, members, submission: new_submission() };
    Ok(Page::ok(TeamPage { frame, problems: Problems::default(), id: Some(id), form, people }))
}

/// `POST /admin/teams/new`
pub async fn create(
    app: web::Data<App>,
    frame: Frame,
    posted: Posted<Admin, TeamForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    save(app, frame, None, posted, &request).await
}

/// `POST /admin/teams/{id}`
pub async fn change(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<TeamId>,
    posted: Posted<Admin, TeamForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    save(app, frame, Some(id.into_inner()), posted, &request).await
}

async fn save(
    app: web::Data<App>,
    frame: Frame,
    id: Option<TeamId>,
    posted: Posted<Admin, TeamForm>,
    request: &HttpRequest,
) -> Result<HttpResponse, Error> {
    let Posted { by, mut form, kept } = posted;
    let (by, now, seen) = (by.0.id, app.clock.now(), form.revision);
    let people = app.db.read(members::list_desk).await?;
    form.members = ticked(&kept, &people);
    let mut problems = Problems::default();
    let name = problems.text("name", "The name", &form.name, LONGEST_NAME).replace('\n', " ");
    if problems.is_empty() {
        let seats = form.members.clone();
        let work = move |tx: &mut Tx<'_>| {
            if teams::list(tx)?.iter().any(|team| Some(team.id) != id && team.name == name) {
                return Ok(Err(words::TEAM_TAKEN.to_owned()));
            }
            let id = match id {
                None => teams::insert(tx, &name, &seats)?,
                Some(id) => {
                    let was = teams::find(tx, id)?.ok_or(Error::NotFound)?;
                    if !teams::change(tx, id, seen, &name, &seats)? {
                        return Ok(Err(changed_meanwhile(&was)));
                    }
                    id
                }
            };
            note(tx, by, Act::Team, format!("team-{id}"), format!("{name}: {} people", seats.len()), now)?;
            Ok(Ok("/admin/teams?told=saved".to_owned()))
        };
        match try_once(&app.db, kept, now, work).await? {
            Ok(place) => return Ok(redirect(place)),
            Err(problem) => problems.add("name", problem),
        }
    }
    if let Some(id) = id {
        form.revision = app.db.read(move |conn| teams::find(conn, id)).await?.ok_or(Error::NotFound)?.revision;
    }
    form.submission = new_submission();
    Page::unprocessable(TeamPage { frame, problems, id, form, people }).render(request)
}

/// Who is ticked, of those at the desk: nobody else can be in a team, whatever a form says.
fn ticked(kept: &Kept, people: &[Card]) -> Vec<MemberId> {
    let named: Vec<&str> =
        kept.fields.iter().filter(|(name, _)| name == "member").map(|(_, value)| value.as_str()).collect();
    people.iter().map(|card| card.id).filter(|id| named.contains(&id.to_string().as_str())).collect()
}

fn changed_meanwhile(was: &Team) -> String {
    words::team_changed_meanwhile(&was.name, was.members.len())
}

/// `POST /admin/teams/{id}/delete`
pub async fn delete(
    app: web::Data<App>,
    id: web::Path<TeamId>,
    posted: Posted<Admin, Nothing>,
) -> Result<HttpResponse, Error> {
    let (id, by, now) = (id.into_inner(), posted.by.0.id, app.clock.now());
    let told = app
        .db
        .write(move |tx| {
            let Some(team) = teams::find(tx, id)? else { return Ok::<_, DbError>("gone") };
            queue::release_team(tx, id.0)?;
            teams::delete(tx, id)?;
            note(tx, by, Act::Team, format!("team-{id}"), format!("deleted: {}", team.name), now)?;
            Ok("deleted")
        })
        .await?;
    Ok(redirect(format!("/admin/teams?told={told}")))
}
