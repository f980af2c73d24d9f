//! Connecting X, over real HTTP against the twin: an administrator's way to the consent page and back, what can go wrong
//! on it, and an access that stays alive.

use std::time::Duration;

use answerwell::clock::{Clock, Millis};
use answerwell::members::Role;

use crate::support::{APP_KEYS, Answer, Person, TestLoop, Visitor};

const KEYS: &str = "/admin/channels/x/keys";
const CONSENT: &str = "/i/oauth2/authorize";

/// An administrator who entered the app's keys.
async fn admin_with_keys(ends: &TestLoop) -> Person {
    let admin = ends.person("Ada Admin", Role::Admin).await;
    let page = admin.get("/admin/channels").await.expect(200);
    admin.submit(&page, KEYS, &APP_KEYS).await.expect(200).expect_text("Saved.");
    admin
}

/// Goes to X's consent page by the link, and decides there; gives the address to which X leads back.
async fn decided(ends: &TestLoop, admin: &Person, account: &str, decision: &str) -> String {
    let leaving = admin.get("/admin/channels/x/connect").await.expect(303);
    let place = leaving.location().expect("X's page").to_owned();
    let at_x = Visitor::at(&ends.twin_address);
    let page = at_x.get(place.strip_prefix(&ends.twin_address).expect("an address of the twin")).await.expect(200);
    let answer = at_x.submit(&page, CONSENT, &[("as", account), ("decision", decision)]).await.expect(303);
    let back = answer.location().expect("the way back").to_owned();
    back.strip_prefix(&ends.address).expect("our address").to_owned()
}

async fn connected(ends: &TestLoop) -> (Person, Answer) {
    let admin = admin_with_keys(ends).await;
    let back = decided(ends, &admin, "acme", "allow").await;
    let page = admin.get(&back).await.expect(200);
    (admin, page)
}

/// An administrator lets staff see first, or not.
async fn make_public(admin: &Person, page: &Answer) {
    let form = page.links().into_iter().find_map(|link| Some(link.strip_suffix("/spending")?.to_owned()));
    admin.submit(page, &form.expect("a channel"), &[("mode", "mirror")]).await.expect(200).expect_text("Saved.");
}

/// Staff write to whoever posted this.
async fn replied(ends: &TestLoop, staff: &Person, handle: &str) -> String {
    let (post, question) = ends.asks(handle, "@acme my router drops wifi every evening").await;
    let place = format!("/desk/questions/{question}");
    let thread = staff.get(&place).await.expect(200);
    staff.submit(&thread, &format!("{place}/messages"), &[("text", "Which model is it?")]).await.expect(200);
    post
}

fn refreshes(ends: &TestLoop) -> usize {
    ends.twin.calls().iter().filter(|call| call.1 == "/2/oauth2/token").count()
}

#[tokio::test]
async fn an_administrator_connects_x_and_a_mention_arrives_and_is_answered() {
    let ends = TestLoop::start_apart(Clock::Real).await;
    let (admin, page) = connected(&ends).await;
    page.expect_text("@acme on X").expect_text("The account is connected").expect_text("All is well");
    assert!(!page.path.contains("code="), "the code stays out of the address: {}", page.path);
    for (_, secret) in &APP_KEYS[1..] {
        assert!(!page.body.contains(secret), "a page shows {secret}");
    }
    make_public(&admin, &page).await;
    let staff = ends.staff().await;
    let post = replied(&ends, &staff, "mara_w").await;
    ends.replies(&post, 1).await;
    let page = admin.get("/admin/channels").await.expect(200);
    let checked = admin.submit(&page, "/admin/channels/check", &[]).await.expect(200);
    checked.expect_text("X knows us as @acme").expect_text("All is well");
}

#[tokio::test]
async fn only_administrators_connect() {
    let ends = TestLoop::start_apart(Clock::Real).await;
    let staff = ends.staff().await;
    for place in ["/admin/channels", "/admin/channels/x/connect", "/admin/channels/x/callback?state=a&code=b"] {
        staff.get(place).await.expect(403);
        ends.visitor().get(place).await.expect(401);
    }
    staff.post_form(KEYS, &APP_KEYS).await.expect(403);
    // Whose session has ended signs in again, and no page holds what they typed.
    let asked = ends.visitor().post_form(KEYS, &APP_KEYS).await.expect(401);
    assert!(!asked.body.contains("client-secret") && !asked.body.contains("consumer_secret"), "{}", asked.body);
}

#[tokio::test]
async fn wrong_keys_are_told_at_once_and_never_echoed() {
    let ends = TestLoop::start_apart(Clock::Real).await;
    let admin = ends.person("Ada Admin", Role::Admin).await;
    let page = admin.get("/admin/channels").await.expect(200);
    let mut wrong = APP_KEYS;
    wrong[3].1 = "mistyped-secret";
    let again = admin.submit(&page, KEYS, &wrong).await.expect(422);
    again.expect_text("X does not accept this API key with this secret");
    assert!(!again.body.contains("mistyped-secret") && again.body.contains("client-id"), "{}", again.body);
    wrong[3].1 = "two words";
    admin.submit(&page, KEYS, &wrong).await.expect(422).expect_text("have no spaces");
    admin.get("/admin/channels/x/connect").await.expect(422).expect_text("Enter the keys of your app first");
}

#[tokio::test]
async fn a_way_back_that_is_refused_strange_or_late_changes_nothing() {
    let clock = Clock::fixed(Millis::parse_rfc3339("2026-11-22T09:00:00Z").unwrap());
    let ends = TestLoop::start_apart(clock.clone()).await;
    let admin = admin_with_keys(&ends).await;
    let refused = decided(&ends, &admin, "acme", "refuse").await;
    admin.get(&refused).await.expect(422).expect_text("access was refused. Nothing was changed");
    let code = decided(&ends, &admin, "acme", "allow").await;
    let other = ends.person("Otto Other", Role::Admin).await;
    other.get(&code).await.expect(422).expect_text("begun here, by you");
    admin.get(&code).await.expect(422).expect_text("or it was used already");
    let made_up = "/admin/channels/x/callback?state=made-up&code=made-up";
    admin.get(made_up).await.expect(422).expect_text("Nothing was changed");
    let late = decided(&ends, &admin, "acme", "allow").await;
    clock.advance(Duration::from_secs(31));
    admin.get(&late).await.expect(422).expect_text("A code lives 30 seconds");
    let page = admin.get("/admin/channels").await.expect(200);
    assert!(!page.says("@acme on X"), "{}", page.text());
}

#[tokio::test]
async fn an_access_that_ends_is_renewed_and_the_reply_still_goes_out() {
    let ends = TestLoop::start_apart(Clock::Real).await;
    let (admin, page) = connected(&ends).await;
    make_public(&admin, &page).await;
    let staff = ends.staff().await;
    // As if it had been given two hours ago: X refuses it at the next call.
    ends.twin.expire_access("acme").unwrap();
    let post = replied(&ends, &staff, "mara_w").await;
    ends.replies(&post, 1).await;
    assert_eq!(refreshes(&ends), 2, "the code, and one renewal");
}
