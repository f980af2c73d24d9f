//! Plays the company, once: a clock walks through its weeks, people write on the twin and in the forum, and the bridge
//! takes in and sends out step by step, over the twin's real HTTP.
//!
//! Each act is the product's own function, with the checks that a form would make. A story that does not hold together
//! is an error, never half told.

use std::collections::HashMap;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use actix_web::web::Data;

use super::company::{Company, Event, Person, Step, StoryError, Thread, Verifies, read_span};
use super::{INBOUND_TOPIC, config, twin};
use crate::answers::{self, AnswerId, NewAnswer};
use crate::app::App;
use crate::bridge::outbound::find_target;
use crate::bridge::outbound::state::State;
use crate::bridge::view::{find_mirror, load_deliveries};
use crate::bridge::{ConnectError, access, find_waiting, inbound, outbound, settle_waiting};
use crate::clock::{Clock, Millis};
use crate::comments::{self, NewComment};
use crate::config::Config;
use crate::db::{Db, DbError, PostKind, PostRef, Tx, mark_demo};
use crate::desk::talk::say;
use crate::desk::verify::{Vouching, load_case, vouch};
use crate::jobs::Progress;
use crate::members::create::{self, NewAccount};
use crate::members::{Hasher, MemberId, Role};
use crate::posts::{self, Author, Body, LONGEST_BODY, LONGEST_COMMENT, Origin};
use crate::questions::{self, NewQuestion, QuestionId};
use crate::sim::x::{Fault, FaultKind, Refused, XTwin};
use crate::topics::{self, TopicId};
use crate::votes::{self, CastError, Vote};
use crate::web::{self, Problems, markdown};

/// The company was founded this long before its first question.
const BEFORE: Duration = Duration::from_secs(24 * 3600);
/// In the story the poller looks this often; each look moves the clock as far.
const POLL_EVERY: Duration = Duration::from_secs(1);
/// Looks for an uncertain delivery, together longer than the network's lag.
const LOOKS: u32 = 3;
const LOOK_EVERY: Duration = Duration::from_secs(15);

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
    #[error("the twin refuses: {0}")]
    Twin(#[from] Refused),
    #[error("the twin cannot start: {0}")]
    Io(#[from] std::io::Error),
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

/// Plays the whole company into an empty folder. `listener` is where the twin is reached under `address`.
pub async fn play(folder: &Path, address: &str, listener: TcpListener, now: Millis) -> Result<(), PlayError> {
    let company = Company::read()?;
    let clock = Clock::fixed(company.begin(now)?.minus(BEFORE));
    let twin = XTwin::open(twin(folder, address, clock.clone()))?;
    twin.set_lag(Duration::ZERO);
    let server = twin.serve(listener)?;
    let handle = server.handle();
    let serving = tokio::spawn(server);
    let mut config = config(folder, None, ([127, 0, 0, 1], 0).into(), address);
    config.bridge.poll_every = POLL_EVERY;
    let told = tell(&company, config, clock, &twin, now).await;
    handle.stop(false).await;
    // It was told to stop; that is all it could say.
    let _stopped = serving.await;
    told
}

/// Only the topics and the three people of the walk, for a twin that runs elsewhere. May be repeated.
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

/// Connects the company's account on the twin.
async fn connect(config: &Config, db: &Db, topics: &Topics, now: Millis) -> Result<(), PlayError> {
    access::connect_in(db, config, super::access(topics.get(INBOUND_TOPIC).copied()), now).await?;
    Ok(())
}

type Members = HashMap<String, MemberId>;
type Topics = HashMap<String, TopicId>;

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
        role: match (person.admin, person.staff) {
            (true, _) => Role::Admin,
            (false, true) => Role::Staff,
            (false, false) => Role::Member,
        },
    };
    let id = match create::create_in(db, &Hasher::default(), clock, account).await? {
        Ok(id) => id,
        Err(problems) => return Ok(Err(problems)),
    };
    let joined = now.minus(read_span(&person.joined)?);
    db.write(move |tx| create::backdate(tx, id, joined)).await?;
    Ok(Ok(id))
}

