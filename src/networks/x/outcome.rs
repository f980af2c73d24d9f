//! What X's answer means: for a send, for a deletion, for a reading call; and how that is said to staff. Pure, and tested
//! as a table.
//!
//! One rule stands above the others: where X may have accepted a send, the outcome is unknown, never "try again".

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::wire::{Id, Problem};
use super::words;
use crate::clock::Millis;
use crate::networks::http::{Answer, NoAnswer};
use crate::networks::{Failure, Mend, Outcome};

/// The wait after a call that may be repeated without harm.
const AGAIN: Duration = Duration::from_secs(30);
/// The wait when X asks for one and does not say how long: one of its windows.
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// Bounds of a wait that X names: its clock and ours differ, and its longest window is a day.
const SHORTEST_WAIT: Duration = Duration::from_secs(5);
pub const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// Longest reason that is kept, in characters.
const REASON_LIMIT: usize = 300;

/// The outcome of `POST /2/tweets`.
pub fn of_post(result: &Result<Answer, NoAnswer>, now: Millis) -> Outcome {
    of_send(result, created_id, now)
}

/// The outcome of `POST /2/dm_conversations/with/ID/messages`.
pub fn of_message(result: &Result<Answer, NoAnswer>, now: Millis) -> Outcome {
    of_send(result, event_id, now)
}

fn of_send(result: &Result<Answer, NoAnswer>, id_in: fn(&[u8]) -> Option<Id>, now: Millis) -> Outcome {
    let answer = match result {
        Ok(answer) => answer,
        Err(NoAnswer::NeverLeft(reason)) => {
            return Outcome::Unreachable { reason: words::unreachable(reason) };
        }
        Err(NoAnswer::MaybeSent(reason)) => {
            let reason = words::maybe_posted(reason);
            return Outcome::Unknown { reason, there: false };
        }
    };
    match answer.status {
        200..=299 => match id_in(&answer.body) {
            Some(Id(remote_id)) => Outcome::Accepted { remote_id, person: None },
            None => {
                let trouble = Trouble::of(answer);
                Outcome::Unknown { reason: trouble.told(words::WITHOUT_ID), there: trouble.said_by_x }
            }
        },
        _ => refused_post(answer, now),
    }
}

/// The outcome of `DELETE /2/tweets/ID`. Deleting twice does no harm, so whatever is unclear is tried again.
pub fn of_delete(id: &str, result: &Result<Answer, NoAnswer>, now: Millis) -> Outcome {
    let again = |reason: String| Outcome::RetryAfter { wait: AGAIN, reason };
    let answer = match result {
        Ok(answer) => answer,
        Err(error) => return again(error.to_string()),
    };
    let deleted = serde_json::from_slice::<Value>(&answer.body).ok().and_then(|body| body["data"]["deleted"].as_bool());
    let trouble = Trouble::of(answer);
    match (answer.status, deleted) {
        (200..=299, Some(true)) => Outcome::Accepted { remote_id: id.to_owned(), person: None },
        (200..=299, _) if !trouble.is_not_found() => again(words::NOT_SAID_TO_BE_DELETED.to_owned()),
        (404, _) if trouble.said_by_x => Outcome::Accepted { remote_id: id.to_owned(), person: None },
        _ if trouble.is_not_found() => Outcome::Accepted { remote_id: id.to_owned(), person: None },
        _ => {
            let meaning = meaning(answer, &trouble, now);
            let reason = trouble.told(meaning.words());
            match meaning {
                Meaning::Wait(wait, _) => Outcome::RetryAfter { wait, reason },
                Meaning::Broken(mend, _) => Outcome::ChannelBroken { mend, reason },
                Meaning::WrongTokenKind => Outcome::ChannelBroken { mend: Mend::Connect, reason },
                Meaning::TokenRefused => Outcome::TokenRefused { reason },
                Meaning::Refused(_) | Meaning::MaybeDone | Meaning::ByHand => Outcome::Refused { reason },
                Meaning::Unclear(_) => again(reason),
            }
        }
    }
}

