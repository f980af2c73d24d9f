//! Closed threads, and threads in the wrong topic.

use answerwell::members::Role;

use super::{count, logged, told};
use crate::forum::{TITLE, answer, ask, insert_topic};
use crate::support::{Person, TestApp, TestLoop};

const LOCK: &str = "/desk/questions/1/lock";

async fn close(staff: &Person) {
    let page = staff.get("/desk/moderate/question-1").await.expect(200);
    let filled = [("act", "lock"), ("reason", "This was solved long ago.")];
    staff.submit(&page, LOCK, &filled).await.expect(200).expect_text("Unlock the thread");
}

#[tokio::test]
async fn a_closed_thread_takes_nothing_more_and_says_why() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    answer(&peer, "Try another channel.").await;
    let opened = peer.get("/questions/1").await;
    close(&staff).await;
    let public = app.visitor().get("/questions/1").await.expect(200);
    public.expect_text("Our staff locked this thread on").expect_text("This was solved long ago.");
    assert!(!public.says("Do you know more?"));
    let thread = peer.get("/questions/1").await;
    assert!(!thread.has_field("/questions/1/answers", "body") && !thread.has_field("/questions/1/comments", "body"));
    // Written before it was closed: the text comes back.
    let late = peer.submit(&opened, "/questions/1/answers", &[("body", "And update it.")]).await.expect(422);
    late.expect_text("This was solved long ago.");
    assert_eq!(late.field("body").as_deref(), Some("And update it."));
    let late = peer.submit(&opened, "/questions/1/comments", &[("body", "And you?")]).await.expect(422);
    late.expect_text("This was solved long ago.");
    assert_eq!((count(&app, "answer").await, count(&app, "comment").await), (1, 0));
    customer.post_form("/votes", &[("post", "answer-1"), ("value", "1")]).await.expect(200).expect_text("1 answer");
    told(&customer).await.expect_text("Sam Staff locked your thread");

    let page = staff.get("/desk/moderate/question-1").await;
    staff.submit(&page, LOCK, &[("act", "unlock")]).await.expect(200).expect_text("Lock the thread");
    answer(&peer, "And update it.").await.expect(200).expect_text("2 answers");
    told(&customer).await.expect_text("unlocked your thread");
    // A second press of an old page changes nothing.
    staff.submit(&page, LOCK, &[("act", "unlock")]).await.expect(200).expect_text("was faster");
    assert_eq!((logged(&app, "lock").await, logged(&app, "unlock").await), (1, 1));
}

#[tokio::test]
async fn what_arrives_from_a_network_stands_in_a_closed_thread_all_the_same() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let (post, question) = ends.asks("mara_w", "@acme my router drops wifi every evening").await;
    let place = format!("/desk/questions/{question}/lock");
    staff.post_form(&place, &[("act", "lock"), ("reason", "Solved.")]).await.expect(200);
    let more = ends.says("mara_w", "@acme it is an R7, by the way", Some(&post));
    assert_eq!(ends.waiting_for(&more).await.question_id, question);
    ends.visitor().get(&format!("/questions/{question}")).await.expect_text("it is an R7").expect_text("Solved.");
}

#[tokio::test]
async fn a_question_is_moved_with_what_waits_in_it() {
    let app = TestApp::start().await;
    let (wifi, tv) = (insert_topic(&app, "wifi", "Wi-Fi").await, insert_topic(&app, "tv", "Television").await);
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    super::report(&peer, "question-1", "wrong").await.expect(200);
    let page = staff.get("/desk/moderate/question-1").await.expect(200);
    let to = tv.to_string();
    staff.submit(&page, "/desk/questions/1/move", &[("topic", &to)]).await.expect(200);
    app.visitor().get("/topics/tv").await.expect_text(TITLE);
    told(&customer).await.expect_text("moved your question").expect_text("New topic: Television");
    assert_eq!(count(&app, &format!("work WHERE kind = 'flag' AND topic_id = {tv}")).await, 1);
    // From a page that is out of date, nothing is moved.
    let to = wifi.to_string();
    staff.submit(&page, "/desk/questions/1/move", &[("topic", &to)]).await.expect(200).expect_text("was faster");
    app.visitor().get("/topics/tv").await.expect_text(TITLE);
    staff.post_form("/desk/questions/1/move", &[("topic", "99"), ("from", &tv.to_string())]).await.expect(422);
    assert_eq!(logged(&app, "move").await, 1);
}

#[tokio::test]
async fn only_staff_close_and_move() {
    let app = TestApp::start().await;
    let topic = insert_topic(&app, "wifi", "Wi-Fi").await.to_string();
    let (customer, staff) = (app.customer().await, app.staff().await);
    let trainee = app.person("Tina Trainee", Role::Trainee).await;
    ask(&customer, TITLE).await;
    let lock = [("act", "lock"), ("reason", "Solved.")];
    let to = [("topic", topic.as_str()), ("from", "")];
    for who in [&customer, &trainee] {
        who.post_form(LOCK, &lock).await.expect(403);
        who.post_form("/desk/questions/1/move", &to).await.expect(403);
    }
    staff.post_form(LOCK, &[("act", "lock"), ("reason", "")]).await.expect(422).expect_text("The reason is missing");
    staff.post_form("/desk/questions/9/lock", &lock).await.expect(404);
    assert_eq!((logged(&app, "lock").await, logged(&app, "move").await), (0, 0));
    staff.post_form(LOCK, &lock).await.expect(200);
    staff.post_form("/desk/questions/1/move", &to).await.expect(200);
    assert_eq!((logged(&app, "lock").await, logged(&app, "move").await), (1, 1));
}
