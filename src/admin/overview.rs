//! `GET /admin`: the rooms of an administrator, each with what stands in it, and what is left to do on a new site.

use actix_web::web;
use askama::Template;

use super::words;
use super::{Asked, Told};
use crate::app::App;
use crate::db::DbError;
use crate::members::{self, Admin};
use crate::web::{Error, Frame, Page};
use crate::{bridge, hours, mail, teams, topics};

#[derive(Template)]
#[template(path = "admin/overview.html")]
struct OverviewPage {
    frame: Frame,
    told: Option<Told>,
    rooms: Vec<Room>,
}

/// A page of the administrator's.
struct Room {
    place: &'static str,
    icon: &'static str,
    name: &'static str,
    /// What it is for.
    purpose: &'static str,
    /// What stands in it.
    state: String,
    /// A new site needs something here.
    is_open: bool,
}

impl Room {
    /// A room of things that are counted.
    fn of(place: &'static str, icon: &'static str, name: &'static str, purpose: &'static str, things: Things) -> Self {
        let Things { count, one, many, wanted } = things;
        let state = match count {
            0 => format!("no {many} yet"),
            1 => format!("1 {one}"),
            _ => format!("{count} {many}"),
        };
        Self { place, icon, name, purpose, state, is_open: count < wanted }
    }
}

struct Things {
    count: usize,
    one: &'static str,
    many: &'static str,
    /// Fewer are too few for a site at work.
    wanted: usize,
}

impl OverviewPage {
    fn is_new(&self) -> bool {
        self.rooms.iter().any(|room| room.is_open)
    }
}

/// `GET /admin`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    _admin: Admin,
    asked: web::Query<Asked>,
) -> Result<Page<impl Template>, Error> {
    let counts = app
        .db
        .read(|conn| {
            let accounts = bridge::list_accounts(conn)?.into_iter().filter(|account| account.disconnected_at.is_none());
            let counts = [
                topics::list(conn)?.len(),
                accounts.count(),
                members::list_desk(conn)?.len(),
                teams::list(conn)?.len(),
                hours::list(conn)?.len(),
                hours::list_rules(conn)?.len(),
            ];
            Ok::<_, DbError>((counts, mail::count_stuck(conn)?))
        })
        .await?;
    let (counts, stuck) = counts;
    let address = frame.address().to_owned();
    let mut rooms = rooms(counts, address);
    rooms.push(mail_room(app.mail.is_on(), stuck));
    Ok(Page::ok(OverviewPage { frame, told: asked.told, rooms }))
}

/// `counts`: of topics, accounts, people, teams, calendars and targets.
fn rooms([topics, accounts, people, teams, hours, targets]: [usize; 6], address: String) -> Vec<Room> {
    let things = |count, one, many, wanted| Things { count, one, many, wanted };
    let mut rooms = vec![
        Room::of("/admin/topics", "comment", "Topics", words::TOPICS, things(topics, "topic", "topics", 1)),
        Room::of("/admin/channels", "link", "Channels", words::CHANNELS, things(accounts, "account", "accounts", 1)),
        Room::of("/admin/people", "people", "People", words::PEOPLE, things(people, "person", "people", 2)),
        Room::of("/admin/hours", "calendar", "Business hours", words::HOURS, things(hours, "calendar", "calendars", 1)),
        Room::of(
            "/admin/targets",
            "clock",
            "Response targets",
            words::TARGETS,
            things(targets, "target", "targets", 0),
        ),
        Room::of("/admin/teams", "staff", "Teams", words::TEAMS, things(teams, "team", "teams", 0)),
    ];
    if targets == 0 {
        rooms[4].state = words::NO_TARGETS.to_owned();
    }
    let purpose = words::SITE;
    rooms.push(Room { place: "/admin/site", icon: "brand", name: "Site", purpose, state: address, is_open: false });
    let (purpose, state) = (words::AUDIT, String::new());
    rooms.push(Room { place: "/admin/audit", icon: "evidence", name: "Audit log", purpose, state, is_open: false });
    rooms
}

fn mail_room(is_on: bool, stuck: i64) -> Room {
    let state = match (is_on, stuck) {
        (false, _) => words::NO_MAIL_SERVER.to_owned(),
        (true, 0) => words::NOTHING_STUCK.to_owned(),
        (true, 1) => words::ONE_MAIL_WAITS.to_owned(),
        (true, stuck) => words::mails_wait(stuck),
    };
    let purpose = words::MAIL;
    Room { place: "/admin/mail", icon: "send", name: "Mail", purpose, state, is_open: false }
}
