//! Each way in which a network misbehaves, alone and together with every other: posts that arrive and replies that leave
//! under it. Nothing is lost, nothing stands twice, and what is stuck says so on the desk.
//!
//! On X every run has each of the 20 kinds alone and each of the 190 pairs of them, with 100 arrivals and 100 deliveries
//! each, on both databases. Facebook, which goes the same way through the bridge, has its 21 kinds alone with as many, and
//! its 210 pairs with 10 of both. `tests/soak faults` has 10,000: `ANSWERWELL_FAULT_ROUNDS` sets the number. The kinds strike
//! where replies are sent; that they strike where mentions are read has a story of its own.
//!
//! The workers are driven by hand and the clock is the test's, so that pauses of minutes pass in a moment.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::ops::Deref;
use std::time::Duration;

use answerwell::bridge::outbound::state::Label;
use answerwell::bridge::outbound::{self, find_target, read_back};
use answerwell::bridge::view::{
    DeliveryView, NEED_A_PERSON, count_deliveries_in, find_mirror, list_deliveries_in, load_deliveries,
};
use answerwell::bridge::{TroubleKind, access, count_waiting, inbound, list_troubles, meter};
use answerwell::clock::Clock;
use answerwell::config::Config;
use answerwell::db::DbError;
use answerwell::desk::talk::say;
use answerwell::jobs::Progress;
use answerwell::members::{Member, Role, Staff};
use answerwell::posts::{Body, Origin};
use answerwell::questions::QuestionId;
use answerwell::sim::x::{Fault, FaultKind};
use answerwell::web::markdown;

use crate::support::{FacebookLoop, Person, TestApp, TestLoop, eventually};

/// Posts and replies of a case, unless the environment says otherwise.
const EACH: usize = 100;
/// So many are on their way at the same time.
const WAVE: usize = 500;
/// How far the clock goes on when nothing is left to do.
const TURN: Duration = Duration::from_secs(20);
/// Hours of the test's clock: whatever of a wave has not come to its end by then is stuck.
const MOST_TURNS: usize = 600;

/// A network with a twin, as these stories need it.
trait Ends: Deref<Target = TestApp> + Sized {
    /// In the order in which pairs are made: those of calls before those of webhooks.
    const KINDS: &'static [FaultKind];
    const ORIGIN: Origin;
    /// Posts and replies of two faults together, unless the environment says otherwise.
    const IN_PAIRS: usize;
    /// Where a reply is sent, and where posts are read: a part of the path.
    const SENDS: &'static str;
    const READS: &'static str;

    async fn lay(clock: Clock) -> Self;
    /// Somebody addresses us; returns the id of the post.
    fn complains(&self, who: &str, text: &str) -> String;
    /// How many replies of ours stand under a post.
    fn count_replies(&self, post: &str) -> usize;
    fn go_wrong(&self, fault: Fault);
    fn count_faults(&self) -> usize;
    fn is_told(&self) -> bool;
    /// Method, path and status of the latest calls.
    fn calls(&self) -> Vec<(String, String, u16)>;
    async fn mend_access(&self);
}

impl Ends for TestLoop {
    const KINDS: &'static [FaultKind] = on_x::KINDS;
    const ORIGIN: Origin = Origin::X;
    const IN_PAIRS: usize = EACH;
    const SENDS: &'static str = "/2/tweets";
    const READS: &'static str = "/mentions";

    async fn lay(clock: Clock) -> Self {
        Self::start_still(clock, patient).await
    }

    fn complains(&self, who: &str, text: &str) -> String {
        self.says(who, &format!("@acme {text}"), None)
    }

    fn count_replies(&self, post: &str) -> usize {
        self.ours_under(post).len()
    }

    fn go_wrong(&self, fault: Fault) {
        self.twin.set_fault(fault);
    }

    fn count_faults(&self) -> usize {
        self.twin.count_faults()
    }

    fn is_told(&self) -> bool {
        self.twin.is_told()
    }

    fn calls(&self) -> Vec<(String, String, u16)> {
        self.twin.calls()
    }

    async fn mend_access(&self) {
        self.connect_again().await;
        // The subscriptions went with the access.
        access::look_after(&self.app, false).await.expect("a webhook and subscriptions");
    }
}

impl Ends for FacebookLoop {
    const KINDS: &'static [FaultKind] = on_facebook::KINDS;
    const ORIGIN: Origin = Origin::Facebook;
    const IN_PAIRS: usize = 10;
    const SENDS: &'static str = "/comments";
    const READS: &'static str = "/feed";

    async fn lay(clock: Clock) -> Self {
        Self::start_still(clock, patient).await
    }

    fn complains(&self, who: &str, text: &str) -> String {
        self.says(who, text, None)
    }

    fn count_replies(&self, post: &str) -> usize {
        self.ours_under(post).len()
    }

