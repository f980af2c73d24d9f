//! What a thread says to whom, and where: the asker, a reader on a phone, and whoever comes too late.

use super::{Scene, at};
use crate::forum::TITLE;
use crate::support::Answer;

const LOCK: &str = "/desk/questions/1/lock";

/// The chips beside the title, and in a list those of each row.
fn is_marked(page: &Answer, kind: &str, label: &str) -> bool {
    page.body.contains(&format!("<span class=\"chip {kind}\">")) && page.says(label)
}

#[tokio::test]
async fn i_have_this_too_and_follow_come_right_after_the_question() {
    let scene = Scene::set().await;
    let page = scene.peer.get("/questions/1").await.expect(200).body;
    let (question, answers) = (at(&page, "class=\"post question\""), at(&page, "class=\"answers\""));
    for words in ["I have this too", "action=\"/follow\""] {
        let place = at(&page, words);
        assert!(question < place && place < answers, "{words} stands at {place}, answers at {answers}");
    }
    assert!(at(&page, "Ask your own question") > answers, "what leads away comes last");
}

#[tokio::test]
async fn the_asker_is_asked_once_whether_an_answer_helped() {
    let scene = Scene::set().await;
    let own = scene.customer.get("/questions/1").await.expect(200);
    assert_eq!(own.text().matches("This helped me").count(), 2);
    assert!(!own.says("Did this help?"));
    // Others are asked, staff too: they say what helped the asker, which is something else.
    for who in [&scene.app.visitor(), &*scene.staff] {
        who.get("/questions/1").await.expect(200).expect_text("Did this help?");
    }
}

#[tokio::test]
async fn the_asker_of_a_private_question_writes_more_and_is_not_asked_for_the_answer() {
    let scene = Scene::set().await;
    let Scene { customer, staff, .. } = &scene;
    let form = customer.get("/ask").await.expect(200);
    let filled = [("title", "My invoice shows the wrong amount"), ("body", "12 euros too much."), ("private", "yes")];
    let thread = customer.submit(&form, "/ask", &filled).await.expect(200);
    let not_for_them = ["Do you know the answer?", "Do you know more?", "Ask your own question", "Your answer"];
    thread.expect_text("Write more").expect_text("What else should our staff know?");
    let own = customer.submit(&thread, "/questions/2/answers", &[("body", "It came by mail.")]).await.expect(200);
    own.expect_text("It came by mail.").expect_text("Write more");
    let seen = staff.get("/questions/2").await.expect(200);
    seen.expect_text("Answer the person who asked");
    for words in not_for_them {
        assert!(!thread.says(words) && !own.says(words), "{words}");
    }
    customer.get("/questions/1").await.expect_text("Do you know more?").expect_text("Ask your own question");
}

#[tokio::test]
async fn a_closed_and_a_locked_thread_say_so_beside_their_state_and_in_each_list() {
    let scene = Scene::set().await;
    let Scene { app, staff, .. } = &scene;
    let visitor = app.visitor();
    let lists = ["/", "/newest", "/questions/1", "/members/caseycustomer"];
    for (act, back, kind, label) in [("close", "reopen", "closed", "Closed"), ("lock", "unlock", "locked", "Locked")] {
        staff.post_form(LOCK, &[("act", act), ("reason", "Solved.")]).await.expect(200);
        for place in lists {
            let page = visitor.get(place).await.expect(200);
            page.expect_text(TITLE);
            assert!(is_marked(&page, kind, label), "{place}: {}", page.text());
        }
        staff.post_form(LOCK, &[("act", back), ("reason", "")]).await.expect(200);
        for place in lists {
            assert!(!is_marked(&visitor.get(place).await.expect(200), kind, label), "{place} still says {label}");
        }
    }
}
