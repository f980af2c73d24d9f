//! Better versions of questions and comments: by whom, why, and what each changed.

use super::Scene;
use crate::forum::TITLE;
use crate::support::{Person, TestLoop};

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
    // Another slip on the way does not make the words of others seen.
    let long = "so ".repeat(100);
    let typed = [("body", "Since Tuesday."), ("reason", long.as_str())];
    let slip = scene.customer.submit(&mine, "/questions/1/edit", &typed).await.expect(422);
    let late = scene.customer.submit(&slip, "/questions/1/edit", &[("reason", "")]).await.expect(422);
    late.expect_text("Somebody changed the question since you opened this page.");
    assert_eq!(late.field("body").as_deref(), Some("Since Tuesday."));
    scene.customer.submit(&late, "/questions/1/edit", &[]).await.expect(200).expect_text("Since Tuesday.");
}

#[tokio::test]
async fn whoever_was_overtaken_reads_what_a_post_says_now_beside_their_own_words() {
    let scene = Scene::set().await;
    let Scene { customer, peer, staff, .. } = &scene;
    peer.post_form("/questions/1/comments", &[("body", "Which channel do you use?")]).await.expect(200);
    for (who, place) in [(customer, "/questions/1"), (peer, "/answers/1"), (peer, "/comments/1")] {
        let address = format!("{place}/edit");
        let (mine, theirs) = (who.get(&address).await.expect(200), staff.get(&address).await.expect(200));
        assert!(!mine.says("What it says now"));
        staff.submit(&theirs, &address, &[("body", "Take the red cable first.")]).await.expect(200);
        let late = who.submit(&mine, &address, &[("body", "Take the blue cable first.")]).await.expect(422);
        late.expect_text("What it says now Take the red cable first.").expect_text("What saving yours would change");
        assert!(late.body.contains("<del>red</del><ins>blue</ins>"), "{}", late.body);
        assert!(late.links().contains(&format!("{place}/history")));
        assert_eq!(late.field("body").as_deref(), Some("Take the blue cable first."), "{place}");
        // It stays beside them through a look and a slip, and is what stands there by then.
        let look = who.submit(&late, &address, &[("then", "preview")]).await.expect(200);
        look.expect_text("What it says now Take the red cable first.").expect_text("How it will look");
        let again = staff.get(&address).await.expect(200);
        staff.submit(&again, &address, &[("body", "Take the green cable first.")]).await.expect(200);
        let later = who.submit(&look, &address, &[("then", "")]).await.expect(422);
        later.expect_text("What it says now Take the green cable first.");
        who.submit(&later, &address, &[]).await.expect(200).expect_text("Take the blue cable first.");
    }
    let (mine, theirs) = (customer.get("/questions/1/edit").await, staff.get("/questions/1/edit").await);
    let (title, better) = ("The cable does not fit my router", "The red cable does not fit my router");
    staff.submit(&theirs, "/questions/1/edit", &[("title", title)]).await.expect(200);
    let late = customer.submit(&mine, "/questions/1/edit", &[("title", better)]).await.expect(422);
    let shows = |ins: &str| late.body.contains(&format!("<ins>{ins}</ins>"));
    assert!(late.says(title) && (shows("red ") || shows(" red")), "{}", late.body);
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

/// Staff say that a member is trusted, as their page lets them.
async fn trust(staff: &Person, handle: &str) {
    let place = format!("/desk/members/{handle}");
    let page = staff.get(&place).await.expect(200);
    staff.submit(&page, &format!("{place}/trust"), &[("level", "trusted")]).await.expect(200);
}

#[tokio::test]
async fn trusted_members_mend_what_others_wrote_with_a_reason_that_the_author_reads() {
    let scene = Scene::set().await;
    let Scene { app, customer, peer, staff } = &scene;
    peer.get("/questions/1/edit").await.expect(403).expect_text("trusted members");
    assert!(!peer.get("/questions/1").await.body.contains("/questions/1/edit"));
    trust(staff, "parkerpeer").await;
    assert!(peer.get("/questions/1").await.body.contains("/questions/1/edit"));
    let form = peer.get("/questions/1/edit").await.expect(200);
    let words = [("body", "Since last week, at 20:15, on 2.4 GHz."), ("reason", " ")];
    let refused = peer.submit(&form, "/questions/1/edit", &words).await.expect(422);
    refused.expect_text("The reason is missing. Say why you change it");
    assert_eq!(refused.field("body").as_deref(), Some("Since last week, at 20:15, on 2.4 GHz."));
    let why = [("reason", "Said in a comment")];
    peer.submit(&refused, "/questions/1/edit", &why).await.expect(200).expect_text("on 2.4 GHz");
    let history = app.visitor().get("/questions/1/history").await.expect(200);
    history.expect_text("by Parker Peer").expect_text("Why: Said in a comment");
    let told = customer.get("/notices").await.expect(200);
    told.expect_text("Parker Peer edited your question").expect_text("Said in a comment");
    // Its asker takes it back; a comment is mended in the same way.
    let form = customer.get("/questions/1/edit").await.expect(200);
    customer.submit(&form, "/questions/1/edit", &[("body", "Since Monday.")]).await.expect(200);
    customer.post_form("/questions/1/comments", &[("body", "It is teh router.")]).await.expect(200);
    let form = peer.get("/comments/1/edit").await.expect(200);
    let mended = [("body", "It is the router."), ("reason", "A slip")];
    peer.submit(&form, "/comments/1/edit", &mended).await.expect(200).expect_text("It is the router.");
    // What our staff say is theirs.
    staff.post_form("/questions/1/answers", &[("body", "We look into it.")]).await.expect(200);
    staff.post_form("/questions/1/comments", &[("body", "One moment.")]).await.expect(200);
    for place in ["/answers/2/edit", "/comments/2/edit"] {
        peer.get(place).await.expect(403).expect_text("where no colleague of ours wrote it");
        let forged = [("body", "Mine now"), ("revision", "1"), ("reason", "Because")];
        peer.post_form(place, &forged).await.expect(403);
    }
    assert!(!scene.read().await.contains("Mine now"));
    // Trusted no more, no more.
    let page = staff.get("/desk/members/parkerpeer").await.expect(200);
    staff.submit(&page, "/desk/members/parkerpeer/trust", &[("level", "new")]).await.expect(200);
    peer.get("/questions/1/edit").await.expect(403);
}

#[tokio::test]
async fn what_staff_vouch_for_stays_as_it_is_until_they_read_what_a_peer_changed() {
    let scene = Scene::set().await;
    let Scene { app, customer, peer, staff } = &scene;
    trust(staff, "caseycustomer").await;
    let form = staff.get("/desk/answers/1/verify").await.expect(200);
    let proof = [("evidence", "Tried it"), ("product", "R7")];
    staff.submit(&form, "/desk/answers/1/verify", &proof).await.expect(200);
    let form = customer.get("/answers/1/edit").await.expect(200);
    let words = [("body", "Throw the router away."), ("reason", "It is old")];
    customer.submit(&form, "/answers/1/edit", &words).await.expect(200);
    let thread = app.visitor().get("/questions/1").await.expect(200);
    thread.expect_text("A newer version waits for verification.");
    assert!(!thread.says("Throw the router away."));
    peer.get("/notices").await.expect(200).expect_text("Casey Customer edited your answer");
    assert!(staff.get("/desk").await.expect(200).says("Answer to verify"));
    // What was written on a network is nobody's to change here.
    let ends = TestLoop::start().await;
    let (boss, nora) = (ends.staff().await, ends.peer().await);
    trust(&boss, "parkerpeer").await;
    let (_, question) = ends.asks("mara_w", "@acme my router drops wifi every evening").await;
    nora.get(&format!("/questions/{question}/edit")).await.expect(403).expect_text("asked on a network");
}