    fn go_wrong(&self, fault: Fault) {
        self.twin.set_fault(fault);
    }

    fn count_faults(&self) -> usize {
        self.twin.count_faults()
    }

    fn is_told(&self) -> bool {
        self.twin.is_told()
    }

    fn calls(&self) -> Vec<(String, String, u16)> {
        self.twin.calls()
    }

    async fn mend_access(&self) {
        self.connect_again().await;
        access::look_after(&self.app, false).await.expect("subscriptions");
    }
}

/// Little patience with a network, so that a story is short.
fn patient(config: &mut Config) {
    config.bridge.send_timeout = Duration::from_millis(250);
    config.bridge.lease = Duration::from_secs(1);
    config.bridge.read_back_lag = Duration::from_secs(60);
}

/// One test per kind alone, and one per kind with each of those that come after it.
macro_rules! faults {
    ($network:ident, $ends:ty, $($name:ident: $kind:ident,)+) => {
        mod $network {
            use super::*;

            pub const KINDS: &[FaultKind] = &[$(FaultKind::$kind),+];

            mod alone {
                use super::*;
                $(
                    #[tokio::test]
                    async fn $name() {
                        survives_alone::<$ends>(FaultKind::$kind).await;
                    }
                )+
            }

            mod in_pairs {
                use super::*;
                $(
                    #[tokio::test]
                    async fn $name() {
                        survives_with_each_after::<$ends>(FaultKind::$kind).await;
                    }
                )+
            }

            #[tokio::test]
            async fn reading_goes_wrong_in_each_way_and_every_post_still_arrives() {
                survives_while_reading::<$ends>().await;
            }
        }
    };
}

faults! {
    on_x, TestLoop,
    too_many_requests: TooManyRequests,
    server_error: ServerError,
    drop_before: DropBefore,
    drop_after: DropAfter,
    slow: Slow,
    slow_drip: SlowDrip,
    html: Html,
    html_error: HtmlError,
    huge_body: HugeBody,
    redirect: Redirect,
    wrong_clock: WrongClock,
    credits_depleted: CreditsDepleted,
    revoked_token: RevokedToken,
    duplicate_webhook: DuplicateWebhook,
    webhook_off: WebhookOff,
    webhook_swapped: WebhookSwapped,
    webhook_late: WebhookLate,
    old_signature: OldSignature,
    foreign_webhook: ForeignWebhook,
    huge_webhook: HugeWebhook,
}

faults! {
    on_facebook, FacebookLoop,
    too_many_requests: TooManyRequests,
    server_error: ServerError,
    drop_before: DropBefore,
    drop_after: DropAfter,
    slow: Slow,
    slow_drip: SlowDrip,
    html: Html,
    html_error: HtmlError,
    huge_body: HugeBody,
    redirect: Redirect,
    wrong_clock: WrongClock,
    graph_error: GraphError,
    error_inside: ErrorInside,
    revoked_token: RevokedToken,
    duplicate_webhook: DuplicateWebhook,
    webhook_off: WebhookOff,
    webhook_swapped: WebhookSwapped,
    webhook_late: WebhookLate,
    old_signature: OldSignature,
    foreign_webhook: ForeignWebhook,
    huge_webhook: HugeWebhook,
}

