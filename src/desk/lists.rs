//! Lists of the desk in full: which posts wait for review, which deliveries and which requests need a person. Each page is
//! one snapshot with a number of queries that does not grow with its rows.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::web;
use askama::Template;

use super::Pressed;
use super::leaving::{self, Leaving};
use super::thread::Parcel;
use crate::app::App;
use crate::bridge::inbound::gaps::{Missing, list_missing};
use crate::bridge::inbound::review::{self, HeldPost};
use crate::bridge::meter::{Closed, list_closed};
use crate::bridge::searches::list_names;
use crate::bridge::view::{self, DeliveryView, NEED_A_PERSON, RemoteCard, load_authors};
use crate::bridge::{self, Bridge, RemotePostId, RequestRow, Trouble, TroubleKind};
use crate::clock::Millis;
use crate::db::{Conn, DbError};
use crate::holds;
use crate::members::{Member, Staff};
use crate::moderation;
use crate::posts::RemoteAuthorId;
use crate::private;
use crate::questions::{self, QuestionId, Row};
use crate::queue;
use crate::web::markdown::direction;
use crate::web::{Error, Frame, Page, grouped};

/// More that wait for a decision at once are shown when these are decided.
const MOST_DECISIONS: i64 = 100;
const LONGEST_FIRST_WORDS: usize = 140;
/// When the clock of somebody who waits turns amber, and when red.
const SOON: Duration = Duration::from_secs(3600);
const LATE: Duration = Duration::from_secs(4 * 3600);

/// The lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Queue,
    Private,
    Held,
    Deliveries,
    Removals,
}

/// What stands above each list: how much is in each, and what keeps the bridge from working.
pub(super) struct Overview {
    list: List,
    queue: i64,
    private: i64,
    held: i64,
    deliveries: i64,
    removals: i64,
    /// Posts of new members that wait for review, and posts that were reported.
    moderated: (i64, i64),
    /// The channels that cannot send now.
    pub(super) troubles: Vec<Trouble>,
    /// How many bodies could not be read, and why the newest could not.
    pub(super) unreadable: Option<(i64, String)>,
    pub(super) missing: Vec<Missing>,
    /// What a network does not let us do for a while.
    pub(super) closed: Vec<Closed>,
    /// What the reader sent a moment ago.
    pub(super) leaving: Vec<Leaving>,
}

pub(super) fn load_overview(
    conn: &mut Conn,
    bridge: &Bridge,
    list: List,
    reader: &Member,
    now: Millis,
) -> Result<Overview, DbError> {
    Ok(Overview {
        list,
        queue: queue::count_open(conn)?,
        private: private::count_waiting(conn)?,
        held: review::count_held(conn)?,
        deliveries: view::count_deliveries_in(conn, &NEED_A_PERSON)?,
        removals: bridge::count_requests(conn)?,
        moderated: (holds::count_open(conn)?, moderation::count_open_flags(conn)?),
        troubles: bridge::list_troubles(conn, now)?,
        unreadable: bridge::unreadable(conn)?,
        missing: list_missing(conn, bridge)?,
        closed: list_closed(conn, now)?,
        leaving: leaving::load(conn, reader, None, now)?,
    })
}

impl Overview {
    pub(super) fn is_by_original(&self) -> bool {
        matches!(self.list, List::Queue | List::Held)
    }

    /// An account has lost its access: what waits for it does not go out by itself.
    fn lacks_access(&self) -> bool {
        self.troubles.iter().any(|trouble| trouble.what == TroubleKind::NoAccess)
    }

    /// Address, name, size and whether it is the one shown.
    pub(super) fn tabs(&self) -> [(&'static str, &'static str, i64, bool); 7] {
        [
            ("/desk", "Queue", self.queue, self.list == List::Queue),
            ("/desk/private", "Private", self.private, self.list == List::Private),
            ("/desk/held", "Held from networks", self.held, self.list == List::Held),
            ("/desk/deliveries", "Deliveries", self.deliveries, self.list == List::Deliveries),
            ("/desk/removals", "Removal requests", self.removals, self.list == List::Removals),
            ("/desk/posts-held", "Held from members", self.moderated.0, false),
            ("/desk/flags", "Reports", self.moderated.1, false),
        ]
    }
}

