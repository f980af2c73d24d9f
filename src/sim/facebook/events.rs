//! What pages' apps are to hear: the app's webhook, each page's subscription, and every event that was queued for them.
//!
//! An event is tried again after a failure: at once, then rarer, for 36 hours. Messenger has less patience: after an hour
//! of failures the page is unsubscribed, and nobody is told.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::journal::Change;
use crate::clock::Millis;

/// What a page's app can hear of, of what the twin can tell.
pub const FIELDS: [&str; 7] =
    ["feed", "mention", "messages", "message_echoes", "message_edits", "message_deliveries", "message_reads"];
/// The waits after the first, second … failure; the last one is repeated.
const WAITS: [Duration; 5] = [
    Duration::ZERO,
    Duration::from_secs(60),
    Duration::from_secs(300),
    Duration::from_secs(900),
    Duration::from_secs(3600),
];
const PATIENCE: Duration = Duration::from_secs(36 * 3600);
const MESSENGER_PATIENCE: Duration = Duration::from_secs(3600);

#[derive(Default)]
pub(super) struct Events {
    pub webhook: Option<Webhook>,
    /// The fields that each page's app hears of.
    pub subscriptions: BTreeMap<u64, Vec<String>>,
    /// Pages that were unsubscribed after failures.
    pub dropped: Vec<(u64, Millis)>,
    /// Every event that the webhook was to hear of, in order.
    pub all: Vec<Event>,
    /// Below this number every event is done with.
    done: usize,
}

pub(super) struct Webhook {
    pub url: String,
    pub verify_token: String,
    pub fields: Vec<String>,
    /// Since when nothing was taken.
    pub failing: Option<Millis>,
}

pub(super) struct Event {
    pub page: u64,
    pub field: &'static str,
    pub value: Value,
    pub at: Millis,
    pub attempts: u32,
    pub first: Option<Millis>,
    /// When it is to be sent; `None` when it is done with.
    pub due: Option<Millis>,
    pub last: Option<Attempt>,
}

impl Event {
    /// Whether it is one of Messenger's, which have a place of their own in the body.
    pub fn is_message(&self) -> bool {
        self.field.starts_with("message")
    }
}

/// How an attempt to deliver ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "attempt", rename_all = "snake_case")]
pub(super) enum Attempt {
    /// The receiver answered, with this HTTP status.
    Answered { status: u16 },
    /// No answer came.
    Failed { why: String },
    /// It was not sent and never will be.
    Skipped { why: String },
}

impl Attempt {
    pub fn said(&self) -> String {
        match self {
            Self::Answered { status } => format!("answered {status}"),
            Self::Failed { why } | Self::Skipped { why } => why.clone(),
        }
    }
}

impl Events {
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Webhook { url, verify_token, fields, .. } => {
                self.webhook = Some(Webhook { url, verify_token, fields, failing: None });
            }
            Change::WebhookGone => self.webhook = None,
            Change::Subscribe { page, fields, .. } => drop(self.subscriptions.insert(page, fields)),
            Change::Unsubscribe { page, .. } => drop(self.subscriptions.remove(&page)),
            Change::Attempt { events, result, at } => self.attempted(&events, &result, at),
            _ => {}
        }
    }

    /// Whether the app hears of this field of this page: it and the page must have said so.
    pub fn hears(&self, page: u64, field: &str) -> bool {
        let names = |fields: &Vec<String>| fields.iter().any(|known| known == field);
        self.subscriptions.get(&page).is_some_and(names)
            && self.webhook.as_ref().is_some_and(|webhook| names(&webhook.fields))
    }

    /// Queues an event if the app hears of this field of this page.
    pub fn announce(&mut self, page: u64, field: &'static str, at: Millis, value: Value) {
        if self.hears(page, field) {
            let (attempts, first, last) = (0, None, None);
            self.all.push(Event { page, field, value, at, attempts, first, due: Some(at), last });
        }
    }

    /// The numbers of the events that wait, oldest first.
    pub fn waiting(&self) -> impl Iterator<Item = (usize, &Event)> {
        let rest = self.all.get(self.done..).unwrap_or_default();
        rest.iter().enumerate().map(|(at, event)| (self.done + at, event)).filter(|(_, event)| event.due.is_some())
    }

    fn attempted(&mut self, numbers: &[usize], result: &Attempt, at: Millis) {
        let taken = matches!(result, Attempt::Answered { status: 200 });
        let failing = self.webhook.as_mut().and_then(|webhook| {
            webhook.failing = if taken { None } else { webhook.failing.or(Some(at)) };
            webhook.failing
        });
        let mut lost = Vec::new();
        for number in numbers {
            let Some(event) = self.all.get_mut(*number) else { continue };
            let first = *event.first.get_or_insert(at);
            let wait = WAITS[(event.attempts as usize).min(WAITS.len() - 1)];
            event.attempts += 1;
            event.last = Some(result.clone());
            let over = taken || matches!(result, Attempt::Skipped { .. }) || at.since(first) >= PATIENCE;
            event.due = (!over).then(|| at.plus(wait));
            if event.is_message() && failing.is_some_and(|since| at.since(since) >= MESSENGER_PATIENCE) {
                lost.push(event.page);
            }
        }
        for page in lost {
            if self.subscriptions.remove(&page).is_some() {
                self.dropped.push((page, at));
            }
            let theirs = self.all.iter_mut().filter(|event| event.page == page && event.due.is_some());
            theirs.for_each(|event| event.due = None);
        }
        while self.all.get(self.done).is_some_and(|event| event.due.is_none()) {
            self.done += 1;
        }
    }
}
