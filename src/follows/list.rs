//! What one follows: `GET /following`, with a button for each that ends it.

use std::collections::HashMap;

use actix_web::web;
use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Button, Kind, What, follows_own, list_of_member, list_searches_of};
use crate::app::App;
use crate::db::{Conn, DbError};
use crate::members::{self, Member, MemberId};
use crate::posts;
use crate::tags::{self, TagId};
use crate::topics;
use crate::web::{Error, Frame, Page};

/// More are listed once some of them are gone.
const LISTED: i64 = 300;

/// Something that is followed, as it is listed.
struct Followed {
    button: Button,
    name: String,
    place: String,
    kind: &'static str,
}

#[derive(Template)]
#[template(path = "follows/list.html")]
struct FollowingPage {
    frame: Frame,
    followed: Vec<Followed>,
    follows_own: bool,
}

/// `GET /following`
pub async fn show(app: web::Data<App>, frame: Frame, member: Member) -> Result<Page<impl Template>, Error> {
    let (followed, follows_own) =
        app.db.read(move |conn| Ok::<_, DbError>((load(conn, &member)?, follows_own(conn, member.id)?))).await?;
    Ok(Page::ok(FollowingPage { frame, followed, follows_own }))
}

/// What is not shown to them any more is left out.
fn load(conn: &mut Conn, member: &Member) -> Result<Vec<Followed>, DbError> {
    let all = list_of_member(conn, member.id, LISTED)?;
    let of = |kind| all.iter().filter(move |what| what.kind == kind).map(|what| what.id);
    let titles = posts::load_titles(conn, &of(Kind::Question).collect::<Vec<_>>())?;
    let people = members::load_cards(conn, &of(Kind::Member).map(MemberId).collect::<Vec<_>>())?;
    let shown = posts::list_shown_tags(conn, &of(Kind::Tag).collect::<Vec<_>>())?;
    let tags = tags::list_names(conn, &shown.into_iter().map(TagId).collect::<Vec<_>>())?;
    let searches: HashMap<i64, String> =
        list_searches_of(conn, member.id)?.into_iter().map(|search| (search.id, search.words)).collect();
    let topics: HashMap<i64, topics::Topic> =
        topics::list(conn)?.into_iter().map(|topic| (topic.id.0, topic)).collect();
    let named = |what: What| {
        let (name, place, kind) = match what.kind {
            Kind::Question => {
                let title = titles.for_reader(what.id, member.id, member.role)?;
                (title.to_owned(), posts::question_place(what.id, title), "Question")
            }
            Kind::Topic => {
                let topic = topics.get(&what.id)?;
                (topic.name.clone(), format!("/topics/{}", topic.slug), "Topic")
            }
            Kind::Member => {
                let card = people.get(&MemberId(what.id))?;
                (card.name.clone(), format!("/members/{}", card.handle), "Person")
            }
            Kind::Tag => {
                let name = tags.get(&TagId(what.id))?;
                (name.clone(), format!("/tags/{name}"), "Tag")
            }
            Kind::Search => {
                let words = searches.get(&what.id)?;
                let query = utf8_percent_encode(words, NON_ALPHANUMERIC);
                (words.clone(), format!("/search?q={query}"), "Search")
            }
        };
        Some(Followed { button: Button { what, follows: true }, name, place, kind })
    };
    Ok(all.iter().copied().filter_map(named).collect())
}
