//! Who answers for the company: `GET /people/team`. Everybody at the desk, with what each of them said lately and where else
//! than here. Reads only.

use std::collections::HashMap;

use actix_web::web;
use askama::Template;

use crate::answers;
use crate::app::App;
use crate::bridge::view::{DeliveryView, load_deliveries_in};
use crate::clock::Millis;
use crate::db::{Conn, DbError, MadeOf, PostRef};
use crate::members::{Card, list_desk};
use crate::posts;
use crate::questions::{self, QuestionId, Row};
use crate::web::{Error, Frame, Page};

/// The newest answers of each that are shown.
const LATELY: i64 = 3;

#[derive(Template)]
#[template(path = "people/team.html")]
struct TeamPage {
    frame: Frame,
    /// By name.
    team: Vec<Colleague>,
}

struct Colleague {
    card: Card,
    /// The newest first.
    said: Vec<Said>,
}

/// An answer, by the question it was given to.
struct Said {
    post: PostRef,
    question: Row,
    created_at: Millis,
    /// Where it was published as well: one reply for each network.
    elsewhere: Vec<DeliveryView>,
}

impl Said {
    fn place(&self) -> String {
        posts::place(self.question.id.0, &self.question.title, self.post)
    }

    fn is_verified(&self) -> bool {
        self.question.verified_answer_id == Some(self.post.id)
    }
}

/// `GET /people/team`
pub async fn show(app: web::Data<App>, frame: Frame) -> Result<Page<impl Template>, Error> {
    let team = app.db.read(load).await?;
    Ok(Page::ok(TeamPage { frame, team }).made_of(MadeOf::Posts, None))
}

fn load(conn: &mut Conn) -> Result<Vec<Colleague>, DbError> {
    let team = list_desk(conn)?;
    let mut given = Vec::new();
    for card in &team {
        given.push(answers::list_newest_by_member(conn, card.id, LATELY)?);
    }
    let asked: Vec<QuestionId> = given.iter().flatten().map(|answer| answer.question_id).collect();
    let rows = questions::rows_of_threads(conn, &asked)?;
    let shown: Vec<i64> = rows.keys().map(|id| id.0).collect();
    let mut elsewhere: HashMap<i64, Vec<DeliveryView>> = HashMap::new();
    for delivery in load_deliveries_in(conn, &shown)? {
        let Some(answer) = delivery.answer_id else { continue };
        let replies = elsewhere.entry(answer).or_default();
        if delivery.sent_url.is_some() && replies.iter().all(|other| other.origin != delivery.origin) {
            replies.push(delivery);
        }
    }
    let mut said = |answer: answers::Answer| {
        Some(Said {
            post: answer.id.post(),
            question: rows.get(&answer.question_id)?.clone(),
            created_at: answer.created_at,
            elsewhere: elsewhere.remove(&answer.id.0).unwrap_or_default(),
        })
    };
    let colleagues = team.into_iter().zip(given);
    Ok(colleagues
        .map(|(card, given)| Colleague { card, said: given.into_iter().filter_map(&mut said).collect() })
        .collect())
}
