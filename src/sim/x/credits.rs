//! What the API costs, and what happens when the money is gone.
//!
//! The prices of a self-serve plan in 2026, in millionths of a dollar. What was read on the same UTC day already is
//! free. Counted in memory: a twin that starts anew has spent nothing.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::answer::Answer;
use super::endpoints::Endpoint;
use super::events::About;
use super::gate::{Caller, Request};
use super::{XTwin, locked};

const POST: u64 = 5_000;
const OWN_POST: u64 = 1_000;
const USER: u64 = 10_000;
const MESSAGE: u64 = 10_000;
const CREATE: u64 = 15_000;
const CREATE_WITH_LINK: u64 = 200_000;
const SUMMONED_REPLY: u64 = 10_000;
const SEND_MESSAGE: u64 = 15_000;
/// What a project may read of posts in a month.
const CAP: u64 = 3_000_000;

#[derive(Default)]
pub(super) struct Credits {
    /// What is left; `None` is a card that never ends.
    left: Option<u64>,
    spent: u64,
    posts_read: u64,
    /// Day, kind and id of what was paid for.
    paid: HashSet<(String, &'static str, String)>,
}

impl Credits {
    fn take(&mut self, cost: u64) {
        self.spent += cost;
        self.left = self.left.map(|left| left.saturating_sub(cost));
    }

    fn take_once(&mut self, day: &str, kind: &'static str, id: &str, cost: u64) {
        if self.paid.insert((day.to_owned(), kind, id.to_owned())) {
            self.posts_read += u64::from(kind == "post");
            self.take(cost);
        }
    }
}

impl XTwin {
    /// What the account may still spend, in millionths of a dollar; `None` is without end. At nothing, calls get 402.
    pub fn set_credits(&self, left: Option<u64>) {
        locked(&self.inner.credits).left = left;
    }

    /// What all calls and events since the twin began have cost, in millionths of a dollar.
    pub fn spent(&self) -> u64 {
        locked(&self.inner.credits).spent
    }

    /// Whether there is money for this call. What costs nothing goes on without.
    pub(super) fn pays_for(&self, endpoint: &Endpoint) -> Result<(), Answer> {
        let depleted = locked(&self.inner.credits).left == Some(0);
        if depleted && !endpoint.is_free() { Err(self.depleted()) } else { Ok(()) }
    }

    pub(super) fn depleted(&self) -> Answer {
        let account = self.settings().account.id;
        let detail = format!("Your enrolled account [{account}] does not have any credits to fulfill this request.");
        let body = json!({
            "account_id": account.to_string(), "title": "CreditsDepleted", "detail": detail,
            "type": "https://api.twitter.com/2/problems/credits",
        });
        Answer { status: 402, body }
    }

    /// Takes the price of a call that was answered.
    pub(super) fn charge(&self, endpoint: &Endpoint, caller: Caller, request: &Request, answer: &Answer) {
        if answer.status >= 300 || endpoint.is_free() {
            return;
        }
        let day = self.now().to_day();
        let owner = self.settings().account.id.to_string();
        let own = match endpoint {
            Endpoint::Mentions(id) | Endpoint::PostsOf(id) => *id == owner && caller.user().is_some(),
            _ => false,
        };
        let mut credits = locked(&self.inner.credits);
        match endpoint {
            Endpoint::Create => {
                let body = String::from_utf8_lossy(&request.body);
                let cost = match (body.contains("://"), body.contains("in_reply_to_tweet_id")) {
                    (true, _) => CREATE_WITH_LINK,
                    (_, true) => SUMMONED_REPLY,
                    _ => CREATE,
                };
                credits.take(cost);
            }
            Endpoint::SendTo(_) | Endpoint::SendIn(_) => credits.take(SEND_MESSAGE),
            _ => {
                let (kind, cost) = match endpoint {
                    Endpoint::Me | Endpoint::UserByHandle(_) | Endpoint::User(_) | Endpoint::Users => ("user", USER),
                    Endpoint::Messages | Endpoint::Message(_) | Endpoint::MessagesWith(_) | Endpoint::MessagesIn(_) => {
                        ("message", MESSAGE)
                    }
                    _ => ("post", if own { OWN_POST } else { POST }),
                };
                let includes = answer.body.get("includes");
                let of = |key: &str| includes.and_then(|all| all.get(key));
                let read = [(kind, cost, answer.body.get("data")), ("user", USER, of("users"))];
                let more = [("post", POST, of("tweets")), ("post", POST, of("posts"))];
                for (kind, cost, found) in read.into_iter().chain(more) {
                    ids(found).for_each(|id| credits.take_once(&day, kind, id, cost));
                }
            }
        }
    }

    /// An event costs what reading its subject costs.
    pub(super) fn charge_event(&self, about: About) {
        let day = self.now().to_day();
        let mut credits = locked(&self.inner.credits);
        match about {
            About::Post(id) => credits.take_once(&day, "post", &id.to_string(), POST),
            About::Message(id) => credits.take_once(&day, "message", &id.to_string(), MESSAGE),
            About::Deleted { .. } | About::Revoked { .. } => {}
        }
    }

    pub(super) fn usage(&self) -> Answer {
        let read = locked(&self.inner.credits).posts_read;
        Answer::ok(json!({ "data": {
            "cap_reset_day": 1, "project_cap": CAP.to_string(), "project_id": "1", "project_usage": read.to_string(),
        }}))
    }
}

/// The ids in one thing or a list of them.
fn ids(found: Option<&Value>) -> impl Iterator<Item = &str> {
    let all: Vec<&Value> = match found {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    all.into_iter().filter_map(|value| value.get("id").and_then(Value::as_str))
}
