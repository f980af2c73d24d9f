//! The test ground: the app as `main` builds it, over real HTTP and a real database of its own per test.
//!
//! `TestApp` is the server, `Visitor` and `Person` are who use it, `Answer` is what they get, `eventually` is the only way
//! to wait. Nothing here knows how a page is made; what a test needs in the database it makes through the product's own
//! functions.

mod answer;
mod bridge;
mod browser;
mod database;
mod facebook;
mod people;
mod process;
mod smtp;
mod waiting;

use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web;
use answerwell::app::{self, App};
use answerwell::clock::Clock;
use answerwell::config::{Bridge, Config, FacebookPlace, Server, Site, XPlace};
use answerwell::db::{Db, Place};
use answerwell::jobs::Jobs;
use answerwell::web::client::Proxies;

pub use answer::Answer;
pub use bridge::{APP_KEYS, TestLoop};
pub use browser::Browser;
pub use database::{Kind, TestDatabase, kind, server_address};
pub use facebook::{FacebookLoop, PAGE};
pub use people::{Person, Visitor};
pub use process::{left_out, must_run, program};
pub use smtp::{MailServer, Manner};
pub use waiting::eventually;

/// A running Answerwell. Dropping it stops the server and removes the database.
pub struct TestApp {
    pub app: web::Data<App>,
    /// Without a trailing slash, as in `http://127.0.0.1:41234`.
    pub address: String,
    server: ServerHandle,
    _pages: Jobs,
    /// Last, so that it outlives the server.
    database: TestDatabase,
}

impl TestApp {
    /// With the real clock and the usual settings.
    pub async fn start() -> Self {
        Self::start_with(Clock::Real, |_| {}).await
    }

    /// With a clock of the test's choice, and settings changed before anything sees them.
    pub async fn start_with(clock: Clock, change: impl FnOnce(&mut Config)) -> Self {
        let database = TestDatabase::copy();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let bind = listener.local_addr().expect("a bound port");
        let mut config = config(database.place.clone(), database.folder());
        config.server.bind = bind;
        config.site.address = format!("http://{bind}");
        change(&mut config);
        let db = Db::open_migrated(config.database.clone()).expect("the copied database opens");
        let app = web::Data::new(App::over(db, config, clock).await.unwrap());
        let server = app::server(app.clone(), listener).expect("a server on the bound port");
        let handle = server.handle();
        tokio::spawn(server);
        // As a server does: whoever is not signed in gets kept pages, in every story.
        let mut jobs = Jobs::default();
        app.pages.start(&mut jobs);
        Self { app, address: format!("http://{bind}"), server: handle, database, _pages: jobs }
    }

    pub fn db(&self) -> &Db {
        &self.app.db
    }

    /// The data folder of this app: the search index and the SQLite file are in it.
    pub fn folder(&self) -> &Path {
        self.database.folder()
    }

    /// The database as the configuration writes it, for another process.
    pub fn database_address(&self) -> String {
        self.database.address()
    }

    /// Somebody without an account.
    pub fn visitor(&self) -> Visitor {
        Visitor::at(&self.address)
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // The order to stop is sent at once; the answer would come when all connections are closed.
        drop(self.server.stop(false));
    }
}

/// Nothing listens there: a test that has no twin speaks to nobody.
const NOWHERE: &str = "http://127.0.0.1:9";

/// The settings of a test: one worker, no network, data in the test's own folder.
pub fn config(database: Place, data: &Path) -> Config {
    Config {
        site: Site {
            name: "Acme Help".to_owned(),
            address: "http://127.0.0.1:8080".to_owned(),
            single_staff: false,
            demo: false,
        },
        server: Server { bind: ([127, 0, 0, 1], 0).into(), workers: 1, trusted_proxies: Proxies::default() },
        database,
        data: data.to_owned(),
        bridge: Bridge {
            send_timeout: Duration::from_secs(5),
            lease: Duration::from_secs(10),
            read_back_lag: Duration::from_secs(5),
            poll_every: Duration::from_secs(60),
            read_messages_every: Duration::from_secs(120),
            undo_window: Duration::ZERO,
        },
        secret_key: None,
        x: XPlace::twin(NOWHERE),
        facebook: FacebookPlace::twin(NOWHERE),
        mail: answerwell::mail::Way::None,
    }
}