#[tokio::test]
async fn a_network_that_is_not_there_is_left_in_peace_and_the_backlog_goes_out_in_order() {
    let case = Case::<TestLoop>::start().await;
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

#[tokio::test]
async fn more_than_a_hundred_lost_answers_at_once_are_found() {
    const LOST: u32 = 120;
    let case = Case::<TestLoop>::start().await;
    let posts = case.arrive(2 * LOST as usize).await;
    case.write_to_all(&posts).await;
    // Every second answer is lost, so that nobody takes X to be away; nobody looks back before all have left.
    case.ground.twin.set_fault(Fault::new(FaultKind::DropAfter, LOST).on("POST", "/2/tweets").share(0.5));
    while outbound::step(&case.ground.app).await.expect("the outbox works") == Progress::More {}
    let uncertain = case.count_in(&[Label::Uncertain]).await;
    assert_eq!(uncertain, i64::from(LOST));

    let before = case.looks();
    while read_back::step(&case.ground.app).await.expect("reading back works") == Progress::More {}
    assert_eq!(case.count_in(&[Label::Sent]).await, i64::from(2 * LOST));
    assert_eq!(case.looks() - before, 3, "240 posts of ours are three pages, whatever number of answers is looked for");
    case.count(&posts).await;
}

/// How many posts and replies a case has where the environment does not say it.
fn rounds(usual: usize) -> usize {
    std::env::var("ANSWERWELL_FAULT_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(usual)
}

async fn survives_while_reading<E: Ends>() {
    const READ: u32 = 4;
    let case = Case::<E>::start().await;
    for kind in E::KINDS.iter().copied().take_while(|kind| *kind != FaultKind::DuplicateWebhook) {
        // No webhook tells of them: they can only be read.
        let silence = Fault::new(FaultKind::WebhookOff, READ);
        let reading = Fault { calls: 1, share: None, ..in_pair::<E>(kind, 8) }.on("GET", E::READS);
        case.survives(&[silence, reading], READ as usize).await;
        let met = async || case.ground.count_faults() == 0;
        eventually(&format!("it has struck: {}", case.faults.borrow()), met).await;
    }
    case.finds_nothing_twice().await;
}

async fn survives_alone<E: Ends>(kind_of_fault: FaultKind) {
    let count = rounds(EACH);
    let case = Case::<E>::start().await;
    case.survives(&[alone::<E>(kind_of_fault, count)], count).await;
    case.finds_nothing_twice().await;
}

async fn survives_with_each_after<E: Ends>(first: FaultKind) {
    let count = rounds(E::IN_PAIRS);
    let after = E::KINDS.iter().skip_while(|kind| **kind != first).skip(1);
    let case = Case::<E>::start().await;
    for second in after {
        case.survives(&[in_pair::<E>(first, count), in_pair::<E>(*second, count)], count).await;
        let met = async || case.ground.count_faults() == 0;
        eventually(&format!("both have struck: {}", case.faults.borrow()), met).await;
    }
    case.finds_nothing_twice().await;
}

/// A loop whose workers run when they are told to, on the test's clock.
struct Case<E> {
    ground: E,
    clock: Clock,
    staff: Person,
    /// What is going wrong now.
    faults: RefCell<String>,
    arrived: Cell<usize>,
}

impl<E: Ends> Case<E> {
    async fn start() -> Self {
        let clock = Clock::fixed(Clock::Real.now());
        let ground = E::lay(clock.clone()).await;
        let staff = ground.staff().await;
        Self { ground, clock, staff, faults: RefCell::default(), arrived: Cell::new(0) }
    }

    /// So many posts arrive and so many replies leave while these go wrong.
    async fn survives(&self, faults: &[Fault], count: usize) {
        self.faults.replace(faults.iter().map(|fault| format!("{:?} ", fault.kind)).collect());
        for fault in faults {
            self.ground.go_wrong(fault.clone());
        }
        let mut all = Vec::new();
        while all.len() < count {
            let posts = self.arrive(WAVE.min(count - all.len())).await;
            self.write_to_all(&posts).await;
            self.until("every reply has come to its end or waits for a person", async || self.is_at_rest().await).await;
            all.extend(posts);
        }
        self.count(&all).await;
    }

    /// So many customers complain, and each complaint becomes a question. Returns the ids of the posts.
    async fn arrive(&self, count: usize) -> Vec<String> {
        let first = self.arrived.replace(self.arrived.get() + count);
        let complain = |number| {
            let text = format!("case {number}: the router drops wifi every evening");
            self.ground.complains(&format!("customer{number}"), &text)
        };
        let posts: Vec<String> = (first..first + count).map(complain).collect();
        let all = i64::try_from(count).expect("a small number");
        // Whoever was written to does not wait any more.
        let wait = async || self.ground.db().read(count_waiting).await.expect("a number") == all;
        self.until("every post is a question", wait).await;
        assert_eq!(self.questions_of(&posts).await.len(), posts.len(), "{}", self.faults.borrow());
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
                say(tx, QuestionId(question), target, body, staff, (now, Duration::ZERO))
            });
            written.await.expect("a message in the outbox");
        }
    }

    /// Nothing waits to be sent, and nobody looks for anything any more.
    async fn is_at_rest(&self) -> bool {
        let member = Member {
            id: self.staff.id,
            handle: String::new(),
            name: self.staff.name.clone(),
            role: Role::Staff,
            trusted: true,
        };
        let reader = Staff(member);
        let found = self.ground.db().read(move |conn| {
            let open = count_deliveries_in(conn, &[Label::Queued, Label::Sending])?;
            let uncertain =
                if open == 0 { list_deliveries_in(conn, &[Label::Uncertain], &reader)? } else { Vec::new() };
            Ok::<_, DbError>(open == 0 && !uncertain.iter().any(DeliveryView::is_looked_for))
        });
        found.await.expect("the deliveries")
    }

    async fn count_in(&self, states: &'static [Label]) -> i64 {
        self.ground.db().read(|conn| count_deliveries_in(conn, states)).await.expect("a number")
    }

    /// What stands on the twin against what the desk says.
    async fn count(&self, posts: &[String]) {
        let faults = self.faults.borrow().clone();
        let desk = self.staff.get("/desk/deliveries").await.expect(200);
        let is_cut = self.count_in(&NEED_A_PERSON).await > 200;
        let mut for_a_person = 0;
        for (post, delivery) in posts.iter().zip(self.deliveries(posts).await) {
            let replies = self.ground.count_replies(post);
            let expected = usize::from(delivery.chip().0 == "sent");
            assert_eq!(replies, expected, "{faults}: {} is said of {}", delivery.chip().1, delivery.text);
            if delivery.needs_person() {
                for_a_person += 1;
                let is_shown = desk.has_field(&format!("/desk/deliveries/{}", delivery.id), "back");
                assert!(is_shown || is_cut, "{faults}: {} is stuck, and not on the desk", delivery.text);
            }
        }
        let sent = posts.len() - for_a_person;
        eprintln!("{faults}: {} arrived once, {sent} sent once, {for_a_person} for a person", posts.len());
    }

    /// The public pages list as many threads as posts arrived.
    async fn finds_nothing_twice(&self) {
        assert_eq!(self.public_questions().await, self.arrived.get(), "nothing is a question twice");
    }

    /// Lets the workers work and the clock go on until `done`.
    async fn until(&self, what: &str, mut done: impl AsyncFnMut() -> bool) {
        for _ in 0..MOST_TURNS {
            eventually("the twin has sent its events", async || self.ground.is_told()).await;
            self.work().await;
            if done().await {
                return;
            }
            self.mend_access().await;
            self.clock.advance(TURN);
        }
        panic!("{}: not within {MOST_TURNS} turns: {what}", self.faults.borrow());
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
        self.ground.calls().iter().filter(|(method, path, _)| method == "POST" && path.ends_with(E::SENDS)).count()
    }

    /// How many pages of our own posts X was asked for.
    fn looks(&self) -> usize {
        let own = |path: &str| path.starts_with("/2/users/") && path.ends_with("/tweets");
        self.ground.calls().iter().filter(|(method, path, _)| method == "GET" && own(path)).count()
    }

    /// What an administrator does when the desk says that the access is gone.
    async fn mend_access(&self) {
        let now = self.clock.now();
        let troubles = self.ground.db().read(move |conn| list_troubles(conn, now)).await.expect("the troubles");
        if troubles.iter().any(|trouble| trouble.what == TroubleKind::NoAccess) {
            self.ground.mend_access().await;
        }
    }
}

