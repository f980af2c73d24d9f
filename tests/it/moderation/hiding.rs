//! Hidden posts: who still sees them, what they no longer count for, and that everything comes back with them.

use answerwell::members::Role;
use answerwell::questions::QuestionId;

use super::{count, logged, moderate, set_role, told};
use crate::forum::{TITLE, answer, ask};
use crate::support::{FacebookLoop, TestApp, TestLoop, eventually};

#[tokio::test]
async fn a_hidden_answer_is_seen_by_its_author_and_the_desk_and_comes_back_as_it_was() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    answer(&peer, "Try another channel.").await;
    customer.post_form("/questions/1/comments", &[("body", "Which one?"), ("answer_id", "1")]).await.expect(200);
    customer.post_form("/answers/1/accept", &[("accepted", "yes")]).await.expect(200);
    app.visitor().get("/").await.expect_text("1 answer").expect_text("Accepted");

    let done = moderate(&staff, "answer-1", "hide", "It is about another product.").await.expect(200);
    done.expect_text("Hidden").expect_text("Show it again").expect_text("Sam Staff hid");
    let public = app.visitor().get("/questions/1").await.expect(200);
    public.expect_text("No answer yet");
    assert!(!public.says("Try another channel") && !public.says("Which one?"));
    app.visitor().get("/unanswered").await.expect_text(TITLE).expect_text("0 answers").expect_text("Open");
    for (who, heading) in [(&peer, "Only you see this"), (&staff, "Not shown to everybody")] {
        who.get("/questions/1").await.expect_text(heading).expect_text("Try another channel.");
    }
    assert!(!customer.get("/questions/1").await.says("Try another channel"), "the asker is not its author");
    peer.get("/members/parkerpeer").await.expect_text("Only you see this").expect_text("Try another channel.");
    assert!(!app.visitor().get("/members/parkerpeer").await.says("Try another channel"));
    told(&peer).await.expect_text("Sam Staff hid your answer").expect_text("It is about another product.");

    moderate(&staff, "answer-1", "restore", "I was mistaken.").await.expect(200);
    let public = app.visitor().get("/questions/1").await.expect(200);
    public.expect_text("1 answer").expect_text("Which one?").expect_text("Helped the person who asked");
    app.visitor().get("/").await.expect_text("Accepted");
    told(&peer).await.expect_text("showed your answer again").expect_text("I was mistaken.");
    assert_eq!((logged(&app, "hide").await, logged(&app, "restore").await), (1, 1));
}

#[tokio::test]
async fn what_helped_meanwhile_stays_and_what_comes_back_helped_too() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    answer(&peer, "Try another channel.").await;
    answer(&staff, "Update it first.").await;
    customer.post_form("/answers/1/accept", &[("accepted", "yes")]).await.expect(200);
    moderate(&staff, "answer-1", "hide", "Wrong.").await.expect(200);
    assert_eq!(count(&app, "question WHERE accepted_count = 0 AND answer_count = 1").await, 1);
    customer.post_form("/answers/2/accept", &[("accepted", "yes")]).await.expect(200);
    moderate(&staff, "answer-1", "restore", "").await.expect(200);
    assert_eq!(count(&app, "question WHERE accepted_count = 2 AND answer_count = 2").await, 1);
}

#[tokio::test]
async fn a_verified_answer_is_verified_again_when_it_comes_back() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    answer(&peer, "Try another channel.").await;
    let form = staff.get("/desk/answers/1/verify").await.expect(200);
    staff.submit(&form, "/desk/answers/1/verify", &[("evidence", "Tried it.")]).await.expect(200);
    app.visitor().get("/").await.expect_text("Verified");
    moderate(&staff, "answer-1", "hide", "Not for everybody.").await.expect(200);
    assert!(!app.visitor().get("/").await.says("Verified 1 answer"));
    assert_eq!(count(&app, "question WHERE verified_answer_id IS NULL").await, 1);
    moderate(&staff, "answer-1", "restore", "").await.expect(200);
    assert_eq!(count(&app, "question WHERE verified_answer_id = 1").await, 1);
    app.visitor().get("/questions/1").await.expect_text("Verified by Sam Staff");
}

