//! The app: everything that lives as long as the process, built the same way for `main` and for the tests.
//!
//! Knows all parts so that no part needs to know the others; holds no rule of its own.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::{Compress, Next, from_fn};
use actix_web::{HttpRequest, HttpResponse, HttpServer, web};

use crate::admin;
use crate::alike::Beside;
use crate::arrivals::Arrivals;
use crate::bridge::{Bridge, ConnectError};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, DbError};
use crate::desk::live::Live;
use crate::files::{self, Files};
use crate::jobs::{Jobs, Pulse};
use crate::mail::{self, Mail};
use crate::members::{self, Guests, Hasher};
use crate::news;
use crate::notices::{self, bell};
use crate::questions::Counts;
use crate::routes::routes;
use crate::search::{self, Search};
use crate::secret::KeyPlace;
use crate::settings;
use crate::upkeep;
use crate::web::cache::{self, Pages};
use crate::web::{Error, Identity, frame, guard};

/// Longer than a browser rests between two clicks, shorter than the time-outs of the usual proxies.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// A client that takes longer for its headers holds a connection for nothing.
const REQUEST_HEAD: Duration = Duration::from_secs(10);
/// How many connections one worker holds; more wait in the system's queue.
const CONNECTIONS_PER_WORKER: usize = 4096;
/// Ctrl-C ends the process within three seconds: two for what is under way.
const STOP_SECONDS: u64 = 2;

/// The state that handlers and workers share.
pub struct App {
    pub config: Config,
    /// How the site is called and where it is, as the settings page has it now.
    pub identity: Identity,
    pub clock: Clock,
    pub db: Db,
    pub hasher: Hasher,
    /// Signs the names of guests who are counted.
    pub guests: Guests,
    pub bridge: Bridge,
    pub search: Search,
    pub files: Files,
    pub mail: Mail,
    /// Of this process's background work.
    pub pulse: Pulse,
    /// The open pages of the desk.
    pub live: Live,
    /// The streams of those who read.
    pub arrivals: Arrivals,
    pub counts: Counts,
    /// The similar questions beside each thread.
    pub beside: Beside,
    /// Whole pages for those who are not signed in.
    pub pages: Pages,
}

impl App {
    /// Opens the database (migrating it as needed) and what else the config names.
    pub async fn build(config: Config, clock: Clock) -> Result<Self, ConnectError> {
        let place = config.database.clone();
        let opened = tokio::task::spawn_blocking(move || Db::open(place)).await;
        let db = opened.map_err(|error| DbError::Unreachable(error.to_string()))??;
        Self::over(db, config, clock).await
    }

    /// The app over a database that is open already.
    pub async fn over(db: Db, config: Config, clock: Clock) -> Result<Self, ConnectError> {
        let identity = Identity::new(&config.site.name, &config.site.address);
        settings::follow(&db, &identity).await?;
        let bridge = Bridge::connect(&config, &db, &clock).await?;
        let search = Search::open(config.data.clone(), db.clone()).await;
        let files = Files::under(&config.data);
        let mail = Mail::new(config.mail.clone());
        let pages = Pages::new(db.clone(), clock.clone(), identity.clone());
        let guests = Guests::new(KeyPlace::new(&config.data, config.secret_key.clone()));
        Ok(Self {
            config,
            identity,
            clock,
            db,
            hasher: Hasher::default(),
            guests,
            bridge,
            search,
            files,
            mail,
            pulse: Pulse::default(),
            live: Live::default(),
            arrivals: Arrivals::default(),
            counts: Counts::default(),
            beside: Beside::default(),
            pages,
        })
    }

    /// Starts all background work.
    pub fn start(app: &web::Data<Self>) -> Jobs {
        let mut jobs = Jobs::felt_by(app.pulse.clone());
        Bridge::start(app, &mut jobs);
        upkeep::start(app, &mut jobs);
        Live::start(app, &mut jobs);
        Arrivals::start(app, &mut jobs);
        Beside::start(app, &mut jobs);
        app.pages.start(&mut jobs);
        settings::start(app, &mut jobs);
        mail::start(app, &mut jobs);
        news::start(app, &mut jobs);
        search::start(app, &mut jobs);
        notices::start(app, &mut jobs);
        files::start(app, &mut jobs);
        admin::start(app, &mut jobs);
        let (data, stop) = (app.clone(), jobs.stop());
        jobs.spawn(async move { data.search.run(stop).await });
        jobs
    }
}

/// The web server over a bound listener, not yet running: await it or spawn it. It ends when its handle says so; signals
/// are for the caller.
pub fn server(app: web::Data<App>, listener: TcpListener) -> io::Result<Server> {
    let workers = app.config.server.workers;
    let shell = web::Data::from(frame::shell(app.identity.clone(), app.clock.clone(), app.config.site.demo));
    let pages = web::Data::new(app.pages.clone());
    let proxies = web::Data::new(app.config.server.trusted_proxies.clone());
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(app.clone())
            .app_data(shell.clone())
            .app_data(proxies.clone())
            .app_data(pages.clone())
            .configure(routes)
            .default_service(web::to(nowhere))
            .wrap(from_fn(bell::ring))
            .wrap(from_fn(members::load_viewer))
            .wrap(Compress::default())
            .wrap(from_fn(cache::serve))
            .wrap(from_fn(guard::around))
            .wrap(from_fn(head_as_get))
    });
    let server = server
        .workers(workers)
        .max_connections(CONNECTIONS_PER_WORKER)
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(REQUEST_HEAD)
        .shutdown_timeout(STOP_SECONDS)
        .disable_signals()
        .listen(listener)?;
    Ok(server.run())
}

/// No route took the request: its address is unknown, or known for another method.
async fn nowhere(request: HttpRequest) -> Result<HttpResponse, Error> {
    Err(if request.resource_map().has_resource(request.path()) { Error::Method } else { Error::NotFound })
}

/// HEAD is answered like GET; the connection leaves the body out. Outermost, since the method decides the route.
async fn head_as_get(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    next.call(request).await
}
