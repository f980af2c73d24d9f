//! Who is to hear of what: webhooks, activity subscriptions, and every event that was queued for them.

use std::collections::BTreeMap;

use super::journal::{Attempt, Change};
use super::world::time_of;
use crate::clock::Millis;

#[derive(Default)]
pub(super) struct Events {
    pub webhooks: BTreeMap<u64, Webhook>,
    pub subscriptions: BTreeMap<u64, Subscription>,
    /// Every event that a webhook was to hear of, in order of acceptance.
    pub deliveries: Vec<Delivery>,
    /// Below this number every delivery was attempted.
    attempted: usize,
}

pub(super) struct Webhook {
    pub id: u64,
    pub url: String,
    pub valid: bool,
    pub created_at: Millis,
}

pub(super) struct Subscription {
    pub id: u64,
    pub event: String,
    /// Whom it is about; only `oauth.revoke` may leave it out.
    pub user: Option<u64>,
    pub tag: Option<String>,
    pub webhook: Option<u64>,
    pub created_at: Millis,
}

/// One event for one subscription. `attempt` is `None` while it waits.
#[derive(Clone)]
pub(super) struct Delivery {
    pub subscription: u64,
    pub webhook: u64,
    pub event: String,
    pub tag: Option<String>,
    pub user: Option<u64>,
    pub about: About,
    pub attempt: Option<(Attempt, Millis)>,
    /// Whether it was asked for once more.
    pub again: bool,
}

/// What an event tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    Post(u64),
    Deleted {
        post: u64,
        at: Millis,
    },
    Message(u64),
    /// Somebody took the app's grant away.
    Revoked {
        user: u64,
        at: Millis,
    },
}

impl About {
    pub fn id(self) -> Option<u64> {
        match self {
            Self::Post(id) | Self::Message(id) | Self::Deleted { post: id, .. } => Some(id),
            Self::Revoked { .. } => None,
        }
    }

    /// When it happened.
    pub fn at(self) -> Millis {
        match self {
            Self::Post(id) | Self::Message(id) => time_of(id),
            Self::Deleted { at, .. } | Self::Revoked { at, .. } => at,
        }
    }
}

impl Events {
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Webhook { id, url, at } => {
                self.webhooks.insert(id, Webhook { id, url, valid: true, created_at: at });
            }
            Change::WebhookChecked { id, valid } => {
                if let Some(webhook) = self.webhooks.get_mut(&id) {
                    webhook.valid = valid;
                }
            }
            Change::WebhookGone { id } => {
                self.webhooks.remove(&id);
                self.subscriptions.retain(|_, subscription| subscription.webhook != Some(id));
            }
            Change::Subscribe { id, event, user, tag, webhook, at } => {
                self.subscriptions.insert(id, Subscription { id, event, user, tag, webhook, created_at: at });
            }
            Change::Unsubscribe { id } => {
                self.subscriptions.remove(&id);
            }
            Change::Replay { webhook, from, to, .. } => {
                let due = |known: &&Delivery| {
                    known.webhook == webhook && !known.again && (from..=to).contains(&known.about.at())
                };
                let again = self.deliveries.iter().filter(due);
                let again: Vec<_> = again.map(|one| Delivery { attempt: None, again: true, ..one.clone() }).collect();
                self.deliveries.extend(again);
            }
            Change::Attempt { delivery, result, at } => {
                if let Some(delivery) = self.deliveries.get_mut(delivery) {
                    delivery.attempt = Some((result, at));
                }
                while self.deliveries.get(self.attempted).is_some_and(|delivery| delivery.attempt.is_some()) {
                    self.attempted += 1;
                }
            }
            _ => {}
        }
    }

    /// Queues an event for every subscription to it whose user `concerns`; one without a user hears of all.
    pub fn announce(&mut self, about: About, event: &str, concerns: impl Fn(u64) -> bool) {
        for subscription in self.subscriptions.values() {
            let Some(webhook) = subscription.webhook else { continue };
            if subscription.event == event && subscription.user.is_none_or(&concerns) {
                self.deliveries.push(Delivery {
                    subscription: subscription.id,
                    webhook,
                    event: event.to_owned(),
                    tag: subscription.tag.clone(),
                    user: subscription.user,
                    about,
                    attempt: None,
                    again: false,
                });
            }
        }
    }

    /// The number of the first delivery from `from` on that waits.
    pub fn next_waiting(&self, from: usize) -> Option<usize> {
        let from = from.max(self.attempted);
        let waiting = self.deliveries.get(from..)?.iter().position(|delivery| delivery.attempt.is_none())?;
        Some(from + waiting)
    }
}
