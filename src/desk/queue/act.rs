//! Acts on what waits: claim, release, take over, give away, put off, be reminded, and "no reply needed", of one thing or
//! of many at once: `POST /desk/work`.
//!
//! Each is one compare-and-swap in one transaction with its line of the log and its word to whom it concerns. Of many, each
//! goes or does not for itself, and the page says how many did.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::at;
use super::words;
use crate::app::App;
use crate::audit::{self, Act as Logged, Entry};
use crate::bridge::{self, RemotePostId};
use crate::clock::Millis;
use crate::db::{Conn, DbError, Tx};
use crate::hours::Wall;
use crate::members::{AtDesk, Member, MemberId, Posted, find_role};
use crate::notices::{self, NewNotice};
use crate::private::{self, PrivateThreadId};
use crate::questions::{self, QuestionId};
use crate::queue::{self, Done, Kind, Subject, To};
use crate::teams::{self, TeamId};
use crate::web::form::clean;
use crate::web::frame::local_path;
use crate::web::{Error, redirect};

/// More at once than a page shows is a mistake.
const MOST: usize = 100;
const LONGEST_WORDS: usize = 500;

#[derive(Deserialize)]
pub struct Acting {
    act: Act,
    /// To whom: `person-4`, `team-2`, `nobody`.
    #[serde(default)]
    to: String,
    /// Until when: `hour`, `tomorrow`, `monday`, or a day such as `2027-01-31`.
    #[serde(default)]
    when: String,
    /// A day, where none of the picks fits.
    #[serde(default)]
    day: String,
    #[serde(default)]
    words: String,
    #[serde(default)]
    back: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Claim,
    Release,
    TakeOver,
    Assign,
    Snooze,
    Wake,
    Remind,
    Settle,
}

/// What is to be done, checked.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Claim,
    Release,
    TakeOver,
    Assign(To),
    Snooze(Option<Millis>),
    Remind(Millis),
    Settle,
}

/// One thing, in the state in which the person saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    subject: Subject,
    revision: i64,
    /// The asker's newest post that waited; `None`: the page did not show it.
    waiting: Option<RemotePostId>,
}

/// `POST /desk/work`
pub async fn act(app: web::Data<App>, posted: Posted<AtDesk, Acting>) -> Result<HttpResponse, Error> {
    let Posted { by: AtDesk(by), form, kept } = posted;
    let now = app.clock.now();
    let items = read_items(&kept.fields)?;
    let wall = app.db.read(Wall::load).await?;
    let deed = read_deed(&form, &wall, now)?;
    allow(&by, deed, &items)?;
    let (words, back) = (clean(&form.words).chars().take(LONGEST_WORDS).collect::<String>(), form.back.clone());
    let (mut done, mut late) = (0, 0);
    let many = items.len() > 1;
    for item in items {
        let (by, words) = (by.clone(), words.clone());
        let won = app.db.write(move |tx| carry_out(tx, &by, deed, item, &words, now)).await?;
        if won { done += 1 } else { late += 1 }
    }
    let (path, hash) = back.split_once('#').unwrap_or((&back, ""));
    let (path, query) = local_path(Some(path)).split_once('?').unwrap_or((local_path(Some(path)), ""));
    let path = if path.starts_with("/desk") { path } else { "/desk" };
    let kept = serde_urlencoded::from_str::<Vec<(String, String)>>(query).unwrap_or_default();
    let mut pairs: Vec<(String, String)> =
        kept.into_iter().filter(|(name, _)| name != "did" && name != "faster").collect();
    if many || (late == 0 && !matches!(deed, Deed::Claim | Deed::Release | Deed::TakeOver)) {
        pairs.push(("did".to_owned(), format!("{}-{done}-{late}", form.act.word())));
    } else if late > 0 {
        pairs.push(("faster".to_owned(), "1".to_owned()));
    }
    let place = at(path, &serde_urlencoded::to_string(pairs).unwrap_or_default());
    Ok(redirect(if hash.is_empty() { place } else { format!("{place}#{hash}") }))
}