impl<E: Ends> Case<E> {
    /// The questions that stand for these posts now, in their order.
    async fn questions_of(&self, posts: &[String]) -> Vec<i64> {
        let posts = posts.to_vec();
        let found = self.ground.db().read(move |conn| {
            let mut questions = Vec::new();
            for post in &posts {
                questions.extend(find_mirror(conn, E::ORIGIN, post)?.map(|(_, question)| question));
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
        assert_eq!(deliveries.len(), posts.len(), "{}: one delivery each", self.faults.borrow());
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

/// A fault as a case alone has it: a quarter of the sends or events, fewer of those that cost real time.
fn alone<E: Ends>(kind: FaultKind, count: usize) -> Fault {
    let quarter = u32::try_from(count / 4).expect("a small number");
    match kind {
        FaultKind::Slow | FaultKind::SlowDrip => fault::<E>(kind, 4).seconds(1).share(0.25),
        FaultKind::HugeBody | FaultKind::CreditsDepleted | FaultKind::HugeWebhook => fault::<E>(kind, 2),
        FaultKind::RevokedToken => fault::<E>(kind, 1),
        FaultKind::WebhookLate => fault::<E>(kind, quarter).seconds(1).share(0.25),
        _ => fault::<E>(kind, quarter).share(0.25),
    }
}

/// The same for two kinds that take turns; those that cost real time or end an access strike once. The second gets its
/// share of what the first leaves: with a sixth for each, both have struck before the last of a hundred has left.
fn in_pair<E: Ends>(kind: FaultKind, count: usize) -> Fault {
    let sixth = u32::try_from(count.div_ceil(6)).expect("a small number");
    // So few that both must strike early.
    let share = if count < 20 { 0.5 } else { 0.25 };
    match kind {
        FaultKind::Slow | FaultKind::SlowDrip | FaultKind::WebhookLate => fault::<E>(kind, 1).seconds(1).share(share),
        FaultKind::HugeBody | FaultKind::HugeWebhook | FaultKind::CreditsDepleted | FaultKind::RevokedToken => {
            fault::<E>(kind, 1).share(share)
        }
        _ => fault::<E>(kind, sixth).share(share),
    }
}

fn fault<E: Ends>(kind: FaultKind, calls: u32) -> Fault {
    let all = Fault::new(kind, calls);
    let of_webhooks = E::KINDS.iter().skip_while(|kind| **kind != FaultKind::DuplicateWebhook);
    if of_webhooks.into_iter().any(|of_webhooks| *of_webhooks == kind) { all } else { all.on("POST", E::SENDS) }
}
