//! Verifying what stands in a merged question, where it is read: nothing is taken apart for it, everybody who asked receives it
//! where they asked, once, and it stays with its question when the threads part.

use answerwell::members::Role;

use super::{EVIDENCE, FIX, QUESTION, answer, ask_here, desk_place, verify_place};
use crate::moderation::count;
use crate::support::{FacebookLoop, Person, TestApp, TestLoop, eventually};
use crate::verifying::ask_for_two;

async fn merge(staff: &Person, question: i64, into: i64) {
    let into = into.to_string();
    staff.post_form(&format!("{}/merge", desk_place(question)), &[("into", into.as_str())]).await.expect(200);
}

#[tokio::test]
async fn an_answer_in_a_merged_question_is_verified_in_place_and_goes_to_both_who_asked() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let (first, main) = ends.asks("mara_w", QUESTION).await;
    let (second, other) = ends.asks("tom_k", "@acme wifi is gone at night, why?").await;
    let id = answer(&peer, other, FIX).await;
    merge(&staff, other, main).await;
    let place = verify_place(id);
    // From the joined thread, and from the desk.
    let thread = staff.get(&format!("/questions/{main}")).await.expect(200);
    assert!(thread.links().contains(&place), "{:?}", thread.links());
    assert!(staff.get(&desk_place(main)).await.links().contains(&place));
    let page = staff.get(&place).await.expect(200);
    page.expect_text("Verify and send to @tom_k and whoever is ticked").expect_text("@mara_w");
    page.expect_text("This question is part of").expect_text("wifi is gone at night");
    staff.submit(&page, &place, &[("evidence", EVIDENCE)]).await.expect(200);
    for post in [&first, &second] {
        ends.replies(post, 1).await;
    }
    let shown = ends.visitor().get(&format!("/questions/{main}")).await.expect(200);
    shown.expect_text("verified by Sam Staff").expect_text("to @mara_w").expect_text("to @tom_k");
    ends.visitor().get("/newest").await.expect_text("Verified");
    staff.get("/desk").await.expect_text("Nobody waits");
    // Again in the same moment is nothing more.
    staff.submit(&page, &place, &[("evidence", EVIDENCE)]).await;
    // Taken out, it is verified where it was given, and the other has its reply, but no answer that staff vouch for.
    staff.post_form(&format!("{}/unmerge", desk_place(other)), &[]).await.expect(200);
    ends.visitor().get(&format!("/questions/{other}")).await.expect(200).expect_text("verified by Sam Staff");
    assert!(!ends.visitor().get(&format!("/questions/{main}")).await.says("verified by"));
    for (question, verified) in [(main, 0), (other, 1)] {
        let sql = format!("question WHERE id = {question} AND verified_answer_id IS NOT NULL");
        assert_eq!(count(&ends, &sql).await, verified);
    }
    for post in [&first, &second] {
        assert_eq!(ends.replies(post, 1).await.len(), 1, "and nothing is sent a second time");
    }
}

#[tokio::test]
async fn what_its_author_deletes_on_the_network_is_counted_in_the_joined_thread_no_more() {
    let ends = FacebookLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let (_, main) = ends.asks("jo", "The router drops wifi every evening").await;
    let (second, other) = ends.asks("kim", "Wifi is gone at night, why?").await;
    let id = answer(&peer, other, FIX).await;
    merge(&staff, other, main).await;
    let page = staff.get(&verify_place(id)).await.expect(200);
    staff.submit(&page, &verify_place(id), &[("evidence", EVIDENCE)]).await.expect(200);
    let verified = format!("question WHERE id = {main} AND verified_answer_id = {id} AND answer_count = 1");
    assert_eq!(count(&ends, &verified).await, 1);
    ends.twin.delete("kim", &second).unwrap();
    let without = format!("question WHERE id = {main} AND verified_answer_id IS NULL AND answer_count = 0");
    eventually("the joined thread knows of it", async || count(&ends, &without).await == 1).await;
    let thread = ends.visitor().get(&format!("/questions/{main}")).await.expect(200);
    assert!(!thread.says("verified by") && !thread.says(FIX));
}

#[tokio::test]
async fn what_was_asked_here_goes_out_to_who_asked_the_same_elsewhere() {
    let ends = TestLoop::start().await;
    let (customer, peer, staff) = (ends.customer().await, ends.peer().await, ends.staff().await);
    let main = ask_here(&customer, "Wifi drops every evening at nine").await;
    let (post, other) = ends.asks("tom_k", "@acme wifi is gone at night, why?").await;
    let id = answer(&peer, main, FIX).await;
    merge(&staff, other, main).await;
    let place = verify_place(id);
    let page = staff.get(&place).await.expect(200);
    page.expect_text("Verify and send to @tom_k");
    staff.submit(&page, &place, &[("evidence", EVIDENCE)]).await.expect(200);
    ends.replies(&post, 1).await;
    ends.visitor().get(&format!("/questions/{main}")).await.expect_text("to @tom_k").expect_text("verified by");
    // Undone, the reply stands where it was sent, and is in the thread of whom it answered.
    staff.post_form(&format!("{}/unmerge", desk_place(other)), &[]).await.expect(200);
    assert_eq!(ends.replies(&post, 1).await.len(), 1);
    let thanks = ends.says("tom_k", "@acme Thanks!", Some(&post));
    assert_eq!(ends.waiting_for(&thanks).await.question_id, other);
}

#[tokio::test]
async fn the_topic_of_either_may_ask_for_two() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let colleague = app.person("Lee Lead", Role::Staff).await;
    let main = ask_here(&customer, "Wifi drops every evening at nine").await;
    let other = ask_here(&customer, "The network goes away at night").await;
    ask_for_two(&app, main).await;
    let id = answer(&peer, other, FIX).await;
    merge(&staff, other, main).await;
    let page = staff.get(&verify_place(id)).await.expect(200);
    staff.submit(&page, &verify_place(id), &[("evidence", EVIDENCE)]).await.expect(200);
    let read = async || app.visitor().get(&format!("/questions/{main}")).await.expect(200).text();
    assert!(
        !read().await.contains("verified by"),
        "one person does not get around the rule of the thread it is read in"
    );
    let page = colleague.get(&verify_place(id)).await.expect(200);
    let confirm = super::find_action(&page, "/desk/verifications/", "/confirm").expect("the button");
    colleague.submit(&page, &confirm, &[]).await.expect(200);
    assert!(read().await.contains("verified by"));
    // Its author edits it: the new words wait for staff in place, too.
    let edit = format!("/answers/{id}/edit");
    let form = peer.get(&edit).await.expect(200);
    peer.submit(&form, &edit, &[("body", "Set the channel to 44, then restart.")]).await.expect(200);
    assert!(read().await.contains("A newer version waits"));
    staff.get("/desk").await.expect(200).expect_text("The network goes away at night");
    staff.get(&verify_place(id)).await.expect(200).expect_text("What changed since it was verified");
}
