//! Drafts: saved as they are written, seen by colleagues, gone with the sending.

use answerwell::members::Role;
use reqwest::Method;

use super::{FIX, QUESTION, answer, ask_here, desk_place, say, verify_place};
use crate::support::{TestApp, TestLoop};

#[tokio::test]
async fn colleagues_see_what_somebody_writes_until_it_is_sent() {
    let ends = TestLoop::start().await;
    let (staff, colleague) = (ends.staff().await, ends.person("Lee Lead", Role::Staff).await);
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let (place, draft) = (desk_place(question), format!("{}/draft", desk_place(question)));
    let page = staff.get(&place).await.expect(200);
    assert!(page.body.contains(&format!("formaction=\"{draft}\"")), "there is a button for it");
    staff.post_form(&draft, &[("text", "Which model is"), ("target", "7")]).await.expect(200).expect_text("Saved");
    let seen = colleague.get(&place).await;
    seen.expect_text("Sam Staff is writing a message to the asker").expect_text("Which model is");
    assert_eq!(seen.field("text").as_deref(), Some(""), "their words do not stand in my form");
    assert_eq!(staff.get(&place).await.field("text").as_deref(), Some("Which model is"));

    // With script the answer is short.
    let request = staff.request(Method::POST, &draft).header("sec-fetch-site", "same-origin");
    let request =
        request.header("accept", "application/json").header("content-type", "application/x-www-form-urlencoded");
    let answer = staff.send(request.body("text=Which+model+is+it%3F")).await;
    assert_eq!(answer.expect(200).json()["saved"], true);
    colleague.get(&place).await.expect_text("Which model is it?");
    for nobody in [ends.visitor().get(&format!("/questions/{question}")).await, ends.visitor().get("/").await] {
        assert!(!nobody.says("Which model"), "{}", nobody.text());
    }

    let page = staff.get(&place).await;
    staff.submit(&page, &format!("{place}/messages"), &[]).await.expect(200);
    ends.replies(&post, 1).await;
    assert!(!colleague.get(&place).await.says("is writing"));
    assert_eq!(staff.get(&place).await.field("text").as_deref(), Some(""));
}

#[tokio::test]
async fn a_draft_of_a_verification_keeps_every_field_and_a_colleagues_act_leaves_it() {
    let ends = TestLoop::start().await;
    let (peer, staff, colleague) = (ends.peer().await, ends.staff().await, ends.person("Lee Lead", Role::Staff).await);
    let (_, question) = ends.asks("mara_w", QUESTION).await;
    let id = answer(&peer, question, FIX).await;
    let place = verify_place(id);
    let fields = [("evidence", "Tried it"), ("product", "R7"), ("until", "2999-01-31"), ("short_form", "Channel 40.")];
    let saved = staff.post_form(&format!("{place}/draft"), &fields).await.expect(200);
    assert!(saved.path.starts_with(&place), "{}", saved.path);
    for (name, value) in fields {
        assert_eq!(saved.field(name).as_deref(), Some(value), "{name}");
    }
    colleague
        .get(&desk_place(question))
        .await
        .expect_text("Sam Staff is writing a verification")
        .expect_text("Channel 40.");
    say(&colleague, question, "We look into it.").await.expect(200);
    assert_eq!(staff.get(&place).await.field("evidence").as_deref(), Some("Tried it"));
    // Emptied, it is no draft any more.
    staff.post_form(&format!("{place}/draft"), &[("evidence", " ")]).await.expect(200);
    assert!(!colleague.get(&desk_place(question)).await.says("is writing"));
}

#[tokio::test]
async fn only_who_works_at_the_desk_drafts() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    let question = ask_here(&customer, "Wifi drops in the evening").await;
    let draft = format!("{}/draft", desk_place(question));
    customer.post_form(&draft, &[("text", "x")]).await.expect(403);
    app.visitor().post_form(&draft, &[("text", "x")]).await.expect(401);
    let staff = app.staff().await;
    staff.post_form("/desk/questions/999999/draft", &[("text", "x")]).await.expect(404);
    staff.post_form("/desk/answers/999999/verify/draft", &[("text", "x")]).await.expect(404);
}
