//! Following: questions, topics and people, by a button that works without script; and telling many at once.

use answerwell::app::App;
use answerwell::clock::Clock;
use answerwell::db::DbError;
use diesel::connection::SimpleConnection;

use super::{Site, count, is_told};
use crate::forum::{TITLE, answer, ask, insert_topic};
use crate::support::{TestApp, eventually};

#[tokio::test]
async fn whoever_follows_hears_of_it_once_and_whoever_stops_does_not() {
    let site = Site::start().await;
    insert_topic(&site.app, "wifi", "Wi-Fi").await;
    let (casey, parker, nora) = (site.app.customer().await, site.app.peer().await, site.app.staff().await);
    // A topic and a person: both lead to the same question, and it is told once.
    let topic = nora.get("/topics/wifi").await.expect(200);
    let topic = nora.submit(&topic, "/follow", &[("follow", "yes")]).await.expect(200);
    assert_eq!(topic.path, "/topics/wifi");
    topic.expect_text("Stop following");
    let person = nora.get("/members/caseycustomer").await.expect(200);
    nora.submit(&person, "/follow", &[("follow", "yes")]).await.expect(200).expect_text("Stop following");
    let form = casey.get("/ask?topic=wifi").await.expect(200);
    casey.submit(&form, "/ask", &[("title", TITLE), ("body", "Every evening.")]).await.expect(200);
    is_told(&nora, &format!("Casey Customer asked “{TITLE}”")).await;
    eventually("everybody was told", async || count(&site.app, "news").await == 0).await;
    assert_eq!(count(&site.app, &format!("notice WHERE member_id = {}", nora.id)).await, 1);

    // Asking follows; a button ends it, and double clicks change nothing more.
    let thread = casey.get("/questions/1").await.expect(200);
    thread.expect_text("You follow this");
    let stopped = casey.submit(&thread, "/follow", &[("follow", "no")]).await.expect(200);
    casey.submit(&thread, "/follow", &[("follow", "no")]).await.expect(200);
    stopped.expect_text("Hear what is new here");
    answer(&parker, "Change the channel.").await;
    let thread = nora.get("/questions/1").await.expect(200);
    nora.submit(&thread, "/follow", &[("follow", "yes")]).await.expect(200);
    nora.submit(&thread, "/follow", &[("follow", "yes")]).await.expect(200);
    answer(&parker, "Or restart it.").await;
    is_told(&nora, "Parker Peer answered").await;
    eventually("everybody was told", async || count(&site.app, "news").await == 0).await;
    assert_eq!(count(&site.app, &format!("notice WHERE member_id = {}", casey.id)).await, 0);

    let list = nora.get("/following").await.expect(200);
    list.expect_text(TITLE).expect_text("Wi-Fi").expect_text("Casey Customer");
    let list = nora.submit(&list, "/follow", &[("follow", "no")]).await.expect(200);
    assert_eq!(list.path, "/following");
    assert!(!list.says("Casey Customer") && list.says(TITLE), "people stand first; the first one is gone");
}

#[tokio::test]
async fn following_what_one_writes_in_can_be_turned_off() {
    let site = Site::start().await;
    let (casey, parker) = (site.app.customer().await, site.app.peer().await);
    let before = casey.get("/following").await.expect(200);
    before.expect_text("You automatically follow what you ask and answer.");
    assert!(
        casey.get("/notices/settings").await.form("/notices/settings").contains(&("follows_own".into(), "yes".into()))
    );
    casey.post_form("/notices/settings", &[("answers", "now")]).await.expect(200);
    ask(&casey, TITLE).await;
    casey.get("/questions/1").await.expect_text("Hear what is new here");
    answer(&parker, "Change the channel.").await;
    eventually("everybody was told", async || count(&site.app, "news").await == 0).await;
    assert_eq!(count(&site.app, &format!("notice WHERE member_id = {}", casey.id)).await, 0);
}

#[tokio::test]
async fn nobody_follows_what_is_not_there_or_without_being_signed_in() {
    let app = TestApp::start().await;
    let casey = app.customer().await;
    ask(&casey, TITLE).await;
    let own = format!("member-{}", casey.id);
    for (what, status) in [
        ("question-1", 200),
        ("question-99", 404),
        ("topic-1", 404),
        ("tag-1", 404),
        ("member-99", 404),
        (own.as_str(), 403),
        ("house-1", 404),
        ("question-x", 404),
        ("", 404),
    ] {
        casey.post_form("/follow", &[("what", what), ("follow", "yes")]).await.expect(status);
    }
    casey.post_form("/follow", &[("what", "question-1"), ("follow", "maybe")]).await.expect(400);
    app.visitor().post_form("/follow", &[("what", "question-1"), ("follow", "yes")]).await.expect(401);
    for place in ["/following", "/notices/settings"] {
        app.visitor().get(place).await.expect(401);
    }
    let elsewhere = [("what", "question-1"), ("follow", "yes"), ("back", "//evil.example")];
    assert_eq!(casey.post_form("/follow", &elsewhere).await.expect(200).path, "/");
}