async fn tell(company: &Company, config: Config, clock: Clock, twin: &XTwin, now: Millis) -> Result<(), PlayError> {
    let db = open(&config).await?;
    let (topics, mut members) = (make_topics(company, &db).await?, Members::new());
    for person in &company.members {
        let made = make_member(company, person, &db, &clock, now).await?;
        members.insert(person.key.clone(), made.map_err(|problems| refused(&person.name, &problems))?);
    }
    for customer in &company.customers {
        twin.user(&customer.handle, &customer.name, customer.followers)?;
    }
    connect(&config, &db, &topics, clock.now()).await?;
    let app = Data::new(App::over(db, config, clock).await?);
    let stage = Stage { app, twin, members, topics };
    let mut scenes: HashMap<*const Thread, Scene> = HashMap::new();
    for Event { at, thread, step } in company.timeline(now)? {
        stage.app.clock.advance(at.since(stage.app.clock.now()));
        let scene = scenes.entry(std::ptr::from_ref(thread)).or_default();
        let done = match step {
            None => stage.ask(thread, scene).await,
            Some(step) => stage.act(step, scene).await,
        };
        done.map_err(|error| match error {
            PlayError::Story(StoryError(what)) => StoryError(format!("{what}, in {:?}", thread.text)).into(),
            other => other,
        })?;
    }
    while inbound::pictures::step(&stage.app).await? == Progress::More {}
    Ok(())
}

struct Stage<'a> {
    app: Data<App>,
    twin: &'a XTwin,
    members: Members,
    topics: Topics,
}

/// What a thread has come to so far.
#[derive(Default)]
struct Scene {
    question: Option<QuestionId>,
    topic: Option<TopicId>,
    /// Where to reply on X: the question as `""`, and named posts.
    remote: HashMap<String, String>,
    answers: HashMap<String, AnswerId>,
}

impl Scene {
    fn question(&self) -> Result<QuestionId, StoryError> {
        self.question.ok_or_else(|| StoryError("something happens before the question has arrived".to_owned()))
    }

    fn answer(&self, name: &str) -> Result<AnswerId, StoryError> {
        self.answers.get(name).copied().ok_or_else(|| StoryError(format!("there is no answer {name:?} yet")))
    }

    fn post(&self, name: Option<&str>) -> Result<PostRef, StoryError> {
        Ok(match name {
            None => self.question()?.post(),
            Some(name) => self.answer(name)?.post(),
        })
    }
}

