//! Never lost, never twice: the built program is killed (SIGKILL) while the twin holds its request, at each step of a
//! delivery and of an arrival, is started again, and then the twin's list is counted against the public pages.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;

use answerwell::clock::Clock;
use answerwell::db::Db;
use answerwell::demo;
use answerwell::members::create::{NewAccount, create_in};
use answerwell::members::{Hasher, Role};
use answerwell::sim::x::{Fault, FaultKind, Release, XTwin};
use reqwest::Method;
use tempfile::TempDir;

use crate::support::{Answer, TestDatabase, Visitor, eventually, program};

const COMPLAINT: &str = "@acme my router drops wifi every evening, is it just me?";
const ADVICE: &str = "Set the wireless channel to 6 and restart the router. That ends the drops.";
/// Mentions, replies, our own posts, messages both ways, deletions, and access that is taken back.
const SUBSCRIPTIONS: usize = 7;
const PASSWORD: &str = "three odd words";

/// When the program dies on the way of a reply.
#[derive(Clone, Copy, Debug)]
enum Sending {
    /// As soon as the person at the desk was answered.
    Queued,
    /// While X has the request but has not taken it; X forgets it.
    HeldThenLost,
    /// The same, and X takes it after the program is dead.
    HeldThenTaken,
    /// X has taken it; its answer was not read.
    Taken,
    /// X has taken it, and its answer is on the way.
    Answered,
}

#[tokio::test]
async fn killed_with_a_reply_in_the_queue() {
    killed_while_sending(Sending::Queued).await;
}

#[tokio::test]
async fn killed_before_the_network_takes_a_reply() {
    killed_while_sending(Sending::HeldThenLost).await;
}

#[tokio::test]
async fn killed_before_the_network_takes_a_reply_which_it_then_does() {
    killed_while_sending(Sending::HeldThenTaken).await;
}

#[tokio::test]
async fn killed_after_the_network_took_a_reply() {
    killed_while_sending(Sending::Taken).await;
}

#[tokio::test]
async fn killed_while_the_network_answers() {
    killed_while_sending(Sending::Answered).await;
}

async fn killed_while_sending(point: Sending) {
    let ground = Ground::lay().await;
    let complaint = ground.complain(COMPLAINT);
    let mut program = ground.start().await;
    let thread = program.thread_of("My router drops wifi every evening").await;
    let peer = program.sign_in("peer@example.com").await;
    let page = peer.get(&thread).await;
    peer.submit(&page, &format!("{}/answers", short(&thread)), &[("body", ADVICE)]).await.expect(200);
    ground.hold_sends(point);
    let staff = program.sign_in("staff@example.com").await;
    verify_and_send(&staff, &thread).await;
    match point {
        Sending::Queued => {}
        Sending::HeldThenLost | Sending::HeldThenTaken | Sending::Taken => {
            eventually("the twin holds the reply", async || !ground.twin.held().is_empty()).await;
        }
        Sending::Answered => {
            eventually("the twin has the reply", async || !ground.twin.replies_to(&complaint).is_empty()).await;
        }
    }
    program.kill();
    ground.twin.clear_faults();
    ground.twin.release(if matches!(point, Sending::HeldThenLost) { Release::Drop } else { Release::GoOn });

    let program = ground.start().await;
    let staff = program.sign_in("staff@example.com").await;
    let mut state = "";
    eventually_patiently("the delivery is sent or uncertain for a person", async || {
        let desk = staff.get(&short(&thread).replace("/questions/", "/desk/questions/")).await;
        state = delivery_state(&desk);
        let replies = ground.twin.replies_to(&complaint).len();
        assert!(replies <= 1, "{point:?}: {replies} replies stand on the network");
        match state {
            "sent" => true,
            // Nothing stands there: the program must not know better than to ask a person.
            "uncertain" => replies == 0 && !desk.says("We still look for it"),
            _ => false,
        }
    })
    .await;
    let replies = ground.twin.replies_to(&complaint).len();
    match point {
        Sending::HeldThenLost => assert_eq!((state, replies), ("uncertain", 0), "{point:?}"),
        _ => assert_eq!((state, replies), ("sent", 1), "{point:?}"),
    }
    ground.check_every_post_is_there_once(&program).await;
}

/// When the program dies on the way of a post that arrives.
#[derive(Clone, Copy, Debug)]
enum Arriving {
    /// As soon as the customer has posted.
    Posted,
    /// The webhook was accepted, and nothing was done with it.
    Accepted,
    /// While it asks for the post above.
    AskingForParent,
    /// While it fetches the photo.
    FetchingPhoto,
    /// While it polls.
    Polling,
}

#[tokio::test]
async fn killed_as_a_post_is_made() {
    killed_while_arriving(Arriving::Posted).await;
}

