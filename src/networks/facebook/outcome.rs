//! What Facebook's answer means: for a send, for a change that may be made twice, for a reading call; and how that is said
//! to staff. Pure, and tested as a table.
//!
//! One rule stands above the others: where Facebook may have accepted a send, the outcome is unknown, never "try again".
//! An answer counts by the error that it holds, not by its status: a 200 can hold one.

mod known;

use std::time::Duration;

use serde_json::Value;

pub use known::CLOSED;
use known::{
    ERROR_OF_FACEBOOK, GATE, GONE, KNOWN, Kind, LIMIT_OF_OTHERS, NO_HIDING, NO_HUMAN_AGENT, NO_MESSAGING,
    NO_PERMISSION, NOT_FACEBOOK, PARENT_GONE, REDIRECTED, REFUSED, TOO_LONG, WITHOUT_ID, WRONG_SECRET, Words,
};

use super::words;
use super::{observe, wire};
use crate::networks::http::{Answer, NoAnswer};
use crate::networks::{Failure, Mend, Outcome};

/// The wait after a call that may be repeated without harm.
const AGAIN: Duration = Duration::from_secs(30);
/// The wait when Facebook asks for one and does not say how long. Its limits count over an hour that moves along.
pub const WINDOW: Duration = Duration::from_secs(15 * 60);
/// The wait after Facebook blocked us for a while and does not say how long: hours, and asking sooner makes it longer.
const BLOCKED: Duration = Duration::from_secs(6 * 60 * 60);
/// Bounds of a wait that Facebook names.
const SHORTEST_WAIT: Duration = Duration::from_secs(60);
pub const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// Longest sentence of Facebook's that is kept, in characters.
const SENTENCE_LIMIT: usize = 300;

/// What was to be done with a post or a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Reply,
    /// May be done twice without harm, like the two below.
    Edit,
    Hide,
    Delete,
    /// A private message; `late`: as a human agent's, after the usual day.
    Message {
        late: bool,
    },
}

/// The outcome of an act on the post or comment `id`, or of a message.
pub fn of(act: Act, id: &str, result: &Result<Answer, NoAnswer>) -> Outcome {
    let may_be_repeated = matches!(act, Act::Edit | Act::Hide | Act::Delete);
    let answer = match result {
        Ok(answer) => answer,
        Err(NoAnswer::NeverLeft(reason)) => {
            return Outcome::Unreachable { reason: words::unreachable(reason) };
        }
        Err(NoAnswer::MaybeSent(reason)) if may_be_repeated => {
            let reason = words::maybe_done_and_repeated(reason);
            return Outcome::RetryAfter { wait: AGAIN, reason };
        }
        Err(NoAnswer::MaybeSent(reason)) => {
            let reason = words::maybe_done(reason);
            return Outcome::Unknown { reason, there: false };
        }
    };
    let said = Said::of(answer);
    if said.error.is_none() && (200..300).contains(&answer.status) {
        return accepted(act, id, &said);
    }
    let meaning = meaning(answer, &said);
    let reason = said.told(words_for(act, &meaning));
    match meaning {
        Meaning::Gone if act == Act::Delete => Outcome::Accepted { remote_id: id.to_owned(), person: None },
        Meaning::Wait(wait, _) => Outcome::RetryAfter { wait, reason },
        Meaning::TurnedAway => Outcome::RetryAfter { wait: WINDOW, reason },
        Meaning::Passing(_) | Meaning::Unclear(_) if may_be_repeated => Outcome::RetryAfter { wait: AGAIN, reason },
        Meaning::Passing(_) => Outcome::Unknown { reason, there: true },
        Meaning::Unclear(_) => Outcome::Unknown { reason, there: false },
        Meaning::MaybeDone(_) if !may_be_repeated => Outcome::Unknown { reason, there: true },
        Meaning::Token(_) => Outcome::TokenRefused { reason },
        Meaning::Broken(mend, _) => Outcome::ChannelBroken { mend, reason },
        // Without this one permission the account may well go on answering.
        Meaning::NotPermitted(_) if act == (Act::Message { late: true }) => Outcome::ByHand { reason },
        Meaning::NotPermitted(_) if act != Act::Reply => Outcome::Refused { reason },
        Meaning::NotPermitted(_) => Outcome::ChannelBroken { mend: Mend::Connect, reason },
        Meaning::ByHand(_) => Outcome::ByHand { reason },
        Meaning::Gone | Meaning::Refused(_) | Meaning::MaybeDone(_) => Outcome::Refused { reason },
    }
}