/// The things that are ticked, as the forms name them: `question-12.3`, or `question-12.3.45` with the asker's newest post.
fn read_items(fields: &[(String, String)]) -> Result<Vec<Seen>, Error> {
    let named = fields.iter().filter(|(name, _)| name == "item").map(|(_, value)| value.as_str());
    let items: Option<Vec<Seen>> = named.map(Seen::parse).collect();
    match items {
        Some(items) if items.is_empty() => Err(Error::BadRequest(words::NOTHING_CHOSEN.to_owned())),
        Some(items) if items.len() <= MOST => Ok(items),
        _ => Err(Error::BadRequest(words::NOT_IN_THE_QUEUE.to_owned())),
    }
}

impl Seen {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (subject, revision, waiting) = (parts.next()?, parts.next()?, parts.next());
        let waiting = waiting.map(|id| id.parse().map(RemotePostId)).transpose().ok()?;
        let ended = parts.next().is_none();
        ended.then_some(Self { subject: Subject::parse(subject)?, revision: revision.parse().ok()?, waiting })
    }
}

impl Act {
    fn word(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Release => "release",
            Self::TakeOver => "take_over",
            Self::Assign => "assign",
            Self::Snooze => "snooze",
            Self::Wake => "wake",
            Self::Remind => "remind",
            Self::Settle => "settle",
        }
    }
}

fn read_deed(form: &Acting, wall: &Wall, now: Millis) -> Result<Deed, Error> {
    let moment = || {
        let pick = if form.day.trim().is_empty() { form.when.trim() } else { form.day.trim() };
        moment_of(pick, wall, now).ok_or_else(|| {
            let how = words::NO_TIME;
            Error::BadRequest(how.to_owned())
        })
    };
    Ok(match form.act {
        Act::Claim => Deed::Claim,
        Act::Release => Deed::Release,
        Act::TakeOver => Deed::TakeOver,
        Act::Settle => Deed::Settle,
        Act::Wake => Deed::Snooze(None),
        Act::Snooze => Deed::Snooze(Some(moment()?)),
        Act::Remind => Deed::Remind(moment()?),
        Act::Assign => {
            let to = match form.to.split_once('-') {
                Some(("person", id)) => id.parse().ok().map(|id| To::Person(MemberId(id))),
                Some(("team", id)) => id.parse().ok().map(To::Team),
                _ if form.to == "nobody" => Some(To::Nobody),
                _ => None,
            };
            Deed::Assign(to.ok_or_else(|| Error::BadRequest(words::NOBODY_CHOSEN.to_owned()))?)
        }
    })
}

/// The moment of a pick, on the clock of the desk.
fn moment_of(pick: &str, wall: &Wall, now: Millis) -> Option<Millis> {
    let at = match pick {
        "hour" => Some(now.plus(Duration::from_secs(3600))),
        "tomorrow" => wall.tomorrow(now),
        "monday" => wall.monday(now),
        day => wall.day(day),
    };
    at.filter(|at| *at > now)
}

/// What is private is for staff alone, and so is deciding that nobody owes an answer.
fn allow(by: &Member, deed: Deed, items: &[Seen]) -> Result<(), Error> {
    let is_private = items.iter().any(|item| matches!(item.subject, Subject::Private(_)));
    if by.role.is_staff() || !(is_private || matches!(deed, Deed::Settle)) {
        return Ok(());
    }
    Err(Error::Forbidden(words::ASK_STAFF.to_owned()))
}

