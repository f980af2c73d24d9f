//! The search field in a real browser with script: what is offered while one types, and the keys that choose among it.

use answerwell::app::App;
use thirtyfour::{Key, TypingData};

use crate::forum::ask;
use crate::support::{Browser, TestApp, eventually};

async fn keys(browser: &Browser, keys: impl Into<TypingData>) {
    browser.action_chain().send_keys(keys).perform().await.expect("keys can be typed");
}

/// How many threads are offered, and the words of the one that is chosen.
async fn offered(browser: &Browser) -> (i64, String) {
    let script = "const list = document.querySelector('.suggested'); \
                  return [list && !list.hidden ? list.children.length : 0, \
                  list?.querySelector('[aria-selected=true] a span')?.textContent ?? '']";
    let told = browser.execute(script, vec![]).await.expect("a script that runs");
    (told.json()[0].as_i64().unwrap_or(-1), told.json()[1].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn what_is_typed_is_offered_and_chosen_by_keys() {
    let Some(browser) = Browser::open(true).await else { return };
    let app = TestApp::start().await;
    let (ada, _jobs) = (app.customer().await, App::start(&app.app));
    for title in ["My router drops the Wi-Fi", "The router blinks orange", "Where is my invoice?"] {
        ask(&ada, title).await;
    }
    eventually("they are found", async || {
        app.visitor().get("/search/suggest?q=rout").await.expect(200).body.matches("role=\"option\"").count() == 2
    })
    .await;
    browser
        .tell("choosing among what is offered", async |browser| {
            browser.visit(&format!("{}/search", app.address)).await;
            browser.fill("Search questions", "rout").await;
            eventually("two are offered", async || offered(browser).await == (2, String::new())).await;
            keys(browser, Key::Down).await;
            let first = offered(browser).await.1;
            keys(browser, Key::Down).await;
            let second = offered(browser).await.1;
            assert!(
                first != second && [&first, &second].iter().all(|title| title.contains("router")),
                "{first} {second}"
            );
            keys(browser, Key::Down).await;
            assert_eq!(offered(browser).await.1, first, "after the last comes the first");
            keys(browser, Key::Escape).await;
            assert_eq!(offered(browser).await.0, 0);
            // What was typed stays, and Enter without a choice searches. Nobody wrote that word; what was offered comes near.
            keys(browser, Key::Enter).await;
            browser.expect_text("This comes near").await;
            browser.expect_text("The router blinks orange").await;
            browser.fill("Search questions", "invo").await;
            eventually("one is offered", async || offered(browser).await.0 == 1).await;
            keys(browser, Key::Down).await;
            keys(browser, Key::Enter).await;
            browser.expect_text("No answer yet").await;
            browser.expect_text("Where is my invoice?").await;
        })
        .await;
}
