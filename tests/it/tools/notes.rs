//! Notes: colleagues among themselves, in threads and in private conversations.

use answerwell::members::Role;

use super::{QUESTION, ask_here, desk_place, find_action, trainee};
use crate::support::{Person, TestApp, TestLoop, eventually};

async fn handle(who: &Person) -> String {
    let page = who.get("/").await;
    page.links().into_iter().find_map(|link| link.strip_prefix("/members/").map(str::to_owned)).expect("my page")
}

async fn note(who: &Person, place: &str, text: &str) -> crate::support::Answer {
    let page = who.get(place).await.expect(200);
    who.submit(&page, &format!("{place}/notes"), &[("note", text)]).await
}

#[tokio::test]
async fn a_note_is_read_at_the_desk_and_nowhere_else() {
    let app = TestApp::start().await;
    let (customer, staff, trainee) = (app.customer().await, app.staff().await, trainee(&app).await);
    let question = ask_here(&customer, "Wifi drops in the evening").await;
    let (place, lee) = (desk_place(question), app.person("Lee Lead", Role::Staff).await);
    let peer = app.peer().await;
    let (lees, peers) = (handle(&lee).await, handle(&peer).await);
    let text = format!("zephyrquill: @{lees} and @{peers} and @nobody, <b>look</b>");
    let page = note(&staff, &place, &text).await.expect(200);
    page.expect_text("Note, for colleagues only").expect_text("<b>look</b>");
    let notes = page.links();
    assert!(notes.contains(&format!("/members/{lees}")), "{notes:?}");
    assert!(!notes.contains(&format!("/members/{peers}")), "who does not work at the desk is not called: {notes:?}");
    trainee.get(&place).await.expect_text("zephyrquill");
    note(&trainee, &place, "I tried it, too").await.expect(200).expect_text("I tried it, too");
    for path in ["/", "/newest", "/search?q=zephyrquill", &format!("/questions/{question}")] {
        for who in [&app.visitor(), &*customer, &*staff] {
            let page = who.get(path).await.expect(200);
            assert!(!page.says("@nobody"), "{path}: {}", page.text());
        }
    }
    // Deleted by its writer alone.
    let remove = find_action(&page, "/desk/notes/", "/remove").expect("the way to delete it");
    lee.post_form(&remove, &[]).await.expect(410);
    customer.post_form(&remove, &[]).await.expect(403);
    let without = staff.submit(&page, &remove, &[]).await.expect(200);
    assert!(!without.says("zephyrquill") && without.says("I tried it, too"));
    staff.post_form(&remove, &[]).await.expect(410);
    customer.post_form(&format!("{place}/notes"), &[("note", "x")]).await.expect(403);
    app.visitor().post_form(&format!("{place}/notes"), &[("note", "x")]).await.expect(401);
    staff.post_form(&format!("{place}/notes"), &[("note", " ")]).await.expect(422).expect_text("Your note is missing");
}

#[tokio::test]
async fn a_note_on_a_private_conversation_is_for_staff() {
    let ends = TestLoop::start().await;
    let (staff, trainee) = (ends.staff().await, trainee(&ends).await);
    let (_, question) = ends.asks("mara_w", QUESTION).await;
    ends.twin.message("mara_w", "acme", "My customer number is 4471", None).unwrap();
    eventually("it waits", async || staff.get("/desk/private").await.says("customer number")).await;
    let list = staff.get("/desk/private").await;
    let id = |link: &String| link.trim_start_matches("/desk/private/").bytes().all(|byte| byte.is_ascii_digit());
    let place = list.links().into_iter().find(|link| link.starts_with("/desk/private/") && id(link)).unwrap();
    let mention = format!("zephyrquill @{}", handle(&trainee).await);
    let page = note(&staff, &place, &mention).await.expect(200);
    page.expect_text("zephyrquill");
    assert!(
        !page.links().contains(&format!("/members/{}", handle(&trainee).await)),
        "who may not read it is not called"
    );
    trainee.post_form(&format!("{place}/notes"), &[("note", "x")]).await.expect(403);
    trainee.get(&place).await.expect(403);
    assert!(!staff.get(&desk_place(question)).await.says("zephyrquill"));
    let remove = find_action(&page, "/desk/notes/", "/remove").expect("the way to delete it");
    assert!(!staff.submit(&page, &remove, &[]).await.expect(200).says("zephyrquill"));
}
