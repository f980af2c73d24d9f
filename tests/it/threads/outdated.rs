//! Answers that are outdated or wrong: any member says so, and staff see it, above all of what they vouch for.

use super::Scene;

#[tokio::test]
async fn an_outdated_verified_answer_is_reported_and_stands_in_the_queue_as_verified() {
    let scene = Scene::set().await;
    let Scene { customer, peer, staff, .. } = &scene;
    let form = staff.get("/desk/answers/1/verify").await.expect(200);
    staff.submit(&form, "/desk/answers/1/verify", &[("evidence", "Tried it.")]).await.expect(200);
    let said = customer.post_form("/answers/1/helped", &[("helped", "no")]).await.expect(200);
    said.expect_text("Outdated or wrong? Tell our staff");

    let form = customer.get("/report/answer-1").await.expect(200);
    form.expect_text("Outdated: it was right once");
    let filled = [("reason", "outdated"), ("words", "The menu is gone since 4.0")];
    customer.submit(&form, "/report/answer-1", &filled).await.expect(200).expect_text("Thank you for telling us");
    let flags = staff.get("/desk/flags").await.expect(200);
    flags.expect_text("Outdated").expect_text("The menu is gone since 4.0").expect_text("Staff vouch for this answer");
    staff.get("/desk").await.expect_text("Reported").expect_text("Verified");
    // Of one that nobody vouches for, no such word; a question is never outdated.
    peer.post_form("/report/answer-2", &[("reason", "wrong")]).await.expect(200);
    assert_eq!(staff.get("/desk/flags").await.text().matches("Staff vouch for this answer").count(), 1);
    assert!(!peer.get("/report/question-1").await.says("Outdated: it was right once"));
    peer.post_form("/report/question-1", &[("reason", "outdated")])
        .await
        .expect(422)
        .expect_text("choose one of these");
    peer.post_form("/report/question-1", &[("reason", "rude")]).await.expect(200);
}
