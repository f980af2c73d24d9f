//! Misbehaviour on order: faults that wait for the calls they match, and requests that are held until let go.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The rate limit is said to be used up; its reset is `seconds` away (default 5).
    #[serde(rename = "429")]
    TooManyRequests,
    /// An error of the server; nothing was done.
    #[serde(rename = "500")]
    ServerError,
    /// The connection ends without an answer; nothing was done.
    DropBefore,
    /// The call is carried out, then the connection ends without an answer.
    DropAfter,
    /// The call waits for a release before it is carried out.
    HoldBefore,
    /// The call is carried out, and its answer waits for a release.
    HoldAfter,
    /// The answer comes `seconds` late (default 5).
    Slow,
    /// An HTML page with status 200, as a proxy in between sends; nothing was done.
    Html,
    /// The same page with status 502; nothing was done.
    #[serde(rename = "html_502")]
    HtmlError,
    /// The call is carried out, and its answer comes byte by byte, over `seconds` (default 60).
    SlowDrip,
    /// An answer of 100 MB; nothing was done.
    HugeBody,
    /// A redirect to an address inside the reader's own network; nothing was done.
    Redirect,
    /// The call is carried out; the answer's clock is `seconds` (default 7200) ahead.
    WrongClock,
    /// The call is carried out; of the first post of its answer nobody can say who wrote it.
    OddPost,
    /// The token is not taken this once; nothing was done.
    #[serde(rename = "401")]
    Unauthorized,
    /// The user takes the app's grant back just before the call: it and all later ones with this token get 401.
    RevokedToken,
    /// There is no money for this call; nothing was done.
    #[serde(rename = "402")]
    CreditsDepleted,
    /// The next webhook event is sent twice.
    DuplicateWebhook,
    /// The next webhook event is not sent.
    WebhookOff,
    /// The next webhook event is sent after the one that follows it.
    WebhookSwapped,
    /// The next webhook event is sent `seconds` late (default 5); others pass it.
    WebhookLate,
    /// The next webhook event is signed with the secret before the present one.
    OldSignature,
    /// Before the next webhook event comes one for an account that nobody subscribed for.
    ForeignWebhook,
    /// Before the next webhook event comes a body of 100 MB, with a signature of nothing.
    HugeWebhook,
}

impl FaultKind {
    pub(super) const ALL: &'static [(Self, &'static str, &'static str)] = &[
        (Self::TooManyRequests, "429", "429: rate limit used up"),
        (Self::ServerError, "500", "500: server error, nothing done"),
        (Self::DropBefore, "drop_before", "Drop the connection before accepting"),
        (Self::DropAfter, "drop_after", "Accept, then drop the answer"),
        (Self::HoldBefore, "hold_before", "Hold before accepting"),
        (Self::HoldAfter, "hold_after", "Accept, then hold the answer"),
        (Self::Slow, "slow", "Answer late"),
        (Self::SlowDrip, "slow_drip", "Accept, then answer byte by byte"),
        (Self::Html, "html", "An HTML page instead of JSON, nothing done"),
        (Self::HtmlError, "html_502", "An HTML page with status 502, nothing done"),
        (Self::HugeBody, "huge_body", "An answer of 100 MB, nothing done"),
        (Self::Redirect, "redirect", "A redirect to a private address, nothing done"),
        (Self::WrongClock, "wrong_clock", "Accept, with a clock that is wrong"),
        (Self::OddPost, "odd_post", "A page whose first post cannot be read"),
        (Self::Unauthorized, "401", "401: token not taken this once"),
        (Self::RevokedToken, "revoked_token", "The token is revoked just before the call"),
        (Self::CreditsDepleted, "402", "402: no money for this call"),
        (Self::DuplicateWebhook, "duplicate_webhook", "Send a webhook event twice"),
        (Self::WebhookOff, "webhook_off", "Do not send a webhook event"),
        (Self::WebhookSwapped, "webhook_swapped", "Send a webhook event after its successor"),
        (Self::WebhookLate, "webhook_late", "Send a webhook event late"),
        (Self::OldSignature, "old_signature", "Sign a webhook event with the old secret"),
        (Self::ForeignWebhook, "foreign_webhook", "A webhook event for somebody else's account"),
        (Self::HugeWebhook, "huge_webhook", "A webhook body of 100 MB"),
    ];

    fn of_webhooks(self) -> bool {
        matches!(
            self,
            Self::DuplicateWebhook
                | Self::WebhookOff
                | Self::WebhookSwapped
                | Self::WebhookLate
                | Self::OldSignature
                | Self::ForeignWebhook
                | Self::HugeWebhook
        )
    }
}

