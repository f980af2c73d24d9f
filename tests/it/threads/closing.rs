//! Closed threads: no further answers, while everything else goes on.

use super::Scene;
use crate::forum::answer;

const CLOSE: &str = "/desk/questions/1/lock";
const WHY: &str = "The AC-100 is no longer made.";

#[tokio::test]
async fn a_closed_thread_takes_comments_and_no_answers_until_it_is_opened_again() {
    let scene = Scene::set().await;
    let Scene { app, customer, peer, staff } = &scene;
    let opened = peer.get("/questions/1").await;
    customer.post_form(CLOSE, &[("act", "close"), ("reason", WHY)]).await.expect(403);
    let empty = staff.post_form(CLOSE, &[("act", "close"), ("reason", "  ")]).await.expect(422);
    empty.expect_text("Take no further answers");
    staff.post_form(CLOSE, &[("act", "close"), ("reason", WHY)]).await.expect(200).expect_text("Take answers again");
    app.visitor().get("/questions/1").await.expect_text("Our staff take no further answers here").expect_text(WHY);
    let read = peer.get("/questions/1").await.expect(200);
    assert!(!read.has_field("/questions/1/answers", "body"));
    assert_eq!(read.text().matches(WHY).count(), 1, "the reason is said once");
    // Written before it was closed: the text comes back.
    let late = peer.submit(&opened, "/questions/1/answers", &[("body", "And buy a cable.")]).await.expect(422);
    late.expect_text(WHY);
    assert_eq!(late.field("body").as_deref(), Some("And buy a cable."));
    peer.submit(&opened, "/questions/1/comments", &[("body", "What instead?")])
        .await
        .expect(200)
        .expect_text("What instead?");
    customer.get("/notices").await.expect_text("Sam Staff closed your thread").expect_text(WHY);
    staff.post_form(CLOSE, &[("act", "close"), ("reason", "Again.")]).await.expect(200).expect_text("was faster");

    staff.post_form(CLOSE, &[("act", "reopen")]).await.expect(200).expect_text("Take no further answers");
    answer(peer, "And buy a cable.").await.expect(200).expect_text("3 answers");
}

#[tokio::test]
async fn what_is_closed_or_locked_is_called_open_nowhere() {
    let scene = Scene::set().await;
    let Scene { app, customer, staff, .. } = &scene;
    let open = crate::tools::ask_here(customer, "Zephyrquill network goes away at night").await;
    let place = format!("/questions/{open}");
    let lists = [place.clone(), "/newest".to_owned()];
    let open_chips = async |page: &str| app.visitor().get(page).await.expect(200).body.matches("chip open").count();
    for list in &lists {
        assert_eq!(open_chips(list).await, 1, "{list}");
    }
    for (act, word) in [("close", "Closed"), ("lock", "Locked")] {
        let lock = format!("/desk/questions/{open}/lock");
        staff.post_form(&lock, &[("act", act), ("reason", WHY)]).await.expect(200);
        for list in &lists {
            assert_eq!(open_chips(list).await, 0, "{list}");
            app.visitor().get(list).await.expect_text(word);
        }
    }
    let locked = app.visitor().get(&place).await.expect(200).text();
    assert_eq!(locked.matches("locked this thread").count(), 1, "{locked}");
}
