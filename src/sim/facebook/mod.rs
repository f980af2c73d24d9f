//! The Facebook twin: an imitation of Facebook Pages and Messenger with people, pages, roles, posts, comments, messages,
//! rules, limits and failures, spoken to over real HTTP.
//!
//! It answers the Graph API's paths (`/v25.0/…`) as Graph answers them, sends signed webhooks in batches and again after
//! failures, and has pages on which one can be any customer, or a colleague at the page. Its state is a journal that
//! survives a restart. It knows nothing of the product but the clock.

mod answer;
mod cards;
mod consent;
mod conversations;
mod delivery;
mod events;
mod fields;
mod gate;
mod grants;
mod graph;
mod hand;
mod hooks;
mod items;
mod journal;
mod limits;
mod list;
mod login;
mod mailbox;
mod messenger;
mod pages;
mod people;
mod refused;
mod server;
mod talks;
mod told;
mod wire;
mod workshop;
mod world;
mod writing;

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::watch;

pub use super::faults::{Fault, FaultKind, Held, Release};
pub use consent::Granted;
pub use events::FIELDS;
pub use grants::{End, SCOPES};
pub use hand::{ItemView, MessageView, With};
pub use people::Task;
pub use refused::Refused;

use super::door::Calls;
use super::faults::Faults;
use super::{locked, picture};
use crate::clock::{Clock, Millis};
use delivery::Waiting;
use grants::{Grant, Token};
use journal::{Change, Journal};
use limits::Limits;
use world::World;

/// What a twin needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The journal: created if it is missing, replayed if it is there.
    pub state: PathBuf,
    /// Where browsers and the product reach the twin: `http://127.0.0.1:8082`, without a slash at the end.
    pub public_url: String,
    pub clock: Clock,
    /// The page of the company.
    pub page: Account,
    /// Who has every role on the page.
    pub owner: Account,
    /// The page's own token: it has every permission and never ends by itself.
    pub page_token: String,
    /// The one app there is; its secret proves tokens and signs webhooks.
    pub app_id: u64,
    pub app_secret: String,
    /// Whether every call must prove that it knows the secret (`appsecret_proof`), as an app's settings can demand.
    pub require_proof: bool,
    /// How long the page's own new comments stay out of lists.
    pub read_back_lag: Duration,
}

/// A person or a page.
#[derive(Clone, Debug)]
pub struct Account {
    pub id: u64,
    /// The name in the address: letters, digits, points and underscores.
    pub handle: String,
    pub name: String,
}

/// The twin. Clones share it.
#[derive(Clone)]
pub struct FacebookTwin {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    state: Mutex<State>,
    faults: Mutex<Faults>,
    limits: Mutex<Limits>,
    calls: Mutex<Calls>,
    lag: Mutex<Duration>,
    /// Events that wait for others to pass them, and how many go into one body.
    waiting: Mutex<Waiting>,
    /// Says that there may be something to deliver.
    wake: watch::Sender<()>,
    /// Held by the one task that delivers.
    delivering: Arc<tokio::sync::Mutex<()>>,
    /// Made when the webhook is first spoken to.
    client: std::sync::OnceLock<reqwest::Client>,
}

struct State {
    world: World,
    journal: Journal,
}

/// Whose hand does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// The app, for a page; the colleague is the one whose token it is.
    App { colleague: u64 },
    /// Somebody on Facebook's own pages.
    Hand,
    /// It stood there long ago: no rule of today can undo it.
    Past,
}

impl FacebookTwin {
    /// Opens the twin and replays its journal.
    ///
    /// # Errors
    /// The journal cannot be read or written, or holds what is not ours.
    pub fn open(settings: Settings) -> Result<Self, io::Error> {
        let (journal, changes) = Journal::open(&settings.state)?;
        let mut state = State { world: World::new(&settings.public_url, settings.app_id), journal };
        for change in changes {
            state.world.apply(change);
        }
        state.set_up(&settings)?;
        let inner = Inner {
            state: Mutex::new(state),
            faults: Mutex::default(),
            limits: Mutex::default(),
            calls: Mutex::default(),
            lag: Mutex::new(settings.read_back_lag),
            waiting: Mutex::default(),
            wake: watch::Sender::new(()),
            delivering: Arc::default(),
            client: std::sync::OnceLock::new(),
            settings,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Replaces the app's secret, as its owner does at Meta. From now on webhooks are signed with the new one, and proofs
    /// made with the old one are refused.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn rotate_app_secret(&self, secret: &str) -> Result<(), Refused> {
        self.accept(Change::Secret { secret: secret.to_owned() })
    }

    /// Says whether the app has passed its review. Without it, it sees and hears only people who have a role on the page.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn set_advanced_access(&self, advanced: bool) -> Result<(), Refused> {
        self.accept(Change::Access { advanced })
    }

