//! Plays the company, once: a clock walks through its weeks, people write on the twins and in the forum, and the bridge
//! takes in and sends out step by step, over the twins' real HTTP.
//!
//! Each act is the product's own function, with the checks that a form would make. A story that does not hold together
//! is an error, never half told.

use std::collections::HashMap;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::web::Data;

use super::company::{Company, Event, Person, StoryError, Thread, Who, read_span};
use super::stage::{Scene, Stage, refused};
use super::{POLL_EVERY, Twins, config, facebook, inbound_topic, rooms, x};
use crate::app::App;
use crate::bridge::{ConnectError, access, inbound};
use crate::clock::{Clock, Millis};
use crate::config::Config;
use crate::db::{Db, DbError, Tx, mark_demo};
use crate::jobs::Progress;
use crate::members::create::{self, NewAccount};
use crate::members::{Hasher, Member, MemberId, Role};
use crate::posts::Origin;
use crate::sim::facebook::{self as facebook_twin, FacebookTwin};
use crate::sim::x::{self as x_twin, XTwin};
use crate::topics::{self, TopicId};
use crate::votes::CastError;
use crate::web::{self, Problems};

/// The company was founded this long before its first question.
const BEFORE: Duration = Duration::from_secs(24 * 3600);

#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    #[error(transparent)]
    Story(#[from] StoryError),
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error(transparent)]
    Forum(#[from] web::Error),
    #[error("the twin of X refuses: {0}")]
    X(#[from] x_twin::Refused),
    #[error("the twin of Facebook refuses: {0}")]
    Facebook(#[from] facebook_twin::Refused),
    #[error("a twin cannot start: {0}")]
    Io(#[from] std::io::Error),
    #[error("a photo cannot be drawn: {0}")]
    Photo(#[from] image::ImageError),
}

impl From<CastError> for PlayError {
    fn from(error: CastError) -> Self {
        match error {
            CastError::Db(error) => Self::Db(error),
            CastError::Raced => StoryError("two votes at the same moment".to_owned()).into(),
        }
    }
}

impl From<diesel::result::Error> for PlayError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}

/// Where the twins are reached under their addresses.
pub struct Listeners {
    pub x: TcpListener,
    pub facebook: TcpListener,
}

/// Plays the whole company into an empty folder.
pub async fn play(folder: &Path, twins: &Twins, listeners: Listeners, now: Millis) -> Result<(), PlayError> {
    let company = Company::read()?;
    let clock = Clock::fixed(company.begin(now)?.minus(BEFORE));
    let on_x = XTwin::open(x::twin(folder, &twins.x, clock.clone()))?;
    let on_facebook = facebook::open(facebook::twin(folder, &twins.facebook, clock.clone()))?;
    on_x.set_lag(Duration::ZERO);
    on_facebook.set_lag(Duration::ZERO);
    let servers = [on_x.serve(listeners.x)?, on_facebook.serve(listeners.facebook)?];
    let handles = servers.each_ref().map(Server::handle);
    let serving = servers.map(tokio::spawn);
    let mut config = config(folder, None, ([127, 0, 0, 1], 0).into(), twins);
    config.bridge.poll_every = POLL_EVERY;
    let told = tell(&company, config, clock, (&on_x, &on_facebook), now).await;
    for (handle, serving) in handles.into_iter().zip(serving) {
        handle.stop(false).await;
        // It was told to stop; that is all it could say.
        let _stopped = serving.await;
    }
    told
}

/// Only the topics, the accounts and the three people of the walk, for twins that run elsewhere. May be repeated.
pub async fn people(config: &Config, now: Millis) -> Result<(), PlayError> {
    let company = Company::read()?;
    let db = open(config).await?;
    let topics = make_topics(&company, &db).await?;
    connect(config, &db, &topics, now).await?;
    for person in company.members.iter().filter(|person| Company::WALK.contains(&person.key.as_str())) {
        // Refused is only an account that is there already.
        let _known = make_member(&company, person, &db, &Clock::fixed(now), now).await?;
    }
    Ok(())
}

async fn open(config: &Config) -> Result<Db, PlayError> {
    let place = config.database.clone();
    let opened = tokio::task::spawn_blocking(move || Db::open(place)).await;
    let db = opened.map_err(|panic| DbError::Unreachable(panic.to_string()))??;
    // Before the first person with a known password is in it.
    db.write(mark_demo).await?;
    Ok(db)
}

/// Connects the company's account on each twin.
async fn connect(config: &Config, db: &Db, topics: &Topics, now: Millis) -> Result<(), PlayError> {
    let topic = |network| topics.get(inbound_topic(network)).copied();
    access::connect_in(db, config, x::access(topic(Origin::X)), now).await?;
    access::connect_in(db, config, facebook::access(topic(Origin::Facebook)), now).await?;
    Ok(())
}

pub(super) type Members = HashMap<String, Member>;
pub(super) type Topics = HashMap<String, TopicId>;

/// Makes the topics that are not there yet.
async fn make_topics(company: &Company, db: &Db) -> Result<Topics, DbError> {
    let mut topics = Topics::new();
    for topic in &company.topics {
        let (slug, name, description) = (topic.slug.clone(), topic.name.clone(), topic.description.clone());
        let make = move |tx: &mut Tx<'_>| match topics::find_by_slug(tx, &slug)? {
            Some(topic) => Ok::<_, DbError>(topic.id),
            None => topics::insert(tx, &slug, &name, &description),
        };
        topics.insert(topic.slug.clone(), db.write(make).await?);
    }
    Ok(topics)
}

async fn make_member(
    company: &Company,
    person: &Person,
    db: &Db,
    clock: &Clock,
    now: Millis,
) -> Result<Result<MemberId, Problems>, PlayError> {
    let account = NewAccount {
        name: person.name.clone(),
        email: person.email.clone(),
        password: company.password.clone(),
        title: person.title.clone(),
        role: role(person),
    };
    let id = match create::create_in(db, &Hasher::default(), clock, account).await? {
        Ok(id) => id,
        Err(problems) => return Ok(Err(problems)),
    };
    let joined = now.minus(read_span(&person.joined)?);
    db.write(move |tx| create::backdate(tx, id, joined)).await?;
    Ok(Ok(id))
}

fn role(person: &Person) -> Role {
    match person {
        Person { admin: true, .. } => Role::Admin,
        Person { staff: true, .. } => Role::Staff,
        Person { trainee: true, .. } => Role::Trainee,
        _ => Role::Member,
    }
}

async fn tell(
    company: &Company,
    config: Config,
    clock: Clock,
    (x, facebook): (&XTwin, &FacebookTwin),
    now: Millis,
) -> Result<(), PlayError> {
    let db = open(&config).await?;
    let (topics, mut members) = (make_topics(company, &db).await?, Members::new());
    for person in &company.members {
        let made = make_member(company, person, &db, &clock, now).await?;
        let id = made.map_err(|problems| refused(&person.name, &problems))?;
        let (handle, name, role) = (person.key.clone(), person.name.clone(), role(person));
        members.insert(person.key.clone(), Member { id, handle, name, role, trusted: role.is_at_desk() });
    }
    rooms::arrange(company, &db, &members, &topics, clock.now(), now).await?;
    for customer in &company.customers {
        match Who::read(&customer.who) {
            Who::There(Origin::X, handle) => drop(x.user(handle, &customer.name, customer.followers)?),
            Who::There(Origin::Facebook, handle) => {
                facebook.person(handle, &customer.name)?;
                facebook.hide_person(handle, customer.unseen)?;
            }
            Who::Here(who) => return Err(StoryError(format!("{who:?} is on no network")).into()),
        }
    }
    connect(&config, &db, &topics, clock.now()).await?;
    let app = Data::new(App::over(db, config, clock).await?);
    let mut stage = Stage { app, x, facebook, members, topics, page_posts: HashMap::new(), keys: HashMap::new() };
    let mut scenes: HashMap<*const Thread, Scene> = HashMap::new();
    for Event { at, thread, step } in company.timeline(now)? {
        stage.app.clock.advance(at.since(stage.app.clock.now()));
        let scene = scenes.entry(std::ptr::from_ref(thread)).or_default();
        let done = match step {
            None => stage.ask(thread, scene).await.map(|()| stage.remember(thread, scene)),
            Some(step) => stage.act(step, scene).await,
        };
        done.map_err(|error| match error {
            PlayError::Story(StoryError(what)) => StoryError(format!("{what}, in {:?}", thread.text)).into(),
            other => other,
        })?;
    }
    while inbound::pictures::step(&stage.app).await? == Progress::More {}
    while inbound::post_pictures::step(&stage.app).await? == Progress::More {}
    Ok(())
}