#[tokio::test]
async fn a_hidden_question_hides_its_thread_and_says_so_at_its_address() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    answer(&peer, "Try another channel.").await;
    moderate(&staff, "question-1", "hide", "It names your neighbour.").await.expect(200);
    for stranger in [&peer] {
        let gone = stranger.get("/questions/1").await.expect(410);
        gone.expect_text("Our staff have hidden this question, with everything in its thread.");
        assert!(!gone.says("channel") && !gone.says("Wi-Fi"));
    }
    app.visitor().get("/questions/1").await.expect(410);
    for who in [&customer, &staff] {
        let page = who.get("/questions/1").await.expect(200);
        page.expect_text(TITLE).expect_text("Hidden").expect_text("Since last week");
    }
    for path in ["/", "/newest", "/unanswered", "/members/caseycustomer", "/members/parkerpeer"] {
        assert!(!app.visitor().get(path).await.says("Wi-Fi every evening"), "{path}");
    }
    for (path, fields) in [
        ("/questions/1/answers", vec![("body", "Another one.")]),
        ("/questions/1/comments", vec![("body", "Another one.")]),
        ("/votes", vec![("post", "answer-1"), ("value", "1")]),
    ] {
        peer.post_form(path, &fields).await.expect(410);
    }
    moderate(&staff, "question-1", "restore", "").await.expect(200);
    app.visitor().get("/questions/1").await.expect(200).expect_text("Try another channel.");
    app.visitor().get("/").await.expect_text(TITLE);
}

#[tokio::test]
async fn the_search_forgets_a_hidden_thread_and_finds_all_of_it_again() {
    let app = TestApp::start().await;
    let jobs = answerwell::app::App::start(&app.app);
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    answer(&peer, "Turn the zephyr lever.").await;
    customer
        .post_form("/questions/1/comments", &[("body", "Which quixotic lever?"), ("answer_id", "1")])
        .await
        .expect(200);
    let found = async |word: &str| app.visitor().get(&format!("/search?q={word}")).await.says(TITLE);
    for word in ["evening", "zephyr", "quixotic"] {
        eventually(&format!("{word} is found"), async || found(word).await).await;
    }
    moderate(&staff, "question-1", "hide", "Not now.").await.expect(200);
    for word in ["evening", "zephyr", "quixotic"] {
        eventually(&format!("{word} is not found"), async || !found(word).await).await;
    }
    moderate(&staff, "question-1", "restore", "").await.expect(200);
    for word in ["evening", "zephyr", "quixotic"] {
        eventually(&format!("{word} is found again"), async || found(word).await).await;
    }
    moderate(&staff, "answer-1", "hide", "Not now.").await.expect(200);
    for word in ["zephyr", "quixotic"] {
        eventually(&format!("{word} is not found"), async || !found(word).await).await;
    }
    moderate(&staff, "answer-1", "restore", "").await.expect(200);
    for word in ["zephyr", "quixotic"] {
        eventually(&format!("{word} is found again"), async || found(word).await).await;
    }
    drop(jobs);
}

#[tokio::test]
async fn hide_and_restore_at_once_end_in_one_of_the_two() {
    let app = TestApp::start().await;
    let (customer, peer) = (app.customer().await, app.peer().await);
    let (one, other) = (app.staff().await, app.person("Stella Staff", Role::Staff).await);
    ask(&customer, TITLE).await;
    answer(&peer, "Try another channel.").await;
    for round in 0..6 {
        let hide = [("act", "hide"), ("reason", "Wrong.")];
        let restore = [("act", "restore"), ("reason", "Right.")];
        let place = "/desk/moderate/answer-1";
        let (a, b, c) =
            tokio::join!(one.post_form(place, &hide), other.post_form(place, &hide), other.post_form(place, &restore));
        for answer in [a, b, c] {
            answer.expect(200);
        }
        let (hidden, shown) = (logged(&app, "hide").await, logged(&app, "restore").await);
        let is_hidden = count(&app, "answer WHERE hidden_as = 'hidden' AND removed_at IS NOT NULL").await;
        assert_eq!(hidden - shown, is_hidden, "round {round}: what was done adds up to what is");
        assert_eq!(count(&app, &format!("question WHERE answer_count = {}", 1 - is_hidden)).await, 1, "round {round}");
    }
}

#[tokio::test]
async fn a_hidden_mirrored_post_is_not_touched_on_its_network_and_its_author_can_still_take_it_away() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let (post, question) = ends.asks("mara_w", "@acme my router drops wifi every evening").await;
    let place = format!("question-{question}");
    moderate(&staff, &place, "hide", "Off topic.").await.expect(200).expect_text("Hidden");
    peer.get(&format!("/questions/{question}")).await.expect(410);
    staff.get("/desk").await.expect_text("Nobody waits");
    assert!(ends.ours_under(&post).is_empty());
    moderate(&staff, &place, "restore", "").await.expect(200);
    staff.get("/desk").await.expect_text("my router drops wifi every evening");
    moderate(&staff, &place, "hide", "Off topic.").await.expect(200);
    ends.twin.delete("mara_w", &post).unwrap();
    ends.db()
        .write(move |tx| answerwell::questions::remove(tx, QuestionId(question), answerwell::clock::Millis(1)))
        .await
        .unwrap();
    assert_eq!(count(&ends, "question WHERE body = '' AND hidden_as IS NULL AND removed_at = 1").await, 1);
    staff.get(&format!("/desk/moderate/{place}")).await.expect(404);
}

