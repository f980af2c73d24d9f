//! Following a search: by a button on its page, told once of each new question that it finds, and of nothing else.

use answerwell::app::App;
use answerwell::clock::{Clock, Millis};
use answerwell::db::{DbError, Tx};
use answerwell::jobs::Jobs;
use answerwell::members::Role;
use answerwell::search;
use answerwell::topics::Rules;
use diesel::connection::SimpleConnection;
use std::time::Duration;

use super::{Site, confirm, count, is_told};
use crate::forum::{TITLE, ask, insert_question, insert_topic, set_rules};
use crate::support::{Answer, Person, TestApp, eventually};
use crate::tools::ask_here;

fn place(query: &str) -> String {
    format!("/search?{}", serde_urlencoded::to_string([("q", query)]).unwrap())
}

/// Presses the button on the page of results, and is back there.
async fn set(who: &Person, query: &str, follow: &str) -> Answer {
    let page = who.get(&place(query)).await.expect(200);
    let page = who.submit(&page, "/search/follow", &[("follow", follow)]).await.expect(200);
    assert!(page.path.starts_with("/search?q="), "{}", page.path);
    page
}

async fn follow(who: &Person, query: &str) {
    set(who, query, "yes").await.expect_text("Stop following");
}

/// Until every search was asked for every question, and everybody was told.
async fn all_told(app: &TestApp) {
    eventually("every search was asked", async || count(app, "to_search").await == 0).await;
    eventually("everybody was told", async || count(app, "news").await == 0).await;
}

async fn told(app: &TestApp, who: &Person) -> i64 {
    count(app, &format!("notice WHERE kind = 'found' AND member_id = {}", who.id)).await
}

