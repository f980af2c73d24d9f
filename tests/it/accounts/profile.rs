//! What a member says of themselves, what staff call them, and who reads it.

use answerwell::members::Role;

use crate::moderation::count;
use crate::support::{Answer, Person, TestApp};

async fn save(person: &Person, name: &str, title: &str, bio: &str) -> Answer {
    let page = person.get("/account/profile").await.expect(200);
    person.submit(&page, "/account/profile", &[("name", name), ("title", title), ("bio", bio)]).await
}

#[tokio::test]
async fn a_profile_is_read_by_everybody_and_its_markdown_is_clean() {
    let app = TestApp::start().await;
    let ada = app.customer().await;
    save(&ada, "Ada L.", "Network  engineer", "I run **forty** routers. <script>alert(1)</script> 🦊")
        .await
        .expect(200);
    let page = app.visitor().get("/members/caseycustomer").await.expect(200);
    page.expect_text("Ada L. Network engineer");
    assert!(page.body.contains("<strong>forty</strong>") && !page.body.contains("<script>alert"), "{}", page.body);
    page.expect_text("🦊");
    save(&ada, "Ada L.", "", "").await.expect(200);
    let page = app.visitor().get("/members/caseycustomer").await.expect(200);
    assert!(!page.says("forty") && !page.says("engineer"));
}

#[tokio::test]
async fn what_nobody_could_read_is_refused_and_kept_in_the_form() {
    let app = TestApp::start().await;
    let ada = app.customer().await;
    let long = "n".repeat(2_001);
    for (name, title, bio, said) in [
        ("", "", "", "Your name is missing"),
        (" \u{200b}\u{200d} ", "", "", "Your name is missing"),
        (&long[..61], "", "", "61 characters; 60 are allowed"),
        ("Ada", &long[..81], "", "81 characters; 80 are allowed"),
        ("Ada", "", &long, "2001 characters; 2000 are allowed"),
        ("Ada", "", "***", "would show no words"),
    ] {
        let page = save(&ada, name, title, bio).await.expect(422);
        page.expect_text(said);
        let summary = page.body.split("class=\"problems").nth(1).and_then(|rest| rest.split("</div>").next());
        assert_eq!(summary.unwrap_or_default().matches("<li>").count(), 1, "said once: {}", page.body);
        assert_eq!(page.field("bio").as_deref(), Some(bio), "what was typed stays");
    }
    // What would turn the line round is taken out; the rest stays as it is.
    save(&ada, "\u{202e}Ada", "<b>boss</b>", "Slow: ".repeat(20).as_str()).await.expect(200);
    app.visitor().get("/members/caseycustomer").await.expect(200).expect_text("Ada <b>boss</b>");
    app.visitor().get("/account/profile").await.expect(401);
}

#[tokio::test]
async fn of_two_windows_one_wins_and_the_other_sees_it() {
    let app = TestApp::start().await;
    let ada = app.customer().await;
    let (left, right) = (ada.get("/account/profile").await, ada.get("/account/profile").await);
    ada.submit(&left, "/account/profile", &[("title", "Left")]).await.expect(200);
    let late = ada.submit(&right, "/account/profile", &[("title", "Right")]).await.expect(422);
    late.expect_text("changed in another window");
    assert!(app.visitor().get("/members/caseycustomer").await.says("Left"));
    assert_eq!(late.field("title").as_deref(), Some("Right"));
    ada.submit(&late, "/account/profile", &[]).await.expect(200);
    assert!(app.visitor().get("/members/caseycustomer").await.says("Right"));
}