/// One order: the next `calls` that match go wrong.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fault {
    pub kind: FaultKind,
    #[serde(default = "one")]
    pub calls: u32,
    /// Only calls whose path holds this.
    #[serde(default)]
    pub path: Option<String>,
    /// Only calls with this method, such as `POST`.
    #[serde(default)]
    pub method: Option<String>,
    #[serde(default)]
    pub seconds: Option<u64>,
    /// Only this share of the matching calls, evenly spread: 0.25 is every fourth. Without it, all.
    #[serde(default)]
    pub share: Option<f64>,
}

fn one() -> u32 {
    1
}

impl Fault {
    /// A fault for the next `calls` calls of any kind.
    pub fn new(kind: FaultKind, calls: u32) -> Self {
        Self { kind, calls, path: None, method: None, seconds: None, share: None }
    }

    /// The same, for one method and for paths that hold `path`.
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = Some(method.to_owned());
        self.path = Some(path.to_owned());
        self
    }

    #[must_use]
    pub fn seconds(mut self, seconds: u64) -> Self {
        self.seconds = Some(seconds);
        self
    }

    /// The same, for this share of the calls that match: 0 to 1.
    #[must_use]
    pub fn share(mut self, share: f64) -> Self {
        self.share = Some(share);
        self
    }

    /// Whether it is this call's turn. `saved` is what the share has saved up.
    fn is_due(&self, saved: &mut f64) -> bool {
        let Some(share) = self.share else { return true };
        *saved += share;
        let due = *saved > 1.0 - 1e-9;
        if due {
            *saved -= 1.0;
        }
        due
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted.is_empty() || wanted.eq_ignore_ascii_case(method))
            && self.path.as_deref().is_none_or(|wanted| path.contains(wanted))
    }
}

/// A request that is held.
#[derive(Clone, Debug, Serialize)]
pub struct Held {
    /// `hold_before` or `hold_after`.
    pub at: FaultKind,
    pub method: String,
    pub path: String,
    pub body: String,
}

/// What becomes of held requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Release {
    /// They go on, even if their client has died meanwhile: the network had them already.
    GoOn,
    /// They end without an answer; one held before acceptance was never accepted.
    Drop,
}

#[derive(Default)]
pub(super) struct Faults {
    /// Each with what its share has saved up.
    waiting: VecDeque<(Fault, f64)>,
    held: Vec<(Held, oneshot::Sender<Release>)>,
}

impl Faults {
    pub fn add(&mut self, fault: Fault) {
        if fault.calls > 0 {
            self.waiting.push_back((fault, 0.0));
        }
    }

    pub fn clear(&mut self) {
        self.waiting.clear();
    }

    pub fn waiting(&self) -> impl Iterator<Item = &Fault> {
        self.waiting.iter().map(|(fault, _)| fault)
    }

    /// Uses up one call of the oldest fault that matches this API call.
    pub fn take(&mut self, method: &str, path: &str) -> Option<Fault> {
        self.take_where(|fault| !fault.kind.of_webhooks() && fault.matches(method, path))
    }

    /// Uses up one call of the oldest fault that names photos: those for any path are for API calls.
    pub fn take_for_photo(&mut self, path: &str) -> Option<Fault> {
        let named = |fault: &Fault| fault.path.as_ref().is_some_and(|named| path.contains(named.as_str()));
        self.take_where(|fault| !fault.kind.of_webhooks() && named(fault))
    }

    /// Uses up one call of the oldest fault for an event that is about to be sent to the path `path`.
    pub fn take_for_event(&mut self, path: &str) -> Option<Fault> {
        self.take_where(|fault| fault.kind.of_webhooks() && fault.matches("POST", path))
    }

    pub fn hold(&mut self, held: Held) -> oneshot::Receiver<Release> {
        let (sender, receiver) = oneshot::channel();
        self.held.push((held, sender));
        receiver
    }

    pub fn held(&self) -> Vec<Held> {
        self.held.iter().map(|(held, _)| held.clone()).collect()
    }

    pub fn release(&mut self, how: Release) -> usize {
        self.held.drain(..).filter_map(|(_, sender)| sender.send(how).ok()).count()
    }

    /// The oldest fault whose turn it is.
    fn take_where(&mut self, wanted: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let at = self.waiting.iter_mut().position(|(fault, saved)| wanted(fault) && fault.is_due(saved))?;
        let (fault, _) = self.waiting.get_mut(at)?;
        let taken = fault.clone();
        fault.calls -= 1;
        if fault.calls == 0 {
            self.waiting.remove(at);
        }
        Some(taken)
    }
}
