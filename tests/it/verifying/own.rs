//! Nobody vouches for their own words, however they ask for it; the same set-up shows who may.

use answerwell::clock::Clock;
use answerwell::members::Role;

use super::{
    EVIDENCE, FIX, acts, answer, ask, colleague, edit, kinds_told, thread, told, verify, verify_place, waiting,
};
use crate::support::TestApp;

#[tokio::test]
async fn who_writes_a_version_is_its_author() {
    let app = TestApp::start().await;
    let (customer, peer, staff, other) =
        (app.customer().await, app.peer().await, app.staff().await, colleague(&app).await);
    let question = ask(&customer).await;
    let id = answer(&peer, question, FIX).await;
    edit(&staff, id, "Set the channel to 44, then restart.").await.expect(200);
    staff.get(&verify_place(id)).await.expect(403).expect_text("nobody verifies their own");
    let forged = [("evidence", EVIDENCE), ("revision", "2"), ("target", "0"), ("last_delivery", "0"), ("newest", "0")];
    staff.post_form(&verify_place(id), &forged).await.expect(403);
    // An earlier version, which is not theirs, cannot be named instead.
    staff.post_form(&verify_place(id), &[("evidence", EVIDENCE), ("revision", "1")]).await.expect(403);
    assert!(!thread(&app, question).await.says("Verified by"));
    verify(&other, id, &[]).await.expect(200);
    thread(&app, question).await.expect_text("Verified by Kim Colleague").expect_text("channel to 44");
    // The next version is its writer's: now the first colleague may, and the author who is staff may not.
    edit(&peer, id, "Set the channel to 48, then restart.").await.expect(200);
    verify(&staff, id, &[]).await.expect(200);
    thread(&app, question).await.expect_text("Verified by Sam Staff").expect_text("channel to 48");
}

#[tokio::test]
async fn checking_ones_own_words_again_is_refused_as_well() {
    let app = TestApp::start().await;
    let (customer, staff, other) = (app.customer().await, app.staff().await, colleague(&app).await);
    let question = ask(&customer).await;
    let own = answer(&staff, question, FIX).await;
    verify(&other, own, &[]).await.expect(200);
    let page = other.get(&verify_place(own)).await.expect(200);
    let withdraw = super::action(&page, "/desk/verifications/", "/withdraw");
    other.submit(&page, &withdraw, &[("why", "The menu has another name now")]).await.expect(200);
    assert!(!thread(&app, question).await.says("Verified by"));
    staff.get(&verify_place(own)).await.expect(403);
    staff.post_form(&verify_place(own), &[("evidence", EVIDENCE), ("revision", "1")]).await.expect(403);
    verify(&other, own, &[]).await.expect(200);
    let words = told(app.db(), staff.id).await;
    let expected = [("seen", ""), ("verified", ""), ("withdrawn", "The menu has another name now"), ("verified", "")];
    let expected: Vec<(String, String)> =
        expected.iter().map(|(kind, words)| ((*kind).to_owned(), (*words).to_owned())).collect();
    assert_eq!(words, expected);
}

#[tokio::test]
async fn a_site_with_one_staff_member_may_allow_it_and_says_so() {
    let app = TestApp::start_with(Clock::Real, |config| config.site.single_staff = true).await;
    let (customer, staff) = (app.customer().await, app.staff().await);
    let question = ask(&customer).await;
    let own = answer(&staff, question, FIX).await;
    staff.get(&verify_place(own)).await.expect(200).expect_text("You wrote this answer yourself");
    verify(&staff, own, &[]).await.expect(200);
    thread(&app, question).await.expect_text("wrote this answer and verified it");
}

#[tokio::test]
async fn an_answer_is_refused_with_a_reason_and_its_author_reads_it() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let question = ask(&customer).await;
    let id = answer(&peer, question, FIX).await;
    assert_eq!(waiting(app.db(), "verify").await, [id]);
    let page = staff.get(&verify_place(id)).await.expect(200);
    staff.get(&verify_place(id)).await.expect(200);
    assert_eq!(kinds_told(app.db(), peer.id).await, ["seen"], "once");
    let refuse = format!("/desk/answers/{id}/refuse");
    staff.submit(&page, &refuse, &[("why", " ")]).await.expect(422).expect_text("The reason is missing");
    let old = [("why", "It says nothing"), ("revision", "7")];
    let late = staff.submit(&page, &refuse, &old).await.expect(422);
    late.expect_text("changed, verified or refused since");
    assert_eq!(late.field("why").as_deref(), Some("It says nothing"));
    assert_eq!(waiting(app.db(), "verify").await, [id]);
    peer.post_form(&refuse, &[("why", "No"), ("revision", "1")]).await.expect(403);
    staff.submit(&page, &refuse, &[("why", "Channel 40 does not exist on the R7")]).await.expect(200);
    assert_eq!(waiting(app.db(), "verify").await, Vec::<i64>::new());
    let refused = ("refused".to_owned(), "Channel 40 does not exist on the R7".to_owned());
    assert_eq!(told(app.db(), peer.id).await.last(), Some(&refused));
    staff
        .get(&verify_place(id))
        .await
        .expect_text("Sam Staff did not verify it")
        .expect_text("does not exist on the R7");
    assert!(!thread(&app, question).await.says("does not exist on the R7"), "that is between them");
    // A better version waits again.
    edit(&peer, id, "Set the channel to 36, then restart.").await.expect(200);
    assert_eq!(waiting(app.db(), "verify").await, [id]);
    verify(&staff, id, &[]).await.expect(200);
    assert_eq!(waiting(app.db(), "verify").await, Vec::<i64>::new());
    assert_eq!(acts(app.db()).await, ["refuse", "verify"]);
    // What stands is not refused: it is withdrawn.
    staff.post_form(&refuse, &[("why", "After all"), ("revision", "2")]).await.expect(422);
    thread(&app, question).await.expect_text("Verified by Sam Staff");
}

#[tokio::test]
async fn a_trainee_and_a_customer_vouch_for_nothing() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let trainee = app.person("Tim Trainee", Role::Trainee).await;
    let question = ask(&customer).await;
    let id = answer(&peer, question, FIX).await;
    let forged = [("evidence", EVIDENCE), ("revision", "1")];
    trainee.post_form(&verify_place(id), &forged).await.expect(403);
    customer.post_form(&verify_place(id), &forged).await.expect(403);
    verify(&staff, id, &[]).await.expect(200);
}
