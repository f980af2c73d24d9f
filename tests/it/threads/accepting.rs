//! Several answers may have helped, the asker or staff say which, and the order of the answers follows their standing.

use answerwell::reputation;

use super::{Scene, at};
use crate::forum::answer;
use crate::support::{Person, TestApp};

async fn points(app: &TestApp, of: &Person) -> i64 {
    let id = of.id;
    app.db().read(move |conn| reputation::of_members(conn, &[id])).await.unwrap()[&id]
}

#[tokio::test]
async fn several_answers_are_accepted_and_taken_back_one_by_one() {
    let scene = Scene::set().await;
    let Scene { app, customer, peer, staff } = &scene;
    for id in [1, 2] {
        let thread = customer.get("/questions/1").await;
        customer.submit(&thread, &format!("/answers/{id}/accept"), &[("accepted", "yes")]).await.expect(200);
    }
    assert_eq!(scene.read().await.matches("Helped the person who asked").count(), 2);
    app.visitor().get("/").await.expect_text("Accepted");
    assert_eq!(points(app, peer).await, 15, "it counts for its author");
    // Once more is nothing more.
    customer.post_form("/answers/1/accept", &[("accepted", "yes")]).await.expect(200);
    customer.post_form("/answers/1/accept", &[("accepted", "no")]).await.expect(200);
    assert_eq!(points(app, peer).await, 0, "and goes with its cause");
    assert_eq!(scene.read().await.matches("Helped the person who asked").count(), 1);
    app.visitor().get("/").await.expect_text("Accepted");
    // Staff, in the place of the asker; nobody else.
    let refused = peer.post_form("/answers/2/accept", &[("accepted", "no")]).await.expect(403);
    refused.expect_text("Only the person who asked and our staff");
    app.visitor().post_form("/answers/2/accept", &[("accepted", "no")]).await.expect(401);
    assert_eq!(scene.read().await.matches("Helped the person who asked").count(), 1, "nothing was changed");
    staff.post_form("/answers/2/accept", &[("accepted", "no")]).await.expect(200);
    assert!(!scene.read().await.contains("Helped the person who asked"));
    app.visitor().get("/").await.expect_text("Answered");
    let admin = app.person("Ada Admin", answerwell::members::Role::Admin).await;
    admin.get("/admin/audit").await.expect_text("said what helped the asker").expect_text("not after all");
}

#[tokio::test]
async fn the_order_is_verified_then_accepted_then_votes_then_age() {
    let scene = Scene::set().await;
    let Scene { app, customer, peer, staff } = &scene;
    let voter = app.person("Vera Voter", answerwell::members::Role::Member).await;
    for words in ["Third: move it to the window.", "Fourth: buy a cable."] {
        answer(&voter, words).await;
    }
    let texts = ["Change the channel", "Update it to 3.2", "Third: move it", "Fourth: buy a cable"];
    let order = async || {
        let page = scene.read().await;
        let mut order: Vec<(usize, usize)> = texts.iter().map(|text| at(&page, text)).zip(1..).collect();
        order.sort_unstable();
        order.into_iter().map(|(_, number)| number).collect::<Vec<usize>>()
    };
    assert_eq!(order().await, [1, 2, 3, 4], "by age");
    peer.post_form("/votes", &[("post", "answer-4"), ("value", "1")]).await.expect(200);
    assert_eq!(order().await, [4, 1, 2, 3], "by votes");
    customer.post_form("/answers/3/accept", &[("accepted", "yes")]).await.expect(200);
    customer.post_form("/answers/2/accept", &[("accepted", "yes")]).await.expect(200);
    assert_eq!(order().await, [2, 3, 4, 1], "the accepted ones by age");
    let form = staff.get("/desk/answers/1/verify").await.expect(200);
    staff.submit(&form, "/desk/answers/1/verify", &[("evidence", "Tried it.")]).await.expect(200);
    assert_eq!(order().await, [1, 2, 3, 4], "the verified one first, which is not accepted by that");
    assert_eq!(scene.read().await.matches("Helped the person who asked").count(), 2);
}

#[tokio::test]
async fn staff_do_not_say_of_their_own_answer_that_it_helped_whoever_asked() {
    let scene = Scene::set().await;
    let Scene { app, staff, customer, .. } = &scene;
    // The second answer is theirs.
    let thread = staff.get("/questions/1").await.expect(200);
    assert!(thread.has_field("/answers/1/accept", "accepted") && !thread.has_field("/answers/2/accept", "accepted"));
    let refused = staff.post_form("/answers/2/accept", &[("accepted", "yes")]).await.expect(403);
    refused.expect_text("You wrote this answer. The person who asked says whether it helped, or a colleague");
    assert!(!scene.read().await.contains("Helped the person who asked"));
    // A colleague may, and they may take it back; whoever asked may in any case, also of their own.
    let colleague = app.person("Ana Staff", answerwell::members::Role::Staff).await;
    colleague.submit(&thread_of(&colleague).await, "/answers/2/accept", &[("accepted", "yes")]).await.expect(200);
    staff.submit(&thread_of(staff).await, "/answers/2/accept", &[("accepted", "no")]).await.expect(200);
    assert!(!scene.read().await.contains("Helped the person who asked"));
    answer(customer, "I bought a cable.").await.expect(200);
    let said = customer.submit(&thread_of(customer).await, "/answers/3/accept", &[("accepted", "yes")]).await;
    said.expect(200).expect_text("Helped the person who asked");
}

async fn thread_of(person: &Person) -> crate::support::Answer {
    person.get("/questions/1").await.expect(200)
}