#[tokio::test]
async fn staff_name_a_champion_and_everybody_reads_it_beside_the_words() {
    let app = TestApp::start().await;
    let (ada, parker, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let admin = app.person("Abe Admin", Role::Admin).await;
    let words = [("title", "My router drops the Wi-Fi"), ("body", "Every evening.")];
    ada.post_form("/ask", &words).await.expect(200);
    parker.post_form("/questions/1/answers", &[("body", "Try channel 40.")]).await.expect(200);
    parker.post_form("/questions/1/comments", &[("body", "It helped me, too.")]).await.expect(200);
    let desk = staff.get("/desk/members/parkerpeer").await.expect(200);
    let give = "/desk/members/parkerpeer/label";
    staff.submit(&desk, give, &[("label", "champion")]).await.expect(200);
    let thread = app.visitor().get("/questions/1").await.expect(200);
    assert_eq!(thread.text().matches("Champion").count(), 2, "at the answer and at the comment: {}", thread.text());
    assert!(thread.body.contains("#state-champion"), "a shape, and not a colour alone");
    app.visitor().get("/members/parkerpeer").await.expect(200).expect_text("Champion");
    assert_eq!(count(&app, "audit WHERE act = 'label' AND words = 'champion'").await, 1);
    // A page that is older than another's decision does nothing, and says so.
    admin.submit(&desk, give, &[("label", "official")]).await.expect(200).expect_text("faster");
    assert!(app.visitor().get("/members/parkerpeer").await.says("Champion"));
    let fresh = admin.get("/desk/members/parkerpeer").await;
    admin.submit(&fresh, give, &[("label", "")]).await.expect(200);
    assert!(!app.visitor().get("/members/parkerpeer").await.says("Champion"));
    // It is nobody's own to take, and nothing that is not on the list.
    parker.post_form(give, &[("seen", ""), ("label", "official")]).await.expect(403);
    staff.post_form("/desk/members/samstaff/label", &[("seen", ""), ("label", "official")]).await.expect(403);
    staff.post_form(give, &[("seen", ""), ("label", "emperor")]).await.expect(400);
}

#[tokio::test]
async fn verified_answers_stand_first_however_old_they_are() {
    let app = TestApp::start().await;
    let (ada, parker, staff) = (app.customer().await, app.peer().await, app.staff().await);
    for number in 1..=32 {
        let title = format!("My router number {number} drops the Wi-Fi");
        ada.post_form("/ask", &[("title", title.as_str()), ("body", "Every evening.")]).await.expect(200);
        let answers = format!("/questions/{number}/answers");
        parker.post_form(&answers, &[("body", "Try channel 40.")]).await.expect(200);
    }
    let page = staff.get("/desk/answers/1/verify").await.expect(200);
    staff.submit(&page, "/desk/answers/1/verify", &[("evidence", "Tried on two boxes")]).await.expect(200);
    let profile = app.visitor().get("/members/parkerpeer").await.expect(200).text();
    let first = profile.find("number 1 drops").expect("the oldest is shown, for it is verified");
    assert!(first < profile.find("number 32 drops").expect("the newest"), "{profile}");
}

#[tokio::test]
async fn what_somebody_knows_about_stands_on_their_page_and_leads_to_its_questions() {
    let app = TestApp::start().await;
    let ada = app.customer().await;
    let words = [("title", "My router drops the Wi-Fi"), ("body", "Every evening."), ("tags", "wifi")];
    ada.post_form("/ask", &words).await.expect(200);
    let page = ada.get("/account/profile").await.expect(200);
    let wrong = ada.submit(&page, "/account/profile", &[("expertise", "a,b,c,d,e,f"), ("bio", "Hi")]).await.expect(422);
    wrong.expect_text("6 tags; 5 are allowed");
    assert_eq!((wrong.field("expertise").as_deref(), wrong.field("bio").as_deref()), (Some("a,b,c,d,e,f"), Some("Hi")));
    ada.submit(&wrong, "/account/profile", &[("expertise", "WiFi, Old Radios")]).await.expect(200);
    let shown = app.visitor().get("/members/caseycustomer").await.expect(200);
    shown.expect_text("Knows about").expect_text("old-radios");
    assert!(shown.body.contains("href=\"/tags/wifi\"") && !shown.body.contains("/tags/old-radios"), "{}", shown.body);
    // Of two windows the later one sees what the other saved.
    ada.submit(&page, "/account/profile", &[("expertise", "lamps")]).await.expect(422).expect_text("in another window");
    let page = ada.get("/account/profile").await.expect(200);
    assert_eq!(page.field("expertise").as_deref(), Some("old-radios, wifi"));
    ada.submit(&page, "/account/profile", &[("expertise", "")]).await.expect(200);
    assert!(!app.visitor().get("/members/caseycustomer").await.says("Knows about"));
}
