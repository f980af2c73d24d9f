//! Each way in which X misbehaves, alone and two at a time: a hundred posts that arrive and a hundred replies that leave
//! under it. Nothing is lost, nothing stands twice, and what is stuck says so on the desk.
//!
//! The workers are driven by hand and the clock is the test's, so that pauses of minutes pass in a moment.
//! `ANSWERWELL_FAULT_ROUNDS` sets how many posts and replies each case has, and lets all pairs meet.

use std::collections::HashSet;
use std::time::Duration;

use answerwell::bridge::outbound::{self, find_target, read_back};
use answerwell::bridge::view::{DeliveryView, find_mirror, load_deliveries};
use answerwell::bridge::{TroubleKind, inbound, list_troubles, meter};
use answerwell::clock::Clock;
use answerwell::db::DbError;
use answerwell::desk::talk::say;
use answerwell::jobs::Progress;
use answerwell::members::Role;
use answerwell::posts::{Body, Origin};
use answerwell::questions::QuestionId;
use answerwell::sim::x::{Fault, FaultKind};
use answerwell::web::markdown;

use crate::support::{Kind, Person, TestLoop, eventually, kind};

/// Posts and replies of a case, unless the environment says otherwise.
const EACH: usize = 100;
/// The same on PostgreSQL, where the second run of the tests sees the same rules over another store.
const EACH_ON_POSTGRES: usize = 20;
/// How far the clock goes on when nothing is left to do.
const TURN: Duration = Duration::from_secs(20);
/// Hours of the test's clock: whatever has not come to its end by then is stuck.
const MOST_TURNS: usize = 600;

/// All that may happen to a call.
const OF_CALLS: [FaultKind; 13] = [
    FaultKind::TooManyRequests,
    FaultKind::ServerError,
    FaultKind::DropBefore,
    FaultKind::DropAfter,
    FaultKind::Slow,
    FaultKind::SlowDrip,
    FaultKind::Html,
    FaultKind::HtmlError,
    FaultKind::HugeBody,
    FaultKind::Redirect,
    FaultKind::WrongClock,
    FaultKind::CreditsDepleted,
    FaultKind::RevokedToken,
];
/// All that may happen to a webhook.
const OF_WEBHOOKS: [FaultKind; 7] = [
    FaultKind::DuplicateWebhook,
    FaultKind::WebhookOff,
    FaultKind::WebhookSwapped,
    FaultKind::WebhookLate,
    FaultKind::OldSignature,
    FaultKind::ForeignWebhook,
    FaultKind::HugeWebhook,
];
/// One of each family, which meet each other in every run of the tests.
const FAMILIES: [FaultKind; 6] = [
    FaultKind::TooManyRequests,
    FaultKind::ServerError,
    FaultKind::DropAfter,
    FaultKind::RevokedToken,
    FaultKind::DuplicateWebhook,
    FaultKind::WebhookOff,
];

#[tokio::test]
async fn each_fault_of_a_call_alone() {
    for kind in OF_CALLS {
        survives(&[kind]).await;
    }
}

#[tokio::test]
async fn each_fault_of_a_webhook_alone() {
    for kind in OF_WEBHOOKS {
        survives(&[kind]).await;
    }
}

#[tokio::test]
async fn faults_in_pairs_first_third() {
    pairs(0).await;
}

#[tokio::test]
async fn faults_in_pairs_second_third() {
    pairs(1).await;
}

#[tokio::test]
async fn faults_in_pairs_last_third() {
    pairs(2).await;
}

#[tokio::test]
async fn a_network_that_is_not_there_is_left_in_peace_and_the_backlog_goes_out_in_order() {
    let case = Case::under(&[]).await;
    let posts = case.arrive(6).await;
    case.write_to_all(&posts).await;
    case.ground.twin.set_fault(Fault::new(FaultKind::HtmlError, 3).on("POST", "/2/tweets"));
    case.work().await;
    assert_eq!(case.sends(), 3, "three in a row are enough");
    let desk = case.staff.get("/desk/deliveries").await.expect(200);
    desk.expect_text("X does not answer @acme since").expect_text("3 replies wait");
    desk.expect_text("Waiting for the network").expect_text("Set the channel of router 5 to 6");
    let admin = case.ground.person("Ada Admin", Role::Admin).await;
    let channels = admin.get("/admin/channels").await.expect(200);
    channels.expect_text("X does not answer since").expect_text("3 replies wait").expect_text("@acme on X Waits");
    assert!(!channels.says("All is well"), "{}", channels.text());
    case.work().await;
    assert_eq!(case.sends(), 3, "nobody knocks before the pause is over");

    case.clock.advance(Duration::from_secs(31));
    case.work().await;
    assert_eq!(case.sends(), 6);
    let sent: Vec<String> = posts.iter().flat_map(|post| case.ground.ours_under(post)).map(|reply| reply.id).collect();
    assert_eq!(sent.len(), 3);
    assert!(sent.is_sorted(), "in the order in which they were written: {sent:?}");
    let desk = case.staff.get("/desk/deliveries").await.expect(200);
    assert!(!desk.says("X does not answer") && !desk.says("Waiting for the network"));
    assert!(!admin.get("/admin/channels").await.says("X does not answer"));
}