#[tokio::test]
async fn killed_after_a_webhook_was_accepted() {
    killed_while_arriving(Arriving::Accepted).await;
}

#[tokio::test]
async fn killed_while_asking_for_the_post_above() {
    killed_while_arriving(Arriving::AskingForParent).await;
}

#[tokio::test]
async fn killed_while_fetching_a_photo() {
    killed_while_arriving(Arriving::FetchingPhoto).await;
}

#[tokio::test]
async fn killed_while_polling() {
    killed_while_arriving(Arriving::Polling).await;
}

async fn killed_while_arriving(point: Arriving) {
    let ground = Ground::lay().await;
    let mut program = ground.start().await;
    let hold = |method: &str, path: &str| {
        ground.twin.set_fault(Fault::new(FaultKind::HoldBefore, 1).on(method, path));
    };
    // The root does not mention the company: the program has to ask for it.
    let root = ground.twin.post("maria", "Wifi gone again tonight. Anybody else on this street?", None, None).unwrap();
    match point {
        Arriving::AskingForParent => hold("GET", "/2/tweets"),
        Arriving::FetchingPhoto => hold("GET", "/profile_images"),
        Arriving::Polling => hold("GET", "/mentions"),
        Arriving::Posted | Arriving::Accepted => {}
    }
    if matches!(point, Arriving::Polling) {
        ground.twin.set_fault(Fault::new(FaultKind::WebhookOff, 10));
    }
    let delivered = ground.webhooks_delivered().await;
    ground.twin.post("jonas", "@acme same here, can you look into it?", Some(&root), None).unwrap();
    match point {
        Arriving::Posted => {}
        Arriving::Accepted => {
            eventually("the webhook was accepted", async || ground.webhooks_delivered().await > delivered).await;
        }
        Arriving::AskingForParent | Arriving::FetchingPhoto | Arriving::Polling => {
            eventually_patiently("the twin holds the request", async || !ground.twin.held().is_empty()).await;
        }
    }
    program.kill();
    ground.twin.clear_faults();
    ground.twin.release(Release::GoOn);
    let program = ground.start().await;
    ground.complain("@acme and my bill is wrong as well, who can help with that?");
    program.thread_of("Wifi gone again tonight").await;
    program.thread_of("And my bill is wrong as well").await;
    ground.check_every_post_is_there_once(&program).await;
}

/// Rounds of the soak in an ordinary run; `tests/soak` asks for two hundred.
const USUAL_ROUNDS: u32 = 3;
const USUAL_SEED: u64 = 20_261_122;

/// Kills at random moments, with random faults of the network, and counts at the end. The seed tells the whole story.
#[tokio::test]
async fn a_seeded_soak_loses_nothing_and_doubles_nothing() {
    let setting = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let rounds = setting("ANSWERWELL_SOAK_ROUNDS").map_or(USUAL_ROUNDS, |rounds| u32::try_from(rounds).unwrap());
    let mut dice = Dice(setting("ANSWERWELL_SOAK_SEED").unwrap_or(USUAL_SEED));
    let ground = Ground::lay().await;
    ground.twin.raise_limits(10_000);
    let mut complaints = Vec::new();
    for round in 1..=rounds {
        let mut program = ground.start().await;
        let title = format!("My router number {round} drops wifi every evening");
        let complaint = ground.complain(&format!("@acme {title}, what can I do about it?"));
        if dice.roll(3) == 0 {
            ground.twin.post("jonas", &format!("Same here, number {round}!"), Some(&complaint), None).unwrap();
        }
        if dice.roll(2) == 0 {
            let thread = program.thread_of(&title).await;
            let peer = program.sign_in("peer@example.com").await;
            let page = peer.get(&thread).await;
            let advice = format!("Set channel {round} and restart it.");
            peer.submit(&page, &format!("{}/answers", short(&thread)), &[("body", &advice)]).await.expect(200);
            let faults = [
                None,
                Some(FaultKind::DropBefore),
                Some(FaultKind::DropAfter),
                Some(FaultKind::ServerError),
                Some(FaultKind::HoldBefore),
                Some(FaultKind::HoldAfter),
            ];
            if let Some(kind) = faults[dice.roll(faults.len() as u64) as usize] {
                ground.twin.set_fault(Fault::new(kind, 1).on("POST", "/2/tweets"));
            }
            verify_and_send(&program.sign_in("staff@example.com").await, &thread).await;
        }
        complaints.push((complaint, title));
        tokio::time::sleep(Duration::from_millis(dice.roll(1_200))).await;
        program.kill();
        ground.twin.clear_faults();
        ground.twin.release(if dice.roll(2) == 0 { Release::Drop } else { Release::GoOn });
    }
    let program = ground.start().await;
    let staff = program.sign_in("staff@example.com").await;
    let (mut sent, mut uncertain) = (0, 0);
    for (complaint, title) in &complaints {
        let desk = short(&program.thread_of(title).await).replace("/questions/", "/desk/questions/");
        let mut state = "";
        eventually_patiently(&format!("{title} is settled"), async || {
            let page = staff.get(&desk).await;
            state = delivery_state(&page);
            state != "on its way"
                || !page.says("Where it went") && !page.says("Being sent") && !page.says("Something is on its way")
        })
        .await;
        let replies =
            ground.twin.replies_to(complaint).into_iter().filter(|reply| reply.handle == demo::HANDLE).count();
        assert!(replies <= 1, "{title}: {replies} replies stand on the network");
        match state {
            "sent" => {
                sent += 1;
                assert_eq!(replies, 1, "{title} says sent, and nothing stands there");
            }
            "uncertain" => uncertain += 1,
            _ => assert_eq!(replies, 0, "{title} is {state}, and a reply stands there"),
        }
    }
    ground.check_every_post_is_there_once(&program).await;
    eprintln!("{rounds} rounds: {sent} sent once, {uncertain} left to a person");
}

