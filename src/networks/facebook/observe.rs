//! What an answer of Facebook says of limits, whatever else it means. Pure.
//!
//! Facebook counts in percent of a limit that it does not name, and says how many minutes it takes until calls are taken
//! again. Nothing has a price there, so nothing is read or written in the sense of a bill.

use std::time::Duration;

use serde_json::Value;

use super::outcome;
use crate::clock::Millis;
use crate::networks::Failure;
use crate::networks::http::{Answer, NoAnswer};
use crate::networks::watch::{Caller, Endpoint, Limit, Observed, Span};

/// From so many percent on, calls of the kind pause: what goes beyond a hundred is refused, and costs goodwill.
const PAUSE_FROM: f64 = 95.0;
/// The pause before a limit is used up, where Facebook names none.
const PAUSE: Duration = Duration::from_secs(5 * 60);

/// A call as it ended.
pub fn of(endpoint: Endpoint, caller: Caller, result: &Result<Answer, NoAnswer>, now: Millis) -> Observed {
    let (status, limits) = match result {
        Ok(answer) => (Some(answer.status), pause(answer).map(|wait| limit(caller, now.plus(wait)))),
        Err(_) => (None, None),
    };
    let limits = limits.into_iter().collect();
    Observed { endpoint, at: now, status, limits, read: Vec::new(), written: None }
}

/// In how long Facebook takes calls again, if an answer says so.
pub fn regain(answer: &Answer) -> Option<Duration> {
    let minutes = usages(answer).into_iter().filter_map(|usage| {
        usage.get("estimated_time_to_regain_access").and_then(Value::as_u64).filter(|minutes| *minutes > 0)
    });
    minutes.max().map(|minutes| Duration::from_secs(minutes.saturating_mul(60)))
}

fn limit(of: Caller, reset_at: Millis) -> Limit {
    Limit { of, span: Span::Window, remaining: 0, reset_at }
}

/// How long calls of this kind pause.
fn pause(answer: &Answer) -> Option<Duration> {
    if let Err(Failure::RetryAfter(wait)) = outcome::of_read(answer)
        && outcome::is_throttled(answer)
    {
        return Some(wait);
    }
    let percent = |usage: &Value| {
        let counts = ["call_count", "total_time", "total_cputime"];
        counts.into_iter().filter_map(|count| usage.get(count)?.as_f64()).fold(0.0, f64::max)
    };
    let used = usages(answer).iter().map(percent).fold(0.0, f64::max);
    (used >= PAUSE_FROM).then(|| regain(answer).unwrap_or(PAUSE).min(outcome::LONGEST_WAIT))
}

/// All that the headers say: the app's usage, and that of each page.
fn usages(answer: &Answer) -> Vec<Value> {
    let header = |name: &str| answer.header(name).and_then(|text| serde_json::from_str::<Value>(text).ok());
    let mut found: Vec<Value> = header("x-app-usage").into_iter().collect();
    if let Some(Value::Object(pages)) = header("x-business-use-case-usage") {
        found.extend(pages.into_iter().flat_map(|(_, usages)| match usages {
            Value::Array(usages) => usages,
            other => vec![other],
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    const NOW: Millis = Millis(1_784_928_203_000);

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let named = headers.iter().map(|(name, value)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static("")))
        });
        Answer { status, headers: named.collect::<HeaderMap>(), body: body.as_bytes().to_vec() }
    }

    /// For how many seconds calls pause after this answer.
    fn paused(status: u16, headers: &[(&'static str, &str)], body: &str) -> Option<u64> {
        let seen = of(Endpoint::Mentions, Caller::Account, &Ok(answer(status, headers, body)), NOW);
        assert_eq!((seen.read.len(), seen.written, seen.status), (0, None, Some(status)));
        seen.limits.first().map(|limit| limit.reset_at.since(NOW).as_secs())
    }

    #[test]
    fn calls_pause_before_a_limit_is_used_up() {
        let page = |percent: u32, minutes: u32| {
            format!(
                r#"{{"102938475610293":[{{"type":"pages","call_count":{percent},"total_cputime":3,"total_time":2,
                    "estimated_time_to_regain_access":{minutes}}},{{"type":"messenger","call_count":1}}]}}"#
            )
            .replace('\n', "")
        };
        let buc = "x-business-use-case-usage";
        assert_eq!(paused(200, &[(buc, &page(94, 0))], "{}"), None);
        assert_eq!(paused(200, &[(buc, &page(95, 0))], "{}"), Some(300));
        assert_eq!(paused(200, &[(buc, &page(100, 28))], "{}"), Some(28 * 60));
        assert_eq!(paused(200, &[(buc, &page(100, 999_999))], "{}"), Some(86_400), "never longer than a day");
        let app = r#"{"call_count":28,"total_time":97.5,"total_cputime":25}"#;
        assert_eq!(paused(200, &[("x-app-usage", app)], "{}"), Some(300));
        for odd in ["", "many", "[]", "{}", r#"{"call_count":"a"}"#, r#"{"1":[[]]}"#, r#"{"1":7}"#] {
            assert_eq!(paused(200, &[("x-app-usage", odd), (buc, odd)], "{}"), None, "{odd}");
        }
    }

    #[test]
    fn a_refusal_for_too_many_calls_pauses_even_without_headers() {
        let error = |code: i64| format!(r#"{{"error":{{"code":{code},"message":"too many"}}}}"#);
        assert_eq!(paused(403, &[], &error(80_001)), Some(900));
        assert_eq!(paused(403, &[], &error(4)), Some(900));
        assert_eq!(paused(429, &[], "<html>"), Some(900));
        assert_eq!(paused(500, &[], &error(2)), None);
        assert_eq!(paused(403, &[], &error(200)), None);
        let nothing = of(Endpoint::Me, Caller::Account, &Err(NoAnswer::MaybeSent("reset".to_owned())), NOW);
        assert_eq!((nothing.limits.len(), nothing.status), (0, None));
    }
}
