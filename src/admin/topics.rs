//! `/admin/topics`: what customers ask about, in which order, and the form of one topic.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::words;
use super::{Asked, Told, note};
use crate::app::App;
use crate::audit::Act;
use crate::clock::Millis;
use crate::db::{Conn, DbError, Tx};
use crate::members::{Admin, MemberId, Posted};
use crate::questions;
use crate::topics::{self, Rules, Topic, TopicId};
use crate::web::form::new_submission;
use crate::web::once::try_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

const LONGEST_NAME: usize = 60;
const LONGEST_SLUG: usize = 40;
const LONGEST_DESCRIPTION: usize = 300;
/// Who wrote this much is new no more.
const MOST_HELD: i64 = 50;

#[derive(Template)]
#[template(path = "admin/topics.html")]
struct TopicsPage {
    frame: Frame,
    told: Option<Told>,
    /// With how many questions can be seen in each, and its rules.
    topics: Vec<(Topic, i64, Rules)>,
}

/// `GET /admin/topics`
pub async fn list(
    app: web::Data<App>,
    frame: Frame,
    _admin: Admin,
    asked: web::Query<Asked>,
) -> Result<Page<impl Template>, Error> {
    let topics = app
        .db
        .read(|conn| {
            let (counts, rules) = (questions::count_by_topic(conn)?, topics::list_rules(conn)?);
            let dressed = |topic: Topic| {
                let count = counts.get(&topic.id).copied().unwrap_or(0);
                let rules = rules.get(&topic.id).copied().unwrap_or_default();
                (topic, count, rules)
            };
            Ok::<_, DbError>(topics::list(conn)?.into_iter().map(dressed).collect())
        })
        .await?;
    Ok(Page::ok(TopicsPage { frame, told: asked.told, topics }))
}

#[derive(Deserialize)]
pub struct Moving {
    to: Direction,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Direction {
    Up,
    Down,
}

/// `POST /admin/topics/{id}/order`
pub async fn order(
    app: web::Data<App>,
    id: web::Path<TopicId>,
    posted: Posted<Admin, Moving>,
) -> Result<HttpResponse, Error> {
    let (id, to, by, now) = (id.into_inner(), posted.form.to, posted.by.0.id, app.clock.now());
    app.db
        .write(move |tx| {
            let mut ids: Vec<TopicId> = topics::list(tx)?.into_iter().map(|topic| topic.id).collect();
            let at = ids.iter().position(|one| *one == id).ok_or(Error::NotFound)?;
            let other = if to == Direction::Up { at.checked_sub(1) } else { Some(at + 1) };
            if let Some(other) = other.filter(|other| *other < ids.len()) {
                ids.swap(at, other);
                topics::order(tx, &ids)?;
                note(tx, by, Act::Topic, format!("topic-{id}"), format!("moved to place {}", other + 1), now)?;
            }
            Ok::<_, Error>(())
        })
        .await?;
    Ok(redirect(format!("/admin/topics#topic-{id}")))
}

#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub struct TopicForm {
    name: String,
    slug: String,
    description: String,
    two_person: Option<String>,
    hold_first: String,
    hold_links: Option<String>,
    revision: i64,
    submission: String,
}

impl TopicForm {
    fn of(topic: Topic, rules: Rules, revision: i64) -> Self {
        let tick = |on: bool| on.then(|| "yes".to_owned());
        Self {
            name: topic.name,
            slug: topic.slug,
            description: topic.description,
            two_person: tick(rules.two_person),
            hold_first: rules.hold_first.to_string(),
            hold_links: tick(rules.hold_links),
            revision,
            submission: new_submission(),
        }
    }

    /// The topic and its rules as they would be stored.
    fn read(&self, id: TopicId, problems: &mut Problems) -> (Topic, Rules) {
        let name = problems.text("name", "The name", &self.name, LONGEST_NAME);
        let slug = if self.slug.trim().is_empty() { slug_of(&name) } else { self.slug.trim().to_owned() };
        if !is_slug(&slug) && problems.of("name").is_none() {
            let problem = words::SLUG_NOT_RIGHT;
            problems.add("slug", problem);
        }
        let description =
            problems.optional_text("description", "The description", &self.description, LONGEST_DESCRIPTION);
        let typed = self.hold_first.trim();
        let number = if typed.is_empty() { Some(0) } else { typed.parse().ok() };
        let hold_first = number.filter(|number| (0..=MOST_HELD).contains(number)).unwrap_or_else(|| {
            problems.add("hold_first", words::not_so_many_held(MOST_HELD));
            0
        });
        let rules = Rules { two_person: self.two_person.is_some(), hold_first, hold_links: self.hold_links.is_some() };
        (Topic { id, slug, name, description }, rules)
    }
}

/// An address made of a name: what is no letter of the alphabet becomes a hyphen.
fn slug_of(name: &str) -> String {
    let spaced: String = name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let joined = spaced.split_whitespace().collect::<Vec<_>>().join("-");
    joined.chars().take(LONGEST_SLUG).collect::<String>().trim_end_matches('-').to_owned()
}

fn is_slug(text: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.len() <= LONGEST_SLUG && text.split('-').all(plain)
}

