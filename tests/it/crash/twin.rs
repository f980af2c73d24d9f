//! The twin that a crash story speaks of, whichever network it is.

use std::net::TcpListener;
use std::path::Path;

use answerwell::clock::Clock;
use answerwell::demo;
use answerwell::posts::Origin;
use answerwell::sim::facebook::{FacebookTwin, With};
use answerwell::sim::x::{Fault, FaultKind, Held, Release, XTwin};
use reqwest::Method;

use crate::support::Visitor;

/// Mentions, replies, our own posts, messages both ways, deletions, and access that is taken back.
const SUBSCRIPTIONS_ON_X: usize = 7;
/// Those who write: somebody who asks, and somebody who joins in.
const PEOPLE: [(&str, &str); 2] = [("maria", "Maria K"), ("jonas", "Jonas")];

pub enum Twin {
    X(XTwin),
    Facebook(FacebookTwin),
}

/// Where the program reads.
pub struct Reads {
    pub a_post: String,
    pub the_timeline: String,
}

impl Twin {
    /// A twin that serves, with people in it.
    pub fn open(network: Origin, folder: &Path, address: &str, listener: TcpListener) -> Self {
        match network {
            Origin::X => {
                let twin = XTwin::open(demo::x::twin(folder, address, Clock::Real)).unwrap();
                tokio::spawn(twin.serve(listener).unwrap());
                for (handle, name) in PEOPLE {
                    twin.user(handle, name, 120).unwrap();
                }
                Self::X(twin)
            }
            Origin::Facebook => {
                let twin = demo::facebook::open(demo::facebook::twin(folder, address, Clock::Real)).unwrap();
                tokio::spawn(twin.serve(listener).unwrap());
                for (handle, name) in PEOPLE {
                    twin.person(handle, name).unwrap();
                }
                Self::Facebook(twin)
            }
        }
    }

    /// How the program is told of it, at this address.
    pub fn flags(&self, address: &str) -> [String; 4] {
        let (ours, other) = match self {
            Self::X(_) => ("--twin", "--facebook-port"),
            Self::Facebook(_) => ("--facebook-twin", "--twin-port"),
        };
        [ours, address, other, "0"].map(str::to_owned)
    }

    /// Whether the program at `program` hears of everything.
    pub async fn events_go_to(&self, address: &str, program: &str) -> bool {
        let Self::Facebook(twin) = self else { return x_tells(address, program).await };
        let app = demo::facebook::APP_ID;
        let token = format!("{app}|{}", demo::facebook::APP_SECRET);
        let facebook = Visitor::at(address);
        let asked = facebook.request(Method::GET, &format!("/v25.0/{app}/subscriptions")).bearer_auth(token);
        let webhook = facebook.send(asked).await.json()["data"][0]["callback_url"].clone();
        twin.subscribed().iter().any(|field| field == "feed") && webhook == format!("{program}/webhooks/facebook")
    }

    /// Somebody addresses us.
    pub fn complain(&self, text: &str) -> String {
        match self {
            Self::X(twin) => twin.post("maria", &format!("@{} {text}", demo::HANDLE), None, None).unwrap(),
            Self::Facebook(twin) => twin.post("maria", demo::HANDLE, text, With::default()).unwrap(),
        }
    }

    /// Somebody writes what no event tells of: on X nobody is mentioned, on Facebook the event is lost.
    pub fn post_unheard(&self, text: &str) -> String {
        match self {
            Self::X(twin) => twin.post("maria", text, None, None).unwrap(),
            Self::Facebook(twin) => {
                twin.set_fault(Fault::new(FaultKind::WebhookOff, 1));
                twin.post("maria", demo::HANDLE, text, With::default()).unwrap()
            }
        }
    }

    /// Somebody else joins in, and addresses us.
    pub fn reply(&self, text: &str, to: &str) -> String {
        match self {
            Self::X(twin) => twin.post("jonas", &format!("@{} {text}", demo::HANDLE), Some(to), None).unwrap(),
            Self::Facebook(twin) => twin.comment("jonas", to, text, With::default()).unwrap(),
        }
    }

    /// The path to which replies are sent.
    pub fn sends(&self) -> &'static str {
        match self {
            Self::X(_) => "/2/tweets",
            Self::Facebook(_) => "/comments",
        }
    }

    pub fn reads(&self) -> Reads {
        match self {
            Self::X(_) => Reads { a_post: "/2/tweets".to_owned(), the_timeline: "/mentions".to_owned() },
            // A post is read by its id, which begins with that of the page.
            Self::Facebook(_) => {
                Reads { a_post: format!("/{}_", demo::facebook::PAGE_ID), the_timeline: "/feed".to_owned() }
            }
        }
    }

    pub fn count_replies(&self, post: &str) -> usize {
        match self {
            Self::X(twin) => twin.replies_to(post).iter().filter(|reply| reply.handle == demo::HANDLE).count(),
            Self::Facebook(twin) => twin.replies_to(post).iter().filter(|reply| reply.handle == demo::HANDLE).count(),
        }
    }

    /// The words of each post that somebody else wrote, and where it stands.
    pub fn originals(&self, address: &str) -> Vec<(String, String)> {
        match self {
            Self::X(twin) => {
                let posts = twin.posts().into_iter().filter(|post| post.handle != demo::HANDLE && !post.deleted);
                posts.map(|post| (post.text, format!("{address}/{}/status/{}", post.handle, post.id))).collect()
            }
            Self::Facebook(twin) => {
                let all = twin.posts().into_iter().chain(twin.comments());
                let theirs = all.filter(|item| item.handle != demo::HANDLE && !item.removed);
                theirs.map(|item| (item.text, item.url)).collect()
            }
        }
    }

    pub fn set_fault(&self, fault: Fault) {
        match self {
            Self::X(twin) => twin.set_fault(fault),
            Self::Facebook(twin) => twin.set_fault(fault),
        }
    }

    pub fn clear_faults(&self) {
        match self {
            Self::X(twin) => twin.clear_faults(),
            Self::Facebook(twin) => twin.clear_faults(),
        }
    }

    pub fn held(&self) -> Vec<Held> {
        match self {
            Self::X(twin) => twin.held(),
            Self::Facebook(twin) => twin.held(),
        }
    }

    pub fn release(&self, how: Release) {
        match self {
            Self::X(twin) => twin.release(how),
            Self::Facebook(twin) => twin.release(how),
        };
    }

    pub fn raise_limits(&self, factor: u32) {
        match self {
            Self::X(twin) => twin.raise_limits(factor),
            Self::Facebook(twin) => twin.raise_limits(factor),
        }
    }

    pub fn is_told(&self) -> bool {
        match self {
            Self::X(twin) => twin.is_told(),
            Self::Facebook(twin) => twin.is_told(),
        }
    }
}

/// X is asked what it would tell whom.
async fn x_tells(address: &str, program: &str) -> bool {
    let twin = Visitor::at(address);
    let ask = async |path: &str| {
        let asked = twin.request(Method::GET, path).bearer_auth(demo::x::BEARER_TOKEN);
        twin.send(asked).await.json()["data"].as_array().cloned().unwrap_or_default()
    };
    let (webhooks, subscriptions) = (ask("/2/webhooks").await, ask("/2/activity/subscriptions").await);
    let ours = webhooks.iter().find(|webhook| webhook["url"].as_str().is_some_and(|url| url.starts_with(program)));
    ours.is_some_and(|ours| {
        subscriptions.iter().filter(|one| one["webhook_id"] == ours["id"]).count() == SUBSCRIPTIONS_ON_X
    })
}