/// Why a reading call brought nothing, for an answer that is not a usable 200.
pub fn of_read(answer: &Answer, now: Millis) -> Failure {
    let trouble = Trouble::of(answer);
    let meaning = meaning(answer, &trouble, now);
    let reason = trouble.told(meaning.words());
    match meaning {
        Meaning::Wait(wait, _) => Failure::RetryAfter(wait),
        Meaning::Broken(mend, _) => Failure::ChannelBroken(mend, reason),
        Meaning::WrongTokenKind => Failure::ChannelBroken(Mend::Connect, reason),
        Meaning::TokenRefused => Failure::TokenRefused(reason),
        Meaning::Refused(_) | Meaning::MaybeDone | Meaning::ByHand => Failure::Refused(reason),
        Meaning::Unclear(_) => Failure::Unavailable(reason),
    }
}

fn refused_post(answer: &Answer, now: Millis) -> Outcome {
    let trouble = Trouble::of(answer);
    let meaning = meaning(answer, &trouble, now);
    let reason = trouble.told(meaning.words());
    match meaning {
        Meaning::Wait(wait, _) => Outcome::RetryAfter { wait, reason },
        Meaning::Broken(mend, _) => Outcome::ChannelBroken { mend, reason },
        Meaning::WrongTokenKind => Outcome::ChannelBroken { mend: Mend::Connect, reason },
        Meaning::TokenRefused => Outcome::TokenRefused { reason },
        Meaning::ByHand => Outcome::ByHand { reason },
        Meaning::Refused(_) => Outcome::Refused { reason },
        Meaning::MaybeDone => Outcome::Unknown { reason, there: true },
        Meaning::Unclear(_) => Outcome::Unknown { reason, there: false },
    }
}

/// What the refusal of a picture means for the post that waits for it, of which X has not heard yet.
pub fn of_media(answer: &Answer, now: Millis) -> Outcome {
    let trouble = Trouble::of(answer);
    let meaning = meaning(answer, &trouble, now);
    match meaning {
        Meaning::Wait(wait, words) => Outcome::RetryAfter { wait, reason: trouble.told(words) },
        Meaning::TokenRefused => Outcome::TokenRefused { reason: trouble.told(words::TOKEN) },
        // Without pictures this account may well go on.
        Meaning::WrongTokenKind | Meaning::Refused(_) | Meaning::MaybeDone | Meaning::ByHand => {
            Outcome::Refused { reason: trouble.told(words::NO_PICTURE) }
        }
        Meaning::Broken(mend, words) => Outcome::ChannelBroken { mend, reason: trouble.told(words) },
        Meaning::Unclear(words) => Outcome::RetryAfter { wait: AGAIN, reason: trouble.told(words) },
    }
}

/// What an answer that is no success asks of us, whatever the call was, each with our words for it.
enum Meaning {
    Wait(Duration, Words),
    /// The account's access is gone or unpaid.
    Broken(Mend, Words),
    /// The token is good, but of another kind than this call wants.
    WrongTokenKind,
    /// The token is expired or revoked: a new one may be taken.
    TokenRefused,
    /// Only a person may do this.
    ByHand,
    /// X has this text from us already.
    MaybeDone,
    Refused(Words),
    /// Something between us and X failed, or X itself: nobody knows what was done.
    Unclear(Words),
}

/// What happened, and what is to be done: one or two sentences for staff.
type Words = &'static str;

impl Meaning {
    fn words(&self) -> Words {
        match self {
            Self::Wait(_, words) | Self::Broken(_, words) | Self::Refused(words) | Self::Unclear(words) => words,
            Self::WrongTokenKind => words::WRONG_TOKEN_KIND,
            Self::TokenRefused => words::TOKEN,
            Self::ByHand => words::BY_HAND,
            Self::MaybeDone => words::DUPLICATE,
        }
    }
}

