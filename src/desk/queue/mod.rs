//! The queue of the desk: everything that waits for staff in one list, in the order in which an answer is due.
//!
//! Each page is one snapshot with a number of queries that does not grow with the queue. What waits is told by
//! `crate::queue`; what it says, by the slices it belongs to.

pub mod act;
mod filter;
pub mod next;
mod pane;
mod rows;
pub mod views;
mod words;

use actix_web::web;
use askama::Template;
use serde::Deserialize;

pub(super) use filter::Filter;
use filter::{Asked, Reader, What, at};
pub(super) use pane::{Pane, load_pane};
use rows::{DeskRow, dress};

use super::lists::{List, Overview, language, load_overview};
use crate::app::App;
use crate::bridge::TroubleKind;
use crate::clock::Millis;
use crate::db::page::Cursor;
use crate::db::{Conn, DbError};
use crate::hours::Wall;
use crate::members::{AtDesk, Card, Member, MemberId, list_desk};
use crate::posts::Origin;
use crate::queue::{self, Counts, SavedView, Whose, Work};
use crate::teams::{self, Team};
use crate::topics::{self, Topic};
use crate::web::{Error, Frame, Page};

const PAGE_SIZE: usize = 50;
/// The languages that the filter offers; an address may name any other.
const LANGUAGES: [&str; 12] = ["de", "en", "es", "fr", "hi", "id", "it", "ja", "nl", "pl", "pt", "tr"];

/// Who looks, with the teams that they belong to.
pub(super) fn load_reader(conn: &mut Conn, member: &Member) -> Result<Reader, DbError> {
    let teams = teams::list_of(conn, member.id)?.into_iter().map(|team| team.0).collect();
    Ok(Reader::of(member, teams))
}

#[derive(Template)]
#[template(path = "desk/queue/page.html")]
struct QueuePage {
    frame: Frame,
    overview: Overview,
    filter: Filter,
    list: Rows,
    counts: Counts,
    saved: Vec<SavedView>,
    topics: Vec<Topic>,
    people: Vec<Card>,
    teams: Vec<Team>,
    reader: MemberId,
    faster: bool,
    /// What a bulk act did.
    told: Option<String>,
}

/// The rows of a page, alone or on it.
#[derive(Template)]
#[template(path = "desk/queue/rows.html")]
struct Rows {
    frame: Frame,
    filter: Filter,
    rows: Vec<DeskRow>,
    next: Option<Cursor>,
    further: bool,
    /// In whose zone the picks of a snooze are meant.
    wall: Wall,
}

/// Where the page begins, and what a button before it did.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Visit {
    after: String,
    faster: String,
    did: String,
}

/// `GET /desk`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    by: AtDesk,
    asked: web::Query<Asked>,
    visit: web::Query<Visit>,
) -> Result<Page<impl Template>, Error> {
    let (filter, after) = (Filter::of(&asked), Cursor::parse(&visit.after));
    let (data, now, faster) = (app.clone(), app.clock.now(), !visit.faster.is_empty());
    let told = act::told(&visit.did);
    let page = app
        .db
        .read(move |conn| {
            let member = by.0;
            let reader = load_reader(conn, &member)?;
            Ok::<_, DbError>(QueuePage {
                overview: load_overview(conn, &data.bridge, List::Queue, &member, now)?,
                counts: queue::count(conn, &filter.wanted(&reader, now))?,
                saved: queue::list_views(conn, member.id)?,
                topics: topics::list(conn)?,
                people: list_desk(conn)?,
                teams: teams::list(conn)?,
                reader: member.id,
                list: load_rows(conn, &data, frame.clone(), &member, filter.clone(), after)?,
                frame,
                filter,
                faster,
                told,
            })
        })
        .await?;
    Ok(Page::ok(page))
}

/// `GET /desk/rows`: the rows of the same address alone, for a page that is open.
pub async fn show_rows(
    app: web::Data<App>,
    frame: Frame,
    by: AtDesk,
    asked: web::Query<Asked>,
    visit: web::Query<Visit>,
) -> Result<Page<impl Template>, Error> {
    let (filter, after, data) = (Filter::of(&asked), Cursor::parse(&visit.after), app.clone());
    let rows = app.db.read(move |conn| load_rows(conn, &data, frame, &by.0, filter, after)).await?;
    Ok(Page::ok(rows))
}

