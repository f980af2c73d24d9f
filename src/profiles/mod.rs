//! The page of a member: `GET /members/{handle}`, and what they say of themselves there. Owns the table `expertise`: the tags
//! that somebody knows about.

pub mod edit;
pub mod photo;
mod store;
mod words;

pub use store::{forget, list_expertise};

use actix_web::web;
use askama::Template;

use crate::answers;
use crate::app::App;
use crate::clock::Millis;
use crate::db::{Conn, DbError, MadeOf, PostRef};
use crate::follows::{Button, What};
use crate::members::{self, Card, MemberId, Viewer, find_by_handle, load_cards};
use crate::posts::{self, AnyPost, list_unshown_of};
use crate::questions::{self, QuestionId, Row};
use crate::trust::{self, Level};
use crate::web::{Error, Frame, Page};

/// The newest of each kind that are shown.
const SHOWN: i64 = 30;

#[derive(Template)]
#[template(path = "profiles/profile.html")]
struct ProfilePage {
    frame: Frame,
    profile: Profile,
}

struct Profile {
    card: Card,
    about: members::Profile,
    /// What they know about; those that lead to questions come with an address.
    expertise: Vec<(String, Option<String>)>,
    answers: Vec<Given>,
    questions: Vec<Row>,
    /// What is hidden or held, for its author and the desk.
    unshown: Vec<AnyPost>,
    /// The viewer's own page.
    own: bool,
    /// The button that follows them.
    following: Option<Button>,
    trust: trust::Standing,
    /// What they still have to do to be trusted; on their own page alone.
    missing: Vec<String>,
}

impl Profile {
    fn is_trusted(&self) -> bool {
        self.trust.level == Level::Trusted
    }
}

/// An answer, by the question it was given to.
struct Given {
    post: PostRef,
    question: Row,
    score: i64,
    created_at: Millis,
    verified: bool,
    accepted: bool,
}

/// `GET /members/{handle}`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    viewer: Viewer,
    handle: web::Path<String>,
) -> Result<Page<impl Template>, Error> {
    let (now, can_mail) = (app.clock.now(), app.mail.is_on());
    let profile = app.db.read(move |conn| load(conn, &handle, &viewer, can_mail, now)).await?;
    Ok(Page::ok(ProfilePage { frame, profile }).made_of(MadeOf::Posts, None))
}

fn load(conn: &mut Conn, handle: &str, viewer: &Viewer, can_mail: bool, now: Millis) -> Result<Profile, Error> {
    let id = find_by_handle(conn, handle)?.ok_or(Error::NotFound)?.id;
    let card = load_cards(conn, &[id])?.remove(&id).ok_or(Error::NotFound)?;
    let about = members::load_profile(conn, id)?;
    let expertise = load_expertise(conn, id)?;
    let answers = answers::list_by_member(conn, id, SHOWN)?;
    let asked: Vec<QuestionId> = answers.iter().map(|answer| answer.question_id).collect();
    let rows = questions::rows_of_threads(conn, &asked)?;
    let mut given: Vec<Given> = answers
        .into_iter()
        .filter_map(|answer| {
            let question = rows.get(&answer.question_id)?.clone();
            Some(Given {
                post: answer.id.post(),
                score: answer.score,
                created_at: answer.created_at,
                verified: question.verified_answer_id == Some(answer.id.0),
                accepted: answer.accepted_at.is_some(),
                question,
            })
        })
        .collect();
    // Stable: within each kind the newest stay first.
    given.sort_by_key(|given| !given.verified);
    let unshown = list_unshown_of(conn, id, viewer)?;
    let questions = questions::list_by_member(conn, id, SHOWN)?;
    let following = Button::load(conn, viewer, What::member(id))?;
    let (own, trust) = (viewer.id() == Some(id), trust::find(conn, id)?);
    let missing = if own && trust.level == Level::New { trust.missing(can_mail, now) } else { Vec::new() };
    Ok(Profile { card, about, expertise, answers: given, questions, unshown, own, following, trust, missing })
}

/// A tag that stands on no question that everybody sees has no page.
fn load_expertise(conn: &mut Conn, id: MemberId) -> Result<Vec<(String, Option<String>)>, DbError> {
    let known = store::list_expertise(conn, id)?;
    let ids: Vec<i64> = known.iter().map(|(tag, _)| tag.0).collect();
    let shown = posts::list_shown_tags(conn, &ids)?;
    let place = |tag: i64, name: &str| shown.contains(&tag).then(|| format!("/tags/{name}"));
    Ok(known.into_iter().map(|(tag, name)| (name.clone(), place(tag.0, &name))).collect())
}

impl Given {
    fn place(&self) -> String {
        posts::place(self.question.id.0, &self.question.title, self.post)
    }
}