fn meaning(answer: &Answer, trouble: &Trouble, now: Millis) -> Meaning {
    if (300..400).contains(&answer.status) {
        return Meaning::Unclear(words::REDIRECTED);
    }
    if !(400..500).contains(&answer.status) || answer.status == 408 {
        return Meaning::Unclear(words::ERROR_OF_X);
    }
    match answer.status {
        429 => Meaning::Wait(wait(answer, now), words::LIMIT),
        401 => Meaning::TokenRefused,
        402 => Meaning::Broken(Mend::BuyCredits, words::CREDITS),
        _ if trouble.has_code(88) => Meaning::Wait(wait(answer, now), words::LIMIT),
        _ if trouble.is("usage-capped") => Meaning::Wait(wait(answer, now), words::CAP),
        _ if trouble.is("credits") || trouble.is("credits-depleted") || trouble.title == "CreditsDepleted" => {
            Meaning::Broken(Mend::BuyCredits, words::CREDITS)
        }
        _ if trouble.is("unsupported-authentication") => Meaning::WrongTokenKind,
        // One part of the API that the plan lacks; the others may work.
        _ if trouble.is("client-forbidden") => Meaning::Refused(words::APP_MAY_NOT),
        _ if trouble.has_code(89) => Meaning::TokenRefused,
        _ if trouble.has_code(32) || trouble.has_code(99) => Meaning::Broken(Mend::EnterKeys, words::WRONG_KEYS),
        _ if trouble.has_code(64) || trouble.has_code(326) => Meaning::Broken(Mend::Connect, words::LOCKED),
        403 if trouble.has_code(187) || trouble.says("duplicate content") => Meaning::MaybeDone,
        403 if trouble.says("reply to this conversation is not allowed")
            || trouble.says("otherwise engaged by the author") =>
        {
            Meaning::ByHand
        }
        // A gate before X (its pages are HTML) turned us away: X never saw the request.
        403 if !trouble.said_by_x => Meaning::Wait(WINDOW, words::GATE),
        403 if trouble.says("deleted or not visible") => Meaning::Refused(words::GONE),
        404 => Meaning::Refused(words::GONE),
        _ if trouble.says("too long") || trouble.has_code(186) => Meaning::Refused(words::TOO_LONG),
        400 | 422 => Meaning::Refused(words::NOT_IN_THIS_FORM),
        _ => Meaning::Refused(words::REFUSED),
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

/// The id in `{"data":{"dm_event_id":…}}`.
fn event_id(body: &[u8]) -> Option<Id> {
    #[derive(Deserialize)]
    struct Created {
        data: CreatedEvent,
    }
    #[derive(Deserialize)]
    struct CreatedEvent {
        dm_event_id: Id,
    }
    serde_json::from_slice::<Created>(body).ok().map(|created| created.data.dm_event_id)
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
    /// X's own sentence, if it has one.
    sentence: Option<String>,
    status: u16,
}

impl Trouble {
    /// Our words, and behind them X's own.
    fn told(&self, words: Words) -> String {
        match &self.sentence {
            Some(sentence) => words::x_says(words, sentence, self.status),
            None => words::with_status(words, self.status),
        }
    }

    fn of(answer: &Answer) -> Self {
        let body = serde_json::from_slice::<Value>(&answer.body).ok().filter(Value::is_object);
        let problem = body.as_ref().and_then(|body| Problem::deserialize(body).ok()).unwrap_or_default();
        let all: Vec<&Problem> = std::iter::once(&problem).chain(problem.errors.iter().flatten()).collect();
        let sentences: Vec<&str> =
            all.iter().flat_map(|p| [&p.detail, &p.message, &p.title]).flatten().map(String::as_str).collect();
        let clean = |text: &&str| text.chars().filter(|c| !c.is_control()).take(REASON_LIMIT).collect::<String>();
        Self {
            said_by_x: body.is_some(),
            status: answer.status,
            sentence: sentences.first().map(clean).filter(|sentence| !sentence.trim().is_empty()),
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

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    const NOW: Millis = Millis(1_784_928_203_000);
    const HTML: &str = "<!doctype html><title>Just a moment</title>";
    const DUPLICATE: &str = r#"{"title":"Forbidden","type":"about:blank","status":403,"detail":"You are not allowed to create a Tweet with duplicate content."}"#;
    const COLD: &str = r#"{"title":"Forbidden","type":"about:blank","status":403,"detail":"Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author of the post you are replying to."}"#;
    const CREDITS: &str = r#"{"title":"CreditsDepleted","type":"https://api.x.com/2/problems/credits","detail":"Your enrolled account [1] does not have any credits to fulfill this request."}"#;
    const TOO_MANY: &str =
        r#"{"title":"Too Many Requests","status":429,"detail":"Too Many Requests","type":"about:blank"}"#;

    fn answer(status: u16, headers: &[(&'static str, String)], body: &str) -> Answer {
        let named =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::try_from(value).unwrap()));
        Answer { status, headers: named.collect::<HeaderMap>(), body: body.as_bytes().to_vec() }
    }

    /// The outcome in one word, with the wait in seconds.
    fn word(outcome: &Outcome) -> String {
        match outcome {
            Outcome::Accepted { remote_id, .. } => format!("accepted {remote_id}"),
            Outcome::RetryAfter { wait, .. } => format!("wait {}", wait.as_secs()),
            Outcome::Refused { .. } => "refused".to_owned(),
            Outcome::ByHand { .. } => "by hand".to_owned(),
            Outcome::ChannelBroken { mend: Mend::Connect, .. } => "broken".to_owned(),
            Outcome::ChannelBroken { mend, .. } => format!("broken {mend:?}"),
            Outcome::TokenRefused { .. } => "token".to_owned(),
            Outcome::Unreachable { .. } => "unreachable".to_owned(),
            Outcome::Unknown { .. } => "unknown".to_owned(),
        }
    }

    #[test]
    fn every_answer_to_a_send_has_its_outcome() {
        let cases = [
            (
                201,
                r#"{"data":{"id":"2090000000000000001","text":"hi","edit_history_tweet_ids":["1"]}}"#,
                "accepted 2090000000000000001",
            ),
            (200, r#"{"data":{"id":2090000000000000001}}"#, "accepted 2090000000000000001"),
            (200, HTML, "unknown"),
            (201, "", "unknown"),
            (201, r#"{"data":{"text":"hi"}}"#, "unknown"),
            (201, r#"{"data":{"id":""}}"#, "unknown"),
            (201, r#"{"data":{"id":"1/../2"}}"#, "unknown"),
            (201, r#"{"data":{"id":"209000"#, "unknown"),
            (204, "", "unknown"),
            (302, "", "unknown"),
            (
                400,
                r#"{"title":"Invalid Request","type":"https://api.twitter.com/2/problems/invalid-request","detail":"One or more parameters to your request was invalid.","errors":[{"parameters":{"text":["x"]},"message":"text is too long"}]}"#,
                "refused",
            ),
            (401, r#"{"title":"Unauthorized","type":"about:blank","status":401,"detail":"Unauthorized"}"#, "token"),
            (401, HTML, "token"),
            (402, CREDITS, "broken BuyCredits"),
            (403, CREDITS, "broken BuyCredits"),
            (402, "", "broken BuyCredits"),
            (403, DUPLICATE, "unknown"),
            (403, r#"{"errors":[{"code":187,"message":"Status is a duplicate."}]}"#, "unknown"),
            (403, COLD, "by hand"),
            (
                403,
                r#"{"title":"Unsupported Authentication","type":"https://api.twitter.com/2/problems/unsupported-authentication","status":403,"detail":"app-only"}"#,
                "broken",
            ),
            (
                403,
                r#"{"title":"Client Forbidden","type":"https://api.x.com/2/problems/client-forbidden","detail":"enrol"}"#,
                "refused",
            ),
            (
                403,
                r#"{"title":"UsageCapExceeded","type":"https://api.x.com/2/problems/usage-capped","detail":"cap"}"#,
                "wait 900",
            ),
            (403, r#"{"errors":[{"code":326,"message":"account locked"}]}"#, "broken"),
            (403, r#"{"errors":[{"code":32,"message":"could not authenticate"}]}"#, "broken EnterKeys"),
            (
                403,
                r#"{"title":"Forbidden","detail":"You attempted to reply to a Tweet that is deleted or not visible to you."}"#,
                "refused",
            ),
            (403, HTML, "wait 900"),
            (404, r#"{"title":"Not Found"}"#, "refused"),
            (408, "", "unknown"),
            (422, "{}", "refused"),
            (429, TOO_MANY, "wait 900"),
            (429, HTML, "wait 900"),
            (400, r#"{"errors":[{"code":88,"message":"Rate limit exceeded"}]}"#, "wait 900"),
            (500, r#"{"title":"Internal Server Error"}"#, "unknown"),
            (502, HTML, "unknown"),
            (503, "", "unknown"),
            (504, DUPLICATE, "unknown"),
        ];
        for (status, body, expected) in cases {
            assert_eq!(word(&of_post(&Ok(answer(status, &[], body)), NOW)), expected, "{status} {body}");
        }
        assert_eq!(word(&of_post(&Err(NoAnswer::NeverLeft("dns".into())), NOW)), "unreachable");
        assert_eq!(word(&of_post(&Err(NoAnswer::MaybeSent("reset".into())), NOW)), "unknown");
    }

    #[test]
    fn a_wait_lasts_until_the_window_that_is_used_up_begins_anew() {
        let at = |seconds: i64| (NOW.0 / 1_000 + seconds).to_string();
        let short = ("x-rate-limit-reset", at(120));
        let cases = [
            (vec![short.clone()], 120),
            (vec![("x-rate-limit-reset", at(-50))], 5),
            (vec![("x-rate-limit-reset", at(1_000_000))], 86_400),
            (vec![("x-rate-limit-reset", i64::MAX.to_string())], 86_400),
            (vec![("x-rate-limit-reset", "soon".to_owned())], 900),
            (vec![("retry-after", "60".to_owned())], 60),
            (
                vec![
                    short.clone(),
                    ("x-user-limit-24hour-remaining", "0".into()),
                    ("x-user-limit-24hour-reset", at(7_200)),
                ],
                7_200,
            ),
            (vec![short, ("x-app-limit-24hour-remaining", "12".into()), ("x-app-limit-24hour-reset", at(7_200))], 120),
            (vec![], 900),
        ];
        for (headers, seconds) in cases {
            let outcome = of_post(&Ok(answer(429, &headers, TOO_MANY)), NOW);
            assert_eq!(word(&outcome), format!("wait {seconds}"), "{headers:?}");
        }
    }

    #[test]
    fn deleting_is_tried_again_until_the_post_is_gone() {
        let not_found = r#"{"errors":[{"title":"Not Found Error","type":"https://api.x.com/2/problems/resource-not-found","resource_type":"tweet","value":"7"}]}"#;
        let cases = [
            (200, r#"{"data":{"deleted":true}}"#, "accepted 7"),
            (200, r#"{"data":{"deleted":false}}"#, "wait 30"),
            (200, not_found, "accepted 7"),
            (404, not_found, "accepted 7"),
            (404, HTML, "refused"),
            (200, HTML, "wait 30"),
            (401, "{}", "token"),
            (403, r#"{"detail":"You are not allowed to delete this Tweet."}"#, "refused"),
            (429, TOO_MANY, "wait 900"),
            (503, HTML, "wait 30"),
        ];
        for (status, body, expected) in cases {
            assert_eq!(word(&of_delete("7", &Ok(answer(status, &[], body)), NOW)), expected, "{status} {body}");
        }
        assert_eq!(word(&of_delete("7", &Err(NoAnswer::MaybeSent("reset".into())), NOW)), "wait 30");
    }

    #[test]
    fn a_reading_call_fails_in_one_of_four_ways() {
        let wait = Failure::RetryAfter(Duration::from_secs(60));
        assert_eq!(of_read(&answer(429, &[("x-rate-limit-reset", (NOW.0 / 1_000 + 60).to_string())], ""), NOW), wait);
        assert!(matches!(of_read(&answer(401, &[], ""), NOW), Failure::TokenRefused(_)));
        assert!(
            matches!(of_read(&answer(402, &[], CREDITS), NOW), Failure::ChannelBroken(Mend::BuyCredits, reason) if reason.contains("credits"))
        );
        assert!(
            matches!(of_read(&answer(400, &[], r#"{"detail":"bad since_id"}"#), NOW), Failure::Refused(reason) if reason.ends_with("X says: “bad since_id” (400)"))
        );
        assert!(matches!(of_read(&answer(503, &[], HTML), NOW), Failure::Unavailable(_)));
        assert!(matches!(of_read(&answer(302, &[], ""), NOW), Failure::Unavailable(_)));
    }

    #[test]
    fn a_reason_is_short_and_plain() {
        let long = format!(r#"{{"detail":"\u001b[31m{}"}}"#, "x".repeat(10_000));
        let Outcome::Refused { reason } = of_post(&Ok(answer(400, &[], &long)), NOW) else { panic!("refused") };
        assert_eq!(
            reason.chars().count(),
            words::NOT_IN_THIS_FORM.chars().count() + " X says: “” (400)".chars().count() + 300
        );
        assert!(!reason.contains('\u{1b}'));
    }
}
