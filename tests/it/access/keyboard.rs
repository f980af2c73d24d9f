//! A customer and a peer without a mouse, in a real browser: signing in, asking, answering, voting, commenting, notices and
//! settings, by keys alone. Wherever a key leads, the focus is to be seen, and says what it is on.

use thirtyfour::Key;

use crate::support::{Browser, Person, TestApp, eventually};

/// More stops than any page has before what one looks for.
const MOST_STOPS: usize = 120;

/// Presses a button as it is let go. Of the other key, Enter, the driver may type the end on the page that comes, which may
/// begin in a field that is sent by it.
const SPACE: &str = " ";

/// What has the focus: its name for people, and whether it is seen to have it.
const FOCUS: &str = "
    const one = document.activeElement;
    const style = getComputedStyle(one);
    const label = one.labels?.[0]?.textContent;
    const name = one.getAttribute('aria-label') ?? label ?? one.textContent;
    const box = one.getBoundingClientRect();
    const inside = box.bottom > 0 && box.top < innerHeight && box.width > 0 && box.height > 0;
    const marked = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    const fault = one === document.body ? '' : !inside ? 'out of sight' : !marked ? 'without a mark' : '';
    return [name.replace(/\\s+/g, ' ').trim(), fault, one.tagName];";

async fn keys(browser: &Browser, keys: impl Into<thirtyfour::TypingData>) {
    browser.action_chain().send_keys(keys).perform().await.expect("keys can be typed");
}

/// The name of what has the focus, which must be seen to have it.
async fn focused(browser: &Browser) -> String {
    let told = browser.execute(FOCUS, vec![]).await.expect("a page that stays");
    let told: [String; 3] = serde_json::from_value(told.json().clone()).expect("a name, a fault and a tag");
    let [name, fault, tag] = told;
    assert!(fault.is_empty(), "the focus is on {tag} {name:?}, {fault}");
    assert!(!name.is_empty() || tag == "BODY", "the focus is on a {tag} without a name");
    name
}

/// Goes on by the tab key to what is called so.
async fn tab_to(browser: &Browser, name: &str) {
    let mut met = Vec::new();
    for _ in 0..MOST_STOPS {
        keys(browser, Key::Tab).await;
        let here = focused(browser).await;
        if here.starts_with(name) {
            return;
        }
        met.push(here);
    }
    panic!("no tab leads to {name:?}, only to {met:?}");
}

/// Types a key that leads to another page, and waits until that one stands.
async fn go(browser: &Browser, key: impl Into<thirtyfour::TypingData>) {
    let before = moment(browser).await;
    // The driver may call it a failure that a page goes while keys are typed at it: what they did is what counts.
    let typed = browser.action_chain().send_keys(key).perform().await;
    eventually(&format!("another page follows the key, of which the driver says {typed:?}"), async || {
        let now = loaded(browser).await;
        now.is_some() && now != before
    })
    .await;
}

async fn moment(browser: &Browser) -> Option<String> {
    let mut here = None;
    eventually("a page is open", async || {
        here = loaded(browser).await;
        here.is_some()
    })
    .await;
    here
}

/// The moment in which the page began, which is its own; `None` while one goes and another comes.
async fn loaded(browser: &Browser) -> Option<String> {
    let script = "return document.readyState === 'complete' ? String(performance.timeOrigin) : null";
    browser.execute(script, vec![]).await.ok()?.json().as_str().map(str::to_owned)
}

async fn sign_in(browser: &Browser, person: &Person) {
    tab_to(browser, "Sign in").await;
    go(browser, Key::Enter).await;
    // The page of the sign-in begins in its first field.
    eventually("the first field has the focus", async || focused(browser).await.starts_with("E-mail")).await;
    keys(browser, person.email.as_str()).await;
    tab_to(browser, "Password").await;
    keys(browser, person.password.as_str()).await;
    tab_to(browser, "Sign in").await;
    go(browser, SPACE).await;
}

async fn sign_out(browser: &Browser) {
    tab_to(browser, "You:").await;
    keys(browser, Key::Enter).await;
    tab_to(browser, "Sign out").await;
    go(browser, SPACE).await;
}

