//! What arrives while somebody reads, in a real browser: it is said, nothing moves, and one press shows it.

use std::time::Duration;

use answerwell::arrivals::Arrivals;
use answerwell::jobs::Jobs;

use crate::support::{Browser, TestApp};

const ANSWER: &str = "Set the channel to 40, then restart it.";

/// What says it, and how it is announced to who does not see it.
const LINE: &str = "
    const line = document.querySelector('.arrivals');
    return `${line.getAttribute('role')}: ${line.textContent}`;";

async fn said(browser: &Browser, script: &str) -> String {
    browser.execute(script, vec![]).await.expect("a page").json().as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn an_answer_shows_up_while_one_reads_and_the_count_of_people_goes_up() {
    let Some(browser) = Browser::open(true).await else { return };
    let app = TestApp::start().await;
    let mut jobs = Jobs::default();
    Arrivals::start(&app.app, &mut jobs);
    let (customer, peer) = (app.customer().await, app.peer().await);
    let words = [("title", "My router drops the Wi-Fi"), ("body", "Every evening."), ("seen", "yes")];
    customer.post_form("/ask", &words).await.expect(200);
    browser
        .tell("what arrives", async |browser| {
            browser.visit(&format!("{}/questions/1", app.address)).await;
            browser.expect_text("No answer yet").await;
            browser.expect_text("Nobody else has said so yet").await;
            assert_eq!(said(browser, LINE).await, "status: ", "nothing is said of what is there");
            said(browser, "window.unmoved = true; return ''").await;

            peer.post_form("/questions/1/answers", &[("body", ANSWER)]).await.expect(200);
            browser.expect_text("1 new answer – show it").await;
            assert_eq!(said(browser, LINE).await, "status: 1 new answer – show it");
            assert!(!browser.read().await.contains(ANSWER), "nothing moves under the reader");
            peer.post_form("/questions/1/answers", &[("body", "Or buy a cable.")]).await.expect(200);
            browser.expect_text("2 new answers – show them").await;
            peer.post_form("/questions/1/affected", &[("affected", "yes")]).await.expect(200);
            browser.expect_text("1 person has this too").await;
            assert_eq!(said(browser, "return String(window.unmoved)").await, "true", "the page was not loaded again");

            browser.follow("2 new answers – show them").await;
            browser.expect_text(ANSWER).await;
            browser.expect_text("2 answers").await;

            // A list says so as well.
            browser.visit(&format!("{}/newest", app.address)).await;
            browser.expect_text("2 answers").await;
            peer.post_form("/questions/1/answers", &[("body", "Or move it.")]).await.expect(200);
            browser.expect_text("1 question has news – show it").await;
            browser.follow("1 question has news – show it").await;
            browser.expect_text("3 answers").await;
        })
        .await;
    jobs.shut_down(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_comment_shows_up_while_one_reads_and_its_going_does() {
    let Some(browser) = Browser::open(true).await else { return };
    let app = TestApp::start().await;
    let mut jobs = Jobs::default();
    Arrivals::start(&app.app, &mut jobs);
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let words = [("title", "My router drops the Wi-Fi"), ("body", "Every evening."), ("seen", "yes")];
    customer.post_form("/ask", &words).await.expect(200);
    peer.post_form("/questions/1/answers", &[("body", ANSWER)]).await.expect(200);
    let comment = async |text: &str| {
        let said = [("body", text), ("answer_id", "1")];
        customer.post_form("/questions/1/comments", &said).await.expect(200);
    };
    browser
        .tell("comments that arrive", async |browser| {
            browser.visit(&format!("{}/questions/1", app.address)).await;
            browser.expect_text(ANSWER).await;
            said(browser, "document.querySelector('.site-header a').focus(); window.unmoved = true; return ''").await;
            comment("Which one is 40?").await;
            browser.expect_text("1 new comment – show it").await;
            assert_eq!(said(browser, LINE).await, "status: 1 new comment – show it");
            assert!(!browser.read().await.contains("Which one is 40?"), "nothing moves under the reader");
            comment("And how do I restart it?").await;
            browser.expect_text("2 new comments – show them").await;
            peer.post_form("/questions/1/answers", &[("body", "Or buy a cable.")]).await.expect(200);
            browser.expect_text("1 new answer – show it").await;
            browser.expect_text("2 new comments – show them").await;
            let stays = "return String(window.unmoved && document.activeElement.matches('.site-header a'))";
            assert_eq!(said(browser, stays).await, "true", "nobody's place is taken away");

            browser.follow("2 new comments – show them").await;
            browser.expect_text("And how do I restart it?").await;
            assert_eq!(said(browser, "return location.hash").await, "#comment-2");
            assert_eq!(said(browser, LINE).await, "status: ");

            let hide = [("act", "hide"), ("reason", "It helps nobody.")];
            staff.post_form("/desk/moderate/comment-1", &hide).await.expect(200);
            browser.expect_text("Something here was taken away – show what is left").await;
            browser.follow("Something here was taken away – show what is left").await;
            browser.expect_text("Or buy a cable.").await;
            assert!(!browser.read().await.contains("Which one is 40?"));
        })
        .await;
    jobs.shut_down(Duration::from_secs(5)).await;
}