    /// Says whether the app may answer for seven days, as a human agent.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn set_human_agent(&self, on: bool) -> Result<(), Refused> {
        self.accept(Change::HumanAgent { on })
    }

    /// Gives the numbers in ids of new posts and comments so many digits; 0 is as usual. A restart forgets it.
    pub fn set_id_digits(&self, digits: usize) {
        self.state().world.id_digits = digits;
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

    /// Sets how long the page's own new comments stay out of lists.
    pub fn set_lag(&self, lag: Duration) {
        *locked(&self.inner.lag) = lag;
    }

    /// Multiplies every rate limit, for tests that make many calls.
    pub fn raise_limits(&self, factor: u32) {
        locked(&self.inner.limits).raise(factor);
    }

    /// Lets each token make only so many calls an hour.
    pub fn set_limit(&self, calls: u32) {
        locked(&self.inner.limits).set(calls);
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

    fn lag(&self) -> Duration {
        *locked(&self.inner.lag)
    }

    fn app_secret(&self) -> String {
        self.state().world.secrets.last().unwrap_or(&self.settings().app_secret).clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.inner.state)
    }

    /// The id of a person or page.
    fn known(&self, handle: &str) -> Result<u64, Refused> {
        self.state().world.by_handle(handle).ok_or_else(|| Refused::NoSuchPerson(handle.to_owned()))
    }

    /// Writes one change down, carries it out and lets it be told.
    fn accept(&self, change: Change) -> Result<(), Refused> {
        self.state().accept(change)?;
        self.inner.wake.send_replace(());
        Ok(())
    }

    /// Proposes a change under the lock and accepts it.
    fn change(&self, draft: impl FnOnce(&World, Millis) -> Result<Change, Refused>) -> Result<Change, Refused> {
        let now = self.now();
        let mut state = self.state();
        let change = draft(&state.world, now)?;
        state.accept(change.clone())?;
        drop(state);
        self.inner.wake.send_replace(());
        Ok(change)
    }
}

impl State {
    /// The disk first, then the world.
    fn accept(&mut self, change: Change) -> io::Result<()> {
        self.journal.append(&change)?;
        self.world.apply(change);
        Ok(())
    }

    /// Does not wait for the disk: what is lost with the machine is told again, or comes twice, as Meta's events do.
    fn accept_lazily(&mut self, change: Change) -> io::Result<()> {
        self.journal.append_lazily(&change)?;
        self.world.apply(change);
        Ok(())
    }

    /// The page, its owner, the owner's role and the page's token, if they are not there yet.
    fn set_up(&mut self, settings: &Settings) -> io::Result<()> {
        let now = settings.clock.now();
        let at = now.minus(Duration::from_secs(3 * 365 * 24 * 3600));
        let (page, owner) = (settings.page.clone(), settings.owner.clone());
        if !self.world.people.contains_key(&owner.id) {
            self.accept(Change::Person { id: owner.id, handle: owner.handle, name: owner.name, at })?;
        }
        if !self.world.pages.contains_key(&page.id) {
            self.accept(Change::Page { id: page.id, handle: page.handle, name: page.name, at })?;
            let tasks = Task::ALL.to_vec();
            self.accept(Change::Role { page: page.id, person: owner.id, tasks, at })?;
        }
        if self.world.grants.known(&settings.page_token).is_none() {
            let id = self.world.grants.next_id();
            let scopes = SCOPES.map(str::to_owned).to_vec();
            let grant = Grant { id, person: owner.id, pages: vec![page.id], scopes, at: now, data_until: None };
            self.accept(Change::Grant { grant })?;
            let (token, page) = (settings.page_token.clone(), Some(page.id));
            self.accept(Change::Token {
                token: Token { token, grant: id, page, long: true, issued: now, until: None },
            })?;
        }
        Ok(())
    }
}