impl Stage<'_> {
    fn now(&self) -> Millis {
        self.app.clock.now()
    }

    fn member(&self, key: &str) -> Result<MemberId, StoryError> {
        self.members.get(key).copied().ok_or_else(|| StoryError(format!("nobody is {key:?}")))
    }

    /// The question itself, here or on X.
    async fn ask(&self, thread: &Thread, scene: &mut Scene) -> Result<(), PlayError> {
        scene.topic = self.topics.get(&thread.topic).copied();
        if let Some(handle) = thread.by.strip_prefix('@') {
            let id = self.twin.post(handle, thread.text.trim(), None, None)?;
            scene.remote.insert(String::new(), id.clone());
            // A question that names us arrives at once; another only when somebody calls us to it.
            return self.take_in(&id, scene).await.map(drop);
        }
        let asker = self.member(&thread.by)?;
        let mut problems = Problems::default();
        let title = posts::check_title(&mut problems, "title", &thread.title);
        let body = posts::check_body(&mut problems, "body", "The question", &thread.text, LONGEST_BODY);
        let Some(body) = body.filter(|_| problems.is_empty()) else { return Err(refused(&thread.title, &problems)) };
        let new = NewQuestion {
            topic_id: scene.topic,
            author: Author::Member(asker),
            title,
            body: body.source,
            body_html: body.html,
            created_at: self.now(),
        };
        scene.question = Some(self.app.db.write(move |tx| questions::insert(tx, &new)).await?);
        Ok(())
    }

    async fn act(&self, step: &Step, scene: &mut Scene) -> Result<(), PlayError> {
        match step {
            Step::Posts { by, text, to, name, .. } => self.reply_on_x(scene, by, text, to.as_deref(), name).await,
            Step::Answers { by, text, name, .. } => self.answer(scene, by, text, name.as_deref()).await,
            Step::Comments { by, text, on, .. } => self.comment(scene, by, text, on.as_deref()).await,
            Step::Votes { by, on, .. } => self.vote(scene, by, on.as_deref()).await,
            Step::Accepts { on, .. } => {
                let (question, answer, now) = (scene.question()?, scene.answer(on)?, self.now());
                Ok(self.app.db.write(move |tx| questions::set_accepted(tx, question, Some(answer.0), now)).await?)
            }
            Step::Verifies(verifies) => self.verify(scene, verifies).await,
            Step::AsksBack { by, text, .. } => self.ask_back(scene, by, text).await,
            Step::Settles { .. } => {
                let question = scene.question()?;
                let settled = self.app.db.write(move |tx| match find_waiting(tx, question.0)? {
                    Some(newest) => settle_waiting(tx, question.0, newest),
                    None => Ok(false),
                });
                if settled.await? { Ok(()) } else { Err(StoryError("nobody waits for a word".to_owned()).into()) }
            }
            Step::Retitles { title, .. } => {
                let mut problems = Problems::default();
                let title = posts::check_title(&mut problems, "title", title);
                if !problems.is_empty() {
                    return Err(refused(&title, &problems));
                }
                let (question, now) = (scene.question()?, self.now());
                Ok(self.app.db.write(move |tx| questions::set_title(tx, question, &title, now)).await?)
            }
        }
    }

    async fn reply_on_x(
        &self,
        scene: &mut Scene,
        by: &str,
        text: &str,
        to: Option<&str>,
        name: &Option<String>,
    ) -> Result<(), PlayError> {
        let handle = by.trim_start_matches('@');
        let to = to.unwrap_or_default();
        let parent = scene.remote.get(to).ok_or_else(|| StoryError(format!("there is no post {to:?} on X")))?;
        let id = self.twin.post(handle, text.trim(), Some(parent), None)?;
        if let Some(name) = name {
            scene.remote.insert(name.clone(), id.clone());
        }
        if !self.take_in(&id, scene).await? {
            return Err(StoryError(format!("the reply {text:?} did not arrive")).into());
        }
        let place = self.app.db.read(move |conn| find_mirror(conn, Origin::X, &id)).await?;
        if let (Some((PostRef { kind: PostKind::Answer, id }, _)), Some(name)) = (place, name) {
            scene.answers.insert(name.clone(), AnswerId(id));
        }
        Ok(())
    }

    async fn answer(&self, scene: &mut Scene, by: &str, text: &str, name: Option<&str>) -> Result<(), PlayError> {
        let body = checked(text, LONGEST_BODY)?;
        let new = NewAnswer {
            question_id: scene.question()?,
            author: Author::Member(self.member(by)?),
            body: body.source,
            body_html: body.html,
            created_at: self.now(),
        };
        let id = self.app.db.write(move |tx| answers::insert(tx, &new)).await?;
        if let Some(name) = name {
            scene.answers.insert(name.to_owned(), id);
        }
        Ok(())
    }

    async fn comment(&self, scene: &mut Scene, by: &str, text: &str, on: Option<&str>) -> Result<(), PlayError> {
        let body = checked(text, LONGEST_COMMENT)?;
        let new = NewComment {
            question_id: scene.question()?,
            answer_id: on.map(|name| scene.answer(name)).transpose()?,
            author: Author::Member(self.member(by)?),
            body: body.source,
            body_html: body.html,
            created_at: self.now(),
        };
        self.app.db.write(move |tx| comments::insert(tx, &new)).await?;
        Ok(())
    }

    async fn vote(&self, scene: &mut Scene, by: &[String], on: Option<&str>) -> Result<(), PlayError> {
        let post = scene.post(on)?;
        for key in by {
            let (member, now) = (self.member(key)?, self.now());
            let cast = move |tx: &mut Tx<'_>| {
                let author = match post.kind {
                    PostKind::Answer => answers::load(tx, AnswerId(post.id))?.author,
                    PostKind::Question | PostKind::Comment => questions::load(tx, QuestionId(post.id))?.author,
                };
                if author == Author::Member(member) {
                    return Err(StoryError("somebody votes on their own words".to_owned()).into());
                }
                votes::cast(tx, member, post, Some(Vote::Up), now).map_err(PlayError::from)
            };
            self.app.db.write(cast).await?;
        }
        Ok(())
    }

    async fn verify(&self, scene: &mut Scene, verifies: &Verifies) -> Result<(), PlayError> {
        let (answer, by, now) = (scene.answer(&verifies.on)?, self.member(&verifies.by)?, self.now());
        let vouching = Vouching {
            evidence: verifies.evidence.clone(),
            scope: verifies.scope.clone(),
            valid_until: verifies.until.as_deref().map(|span| end_of_day(now, span)).transpose()?,
            short_form: Some(verifies.short.clone()).filter(|short| !short.is_empty()),
            pictures: Vec::new(),
        };
        let app = self.app.clone();
        self.app
            .db
            .write(move |tx| {
                let case = load_case(tx, answer)?;
                if case.answer.author == Author::Member(by) {
                    return Err(StoryError("somebody verifies their own answer".to_owned()).into());
                }
                if case.target.is_some() != vouching.short_form.is_some() {
                    return Err(StoryError("a short form has nobody to go to, or is missing".to_owned()).into());
                }
                if let (Some(target), Some(short)) = (&case.target, &vouching.short_form) {
                    let length = app.bridge.length(target.channel_id, short);
                    if !length.fits() {
                        return Err(StoryError(format!("{short:?} is too long by {}", length.over())).into());
                    }
                }
                Ok::<_, PlayError>(vouch(tx, &case, vouching, by, now)?)
            })
            .await?;
        if verifies.lost {
            self.twin.set_fault(Fault::new(FaultKind::DropBefore, 1).on("POST", "/2/tweets"));
        }
        self.send_out(scene).await
    }

    async fn ask_back(&self, scene: &mut Scene, by: &str, text: &str) -> Result<(), PlayError> {
        let (question, by, now) = (scene.question()?, self.member(by)?, self.now());
        let body = Body { source: text.trim().to_owned(), html: markdown::from_plain(text.trim()) };
        let nobody = || StoryError("there is nobody on X to ask back".to_owned());
        self.app
            .db
            .write(move |tx| {
                let target = find_target(tx, question.0)?.ok_or_else(nobody)?;
                Ok::<_, PlayError>(say(tx, question, target, body, by, now)?)
            })
            .await?;
        self.send_out(scene).await
    }

    /// Lets the bridge send what is in the outbox. What was sent is `sent` to those who reply to it on X.
    async fn send_out(&self, scene: &mut Scene) -> Result<(), PlayError> {
        while outbound::step(&self.app).await? == Progress::More {}
        // What is uncertain is looked for until the network had time enough to show it; then a person decides.
        for _ in 0..LOOKS {
            self.app.clock.advance(LOOK_EVERY);
            while outbound::read_back::step(&self.app).await? == Progress::More {}
        }
        let question = scene.question()?;
        let deliveries = self.app.db.read(move |conn| load_deliveries(conn, question.0)).await?;
        if let Some(State::Sent { remote_id: Some(id), .. }) = deliveries.into_iter().last().map(|one| one.state) {
            scene.remote.insert("sent".to_owned(), id);
        }
        Ok(())
    }

    /// Lets the bridge read the twin; whether this post stands in the forum now. The first to arrive makes the thread.
    async fn take_in(&self, remote_id: &str, scene: &mut Scene) -> Result<bool, PlayError> {
        self.app.clock.advance(POLL_EVERY);
        inbound::poll::step(&self.app).await?;
        while inbound::step(&self.app).await? == Progress::More {}
        let id = remote_id.to_owned();
        let found = self.app.db.read(move |conn| find_mirror(conn, Origin::X, &id)).await?;
        if let (Some((_, question)), None) = (found, scene.question) {
            let (question, topic, now) = (QuestionId(question), scene.topic, self.now());
            scene.question = Some(question);
            // Staff put what arrived into its topic.
            self.app.db.write(move |tx| questions::set_topic(tx, question, topic, now)).await?;
        }
        Ok(found.is_some())
    }
}

/// The end of the day on which a span is over.
fn end_of_day(now: Millis, span: &str) -> Result<Millis, StoryError> {
    const DAY: i64 = 24 * 3_600_000;
    let until = now.plus(read_span(span)?);
    Ok(Millis((until.0.div_euclid(DAY) + 1) * DAY - 1_000))
}

fn checked(text: &str, longest: usize) -> Result<Body, PlayError> {
    let mut problems = Problems::default();
    posts::check_body(&mut problems, "body", "The text", text, longest).ok_or_else(|| refused(text, &problems))
}

fn refused(what: &str, problems: &Problems) -> PlayError {
    let why: Vec<&str> = problems.all().iter().map(|(_, message)| message.as_str()).collect();
    StoryError(format!("{what:?}: {}", why.join(" "))).into()
}