async fn execute(app: &TestApp, sql: &str) {
    let sql = sql.to_owned();
    app.db().write(move |tx: &mut Tx<'_>| Ok::<_, DbError>(tx.batch_execute(&sql)?)).await.unwrap();
}

#[tokio::test]
async fn whoever_follows_a_search_hears_once_of_each_new_question_that_it_finds() {
    let site = Site::start().await;
    let app = &site.app;
    let (casey, parker, nora) = (app.customer().await, app.peer().await, app.staff().await);
    ask_here(&casey, "The router drops every call at noon").await;
    assert_eq!(count(app, "to_search").await, 0, "nobody follows a search yet");
    for who in [&casey, &parker, &nora] {
        follow(who, " router  drops ").await;
    }
    assert_eq!(count(app, "followed_search").await, 1, "the same words are one search");
    ask_here(&casey, TITLE).await;
    // It comes near on the page of results, and is nothing to be told of.
    ask_here(&casey, "My router is very warm all day").await;
    ask_here(&casey, "The lamp blinks all day long").await;
    let notices = is_told(&nora, &format!("Casey Customer asked “{TITLE}”")).await;
    notices.expect_text("Found by your search: router drops");
    all_told(app).await;
    // A process died before it noted that this was done; and the same once more.
    for _ in 0..2 {
        execute(app, "INSERT INTO to_search (question_id, by_id, last_search) SELECT id, member_id, 1 FROM question")
            .await;
        all_told(app).await;
    }
    // Those that were shown before are told once too, since this test says that they are new.
    assert_eq!((told(app, &nora).await, told(app, &parker).await), (2, 2));
    let of_new = format!("notice WHERE kind = 'found' AND question_id = 2 AND member_id = {}", nora.id);
    assert_eq!(count(app, &of_new).await, 1);
    let of_own = format!("notice WHERE kind = 'found' AND question_id = 2 AND member_id = {}", casey.id);
    assert_eq!(count(app, &of_own).await, 0, "nobody is told of what they asked");
}

#[tokio::test]
async fn a_followed_search_stands_in_the_list_and_is_left_there_or_on_its_page() {
    let site = Site::start().await;
    let app = &site.app;
    let (casey, parker, nora) = (app.customer().await, app.peer().await, app.staff().await);
    for who in [&parker, &nora] {
        follow(who, "router tag:wifi").await;
        follow(who, "\"red light\"").await;
    }
    let list = nora.get("/following").await.expect(200);
    list.expect_text("router tag:wifi").expect_text("\"red light\"").expect_text("Search");
    assert!(list.links().contains(&"/search?q=router%20tag%3Awifi".to_owned()), "{:?}", list.links());
    nora.get("/search?q=router++tag:wifi&sort=newest").await.expect_text("Stop following");
    nora.get("/search?q=router").await.expect_text("Follow this search");
    let list = nora.submit(&list, "/follow", &[("follow", "no")]).await.expect(200);
    assert_eq!(list.path, "/following");
    set(&parker, "router tag:wifi", "no").await.expect_text("Follow this search");
    let follows = async || count(app, "follow WHERE kind = 'search'").await;
    assert_eq!((follows().await, count(app, "followed_search").await), (2, 1), "what nobody follows goes");
    set(&parker, "\"red light\"", "no").await;
    parker.post_form("/search/follow", &[("q", "\"red light\""), ("follow", "no")]).await.expect(200);
    assert_eq!((follows().await, count(app, "followed_search").await), (1, 1), "what somebody follows stays");
    ask_here(&casey, "A red light on the router").await;
    all_told(app).await;
    assert_eq!(told(app, &parker).await, 0);
}

#[tokio::test]
async fn what_is_held_or_private_is_told_when_everybody_sees_it() {
    let site = Site::start().await;
    let app = &site.app;
    let topic = insert_topic(app, "wifi", "Wi-Fi").await;
    set_rules(app, topic, Rules { hold_first: 1, ..Rules::default() }).await;
    let (casey, parker, staff) = (app.customer().await, app.peer().await, app.staff().await);
    follow(&parker, "router drops").await;
    follow(&staff, "router drops").await;
    let held = ask(&casey, TITLE).await;
    assert!(held.path.starts_with("/held/"), "{}", held.path);
    all_told(app).await;
    assert_eq!((told(app, &parker).await, told(app, &staff).await), (0, 0));
    let page = staff.get("/desk/posts-held").await.expect(200);
    staff.submit(&page, "/desk/posts-held/1", &[("act", "approve"), ("reason", "")]).await.expect(200);
    is_told(&parker, &format!("Casey Customer asked “{TITLE}”")).await;

    let form = casey.get("/ask?topic=wifi").await.expect(200);
    let secret = "My router drops my invoices";
    let words = [("title", secret), ("body", "The numbat of May."), ("private", "yes"), ("seen", "yes")];
    casey.submit(&form, "/ask", &words).await.expect(200).expect_text("Only you and our staff read this question");
    all_told(app).await;
    assert_eq!((told(app, &parker).await, told(app, &staff).await), (1, 1), "not even staff, by a search");
    let readers = [("readers", "everybody"), ("reason", "As you asked us to")];
    staff.post_form("/desk/questions/2/readers", &readers).await.expect(200);
    is_told(&parker, &format!("Casey Customer asked “{secret}”")).await;
    all_told(app).await;
    assert_eq!(told(app, &parker).await, 2);

    // Found, and taken out of sight before its followers were told.
    execute(app, "INSERT INTO news (post_kind, post_id, told_up_to, search_id) VALUES ('question', 99, 1, 1)").await;
    all_told(app).await;
    assert_eq!(told(app, &parker).await, 2);
}

#[tokio::test]
async fn a_question_is_told_once_to_whom_several_rules_mean() {
    let site = Site::start().await;
    let app = &site.app;
    let (casey, nora) = (app.customer().await, app.staff().await);
    let person = nora.get("/members/caseycustomer").await.expect(200);
    nora.submit(&person, "/follow", &[("follow", "yes")]).await.expect(200);
    for query in ["router", "router drops", "is:open"] {
        follow(&nora, query).await;
    }
    ask_here(&casey, TITLE).await;
    all_told(app).await;
    assert_eq!(count(app, &format!("notice WHERE member_id = {}", nora.id)).await, 1);
}

#[tokio::test]
async fn what_a_search_found_is_mailed_as_its_reader_chose() {
    let site = Site::start().await;
    let app = &site.app;
    let (casey, parker, nora) = (app.customer().await, app.peer().await, app.staff().await);
    for who in [&parker, &nora] {
        confirm(app, who).await;
        follow(who, "router").await;
    }
    let page = nora.get("/notices/settings").await.expect(200);
    nora.submit(&page, "/notices/settings", &[("questions", "now")]).await.expect(200).expect_text("Saved.");
    ask_here(&casey, TITLE).await;
    ask_here(&casey, "A red light on the router").await;
    all_told(app).await;
    site.settle().await;
    let mails = site.mails_to(&nora);
    assert_eq!(mails.len(), 2, "{mails:?}");
    for line in ["Found by your search: router", "or a search that found it", "/mail/stop/", "/questions"] {
        assert!(mails.iter().all(|mail| mail.contains(line)), "{line}\n{mails:?}");
    }
    assert_eq!(site.mails_to(&parker).len(), 0, "once a day, where nothing is chosen");
    site.clock.advance(Duration::from_secs(24 * 3_600));
    eventually("one mail comes", async || site.mails_to(&parker).len() == 1).await;
    let mail = site.mails_to(&parker).remove(0);
    assert!(mail.contains("2 things are new") && mail.contains("found by your search"), "{mail}");
}

#[tokio::test]
async fn what_can_be_followed_has_bounds_and_the_words_are_ones_own() {
    let app = TestApp::start().await;
    let (casey, parker) = (app.customer().await, app.peer().await);
    let send = async |who: &Person, q: &str| who.post_form("/search/follow", &[("q", q), ("follow", "yes")]).await;
    for nothing in ["", "  ", "\"\"", "-- ((", &"long ".repeat(60)] {
        send(&casey, nothing).await.expect(400).expect_text("There is nothing to look for");
        assert!(!casey.get(&place(nothing)).await.expect(200).says("Follow this search"), "{nothing}");
    }
    for never in ["router is:verified", "is:accepted", "before:2001 router"] {
        send(&casey, never).await.expect(400).expect_text("No new question fits this search");
        assert!(!casey.get(&place(never)).await.expect(200).says("Follow this search"), "{never}");
    }
    app.visitor().post_form("/search/follow", &[("q", "router"), ("follow", "yes")]).await.expect(401);
    assert!(!app.visitor().get("/search?q=router").await.expect(200).says("Follow this search"));
    for number in 0..50 {
        send(&casey, &format!("router \u{0} {number}")).await.expect(200);
    }
    send(&casey, "router 7").await.expect(200);
    send(&casey, "one more").await.expect(403).expect_text("You follow 50 searches");
    assert_eq!((count(&app, "followed_search").await, count(&app, "follow").await), (50, 50), "none is left behind");
    let left = [("q", "router 7"), ("follow", "no"), ("back", "//evil.example")];
    assert_eq!(casey.post_form("/search/follow", &left).await.expect(200).path, "/");
    send(&casey, "one more").await.expect(200);
    // By its number nobody gets at the words of somebody else.
    let number = count(&app, "followed_search").await;
    for id in 1..=number {
        let what = format!("search-{id}");
        parker.post_form("/follow", &[("what", &what), ("follow", "yes")]).await.expect(404);
        parker.post_form("/follow", &[("what", &what), ("follow", "no")]).await.expect(200);
    }
    parker.get("/following").await.expect(200).expect_text("You follow nothing yet");
    assert_eq!(count(&app, "followed_search").await, 50);
    let json = casey.request(reqwest::Method::GET, "/search?q=router").header("accept", "application/json");
    assert_eq!(casey.send(json).await.expect(200).json()["query"], "router");
}

#[tokio::test]
async fn without_an_index_questions_wait_and_two_nodes_tell_each_once() {
    let app = TestApp::start_with(Clock::Real, |_| {}).await;
    let (casey, parker) = (app.customer().await, app.peer().await);
    let olga = app.person("Olga Other", Role::Member).await;
    // More than are asked between two looks at the database; those that find something come last.
    for number in 0..60 {
        let query = match number {
            0..48 => format!("zeppelin{number}"),
            even if even % 2 == 0 => format!("router -word{number}"),
            _ => format!("drops -word{number}"),
        };
        let who = if number % 3 == 0 { &olga } else { &parker };
        who.post_form("/search/follow", &[("q", query.as_str()), ("follow", "yes")]).await.expect(200);
    }
    for number in 0..120 {
        // As late as the bridge may bring it, and longer ago than anybody follows anything.
        insert_question(&app, casey.id, None, &format!("Router {number} drops"), Millis(1)).await;
    }
    assert_eq!(count(&app, "to_search").await, 120);
    let mut alone = Jobs::default();
    search::start(&app.app, &mut alone);
    // Its first step ends when it is told to stop, and it waits for an index that nobody builds.
    alone.shut_down(Duration::from_secs(60)).await;
    assert_eq!(count(&app, "to_search WHERE asked_up_to = 0").await, 120);
    // Followed since: nobody is told of what was there.
    let late = app.person("Lara Late", Role::Member).await;
    late.post_form("/search/follow", &[("q", "router drops"), ("follow", "yes")]).await.expect(200);
    let _jobs = [App::start(&app.app), App::start(&app.app)];
    all_told(&app).await;
    assert_eq!((told(&app, &parker).await, told(&app, &olga).await, told(&app, &late).await), (120, 120, 0));
}
