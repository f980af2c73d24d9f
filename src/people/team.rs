//! Who answers for the company: `GET /people/team`. Everybody at the desk, with what each of them said lately and where else
//! than here. Reads only.

use std::collections::{HashMap, HashSet};

use actix_web::web;
use askama::Template;

use crate::app::App;
use crate::bridge::view::{DeliveryView, load_deliveries_in, load_deliveries_of};
use crate::clock::Millis;
use crate::db::{Conn, DbError, MadeOf, PostKind, PostRef};
use crate::members::{Card, list_desk};
use crate::posts::{self, AnyPost};
use crate::questions::{self, QuestionId, Row};
use crate::verifications::load_standing_answers;
use crate::web::{Error, Frame, Page};

/// The newest answers and comments of each that are shown.
const LATELY: usize = 3;
/// How many are looked through for them: what is private is not among them.
const LOOKED_THROUGH: i64 = 30;

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

/// An answer or a comment, by the question it stands under.
struct Said {
    post: PostRef,
    question: Row,
    created_at: Millis,
    /// Where it was published as well: one reply for each network.
    elsewhere: Vec<DeliveryView>,
    is_verified: bool,
}

impl Said {
    fn place(&self) -> String {
        posts::place(self.question.id.0, &self.question.title, self.post)
    }

    fn is_answer(&self) -> bool {
        self.post.kind == PostKind::Answer
    }
}

/// `GET /people/team`
pub async fn show(app: web::Data<App>, frame: Frame) -> Result<Page<impl Template>, Error> {
    let team = app.db.read(load).await?;
    Ok(Page::ok(TeamPage { frame, team }).made_of(MadeOf::Posts, None))
}

fn load(conn: &mut Conn) -> Result<Vec<Colleague>, DbError> {
    let team = list_desk(conn)?;
    let mut written = Vec::new();
    for card in &team {
        written.push(posts::list_newest_of(conn, card.id, LOOKED_THROUGH)?);
    }
    let threads: Vec<QuestionId> = written.iter().flatten().map(|post| QuestionId(post.question_id)).collect();
    let rows = questions::rows_of_threads(conn, &threads)?;
    for posts in &mut written {
        posts.retain(|one| one.post.kind != PostKind::Question && rows.contains_key(&QuestionId(one.question_id)));
        posts.truncate(LATELY);
    }
    let shown: Vec<&AnyPost> = written.iter().flatten().collect();
    let of_kind = |kind| shown.iter().filter(move |one| one.post.kind == kind);
    let answers: Vec<i64> = of_kind(PostKind::Answer).map(|one| one.post.id).collect();
    let talks: Vec<i64> = of_kind(PostKind::Comment).map(|one| one.question_id).collect();
    let standing = load_standing_answers(conn, &answers)?;
    let verified: HashSet<i64> = standing.into_iter().map(|one| one.answer_id).collect();
    let mut sent = load_deliveries_of(conn, &answers)?;
    sent.extend(load_deliveries_in(conn, &talks)?.into_iter().filter(|one| one.comment_id.is_some()));
    let mut elsewhere = by_post(sent);
    let mut said = |one: AnyPost| {
        Some(Said {
            post: one.post,
            question: rows.get(&QuestionId(one.question_id))?.clone(),
            created_at: one.created_at,
            elsewhere: elsewhere.remove(&one.post).unwrap_or_default(),
            is_verified: one.post.kind == PostKind::Answer && verified.contains(&one.post.id),
        })
    };
    let colleagues = team.into_iter().zip(written);
    Ok(colleagues
        .map(|(card, written)| Colleague { card, said: written.into_iter().filter_map(&mut said).collect() })
        .collect())
}

/// What stands on a network, by what it carries: the first for each network.
fn by_post(sent: Vec<DeliveryView>) -> HashMap<PostRef, Vec<DeliveryView>> {
    let mut elsewhere: HashMap<PostRef, Vec<DeliveryView>> = HashMap::new();
    for delivery in sent.into_iter().filter(|one| one.sent_url.is_some()) {
        let answer = delivery.answer_id.map(|id| PostRef { kind: PostKind::Answer, id });
        let comment = delivery.comment_id.map(|id| PostRef { kind: PostKind::Comment, id });
        let Some(post) = answer.or(comment) else { continue };
        let replies = elsewhere.entry(post).or_default();
        if replies.iter().all(|other| other.origin != delivery.origin) {
            replies.push(delivery);
        }
    }
    elsewhere
}