/// `false`: somebody was faster, and nothing was changed.
fn carry_out(
    tx: &mut Tx<'_>,
    by: &Member,
    deed: Deed,
    Seen { subject, revision, waiting }: Seen,
    words: &str,
    now: Millis,
) -> Result<bool, Error> {
    exists(tx, subject)?;
    let done = match deed {
        Deed::Claim => queue::claim(tx, subject, by.id, now)?,
        Deed::Release => queue::release(tx, subject, by.id, now)?,
        Deed::TakeOver => return take_over(tx, subject, by.id, now).map_err(Error::from),
        Deed::Assign(to) => {
            check_receiver(tx, subject, to)?;
            queue::assign(tx, subject, to, revision, now)?
        }
        Deed::Snooze(until) => queue::set_snooze(tx, subject, until, revision, now)?,
        Deed::Remind(at) => {
            queue::remind(tx, by.id, subject, at, words)?;
            return Ok(true);
        }
        Deed::Settle => return settle(tx, subject, waiting, by.id, now),
    };
    if done != Done::Yes {
        return Ok(false);
    }
    if let Deed::Assign(To::Person(to)) = deed {
        tell(tx, notices::Kind::Assigned, to, by.id, subject, words, now)?;
    }
    let (logged, detail) = match deed {
        Deed::Claim => (Logged::Claim, String::new()),
        Deed::Release => (Logged::Release, String::new()),
        Deed::Assign(To::Person(id)) => (Logged::Assign, format!("member-{id}")),
        Deed::Assign(To::Team(id)) => (Logged::Assign, format!("team-{id}")),
        Deed::Assign(To::Nobody) => (Logged::Assign, "nobody".to_owned()),
        Deed::Snooze(until) => (Logged::Snooze, until.map_or("now".to_owned(), Millis::to_rfc3339)),
        Deed::TakeOver | Deed::Remind(_) | Deed::Settle => return Ok(true),
    };
    log(tx, by.id, logged, subject, detail, now)?;
    Ok(true)
}

/// Takes a claim over from whoever holds it now, and tells them. `false`: nobody else does.
pub fn take_over(tx: &mut Tx<'_>, subject: Subject, by: MemberId, now: Millis) -> Result<bool, DbError> {
    let holder = queue::load_handling(tx, &[subject], now)?.remove(&subject).and_then(|one| one.claim);
    let Some(holder) = holder.filter(|claim| claim.by != by) else {
        return Ok(queue::claim(tx, subject, by, now)? == Done::Yes);
    };
    if queue::take_over(tx, subject, holder.by, by, now)? != Done::Yes {
        return Ok(false);
    }
    tell(tx, notices::Kind::TakenOver, holder.by, by, subject, "", now)?;
    log(tx, by, Logged::TakeOver, subject, format!("member-{}", holder.by), now)?;
    Ok(true)
}

/// "No reply needed" to what the person saw. Where the asker has written since, everything stays as it is.
fn settle(
    tx: &mut Tx<'_>,
    subject: Subject,
    seen: Option<RemotePostId>,
    by: MemberId,
    now: Millis,
) -> Result<bool, Error> {
    let Subject::Question(id) = subject else {
        let how = words::OPEN_IT_FIRST;
        return Err(Error::BadRequest(how.to_owned()));
    };
    let waited = match bridge::find_waiting(tx, id)? {
        Some(newest) if Some(newest) != seen => return Ok(false),
        Some(newest) => bridge::settle_waiting(tx, id, newest)?,
        None => false,
    };
    let asked = queue::close(tx, Kind::Asked, id)?;
    if asked || waited {
        log(tx, by, Logged::Settle, subject, String::new(), now)?;
    }
    Ok(asked || waited)
}

/// What nobody made up: something waits in it, or it is a thread or a conversation.
fn exists(conn: &mut Conn, subject: Subject) -> Result<(), Error> {
    if !queue::list_of_subjects(conn, &[subject])?.is_empty() {
        return Ok(());
    }
    match subject {
        Subject::Question(id) if questions::find_open(conn, QuestionId(id))?.is_some() => Ok(()),
        Subject::Question(id) => questions::load(conn, QuestionId(id)).map(drop),
        Subject::Private(id) if private::exists(conn, PrivateThreadId(id))? => Ok(()),
        Subject::Private(_) | Subject::RemotePost(_) => Err(Error::NotFound),
    }
}

fn check_receiver(conn: &mut Conn, subject: Subject, to: To) -> Result<(), Error> {
    let fits = match to {
        To::Nobody => true,
        To::Person(id) => find_role(conn, id)?.is_some_and(|role| match subject {
            Subject::Private(_) => role.is_staff(),
            Subject::Question(_) | Subject::RemotePost(_) => role.is_at_desk(),
        }),
        To::Team(id) => teams::find(conn, TeamId(id))?.is_some(),
    };
    if fits {
        return Ok(());
    }
    Err(Error::BadRequest(words::NO_SUCH_PERSON.to_owned()))
}

