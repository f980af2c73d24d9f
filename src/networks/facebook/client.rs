//! The one way to Graph: every call goes through [`Graph::call`], where it is proven, watched, and paused when a limit is
//! used up. What an answer means is `outcome`'s to say.
//!
//! A token never stands in an address: it goes in a header, and the addresses that Graph gives for the rest of a list,
//! which carry one, are taken apart first.

use std::time::Duration;

use reqwest::Url;
use serde_json::Value;

use super::words;
use super::{FacebookPlace, observe, outcome, proof};
use crate::clock::Clock;
use crate::networks::http::{Answer, Guarded, NoAnswer};
use crate::networks::watch::{Caller, Endpoint, Watch};
use crate::networks::{Failure, Mend, Outcome};
use crate::secret::Secret;

/// Longest body of an answer, in bytes: a hundred posts with their comments stay well below.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// Graph, as whoever has this token.
#[derive(Clone, Debug)]
pub struct Graph {
    pub http: Guarded,
    pub place: FacebookPlace,
    pub clock: Clock,
    pub token: Secret,
    /// The app's secret, which proves that the token is shown by the app that it was given to.
    pub secret: Option<Secret>,
    pub caller: Caller,
    /// Sees every call.
    pub watch: Watch,
}

/// What is asked for: the path behind the version, and the query without token and proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    path: Vec<String>,
    query: Vec<(String, String)>,
}

pub enum Ask<'a> {
    Get,
    Post(&'a Value),
    Delete,
}

/// A list of Graph's, and where it goes on.
#[derive(Debug, Default)]
pub struct List {
    pub data: Vec<Value>,
    pub next: Option<Place>,
}

/// Why Graph was not called at all.
pub enum NotAsked {
    WrongAddress(String),
    LimitUsedUp { endpoint: Endpoint, wait: Duration },
}

impl Graph {
    /// The JSON of a successful answer.
    pub async fn read(&self, endpoint: Endpoint, place: &Place) -> Result<Value, Failure> {
        outcome::of_read(&self.answer(endpoint, place).await?)
    }

    /// What Graph answers, whatever it is.
    pub async fn answer(&self, endpoint: Endpoint, place: &Place) -> Result<Answer, Failure> {
        let answer = self.call(endpoint, place, Ask::Get).await.map_err(NotAsked::of_read)?;
        answer.map_err(|error| Failure::Unavailable(error.to_string()))
    }

    pub async fn list(&self, endpoint: Endpoint, place: &Place) -> Result<List, Failure> {
        List::of(&self.read(endpoint, place).await?).ok_or_else(unreadable)
    }

    pub async fn call(
        &self,
        endpoint: Endpoint,
        place: &Place,
        ask: Ask<'_>,
    ) -> Result<Result<Answer, NoAnswer>, NotAsked> {
        let url = self.url(place).map_err(NotAsked::WrongAddress)?;
        // Whoever sends asked before it was taken from the outbox: nothing may come between the two, since a crash there
        // leaves a doubt.
        if !matches!(endpoint, Endpoint::PostCreate | Endpoint::MessageSend)
            && let Some(until) = self.watch.closed_until(endpoint, self.caller).await
        {
            return Err(NotAsked::LimitUsedUp { endpoint, wait: until.since(self.clock.now()) });
        }
        let token = Some(&self.token);
        let result = match ask {
            Ask::Get => self.http.get(&url, token, BODY_LIMIT).await,
            Ask::Post(body) => self.http.post(&url, token, body, BODY_LIMIT).await,
            Ask::Delete => self.http.delete(&url, token, BODY_LIMIT).await,
        };
        self.watch.tell(observe::of(endpoint, self.caller, &result, self.clock.now()));
        Ok(result)
    }

    fn url(&self, place: &Place) -> Result<Url, String> {
        let path: Vec<&str> = place.path.iter().map(String::as_str).collect();
        let mut url = self.place.address(&path)?;
        url.query_pairs_mut().extend_pairs(&place.query);
        if let Some(secret) = &self.secret {
            url.query_pairs_mut().append_pair("appsecret_proof", &proof::of_token(secret, &self.token));
        }
        Ok(url)
    }
}

impl Place {
    pub fn of(path: &[&str], query: &[(&str, &str)]) -> Self {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self { path: path.iter().map(|part| (*part).to_owned()).collect(), query: query.iter().map(pair).collect() }
    }

