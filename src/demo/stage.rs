//! What happens in the company's threads, step by step: each act is the product's own function or the twin's, and the
//! bridge takes in and sends out in between.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::web::Data;

use super::company::{Company, StoryError, Thread, Who, read_span};
use super::play::{Members, PlayError, Topics};
use super::step::{Step, Verifies};
use super::{HANDLE, POLL_EVERY, photo};
use crate::answers::{self, AnswerId, NewAnswer};
use crate::app::App;
use crate::asking;
use crate::bridge::outbound::find_target;
use crate::bridge::outbound::state::State;
use crate::bridge::view::{find_mirror, load_deliveries};
use crate::bridge::{find_waiting, inbound, outbound, settle_waiting};
use crate::clock::Millis;
use crate::comments::{self, NewComment};
use crate::db::{PostKind, PostRef, Tx};
use crate::desk::talk::say;
use crate::desk::verify::{Vouching, load_case, vouch};
use crate::jobs::Progress;
use crate::members::{MemberId, Staff};
use crate::posts::{self, Author, Body, LONGEST_BODY, LONGEST_COMMENT, Origin};
use crate::private::{self, ThreadRow, Which};
use crate::questions::{self, NewQuestion, QuestionId};
use crate::sim::facebook::{FacebookTwin, With};
use crate::sim::x::{Fault, FaultKind, XTwin};
use crate::topics::TopicId;
use crate::verifications::{Rules, Scope};
use crate::votes::{self, Vote};
use crate::web::{Problems, markdown};

/// Looks for an uncertain delivery, together longer than a network's lag.
const LOOKS: u32 = 3;
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// The page posts this long before somebody asks under it.
const PROMOTED_BEFORE: Duration = Duration::from_secs(3600);

pub(super) struct Stage<'a> {
    pub app: Data<App>,
    pub x: &'a XTwin,
    pub facebook: &'a FacebookTwin,
    pub members: Members,
    pub topics: Topics,
    /// What the company's page has posted by itself: the words, and the id.
    pub page_posts: HashMap<String, String>,
    /// The threads that others name.
    pub keys: HashMap<String, QuestionId>,
}

/// What a thread has come to so far.
#[derive(Default)]
pub(super) struct Scene {
    question: Option<QuestionId>,
    topic: Option<TopicId>,
    /// Who a private conversation is with, by handle.
    person: String,
    /// Where to reply on the network: the question as `""`, and named posts.
    remote: HashMap<String, String>,
    answers: HashMap<String, AnswerId>,
}

impl Scene {
    pub fn question(&self) -> Result<QuestionId, StoryError> {
        self.question.ok_or_else(|| StoryError("something happens before the question has arrived".to_owned()))
    }

    fn answer(&self, name: &str) -> Result<AnswerId, StoryError> {
        self.answers.get(name).copied().ok_or_else(|| StoryError(format!("there is no answer {name:?} yet")))
    }

    pub fn post(&self, name: Option<&str>) -> Result<PostRef, StoryError> {
        Ok(match name {
            None => self.question()?.post(),
            Some(name) => self.answer(name)?.post(),
        })
    }
}