/// Every third pair, from the given one on.
async fn pairs(from: usize) {
    let all: Vec<FaultKind> = OF_CALLS.into_iter().chain(OF_WEBHOOKS).collect();
    let kinds = if std::env::var_os("ANSWERWELL_FAULT_ROUNDS").is_some() { all } else { FAMILIES.to_vec() };
    let pairs =
        kinds.iter().enumerate().flat_map(|(at, first)| kinds[at + 1..].iter().map(move |second| [*first, *second]));
    for pair in pairs.skip(from).step_by(3) {
        survives(&pair).await;
    }
}

fn each() -> usize {
    let usual = if kind() == Kind::Postgres { EACH_ON_POSTGRES } else { EACH };
    std::env::var("ANSWERWELL_FAULT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(usual)
}

async fn survives(faults: &[FaultKind]) {
    let case = Case::under(faults).await;
    let posts = case.arrive(each()).await;
    case.write_to_all(&posts).await;
    case.finish(&posts).await;
    case.count(&posts).await;
}

/// A loop whose workers run when they are told to, on the test's clock.
struct Case {
    ground: TestLoop,
    clock: Clock,
    staff: Person,
    faults: String,
}

impl Case {
    async fn under(faults: &[FaultKind]) -> Self {
        let clock = Clock::fixed(Clock::Real.now());
        let ground = TestLoop::start_still(clock.clone(), |config| {
            config.bridge.send_timeout = Duration::from_millis(250);
            config.bridge.lease = Duration::from_secs(1);
            config.bridge.read_back_lag = Duration::from_secs(60);
        })
        .await;
        let staff = ground.staff().await;
        for kind in faults {
            ground.twin.set_fault(order(*kind));
        }
        Self { ground, clock, staff, faults: format!("{faults:?}") }
    }

    /// So many customers complain, and each complaint becomes a question. Returns the ids of the posts.
    async fn arrive(&self, count: usize) -> Vec<String> {
        let complain = |number| {
            let text = format!("@acme case {number}: the router drops wifi every evening");
            self.ground.says(&format!("customer{number}"), &text, None)
        };
        let posts: Vec<String> = (0..count).map(complain).collect();
        self.until("every post is a question", async || self.questions_of(&posts).await.len() == posts.len()).await;
        posts
    }

    /// Staff ask each of them something; nothing is sent yet.
    async fn write_to_all(&self, posts: &[String]) {
        for (number, question) in self.questions_of(posts).await.into_iter().enumerate() {
            let (staff, now) = (self.staff.id, self.clock.now());
            let text = format!("Set the channel of router {number} to 6, then restart it.");
            let written = self.ground.db().write(move |tx| {
                let target = find_target(tx, question)?.expect("a post to answer");
                let body = Body { html: markdown::from_plain(&text), source: text };
                say(tx, QuestionId(question), target, body, staff, now)
            });
            written.await.expect("a message in the outbox");
        }
    }

    async fn finish(&self, posts: &[String]) {
        self.until("every reply has come to its end or waits for a person", async || {
            let states = self.deliveries(posts).await;
            states.iter().all(|one| matches!(one.chip().0, "sent" | "by-hand" | "failed") || is_lost(one))
        })
        .await;
    }

    /// What stands on the twin against what the desk says and the public pages show.
    async fn count(&self, posts: &[String]) {
        let faults = &self.faults;
        self.ground.twin.clear_faults();
        let desk = self.staff.get("/desk/deliveries").await.expect(200);
        let mut asks_a_person = 0;
        for (post, delivery) in posts.iter().zip(self.deliveries(posts).await) {
            let replies = self.ground.ours_under(post).len();
            let expected = usize::from(delivery.chip().0 == "sent");
            assert_eq!(replies, expected, "{faults}: {} is said of {}", delivery.chip().1, delivery.text);
            if delivery.needs_person() {
                asks_a_person += 1;
                let is_shown = desk.has_field(&format!("/desk/deliveries/{}", delivery.id), "back");
                assert!(is_shown || asks_a_person > 200, "{faults}: {} is stuck, and not on the desk", delivery.text);
            }
        }
        assert_eq!(self.public_questions().await, posts.len(), "{faults}: nothing is a question twice");
        eprintln!(
            "{faults}: {} arrived once, {} sent once, {asks_a_person} for a person",
            posts.len(),
            posts.len() - asks_a_person
        );
    }

    /// Lets the workers work and the clock go on until `done`.
    async fn until(&self, what: &str, mut done: impl AsyncFnMut() -> bool) {
        for _ in 0..MOST_TURNS {
            eventually("the twin has sent its events", async || self.ground.twin.is_told()).await;
            self.work().await;
            if done().await {
                return;
            }
            self.mend_access().await;
            self.clock.advance(TURN);
        }
        panic!("{}: not within {MOST_TURNS} turns: {what}", self.faults);
    }

    async fn work(&self) {
        let app = &self.ground.app;
        loop {
            inbound::poll::step(app).await.expect("the poller works");
            let mut more = meter::step(app).await.expect("the meter works") == Progress::More;
            while inbound::step(app).await.expect("the inbox works") == Progress::More {
                more = true;
            }
            while outbound::step(app).await.expect("the outbox works") == Progress::More {
                more = true;
            }
            while read_back::step(app).await.expect("reading back works") == Progress::More {
                more = true;
            }
            if !more {
                return;
            }
        }
    }

    /// How many replies X was asked to take.
    fn sends(&self) -> usize {
        self.ground.twin.calls().iter().filter(|(method, path, _)| method == "POST" && path == "/2/tweets").count()
    }

    /// What an administrator does when the desk says that the access is gone.
    async fn mend_access(&self) {
        let now = self.clock.now();
        let troubles = self.ground.db().read(move |conn| list_troubles(conn, now)).await.expect("the troubles");
        if troubles.iter().any(|trouble| trouble.what == TroubleKind::NoAccess) {
            self.ground.connect_again().await;
        }
    }
}

impl Case {
    /// The questions that stand for these posts now, in their order.
    async fn questions_of(&self, posts: &[String]) -> Vec<i64> {
        let posts = posts.to_vec();
        let found = self.ground.db().read(move |conn| {
            let mut questions = Vec::new();
            for post in &posts {
                questions.extend(find_mirror(conn, Origin::X, post)?.map(|(_, question)| question));
            }
            Ok::<_, DbError>(questions)
        });
        found.await.expect("the mirrors")
    }

    /// The one delivery of each post, in their order.
    async fn deliveries(&self, posts: &[String]) -> Vec<DeliveryView> {
        let questions = self.questions_of(posts).await;
        let found = self.ground.db().read(move |conn| {
            let mut deliveries = Vec::new();
            for question in questions {
                deliveries.extend(load_deliveries(conn, question)?);
            }
            Ok::<_, DbError>(deliveries)
        });
        let deliveries = found.await.expect("the deliveries");
        assert_eq!(deliveries.len(), posts.len(), "{}: one delivery each", self.faults);
        deliveries
    }

    /// How many threads the public pages list.
    async fn public_questions(&self) -> usize {
        let visitor = self.ground.visitor();
        let (mut threads, mut next) = (HashSet::new(), Some("/newest".to_owned()));
        while let Some(path) = next {
            let list = visitor.get(&path).await.expect(200);
            threads.extend(list.links().into_iter().filter(|link| link.starts_with("/questions/")));
            next = list.links().into_iter().find(|link| link.contains("after="));
        }
        threads.len()
    }
}

/// Nobody but a person can tell, and nobody looks any more.
fn is_lost(delivery: &DeliveryView) -> bool {
    delivery.chip().0 == "uncertain" && !delivery.is_looked_for()
}

/// A fault as a case has it: a quarter of the sends or events, fewer of those that cost real time.
fn order(kind: FaultKind) -> Fault {
    let quarter = u32::try_from(each() / 4).expect("a small number");
    let on_sends = |calls| Fault::new(kind, calls).on("POST", "/2/tweets");
    match kind {
        FaultKind::Slow | FaultKind::SlowDrip => on_sends(4).seconds(1).share(0.25),
        FaultKind::HugeBody => on_sends(2),
        FaultKind::RevokedToken => on_sends(1),
        FaultKind::CreditsDepleted => on_sends(2),
        FaultKind::HugeWebhook => Fault::new(kind, 2),
        FaultKind::WebhookLate => Fault::new(kind, quarter).seconds(1).share(0.25),
        FaultKind::DuplicateWebhook
        | FaultKind::WebhookOff
        | FaultKind::WebhookSwapped
        | FaultKind::OldSignature
        | FaultKind::ForeignWebhook => Fault::new(kind, quarter).share(0.25),
        _ => on_sends(quarter).share(0.25),
    }
}