#[tokio::test]
async fn what_a_network_says_of_a_hidden_thread_is_kept_and_shown_when_it_comes_back() {
    let ends = FacebookLoop::start().await;
    let (staff, visitor) = (ends.staff().await, ends.visitor());
    let (post, question) = ends.asks("jo", "The router drops wifi every evening").await;
    let other = ends.says("kim", "Same on our street", Some(&post));
    eventually("the answer is here", async || count(&ends, "answer").await == 1).await;
    let (place, thread) = (format!("question-{question}"), format!("/questions/{question}"));
    moderate(&staff, &place, "hide", "It names a neighbour.").await.expect(200);

    ends.twin.edit("jo", &post, "The router drops wifi every morning").unwrap();
    ends.twin.edit("kim", &other, "Same on our whole street").unwrap();
    ends.says("kim", "And in the next one", Some(&post));
    ends.says("jo", "Hello? Is nobody there?", Some(&post));
    eventually("all of it is taken in", async || {
        let edited = "question WHERE body LIKE '%every morning%'";
        let told =
            [edited, "answer WHERE body LIKE '%whole street%'", "answer WHERE body LIKE '%next one%'", "comment"];
        let mut found = Vec::new();
        for what in told {
            found.push(count(&ends, what).await);
        }
        found == [1; 4]
    })
    .await;
    visitor.get(&thread).await.expect(410);
    staff.get("/desk").await.expect_text("Nobody waits");

    moderate(&staff, &place, "restore", "It does not.").await.expect(200);
    let page = visitor.get(&thread).await.expect(200);
    for words in ["every morning", "Same on our whole street", "And in the next one", "Is nobody there?"] {
        page.expect_text(words);
    }
    assert!(!page.says("every evening"), "{}", page.text());
    ends.waiting_for("Is nobody there?").await;
}

#[tokio::test]
async fn the_words_of_a_hidden_answer_follow_its_author() {
    let ends = FacebookLoop::start().await;
    let (staff, visitor) = (ends.staff().await, ends.visitor());
    let (post, question) = ends.asks("jo", "The router drops wifi every evening").await;
    let other = ends.says("kim", "Same on our street", Some(&post));
    eventually("the answer is here", async || count(&ends, "answer").await == 1).await;
    moderate(&staff, "answer-1", "hide", "It names a neighbour.").await.expect(200);
    let to_verify = "work WHERE kind = 'verify'";
    assert_eq!(count(&ends, to_verify).await, 0);
    ends.twin.edit("kim", &other, "Same on our whole street").unwrap();
    eventually("the edit is taken in", async || {
        count(&ends, "answer WHERE body LIKE '%whole street%' AND hidden_as = 'hidden'").await == 1
    })
    .await;
    assert_eq!(count(&ends, to_verify).await, 0, "nobody need read what is hidden");
    let thread = format!("/questions/{question}");
    assert!(!visitor.get(&thread).await.expect(200).says("street"));
    moderate(&staff, "answer-1", "restore", "It does not.").await.expect(200);
    visitor.get(&thread).await.expect(200).expect_text("Same on our whole street");
    assert_eq!(count(&ends, to_verify).await, 1);
}

#[tokio::test]
async fn only_staff_hide_whatever_the_form_says() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let trainee = app.person("Tina Trainee", Role::Trainee).await;
    ask(&customer, TITLE).await;
    answer(&peer, "Try another channel.").await;
    let place = "/desk/moderate/answer-1";
    let hide = [("act", "hide"), ("reason", "Wrong.")];
    customer.post_form(place, &hide).await.expect(403);
    app.visitor().post_form(place, &hide).await.expect(401);
    trainee.get(place).await.expect(200).expect_text("Staff hide, close and move");
    trainee.post_form(place, &hide).await.expect(403);
    staff.post_form(place, &[("act", "hide"), ("reason", "  ")]).await.expect(422).expect_text("The reason is missing");
    staff.post_form(place, &[("act", "burn"), ("reason", "x")]).await.expect(400);
    staff.post_form("/desk/moderate/answer-77", &hide).await.expect(404);
    assert_eq!(logged(&app, "hide").await, 0);
    // The session that was open at the page loses the right with the role.
    let page = staff.get(place).await.expect(200);
    set_role(&app, staff.id, "member").await;
    staff.submit(&page, place, &hide).await.expect(403);
    set_role(&app, staff.id, "staff").await;
    staff.submit(&page, place, &hide).await.expect(200).expect_text("Show it again");
    // Nobody brings their own words back.
    answer(&staff, "Update it first.").await;
    let colleague = app.person("Stella Staff", Role::Staff).await;
    moderate(&colleague, "answer-2", "hide", "Wrong.").await.expect(200);
    let restore = [("act", "restore"), ("reason", "")];
    staff.post_form("/desk/moderate/answer-2", &restore).await.expect(403).expect_text("You wrote this yourself");
    colleague.post_form("/desk/moderate/answer-2", &restore).await.expect(200);
}
