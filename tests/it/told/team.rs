//! The page of those who answer for the company.

use answerwell::members::Role;

use crate::support::{TestLoop, eventually};
use crate::tools::{FIX, QUESTION, answer, ask_here, verify};

const TEAM: &str = "/people/team";

#[tokio::test]
async fn our_team_stands_with_what_each_said_lately_here_and_elsewhere() {
    let ends = TestLoop::start().await;
    let (staff, customer) = (ends.staff().await, ends.customer().await);
    let (lee, admin) = (ends.person("Lee Lead", Role::Staff).await, ends.person("Ali Admin", Role::Admin).await);
    let visitor = ends.visitor();
    let quiet = visitor.get(TEAM).await.expect(200);
    quiet
        .expect_text("Lee Lead")
        .expect_text("Ali Admin")
        .expect_text("Sam Staff")
        .expect_text("Nothing said here yet");
    assert!(!quiet.says("Casey Customer"), "customers are not of the team");

    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let fix = answer(&staff, question, FIX).await;
    let vera = ends.person("Vera Verifier", Role::Staff).await;
    verify(&vera, fix, &[]).await.expect(200);
    ends.replies(&post, 1).await;
    eventually("the reply is told of", async || visitor.get(TEAM).await.says("Also on X")).await;
    let told = visitor.get(TEAM).await;
    assert!(told.links().iter().any(|link| link.ends_with(&format!("#answer-{fix}"))), "{:?}", told.links());
    told.expect_text("Verified");

    // The newest three, and none of what is hidden or private.
    for number in 1..=4 {
        let asked = ask_here(&customer, &format!("Why does lamp number {number} blink all night?")).await;
        answer(&staff, asked, "It waits for its update. Leave it on for an hour.").await;
    }
    for number in 1..=3 {
        let title = format!("My bill number {number} is wrong");
        let page = customer.get("/ask").await.expect(200);
        let words = [("title", title.as_str()), ("body", "It says 400."), ("private", "yes"), ("seen", "yes")];
        let thread = customer.submit(&page, "/ask", &words).await.expect(200);
        let id = thread.path.split('/').nth(2).and_then(|id| id.parse().ok()).expect("the thread");
        answer(&staff, id, "We correct it today.").await;
    }
    let lately = visitor.get(TEAM).await;
    assert!(!lately.says("My bill"), "that is between them");
    lately.expect_text("lamp number 4").expect_text("lamp number 2");
    assert!(!lately.says("lamp number 1"), "an older one");
    let latest = lately.links().into_iter().find(|link| link.contains("lamp-number-4")).expect("its link");
    let (_, post) = latest.rsplit_once('#').expect("the place of the answer");
    let hide = [("act", "hide"), ("reason", "It is about another lamp.")];
    staff.post_form(&format!("/desk/moderate/{post}"), &hide).await.expect(200);
    let without = visitor.get(TEAM).await;
    without.expect_text("lamp number 1");
    assert!(!without.says("lamp number 4"), "it is hidden");

    // Whoever leaves the desk is not among them.
    let people = admin.get("/admin/people").await.expect(200);
    admin.submit(&people, &format!("/admin/people/{}/remove", lee.id), &[]).await.expect(200);
    assert!(!visitor.get(TEAM).await.says("Lee Lead"), "they left the desk");
}