/// The JSON of a success, or why a reading call brought nothing.
pub fn of_read(answer: &Answer) -> Result<Value, Failure> {
    let said = Said::of(answer);
    match said.body {
        Some(body) if said.error.is_none() && answer.status == 200 => Ok(body),
        _ => {
            let meaning = meaning(answer, &said);
            let reason = said.told(meaning.words());
            Err(match meaning {
                Meaning::Wait(wait, _) => Failure::RetryAfter(wait),
                Meaning::TurnedAway => Failure::RetryAfter(WINDOW),
                Meaning::Passing(_) => Failure::RetryAfter(AGAIN),
                Meaning::Broken(mend, _) => Failure::ChannelBroken(mend, reason),
                Meaning::NotPermitted(_) => Failure::ChannelBroken(Mend::Connect, reason),
                Meaning::Token(_) => Failure::TokenRefused(reason),
                Meaning::Gone | Meaning::Refused(_) | Meaning::ByHand(_) | Meaning::MaybeDone(_) => {
                    Failure::Refused(reason)
                }
                Meaning::Unclear(_) => Failure::Unavailable(reason),
            })
        }
    }
}

/// Whether the answer says that what was asked for is gone, or not ours to see.
pub fn is_gone(answer: &Answer) -> bool {
    let said = Said::of(answer);
    said.error.is_some() && matches!(meaning(answer, &said), Meaning::Gone | Meaning::NotPermitted(_))
}

/// Whether the answer says that a permission or a feature is missing.
pub fn is_not_permitted(answer: &Answer) -> bool {
    let said = Said::of(answer);
    said.error.is_some() && matches!(meaning(answer, &said), Meaning::NotPermitted(_))
}

/// Whether the answer says that an object has no such field: it is of another kind than the question.
pub fn is_other_kind(answer: &Answer) -> bool {
    Said::of(answer).says("nonexisting field")
}

/// Whether Facebook could not put together so much at once.
pub fn is_too_much(answer: &Answer) -> bool {
    Said::of(answer).says("reduce the amount of data")
}

/// Whether the answer says that a limit is used up.
pub fn is_throttled(answer: &Answer) -> bool {
    let said = Said::of(answer);
    matches!(meaning(answer, &said), Meaning::Wait(..))
}

/// The error that an answer holds, with its number and Facebook's words; `None`: it holds none.
pub fn error_of(answer: &Answer) -> Option<(i64, String)> {
    let said = Said::of(answer);
    said.error.as_ref().map(|error| (error.code, said.sentence().unwrap_or_default()))
}

fn accepted(act: Act, id: &str, said: &Said) -> Outcome {
    let body = said.body.as_ref();
    let done = body.is_some_and(|body| body.get("success").is_none_or(|success| success == true));
    let named = |name: &str| body.and_then(|body| body.get(name));
    match act {
        Act::Edit | Act::Hide | Act::Delete if done => Outcome::Accepted { remote_id: id.to_owned(), person: None },
        Act::Edit | Act::Hide | Act::Delete => {
            Outcome::RetryAfter { wait: AGAIN, reason: words::NOT_SAID_TO_BE_DONE.to_owned() }
        }
        Act::Reply => match named("id").and_then(wire::id) {
            Some(remote_id) => Outcome::Accepted { remote_id, person: None },
            None => Outcome::Unknown { reason: said.told(WITHOUT_ID), there: body.is_some() },
        },
        Act::Message { .. } => match named("message_id").and_then(wire::message_id) {
            Some(remote_id) => Outcome::Accepted { remote_id, person: named("recipient_id").and_then(wire::id) },
            None => Outcome::Unknown { reason: said.told(WITHOUT_ID), there: body.is_some() },
        },
    }
}

/// What an answer that is no success asks of us, whatever the call was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// A limit of Facebook's is used up.
    Wait(Duration, Words),
    /// Something before Facebook stopped it: Facebook never saw it.
    TurnedAway,
    /// An error of Facebook's own, which passes.
    Passing(Words),
    /// No call will work until an administrator mends something.
    Broken(Mend, Words),
    /// A permission or a feature is missing.
    NotPermitted(Words),
    /// The page's access is gone: it is to be connected again.
    Token(Words),
    Gone,
    /// Only a person may do this.
    ByHand(Words),
    /// Facebook has this from us already.
    MaybeDone(Words),
    Refused(Words),
    /// Something between us and Facebook failed: nobody knows what was done.
    Unclear(Words),
}

impl Meaning {
    fn words(&self) -> Words {
        match self {
            Self::Gone => GONE,
            Self::TurnedAway => GATE,
            Self::Wait(_, words)
            | Self::Passing(words)
            | Self::Broken(_, words)
            | Self::NotPermitted(words)
            | Self::Token(words)
            | Self::ByHand(words)
            | Self::MaybeDone(words)
            | Self::Refused(words)
            | Self::Unclear(words) => words,
        }
    }
}

fn words_for(act: Act, meaning: &Meaning) -> Words {
    match (meaning, act) {
        (Meaning::Gone, Act::Reply) => PARENT_GONE,
        (Meaning::NotPermitted(_), Act::Message { late: true }) => NO_HUMAN_AGENT,
        (Meaning::NotPermitted(_), Act::Message { late: false }) => NO_MESSAGING,
        (Meaning::NotPermitted(_), Act::Hide) => NO_HIDING,
        _ => meaning.words(),
    }
}