/// Members who follow question 1, without passing the sign-up.
async fn insert_followers(app: &TestApp, many: usize) {
    let rows =
        |first: usize, to: usize, row: &dyn Fn(usize) -> String| (first..to).map(row).collect::<Vec<_>>().join(",");
    let mut sql = String::new();
    for first in (0..many).step_by(1_000) {
        let to = (first + 1_000).min(many);
        let member = |n: usize| {
            format!("({}, 'crowd{n}', 'Crowd', 'crowd{n}@x.org', 'crowd{n}@x.org', '', 'member', '-', 1)", n + 1_000)
        };
        sql += &format!(
            "INSERT INTO member (id, handle, name, email, email_key, title, role, password_hash, created_at) VALUES {};\n",
            rows(first, to, &member)
        );
        let follow = |n: usize| format!("({}, 'question', 1, 1)", n + 1_000);
        sql +=
            &format!("INSERT INTO follow (member_id, kind, ref_id, created_at) VALUES {};\n", rows(first, to, &follow));
    }
    app.db().write(move |tx| Ok::<_, DbError>(tx.batch_execute(&sql)?)).await.unwrap();
}

#[tokio::test]
async fn ten_thousand_followers_take_no_requests_time_and_are_each_told_once() {
    let app = TestApp::start_with(Clock::Real, |_| {}).await;
    let (casey, parker) = (app.customer().await, app.peer().await);
    ask(&casey, TITLE).await;
    insert_followers(&app, 10_000).await;
    answer(&parker, "Change the channel.").await;
    assert_eq!(count(&app, "notice").await, 0, "the request told nobody itself");
    assert_eq!(count(&app, "news WHERE post_kind = 'answer'").await, 1);
    // Two nodes at once.
    let _jobs = [App::start(&app.app), App::start(&app.app)];
    eventually("everybody was told", async || count(&app, "news").await == 0).await;
    assert_eq!(count(&app, "notice WHERE kind = 'new_answer' AND member_id >= 1000").await, 10_000);
    assert_eq!(count(&app, "notice WHERE kind = 'new_answer'").await, 10_001, "and whoever asked");
}

#[tokio::test]
async fn whoever_followed_a_question_follows_the_one_it_becomes_part_of() {
    let app = TestApp::start().await;
    let (casey, parker, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&casey, TITLE).await;
    ask(&parker, "The Wi-Fi is gone each evening at eight").await;
    for what in ["question-1", "question-2"] {
        staff.post_form("/follow", &[("what", what), ("follow", "yes")]).await.expect(200);
    }
    let page = staff.get("/desk/questions/2").await.expect(200);
    staff.submit(&page, "/desk/questions/2/merge", &[("into", "1")]).await.expect(200);
    parker.get("/questions/1").await.expect(200).expect_text("You follow this");
    assert_eq!(count(&app, "follow WHERE ref_id = 1").await, 3);
}

#[tokio::test]
async fn a_tag_is_followed_and_read_as_a_feed() {
    let site = Site::start().await;
    let (casey, nora) = (site.app.customer().await, site.app.staff().await);
    let ask = async |title: &str, tags: &str| {
        let form = casey.get("/ask").await.expect(200);
        let words = [("title", title), ("body", "Every evening."), ("tags", tags), ("seen", "yes")];
        casey.submit(&form, "/ask", &words).await.expect(200)
    };
    ask(TITLE, "wifi, evening").await;
    let page = nora.get("/tags/wifi").await.expect(200);
    page.expect_text("Follow this tag");
    let page = nora.submit(&page, "/follow", &[("follow", "yes")]).await.expect(200);
    assert_eq!(page.path, "/tags/wifi");
    page.expect_text("Stop following");
    nora.get("/following").await.expect(200).expect_text("wifi").expect_text("Tag");
    ask("The lamp blinks all day long", "lamp").await;
    ask("The cable is loose in the wall", "cable, wifi").await;
    is_told(&nora, "Casey Customer asked “The cable is loose in the wall”").await;
    eventually("everybody was told", async || count(&site.app, "news").await == 0).await;
    assert_eq!(count(&site.app, &format!("notice WHERE member_id = {}", nora.id)).await, 1);
    let feed = site.app.visitor().get("/tags/wifi/feed").await.expect(200);
    assert!(feed.header("content-type").is_some_and(|kind| kind.starts_with("application/atom+xml")));
    assert!(feed.body.contains("The cable is loose") && feed.body.contains(TITLE) && !feed.body.contains("The lamp"));
    for nothing in ["/tags/nothing/feed", "/tags/WIFI/feed"] {
        site.app.visitor().get(nothing).await.expect(404);
    }
    assert!(site.app.visitor().get("/tags/wifi").await.body.contains("/tags/wifi/feed"));
    let list = nora.get("/following").await.expect(200);
    nora.submit(&list, "/follow", &[("follow", "no")]).await.expect(200);
    ask("The plug is hot in the wall", "wifi").await;
    eventually("everybody was told", async || count(&site.app, "news").await == 0).await;
    assert_eq!(count(&site.app, &format!("notice WHERE member_id = {}", nora.id)).await, 1);
}
