//! The company's desk as its administrator and staff arranged it: teams, business hours, response targets, what is held, macros
//! and saved views, by the same functions that the pages call.

use std::collections::HashMap;

use super::company::{Calendar, Company, StoryError};
use super::play::{Members, PlayError, Topics};
use crate::clock::Millis;
use crate::db::{Db, Tx};
use crate::hours::calendar::{WEEKDAYS, Written};
use crate::hours::{self, Hours, HoursId, Target};
use crate::macros::{self, NewText};
use crate::members::MemberId;
use crate::queue;
use crate::teams;
use crate::topics::{self, Rules, TopicId};

pub(super) async fn arrange(
    company: &Company,
    db: &Db,
    members: &Members,
    topics: &Topics,
    founded: Millis,
    now: Millis,
) -> Result<(), PlayError> {
    let find = |key: &String| members.get(key).map(|member| member.id).ok_or_else(|| nobody(key));
    let mut seats = Vec::new();
    for team in &company.teams {
        seats.push((team.name.clone(), team.members.iter().map(find).collect::<Result<Vec<MemberId>, _>>()?));
    }
    let calendars = company.hours.iter().map(|one| Ok((one.name.clone(), read(one, now)?)));
    let calendars = calendars.collect::<Result<Vec<_>, StoryError>>()?;
    let mut targets = Vec::new();
    for target in &company.targets {
        let topic = topics.get(&target.topic).ok_or_else(|| nobody(&target.topic))?;
        targets.push((topic.0, target.minutes, target.hours.clone()));
    }
    db.write(move |tx| write(tx, &seats, &calendars, &targets)).await?;
    for topic in company.topics.iter().filter(|topic| topic.hold_links) {
        let id = *topics.get(&topic.slug).ok_or_else(|| nobody(&topic.slug))?;
        db.write(move |tx| hold_links(tx, id)).await?;
    }
    for text in &company.macros {
        if !macros::list_unknown(&text.body).is_empty() {
            return Err(nobody(&text.body).into());
        }
        let new = NewText { name: text.name.clone(), lang: text.lang.clone(), body: text.body.clone() };
        let by = find(&text.by)?;
        db.write(move |tx| macros::insert(tx, &new, by, founded)).await?;
    }
    for view in &company.views {
        let (by, name, query) = (find(&view.by)?, view.name.clone(), view.query.clone());
        let owner = Some(by).filter(|_| !view.shared);
        db.write(move |tx| queue::save_view(tx, owner, &name, &query, by, founded)).await?;
    }
    Ok(())
}

fn write(
    tx: &mut Tx<'_>,
    seats: &[(String, Vec<MemberId>)],
    calendars: &[(String, Hours)],
    targets: &[(i64, i64, String)],
) -> Result<(), PlayError> {
    for (name, members) in seats {
        teams::insert(tx, name, members)?;
    }
    let mut ids: HashMap<&str, HoursId> = HashMap::new();
    for (name, hours) in calendars {
        ids.insert(name, hours::insert(tx, name, hours)?);
    }
    for (topic, minutes, name) in targets {
        let id = *ids.get(name.as_str()).ok_or_else(|| nobody(name))?;
        hours::set_rule(tx, None, Some(*topic), Target { minutes: *minutes, hours: Some(id) })?;
    }
    Ok(())
}

/// What new members write with a link waits for staff from now on.
fn hold_links(tx: &mut Tx<'_>, id: TopicId) -> Result<(), PlayError> {
    let gone = || nobody(&id.to_string());
    let topic = topics::find(tx, id)?.ok_or_else(gone)?;
    let (rules, seen) = topics::find_rules(tx, id)?.ok_or_else(gone)?;
    topics::change(tx, &topic, Rules { hold_links: true, ..rules }, seen)?;
    Ok(())
}

fn read(calendar: &Calendar, now: Millis) -> Result<Hours, StoryError> {
    let mut written = Written { zone: calendar.zone.clone(), ..Written::default() };
    for (day, times) in &calendar.week {
        let at = WEEKDAYS.iter().position(|name| name.to_lowercase() == *day).ok_or_else(|| nobody(day))?;
        written.week[at].clone_from(times);
    }
    written.holidays = calendar.holidays.join("\n");
    Hours::read(&written, now).map_err(|problems| StoryError(format!("{}: {problems:?}", calendar.name)))
}

fn nobody(name: &str) -> StoryError {
    StoryError(format!("the desk names {name:?}, and there is no such thing"))
}