    /// The same with another value of this parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.query.retain(|(known, _)| known != name);
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Where an address that Graph gave leads, without what it carries of ours. Its host and version do not count: there is
    /// one Graph that we speak to, in one version.
    fn of_next(next: &str) -> Option<Self> {
        let url = Url::parse(next).ok()?;
        Self::of_parts(url.path_segments()?.filter(|part| !part.is_empty()), &url)
    }

    /// The same, as it was written down here.
    pub fn parse(token: &str) -> Option<Self> {
        Self::of_next(&format!("https://graph.facebook.com/v0.0/{token}"))
    }

    fn of_parts<'a>(mut parts: impl Iterator<Item = &'a str>, url: &Url) -> Option<Self> {
        let decoded =
            |part: &str| percent_encoding::percent_decode_str(part).decode_utf8().ok().map(|p| p.into_owned());
        let version = parts.next()?;
        version.strip_prefix('v').filter(|number| number.starts_with(|c: char| c.is_ascii_digit()))?;
        let path: Option<Vec<String>> = parts.map(decoded).collect();
        let ours = ["access_token", "appsecret_proof"];
        let query = url.query_pairs().filter(|(name, _)| !ours.contains(&name.as_ref()));
        let query = query.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        path.filter(|path| !path.is_empty()).map(|path| Self { path, query })
    }

    /// As it may be written down and read again: no secret is in it.
    pub fn token(&self) -> String {
        let encoded = |text: &String| percent_encoding::utf8_percent_encode(text, PLAIN).to_string();
        let path: Vec<String> = self.path.iter().map(encoded).collect();
        let query: Vec<String> =
            self.query.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        format!("{}?{}", path.join("/"), query.join("&"))
    }
}

/// What needs no encoding in an address.
const PLAIN: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl List {
    /// Reads `{"data":[…],"paging":{"next":…}}`; `None`: it is none.
    pub fn of(value: &Value) -> Option<Self> {
        let data = value.get("data")?.as_array()?.clone();
        let next = value.pointer("/paging/next").and_then(Value::as_str).and_then(Place::of_next);
        Some(Self { data, next })
    }
}

impl NotAsked {
    pub fn of_read(self) -> Failure {
        match self {
            Self::WrongAddress(reason) => Failure::ChannelBroken(Mend::Connect, reason),
            Self::LimitUsedUp { wait, .. } => Failure::RetryAfter(wait),
        }
    }

    pub fn of_send(self) -> Outcome {
        match self {
            Self::WrongAddress(reason) => Outcome::ChannelBroken { mend: Mend::Connect, reason },
            Self::LimitUsedUp { endpoint, wait } => {
                Outcome::RetryAfter { wait, reason: words::not_now(endpoint.verb()) }
            }
        }
    }
}

pub fn unreadable() -> Failure {
    Failure::Unavailable(words::NOT_ITS_JSON.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_rest_of_a_list_is_asked_for_without_what_the_address_carries() {
        let next = "https://graph.facebook.com/v25.0/7_1/comments?access_token=EAAB%7Cx&appsecret_proof=00&\
                    fields=id%2Cmessage%7Ba%7D&limit=25&after=QVFI%3D";
        let place = Place::of_next(next).unwrap();
        let wanted = [("fields", "id,message{a}"), ("limit", "25"), ("after", "QVFI=")];
        assert_eq!(place, Place::of(&["7_1", "comments"], &wanted));
        let token = place.token();
        assert!(!token.contains("EAAB") && !token.contains("proof"), "{token}");
        assert_eq!(Place::parse(&token), Some(place));
        for odd in ["", "nonsense", "https://graph.facebook.com/", "https://evil.example/steal?x=1", "/v25.0/7/feed"] {
            assert_eq!(Place::of_next(odd), None, "{odd}");
        }
        let elsewhere = Place::of_next("https://evil.example/v25.0/7/feed?after=x").unwrap();
        assert_eq!(elsewhere, Place::of(&["7", "feed"], &[("after", "x")]), "the host does not count");
    }

    #[test]
    fn lists_are_lists() {
        let list = List::of(&json!({"data": [1], "paging": {"next": "https://graph.facebook.com/v25.0/7/feed?a=b"}}));
        assert_eq!(list.map(|list| (list.data.len(), list.next.is_some())), Some((1, true)));
        for odd in [json!({}), json!([]), json!({"data": {}}), json!("x")] {
            assert!(List::of(&odd).is_none(), "{odd}");
        }
        assert!(List::of(&json!({"data": [], "paging": {"next": 7}})).is_some_and(|list| list.next.is_none()));
    }
}
