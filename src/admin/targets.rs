//! `/admin/targets`: how soon a first response is due, for the site, a channel, a topic, or a topic of one channel.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::words;
use super::{Asked, Nothing, Told, note, redate};
use crate::app::App;
use crate::audit::Act;
use crate::bridge;
use crate::clock::Millis;
use crate::db::{Conn, DbError, Tx};
use crate::hours::{self, FIRST_RESPONSE, Found, HoursId, MOST_MINUTES, Rule, RuleId, Target};
use crate::members::{Admin, MemberId, Posted};
use crate::settings;
use crate::topics::{self, Topic};
use crate::web::form::new_submission;
use crate::web::once::try_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

/// What targets are about: everything that can be chosen.
struct Choices {
    rules: Vec<Rule>,
    hours: Vec<Found>,
    topics: Vec<Topic>,
    /// Accounts by their channel's id.
    channels: Vec<(i64, String)>,
}

impl Choices {
    fn load(conn: &mut Conn) -> Result<Self, DbError> {
        let rules = hours::list_rules(conn)?;
        let accounts = bridge::list_accounts(conn)?.into_iter().filter(|account| {
            account.disconnected_at.is_none() || rules.iter().any(|rule| rule.channel_id == Some(account.id.0))
        });
        let name = |account: bridge::AccountRow| {
            let gone = if account.disconnected_at.is_some() { " (disconnected)" } else { "" };
            (account.id.0, format!("{} on {}{gone}", account.name(), account.network.label()))
        };
        let channels = accounts.map(name).collect();
        Ok(Self { rules, hours: hours::list(conn)?, topics: topics::list(conn)?, channels })
    }

    fn find(&self, channel: Option<i64>, topic: Option<i64>) -> Option<&Rule> {
        self.rules.iter().find(|rule| (rule.channel_id, rule.topic_id) == (channel, topic))
    }
}

#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub struct TargetForm {
    /// Ids; empty: of any.
    channel: String,
    topic: String,
    minutes: String,
    /// Empty: around the clock.
    hours: String,
    /// What stood there when the page was made, as [`seen`] writes it.
    seen: String,
    submission: String,
}

/// Which one the form begins with.
#[derive(Deserialize)]
pub struct Chosen {
    channel: Option<i64>,
    topic: Option<i64>,
}

#[derive(Template)]
#[template(path = "admin/targets.html")]
struct TargetsPage {
    frame: Frame,
    told: Option<Told>,
    problems: Problems,
    form: TargetForm,
    choices: Choices,
}

impl TargetsPage {
    fn has_default(&self) -> bool {
        self.choices.find(None, None).is_some()
    }

    /// For what a target holds.
    fn scope(&self, rule: &Rule) -> String {
        let topic = rule.topic_id.map(|id| {
            let found = self.choices.topics.iter().find(|topic| topic.id.0 == id);
            found.map_or(words::GONE_TOPIC.to_owned(), |topic| topic.name.clone())
        });
        let channel = rule.channel_id.map(|id| {
            let found = self.choices.channels.iter().find(|channel| channel.0 == id);
            found.map_or(words::GONE_ACCOUNT.to_owned(), |channel| channel.1.clone())
        });
        match (topic, channel) {
            (Some(topic), Some(channel)) => words::topic_and_account(&topic, &channel),
            (Some(topic), None) => topic,
            (None, Some(channel)) => format!("From {channel}"),
            (None, None) => "Everything else".to_owned(),
        }
    }

    fn time(&self, rule: &Rule) -> String {
        words(rule.target.minutes)
    }

    fn hours(&self, rule: &Rule) -> String {
        let found = self.choices.hours.iter().find(|found| Some(found.id) == rule.target.hours);
        found.map_or(words::AROUND_THE_CLOCK.to_owned(), |found| found.name.clone())
    }

    /// The page with this target in its form.
    fn place(&self, rule: &Rule) -> String {
        let part = |name: &str, id: Option<i64>| id.map(|id| format!("{name}={id}"));
        let parts: Vec<String> =
            part("channel", rule.channel_id).into_iter().chain(part("topic", rule.topic_id)).collect();
        format!("/admin/targets?{}#target", parts.join("&"))
    }

    fn is_topic(&self, topic: &Topic) -> bool {
        self.form.topic == topic.id.to_string()
    }

    fn is_channel(&self, channel: &i64) -> bool {
        self.form.channel == channel.to_string()
    }

    fn is_hours(&self, found: &Found) -> bool {
        self.form.hours == found.id.to_string()
    }
}

/// A span for people: `12 minutes`, `4 hours`, `1 hour 30 minutes`.
fn words(minutes: i64) -> String {
    let unit = |count: i64, name: &str| format!("{count} {name}{}", if count == 1 { "" } else { "s" });
    match (minutes / 60, minutes % 60) {
        (0, minutes) => unit(minutes, "minute"),
        (hours, 0) => unit(hours, "hour"),
        (hours, minutes) => format!("{} {}", unit(hours, "hour"), unit(minutes, "minute")),
    }
}

/// What stands for a channel and a topic, so that nobody replaces what they did not see.
fn seen(channel: Option<i64>, topic: Option<i64>, rule: Option<&Rule>) -> String {
    let target = rule.map_or_else(
        || "none".to_owned(),
        |rule| format!("{}-{}", rule.target.minutes, rule.target.hours.map_or(0, |id| id.0)),
    );
    format!("{}/{}/{target}", channel.unwrap_or(0), topic.unwrap_or(0))
}

