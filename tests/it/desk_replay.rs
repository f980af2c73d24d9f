//! Conversations stream in while two colleagues work the desk: every post stands on a page once, every customer who
//! waits hears from one of them, and nobody hears the same twice.

use std::collections::HashMap;
use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use answerwell::app::App;
use answerwell::bridge::count_waiting;
use answerwell::clock::Clock;
use answerwell::config::XPlace;
use answerwell::demo;
use answerwell::demo::replay::{self, OnX, Plan, Speed, Stage};
use answerwell::members::Role;
use answerwell::sim::x::XTwin;

use crate::support::{Answer, Person, TestApp, eventually};

const CONVERSATIONS: usize = 30;
/// What the colleagues write begins with this; the brand's own words in the file do not.
const FROM_THE_DESK: &str = "We look into it";
/// The desk's list of those who wait for a reply.
const NEXT: &str = "/desk/next?queue=what%3Dreply";

/// In each conversation a customer complains, the brand answers in the network's own app, and it does not help.
fn write_talk(file: &Path) {
    let head = "tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id";
    let said = (0..CONVERSATIONS).map(|number| {
        let (first, minute) = (number * 10 + 1, number % 60);
        let (brands, last, who) = (first + 1, first + 2, 7000 + number);
        format!(
            "{first},{who},True,Tue Oct 31 09:{minute:02}:00 +0000 2017,@TuneShop speaker {who} hums,{brands},\n\
             {brands},TuneShop,False,Tue Oct 31 10:{minute:02}:00 +0000 2017,@{who} Please restart it.,{last},{first}\n\
             {last},{who},True,Tue Oct 31 11:{minute:02}:00 +0000 2017,@TuneShop I did. It still hums.,,{brands}\n"
        )
    });
    std::fs::write(file, format!("{head}\n{}", said.collect::<String>())).unwrap();
}

#[tokio::test]
async fn two_colleagues_work_while_conversations_stream_in_and_nobody_hears_the_same_twice() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let twin = XTwin::open(demo::x::twin(folder.path(), &url, Clock::Real)).unwrap();
    let server = twin.serve(listener).unwrap();
    let twin_server = server.handle();
    tokio::spawn(server);
    let app = TestApp::start_with(Clock::Real, |config| config.x = XPlace::twin(&url)).await;
    let _jobs = App::start(&app.app);

    let file = folder.path().join("talk.csv");
    write_talk(&file);
    let plan = Plan::of(&replay::read(&file).unwrap(), &["TuneShop".to_owned()], Clock::Real.now()).unwrap();
    let venue = OnX { twin: twin.clone(), url };
    let mut stage = Stage { app: app.app.clone(), forum: app.address.clone(), venue };
    let (ann, ben) = (app.person("Ann Ash", Role::Staff).await, app.person("Ben Birch", Role::Staff).await);

    let is_over = AtomicBool::new(false);
    let played = async {
        let report = replay::run(&mut stage, &plan, Speed::AsItGoes).await.expect("a replay");
        is_over.store(true, Ordering::SeqCst);
        report
    };
    let (report, by_ann, by_ben) = tokio::join!(played, work(&ann, &is_over), work(&ben, &is_over));

    assert!(report.is_clean(), "{report}");
    assert_eq!(app.db().read(count_waiting).await.expect("a count"), 0, "nobody waits any more");
    assert!(by_ann > 0 && by_ben > 0, "both worked: {by_ann} and {by_ben}");
    eventually("what they wrote stands on the network", async || from_the_desk(&twin).len() == by_ann + by_ben).await;
    let mut under: HashMap<String, usize> = HashMap::new();
    for parent in from_the_desk(&twin) {
        *under.entry(parent).or_default() += 1;
    }
    assert!(under.values().all(|replies| *replies == 1), "no post was answered twice: {under:?}");
    let posts = twin.posts();
    let last: Vec<&str> = posts.iter().filter(|post| post.text.contains("still hums")).map(|post| &*post.id).collect();
    assert_eq!(last.len(), CONVERSATIONS);
    assert!(last.iter().all(|id| under.contains_key(*id)), "whoever wrote last was answered: {under:?}");
    drop(twin_server.stop(false));
}

/// Takes whatever comes next, claims it and answers it, until the talk is over and nobody waits. Returns how many replies
/// were sent.
async fn work(staff: &Person, is_over: &AtomicBool) -> usize {
    let mut sent = 0;
    loop {
        let mut next = None;
        eventually("somebody waits, or the talk is over", async || {
            let was_over = is_over.load(Ordering::SeqCst);
            let page = staff.get(NEXT).await.expect(200);
            next = question_of(&page).map(|question| (question, page));
            next.is_some() || was_over
        })
        .await;
        let Some((question, page)) = next else { return sent };
        if let Some(sending) = claim(staff, &page, &question).await
            && answer(staff, &sending, &question, sent).await
        {
            sent += 1;
        }
    }
}

/// The thread that a page of the desk shows; none on the queue itself.
fn question_of(page: &Answer) -> Option<String> {
    let (_, after) = page.path.split_once("/desk/questions/")?;
    Some(after.split(['?', '#', '/']).next().unwrap_or(after).to_owned())
}

/// The page once more, if the thread is this colleague's now.
async fn claim(staff: &Person, page: &Answer, question: &str) -> Option<Answer> {
    if page.says("Take over") {
        return None;
    }
    if !page.says("You work on this.") {
        staff.submit(page, "/desk/work", &[("act", "claim")]).await;
    }
    let page = staff.get(&format!("/desk/questions/{question}")).await.expect(200);
    // A colleague was faster, with the claim or with the whole of it.
    (page.says("You work on this.") && page.says("The asker waits for a word from us")).then_some(page)
}

/// `false`: the asker wrote again, or the brand answered in the network's own app, while this was written.
async fn answer(staff: &Person, page: &Answer, question: &str, earlier: usize) -> bool {
    // X takes the same words of ours once.
    let words = format!("{FROM_THE_DESK}, {} ({question}.{earlier}).", staff.name);
    let action = format!("/desk/questions/{question}/messages");
    let sent = staff.submit_files(page, &action, &[("text", &words)], &[]).await;
    assert!(sent.status == 200 || sent.status == 422, "{}: {}", sent.status, sent.text());
    sent.status == 200
}

/// The posts that were answered from the desk, once for each answer.
fn from_the_desk(twin: &XTwin) -> Vec<String> {
    let posts = twin.posts().into_iter();
    posts.filter(|post| post.text.contains(FROM_THE_DESK)).filter_map(|post| post.parent).collect()
}
