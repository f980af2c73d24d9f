//! The product's main job as a person lives it, in a real browser: a post on a network becomes a question, a peer
//! answers, staff verify, the reply stands under the original, the asker's follow-up lands in the thread.
//!
//! One story, told on each network, with script and without: nothing in it may need script, and script may break nothing
//! of it. What is only visible below the pages (requests, states, counts) is in the tests of each slice.

use crate::support::{Browser, FacebookLoop, TestApp, TestLoop};

const TITLE: &str = "My router drops wifi every evening, is it just me?";
const FIX: &str = "It is not just you. Set the channel to 40 under Wi-Fi, Advanced, then restart.";
const EVIDENCE: &str = "Tried on two routers in the lab for a week";
const MORE: &str = "Tell us how it went!";
const FOLLOW_UP: &str = "Channel 40 did it, the whole evening without a drop. Thank you!";

/// What is said and seen otherwise from one network to the other.
struct Words {
    network: &'static str,
    /// The labels of the form in which one posts, and of the one in which one replies.
    post_as: &'static str,
    what: &'static str,
    reply_as: &'static str,
    reply: &'static str,
    post: &'static str,
    /// Staff know who they are: the row of their list begins with what is said.
    on_the_desk: &'static str,
    /// How the asker is called, there and here, and how we are called there.
    asker: &'static str,
    us: &'static str,
    longest: &'static str,
}

const ON_X: Words = Words {
    network: "X",
    post_as: "Post as",
    what: "What is happening?",
    reply_as: "Reply as",
    reply: "Reply",
    post: "@acme my router drops wifi every evening, is it just me?",
    on_the_desk: "my router drops wifi every evening, is it just me?",
    asker: "@mara_w",
    us: "@acme",
    longest: "280",
};

const ON_FACEBOOK: Words = Words {
    network: "Facebook",
    post_as: "Write as",
    what: "What is on your mind?",
    reply_as: "As",
    reply: "Send",
    post: TITLE,
    on_the_desk: TITLE,
    asker: "Mara W",
    us: "Acme",
    longest: "8000",
};

#[tokio::test]
async fn a_post_finds_its_answer_and_the_reply_goes_back_with_script() {
    tell_on_x(true).await;
}

#[tokio::test]
async fn a_post_finds_its_answer_and_the_reply_goes_back_without_script() {
    tell_on_x(false).await;
}

#[tokio::test]
async fn a_visitor_of_our_page_finds_an_answer_under_their_post_with_script() {
    tell_on_facebook(true).await;
}

#[tokio::test]
async fn a_visitor_of_our_page_finds_an_answer_under_their_post_without_script() {
    tell_on_facebook(false).await;
}

async fn tell_on_x(javascript: bool) {
    let Some(browser) = Browser::open(javascript).await else { return };
    let ends = TestLoop::start().await;
    let name = format!("the loop on X, script {javascript}");
    browser.tell(&name, async |browser| the_story(browser, &ends, &ends.twin_address, &ON_X, javascript).await).await;
}

async fn tell_on_facebook(javascript: bool) {
    let Some(browser) = Browser::open(javascript).await else { return };
    let ends = FacebookLoop::start().await;
    let name = format!("the loop on Facebook, script {javascript}");
    let told = async |browser: &Browser| the_story(browser, &ends, &ends.twin_address, &ON_FACEBOOK, javascript).await;
    browser.tell(&name, told).await;
}

async fn the_story(browser: &Browser, forum: &TestApp, twin: &str, words: &Words, javascript: bool) {
    let (peer, staff) = (forum.peer().await, forum.staff().await);

    // A new customer complains on the network.
    browser.visit(twin).await;
    browser.fill(words.post_as, "mara_w").await;
    browser.fill("Name, if new", "Mara W").await;
    browser.fill(words.what, words.post).await;
    browser.press("Post").await;
    browser.expect_text(words.post).await;

    // It is a question, and says where it came from.
    browser.visit(&forum.address).await;
    browser.reload_until(TITLE).await;
    browser.follow(TITLE).await;
    browser.expect_text(&format!("Asked on {} by {}", words.network, words.asker)).await;

    // A peer knows the answer, and clicks twice where once is enough.
    browser.follow("Sign in to answer").await;
    browser.fill("E-mail address", &peer.email).await;
    browser.fill("Password", &peer.password).await;
    browser.press("Sign in").await;
    browser.expect_text("Do you know the answer?").await;
    browser.fill("Your answer", FIX).await;
    browser.press_twice("Answer").await;
    browser.expect_text("Do you know more?").await;
    let thread = browser.read().await;
    assert_eq!(thread.matches(FIX).count(), 1, "one answer, whatever was clicked: {thread}");
    browser.unfold("Parker Peer").await;
    browser.press("Sign out").await;

    // Staff find it on the desk, vouch for it and send it with one button.
    browser.follow("Sign in").await;
    browser.fill("E-mail address", &staff.email).await;
    browser.fill("Password", &staff.password).await;
    browser.press("Sign in").await;
    browser.follow("Desk").await;
    browser.follow(words.on_the_desk).await;
    browser.follow("Verify").await;
    browser.expect_text(&format!("{} of {} characters", FIX.len(), words.longest)).await;
    browser.fill("Evidence", EVIDENCE).await;
    let short_form = format!("{FIX} {MORE}");
    browser.fill("Short form", &short_form).await;
    if javascript {
        browser.expect_text(&format!("{} of {} characters", short_form.len(), words.longest)).await;
        // In the preview, as it will stand there.
        browser.expect_text(&short_form).await;
    }
    browser.press(&format!("Verify and send to {}", words.asker)).await;
    let view_reply = format!("View reply on {}", words.network);
    browser.reload_until(&view_reply).await;

    // Everybody sees who vouches for it on what evidence, and what went where.
    browser.follow("See it as everybody does").await;
    browser.expect_text(&format!("Where it went to {} on {} Sent", words.asker, words.network)).await;
    browser.unfold("Verified by Sam Staff").await;
    browser.expect_text(EVIDENCE).await;

    // The link leads to the network, where the reply stands under the original.
    browser.follow(&view_reply).await;
    let posts = browser.read_each("article").await;
    assert_eq!(posts.len(), 2, "{posts:?}");
    assert!(posts[0].contains(words.asker) && posts[0].contains(words.post), "{posts:?}");
    assert!(posts[1].contains(words.us) && posts[1].contains(&short_form), "{posts:?}");

    // The customer replies there, and it lands in the thread.
    browser.unfold_in(&short_form, "Reply").await;
    browser.fill(words.reply_as, "mara_w").await;
    browser.fill("Text", FOLLOW_UP).await;
    browser.press(words.reply).await;
    browser.expect_text(FOLLOW_UP).await;
    browser.visit(&forum.address).await;
    browser.follow(TITLE).await;
    browser.reload_until(FOLLOW_UP).await;
    browser.expect_text(&format!("{} asked the question", words.asker)).await;
    browser.follow("View original").await;
    browser.expect_text(FOLLOW_UP).await;
}
