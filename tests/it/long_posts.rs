//! Long posts: what an account may write is learnt from X, and every counter follows it.

use answerwell::members::Role;

use crate::support::{Answer, Person, TestLoop, eventually};

const CHECK: &str = "/admin/channels/check";

/// An administrator looks at the connection, and X says again what our account may write.
async fn checked(admin: &Person) -> Answer {
    let page = admin.get("/admin/channels").await.expect(200);
    admin.submit(&page, CHECK, &[]).await.expect(200)
}

async fn limit_here(staff: &Person) -> i64 {
    let counted = staff.post_form("/desk/count?channel=1&origin=x&to=mara_w&by=api", &[("text", "four")]).await;
    counted.expect(200).json()["limit"].as_i64().unwrap()
}

#[tokio::test]
async fn an_account_that_pays_writes_long_posts_until_it_does_not() {
    let ends = TestLoop::start().await;
    let (admin, staff) = (ends.person("Ada Admin", Role::Admin).await, ends.staff().await);
    let (post, question) = ends.asks("mara_w", "@acme my router drops wifi every evening").await;
    let (place, messages) = (format!("/desk/questions/{question}"), format!("/desk/questions/{question}/messages"));
    assert_eq!(limit_here(&staff).await, 280);
    let short = staff.get(&place).await.expect(200);
    short.expect_text("0 of 280 characters");
    assert!(!short.says("Show more"), "{}", short.text());
    let long = format!("Here is the whole list. {}", "Then wait, and try again. ".repeat(40)).trim().to_owned();
    let refused = staff.submit(&short, &messages, &[("text", &long)]).await.expect(422);
    refused.expect_text("280 are allowed");
    assert_eq!(refused.field("text").as_deref(), Some(long.as_str()));

    ends.twin.set_premium("acme", true).unwrap();
    checked(&admin).await;
    assert_eq!(limit_here(&staff).await, 25_000);
    let page = staff.get(&place).await.expect(200);
    page.expect_text("0 of 25000 characters").expect_text("its timeline cuts them after 280 characters");
    staff.submit(&page, &messages, &[("text", &long)]).await.expect(200);
    let replies = ends.replies(&post, 1).await;
    assert!(replies[0].text.ends_with(&long), "{}", replies[0].text);

    // It stopped paying, and nobody here knows yet: X's own words say what is wrong, and nothing was posted.
    ends.twin.set_premium("acme", false).unwrap();
    let page = staff.get(&place).await.expect(200);
    let again = format!("And once more. {long}");
    staff.submit(&page, &messages, &[("text", &again)]).await.expect(200);
    eventually("the desk says why", async || staff.get(&place).await.says("X says that the text is too long")).await;
    let page = staff.get(&place).await;
    page.expect_text("Shorten it and send it anew. X says: “").expect_text("Not sent");
    ends.replies(&post, 1).await;
    checked(&admin).await;
    assert_eq!(limit_here(&staff).await, 280);
    let late = staff.submit(&page, &messages, &[("text", &again)]).await.expect(422);
    assert_eq!(late.field("text").as_deref(), Some(again.as_str()));
}