/// The chip of somebody who waits: its kind, and since how long.
pub(super) fn waiting_chip(now: Millis, since: Millis) -> (&'static str, String) {
    let waited = now.since(since);
    let kind = match waited {
        _ if waited >= LATE => "late",
        _ if waited >= SOON => "soon",
        _ => "waiting",
    };
    (kind, in_words(waited))
}

#[derive(Template)]
#[template(path = "desk/held.html")]
struct HeldPage {
    frame: Frame,
    overview: Overview,
    posts: Vec<Held>,
    faster: bool,
}

struct Held {
    post: HeldPost,
    author: Option<RemoteCard>,
    /// The names of the brand searches that found it.
    found_by: Vec<String>,
}

/// `GET /desk/held`
pub async fn held(
    app: web::Data<App>,
    frame: Frame,
    Staff(reader): Staff,
    asked: web::Query<Pressed>,
) -> Result<Page<impl Template>, Error> {
    let (data, now) = (app.clone(), app.clock.now());
    let (overview, posts) = app
        .db
        .read(move |conn| {
            let posts = review::list_held(conn, MOST_DECISIONS)?;
            let authors: Vec<RemoteAuthorId> = posts.iter().filter_map(|post| post.author).collect();
            let authors = load_authors(conn, &authors)?;
            let ids: Vec<RemotePostId> = posts.iter().map(|post| post.id).collect();
            let mut searches = list_names(conn, &ids)?;
            let dressed = posts.into_iter().map(|post| {
                let author = post.author.and_then(|id| authors.get(&id).cloned());
                Held { author, found_by: searches.remove(&post.id).unwrap_or_default(), post }
            });
            Ok::<_, DbError>((load_overview(conn, &data.bridge, List::Held, &reader, now)?, dressed.collect()))
        })
        .await?;
    Ok(Page::ok(HeldPage { frame, overview, posts, faster: asked.was_late() }))
}

impl Held {
    fn language(&self) -> Option<&str> {
        self.post.lang.as_deref().and_then(language)
    }
}

#[derive(Template)]
#[template(path = "desk/deliveries.html")]
struct DeliveriesPage {
    frame: Frame,
    overview: Overview,
    parcels: Vec<Titled>,
    /// Those that go on by themselves when their network lets them.
    held_up: Vec<Titled>,
    faster: bool,
}

/// A delivery with the row of its thread; none where that was removed.
type Titled = (Parcel, Option<Row>);

/// `GET /desk/deliveries`: those that only a person can bring further, then those that wait for their network.
pub async fn deliveries(
    app: web::Data<App>,
    frame: Frame,
    staff: Staff,
    asked: web::Query<Pressed>,
) -> Result<Page<impl Template>, Error> {
    let (data, now) = (app.clone(), app.clock.now());
    let (overview, parcels, held_up) = app
        .db
        .read(move |conn| {
            let found = view::list_deliveries_in(conn, &NEED_A_PERSON, &staff)?;
            let held_up = view::list_held_up(conn, now, &staff)?;
            let ids: Vec<QuestionId> =
                found.iter().chain(&held_up).filter_map(|one| one.question_id).map(QuestionId).collect();
            let rows: HashMap<i64, Row> = questions::rows(conn, &ids)?.into_iter().map(|row| (row.id.0, row)).collect();
            let titled = |delivery: DeliveryView| {
                let row = delivery.question_id.and_then(|id| rows.get(&id).cloned());
                (Parcel::of(&data, delivery), row)
            };
            let overview = load_overview(conn, &data.bridge, List::Deliveries, &staff.0, now)?;
            let (found, held_up) = (found.into_iter().map(titled).collect(), held_up.into_iter().map(titled).collect());
            Ok::<_, DbError>((overview, found, held_up))
        })
        .await?;
    Ok(Page::ok(DeliveriesPage { frame, overview, parcels, held_up, faster: asked.was_late() }))
}

#[derive(Template)]
#[template(path = "desk/removals.html")]
struct RemovalsPage {
    frame: Frame,
    overview: Overview,
    requests: Vec<(RequestRow, Option<Row>)>,
}

