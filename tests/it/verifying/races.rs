//! Two at once: one wins, the other sees what happened, and nothing is sent twice.

use super::{EVIDENCE, FIX, action, answer, ask, ask_for_two, colleague, edit, states, thread, verify, verify_place};
use crate::support::{TestApp, TestLoop};

const QUESTION: &str = "@acme my router drops wifi every evening, is it just me?";

#[tokio::test]
async fn two_verify_at_once_and_one_reply_goes_out() {
    let ends = TestLoop::start().await;
    let (peer, staff, other) = (ends.peer().await, ends.staff().await, colleague(&ends).await);
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let id = answer(&peer, question, FIX).await;
    let place = verify_place(id);
    let (mine, theirs) = (staff.get(&place).await.expect(200), other.get(&place).await.expect(200));
    let fields = [("evidence", EVIDENCE)];
    let (first, second) = tokio::join!(staff.submit(&mine, &place, &fields), other.submit(&theirs, &place, &fields));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422], "{} / {}", first.text(), second.text());
    let late = if first.status == 422 { first } else { second };
    late.expect_text("One verification stands at a time");
    ends.replies(&post, 1).await;
    assert_eq!(states(ends.db(), id).await, ["standing"]);
}

#[tokio::test]
async fn two_confirm_at_once_and_one_reply_goes_out() {
    let ends = TestLoop::start().await;
    let (peer, staff, other) = (ends.peer().await, ends.staff().await, colleague(&ends).await);
    let third = ends.person("Lee Lead", answerwell::members::Role::Admin).await;
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    ask_for_two(&ends, question).await;
    let id = answer(&peer, question, FIX).await;
    verify(&staff, id, &[]).await.expect(200);
    let (mine, theirs) =
        (other.get(&verify_place(id)).await.expect(200), third.get(&verify_place(id)).await.expect(200));
    let confirm = action(&mine, "/desk/verifications/", "/confirm");
    let (first, second) = tokio::join!(other.submit(&mine, &confirm, &[]), third.submit(&theirs, &confirm, &[]));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422], "{} / {}", first.text(), second.text());
    ends.replies(&post, 1).await;
    assert_eq!(states(ends.db(), id).await, ["standing"]);
}

#[tokio::test]
async fn verifying_while_the_author_edits_vouches_for_what_was_read() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    for round in 0..6 {
        let question = ask(&customer).await;
        let id = answer(&peer, question, FIX).await;
        let (place, editing) = (verify_place(id), format!("/answers/{id}/edit"));
        let (form, page) = (staff.get(&place).await.expect(200), peer.get(&editing).await.expect(200));
        let fields = [("evidence", EVIDENCE)];
        let newer = [("body", "Something else entirely, which nobody of the staff has read.")];
        let (verified, edited) =
            tokio::join!(staff.submit(&form, &place, &fields), peer.submit(&page, &editing, &newer));
        edited.expect(200);
        let shown = thread(&app, question).await;
        if verified.status == 200 {
            shown.expect_text("Verified by Sam Staff").expect_text(FIX).expect_text("A newer version waits");
            assert!(!shown.says("which nobody of the staff has read"), "round {round}");
        } else {
            verified.expect(422).expect_text("The answer changed since you opened this page");
            shown.expect_text("which nobody of the staff has read");
            assert!(!shown.says("Verified by"), "round {round}");
        }
    }
}

#[tokio::test]
async fn two_edit_at_once_and_no_words_are_lost() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let question = ask(&customer).await;
    let id = answer(&peer, question, FIX).await;
    let place = format!("/answers/{id}/edit");
    let (mine, theirs) = (peer.get(&place).await.expect(200), staff.get(&place).await.expect(200));
    let (first, second) = tokio::join!(
        peer.submit(&mine, &place, &[("body", "Mine: channel 36.")]),
        staff.submit(&theirs, &place, &[("body", "Theirs: channel 48.")])
    );
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
    let late = if first.status == 422 { first } else { second };
    late.expect_text("Somebody changed the answer since you opened this page");
    assert!(late.field("body").is_some_and(|kept| kept.contains(": channel")));
    // Having seen it, one may save on top of it.
    let again = if late.says("Mine") { &peer } else { &staff };
    again.submit(&late, &place, &[]).await.expect(200);
    assert_eq!(super::versions(app.db(), id).await.len(), 3);
    edit(&peer, id, &thread_words(&app, question).await).await.expect(200);
}

/// What the answer says now.
async fn thread_words(app: &TestApp, question: i64) -> String {
    let shown = thread(app, question).await;
    let words = ["Mine: channel 36.", "Theirs: channel 48."].into_iter().find(|words| shown.says(words));
    words.expect("one of the two").to_owned()
}