#[derive(Template)]
#[template(path = "admin/topic.html")]
struct TopicPage {
    frame: Frame,
    problems: Problems,
    /// `None`: it is a new one.
    id: Option<TopicId>,
    form: TopicForm,
}

impl TopicPage {
    fn action(&self) -> String {
        self.id.map_or_else(|| "/admin/topics/new".to_owned(), |id| format!("/admin/topics/{id}"))
    }
}

/// `GET /admin/topics/new`
pub async fn begin(frame: Frame, _admin: Admin) -> Page<impl Template> {
    let form = TopicForm { hold_first: "0".to_owned(), submission: new_submission(), ..TopicForm::default() };
    Page::ok(TopicPage { frame, problems: Problems::default(), id: None, form })
}

/// `GET /admin/topics/{id}`
pub async fn edit(
    app: web::Data<App>,
    frame: Frame,
    _admin: Admin,
    id: web::Path<TopicId>,
) -> Result<Page<impl Template>, Error> {
    let id = id.into_inner();
    let load = move |conn: &mut Conn| {
        let topic = topics::find(conn, id)?.ok_or(Error::NotFound)?;
        let (rules, revision) = topics::find_rules(conn, id)?.ok_or(Error::NotFound)?;
        Ok::<_, Error>(TopicForm::of(topic, rules, revision))
    };
    let form = app.db.read(load).await?;
    Ok(Page::ok(TopicPage { frame, problems: Problems::default(), id: Some(id), form }))
}

/// `POST /admin/topics/new`
pub async fn create(
    app: web::Data<App>,
    frame: Frame,
    posted: Posted<Admin, TopicForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let Posted { by, mut form, kept } = posted;
    let (now, by) = (app.clock.now(), by.0.id);
    let mut problems = Problems::default();
    let (new, rules) = form.read(TopicId(0), &mut problems);
    if problems.is_empty() {
        let work = move |tx: &mut Tx<'_>| {
            if topics::find_by_slug(tx, &new.slug)?.is_some() {
                return Ok(Err(slug_taken()));
            }
            let id = topics::insert(tx, &new.slug, &new.name, &new.description)?;
            topics::change(tx, &Topic { id, ..new.clone() }, rules, 1)?;
            note(tx, by, Act::Topic, format!("topic-{id}"), format!("created: {}", new.name), now)?;
            Ok(Ok("/admin/topics?told=saved".to_owned()))
        };
        match try_once(&app.db, kept, now, work).await? {
            Ok(place) => return Ok(redirect(place)),
            Err(found) => problems = found,
        }
    }
    form.submission = new_submission();
    Page::unprocessable(TopicPage { frame, problems, id: None, form }).render(&request)
}

/// `POST /admin/topics/{id}`
pub async fn change(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<TopicId>,
    posted: Posted<Admin, TopicForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let Posted { by, mut form, kept } = posted;
    let (now, by, seen) = (app.clock.now(), by.0.id, form.revision);
    let mut problems = Problems::default();
    let (new, rules) = form.read(id, &mut problems);
    if problems.is_empty() {
        let work = move |tx: &mut Tx<'_>| replace(tx, &new, rules, seen, (by, now));
        match try_once(&app.db, kept, now, work).await? {
            Ok(place) => return Ok(redirect(place)),
            Err(found) => problems = found,
        }
    }
    // Whoever saves again has read what it is now.
    let known = app.db.read(move |conn| topics::find_rules(conn, id)).await?.ok_or(Error::NotFound)?;
    (form.revision, form.submission) = (known.1, new_submission());
    Page::unprocessable(TopicPage { frame, problems, id: Some(id), form }).render(&request)
}

/// Writes the topic, or says why not.
fn replace(
    tx: &mut Tx<'_>,
    new: &Topic,
    rules: Rules,
    seen: i64,
    (by, now): (MemberId, Millis),
) -> Result<Result<String, Problems>, Error> {
    let was = topics::find(tx, new.id)?.ok_or(Error::NotFound)?;
    if topics::find_by_slug(tx, &new.slug)?.is_some_and(|other| other.id != new.id) {
        return Ok(Err(slug_taken()));
    }
    if !topics::change(tx, new, rules, seen)? {
        let mut problems = Problems::default();
        problems.add("name", words::topic_changed_meanwhile(&was.name, &was.slug));
        return Ok(Err(problems));
    }
    note(tx, by, Act::Topic, format!("topic-{}", new.id), format!("changed: {}", new.name), now)?;
    Ok(Ok("/admin/topics?told=saved".to_owned()))
}

fn slug_taken() -> Problems {
    let mut problems = Problems::default();
    problems.add("slug", words::SLUG_TAKEN);
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_made_of_a_name() {
        for (name, slug) in [
            ("Wi-Fi & router", "wi-fi-router"),
            ("  Smart   home ", "smart-home"),
            ("TV", "tv"),
            ("Größe", "gr-e"),
            ("電話", ""),
        ] {
            assert_eq!(slug_of(name), slug);
        }
        assert!(is_slug("wi-fi-2") && is_slug(&slug_of(&"word ".repeat(30))));
        for wrong in ["", "-a", "a-", "a--b", "A", "a b", "a/b", "\u{e4}", &"a".repeat(41)] {
            assert!(!is_slug(wrong), "{wrong}");
        }
    }
}