fn meaning(answer: &Answer, said: &Said) -> Meaning {
    let Some(error) = &said.error else { return without_error(answer, said) };
    let exact = KNOWN.iter().find(|(code, sub, ..)| *code == error.code && sub.is_some() && *sub == error.subcode);
    let known = exact.or_else(|| KNOWN.iter().find(|(code, sub, ..)| *code == error.code && sub.is_none()));
    let (kind, words) = match known {
        Some(_) if error.code == 100 && said.says("appsecret_proof") => (Kind::Broken(Mend::EnterKeys), WRONG_SECRET),
        Some((100, None, ..)) if said.says("length of param") || said.says("too long") => (Kind::Refused, TOO_LONG),
        Some((_, _, kind, words)) => (*kind, *words),
        None if (200..300).contains(&error.code) => (Kind::NotPermitted, NO_PERMISSION),
        None if (80_000..80_100).contains(&error.code) => (Kind::Throttled, LIMIT_OF_OTHERS),
        None if error.is_transient || answer.status >= 500 => (Kind::Passing, ERROR_OF_FACEBOOK),
        None if answer.status == 429 => (Kind::Throttled, LIMIT_OF_OTHERS),
        None => (Kind::Refused, REFUSED),
    };
    match kind {
        Kind::Passing => Meaning::Passing(words),
        Kind::Throttled => Meaning::Wait(wait(answer), words),
        Kind::Blocked => Meaning::Wait(BLOCKED, words),
        Kind::Broken(mend) => Meaning::Broken(mend, words),
        Kind::NotPermitted => Meaning::NotPermitted(words),
        Kind::Token => Meaning::Token(words),
        Kind::Gone => Meaning::Gone,
        Kind::ByHand => Meaning::ByHand(words),
        Kind::MaybeDone => Meaning::MaybeDone(words),
        Kind::Refused => Meaning::Refused(words),
    }
}

/// Facebook's API always says what is wrong: an answer that does not comes from something before it, or is cut.
fn without_error(answer: &Answer, said: &Said) -> Meaning {
    match answer.status {
        300..400 => Meaning::Unclear(REDIRECTED),
        429 => Meaning::Wait(wait(answer), LIMIT_OF_OTHERS),
        403 if said.body.is_none() => Meaning::TurnedAway,
        500.. => Meaning::Unclear(ERROR_OF_FACEBOOK),
        _ => Meaning::Unclear(NOT_FACEBOOK),
    }
}

/// How long Facebook wants us to wait, in its own words about the limit.
fn wait(answer: &Answer) -> Duration {
    observe::regain(answer).unwrap_or(WINDOW).clamp(SHORTEST_WAIT, LONGEST_WAIT)
}

/// What an answer says.
struct Said {
    /// Its JSON, if it is an object: a gate or a balancer before Facebook answers in HTML.
    body: Option<Value>,
    error: Option<Error>,
    status: u16,
}

struct Error {
    code: i64,
    subcode: Option<i64>,
    is_transient: bool,
}

impl Said {
    fn of(answer: &Answer) -> Self {
        let body = wire::json(&answer.body).ok().filter(Value::is_object);
        let error = body.as_ref().and_then(|body| body.get("error")).filter(|error| !error.is_null());
        let number = |error: &Value, name: &str| {
            let value = error.get(name)?;
            value.as_i64().or_else(|| value.as_str()?.parse().ok())
        };
        let error = error.map(|error| Error {
            code: number(error, "code").unwrap_or_default(),
            subcode: number(error, "error_subcode"),
            is_transient: error.get("is_transient") == Some(&Value::Bool(true)),
        });
        Self { body, error, status: answer.status }
    }

    /// Facebook's own sentence: the one for people if it has such.
    fn sentence(&self) -> Option<String> {
        let error = self.body.as_ref()?.get("error")?;
        let said = ["error_user_msg", "message"].into_iter().find_map(|name| error.get(name)?.as_str());
        let said = said.or_else(|| error.as_str())?;
        let clean: String = said.chars().filter(|c| !c.is_control()).take(SENTENCE_LIMIT).collect();
        (!clean.trim().is_empty()).then(|| clean.trim().to_owned())
    }

    fn says(&self, words: &str) -> bool {
        let message = self.body.as_ref().and_then(|body| body.pointer("/error/message")).and_then(Value::as_str);
        message.is_some_and(|message| message.to_lowercase().contains(words))
    }

    /// Our words, and behind them Facebook's own, with the number to look for.
    fn told(&self, words: Words) -> String {
        let number = match &self.error {
            Some(Error { code, subcode: Some(subcode), .. }) => words::error_and_subcode(*code, *subcode),
            Some(Error { code, .. }) => words::error(*code),
            None => self.status.to_string(),
        };
        match self.sentence() {
            Some(sentence) => words::facebook_says(words, &sentence, &number),
            None => words::with_number(words, &number),
        }
    }
}

#[cfg(test)]
mod tests;
