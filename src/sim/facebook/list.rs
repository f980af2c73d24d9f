//! Parts of lists: limits, cursors, times, and the addresses of the next part, as Graph gives them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::answer::Answer;
use super::fields::Field;
use crate::clock::Millis;

/// What orders a list: when, and in which order of numbers.
pub(super) type Place = (Millis, u64);

/// The part of a list that is asked for.
pub(super) struct Part {
    limit: usize,
    after: Option<Place>,
    before: Option<Place>,
    since: Option<Millis>,
    until: Option<Millis>,
    /// Whether the newest come first.
    pub newest_first: bool,
}

/// Where parameters come from: an address, or the brackets behind a field.
pub(super) trait Args {
    fn one(&self, name: &str) -> Option<&str>;
}

impl Args for [(String, String)] {
    fn one(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Part {
    /// `most` is the greatest limit; a greater one is taken for it.
    pub fn read(args: &(impl Args + ?Sized), most: usize, newest_first: bool) -> Result<Self, Answer> {
        let limit = match args.one("limit") {
            None => 25,
            Some(text) => text.parse::<usize>().map_err(|_| Answer::invalid("Param limit must be an integer"))?,
        };
        let cursor = |name: &str| match args.one(name).filter(|text| !text.is_empty()) {
            None => Ok(None),
            Some(text) => read_cursor(text).map(Some).ok_or_else(|| {
                Answer::error(400, "OAuthException", 100, None, "(#100) Invalid cursors values were provided")
            }),
        };
        let time = |name: &str| match args.one(name).filter(|text| !text.is_empty()) {
            None => Ok(None),
            Some(text) => read_time(text)
                .map(Some)
                .ok_or_else(|| Answer::invalid(&format!("Param {name} must be a valid UNIX timestamp or a date"))),
        };
        Ok(Self {
            limit: limit.min(most),
            after: cursor("after")?,
            before: cursor("before")?,
            since: time("since")?,
            until: time("until")?,
            newest_first,
        })
    }

    /// This part of all, which come oldest first, and what Graph says of the rest.
    pub fn cut<T>(&self, all: Vec<T>, place: impl Fn(&T) -> Place, more: &More<'_>) -> (Vec<T>, Option<Value>) {
        let mut all: Vec<T> = all.into_iter().filter(|one| self.is_of_time(place(one).0)).collect();
        all.sort_by_key(|one| place(one));
        if self.newest_first {
            all.reverse();
        }
        let behind = |one: &T, cursor: Place| {
            let place = place(one);
            if self.newest_first { place < cursor } else { place > cursor }
        };
        let total = all.len();
        let begin = match (self.after, self.before) {
            (Some(after), _) => all.iter().position(|one| behind(one, after)).unwrap_or(total),
            (None, Some(before)) => {
                let end = all.iter().position(|one| behind(one, before) || place(one) == before).unwrap_or(total);
                end.saturating_sub(self.limit)
            }
            (None, None) => 0,
        };
        let end = match self.before.filter(|_| self.after.is_none()) {
            Some(before) => all.iter().position(|one| behind(one, before) || place(one) == before).unwrap_or(total),
            None => (begin + self.limit).min(total),
        };
        let part: Vec<T> = all.into_iter().skip(begin).take(end.saturating_sub(begin)).collect();
        let (Some(first), Some(last)) = (part.first().map(&place), part.last().map(&place)) else {
            return (part, None);
        };
        let (first, last) = (write_cursor(first), write_cursor(last));
        let mut paging = json!({"cursors": {"before": first, "after": last}});
        if end < total {
            paging["next"] = json!(more.address("after", &last));
        }
        if begin > 0 {
            paging["previous"] = json!(more.address("before", &first));
        }
        (part, Some(paging))
    }

    fn is_of_time(&self, at: Millis) -> bool {
        self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at <= until)
    }
}

/// What leads to the other parts of a list. As at Graph, the address carries the token, but no proof.
pub(super) struct More<'a> {
    /// `http://127.0.0.1:8082/v25.0`.
    pub root: String,
    /// The part of the address behind the version.
    pub path: String,
    pub token: &'a str,
    pub params: Vec<(String, String)>,
}

impl More<'_> {
    /// For an edge that stands among the fields of another object.
    pub fn inside(root: &str, token: &'static str, id: &str, field: &Field) -> More<'static> {
        let mut params = field.args.clone();
        if !field.inner.is_empty() {
            params.push(("fields".to_owned(), super::fields::written(&field.inner)));
        }
        More { root: root.to_owned(), path: format!("{id}/{}", field.name), token, params }
    }

    fn address(&self, direction: &str, cursor: &str) -> String {
        let kept = ["after", "before", "access_token", "appsecret_proof"];
        let mut pairs = vec![("access_token", self.token)];
        let others = self.params.iter().filter(|(name, _)| !kept.contains(&name.as_str()));
        pairs.extend(others.map(|(name, value)| (name.as_str(), value.as_str())));
        if self.params.iter().all(|(name, _)| name != "limit") {
            pairs.push(("limit", "25"));
        }
        pairs.push((direction, cursor));
        let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
        format!("{}/{}?{query}", self.root, self.path)
    }
}

fn write_cursor((at, number): Place) -> String {
    format!("QVFI{}ZD", URL_SAFE_NO_PAD.encode(format!("{}:{number}", at.0)))
}

fn read_cursor(text: &str) -> Option<Place> {
    let inner = text.strip_prefix("QVFI")?.strip_suffix("ZD")?;
    let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(inner).ok()?).ok()?;
    let (at, number) = plain.split_once(':')?;
    Some((Millis(at.parse().ok()?), number.parse().ok()?))
}

/// Unix seconds, or a date as Graph writes them, or RFC 3339.
pub(super) fn read_time(text: &str) -> Option<Millis> {
    if let Ok(seconds) = text.parse::<i64>() {
        return seconds.checked_mul(1000).map(Millis);
    }
    let text = text.replace("+0000", "Z").replace(' ', "+");
    Millis::parse_rfc3339(&text)
}
