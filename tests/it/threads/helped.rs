//! "Did this help?": of everybody who reads, one word each, not of who wrote it.

use super::Scene;
use crate::support::{TestApp, Visitor};

async fn say(who: &Visitor, word: &str) -> crate::support::Answer {
    who.post_form("/answers/1/helped", &[("helped", word)]).await
}

#[tokio::test]
async fn readers_say_whether_an_answer_helped_and_may_think_again() {
    let scene = Scene::set().await;
    let Scene { app, customer, peer, .. } = &scene;
    let guest = app.visitor();
    let thread = guest.get("/questions/1").await.expect(200);
    thread.expect_text("Did this help?");
    say(&guest, "yes")
        .await
        .expect(200)
        .expect_text("1 person said this helped")
        .expect_text("You said that this helped.");
    say(customer, "no").await.expect(200).expect_text("1 of 2 said this helped");
    say(customer, "yes").await.expect(200).expect_text("2 of 2 said this helped");
    say(&guest, "yes").await.expect(200).expect_text("2 of 2 said this helped");
    say(&guest, "no").await.expect(200).expect_text("1 of 2 said this helped");
    say(&guest, "").await.expect(200).expect_text("1 person said this helped").expect_text("Did this help?");
    // Its author, a word that was made up, an answer that is none.
    say(peer, "yes").await.expect(403).expect_text("You wrote this answer");
    assert!(!peer.get("/questions/1").await.has_field("/answers/1/helped", "helped"), "and there is no button");
    say(customer, "very").await.expect(400).expect_text("Say yes or no");
    customer.post_form("/answers/99/helped", &[("helped", "yes")]).await.expect(404);
    assert!(scene.read().await.contains("1 person said this helped"), "nothing was changed");
}

#[tokio::test]
async fn words_said_at_the_same_moment_are_all_counted() {
    let scene = Scene::set().await;
    let guests: Vec<Visitor> = (0..8).map(|_| scene.app.visitor()).collect();
    let words = guests.iter().enumerate().map(|(number, guest)| say(guest, if number % 4 == 0 { "no" } else { "yes" }));
    for said in futures_util::future::join_all(words).await {
        said.expect(200);
    }
    assert!(scene.read().await.contains("6 of 8 said this helped"));
    let member = &scene.customer;
    let twice = futures_util::future::join_all([say(member, "yes"), say(member, "yes"), say(member, "yes")]).await;
    assert!(
        twice.iter().all(|said| said.status == 200),
        "{:?}",
        twice.iter().map(|said| said.status).collect::<Vec<_>>()
    );
    assert!(scene.read().await.contains("7 of 9 said this helped"), "one person is one word");
}

#[tokio::test]
async fn in_a_private_thread_whoever_asked_says_it_and_staff_hear_that_it_did_not_help() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let form = customer.get("/ask").await.expect(200);
    let words = [("title", "My invoice of May is wrong"), ("body", "It says 21."), ("private", "yes"), ("seen", "yes")];
    customer.submit(&form, "/ask", &words).await.expect(200);
    staff.post_form("/questions/1/answers", &[("body", "We sent you another one.")]).await.expect(200);
    staff.get("/desk").await.expect_text("Nobody waits");

    let thread = customer.get("/questions/1").await.expect(200);
    thread.expect_text("This helped me").expect_text("This did not help me");
    assert!(!thread.body.contains("/votes"), "nobody votes there");
    let thread = customer.submit(&thread, "/answers/1/helped", &[("helped", "no")]).await.expect(200);
    thread.expect_text("You said that this did not help.");
    staff.get("/desk").await.expect_text("My invoice of May is wrong");
    let thread = say(&customer, "").await.expect(200);
    thread.expect_text("This did not help me");
    customer
        .submit(&thread, "/answers/1/accept", &[("accepted", "yes")])
        .await
        .expect(200)
        .expect_text("It did not help after all");
    // The one or the other, never both.
    let thread = say(&customer, "no").await.expect(200);
    thread.expect_text("You said that this did not help.");
    assert!(!thread.says("Helped the person who asked"));
    let accept = [("accepted", "yes")];
    let thread = customer.post_form("/answers/1/accept", &accept).await.expect(200);
    thread.expect_text("Helped the person who asked");
    assert!(!thread.says("You said that this did not help"));
    // What they write more themselves helps nobody.
    let more = [("body", "Thank you. And the one of June?")];
    let thread = customer.post_form("/questions/1/answers", &more).await.expect(200);
    assert!(!thread.has_field("/answers/2/accept", "accepted"));
    customer.post_form("/answers/2/accept", &accept).await.expect(403).expect_text("You wrote this answer");

    // Nobody says it for them, and nobody else learns that there is anything.
    let colleague = app.person("Ana Staff", answerwell::members::Role::Staff).await;
    let theirs = colleague.get("/questions/1").await.expect(200);
    assert!(!theirs.has_field("/answers/1/helped", "helped"));
    say(&colleague, "no").await.expect(403).expect_text("Only the person who asked");
    say(&staff, "yes").await.expect(403).expect_text("You wrote this answer");
    say(&peer, "no").await.expect(404);
    say(&app.visitor(), "no").await.expect(404);
}
