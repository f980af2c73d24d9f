//! What X's answer means: for a send, for a deletion, for a reading call. Pure, and tested as a table.
//!
//! One rule stands above the others: where X may have accepted a send, the outcome is unknown, never "try again".

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::wire::{Id, Problem};
use crate::clock::Millis;
use crate::networks::http::{Answer, NoAnswer};
use crate::networks::{Failure, Outcome};

/// The wait after a request that never left.
const NO_CONNECTION_WAIT: Duration = Duration::from_secs(30);
/// The wait when X asks for one and does not say how long: one of its windows.
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// Bounds of a wait that X names: its clock and ours differ, and its longest window is a day.
const SHORTEST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// Longest reason that is kept, in characters.
const REASON_LIMIT: usize = 300;

/// The outcome of `POST /2/tweets`.
pub fn of_post(result: &Result<Answer, NoAnswer>, now: Millis) -> Outcome {
    let answer = match result {
        Ok(answer) => answer,
        Err(NoAnswer::NeverLeft(reason)) => {
            return Outcome::RetryAfter { wait: NO_CONNECTION_WAIT, reason: reason.clone() };
        }
        Err(NoAnswer::MaybeSent(reason)) => return Outcome::Unknown { reason: reason.clone() },
    };
    match answer.status {
        200..=299 => match created_id(&answer.body) {
            Some(Id(remote_id)) => Outcome::Accepted { remote_id },
            None => Outcome::Unknown { reason: format!("X answered {} without the id of a post", answer.status) },
        },
        _ => refused_post(answer, now),
    }
}

/// The outcome of `DELETE /2/tweets/ID`. Deleting twice does no harm, so whatever is unclear is tried again.
pub fn of_delete(id: &str, result: &Result<Answer, NoAnswer>, now: Millis) -> Outcome {
    let again = |reason: String| Outcome::RetryAfter { wait: NO_CONNECTION_WAIT, reason };
    let answer = match result {
        Ok(answer) => answer,
        Err(error) => return again(error.to_string()),
    };
    let deleted = serde_json::from_slice::<Value>(&answer.body).ok().and_then(|body| body["data"]["deleted"].as_bool());
    let trouble = Trouble::of(answer);
    match (answer.status, deleted) {
        (200..=299, Some(true)) => Outcome::Accepted { remote_id: id.to_owned() },
        (200..=299, _) if !trouble.is_not_found() => again("X did not say that the post is deleted".to_owned()),
        (404, _) if trouble.said_by_x => Outcome::Accepted { remote_id: id.to_owned() },
        _ if trouble.is_not_found() => Outcome::Accepted { remote_id: id.to_owned() },
        _ => match meaning(answer, &trouble, now) {
            Meaning::Wait(wait) => Outcome::RetryAfter { wait, reason: trouble.reason },
            Meaning::Broken => Outcome::ChannelBroken { reason: trouble.reason },
            Meaning::Refused | Meaning::MaybeDone | Meaning::ByHand => Outcome::Refused { reason: trouble.reason },
            Meaning::Unclear => again(trouble.reason),
        },
    }
}

/// Why a reading call brought nothing, for an answer that is not a usable 200.
pub fn of_read(answer: &Answer, now: Millis) -> Failure {
    let trouble = Trouble::of(answer);
    match meaning(answer, &trouble, now) {
        Meaning::Wait(wait) => Failure::RetryAfter(wait),
        Meaning::Broken => Failure::ChannelBroken(trouble.reason),
        Meaning::Refused | Meaning::MaybeDone | Meaning::ByHand => Failure::Refused(trouble.reason),
        Meaning::Unclear => Failure::Unavailable(trouble.reason),
    }
}

fn refused_post(answer: &Answer, now: Millis) -> Outcome {
    let trouble = Trouble::of(answer);
    let reason = trouble.reason.clone();
    match meaning(answer, &trouble, now) {
        Meaning::Wait(wait) => Outcome::RetryAfter { wait, reason },
        Meaning::Broken => Outcome::ChannelBroken { reason },
        Meaning::ByHand => Outcome::ByHand { reason },
        Meaning::Refused => Outcome::Refused { reason },
        Meaning::MaybeDone | Meaning::Unclear => Outcome::Unknown { reason },
    }
}

/// What an answer that is no success asks of us, whatever the call was.
enum Meaning {
    Wait(Duration),
    /// The account's access is gone or unpaid.
    Broken,
    /// Only a person may do this.
    ByHand,
    /// X has this text from us already.
    MaybeDone,
    Refused,
    /// Something between us and X failed, or X itself: nobody knows what was done.
    Unclear,
}

