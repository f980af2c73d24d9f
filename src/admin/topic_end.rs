//! `/admin/topics/{id}/delete`: a topic ends when nothing belongs to it any more; what does is moved first.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::words;
use super::{note, redate};
use crate::app::App;
use crate::audit::Act;
use crate::clock::Millis;
use crate::db::Tx;
use crate::members::{Admin, MemberId, Posted};
use crate::topics::fields::{self, FieldId};
use crate::topics::{self, Topic, TopicId};
use crate::web::{Error, Frame, Page, Problems, redirect};
use crate::{bridge, hours, questions, queue, settings};

/// Questions that one transaction moves: others wait for it.
const BATCH: usize = 500;

#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub struct Ending {
    /// Where its questions go: another topic's id, or `none`.
    to: String,
}

#[derive(Template)]
#[template(path = "admin/topic_end.html")]
struct EndPage {
    frame: Frame,
    problems: Problems,
    topic: Topic,
    /// Questions in it, those that cannot be seen among them.
    count: i64,
    others: Vec<Topic>,
    form: Ending,
}

impl EndPage {
    async fn load(app: &App, frame: Frame, id: TopicId) -> Result<Self, Error> {
        let (topic, count, others) = app
            .db
            .read(move |conn| {
                let topic = topics::find(conn, id)?.ok_or(Error::NotFound)?;
                let others = topics::list(conn)?.into_iter().filter(|other| other.id != id).collect();
                Ok::<_, Error>((topic, questions::count_in_topic(conn, id)?, others))
            })
            .await?;
        Ok(Self { frame, problems: Problems::default(), topic, count, others, form: Ending::default() })
    }

    fn is_chosen(&self, topic: &Topic) -> bool {
        self.form.to == topic.id.to_string()
    }
}

/// `GET /admin/topics/{id}/delete`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    _admin: Admin,
    id: web::Path<TopicId>,
) -> Result<Page<impl Template>, Error> {
    Ok(Page::ok(EndPage::load(&app, frame, id.into_inner()).await?))
}

/// `POST /admin/topics/{id}/delete`
pub async fn delete(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<TopicId>,
    posted: Posted<Admin, Ending>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let page = EndPage::load(&app, frame, id.into_inner()).await?;
    let to = match posted.form.to.as_str() {
        "none" => None,
        // Nothing is lost where nothing is in it.
        "" if page.count == 0 => None,
        chosen => match page.others.iter().find(|other| other.id.to_string() == chosen) {
            Some(other) => Some(other.id),
            None => {
                let mut problems = Problems::default();
                problems.add("to", words::CHOOSE_ANOTHER_TOPIC);
                return Page::unprocessable(EndPage { problems, form: posted.form, ..page }).render(&request);
            }
        },
    };
    let (by, now) = (posted.by.0.id, app.clock.now());
    loop {
        let topic = page.topic.clone();
        if app.db.write(move |tx| move_some_and_end(tx, &topic, to, by, now)).await? {
            break;
        }
    }
    redate::begin(&app).await?;
    Ok(redirect("/admin/topics?told=deleted"))
}

/// Moves a batch of questions, and deletes the topic with what else belongs to it once no question is left. `false`: there
/// are more.
fn move_some_and_end(
    tx: &mut Tx<'_>,
    topic: &Topic,
    to: Option<TopicId>,
    by: MemberId,
    now: Millis,
) -> Result<bool, Error> {
    if questions::move_topic(tx, topic.id, to, i64::try_from(BATCH).unwrap_or(i64::MAX), now)? == BATCH {
        return Ok(false);
    }
    bridge::move_topic(tx, topic.id, to)?;
    queue::move_topic(tx, topic.id.0, to.map(|id| id.0))?;
    hours::remove_rules_of_topic(tx, topic.id.0)?;
    settings::begin_redating(tx, now)?;
    let fields: Vec<FieldId> = fields::list_all(tx, topic.id)?.into_iter().map(|field| field.id).collect();
    questions::forget_values(tx, &fields)?;
    if topics::delete(tx, topic.id)? {
        note(tx, by, Act::Topic, format!("topic-{}", topic.id), format!("deleted: {}", topic.name), now)?;
    }
    Ok(true)
}