impl Stage<'_> {
    pub fn now(&self) -> Millis {
        self.app.clock.now()
    }

    pub fn member(&self, key: &str) -> Result<MemberId, StoryError> {
        self.members.get(key).map(|member| member.id).ok_or_else(|| StoryError(format!("nobody is {key:?}")))
    }

    pub fn staff(&self, key: &str) -> Result<Staff, StoryError> {
        let member = self.members.get(key).filter(|member| member.role.is_staff());
        member.cloned().map(Staff).ok_or_else(|| StoryError(format!("{key:?} is nobody of the staff")))
    }

    /// The question itself, here or on a network; or the first word of a private conversation.
    pub async fn ask(&mut self, thread: &Thread, scene: &mut Scene) -> Result<(), PlayError> {
        scene.topic = self.topics.get(&thread.topic).copied();
        let (asker, key) = match Who::read(&thread.by) {
            Who::There(Origin::Facebook, handle) if thread.private => {
                scene.person = handle.to_owned();
                return self.write(scene, &thread.by, &thread.text).await;
            }
            Who::There(network, handle) => {
                let id = self.ask_there(network, handle, thread)?;
                scene.remote.insert(String::new(), id.clone());
                // A question that names us arrives at once; another only when somebody calls us to it.
                return self.take_in(network, &id, scene).await.map(drop);
            }
            Who::Here(key) => (self.member(key)?, key),
        };
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
            private: false,
            created_at: self.now(),
        };
        let by = self.members.get(key).cloned().ok_or_else(|| StoryError(format!("nobody is {key:?}")))?;
        // One that is held has no thread yet.
        let (id, held) = self.app.db.write(move |tx| asking::write(tx, &by, &new)).await?;
        scene.question = held.is_none().then_some(id);
        Ok(())
    }

    /// Keeps the thread for others that name it.
    pub fn remember(&mut self, thread: &Thread, scene: &Scene) {
        if let Some(question) = scene.question.filter(|_| !thread.key.is_empty()) {
            self.keys.insert(thread.key.clone(), question);
        }
    }

    /// Writes a question where it comes from; returns its id there.
    fn ask_there(&mut self, network: Origin, handle: &str, thread: &Thread) -> Result<String, PlayError> {
        let text = thread.text.trim();
        if network == Origin::X {
            return Ok(self.x.post(handle, text, None, None)?);
        }
        let photo = if thread.photo { Some(self.facebook.add_picture(&photo::red_light()?)?) } else { None };
        let with = With { picture: photo.as_deref(), ..With::default() };
        let Some(words) = thread.under.as_deref().map(str::trim) else {
            return Ok(self.facebook.post(handle, HANDLE, text, with)?);
        };
        let on = match self.page_posts.get(words) {
            Some(post) => post.clone(),
            None => {
                let at = Some(self.now().minus(PROMOTED_BEFORE));
                let post = self.facebook.post(HANDLE, HANDLE, words, With { at, ..With::default() })?;
                self.page_posts.insert(words.to_owned(), post.clone());
                post
            }
        };
        Ok(self.facebook.comment(handle, &on, text, with)?)
    }

    pub async fn act(&self, step: &Step, scene: &mut Scene) -> Result<(), PlayError> {
        match step {
            Step::Posts { by, text, to, name, hidden, .. } => {
                self.reply_there(scene, by, text, to.as_deref(), name.as_deref(), *hidden).await
            }
            Step::Writes { by, text, .. } => self.write(scene, by, text).await,
            Step::Answers { by, text, name, .. } => self.answer(scene, by, text, name.as_deref()).await,
            Step::Comments { by, text, on, .. } => self.comment(scene, by, text, on.as_deref()).await,
            Step::Votes { by, on, .. } => self.vote(scene, by, on.as_deref()).await,
            Step::Accepts { on, .. } => {
                let (answer, now) = (scene.answer(on)?, self.now());
                // Whose question came from a network has no account here: staff say it.
                let staff = self.member("ines")?;
                let accept = move |tx: &mut Tx<'_>| {
                    let question = answers::load(tx, answer)?.question_id;
                    let asker = questions::load(tx, question)?.author.member();
                    answers::set_accepted(tx, answer, asker.or(Some(staff)), now)?;
                    Ok::<_, PlayError>(())
                };
                self.app.db.write(accept).await
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
            Step::Notes { by, text, .. } => self.note(scene, by, text).await,
            Step::Drafts { by, text, handed_in, .. } => self.draft(scene, by, text, *handed_in).await,
            Step::Reports { by, on, reason, words, .. } => self.report(scene, by, on.as_deref(), reason, words).await,
            Step::Warns { by, whom, reason, .. } => self.warn(by, whom, reason).await,
            Step::Merges { by, into, .. } => self.merge(scene, by, into).await,
        }
    }

    /// A reply on the network. One that is hidden there waits here for staff.
    async fn reply_there(
        &self,
        scene: &mut Scene,
        by: &str,
        text: &str,
        to: Option<&str>,
        name: Option<&str>,
        hidden: bool,
    ) -> Result<(), PlayError> {
        let Who::There(network, handle) = Who::read(by) else {
            return Err(StoryError(format!("{by:?} is on no network")).into());
        };
        let to = to.unwrap_or_default();
        let parent = scene.remote.get(to).ok_or_else(|| StoryError(format!("there is no post {to:?} to reply to")))?;
        let id = match network {
            Origin::X => self.x.post(handle, text.trim(), Some(parent), None)?,
            Origin::Facebook => self.facebook.comment(handle, parent, text.trim(), With::default())?,
        };
        if hidden {
            self.facebook.hide(&id, true)?;
        }
        if let Some(name) = name {
            scene.remote.insert(name.to_owned(), id.clone());
        }
        if self.take_in(network, &id, scene).await? == hidden {
            return Err(StoryError(format!("the reply {text:?} arrived, or not, against the story")).into());
        }
        let place = self.app.db.read(move |conn| find_mirror(conn, network, &id)).await?;
        if let (Some((PostRef { kind: PostKind::Answer, id }, _)), Some(name)) = (place, name) {
            scene.answers.insert(name.to_owned(), AnswerId(id));
        }
        Ok(())
    }

    /// A private message: theirs arrives here, ours arrives there, in the conversation that is the newest by then.
    async fn write(&self, scene: &Scene, by: &str, text: &str) -> Result<(), PlayError> {
        let text = text.trim();
        let reader = self.staff(Company::WALK[2])?;
        if let Who::Here(key) = Who::read(by) {
            let (staff, now, ours) = (self.staff(key)?, self.now(), text.to_owned());
            let thread = self.newest_conversation(&staff).await?.thread;
            let write =
                move |tx: &mut Tx<'_>| outbound::messages::write(tx, &thread, ours, staff.0.id, (now, Duration::ZERO));
            self.app.db.write(write).await?;
            self.drain().await?;
        } else {
            self.facebook.message(&scene.person, text, With::default())?;
            self.app.clock.advance(self.app.config.bridge.read_messages_every);
            inbound::messages::step(&self.app).await?;
            while inbound::step(&self.app).await? == Progress::More {}
        }
        let there = self.facebook.messages(&scene.person).pop().is_some_and(|message| message.text == text);
        let here = self.newest_conversation(&reader).await?.last_text == text;
        if there && here { Ok(()) } else { Err(StoryError(format!("{text:?} is not the last word of both")).into()) }
    }

    async fn newest_conversation(&self, reader: &Staff) -> Result<ThreadRow, PlayError> {
        let reader = reader.clone();
        let rows = self.app.db.read(move |conn| private::list(conn, Which::All, None, 1, &reader)).await?;
        rows.into_iter().next().ok_or_else(|| StoryError("nobody has written to us".to_owned()).into())
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
            scope: Scope {
                product: verifies.scope.clone(),
                version: verifies.version.clone(),
                region: verifies.region.clone(),
            },
            valid_until: verifies.until.as_deref().map(|span| end_of_day(now, span)).transpose()?,
            short_form: Some(verifies.short.clone()).filter(|short| !short.is_empty()),
            pictures: Vec::new(),
            also: Vec::new(),
            window: Duration::ZERO,
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
                let vouched = vouch(tx, &case, vouching, by, Rules { single_staff: false }, now)?;
                vouched.map_err(|refusal| PlayError::from(StoryError(refusal.to_string())))
            })
            .await?;
        if verifies.lost {
            self.x.set_fault(Fault::new(FaultKind::DropBefore, 1).on("POST", "/2/tweets"));
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
                Ok::<_, PlayError>(say(tx, question, target, body, by, (now, Duration::ZERO))?)
            })
            .await?;
        self.send_out(scene).await
    }

    /// Lets the bridge send what is in the outbox. What was sent is `sent` to those who reply to it on the network.
    async fn send_out(&self, scene: &mut Scene) -> Result<(), PlayError> {
        self.drain().await?;
        let question = scene.question()?;
        let deliveries = self.app.db.read(move |conn| load_deliveries(conn, question.0)).await?;
        if let Some(State::Sent { remote_id: Some(id), .. }) = deliveries.into_iter().last().map(|one| one.state) {
            scene.remote.insert("sent".to_owned(), id);
        }
        Ok(())
    }

    async fn drain(&self) -> Result<(), PlayError> {
        while outbound::step(&self.app).await? == Progress::More {}
        // What is uncertain is looked for until the network had time enough to show it; then a person decides.
        for _ in 0..LOOKS {
            self.app.clock.advance(LOOK_EVERY);
            while outbound::read_back::step(&self.app).await? == Progress::More {}
        }
        Ok(())
    }

    /// Lets the bridge read the twins; whether this post stands in the forum now. The first to arrive makes the thread.
    async fn take_in(&self, network: Origin, remote_id: &str, scene: &mut Scene) -> Result<bool, PlayError> {
        self.app.clock.advance(POLL_EVERY);
        inbound::poll::step(&self.app).await?;
        while inbound::step(&self.app).await? == Progress::More {}
        let id = remote_id.to_owned();
        let found = self.app.db.read(move |conn| find_mirror(conn, network, &id)).await?;
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

pub(super) fn refused(what: &str, problems: &Problems) -> PlayError {
    let why: Vec<&str> = problems.all().iter().map(|(_, message)| message.as_str()).collect();
    StoryError(format!("{what:?}: {}", why.join(" "))).into()
}
