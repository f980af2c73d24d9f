//! The queue beside a thread: the first rows of the list that one works through, and where one is in it.

use super::filter::{Filter, Reader};
use super::load_reader;
use super::rows::{DeskRow, dress, token};
use crate::bridge::Bridge;
use crate::clock::Millis;
use crate::db::page::Cursor;
use crate::db::{Conn, DbError};
use crate::desk::leaving::{self, Leaving};
use crate::hours::Wall;
use crate::members::{Card, Member, list_desk, load_cards};
use crate::queue::{self, Handling, Subject};
use crate::teams::{self, Team};

/// Rows of the pane; who wants more opens the queue.
const ROWS: i64 = 30;

/// The queue as it stands beside one subject, and who handles that.
pub struct Pane {
    pub filter: Filter,
    pub rows: Vec<DeskRow>,
    pub subject: Subject,
    /// Where the subject stands in the order of the queue; empty where nothing waits in it.
    pub at: String,
    pub handling: Handling,
    pub holder: Option<String>,
    pub assignee: Option<String>,
    pub is_mine: bool,
    /// To whom it may be given.
    pub people: Vec<Card>,
    pub teams: Vec<Team>,
    /// What the reader sent elsewhere a moment ago.
    pub leaving: Vec<Leaving>,
    /// In whose zone the picks of a snooze are meant.
    pub wall: Wall,
}

pub fn load_pane(
    conn: &mut Conn,
    bridge: &Bridge,
    member: &Member,
    filter: Filter,
    subject: Subject,
    now: Millis,
) -> Result<Pane, DbError> {
    let reader: Reader = load_reader(conn, member)?;
    let works = queue::list(conn, &filter.wanted(&reader, now), None, ROWS)?;
    let rows = dress(conn, bridge, member, &reader, &filter, works, now)?;
    let waits = queue::list_of_subjects(conn, &[subject])?;
    let at = waits.first().map(|work| Cursor { at: work.due_at, id: work.id.0 }.to_string()).unwrap_or_default();
    let handling = queue::load_handling(conn, &[subject], now)?.remove(&subject).unwrap_or_default();
    let concerned: Vec<_> = [handling.claim.map(|claim| claim.by), handling.assignee].into_iter().flatten().collect();
    let cards = load_cards(conn, &concerned)?;
    let name = |id| cards.get(&id).map(|card: &Card| card.name.clone());
    Ok(Pane {
        rows,
        at,
        holder: handling.claim.and_then(|claim| name(claim.by)),
        assignee: handling.assignee.and_then(name),
        is_mine: handling.claim.is_some_and(|claim| claim.by == member.id),
        people: list_desk(conn)?,
        teams: teams::list(conn)?,
        leaving: leaving::load(conn, member, Some(subject), now)?,
        wall: Wall::load(conn)?,
        handling,
        filter,
        subject,
    })
}

impl Pane {
    /// The subject as the forms name it.
    pub fn token(&self) -> String {
        token(self.subject, &self.handling)
    }

    pub fn is_current(&self, row: &DeskRow) -> bool {
        row.work.item.subject == self.subject
    }

    /// Whether it is given to this member.
    pub fn is_given_to(&self, card: &Card) -> bool {
        self.handling.assignee == Some(card.id)
    }

    pub fn is_given_to_team(&self, team: &Team) -> bool {
        self.handling.team == Some(team.id.0)
    }

    /// The team that it is given to.
    pub fn team(&self) -> Option<&str> {
        self.teams.iter().find(|team| self.is_given_to_team(team)).map(|team| team.name.as_str())
    }

    /// The page of what comes after it.
    pub fn next_url(&self) -> String {
        super::next::url(&self.filter.query(), &self.at)
    }

    /// Somebody else holds it.
    pub fn others(&self) -> Option<&str> {
        if self.is_mine { None } else { self.holder.as_deref() }
    }
}