/// The same numbers for the same seed (xorshift).
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// The twin in this process, and the database of a program that comes and goes.
struct Ground {
    twin: XTwin,
    twin_address: String,
    database: TestDatabase,
    folder: TempDir,
}

impl Ground {
    async fn lay() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let twin_address = format!("http://{}", listener.local_addr().unwrap());
        let settings = demo::x::twin(folder.path(), &twin_address, Clock::Real);
        let twin = XTwin::open(settings).unwrap();
        tokio::spawn(twin.serve(listener).unwrap());
        for (handle, name) in [("maria", "Maria K"), ("jonas", "Jonas")] {
            twin.user(handle, name, 120).unwrap();
        }
        let database = TestDatabase::copy();
        let db = Db::open_migrated(database.place.clone()).unwrap();
        for (name, email, role) in
            [("Parker Peer", "peer@example.com", Role::Member), ("Sam Staff", "staff@example.com", Role::Staff)]
        {
            let account = NewAccount {
                name: name.to_owned(),
                email: email.to_owned(),
                password: PASSWORD.to_owned(),
                title: String::new(),
                role,
            };
            create_in(&db, &Hasher::default(), &Clock::Real, account).await.unwrap().unwrap();
        }
        Self { twin, twin_address, database, folder }
    }

    /// Starts the program and waits until it serves.
    async fn start(&self) -> Program {
        let log = File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let mut child = program()
            .args([
                "demo",
                "--port",
                "0",
                "--facebook-port",
                "0",
                "--twin",
                &self.twin_address,
                "--database",
                &self.database.address(),
            ])
            .arg("--data")
            .arg(self.folder.path().join("data"))
            .env("ANSWERWELL_LOG", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = tokio::task::spawn_blocking(move || {
            let mut said = String::new();
            for line in lines.map_while(Result::ok) {
                said.push_str(&line);
                said.push('\n');
                if let Some(address) = line.split_whitespace().find(|word| word.starts_with("http://127.0.0.1:")) {
                    return Ok(address.trim_end_matches(['/', '.', ',']).to_owned());
                }
            }
            Err(said)
        });
        let said = said.await.unwrap();
        let address = said.unwrap_or_else(|said| panic!("it did not start: {said}{}", self.log()));
        assert_ne!(address, self.twin_address, "the forum's address is told first");
        let program = Program { child, visitor: Visitor::at(&address), address };
        eventually("the twin knows where to send events", async || self.events_go_to(&program).await).await;
        program
    }

    async fn events_go_to(&self, program: &Program) -> bool {
        let twin = Visitor::at(&self.twin_address);
        let ask = async |path: &str| {
            let asked = twin.request(Method::GET, path).bearer_auth(demo::x::BEARER_TOKEN);
            twin.send(asked).await.json()["data"].as_array().cloned().unwrap_or_default()
        };
        let (webhooks, subscriptions) = (ask("/2/webhooks").await, ask("/2/activity/subscriptions").await);
        let ours = webhooks
            .iter()
            .find(|webhook| webhook["url"].as_str().is_some_and(|url| url.starts_with(&program.address)));
        ours.is_some_and(|ours| {
            subscriptions.iter().filter(|one| one["webhook_id"] == ours["id"]).count() == SUBSCRIPTIONS
        })
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn complain(&self, text: &str) -> String {
        self.twin.post("maria", text, None, None).unwrap()
    }

    fn hold_sends(&self, point: Sending) {
        let kind = match point {
            Sending::Queued | Sending::Answered => return,
            Sending::HeldThenLost | Sending::HeldThenTaken => FaultKind::HoldBefore,
            Sending::Taken => FaultKind::HoldAfter,
        };
        self.twin.set_fault(Fault::new(kind, 1).on("POST", "/2/tweets"));
    }

    async fn webhooks_delivered(&self) -> usize {
        let state = Visitor::at(&self.twin_address).get("/sim/state").await.json();
        let events = state["deliveries"].as_array().cloned().unwrap_or_default();
        events.iter().filter(|event| !event["attempt"].is_null()).count()
    }

    /// Every post of a customer on the twin is mirrored in exactly one place of the public pages, at the latest when
    /// the poller has looked: no webhook tells of a reply that does not name us.
    async fn check_every_post_is_there_once(&self, program: &Program) {
        let mut wrong = Vec::new();
        let patience = std::time::Instant::now() + Duration::from_secs(30);
        while std::time::Instant::now() < patience {
            wrong = self.posts_not_there_once(program).await;
            if wrong.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("not in exactly one thread: {wrong:?}; log:\n{}", self.log());
    }

    async fn posts_not_there_once(&self, program: &Program) -> Vec<String> {
        let mut pages = Vec::new();
        for thread in &program.threads().await {
            pages.push(program.visitor.get(thread).await);
        }
        let mut wrong = Vec::new();
        for post in self.twin.posts().into_iter().filter(|post| post.handle != demo::HANDLE && !post.deleted) {
            // A reply begins with the handles it answers, which are no words of its author.
            let words: Vec<&str> = post.text.split_whitespace().skip_while(|word| word.starts_with('@')).collect();
            let words = words.join(" ");
            let original = format!("{}/{}/status/{}", self.twin_address, post.handle, post.id);
            let here = pages.iter().filter(|page| page.links().contains(&original)).count();
            let said = pages.iter().filter(|page| page.says(&words)).count();
            if (here, said) != (1, 1) {
                wrong.push(format!("{:?}: {here} originals, said in {said}", post.text));
            }
        }
        wrong
    }
}

/// The program as it runs now. Dropping it kills it.
struct Program {
    child: Child,
    visitor: Visitor,
    address: String,
}

impl Program {
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    async fn sign_in(&self, email: &str) -> Visitor {
        let visitor = Visitor::at(&self.address);
        visitor.post_form("/sign-in", &[("email", email), ("password", PASSWORD), ("next", "/")]).await.expect(200);
        assert!(visitor.cookie("answerwell_session").is_some(), "{email} is not signed in");
        visitor
    }

    /// The addresses of all public threads, from every page of the list.
    async fn threads(&self) -> Vec<String> {
        let mut threads = Vec::new();
        let mut next = Some("/newest".to_owned());
        while let Some(path) = next {
            let list = self.visitor.get(&path).await;
            threads.extend(list.links().into_iter().filter(|link| link.starts_with("/questions/")));
            next = list.links().into_iter().find(|link| link.contains("after="));
        }
        threads.sort();
        threads.dedup();
        threads
    }

    /// The address of the thread with this title, as soon as there is one.
    async fn thread_of(&self, title: &str) -> String {
        let mut found = String::new();
        eventually_patiently(&format!("{title:?} is a question"), async || {
            let slug = answerwell::posts::slug(title);
            found = self.threads().await.into_iter().find(|link| link.contains(&slug)).unwrap_or_default();
            !found.is_empty()
        })
        .await;
        found
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Killed already is as good.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

async fn verify_and_send(staff: &Visitor, thread: &str) {
    let page = staff.get(thread).await;
    let verify = page.links().into_iter().find(|link| link.ends_with("/verify")).expect("staff see a link to verify");
    let form = staff.get(&verify).await.expect(200);
    staff.submit(&form, &verify, &[("evidence", "Tried on three routers in the lab")]).await.expect(200);
}

/// What the desk says of the only delivery of a thread.
fn delivery_state(desk: &Answer) -> &'static str {
    let said = [("Not sure it arrived", "uncertain"), ("View reply on X", "sent"), ("Not sent", "failed")];
    said.into_iter().find(|(words, _)| desk.says(words)).map_or("on its way", |(_, state)| state)
}

/// `/questions/7` of `/questions/7/its-title`.
fn short(thread: &str) -> String {
    thread.split('/').take(3).collect::<Vec<_>>().join("/")
}

/// As [`eventually`], for what takes a lease and a look at the network: four of its deadlines.
async fn eventually_patiently(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let end = std::time::Instant::now() + Duration::from_secs(30);
    loop {
        if condition().await {
            return;
        }
        if std::time::Instant::now() > end {
            eventually(what, async || false).await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
