//! What an answer of X says of limits and prices, whatever else it means. Pure.
//!
//! X counts what it read out to us by resource: posts and users, also those that only came along. Its headers say how
//! many calls are left; its clock need not be ours, so a reset is counted from X's own `Date`.

use std::collections::HashSet;

use serde::Deserialize;

use super::outcome;
use crate::clock::Millis;
use crate::networks::Failure;
use crate::networks::http::{Answer, NoAnswer};
use crate::networks::watch::{Caller, Endpoint, Item, ItemKind, Limit, Observed, Span, Written};

/// The headers of X's limits: their common beginning, over which time they count, and whose calls.
const HEADERS: [(&str, Span, Option<Caller>); 3] = [
    ("x-rate-limit", Span::Window, None),
    ("x-user-limit-24hour", Span::Day, Some(Caller::Account)),
    ("x-app-limit-24hour", Span::Day, Some(Caller::App)),
];

/// A call as it ended.
pub fn of(
    endpoint: Endpoint,
    caller: Caller,
    written: Option<Written>,
    result: &Result<Answer, NoAnswer>,
    now: Millis,
) -> Observed {
    let mut observed =
        Observed { endpoint, at: now, status: None, limits: Vec::new(), read: Vec::new(), written: None };
    match result {
        Ok(answer) => {
            observed.status = Some(answer.status);
            observed.limits = limits(answer, caller, now);
            if answer.status == 200 {
                observed.read = items(endpoint, &answer.body);
            }
            observed.written = written.filter(|_| matches!(answer.status, 200..=299 | 500..));
        }
        Err(NoAnswer::MaybeSent(_)) => observed.written = written,
        Err(NoAnswer::NeverLeft(_)) => {}
    }
    observed
}

fn limits(answer: &Answer, caller: Caller, now: Millis) -> Vec<Limit> {
    let number = |name: String| answer.header(&name).and_then(|text| text.trim().parse::<i64>().ok());
    let ahead = answer.header("date").and_then(Millis::parse_http_date).map_or(0, |theirs| now.0 - theirs.0);
    let mut found: Vec<Limit> = HEADERS
        .into_iter()
        .filter_map(|(name, span, of)| {
            let remaining = number(format!("{name}-remaining"))?.max(0);
            let reset = number(format!("{name}-reset"))?;
            let reset_at = Millis(reset.saturating_mul(1_000).saturating_add(ahead));
            let reset_at = reset_at.clamp(now, now.plus(outcome::LONGEST_WAIT));
            Some(Limit { of: of.unwrap_or(caller), span, remaining, reset_at })
        })
        .collect();
    if !found.iter().any(|limit| limit.remaining == 0)
        && let Some(wait) = asked_wait(answer, now)
    {
        found.retain(|limit| limit.span != Span::Window);
        found.push(Limit { of: caller, span: Span::Window, remaining: 0, reset_at: now.plus(wait) });
    }
    found
}

