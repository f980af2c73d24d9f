//! Query parameters as X reads them, and pages of posts.

use serde_json::{Value, json};

use super::answer::Answer;
use super::api::read_id;
use super::posts::Post;

/// Parameters that every reading endpoint knows, in both dialects.
const FIELDS: [&str; 7] =
    ["tweet.fields", "post.fields", "user.fields", "media.fields", "poll.fields", "place.fields", "expansions"];
/// What X puts before the base-36 part of its tokens.
const TOKEN_PREFIX: &str = "7140dibdnow9c7btw";

/// The parameters of one call.
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads a query string; X refuses parameters it does not know. `*` knows all.
    pub fn read(query: &str, known: &[&str]) -> Result<Self, Answer> {
        let Ok(pairs) = serde_urlencoded::from_str::<Vec<(String, String)>>(query) else {
            return Err(Answer::invalid("", query, "The query string cannot be read"));
        };
        let all: Vec<&str> = FIELDS.iter().chain(known).copied().collect();
        match pairs.iter().find(|(key, _)| !all.contains(&key.as_str()) && !known.contains(&"*")) {
            Some((key, value)) => {
                let message = format!("The query parameter [{key}] is not one of [{}]", all.join(","));
                Err(Answer::invalid(key, value, &message))
            }
            None => Ok(Self(pairs)),
        }
    }

    pub fn one(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// A value that lists several, separated by commas.
    pub fn list(&self, key: &str) -> Vec<String> {
        let values = self.0.iter().filter(|(known, _)| known == key).flat_map(|(_, value)| value.split(','));
        values.map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect()
    }
}

/// Which part of a list is asked for.
pub(super) struct Page {
    pub since: Option<u64>,
    until: Option<u64>,
    /// Only what is older than this: from a token.
    before: Option<u64>,
    start: Option<i64>,
    end: Option<i64>,
    most: usize,
}

impl Page {
    pub const PARAMETERS: &'static [&'static str] = &["since_id", "until_id", "pagination_token", "max_results"];

    /// `fewest` is the least that `max_results` may be, `most` the greatest. Without it, 10 are given.
    pub fn read(params: &Params, fewest: usize, most: usize) -> Result<Self, Answer> {
        let id = |key: &str| params.one(key).map(|text| read_id(key, text)).transpose();
        let count = read_count(params, fewest, most, 10)?;
        let token =
            ["next_token", "pagination_token"].into_iter().find_map(|key| params.one(key).map(|value| (key, value)));
        let before = match token {
            None => None,
            Some((key, token)) => Some(read_token(token).ok_or_else(|| {
                let message = format!("The `{key}` query parameter value [{token}] is not valid");
                Answer::invalid(key, token, &message)
            })?),
        };
        let time = |key: &str| match params.one(key) {
            None => Ok(None),
            Some(text) => crate::clock::Millis::parse_rfc3339(text).map(|at| Some(at.0)).ok_or_else(|| {
                Answer::invalid(
                    key,
                    text,
                    &format!("The `{key}` query parameter value [{text}] is not a valid RFC 3339 time"),
                )
            }),
        };
        Ok(Self {
            since: id("since_id")?,
            until: id("until_id")?,
            before,
            start: time("start_time")?,
            end: time("end_time")?,
            most: count,
        })
    }

    /// The posts of this page out of all, newest first, and the `meta` that goes with them.
    pub fn cut<'a>(&self, posts: impl Iterator<Item = &'a Post>) -> (Vec<&'a Post>, Value) {
        let mut fitting = posts.filter(|post| self.holds(post));
        let page: Vec<&Post> = fitting.by_ref().take(self.most).collect();
        let mut meta = json!({ "result_count": page.len() });
        if let (Some(newest), Some(oldest)) = (page.first(), page.last()) {
            meta["newest_id"] = json!(newest.id.to_string());
            meta["oldest_id"] = json!(oldest.id.to_string());
            if fitting.next().is_some() {
                meta["next_token"] = json!(write_token(oldest.id));
            }
        }
        (page, meta)
    }

    fn holds(&self, post: &Post) -> bool {
        let at = super::time_of(post.id).0;
        self.since.is_none_or(|since| post.id > since)
            && self.until.is_none_or(|until| post.id < until)
            && self.before.is_none_or(|before| post.id < before)
            && self.start.is_none_or(|start| at >= start)
            && self.end.is_none_or(|end| at < end)
    }
}

/// `max_results`, of `fewest` to `most`; without it, `usual`.
pub(super) fn read_count(params: &Params, fewest: usize, most: usize, usual: usize) -> Result<usize, Answer> {
    let Some(text) = params.one("max_results") else { return Ok(usual) };
    text.parse().ok().filter(|count| (fewest..=most).contains(count)).ok_or_else(|| {
        let message = format!("The `max_results` query parameter value [{text}] is not between {fewest} and {most}");
        Answer::invalid("max_results", text, &message)
    })
}

pub(super) fn write_token(id: u64) -> String {
    let mut rest = id;
    let mut digits = Vec::new();
    while rest > 0 {
        digits.push(char::from_digit((rest % 36) as u32, 36).unwrap_or('0'));
        rest /= 36;
    }
    digits.into_iter().rev().fold(TOKEN_PREFIX.to_owned(), |mut token, digit| {
        token.push(digit);
        token
    })
}

pub(super) fn read_token(token: &str) -> Option<u64> {
    u64::from_str_radix(token.strip_prefix(TOKEN_PREFIX)?, 36).ok()
}