#[tokio::test]
async fn everything_a_customer_does_is_done_by_keys_alone() {
    let Some(browser) = Browser::open_for_keys().await else { return };
    let app = TestApp::start().await;
    let (customer, peer) = (app.customer().await, app.peer().await);
    browser
        .tell("by keys alone", async |browser| {
            browser.visit(&format!("{}/people", app.address)).await;
            moment(browser).await;
            // The first stop leads past all that is the same on every page.
            tab_to(browser, "Skip to the content").await;
            keys(browser, Key::Enter).await;
            keys(browser, Key::Tab).await;
            let first = "return document.activeElement.closest('main') !== null";
            assert_eq!(browser.execute(first, vec![]).await.unwrap().json().as_bool(), Some(true), "into the content");
            browser.visit(&format!("{}/people", app.address)).await;
            moment(browser).await;
            sign_in(browser, &customer).await;

            asks(browser).await;
            sign_out(browser).await;

            sign_in(browser, &peer).await;
            browser.expect_text("My hub hums").await;
            tab_to(browser, "My hub hums").await;
            go(browser, Key::Enter).await;
            answers(browser).await;
            sign_out(browser).await;

            browser.visit(&app.address).await;
            moment(browser).await;
            sign_in(browser, &customer).await;
            reads_and_chooses(browser).await;
        })
        .await;
}

/// First with nothing written: what is wrong has the focus, says what to do, and leads to its field.
async fn asks(browser: &Browser) {
    tab_to(browser, "Ask").await;
    go(browser, Key::Enter).await;
    eventually("the title has the focus", async || focused(browser).await.starts_with("What goes wrong")).await;
    keys(browser, "   ").await;
    tab_to(browser, "What happens?").await;
    keys(browser, "At night, like a bee.").await;
    tab_to(browser, "Tags").await;
    keys(browser, "hub").await;
    tab_to(browser, "Ask").await;
    go(browser, Key::Enter).await;
    let summary = "return document.activeElement.matches('.problems') && document.activeElement.getAttribute('role')";
    eventually("the problems have the focus", async || {
        let told = browser.execute(summary, vec![]).await;
        told.is_ok_and(|told| told.json().as_str() == Some("alert"))
    })
    .await;
    keys(browser, Key::Tab).await;
    keys(browser, Key::Enter).await;
    let field = "const one = document.activeElement; return one.id === 'title' && one.getAttribute('aria-invalid') === 'true' \
                 && one.getAttribute('aria-describedby').split(' ').every((id) => document.getElementById(id))";
    eventually("the problem leads to its field", async || {
        let told = browser.execute(field, vec![]).await;
        told.is_ok_and(|told| told.json().as_bool() == Some(true))
    })
    .await;
    keys(browser, "My hub hums all night").await;
    tab_to(browser, "Tags").await;
    tab_to(browser, "Ask").await;
    go(browser, Key::Enter).await;
    browser.expect_text("No answer yet").await;
}

async fn answers(browser: &Browser) {
    tab_to(browser, "This helps").await;
    go(browser, Key::Enter).await;
    tab_to(browser, "Add a comment").await;
    keys(browser, Key::Enter).await;
    tab_to(browser, "Your comment").await;
    keys(browser, "Is it warm, too?").await;
    tab_to(browser, "Comment").await;
    go(browser, Key::Enter).await;
    browser.expect_text("Is it warm, too?").await;
    tab_to(browser, "I have this too").await;
    go(browser, Key::Enter).await;
    browser.expect_text("You have this too").await;
    tab_to(browser, "Your answer").await;
    keys(browser, "A cloth under it keeps it still.").await;
    tab_to(browser, "Answer").await;
    go(browser, Key::Enter).await;
    browser.expect_text("1 answer").await;
}

async fn reads_and_chooses(browser: &Browser) {
    tab_to(browser, "Notices").await;
    go(browser, Key::Enter).await;
    tab_to(browser, "How you are told").await;
    go(browser, Key::Enter).await;
    tab_to(browser, "Follow automatically").await;
    keys(browser, " ").await;
    tab_to(browser, "Save").await;
    go(browser, Key::Enter).await;
    let chosen = "return document.querySelector('[name=follows_own]').checked";
    assert_eq!(browser.execute(chosen, vec![]).await.unwrap().json().as_bool(), Some(false), "what was chosen stays");
    tab_to(browser, "You:").await;
    keys(browser, Key::Enter).await;
    tab_to(browser, "Your account").await;
    go(browser, Key::Enter).await;
    tab_to(browser, "Change your profile").await;
    go(browser, Key::Enter).await;
    tab_to(browser, "Title").await;
    keys(browser, "Runs forty hubs").await;
    tab_to(browser, "Save").await;
    go(browser, Key::Enter).await;
    browser.expect_text("Runs forty hubs").await;
}
