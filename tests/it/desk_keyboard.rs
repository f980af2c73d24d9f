//! Twenty threads by keyboard alone, in a real browser: no mouse, no link clicked, no field chosen but by keys.

use answerwell::members::Role;
use thirtyfour::error::WebDriverResult;
use thirtyfour::{By, Key, TypingData};

use crate::support::{Browser, Person, TestLoop, eventually};

const THREADS: usize = 20;

/// Types keys at whatever has the focus.
async fn keys(browser: &Browser, keys: impl Into<TypingData>) {
    browser.action_chain().send_keys(keys).perform().await.expect("keys can be typed");
}

/// Ctrl and Enter, held together.
async fn send(browser: &Browser) {
    left(browser.action_chain().key_down(Key::Control).send_keys(Key::Enter).key_up(Key::Control).perform().await);
}

/// Types a key that leads to another page. The driver calls it a failure when the page goes while it still looks at it;
/// whether the other page came is seen next.
async fn leave(browser: &Browser, key: impl Into<TypingData>) {
    left(browser.action_chain().send_keys(key).perform().await);
}

fn left(typed: WebDriverResult<()>) {
    if let Err(error) = typed {
        assert!(error.to_string().contains("navigation"), "{error}");
    }
}

async fn path(browser: &Browser) -> String {
    browser.current_url().await.expect("an address").path().to_owned()
}

/// Waits until the page with this beginning of its path is open and its script listens.
async fn at(browser: &Browser, beginning: &str) {
    eventually(&format!("{beginning} is open"), async || {
        let ready = browser.execute("return document.readyState", vec![]).await;
        path(browser).await.starts_with(beginning) && ready.is_ok_and(|state| state.json().as_str() == Some("complete"))
    })
    .await;
}

/// Whether the page says this now; one that is going says nothing.
async fn shows(browser: &Browser, words: &str) -> bool {
    let Ok(page) = browser.find(By::Tag("body")).await else { return false };
    page.text().await.is_ok_and(|text| text.contains(words))
}

async fn focused(browser: &Browser) -> String {
    let script = "const one = document.activeElement; return one.name || one.className || one.tagName";
    let answer = browser.execute(script, vec![]).await.expect("a page");
    answer.json().as_str().unwrap_or_default().to_owned()
}

async fn answer(who: &Person, question: i64, text: &str) {
    who.post_form(&format!("/questions/{question}/answers"), &[("body", text)]).await.expect(200);
}

#[tokio::test]
async fn twenty_threads_are_worked_by_keyboard_alone() {
    let Some(browser) = Browser::open(true).await else { return };
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
            leave(browser, Key::Enter).await;
            eventually("the sign-in is done", async || path(browser).await != "/sign-in").await;
            browser.visit(&format!("{address}/desk")).await;
            browser.expect_text("router number 0").await;
            // The list of keys, and out of it again.
            keys(browser, "?").await;
            browser.expect_text("Down and up in the list").await;
            keys(browser, Key::Escape).await;
            // The first row: claimed from the list, then opened.
            keys(browser, "j").await;
            eventually("a row has the focus", async || focused(browser).await.contains("row-title")).await;
            // The driver may type it again where the page goes under it, and so give it back.
            eventually("the row is claimed", async || {
                let is_mine = shows(browser, "Yours").await;
                if !is_mine {
                    leave(browser, "c").await;
                }
                is_mine
            })
            .await;
            eventually("the row has the focus again", async || focused(browser).await.contains("row-title")).await;
            leave(browser, Key::Enter).await;
            for number in 0..THREADS {
                if path(browser).await.starts_with("/desk/questions/") || number == 0 {
                    at(browser, "/desk/questions/").await;
                    leave(browser, "v").await;
                }
                at(browser, "/desk/answers/").await;
                eventually("the evidence has the focus", async || focused(browser).await == "evidence").await;
                keys(browser, "Tried on two routers of mine").await;
                let before = path(browser).await;
                send(browser).await;
                eventually("the next one opens", async || path(browser).await != before).await;
            }
            at(browser, "/desk").await;
            browser.expect_text("Nobody waits").await;
        })
        .await;
    for post in posts {
        ends.replies(&post, 1).await;
    }
}
