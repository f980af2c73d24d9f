//! The company as it is written down: people, topics, and the threads with what happens in them, step by step.
//!
//! Only reads and checks the words; `play` lets them happen. The times of threads are ages, those of steps are pauses
//! after the step before.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use config::FileFormat;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::step::Step;
use crate::clock::Millis;
use crate::posts::Origin;

const PEOPLE: &str = include_str!("people.toml");
const THREADS: [(&str, &str); 8] = [
    ("wifi.toml", include_str!("wifi.toml")),
    ("billing.toml", include_str!("billing.toml")),
    ("app.toml", include_str!("app.toml")),
    ("home.toml", include_str!("home.toml")),
    ("tv.toml", include_str!("tv.toml")),
    ("orders.toml", include_str!("orders.toml")),
    ("facebook.toml", include_str!("facebook.toml")),
    ("desk.toml", include_str!("desk.toml")),
];

/// The story does not hold together; the text says where.
#[derive(Debug, thiserror::Error)]
#[error("the demo's story: {0}")]
pub struct StoryError(pub String);

/// Everything that is played.
#[derive(Debug)]
pub struct Company {
    pub password: String,
    pub topics: Vec<Topic>,
    pub teams: Vec<Team>,
    pub hours: Vec<Calendar>,
    pub targets: Vec<Target>,
    pub macros: Vec<MacroText>,
    pub views: Vec<View>,
    pub members: Vec<Person>,
    pub customers: Vec<Customer>,
    pub threads: Vec<Thread>,
}

/// Who can be signed in as, for the walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    pub name: String,
    pub email: String,
    pub password: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    pub slug: String,
    pub name: String,
    pub description: String,
    /// What new members write with a link waits for staff.
    #[serde(default)]
    pub hold_links: bool,
}

/// A text that staff send again and again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MacroText {
    pub by: String,
    pub name: String,
    pub lang: String,
    pub body: String,
}

/// A list of the queue that somebody has saved.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    pub by: String,
    pub name: String,
    /// As the address of the queue carries it.
    pub query: String,
    /// For everybody at the desk.
    #[serde(default)]
    pub shared: bool,
}

/// Colleagues to whom work is given together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Team {
    pub name: String,
    /// Members' keys.
    pub members: Vec<String>,
}

/// When somebody is there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    pub name: String,
    pub zone: String,
    /// By weekday in small letters: `09:00-17:00`.
    pub week: BTreeMap<String, String>,
    /// `12-25 Christmas Day`.
    #[serde(default)]
    pub holidays: Vec<String>,
}

/// How soon a first response is due in a topic.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    pub topic: String,
    pub minutes: i64,
    /// A calendar's name.
    pub hours: String,
}

/// A member of the forum.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// How the threads call this person.
    pub key: String,
    pub name: String,
    pub email: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub staff: bool,
    /// At the desk, and what they write waits for staff.
    #[serde(default)]
    pub trainee: bool,
    /// Staff who also run the site.
    #[serde(default)]
    pub admin: bool,
    pub joined: String,
}

/// Somebody on a network.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// As threads call them: `@handle` on X, `facebook:handle` on Facebook.
    pub who: String,
    pub name: String,
    /// On X.
    #[serde(default)]
    pub followers: u64,
    /// On Facebook: apps are not told who this is.
    #[serde(default)]
    pub unseen: bool,
}

/// Who does something in a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who<'a> {
    /// A member, by key.
    Here(&'a str),
    /// Somebody on a network, by handle.
    There(Origin, &'a str),
}

impl<'a> Who<'a> {
    pub fn read(by: &'a str) -> Self {
        match (by.strip_prefix('@'), by.strip_prefix("facebook:")) {
            (Some(handle), _) => Self::There(Origin::X, handle),
            (None, Some(handle)) => Self::There(Origin::Facebook, handle),
            (None, None) => Self::Here(by),
        }
    }
}

/// A question with what happens to it, or a private conversation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thread {
    /// How another thread calls this one.
    #[serde(default)]
    pub key: String,
    /// Of a question.
    #[serde(default)]
    pub topic: String,
    /// How long before the first start; with `at`, the day before today that far back.
    pub ago: String,
    /// The time of that day, as in `20:14`.
    pub at: Option<String>,
    /// A member's key, or who it is on a network.
    pub by: String,
    /// Of members' questions; one from a network gets one from its first sentence.
    #[serde(default)]
    pub title: String,
    pub text: String,
    /// It is a comment under this post of the company's page, and no post of a visitor.
    pub under: Option<String>,
    /// With a photo.
    #[serde(default)]
    pub photo: bool,
    /// It is a message to the page, and no question.
    #[serde(default)]
    pub private: bool,
    #[serde(default)]
    pub then: Vec<Step>,
}

