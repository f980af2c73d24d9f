//! The X twin: an imitation of X with posts, people, rules, lags, limits and failures, spoken to over real HTTP.
//!
//! It answers the paths of X's API v2 as X answers them, sends signed activity webhooks, and has pages on which one can
//! be any customer. Its state is a journal that survives a restart. It knows nothing of the product but the clock.

mod answer;
mod api;
mod cards;
mod consent;
mod credits;
mod delivery;
mod dm;
mod endpoints;
mod events;
mod faults;
mod gate;
mod grants;
mod hooks;
mod journal;
mod limits;
mod list;
mod mailbox;
mod media;
mod messages;
mod oauth;
mod pages;
mod people;
mod picture;
mod posts;
mod search;
mod server;
mod text;
mod upload;
mod wire;
mod world;

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

pub use faults::{Fault, FaultKind, Held, Release};
pub use grants::{Grant, SCOPES};
pub use people::{MessageView, PictureView, PostView, With};
pub use posts::Refused;

use crate::clock::{Clock, Millis};
use credits::Credits;
use delivery::Waiting;
use faults::Faults;
use gate::Calls;
use grants::Tokens;
use hooks::Check;
use journal::{Change, Journal};
use limits::Limits;
use posts::{By, Draft};
use upload::Uploads;
use world::{World, time_of};

/// What a twin needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The journal: created if it is missing, replayed if it is there.
    pub state: PathBuf,
    /// Where browsers and the product reach the twin: `http://127.0.0.1:8081`, without a slash at the end.
    pub public_url: String,
    pub clock: Clock,
    /// The company's account.
    pub account: Account,
    /// The account's own token: it has every scope and never ends by itself.
    pub access_token: String,
    /// The app's token, for reading and for webhooks.
    pub bearer_token: String,
    /// The app as it asks people for consent: its name and password at the token endpoint. An app with an empty secret
    /// is one that can keep none.
    pub client_id: String,
    pub client_secret: String,
    /// The app as it asks for its bearer token; the secret also signs webhooks and their challenges.
    pub consumer_key: String,
    pub consumer_secret: String,
    /// How long the account's own new posts stay out of timelines and search.
    pub read_back_lag: Duration,
}

#[derive(Clone, Debug)]
pub struct Account {
    pub id: u64,
    pub handle: String,
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub u64);

/// The twin. Clones share it.
#[derive(Clone)]
pub struct XTwin {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    state: Mutex<State>,
    faults: Mutex<Faults>,
    limits: Mutex<Limits>,
    calls: Mutex<Calls>,
    lag: Mutex<Duration>,
    /// How long uploads are worked on.
    processing: Mutex<Duration>,
    uploads: Mutex<Uploads>,
    checks: Mutex<HashMap<u64, Check>>,
    lanes: Mutex<usize>,
    credits: Mutex<Credits>,
    /// Events that wait for others to pass them.
    waiting: Mutex<Waiting>,
    /// Says that there may be something to deliver.
    wake: watch::Sender<()>,
    /// Held by the one task that delivers.
    delivering: Arc<tokio::sync::Mutex<()>>,
    /// Made when the first webhook is spoken to.
    client: std::sync::OnceLock<reqwest::Client>,
}

struct State {
    world: World,
    journal: Journal,
}