fn load_rows(
    conn: &mut Conn,
    app: &App,
    frame: Frame,
    member: &Member,
    filter: Filter,
    after: Option<Cursor>,
) -> Result<Rows, DbError> {
    let now: Millis = frame.now;
    let reader = load_reader(conn, member)?;
    let found = queue::list(conn, &filter.wanted(&reader, now), after, PAGE_SIZE as i64 + 1)?;
    let cursor = |work: &Work| Cursor { at: work.due_at, id: work.id.0 };
    let page = crate::db::page::Page::of(found, PAGE_SIZE, cursor);
    let rows = dress(conn, &app.bridge, member, &reader, &filter, page.rows, now)?;
    Ok(Rows { frame, filter, rows, next: page.next, further: after.is_some(), wall: Wall::load(conn)? })
}

impl Rows {
    fn next_url(&self) -> Option<String> {
        let query = self.filter.query();
        let join = if query.is_empty() { "" } else { "&" };
        self.next.map(|cursor| format!("/desk?{query}{join}after={cursor}"))
    }
}

/// A list that one can choose: address, name, size, whether it is the one shown.
type View = (String, &'static str, i64, bool);

impl QueuePage {
    fn views(&self) -> Vec<View> {
        let whose = [
            (Whose::All, "Everything", self.counts.all),
            (Whose::Mine, "Mine", self.counts.mine),
            (Whose::Team, "My team's", self.counts.team),
            (Whose::Nobody, "Nobody's", self.counts.nobody),
            (Whose::Snoozed, "Snoozed", self.counts.snoozed),
        ];
        let view = |(whose, name, count)| {
            let filter = Filter { whose, what: None, ..self.filter.clone() };
            let current = self.filter.whose == whose && self.filter.what.is_none();
            (filter.url(), name, count, current)
        };
        whose.into_iter().map(view).collect()
    }

    /// The sorts of work that there are, and the one that is shown.
    fn sorts(&self) -> Vec<View> {
        let count = |what: What| what.kinds().iter().filter_map(|kind| self.counts.by_kind.get(kind)).sum::<i64>();
        let sorts = What::ALL.into_iter().map(|what| (what, count(what)));
        let shown = sorts.filter(|(what, count)| *count > 0 || self.filter.what == Some(*what));
        let view = |(what, count): (What, i64)| {
            let filter = Filter { what: Some(what), ..self.filter.clone() };
            (filter.url(), what.label(), count, self.filter.what == Some(what))
        };
        shown.map(view).collect()
    }

    fn saved_url(&self, view: &SavedView) -> String {
        at("/desk", &view.query)
    }

    /// Its maker may delete it.
    fn is_makers(&self, view: &SavedView) -> bool {
        view.created_by == self.reader
    }

    fn is_shared(&self, view: &SavedView) -> bool {
        view.owner.is_none()
    }

    /// The address of its rows alone, for a page that is open.
    fn rows_url(&self) -> String {
        at("/desk/rows", &self.filter.query())
    }

    fn heading(&self) -> &'static str {
        self.filter.what.map_or("Queue", What::label)
    }

    fn is_of_topic(&self, topic: &Topic) -> bool {
        self.filter.topic == Some(topic.id)
    }

    fn networks(&self) -> Vec<(&'static str, &'static str, bool)> {
        let here = ("here", "Asked here", self.filter.network == Some(None));
        let networks = Origin::ALL.map(|one| (one.as_str(), one.label(), self.filter.network == Some(Some(one))));
        networks.into_iter().chain([here]).collect()
    }

    fn languages(&self) -> Vec<(&str, &str, bool)> {
        let chosen = self.filter.lang.as_deref();
        let other = chosen.filter(|code| !LANGUAGES.contains(code));
        let codes = LANGUAGES.into_iter().chain(other);
        codes.map(|code| (code, language(code).unwrap_or(code), chosen == Some(code))).collect()
    }

    fn is_narrowed(&self) -> bool {
        self.filter.topic.is_some() || self.filter.network.is_some() || self.filter.lang.is_some()
    }
}