/// `GET /admin/targets`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    _admin: Admin,
    asked: web::Query<Asked>,
    chosen: web::Query<Chosen>,
) -> Result<Page<impl Template>, Error> {
    let choices = app.db.read(Choices::load).await?;
    let rule = choices.find(chosen.channel, chosen.topic);
    let target = rule.map_or(FIRST_RESPONSE, |rule| rule.target);
    let text = |id: Option<i64>| id.map(|id| id.to_string()).unwrap_or_default();
    let form = TargetForm {
        channel: text(chosen.channel),
        topic: text(chosen.topic),
        minutes: target.minutes.to_string(),
        hours: text(target.hours.map(|id| id.0)),
        seen: seen(chosen.channel, chosen.topic, rule),
        submission: new_submission(),
    };
    Ok(Page::ok(TargetsPage { frame, told: asked.told, problems: Problems::default(), form, choices }))
}

/// A form whose values all exist.
struct Read {
    channel: Option<i64>,
    topic: Option<i64>,
    target: Target,
}

fn read(form: &TargetForm, choices: &Choices, problems: &mut Problems) -> Read {
    let minutes = form.minutes.trim().parse().ok().filter(|minutes| (1..=MOST_MINUTES).contains(minutes));
    if minutes.is_none() {
        problems.add("minutes", words::no_minutes(MOST_MINUTES));
    }
    let mut chosen = |field: &'static str, value: &str, known: Vec<i64>| {
        let id = value.parse().ok().filter(|id| known.contains(id));
        if id.is_none() && !value.is_empty() {
            problems.add(field, words::NOT_THERE_ANY_MORE);
        }
        id
    };
    Read {
        channel: chosen("channel", &form.channel, choices.channels.iter().map(|channel| channel.0).collect()),
        topic: chosen("topic", &form.topic, choices.topics.iter().map(|topic| topic.id.0).collect()),
        target: Target {
            minutes: minutes.unwrap_or(FIRST_RESPONSE.minutes),
            hours: chosen("hours", &form.hours, choices.hours.iter().map(|found| found.id.0).collect()).map(HoursId),
        },
    }
}

/// `POST /admin/targets`
pub async fn set(
    app: web::Data<App>,
    frame: Frame,
    posted: Posted<Admin, TargetForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let Posted { by, mut form, kept } = posted;
    let (by, now, saw) = (by.0.id, app.clock.now(), form.seen.clone());
    let choices = app.db.read(Choices::load).await?;
    let mut problems = Problems::default();
    let new = read(&form, &choices, &mut problems);
    if problems.is_empty() {
        match try_once(&app.db, kept, now, move |tx| save(tx, &new, &saw, (by, now))).await? {
            Ok(place) => {
                redate::begin(&app).await?;
                return Ok(redirect(place));
            }
            Err(found) => {
                problems.add("minutes", found.problem);
                form.seen = found.seen;
            }
        }
    }
    form.submission = new_submission();
    let choices = app.db.read(Choices::load).await?;
    Page::unprocessable(TargetsPage { frame, told: None, problems, form, choices }).render(&request)
}

/// Another target stands there than the page showed.
struct Meanwhile {
    problem: String,
    seen: String,
}

fn save(
    tx: &mut Tx<'_>,
    new: &Read,
    saw: &str,
    (by, now): (MemberId, Millis),
) -> Result<Result<String, Meanwhile>, Error> {
    let Read { channel, topic, target } = new;
    let choices = Choices::load(tx)?;
    let standing = choices.find(*channel, *topic);
    let stands = seen(*channel, *topic, standing);
    // A page that began with another channel or topic saw nothing of this one but that the table did not name it.
    let about = format!("{}/{}/", channel.unwrap_or(0), topic.unwrap_or(0));
    let saw = if saw.starts_with(&about) { saw.to_owned() } else { format!("{about}none") };
    if stands != saw {
        let problem = match standing {
            Some(rule) => {
                let time = words(rule.target.minutes);
                words::target_there_already(&time)
            }
            None => words::TARGET_TAKEN_BACK.to_owned(),
        };
        return Ok(Err(Meanwhile { problem, seen: stands }));
    }
    hours::set_rule(tx, *channel, *topic, *target)?;
    settings::begin_redating(tx, now)?;
    let subject = match (channel, topic) {
        (_, Some(topic)) => format!("topic-{topic}"),
        (Some(channel), None) => format!("channel-{channel}"),
        (None, None) => "site".to_owned(),
    };
    note(tx, by, Act::Target, subject, words(target.minutes), now)?;
    Ok(Ok("/admin/targets?told=saved".to_owned()))
}

/// `POST /admin/targets/{id}/delete`
pub async fn remove(
    app: web::Data<App>,
    id: web::Path<RuleId>,
    posted: Posted<Admin, Nothing>,
) -> Result<HttpResponse, Error> {
    let (id, by, now) = (id.into_inner(), posted.by.0.id, app.clock.now());
    let told = app
        .db
        .write(move |tx| {
            if !hours::remove_rule(tx, id)? {
                return Ok::<_, DbError>("gone");
            }
            settings::begin_redating(tx, now)?;
            note(tx, by, Act::Target, format!("target-{id}"), "taken back", now)?;
            Ok("deleted")
        })
        .await?;
    redate::begin(&app).await?;
    Ok(redirect(format!("/admin/targets?told={told}")))
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn spans_are_said_in_words() {
        assert_eq!(
            [12, 1, 60, 90, 240].map(words),
            ["12 minutes", "1 minute", "1 hour", "1 hour 30 minutes", "4 hours"]
        );
    }
}