/// `GET /desk/removals`
pub async fn removals(app: web::Data<App>, frame: Frame, Staff(reader): Staff) -> Result<Page<impl Template>, Error> {
    let (data, now) = (app.clone(), app.clock.now());
    let (overview, requests) = app
        .db
        .read(move |conn| {
            let found = bridge::list_requests(conn, MOST_DECISIONS)?;
            let ids: Vec<QuestionId> = found.iter().map(|one| QuestionId(one.question_id)).collect();
            let rows: HashMap<i64, Row> = questions::rows(conn, &ids)?.into_iter().map(|row| (row.id.0, row)).collect();
            let dressed = found.into_iter().map(|request| {
                let row = rows.get(&request.question_id).cloned();
                (request, row)
            });
            Ok::<_, DbError>((load_overview(conn, &data.bridge, List::Removals, &reader, now)?, dressed.collect()))
        })
        .await?;
    Ok(Page::ok(RemovalsPage { frame, overview, requests }))
}

/// The beginning of a text on one line, cut at a word: without the handles that it opens with, unless it says nothing
/// else, and with addresses as they are read.
pub(super) fn first_words(text: &str) -> String {
    let read = |word: &str| word.strip_prefix("https://").or(word.strip_prefix("http://")).unwrap_or(word).to_owned();
    let is_handle = |word: &&str| word.starts_with('@');
    let spoken: Vec<String> = text.split_whitespace().skip_while(is_handle).map(read).collect();
    let line = if spoken.is_empty() { text.trim().to_owned() } else { spoken.join(" ") };
    match line.char_indices().nth(LONGEST_FIRST_WORDS) {
        None if line.is_empty() => "(no text)".to_owned(),
        None => line,
        Some((end, _)) => {
            let whole_words = line[..end].rsplit_once(' ').map_or(&line[..end], |(words, _)| words);
            format!("{whole_words} …")
        }
    }
}

/// `24 min`, `6 h 10 min`, `3 days`.
pub(super) fn in_words(time: Duration) -> String {
    let minutes = time.as_secs() / 60;
    match minutes {
        0 => "under 1 min".to_owned(),
        1..60 => format!("{minutes} min"),
        60..2_880 if minutes.is_multiple_of(60) => format!("{} h", minutes / 60),
        60..2_880 => format!("{} h {} min", minutes / 60, minutes % 60),
        _ => format!("{} days", minutes / 1_440),
    }
}

/// `98,204 followers`; none where the network did not say.
pub(super) fn followers(author: &RemoteCard) -> Option<String> {
    Some(match author.followers? {
        1 => "1 follower".to_owned(),
        many => format!("{} followers", grouped(many)),
    })
}

/// A language for people; `None` where the network could not tell. A code without a name here is shown as it is.
pub(super) fn language(code: &str) -> Option<&str> {
    let primary = code.split('-').next().unwrap_or_default();
    Some(match primary {
        "" | "und" | "zxx" | "art" => return None,
        code if code.starts_with('q') => return None,
        "ar" => "Arabic",
        "cs" => "Czech",
        "da" => "Danish",
        "de" => "German",
        "en" => "English",
        "es" => "Spanish",
        "fa" => "Persian",
        "fi" => "Finnish",
        "fr" => "French",
        "he" | "iw" => "Hebrew",
        "hi" => "Hindi",
        "id" | "in" => "Indonesian",
        "it" => "Italian",
        "ja" => "Japanese",
        "ko" => "Korean",
        "nl" => "Dutch",
        "no" => "Norwegian",
        "pl" => "Polish",
        "pt" => "Portuguese",
        "ru" => "Russian",
        "sv" => "Swedish",
        "tr" => "Turkish",
        "uk" => "Ukrainian",
        "zh" => "Chinese",
        _ => code,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_row_says_reads_as_people_say_it() {
        let minutes = |minutes: u64| in_words(Duration::from_secs(minutes * 60));
        assert_eq!(
            [minutes(0), minutes(24), minutes(120), minutes(370), minutes(3 * 1_440)],
            ["under 1 min", "24 min", "2 h", "6 h 10 min", "3 days"]
        );
        assert_eq!(
            [language("de-AT"), language("und"), language("qme"), language("tl")],
            [Some("German"), None, None, Some("tl")]
        );
        assert_eq!(first_words(" \n"), "(no text)");
        assert_eq!(first_words("@acme @help see https://t.co/ab @you"), "see t.co/ab @you");
        assert_eq!(first_words("@acme @help"), "@acme @help");
        assert!(first_words(&"long words ".repeat(40)).chars().count() <= LONGEST_FIRST_WORDS + 2);
    }
}
