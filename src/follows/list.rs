//! What one follows: `GET /following`, with a button for each that ends it.

use std::collections::HashMap;

use actix_web::web;
use askama::Template;

use super::{Button, Kind, What, follows_own, list_of_member};
use crate::app::App;
use crate::db::{Conn, DbError};
use crate::members::{self, Member, MemberId};
use crate::posts;
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
        app.db.read(move |conn| Ok::<_, DbError>((load(conn, member.id)?, follows_own(conn, member.id)?))).await?;
    Ok(Page::ok(FollowingPage { frame, followed, follows_own }))
}

/// What is not shown to everybody any more is left out.
fn load(conn: &mut Conn, member: MemberId) -> Result<Vec<Followed>, DbError> {
    let all = list_of_member(conn, member, LISTED)?;
    let of = |kind| all.iter().filter(move |what| what.kind == kind).map(|what| what.id);
    let titles = posts::list_titles(conn, &of(Kind::Question).collect::<Vec<_>>())?;
    let people = members::load_cards(conn, &of(Kind::Member).map(MemberId).collect::<Vec<_>>())?;
    let topics: HashMap<i64, topics::Topic> =
        topics::list(conn)?.into_iter().map(|topic| (topic.id.0, topic)).collect();
    let named = |what: What| {
        let (name, place, kind) = match what.kind {
            Kind::Question => {
                let title = titles.get(&what.id)?;
                (title.clone(), posts::question_place(what.id, title), "Question")
            }
            Kind::Topic => {
                let topic = topics.get(&what.id)?;
                (topic.name.clone(), format!("/topics/{}", topic.slug), "Topic")
            }
            Kind::Member => {
                let card = people.get(&MemberId(what.id))?;
                (card.name.clone(), format!("/members/{}", card.handle), "Person")
            }
            Kind::Tag => return None,
        };
        Some(Followed { button: Button { what, follows: true }, name, place, kind })
    };
    Ok(all.iter().copied().filter_map(named).collect())
}