impl XTwin {
    /// Opens the twin and replays its journal.
    ///
    /// # Errors
    /// The journal cannot be read or written, or holds what is not ours.
    pub fn open(settings: Settings) -> Result<Self, io::Error> {
        let (journal, changes) = Journal::open(&settings.state)?;
        let mut state = State { world: World::default(), journal };
        for change in changes {
            state.world.apply(change);
        }
        let Account { id, handle, name } = settings.account.clone();
        if !state.world.users.contains_key(&id) {
            let at = settings.clock.now().minus(Duration::from_secs(3 * 365 * 24 * 3600));
            state.accept(Change::User { id, handle, name, followers: 5_502, at })?;
        }
        if state.world.grants.whose(&settings.access_token).is_none() {
            let tokens = Tokens { access: settings.access_token.clone(), refresh: None, until: None };
            let scopes = SCOPES.map(str::to_owned).to_vec();
            let grant = state.world.free_id(settings.clock.now(), None, None);
            state.accept(Change::Grant { id: grant, user: id, scopes, code: None, tokens })?;
        }
        let inner = Inner {
            state: Mutex::new(state),
            faults: Mutex::default(),
            limits: Mutex::default(),
            calls: Mutex::default(),
            lag: Mutex::new(settings.read_back_lag),
            processing: Mutex::default(),
            uploads: Mutex::default(),
            checks: Mutex::default(),
            lanes: Mutex::new(1),
            credits: Mutex::default(),
            waiting: Mutex::default(),
            wake: watch::Sender::new(()),
            delivering: Arc::default(),
            client: std::sync::OnceLock::new(),
            settings,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The person with this handle; created with name and number of followers if there is none.
    ///
    /// # Errors
    /// The handle is not one, or the journal cannot be written.
    pub fn user(&self, handle: &str, name: &str, followers: u64) -> Result<UserId, Refused> {
        let now = self.now();
        let mut state = self.state();
        if let Some(user) = state.world.by_handle(handle) {
            return Ok(UserId(user.id));
        }
        let change = state.world.draft_user(handle, name, followers, now)?;
        state.accept(change)?;
        state.world.by_handle(handle).map(|user| UserId(user.id)).ok_or_else(|| Refused::NoSuchUser(handle.to_owned()))
    }

    /// Writes a post as X's own pages do: without the API's rule against unasked answers. With `at`, it was written then.
    ///
    /// # Errors
    /// X's rules about texts and duplicates; an unknown author; the journal cannot be written.
    pub fn post(
        &self,
        handle: &str,
        text: &str,
        in_reply_to: Option<&str>,
        at: Option<Millis>,
    ) -> Result<String, Refused> {
        self.post_with(handle, text, With { in_reply_to, at, ..With::default() })
    }

    /// A post that stood on X at this time: its id carries the time, and several of one millisecond get rising ones.
    /// What was said is said, so no rule about lengths or doubles holds, and deleted posts can have answers.
    ///
    /// # Errors
    /// An empty text, an unknown author or parent; the journal cannot be written.
    pub fn post_at(&self, handle: &str, text: &str, parent: Option<&str>, at: Millis) -> Result<String, Refused> {
        let parent = parent.map(|id| id.parse().map_err(|_| Refused::ParentGone)).transpose()?;
        let author = self.known(handle)?;
        let draft = Draft { parent, at: Some(at), ..Draft::new(author, text, By::Past) };
        self.write(draft).map(|id| id.to_string())
    }

    /// Deletes a post of this author.
    ///
    /// # Errors
    /// There is none, it is somebody else's, or the journal cannot be written.
    pub fn delete(&self, handle: &str, id: &str) -> Result<(), Refused> {
        let author = self.known(handle)?;
        self.erase(author, id.parse().map_err(|_| Refused::NoSuchPost)?)
    }

    /// Every post there ever was, oldest first.
    pub fn posts(&self) -> Vec<PostView> {
        let state = self.state();
        state.world.posts.values().map(|post| state.world.view(post)).collect()
    }

    /// The direct replies to a post that stand, oldest first.
    pub fn replies_to(&self, id: &str) -> Vec<PostView> {
        let state = self.state();
        let Ok(id) = id.parse() else { return Vec::new() };
        state.world.replies(id).map(|post| state.world.view(post)).collect()
    }

    /// Replaces the app's consumer secret, as its owner does at X. From now on webhooks are signed with the new one.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn rotate_consumer_secret(&self, secret: &str) -> Result<(), Refused> {
        Ok(self.state().accept(Change::Secret { secret: secret.to_owned() })?)
    }

    /// Adds a fault; it is used up by the calls that match it.
    pub fn set_fault(&self, fault: Fault) {
        locked(&self.inner.faults).add(fault);
    }

    /// How many faults still wait for a call that they match.
    pub fn count_faults(&self) -> usize {
        locked(&self.inner.faults).waiting().count()
    }

    /// Forgets all faults that wait. What is held stays held.
    pub fn clear_faults(&self) {
        locked(&self.inner.faults).clear();
    }

    /// The requests that are held now, oldest first.
    pub fn held(&self) -> Vec<Held> {
        locked(&self.inner.faults).held()
    }

    /// Lets everything go that is held, or drops it.
    pub fn release(&self, how: Release) -> usize {
        locked(&self.inner.faults).release(how)
    }

    /// Sets how long the account's own new posts stay out of timelines and search.
    pub fn set_lag(&self, lag: Duration) {
        *locked(&self.inner.lag) = lag;
    }

    /// Multiplies every rate limit, for tests that make many calls.
    pub fn raise_limits(&self, factor: u32) {
        locked(&self.inner.limits).raise(factor);
    }

    /// The latest API calls, oldest first: method, path, status. Status 0: the connection was dropped.
    pub fn calls(&self) -> Vec<(String, String, u16)> {
        locked(&self.inner.calls).iter().map(|call| (call.method.clone(), call.path.clone(), call.status)).collect()
    }

    fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    fn now(&self) -> Millis {
        self.inner.settings.clock.now()
    }

    fn consumer_secret(&self) -> String {
        self.state().world.secrets.last().unwrap_or(&self.settings().consumer_secret).clone()
    }

    fn lag(&self) -> Duration {
        *locked(&self.inner.lag)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.inner.state)
    }

    fn known(&self, handle: &str) -> Result<u64, Refused> {
        self.state().world.by_handle(handle).map(|user| user.id).ok_or_else(|| Refused::NoSuchUser(handle.to_owned()))
    }

    fn write(&self, draft: Draft<'_>) -> Result<u64, Refused> {
        let now = self.now();
        let past = draft.by == By::Past;
        let mut state = self.state();
        let change = state.world.draft_post(draft, now)?;
        let Change::Post { id, .. } = change else { return Err(Refused::NoSuchPost) };
        // History comes in by the thousand, and can be told again.
        if past {
            state.accept_lazily(change)?
        } else {
            state.accept(change)?
        }
        drop(state);
        self.inner.wake.send_replace(());
        Ok(id)
    }

    fn erase(&self, author: u64, id: u64) -> Result<(), Refused> {
        let now = self.now();
        let mut state = self.state();
        let change = state.world.draft_delete(author, id, now)?;
        state.accept(change)?;
        drop(state);
        self.inner.wake.send_replace(());
        Ok(())
    }
}

impl State {
    /// The disk first, then the world.
    fn accept(&mut self, change: Change) -> io::Result<()> {
        self.journal.append(&change)?;
        self.world.apply(change);
        Ok(())
    }

    /// Does not wait for the disk: what is lost with the machine is told again, or comes twice, as X's events do.
    fn accept_lazily(&mut self, change: Change) -> io::Result<()> {
        self.journal.append_lazily(&change)?;
        self.world.apply(change);
        Ok(())
    }
}

/// A panic elsewhere leaves whole values behind, because each is changed in one step: go on with them.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