/// The wait of an answer by which X itself says that a limit is used up.
fn asked_wait(answer: &Answer, now: Millis) -> Option<std::time::Duration> {
    let by_x = answer.status == 429 || serde_json::from_slice::<serde::de::IgnoredAny>(&answer.body).is_ok();
    match outcome::of_read(answer, now) {
        Failure::RetryAfter(wait) if by_x => Some(wait),
        _ => None,
    }
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    data: Option<OneOrMany>,
    #[serde(default)]
    includes: Option<Includes>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<Named>),
    One(Named),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Includes {
    users: Vec<Named>,
    tweets: Vec<Named>,
    posts: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

/// What a reading call brought, each once. A body that is not X's brought nothing.
fn items(endpoint: Endpoint, body: &[u8]) -> Vec<Item> {
    let kind = match endpoint {
        Endpoint::Mentions | Endpoint::OwnPosts => ItemKind::OwnPost,
        Endpoint::Search | Endpoint::PostLookUp => ItemKind::Post,
        Endpoint::UserLookUp | Endpoint::Me => ItemKind::User,
        Endpoint::MessageList => ItemKind::Message,
        _ => return Vec::new(),
    };
    let Ok(Body { data, includes }) = serde_json::from_slice(body) else { return Vec::new() };
    let data = match data {
        Some(OneOrMany::Many(many)) => many,
        Some(OneOrMany::One(one)) => vec![one],
        None => Vec::new(),
    };
    let Includes { users, tweets, posts } = includes.unwrap_or_default();
    let mut seen = HashSet::new();
    let named = data.into_iter().map(|one| (kind, one));
    let along = tweets.into_iter().chain(posts).map(|one| (ItemKind::Post, one));
    let people = users.into_iter().map(|one| (ItemKind::User, one));
    let all = named.chain(along).chain(people).map(|(kind, Named { id })| Item { kind, id });
    // A post that is asked for and comes along as well is one resource.
    all.filter(|item| seen.insert((item.kind == ItemKind::User, item.id.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    const NOW: Millis = Millis(1_784_928_203_000);

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Result<Answer, NoAnswer> {
        let named =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()));
        Ok(Answer { status, headers: named.collect::<HeaderMap>(), body: body.as_bytes().to_vec() })
    }

    fn seen(endpoint: Endpoint, caller: Caller, result: &Result<Answer, NoAnswer>) -> Observed {
        of(endpoint, caller, None, result, NOW)
    }

    #[test]
    fn everything_that_came_along_is_counted_once() {
        let body = r#"{"data":[{"id":"1","text":"a"},{"id":"2"}],
            "includes":{"users":[{"id":"1"},{"id":"9"}],"tweets":[{"id":"2"},{"id":"3"}]},"meta":{"result_count":2}}"#;
        let kinds = |endpoint| {
            let read = seen(endpoint, Caller::Account, &answer(200, &[], body)).read;
            read.into_iter().map(|item| (item.kind, item.id)).collect::<Vec<_>>()
        };
        use ItemKind::{OwnPost, Post, User};
        let named = |list: [(ItemKind, &str); 5]| list.map(|(kind, id)| (kind, id.to_owned())).to_vec();
        assert_eq!(
            kinds(Endpoint::Mentions),
            named([(OwnPost, "1"), (OwnPost, "2"), (Post, "3"), (User, "1"), (User, "9")])
        );
        assert_eq!(kinds(Endpoint::Search), named([(Post, "1"), (Post, "2"), (Post, "3"), (User, "1"), (User, "9")]));
        for nothing in ["", "<html>", "[]", r#"{"data":7}"#, r#"{"errors":[]}"#, r#"{"meta":{"result_count":0}}"#] {
            assert_eq!(seen(Endpoint::Search, Caller::App, &answer(200, &[], nothing)).read, []);
        }
        assert_eq!(seen(Endpoint::Search, Caller::App, &answer(500, &[], body)).read, []);
        assert_eq!(seen(Endpoint::PostLookUp, Caller::App, &answer(200, &[], r#"{"data":{"id":"5"}}"#)).read.len(), 1);
    }

    #[test]
    fn limits_are_read_by_the_clock_of_whoever_names_them() {
        let reset = (NOW.0 / 1_000 + 60).to_string();
        let left = |headers: &[(&'static str, &str)]| {
            seen(Endpoint::PostCreate, Caller::Account, &answer(201, headers, "{}")).limits
        };
        let window = Limit {
            of: Caller::Account,
            span: Span::Window,
            remaining: 3,
            reset_at: NOW.plus(std::time::Duration::from_secs(60)),
        };
        let headers = [("x-rate-limit-remaining", "3"), ("x-rate-limit-reset", reset.as_str())];
        assert_eq!(left(&headers), std::slice::from_ref(&window));
        // X's clock is an hour behind ours: its reset is an hour later than it says.
        let behind = (NOW.0 / 1_000 - 3_600 + 60).to_string();
        let headers = [
            ("x-rate-limit-remaining", "3"),
            ("x-rate-limit-reset", behind.as_str()),
            ("date", "Fri, 24 Jul 2026 20:23:23 GMT"),
        ];
        assert_eq!(left(&headers), [window]);
        let headers = [("x-app-limit-24hour-remaining", "0"), ("x-app-limit-24hour-reset", reset.as_str())];
        let day = left(&headers);
        assert_eq!((day[0].of, day[0].span, day[0].remaining, day.len()), (Caller::App, Span::Day, 0, 1));
        for odd in [[("x-rate-limit-remaining", "many"), ("x-rate-limit-reset", "soon")], [("a", "b"), ("c", "d")]] {
            assert_eq!(left(&odd), []);
        }
    }

    #[test]
    fn a_refusal_for_too_many_calls_closes_the_endpoint_even_without_headers() {
        let closed = |status, headers: &[(&'static str, &str)], body: &str| {
            let limits = seen(Endpoint::Search, Caller::App, &answer(status, headers, body)).limits;
            limits.iter().find(|limit| limit.remaining == 0).map(|limit| limit.reset_at.since(NOW).as_secs())
        };
        assert_eq!(closed(429, &[], "<html>"), Some(900));
        assert_eq!(closed(429, &[("retry-after", "60")], ""), Some(60));
        assert_eq!(closed(400, &[], r#"{"errors":[{"code":88}]}"#), Some(900));
        assert_eq!(closed(403, &[], "<html>a gate"), None);
        assert_eq!(closed(500, &[], "{}"), None);
        let reset = (NOW.0 / 1_000 + 120).to_string();
        let headers = [("x-rate-limit-remaining", "7"), ("x-rate-limit-reset", reset.as_str())];
        assert_eq!(closed(429, &headers, "{}"), Some(120));
    }

    #[test]
    fn what_may_have_been_accepted_may_have_been_charged() {
        let written = |result: Result<Answer, NoAnswer>| {
            of(Endpoint::PostCreate, Caller::Account, Some(Written::Reply), &result, NOW).written
        };
        assert_eq!(written(answer(201, &[], "{}")), Some(Written::Reply));
        assert_eq!(written(answer(502, &[], "")), Some(Written::Reply));
        assert_eq!(written(Err(NoAnswer::MaybeSent("reset".into()))), Some(Written::Reply));
        assert_eq!(written(answer(403, &[], "{}")), None);
        assert_eq!(written(answer(429, &[], "{}")), None);
        assert_eq!(written(Err(NoAnswer::NeverLeft("dns".into()))), None);
    }
}