impl Thread {
    fn begin(&self, now: Millis) -> Result<Millis, StoryError> {
        const DAY: i64 = 24 * 3_600_000;
        let ago = read_span(&self.ago)?;
        let Some(at) = &self.at else { return Ok(now.minus(ago)) };
        let wrong = || StoryError(format!("{at:?} is no time of day such as 20:14"));
        let (hours, minutes) = at.split_once(':').ok_or_else(wrong)?;
        let time = read_span(&format!("{hours}h {minutes}m")).map_err(|_| wrong())?;
        Ok(Millis(now.0.div_euclid(DAY) * DAY).minus(ago).plus(time))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct People {
    password: String,
    topic: Vec<Topic>,
    team: Vec<Team>,
    hours: Vec<Calendar>,
    target: Vec<Target>,
    r#macro: Vec<MacroText>,
    view: Vec<View>,
    member: Vec<Person>,
    customer: Vec<Customer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Threads {
    thread: Vec<Thread>,
}

/// One thing that happens: the question itself, where there is no step.
pub struct Event<'a> {
    pub at: Millis,
    pub thread: &'a Thread,
    pub step: Option<&'a Step>,
}

impl Company {
    /// The customer, the peer and the staff member of the walk.
    pub const WALK: [&str; 3] = ["customer", "peer", "staff"];

    /// Reads the company that ships in the binary.
    pub fn read() -> Result<Self, StoryError> {
        let People { password, topic, team, hours, target, r#macro: macros, view, member, customer } =
            parse("people.toml", PEOPLE)?;
        let mut threads = Vec::new();
        for (name, text) in THREADS {
            threads.extend(parse::<Threads>(name, text)?.thread);
        }
        Ok(Self {
            password,
            topics: topic,
            teams: team,
            hours,
            targets: target,
            macros,
            views: view,
            members: member,
            customers: customer,
            threads,
        })
    }

    /// How the people of the walk sign in.
    pub fn logins(&self) -> Result<[Login; 3], StoryError> {
        let login = |key: &str| {
            let person = self.members.iter().find(|person| person.key == key);
            let person = person.ok_or_else(|| StoryError(format!("nobody is {key:?}")))?;
            Ok(Login { name: person.name.clone(), email: person.email.clone(), password: self.password.clone() })
        };
        let [customer, peer, staff] = Self::WALK;
        Ok([login(customer)?, login(peer)?, login(staff)?])
    }

    /// All that happens, in order.
    pub fn timeline(&self, now: Millis) -> Result<Vec<Event<'_>>, StoryError> {
        let mut all = Vec::new();
        for thread in &self.threads {
            let mut at = thread.begin(now)?;
            all.push(Event { at, thread, step: None });
            for step in &thread.then {
                at = at.plus(read_span(step.after())?);
                if at >= now {
                    return Err(StoryError(format!("a step of {:?} lies in the future", thread.text)));
                }
                all.push(Event { at, thread, step: Some(step) });
            }
        }
        all.sort_by_key(|event| event.at);
        Ok(all)
    }

    /// When the oldest thread began.
    pub fn begin(&self, now: Millis) -> Result<Millis, StoryError> {
        let begun: Vec<Millis> = self.threads.iter().map(|thread| thread.begin(now)).collect::<Result<_, _>>()?;
        begun.into_iter().min().ok_or_else(|| StoryError("there is no thread".to_owned()))
    }
}

fn parse<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, StoryError> {
    config::Config::builder()
        .add_source(config::File::from_str(text, FileFormat::Toml))
        .build()
        .and_then(config::Config::try_deserialize)
        .map_err(|error| StoryError(format!("{name}: {error}")))
}

/// Reads `33d 5h 10m`.
pub(super) fn read_span(text: &str) -> Result<Duration, StoryError> {
    let wrong = || StoryError(format!("{text:?} is no span such as 2d 3h 10m"));
    let mut seconds = 0;
    let mut units = HashSet::new();
    for part in text.split_whitespace() {
        let (number, unit) = part.split_at_checked(part.len() - 1).ok_or_else(wrong)?;
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let worth = match unit {
            "d" => 86_400,
            "h" => 3_600,
            "m" => 60,
            "s" => 1,
            _ => return Err(wrong()),
        };
        if !units.insert(unit) {
            return Err(wrong());
        }
        seconds += number * worth;
    }
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read() {
        assert_eq!(read_span("1d 2h 3m").unwrap(), Duration::from_secs(86_400 + 7_200 + 180));
        assert!(read_span("soon").is_err() && read_span("3h 2h").is_err());
    }

    #[test]
    fn the_company_is_whole() {
        let company = Company::read().unwrap();
        // At every time of day, no step of it lies in the future.
        for hour in 0..24 {
            let now = Millis(1_999_987_200_000 + hour * 3_600_000);
            assert!(company.timeline(now).unwrap().len() > company.threads.len());
        }
        assert!(company.logins().unwrap().iter().all(|login| login.email.contains('@')));
        for thread in &company.threads {
            let has_topic = company.topics.iter().any(|topic| topic.slug == thread.topic);
            assert!(has_topic != thread.private, "{}", thread.text);
            let is_from_there = matches!(Who::read(&thread.by), Who::There(..));
            assert_eq!(is_from_there, thread.title.is_empty(), "{}", thread.text);
        }
    }
}