fn tell(
    tx: &mut Tx<'_>,
    kind: notices::Kind,
    to: MemberId,
    by: MemberId,
    subject: Subject,
    words: &str,
    at: Millis,
) -> Result<(), DbError> {
    let notice = NewNotice {
        to,
        kind,
        question_id: subject.question_id(),
        post: None,
        subject: Some(subject.to_string()),
        by: Some(by),
        words: words.to_owned(),
        at,
    };
    notices::tell(tx, &notice).map(drop)
}

fn log(tx: &mut Tx<'_>, by: MemberId, act: Logged, subject: Subject, words: String, at: Millis) -> Result<(), DbError> {
    let (question_id, subject) = (subject.question_id(), subject.to_string());
    audit::record(tx, &Entry { by: Some(by), act, subject, question_id, words, at })
}

/// What a bulk act did, as the address of the page after it says it: `claim-3-1`.
pub fn told(did: &str) -> Option<String> {
    if did == "apart" {
        return Some(words::KEPT_APART.to_owned());
    }
    let mut parts = did.rsplitn(3, '-');
    let (late, done): (usize, usize) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let verb = match parts.next()? {
        "claim" => "claimed for you",
        "release" => "released",
        "take_over" => "taken over",
        "assign" => "given away",
        "snooze" => "put off",
        "wake" => "back in the queue",
        "remind" => "on your list of reminders",
        "settle" => "closed: no reply needed",
        _ => return None,
    };
    let things = |count: usize| if count == 1 { "1 thing is".to_owned() } else { format!("{count} things are") };
    // Where words have come in that nobody has read, nobody need have been faster.
    let why = if did.starts_with("settle") { words::SOMETHING_NEW } else { words::SOMEBODY_FASTER };
    Some(match (done, late) {
        (0, late) => words::as_before(&things(late), why),
        (done, 0) => format!("{} {verb}.", things(done)),
        (done, late) => words::partly_done(&things(done), verb, late, why),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_are_moments_to_come() {
        let sunday = Millis::parse_rfc3339("2026-11-22T17:00:00Z").unwrap();
        let (utc, berlin) = (Wall::of("UTC"), Wall::of("Europe/Berlin"));
        let pick = |pick: &str| moment_of(pick, &utc, sunday).map(Millis::to_rfc3339);
        assert_eq!(pick("hour").as_deref(), Some("2026-11-22T18:00:00Z"));
        assert_eq!(pick("tomorrow").as_deref(), Some("2026-11-23T08:00:00Z"));
        assert_eq!(pick("monday").as_deref(), Some("2026-11-23T08:00:00Z"));
        assert_eq!(pick("2027-01-31").as_deref(), Some("2027-01-31T08:00:00Z"));
        assert_eq!((pick("2026-11-22"), pick("soon"), pick("")), (None, None, None));
        let monday = Millis::parse_rfc3339("2026-11-23T06:00:00Z").unwrap();
        let pick = |pick: &str| moment_of(pick, &berlin, monday).map(Millis::to_rfc3339);
        assert_eq!(pick("monday").as_deref(), Some("2026-11-30T07:00:00Z"));
        assert_eq!(pick("2026-11-23").as_deref(), Some("2026-11-23T07:00:00Z"));
    }

    #[test]
    fn a_thing_is_named_with_what_was_seen_of_it() {
        let seen = |text| Seen::parse(text).map(|seen| (seen.revision, seen.waiting.map(|post| post.0)));
        assert_eq!(seen("question-12.3"), Some((3, None)));
        assert_eq!(seen("question-12.3.45"), Some((3, Some(45))));
        for text in ["question-12", "question-12.x", "question-12.3.x", "question-12.3.4.5", ".3", "boss-1.2"] {
            assert_eq!(seen(text), None, "{text}");
        }
    }

    #[test]
    fn what_was_done_is_told_in_words() {
        assert_eq!(told("claim-3-0").as_deref(), Some("3 things are claimed for you."));
        let both = "1 thing is put off. With 2, somebody was faster: look at it again.";
        assert_eq!(told("snooze-1-2").as_deref(), Some(both));
        assert_eq!(
            told("settle-0-1").as_deref(),
            Some("1 thing is as before, since there is something new. Look at it again.")
        );
        assert_eq!((told("rob-1-0"), told("claim"), told("claim-x-1")), (None, None, None));
    }
}
