//! Conversations are replayed while two of us work the queue, and others answer in the network's own app: nobody gets more
//! replies than they wrote posts, and nobody's last words go without one.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use answerwell::app::App;
use answerwell::clock::Clock;
use answerwell::config::XPlace;
use answerwell::demo;
use answerwell::demo::replay::{self, OnX, Plan, Speed, Stage};
use answerwell::members::Role;
use answerwell::sim::x::{PostView, XTwin};

use crate::support::{Answer, Person, TestApp, eventually};

const BRAND: &str = "TuneShop";
const CONVERSATIONS: usize = 30;
/// A conversation of half an hour is played in some seconds.
const SPEED: Speed = Speed::Times(400.0);
const QUEUE: &str = "/desk/next?queue=what%3Dreply";
/// How our replies begin, as those of colleagues in the network's own app do not.
const OURS: &str = "For you, as case";

/// Everybody asks, and writes again: to what a colleague answered in the network's own app, with our name or without it, or
/// before anybody had.
fn conversations() -> String {
    let mut rows =
        vec!["tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id".to_owned()];
    let mut write = |id: &str, author: &str, second: usize, text: String, to: &str| {
        let (hour, minute, second) = (9 + second / 3_600, second / 60 % 60, second % 60);
        let at = format!("Tue Oct 31 {hour:02}:{minute:02}:{second:02} +0000 2017");
        let inbound = if author == BRAND { "False" } else { "True" };
        rows.push(format!("{id},{author},{inbound},{at},{text},,{to}"));
    };
    for number in 0..CONVERSATIONS {
        let (asker, begin) = ((7_000 + number).to_string(), 30 * number);
        let [first, answer, again, more] = [1, 2, 3, 4].map(|post| format!("{number}{post}"));
        let by_colleague = format!("We know of number {number}");
        write(&first, &asker, begin, format!("@TuneShop router {number} hums"), "");
        if number % 4 == 0 {
            write(&again, &asker, begin + 600, format!("Number {number} still hums @TuneShop"), &first);
            write(&answer, BRAND, begin + 700, by_colleague, &again);
            continue;
        }
        write(&answer, BRAND, begin + 240, by_colleague, &first);
        // Who does not type our name is answered under the words before.
        let called = if number % 4 == 1 { " @TuneShop" } else { "" };
        write(&again, &asker, begin + 600, format!("Number {number} still hums{called}"), &answer);
        if number % 4 == 3 {
            write(&more, &asker, begin + 615, format!("And number {number} clicks @TuneShop"), &answer);
        }
    }
    rows.join("\n")
}

/// What our people did.
#[derive(Default)]
struct Done {
    /// No two replies of ours may say the same.
    replies: Mutex<usize>,
    /// What stood on the page from which each of them was sent.
    read: Mutex<Vec<String>>,
}

/// The thread that is to be worked on next, once there is one; `None`: nothing waits, and nothing more comes.
async fn next(who: &Person, all_here: &AtomicBool) -> Option<Answer> {
    let mut found = None;
    eventually("somebody waits, or nobody will", async || {
        let over = all_here.load(Ordering::SeqCst);
        let page = who.get(QUEUE).await.expect(200);
        found = page.path.starts_with("/desk/questions/").then_some(page);
        found.is_some() || over
    })
    .await;
    found
}

/// Works what is next, again and again, until nothing waits and nothing more comes.
async fn work(who: &Person, all_here: &AtomicBool, done: &Done) {
    while let Some(page) = next(who, all_here).await {
        // What a colleague took in this moment is theirs.
        let mine = page.says("You work on this");
        let claimed = if mine { page } else { who.submit(&page, "/desk/work", &[("act", "claim")]).await };
        if claimed.status != 200 || !claimed.says("You work on this") || !claimed.says("The asker waits") {
            continue;
        }
        let thread = claimed.path.split('?').next().unwrap().to_owned();
        let number = {
            let mut replies = done.replies.lock().unwrap();
            *replies += 1;
            *replies
        };
        let text = format!("{OURS} {number}: what does it say at the back?");
        let sent = who.submit(&claimed, &format!("{thread}/messages"), &[("text", &text), ("then", "next")]).await;
        if sent.status == 200 {
            done.read.lock().unwrap().push(claimed.text());
        }
    }
}

/// A brand's channel on a twin, and the people of the plan.
async fn stage(folder: &Path) -> (TestApp, Stage<OnX>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let twin = XTwin::open(demo::x::twin(folder, &url, Clock::Real)).unwrap();
    tokio::spawn(twin.serve(listener).unwrap());
    let app = TestApp::start_with(Clock::Real, |config| config.x = XPlace::twin(&url)).await;
    let stage = Stage { app: app.app.clone(), forum: app.address.clone(), venue: OnX { twin, url } };
    (app, stage)
}

#[tokio::test]
async fn two_of_us_work_a_replay_and_nobody_is_answered_twice_or_never() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("talk.csv");
    std::fs::write(&file, conversations()).unwrap();
    let plan = Plan::of(&replay::read(&file).unwrap(), &[], Clock::Real.now()).unwrap();
    let (app, mut stage) = stage(folder.path()).await;
    let twin = stage.venue.twin.clone();
    let _jobs = App::start(&app.app);
    let (ana, ben) = (app.person("Ana Staff", Role::Staff).await, app.person("Ben Staff", Role::Staff).await);
    let (all_here, done) = (AtomicBool::new(false), Done::default());
    let played = async {
        let report = replay::run(&mut stage, &plan, SPEED).await.expect("a replay");
        all_here.store(true, Ordering::SeqCst);
        report
    };
    let (report, (), ()) = tokio::join!(played, work(&ana, &all_here, &done), work(&ben, &all_here, &done));
    assert!(report.is_clean(), "{report}");
    ana.get("/desk?what=reply").await.expect_text("Nothing waits in this list");
    eventually("every reply has arrived", async || {
        ana.get("/desk/deliveries").await.expect(200).says("Every delivery arrived") && {
            let ours = twin.posts().iter().filter(|post| is_ours(post)).count();
            ours == done.read.lock().unwrap().len()
        }
    })
    .await;
    let posts = twin.posts();
    let asked: Vec<&PostView> = posts.iter().filter(|post| !post.handle.eq_ignore_ascii_case(BRAND)).collect();
    assert!(asked.len() > 2 * CONVERSATIONS, "{} posts", asked.len());
    for asker in asked.iter().map(|post| &post.handle) {
        let of_asker: Vec<&&PostView> = asked.iter().filter(|post| &post.handle == asker).collect();
        let ours = of_asker.iter().flat_map(|post| twin.replies_to(&post.id)).filter(is_ours).count();
        assert!(ours <= of_asker.len(), "{asker} wrote {} posts and got {ours} replies", of_asker.len());
    }
    let read = done.read.lock().unwrap();
    for newest in
        asked.iter().filter(|post| !asked.iter().any(|other| other.handle == post.handle && other.id > post.id))
    {
        // In the thread in which the answer was written; it may stand under the words before these.
        let was_read = || read.iter().any(|page| page.contains(newest.text.trim_start_matches("@TuneShop ")));
        let answered = twin.replies_to(&newest.id).iter().any(|reply| reply.handle.eq_ignore_ascii_case(BRAND));
        assert!(answered || was_read(), "nobody answered {newest:?}");
    }
}

fn is_ours(post: &PostView) -> bool {
    post.text.contains(OURS)
}
