//! Connecting X, over real HTTP against the twin: an administrator's way to the consent page and back, what can go wrong
//! on it, and an access that stays alive.

use std::time::Duration;

use answerwell::app::App;
use answerwell::bridge::access::{self, Renewed};
use answerwell::clock::{Clock, Millis};
use answerwell::members::Role;
use answerwell::sim::x::{Fault, FaultKind};
use reqwest::Method;

use crate::support::{APP_KEYS, Answer, Person, TestLoop, Visitor, eventually};

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
    consented(ends, admin, account, account, decision).await
}

/// The same, where another account is signed in at X than the one that is meant.
async fn consented(ends: &TestLoop, admin: &Person, meant: &str, account: &str, decision: &str) -> String {
    let leaving = admin.get(&format!("/admin/channels/x/connect?account={meant}")).await.expect(200);
    let to_x = |link: &String| link.starts_with(&ends.twin_address);
    let place = leaving.links().into_iter().find(to_x).expect("X's page").replace("&#38;", "&");
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

/// How often X gave tokens: for the code, and for each renewal.
fn refreshes(ends: &TestLoop) -> usize {
    ends.twin.calls().iter().filter(|(_, path, status)| path == "/2/oauth2/token" && *status == 200).count()
}

#[tokio::test]
async fn an_administrator_connects_x_and_a_mention_arrives_and_is_answered() {
    let ends = TestLoop::start_apart(Clock::Real).await;
    ends.twin.set_premium("acme", true).unwrap();
    let (admin, page) = connected(&ends).await;
    assert_eq!(ends.app.bridge.channels()[0].account.length("").limit, 25_000);
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
    let mut other = APP_KEYS;
    other[0].1 = "somebody-elses-client";
    let again = admin.submit(&page, KEYS, &other).await.expect(422);
    again.expect_text("does not accept the client id and secret");
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
    admin.get(&late).await.expect(422).expect_text("A code counts once and lives for moments");
    let page = admin.get("/admin/channels").await.expect(200);
    assert!(!page.says("@acme on X"), "{}", page.text());
}

#[tokio::test]
async fn only_the_account_that_was_meant_is_connected() {
    let ends = TestLoop::start_apart(Clock::Real).await;
    let admin = admin_with_keys(&ends).await;
    ends.twin.user("ceo_private", "The boss", 10).unwrap();
    admin.get("/admin/channels/x/connect").await.expect(200).expect_text("Which account of X?");
    admin.get("/admin/channels/x/connect?account=no+handle").await.expect(422).expect_text("no account of X's");
    let back = consented(&ends, &admin, "acme", "ceo_private", "allow").await;
    let told = admin.get(&back).await.expect(422);
    told.expect_text("signed in as @ceo_private, not as @acme").expect_text("the access was given back");
    assert!(ends.app.bridge.channels().is_empty(), "nothing is read of an account that nobody meant");
    assert_eq!(ends.twin.disconnect("ceo_private").unwrap(), 0, "and X knows of no access to it");
    let back = consented(&ends, &admin, "@Acme", "acme", "allow").await;
    admin.get(&back).await.expect(200).expect_text("All is well");
}

#[tokio::test]
async fn an_access_that_ends_is_renewed_and_the_reply_still_goes_out() {
    let ends = TestLoop::start_apart(Clock::Real).await;
    renewed(&ends).await;
}

/// Staff of a company whose access ended and was renewed on the way of a reply.
async fn renewed(ends: &TestLoop) -> Person {
    let (admin, page) = connected(ends).await;
    make_public(&admin, &page).await;
    let staff = ends.staff().await;
    // As if it had been given two hours ago: X refuses it at the next call.
    ends.twin.expire_access("acme").unwrap();
    let post = replied(ends, &staff, "mara_w").await;
    ends.replies(&post, 1).await;
    assert_eq!(refreshes(ends), 2, "the code, and one renewal");
    staff
}

#[tokio::test]
async fn an_access_is_renewed_before_it_ends() {
    let clock = Clock::fixed(Millis::parse_rfc3339("2026-11-22T09:00:00Z").unwrap());
    let ends = TestLoop::start_apart(clock.clone()).await;
    let (admin, page) = connected(&ends).await;
    page.expect_text("renewed by itself before 22 Nov 2026, 11:00 UTC");
    assert_eq!(refreshes(&ends), 1, "the code");
    clock.advance(Duration::from_secs(91 * 60));
    eventually("the access is renewed", async || refreshes(&ends) == 2).await;
    eventually("the newer one is in use", async || {
        let page = admin.get("/admin/channels").await;
        let looked = admin.submit(&page, "/admin/channels/check", &[]).await;
        looked.says("renewed by itself before 22 Nov 2026, 12:31 UTC") && looked.says("X knows us as @acme")
    })
    .await;
}

#[tokio::test]
async fn a_refresh_token_that_is_used_up_is_told_and_connecting_again_mends_it() {
    let ends = TestLoop::start_apart(Clock::Real).await;
    let (admin, page) = connected(&ends).await;
    make_public(&admin, &page).await;
    let staff = ends.staff().await;
    // X renews, and its answer is lost: the only refresh token is used up.
    ends.twin.expire_access("acme").unwrap();
    ends.twin.set_fault(Fault::new(FaultKind::DropAfter, 1).on("POST", "/2/oauth2/token"));
    let post = replied(&ends, &staff, "mara_w").await;
    let told = "Nothing is sent or read there";
    eventually("administrators are told", async || admin.get("/admin/channels").await.says(told)).await;
    let page = admin.get("/admin/channels").await;
    page.expect_text("Needs you").expect_text("Connect the account again").expect_text("was lost");
    for words in [told, "Connect the account again"] {
        assert_eq!(page.text().matches(words).count(), 1, "once is enough: {}", page.text());
    }
    assert!(!page.says("Access Well"), "what was found before holds no more: {}", page.text());
    let waiting = "It waits until an administrator has mended the access of our account";
    staff.get("/desk/deliveries").await.expect_text(waiting);
    let back = decided(&ends, &admin, "acme", "allow").await;
    admin.get(&back).await.expect(200).expect_text("All is well");
    ends.replies(&post, 1).await;
}

#[tokio::test]
async fn of_two_processes_one_renews() {
    let ends = TestLoop::start_apart(Clock::Real).await;
    connected(&ends).await;
    let other = App::build(ends.app.config.clone(), Clock::Real).await.unwrap();
    let channel = ends.app.bridge.channels()[0].id;
    ends.twin.expire_access("acme").unwrap();
    let (here, there) = tokio::join!(access::renew(&ends.app, channel, 0), access::renew(&other, channel, 0));
    let renewed = [here.unwrap(), there.unwrap()];
    assert!(renewed.contains(&Renewed::Newer), "{renewed:?}");
    assert!(!renewed.iter().any(|one| matches!(one, Renewed::Never(_))), "{renewed:?}");
    assert_eq!(refreshes(&ends), 2, "the code, and one renewal");
    for app in [&*ends.app, &other] {
        app.bridge.reload(&app.db).await.unwrap();
        let channel = app.bridge.channel(channel).expect("a connected account");
        assert_eq!(channel.account.me().await.expect("an access that works").handle, "acme");
    }
}

#[tokio::test]
async fn a_consumer_secret_is_changed_without_losing_an_event() {
    let ends = TestLoop::start_apart(Clock::Real).await;
    let (admin, page) = connected(&ends).await;
    make_public(&admin, &page).await;
    ends.twin.rotate_consumer_secret("newer_secret").unwrap();
    let page = admin.get("/admin/channels").await.expect(200);
    let saved = admin.submit(&page, KEYS, &[("signing_secret", "newer_secret")]).await.expect(200);
    saved.expect_text("signs with the earlier one is taken, too");
    ends.twin.set_fault(Fault::new(FaultKind::OldSignature, 1));
    ends.asks("mara_w", "@acme my router drops wifi every evening").await;
    ends.asks("tom_k", "@acme and mine does so every morning").await;
    let ended = admin.submit(&saved, "/admin/channels/x/rotated", &[]).await.expect(200);
    assert!(!ended.says("the earlier one is taken"), "{}", ended.text());
    ends.asks("ida_r", "@acme mine works, thank you").await;
}

#[tokio::test]
async fn what_anybody_may_have_signed_is_no_event() {
    let ends = TestLoop::start().await;
    let (post, question) = ends.asks("mara_w", "@acme my router drops wifi every evening").await;
    let visitor = ends.visitor();
    let challenge = async |token: &str| {
        let query = serde_urlencoded::to_string([("crc_token", token)]).unwrap();
        visitor.get(&format!("/webhooks/x?{query}")).await
    };
    let signature = |answer: &Answer| answer.json()["response_token"].as_str().unwrap().to_owned();
    // Anybody may ask for the answer to a challenge, so it must not be the signature of an event.
    let event = format!(r#"{{"data":{{"event_type":"post.delete","payload":{{"id":"{post}"}}}}}}"#);
    challenge(&event).await.expect(400).expect_text("is none");
    challenge(&"a".repeat(201)).await.expect(400);
    let plain = challenge("0f1e2d3c4b5a").await.expect(200);
    let sent = visitor.request(Method::POST, "/webhooks/x").header("x-twitter-webhooks-signature", signature(&plain));
    visitor.send(sent.body("0f1e2d3c4b5a")).await.expect(400).expect_text("no JSON object");
    visitor.get(&format!("/questions/{question}")).await.expect(200).expect_text("drops wifi");
}

#[tokio::test]
async fn a_key_that_is_lost_is_replaced_only_where_an_administrator_says_so() {
    let ends = TestLoop::start_apart(Clock::Real).await;
    let (admin, _) = connected(&ends).await;
    let file = ends.app.config.data.join("secret.key");
    let lost = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let page = admin.get("/admin/channels").await.expect(200);
    let refused = admin.submit(&page, KEYS, &APP_KEYS).await.expect(422);
    refused.expect_text("is missing. Put it back").expect_text("lost for good");
    assert!(!file.exists(), "what is sealed was not shut for the other nodes");
    let mut anew = APP_KEYS.to_vec();
    anew.push(("anew", "yes"));
    admin.submit(&refused, KEYS, &anew).await.expect(200).expect_text("Saved.");
    assert_ne!(std::fs::read_to_string(&file).unwrap(), lost);
    let back = decided(&ends, &admin, "acme", "allow").await;
    admin.get(&back).await.expect(200).expect_text("All is well");
    make_public(&admin, &admin.get("/admin/channels").await).await;
    ends.asks("mara_w", "@acme my router drops wifi every evening").await;
}

#[tokio::test]
async fn a_new_access_that_x_does_not_know_everywhere_yet_is_given_a_moment() {
    let ends = TestLoop::start_apart(Clock::Real).await;
    let staff = renewed(&ends).await;
    // The machine that is asked next has not heard of the new token.
    ends.twin.set_fault(Fault::new(FaultKind::Unauthorized, 1).on("POST", "/2/tweets"));
    let post = replied(&ends, &staff, "tom_k").await;
    ends.replies(&post, 1).await;
    assert_eq!(refreshes(&ends), 2, "and nothing is renewed for it");
}

#[tokio::test]
async fn an_account_is_disconnected_at_x_too() {
    let ends = TestLoop::start_apart(Clock::Real).await;
    let (admin, page) = connected(&ends).await;
    let form = format!("/admin/channels/{}/disconnect", ends.app.bridge.channels()[0].id);
    let gone = admin.submit(&page, &form, &[]).await.expect(200);
    gone.expect_text("its access was given back to X").expect_text("@acme on X was disconnected");
    assert!(ends.app.bridge.channels().is_empty());
    assert_eq!(ends.twin.disconnect("acme").unwrap(), 1, "only the fixed token of the twin is left at X");
    let back = decided(&ends, &admin, "acme", "allow").await;
    admin.get(&back).await.expect(200).expect_text("All is well");
}

#[tokio::test]
async fn an_access_that_is_taken_back_at_x_is_told_before_anything_is_sent() {
    let ends = TestLoop::start_apart(Clock::Real).await;
    let (admin, page) = connected(&ends).await;
    page.expect_text("All is well");
    assert_eq!(ends.twin.disconnect("acme").unwrap(), 2, "the one of the consent, and the fixed one of the twin");
    let told = "Nothing is sent or read there";
    eventually("administrators are told", async || admin.get("/admin/channels").await.says(told)).await;
    admin.get("/admin/channels").await.expect_text("Needs you");
    let asked = ends.twin.calls().into_iter().any(|(_, path, status)| path == "/2/users/me" && status == 401);
    assert!(asked, "X's word was not enough: it was asked whether the access works");
    ends.staff().await.get("/desk/deliveries").await.expect(200).expect_text("@acme on X has no access");
    // The event that tells of it comes again when X is asked for what was missed: it is an old story by then.
    let back = decided(&ends, &admin, "acme", "allow").await;
    admin.get(&back).await.expect(200).expect_text("All is well");
}
