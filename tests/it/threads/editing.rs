//! Better versions of questions and comments: by whom, why, and what each changed.

use super::Scene;
use crate::forum::TITLE;
use crate::support::TestLoop;

#[tokio::test]
async fn a_question_is_edited_with_a_reason_and_every_version_stays_readable() {
    let scene = Scene::set().await;
    let Scene { app, customer, peer, staff } = &scene;
    customer.get("/questions/1/history").await.expect(200).expect_text("It was never changed.");
    let form = customer.get("/questions/1/edit").await.expect(200);
    assert_eq!(form.field("title").as_deref(), Some(TITLE));
    let filled = [("body", "Since **last week**, at 21:30."), ("reason", "I looked at the clock again")];
    let thread = customer.submit(&form, "/questions/1/edit", &filled).await.expect(200);
    thread.expect_text("at 21:30").expect_text("Versions");
    let form = staff.get("/questions/1/edit").await.expect(200);
    let better = "AC-200 loses the 2.4 GHz band each evening";
    let thread = staff.submit(&form, "/questions/1/edit", &[("title", better), ("reason", "")]).await.expect(200);
    assert_eq!(thread.path, "/questions/1/ac-200-loses-the-2-4-ghz-band-each-evening");

    let history = app.visitor().get("/questions/1/history").await.expect(200);
    history.expect_text("Version 3").expect_text("by Sam Staff").expect_text("Why: I looked at the clock again");
    assert!(
        history.body.contains("<del>20:15</del><ins>21:30</ins>") || history.body.contains("<ins>21:30.</ins>"),
        "{}",
        history.body
    );
    assert!(history.text().contains("Version 1") && history.body.contains("<strong>last week</strong>"));
    // The same words are no version; a word that shows nothing is refused, and nothing is lost.
    let form = customer.get("/questions/1/edit").await;
    customer.submit(&form, "/questions/1/edit", &[]).await.expect(200);
    let again =
        customer.submit(&form, "/questions/1/edit", &[("title", "Short"), ("body", "Kept text")]).await.expect(422);
    assert_eq!(again.field("body").as_deref(), Some("Kept text"));
    let long = "x".repeat(201);
    customer.submit(&form, "/questions/1/edit", &[("reason", &long)]).await.expect(422).expect_text("The reason");
    assert!(!app.visitor().get("/questions/1/history").await.says("Version 4"));
    // Not theirs to edit.
    peer.get("/questions/1/edit").await.expect(403).expect_text("Only who asked it and staff");
    peer.post_form("/questions/1/edit", &[("title", better), ("body", "Mine now"), ("revision", "3")])
        .await
        .expect(403);
    app.visitor().post_form("/questions/1/edit", &[("title", better), ("body", "Mine now")]).await.expect(401);
    assert!(!scene.read().await.contains("Mine now"));
}

#[tokio::test]
async fn of_two_who_edit_at_once_one_wins_and_the_other_sees_it() {
    let scene = Scene::set().await;
    let (mine, theirs) = (scene.customer.get("/questions/1/edit").await, scene.staff.get("/questions/1/edit").await);
    scene.staff.submit(&theirs, "/questions/1/edit", &[("body", "Since Monday.")]).await.expect(200);
    let late = scene.customer.submit(&mine, "/questions/1/edit", &[("body", "Since Tuesday.")]).await.expect(422);
    late.expect_text("Somebody changed the question since you opened this page.");
    assert_eq!(late.field("body").as_deref(), Some("Since Tuesday."));
    scene.customer.submit(&late, "/questions/1/edit", &[]).await.expect(200).expect_text("Since Tuesday.");
}

#[tokio::test]
async fn a_comment_is_edited_by_its_author_and_by_staff() {
    let scene = Scene::set().await;
    let Scene { app, customer, peer, staff } = &scene;
    peer.post_form("/questions/1/comments", &[("body", "Which channel do you use?")]).await.expect(200);
    let form = peer.get("/comments/1/edit").await.expect(200);
    let filled = [("body", "Which band do you use?"), ("reason", "Wrong word")];
    peer.submit(&form, "/comments/1/edit", &filled).await.expect(200).expect_text("Which band do you use?");
    customer.get("/comments/1/edit").await.expect(403).expect_text("Only its author and staff");
    customer.post_form("/comments/1/edit", &[("body", "Mine"), ("revision", "2")]).await.expect(403);
    let stale = staff.submit(&form, "/comments/1/edit", &[("body", "Which one?")]).await.expect(422);
    stale.expect_text("Somebody changed the comment");
    staff.submit(&stale, "/comments/1/edit", &[]).await.expect(200).expect_text("Which one?");
    let history = app.visitor().get("/comments/1/history").await.expect(200);
    history.expect_text("Version 3").expect_text("Why: Wrong word").expect_text("Which channel do you use?");
    app.visitor().get("/comments/9/history").await.expect(404);
}

#[tokio::test]
async fn an_answer_keeps_the_reason_of_its_edit() {
    let scene = Scene::set().await;
    let form = scene.peer.get("/answers/1/edit").await.expect(200);
    let filled = [("body", "Change the channel to 44."), ("reason", "11 is crowded")];
    scene.peer.submit(&form, "/answers/1/edit", &filled).await.expect(200).expect_text("channel to 44");
    scene.app.visitor().get("/answers/1/history").await.expect(200).expect_text("Why: 11 is crowded");
}

#[tokio::test]
async fn what_was_asked_on_a_network_gets_another_title_and_no_other_words() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let (_, question) = ends.asks("mara_w", "@acme my router drops wifi every evening").await;
    let place = format!("/questions/{question}");
    staff.get(&format!("{place}/edit")).await.expect(403).expect_text("asked on a network");
    let forged = [("title", "A title that is long enough"), ("body", "Other words"), ("revision", "1")];
    staff.post_form(&format!("{place}/edit"), &forged).await.expect(403);
    let better = [("title", "Router loses Wi-Fi each evening"), ("reason", "Clearer")];
    let thread = staff.post_form(&format!("{place}/title"), &better).await.expect(200);
    thread.expect_text("Router loses Wi-Fi each evening").expect_text("drops wifi every evening");
    let history = ends.visitor().get(&format!("{place}/history")).await.expect(200);
    history.expect_text("Version 2").expect_text("by Sam Staff").expect_text("Why: Clearer");
}
