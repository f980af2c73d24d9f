//! Asking: `GET` and `POST /ask`. Everybody may write; who is not signed in does so while posting, and keeps the text.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{NewQuestion, QuestionId, insert, insert_held};
use crate::app::App;
use crate::db::{DbError, Tx};
use crate::holds::{self, HoldId};
use crate::members::{Member, Posted};
use crate::posts::{self, Author, LONGEST_BODY};
use crate::topics::{self, Topic, TopicId};
use crate::web::form::new_submission;
use crate::web::once::post_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Ask {
    title: String,
    body: String,
    /// The id of a topic, or nothing.
    topic: String,
    submission: String,
}

#[derive(Template)]
#[template(path = "questions/ask.html")]
struct AskPage {
    frame: Frame,
    problems: Problems,
    form: Ask,
    topics: Vec<Topic>,
}

/// `GET /ask`; `title` and `topic` may come along from the search or from a topic's page.
pub async fn show(app: web::Data<App>, frame: Frame, form: web::Query<Ask>) -> Result<Page<impl Template>, Error> {
    let topics = app.db.read(topics::list).await?;
    let form = Ask { submission: new_submission(), ..form.into_inner() };
    Ok(Page::ok(AskPage { frame, problems: Problems::default(), form, topics }))
}

/// `POST /ask`
pub async fn ask(
    app: web::Data<App>,
    frame: Frame,
    posted: Posted<Member, Ask>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let Posted { by, form, kept } = posted;
    let topics = app.db.read(topics::list).await?;
    let mut problems = Problems::default();
    let title = posts::check_title(&mut problems, "title", &form.title);
    let body = posts::check_body(&mut problems, "body", "Your question", &form.body, LONGEST_BODY);
    let topic_id = check_topic(&mut problems, &topics, &form.topic);
    let Some(body) = body.filter(|_| problems.is_empty()) else {
        return Page::unprocessable(AskPage { frame, problems, form, topics }).render(&request);
    };
    let now = app.clock.now();
    let new = NewQuestion {
        topic_id,
        author: Author::Member(by.id),
        title,
        body: body.source,
        body_html: body.html,
        created_at: now,
    };
    let place = post_once(&app.db, kept, now, move |tx| {
        Ok(match write(tx, &by, &new)? {
            Ok(id) => posts::question_place(id.0, &new.title),
            Err(hold) => hold.place(),
        })
    });
    Ok(redirect(place.await?))
}

/// Writes the question of a member. `Err`: by the rule of its topic it waits until staff have looked at it.
pub fn write(tx: &mut Tx<'_>, by: &Member, new: &NewQuestion) -> Result<Result<QuestionId, HoldId>, DbError> {
    let Some(why) = holds::why_held(tx, by, new.topic_id, &new.body_html)? else { return Ok(Ok(insert(tx, new)?)) };
    let id = insert_held(tx, new)?;
    Ok(Err(holds::hold(tx, id.post(), id.0, new.topic_id, by.id, why, new.created_at)?))
}

fn check_topic(problems: &mut Problems, topics: &[Topic], asked: &str) -> Option<TopicId> {
    if asked.is_empty() {
        return None;
    }
    let known = topics.iter().find(|topic| topic.id.to_string() == asked);
    if known.is_none() {
        problems.add("topic", "There is no such topic any more. Choose one from the list, or none.");
    }
    known.map(|topic| topic.id)
}

impl AskPage {
    fn is_chosen(&self, topic: &Topic) -> bool {
        topic.id.to_string() == self.form.topic || topic.slug == self.form.topic
    }
}
