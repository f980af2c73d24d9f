//! The product's main job as a person lives it, in a real browser: a post on the network becomes a question, a peer
//! answers, staff verify, the reply stands under the original, the asker's follow-up lands in the thread.
//!
//! One story, told with script and without: nothing in it may need script, and script may break nothing of it. What is
//! only visible below the pages (requests, states, counts) is in the tests of each slice.

use crate::support::{Browser, TestLoop};

const POST: &str = "@acme my router drops wifi every evening, is it just me?";
const TITLE: &str = "My router drops wifi every evening, is it just me?";
/// Staff know who they are: the row of their list begins with what is said.
const ON_THE_DESK: &str = "my router drops wifi every evening, is it just me?";
const FIX: &str = "It is not just you. Set the channel to 40 under Wi-Fi, Advanced, then restart.";
const EVIDENCE: &str = "Tried on two routers in the lab for a week";
const MORE: &str = "Tell us how it went!";
const FOLLOW_UP: &str = "Channel 40 did it, the whole evening without a drop. Thank you!";

#[tokio::test]
async fn a_post_finds_its_answer_and_the_reply_goes_back_with_script() {
    tell(true).await;
}

#[tokio::test]
async fn a_post_finds_its_answer_and_the_reply_goes_back_without_script() {
    tell(false).await;
}

async fn tell(javascript: bool) {
    let Some(browser) = Browser::open(javascript).await else { return };
    let ends = TestLoop::start().await;
    let name = if javascript { "the loop with script" } else { "the loop without script" };
    browser.tell(name, async |browser| the_story(browser, &ends, javascript).await).await;
}

async fn the_story(browser: &Browser, ends: &TestLoop, javascript: bool) {
    let (peer, staff) = (ends.peer().await, ends.staff().await);

    // A new customer complains on the network.
    browser.visit(&ends.twin_address).await;
    browser.fill("Post as", "mara_w").await;
    browser.fill("Name, if new", "Mara W").await;
    browser.fill("What is happening?", POST).await;
    browser.press("Post").await;
    browser.expect_text(POST).await;

    // It is a question, and says where it came from.
    browser.visit(&ends.address).await;
    browser.reload_until(TITLE).await;
    browser.follow(TITLE).await;
    browser.expect_text("Asked on X by @mara_w").await;

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
    browser.follow(ON_THE_DESK).await;
    browser.follow("Verify").await;
    browser.expect_text(&format!("{} of 280 characters", FIX.len())).await;
    browser.fill("Evidence", EVIDENCE).await;
    let short_form = format!("{FIX} {MORE}");
    browser.fill("Short form", &short_form).await;
    if javascript {
        browser.expect_text(&format!("{} of 280 characters", short_form.len())).await;
        // In the preview, as it will stand there.
        browser.expect_text(&short_form).await;
    }
    browser.press("Verify and send to @mara_w").await;
    browser.reload_until("View reply on X").await;

    // Everybody sees who vouches for it on what evidence, and what went where.
    browser.follow("See it as everybody does").await;
    browser.expect_text("Where it went to @mara_w on X Sent").await;
    browser.unfold("Verified by Sam Staff").await;
    browser.expect_text(EVIDENCE).await;

    // The link leads to the network, where the reply stands under the original.
    browser.follow("View reply on X").await;
    let posts = browser.read_each("article").await;
    assert_eq!(posts.len(), 2, "{posts:?}");
    assert!(posts[0].contains("@mara_w") && posts[0].contains(POST), "{posts:?}");
    assert!(posts[1].contains("@acme") && posts[1].contains(&short_form), "{posts:?}");

    // The customer replies there, and it lands in the thread.
    browser.unfold_in(&short_form, "Reply").await;
    browser.fill("Reply as", "mara_w").await;
    browser.fill("Text", FOLLOW_UP).await;
    browser.press("Reply").await;
    browser.expect_text(FOLLOW_UP).await;
    browser.visit(&ends.address).await;
    browser.follow(TITLE).await;
    browser.reload_until(FOLLOW_UP).await;
    browser.expect_text("@mara_w asked the question").await;
    browser.follow("View original").await;
    browser.expect_text(FOLLOW_UP).await;
}
