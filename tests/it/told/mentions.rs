//! Mentions: `@handle` links to somebody who is there, and tells them once.

use super::{Site, count, is_told};
use crate::forum::{TITLE, answer, ask};
use crate::support::eventually;

#[tokio::test]
async fn a_name_is_linked_and_its_owner_told_once_however_often_it_stands_there() {
    let site = Site::start().await;
    let (casey, parker, nora) = (site.app.customer().await, site.app.peer().await, site.app.staff().await);
    ask(&casey, TITLE).await;
    let text = "@samstaff, @SamStaff and @nobody: like `@caseycustomer` said. Mail me@samstaff.com, @parkerpeer.";
    let thread = answer(&parker, text).await;
    assert_eq!(thread.body.matches("<a href=\"/members/samstaff\" rel").count(), 2, "{}", thread.body);
    assert!(!thread.body.contains("/members/nobody"));
    assert!(thread.body.contains("<code>@caseycustomer</code>"));
    is_told(&nora, &format!("Parker Peer mentioned you in “{TITLE}”")).await;
    eventually("everybody was told", async || count(&site.app, "news").await == 0).await;
    assert_eq!(count(&site.app, "notice WHERE kind = 'named'").await, 1, "not in code, and nobody of themselves");
    // Named and following: one notice, and it says the nearer reason.
    let comment = [("body", "What do you say, @caseycustomer?")];
    parker.post_form("/questions/1/comments", &comment).await.expect(200);
    is_told(&casey, "Parker Peer mentioned you").await;
    eventually("everybody was told", async || count(&site.app, "news").await == 0).await;
    let told = format!("notice WHERE member_id = {} AND post_kind = 'comment'", casey.id);
    assert_eq!(count(&site.app, &told).await, 1);
}

#[tokio::test]
async fn a_call_to_everybody_reaches_ten() {
    let site = Site::start().await;
    let casey = site.app.customer().await;
    let mut text = String::from("Hello");
    for number in 0..12 {
        let name = format!("Reader {}", char::from(b'a' + number));
        site.app.person(&name, answerwell::members::Role::Member).await;
        text += &format!(" @reader{}", char::from(b'a' + number));
    }
    let form = casey.get("/ask").await.expect(200);
    let thread = casey.submit(&form, "/ask", &[("title", TITLE), ("body", &text)]).await.expect(200);
    assert_eq!(thread.body.matches("href=\"/members/reader").count(), 10);
    eventually("everybody was told", async || count(&site.app, "news").await == 0).await;
    assert_eq!(count(&site.app, "notice WHERE kind = 'named'").await, 10);
}

#[tokio::test]
async fn whom_an_edit_names_is_told_once_and_followers_hear_nothing_of_it() {
    let site = Site::start().await;
    let (casey, parker, nora) = (site.app.customer().await, site.app.peer().await, site.app.staff().await);
    ask(&casey, TITLE).await;
    answer(&parker, "Change the channel.").await;
    is_told(&casey, "Parker Peer answered").await;
    for words in ["Change the channel, says @samstaff.", "Change the channel to 40, says @samstaff."] {
        let form = parker.get("/answers/1/edit").await.expect(200);
        parker.submit(&form, "/answers/1/edit", &[("body", words)]).await.expect(200);
        is_told(&nora, &format!("Parker Peer mentioned you in “{TITLE}”")).await;
        eventually("everybody was told", async || count(&site.app, "news").await == 0).await;
    }
    assert_eq!(count(&site.app, "notice WHERE kind = 'named'").await, 1);
    assert_eq!(count(&site.app, &format!("notice WHERE member_id = {}", casey.id)).await, 1);
}