fn meaning(answer: &Answer, trouble: &Trouble, now: Millis) -> Meaning {
    if !(400..500).contains(&answer.status) || answer.status == 408 {
        return Meaning::Unclear;
    }
    match answer.status {
        429 => Meaning::Wait(wait(answer, now)),
        401 | 402 => Meaning::Broken,
        _ if trouble.has_code(88) || trouble.is("usage-capped") => Meaning::Wait(wait(answer, now)),
        _ if trouble.is("credits") || trouble.is("credits-depleted") || trouble.title == "CreditsDepleted" => {
            Meaning::Broken
        }
        _ if trouble.is("unsupported-authentication") || trouble.is("client-forbidden") => Meaning::Broken,
        // Wrong or expired token, suspended or locked account.
        _ if [32, 64, 89, 99, 326].into_iter().any(|code| trouble.has_code(code)) => Meaning::Broken,
        403 if trouble.has_code(187) || trouble.says("duplicate content") => Meaning::MaybeDone,
        403 if trouble.says("reply to this conversation is not allowed")
            || trouble.says("otherwise engaged by the author") =>
        {
            Meaning::ByHand
        }
        // A gate before X (its pages are HTML) turned us away: X never saw the request.
        403 if !trouble.said_by_x => Meaning::Wait(WINDOW),
        _ => Meaning::Refused,
    }
}

/// How long X wants us to wait: the day's window if that one is used up, else the short one.
fn wait(answer: &Answer, now: Millis) -> Duration {
    let number = |name: &str| answer.header(name).and_then(|text| text.trim().parse::<i64>().ok());
    let day = ["x-user-limit-24hour", "x-app-limit-24hour"].into_iter().find_map(|name| {
        let used_up = number(&format!("{name}-remaining")) == Some(0);
        number(&format!("{name}-reset")).filter(|_| used_up)
    });
    let reset = day.or_else(|| number("x-rate-limit-reset"));
    let until_reset = reset.map(|second| Millis(second.saturating_mul(1_000)).since(now));
    let named =
        until_reset.or_else(|| number("retry-after").map(|seconds| Duration::from_secs(seconds.max(0).unsigned_abs())));
    named.unwrap_or(WINDOW).clamp(SHORTEST_WAIT, LONGEST_WAIT)
}

/// The id in `{"data":{"id":…}}`.
fn created_id(body: &[u8]) -> Option<Id> {
    #[derive(Deserialize)]
    struct Created {
        data: CreatedPost,
    }
    #[derive(Deserialize)]
    struct CreatedPost {
        id: Id,
    }
    serde_json::from_slice::<Created>(body).ok().map(|created| created.data.id)
}

/// What X says is wrong.
struct Trouble {
    /// Whether the body is X's JSON; a gate or a balancer before it answers in HTML.
    said_by_x: bool,
    title: String,
    kinds: Vec<String>,
    codes: Vec<i64>,
    /// All its sentences, in lower case, to look for known ones.
    sentences: String,
    /// One sentence for people.
    reason: String,
}

impl Trouble {
    fn of(answer: &Answer) -> Self {
        let body = serde_json::from_slice::<Value>(&answer.body).ok().filter(Value::is_object);
        let problem = body.as_ref().and_then(|body| Problem::deserialize(body).ok()).unwrap_or_default();
        let all: Vec<&Problem> = std::iter::once(&problem).chain(problem.errors.iter().flatten()).collect();
        let sentences: Vec<&str> =
            all.iter().flat_map(|p| [&p.detail, &p.message, &p.title]).flatten().map(String::as_str).collect();
        let sentence = sentences.first().copied().unwrap_or("no reason given");
        let clean: String = sentence.chars().filter(|c| !c.is_control()).take(REASON_LIMIT).collect();
        Self {
            said_by_x: body.is_some(),
            reason: format!("{clean} ({})", answer.status),
            sentences: sentences.join("\n").to_lowercase(),
            kinds: all.iter().filter_map(|p| p.kind.clone()).collect(),
            codes: all.iter().filter_map(|p| p.code).collect(),
            title: problem.title.clone().unwrap_or_default(),
        }
    }

    /// Problem types are addresses whose host changed with the company's name: compared by their last part.
    fn is(&self, kind: &str) -> bool {
        self.kinds.iter().any(|known| known.rsplit('/').next() == Some(kind))
    }

    fn is_not_found(&self) -> bool {
        self.is("resource-not-found")
    }

    fn has_code(&self, code: i64) -> bool {
        self.codes.contains(&code)
    }

    fn says(&self, words: &str) -> bool {
        self.sentences.contains(words)
    }
}
