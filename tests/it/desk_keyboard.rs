//! Twenty threads by keyboard alone, in a real browser: no mouse, no link clicked, no field chosen but by keys.

use answerwell::members::Role;
use thirtyfour::{Key, TypingData};

use crate::support::{Browser, Person, TestLoop, eventually};

const THREADS: usize = 20;

/// Types keys at whatever has the focus.
async fn keys(browser: &Browser, keys: impl Into<TypingData>) {
    browser.action_chain().send_keys(keys).perform().await.expect("keys can be typed");
}

/// Types a key that leads to another page, and waits until that one stands.
async fn go(browser: &Browser, key: impl Into<TypingData>) {
    let before = page(browser).await;
    let typed = browser.action_chain().send_keys(key).perform().await;
    stands(browser, &before, &format!("{typed:?}")).await;
}

/// Ctrl and Enter, held together: sends what is written, and leads to the next page.
async fn send(browser: &Browser) {
    let before = page(browser).await;
    let chain = browser.action_chain().key_down(Key::Control).send_keys(Key::Enter).key_up(Key::Control);
    let typed = chain.perform().await;
    stands(browser, &before, &format!("{typed:?}")).await;
    // Where the page goes while the keys are down they would stay down.
    browser.action_chain().reset_actions().await.expect("keys can be let go");
}

/// Waits for another page than `before`. The driver may call it a failure that a page goes while keys are typed at it: what
/// they did is what counts.
async fn stands(browser: &Browser, before: &str, typed: &str) {
    let what = format!("another page than {} follows the keys, of which the driver says {typed}", path(browser).await);
    eventually(&what, async || loaded(browser).await.is_some_and(|page| page != before)).await;
}

/// Which page is open, once it is here and its script listens.
async fn page(browser: &Browser) -> String {
    let mut page = None;
    eventually("a page is open", async || {
        page = loaded(browser).await;
        page.is_some()
    })
    .await;
    page.expect("found a moment ago")
}

/// The moment in which the page began, which is its own; `None` while one goes and another comes.
async fn loaded(browser: &Browser) -> Option<String> {
    said(browser, "return document.readyState === 'complete' ? String(performance.timeOrigin) : null").await
}

async fn path(browser: &Browser) -> String {
    said(browser, "return location.pathname").await.unwrap_or_default()
}

async fn focused(browser: &Browser) -> String {
    let script = "const one = document.activeElement; return one.name || one.className || one.tagName";
    said(browser, script).await.unwrap_or_default()
}

/// What a script of ours says of the page; one that just goes says nothing.
async fn said(browser: &Browser, script: &str) -> Option<String> {
    browser.execute(script, vec![]).await.ok()?.json().as_str().map(str::to_owned)
}

async fn answer(who: &Person, question: i64, text: &str) {
    who.post_form(&format!("/questions/{question}/answers"), &[("body", text)]).await.expect(200);
}

#[tokio::test]
async fn twenty_threads_are_worked_by_keyboard_alone() {
    let Some(browser) = Browser::open_for_keys().await else { return };
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.person("Sam Staff", Role::Staff).await);
    let mut posts = Vec::new();
    for number in 0..THREADS {
        let text = format!("@acme router number {number} drops wifi every evening, what now?");
        let (post, question) = ends.asks(&format!("asker_{number}"), &text).await;
        answer(&peer, question, &format!("Set the channel of router {number} to 40, then restart it.")).await;
        posts.push(post);
    }
    let address = ends.address.clone();
    browser
        .tell("desk_keyboard", async |browser| {
            browser.visit(&format!("{address}/sign-in")).await;
            browser.fill("E-mail address", &staff.email).await;
            browser.fill("Password", &staff.password).await;
            go(browser, Key::Enter).await;
            browser.visit(&format!("{address}/desk")).await;
            browser.expect_text("router number 0").await;
            page(browser).await;
            // The list of keys, and out of it again.
            keys(browser, "?").await;
            browser.expect_text("Down and up in the list").await;
            keys(browser, Key::Escape).await;
            // The first row: claimed from the list, then opened.
            keys(browser, "j").await;
            eventually("a row has the focus", async || focused(browser).await.contains("row-title")).await;
            // What acts on many comes with the first tick, and goes with the last.
            let bulk = "return String(document.querySelector('.bulk button[value=settle]').checkVisibility())";
            assert_eq!(said(browser, bulk).await.as_deref(), Some("false"));
            keys(browser, "x").await;
            assert_eq!(said(browser, bulk).await.as_deref(), Some("true"));
            keys(browser, "x").await;
            assert_eq!(said(browser, bulk).await.as_deref(), Some("false"));
            go(browser, "c").await;
            browser.expect_text("Yours").await;
            eventually("the row has the focus again", async || focused(browser).await.contains("row-title")).await;
            go(browser, Key::Enter).await;
            assert!(path(browser).await.starts_with("/desk/questions/"), "{}", path(browser).await);
            for _ in 0..THREADS {
                if path(browser).await.starts_with("/desk/questions/") {
                    go(browser, "v").await;
                }
                let place = path(browser).await;
                assert!(place.starts_with("/desk/answers/"), "{place}");
                eventually("the evidence has the focus", async || focused(browser).await == "evidence").await;
                keys(browser, "Tried on two routers of mine").await;
                send(browser).await;
                assert_ne!(path(browser).await, place, "the next one opens");
            }
            assert_eq!(path(browser).await, "/desk");
            browser.expect_text("Nobody waits").await;
        })
        .await;
    for post in posts {
        ends.replies(&post, 1).await;
    }
}
