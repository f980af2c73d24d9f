//! A trainee drafts, staff approve: what a trainee may not do is refused by the server, whatever their page shows.

use diesel::prelude::*;

use super::{EVIDENCE, FIX, QUESTION, answer, desk_place, find_action, shown, trainee, verify_place};
use crate::support::{Answer, Person, TestLoop};

/// The page of the one draft that waits, as somebody opens it from the thread.
async fn open_draft(staff: &Person, question: i64) -> Answer {
    let page = staff.get(&desk_place(question)).await.expect(200);
    let link = page.links().into_iter().find(|link| link.starts_with("/desk/drafts/")).expect("a draft to look at");
    staff.get(&link).await.expect(200)
}

async fn hand_in(trainee: &Person, question: i64, text: &str) -> Answer {
    let page = trainee.get(&desk_place(question)).await.expect(200);
    page.expect_text("Hand in for approval");
    trainee.submit(&page, &format!("{}/hand-in", desk_place(question)), &[("text", text)]).await
}

#[tokio::test]
async fn what_a_trainee_hands_in_is_sent_by_staff_in_their_own_name() {
    let ends = TestLoop::start().await;
    let (staff, trainee) = (ends.staff().await, trainee(&ends).await);
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let waits = hand_in(&trainee, question, "Which modle is it?").await.expect(200);
    waits.expect_text("it waits for approval");
    assert!(ends.ours_under(&post).is_empty());

    let draft = open_draft(&staff, question).await;
    draft.expect_text("Drafted by Tara Trainee").expect_text("Which modle is it?");
    let form = draft.links().into_iter().find(|link| link.contains("?draft=")).expect("the form");
    let form = staff.get(&form).await.expect(200);
    form.expect_text("Drafted by Tara Trainee");
    assert_eq!(form.field("text").as_deref(), Some("Which modle is it?"));
    let messages = format!("{}/messages", desk_place(question));
    let sent = staff.submit(&form, &messages, &[("text", "Which model is it?")]).await.expect(200);
    sent.expect_text("Which model is it?");
    assert_eq!(ends.replies(&post, 1).await.len(), 1);
    let public = ends.visitor().get(&format!("/questions/{question}")).await;
    public.expect_text("Sam Staff");
    assert!(!public.says("Tara Trainee"));
    // The same draft cannot be sent a second time, and the form keeps what is in it.
    let again = staff.submit(&form, &messages, &[("text", "Once more?")]).await.expect(422);
    assert_eq!(again.field("text").as_deref(), Some("Once more?"));
    ends.replies(&post, 1).await;
}

#[tokio::test]
async fn a_draft_comes_back_with_a_reason() {
    let ends = TestLoop::start().await;
    let (peer, staff, trainee) = (ends.peer().await, ends.staff().await, trainee(&ends).await);
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let id = answer(&peer, question, FIX).await;
    let place = verify_place(id);
    let page = trainee.get(&place).await.expect(200);
    let handed = format!("{place}/hand-in");
    trainee.submit(&page, &handed, &[("evidence", " ")]).await.expect(422).expect_text("Evidence is missing");
    trainee.submit(&page, &handed, &[("evidence", EVIDENCE)]).await.expect(200).expect_text("it waits for approval");

    let draft = open_draft(&staff, question).await;
    draft.expect_text(EVIDENCE);
    let back = find_action(&draft, "/desk/drafts/", "/return").expect("the way back");
    staff.submit(&draft, &back, &[("reason", " ")]).await.expect(422).expect_text("The reason is missing");
    staff.submit(&draft, &back, &[("reason", "Which release note?")]).await.expect(200);
    let returned = trainee.get(&place).await.expect(200);
    returned.expect_text("Sam Staff returned your draft: Which release note?");
    assert_eq!(returned.field("evidence").as_deref(), Some(EVIDENCE), "the words are kept");
    staff.submit(&draft, &back, &[("reason", "Again")]).await.expect(410);
    // Handed in anew, it is verified by whoever approves it.
    let words = [("evidence", "Tried it myself")];
    trainee.submit(&returned, &handed, &words).await.expect(200);
    let draft = open_draft(&staff, question).await;
    let form = draft.links().into_iter().find(|link| link.contains("?draft=")).expect("the form");
    let form = staff.get(&form).await.expect(200);
    assert_eq!(form.field("evidence").as_deref(), Some("Tried it myself"));
    staff.submit(&form, &place, &[]).await.expect(200);
    ends.replies(&post, 1).await;
    shown(&staff, &format!("/questions/{question}"), "Verified by Sam Staff").await;
}

#[tokio::test]
async fn nobody_approves_their_own_draft_whatever_they_became_meanwhile() {
    let ends = TestLoop::start().await;
    let (staff, trainee) = (ends.staff().await, trainee(&ends).await);
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    hand_in(&trainee, question, "Which model is it?").await.expect(200);
    let link = open_draft(&staff, question).await.path;
    let id = link.rsplit('/').next().unwrap().to_owned();
    let promote = format!("UPDATE member SET role = 'staff' WHERE id = {}", trainee.id);
    ends.db()
        .write(move |tx| diesel::sql_query(promote).execute(&mut **tx).map_err(answerwell::db::DbError::from))
        .await
        .unwrap();

    let own = trainee.get(&link).await.expect(200);
    assert!(find_action(&own, "/desk/drafts/", "/return").is_none(), "it is not offered");
    trainee.post_form(&format!("{link}/return"), &[("reason", "x")]).await.expect(403);
    let messages = format!("{}/messages", desk_place(question));
    let page = trainee.get(&format!("{}?draft={id}", desk_place(question))).await.expect(200);
    for draft in [id.as_str(), "0"] {
        let refused = trainee.submit(&page, &messages, &[("text", "Which model is it?"), ("draft", draft)]).await;
        refused.expect(422).expect_text("nobody approves their own draft");
    }
    assert!(ends.ours_under(&post).is_empty());
    // Taken back, it is an ordinary draft of somebody who may send.
    let page = trainee.submit(&own, &format!("{link}/take-back"), &[]).await.expect(200);
    assert_eq!(page.field("text").as_deref(), Some("Which model is it?"));
    trainee.submit(&page, &messages, &[]).await.expect(200);
    ends.replies(&post, 1).await;
}

#[tokio::test]
async fn a_draft_that_was_taken_back_is_not_sent_by_who_had_it_open() {
    let ends = TestLoop::start().await;
    let (staff, trainee) = (ends.staff().await, trainee(&ends).await);
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let waits = hand_in(&trainee, question, "Which model is it?").await.expect(200);
    // What waits is not changed behind the back of who reads it.
    let draft = format!("{}/draft", desk_place(question));
    trainee.post_form(&draft, &[("text", "Something else")]).await.expect(200);
    let opened = open_draft(&staff, question).await;
    opened.expect_text("Which model is it?");
    let form = opened.links().into_iter().find(|link| link.contains("?draft=")).expect("the form");
    let form = staff.get(&form).await.expect(200);
    let back = find_action(&waits, "/desk/drafts/", "/take-back").expect("the way back");
    staff.post_form(&back, &[]).await.expect(410);
    trainee.submit(&waits, &back, &[]).await.expect(200);
    let late = staff.submit(&form, &format!("{}/messages", desk_place(question)), &[]).await.expect(422);
    late.expect_text("does not wait for approval any more");
    assert!(ends.ours_under(&post).is_empty());
}
