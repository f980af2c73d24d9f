//! Connecting a Facebook page, over real HTTP against the twin: an administrator's way to the dialog and back, the choice
//! among several pages, the webhook that somebody enters at Meta, and an access that ends.

use std::time::Duration;

use answerwell::clock::{Clock, Millis};
use answerwell::members::Role;
use answerwell::sim::facebook::{SCOPES, Task};

use crate::support::{Answer, FacebookLoop, PAGE, Person, Visitor, eventually};

const KEYS: &str = "/admin/channels/facebook/keys";
const APP_KEYS: [(&str, &str); 2] = [("client_id", "1234567890123456"), ("signing_secret", "app-secret")];
const CHOOSE: &str = "/admin/channels/facebook/choose";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// An administrator who entered the app's keys.
async fn admin_with_keys(ends: &FacebookLoop) -> Person {
    let admin = ends.person("Ada Admin", Role::Admin).await;
    let page = admin.get("/admin/channels").await.expect(200);
    admin.submit(&page, KEYS, &APP_KEYS).await.expect(200).expect_text("Saved.");
    admin
}

/// Goes to Facebook's dialog by the link, decides there for these pages, and comes back.
async fn decided(ends: &FacebookLoop, admin: &Person, pages: &[u64], decision: &str) -> Answer {
    let leaving = admin.get("/admin/channels/facebook/connect").await.expect(200);
    let to_facebook = |link: &String| link.starts_with(&ends.twin_address);
    let place = leaving.links().into_iter().find(to_facebook).expect("Facebook's dialog").replace("&#38;", "&");
    let at_facebook = Visitor::at(&ends.twin_address);
    let dialog = at_facebook.get(place.strip_prefix(&ends.twin_address).expect("an address of the twin")).await;
    let mut form = dialog.expect(200).form("/dialog/oauth");
    form.retain(|(name, _)| !["page", "allowed", "as", "decision"].contains(&name.as_str()));
    form.extend([("as".to_owned(), "ada".to_owned()), ("decision".to_owned(), decision.to_owned())]);
    form.extend(pages.iter().map(|page| ("page".to_owned(), page.to_string())));
    form.extend(SCOPES.iter().map(|scope| ("allowed".to_owned(), (*scope).to_owned())));
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = at_facebook.post_form("/dialog/oauth", &form).await.expect(303);
    let back = answer.location().expect("the way back").split('#').next().unwrap_or_default().to_owned();
    admin.get(back.strip_prefix(&ends.address).expect("our address")).await
}

#[tokio::test]
async fn an_administrator_connects_a_page_and_what_is_written_on_it_arrives() {
    let ends = FacebookLoop::start_apart(Clock::Real).await;
    let admin = admin_with_keys(&ends).await;
    let page = decided(&ends, &admin, &[PAGE], "allow").await.expect(200);
    page.expect_text("The account is connected").expect_text("Acme on Facebook").expect_text("Facebook lets us in as Acme");
    assert!(!page.path.contains("code="), "the code stays out of the address: {}", page.path);
    assert!(!page.body.contains("app-secret"), "a page shows the secret");
    page.expect_text("Facebook never asked whether").expect_text("Verify token");
    ends.enter_webhook().await;
    let checked = admin.submit(&page, "/admin/channels/check", &[]).await.expect(200);
    checked.expect_text("got its answer").expect_text("All is well");
    let form = checked.links().into_iter().find(|link| link.contains("connect?account=Acme"));
    assert!(form.is_some(), "and it can be connected again");
    let channel = format!("/admin/channels/{}", ends.app.bridge.channels()[0].id);
    admin.submit(&checked, &channel, &[("mode", "mirror")]).await.expect(200).expect_text("Saved.");
    ends.asks("mara", "My router drops wifi every evening").await;
}

#[tokio::test]
async fn of_several_pages_one_is_chosen() {
    let ends = FacebookLoop::start_apart(Clock::Real).await;
    let admin = admin_with_keys(&ends).await;
    let shop = ends.twin.page("acme_shop", "Acme Shop", "ada").unwrap();
    let jobs = ends.twin.page("acme_jobs", "Acme Jobs", "ada").unwrap();
    ends.twin.set_role("ada", "acme_jobs", &[Task::Analyze]).unwrap();
    let choice = decided(&ends, &admin, &[PAGE, shop, jobs], "allow").await.expect(200);
    choice.expect_text("Which one?").expect_text("Acme Shop").expect_text("Acme Jobs").expect_text("Community activity");
    assert!(ends.app.bridge.channels().is_empty(), "nothing is connected that nobody chose");
    let other = ends.person("Otto Other", Role::Admin).await;
    let shop = shop.to_string();
    let state = choice.form(CHOOSE).into_iter().find(|(name, _)| name == "state").expect("a state").1;
    let taken = other.post_form(CHOOSE, &[("state", &state), ("account", &shop)]).await;
    taken.expect(422).expect_text("was made already");
    let choice = decided(&ends, &admin, &[PAGE, shop.parse().unwrap(), jobs], "allow").await.expect(200);
    let page = admin.submit(&choice, CHOOSE, &[("account", &shop)]).await.expect(200);
    page.expect_text("Acme Shop on Facebook");
    assert_eq!(ends.app.bridge.channels().len(), 1);
    admin.submit(&choice, CHOOSE, &[("account", &shop)]).await.expect(422).expect_text("was made already");
    let again = decided(&ends, &admin, &[PAGE, shop.parse().unwrap()], "allow").await.expect(200);
    again.expect_text("Connected already");
    let hindered = decided(&ends, &admin, &[jobs], "allow").await.expect(200);
    hindered.expect_text("Nothing can be connected yet").expect_text("Community activity");
    let forced = [("state", state.as_str()), ("account", "1")];
    admin.post_form(CHOOSE, &forced).await.expect(422).expect_text("was made already");
}

#[tokio::test]
async fn what_goes_wrong_on_the_way_is_told_and_nothing_is_stored() {
    let ends = FacebookLoop::start_apart(Clock::Real).await;
    let admin = ends.person("Ada Admin", Role::Admin).await;
    let page = admin.get("/admin/channels").await.expect(200);
    let wrong = [APP_KEYS[0], ("signing_secret", "mistyped-secret")];
    let again = admin.submit(&page, KEYS, &wrong).await.expect(422);
    again.expect_text("not the secret of this app");
    assert!(!again.body.contains("mistyped-secret") && again.body.contains(APP_KEYS[0].1), "{}", again.body);
    admin.get("/admin/channels/facebook/connect").await.expect(422).expect_text("Enter the keys of your app first");
    admin.get("/admin/channels/myspace/connect").await.expect(404);
    let admin = admin_with_keys(&ends).await;
    let refused = decided(&ends, &admin, &[PAGE], "refuse").await;
    refused.expect(422).expect_text("On Facebook's page, access was refused. Nothing was changed");
    let nothing = decided(&ends, &admin, &[], "allow").await;
    nothing.expect(422).expect_text("opened nothing for us");
    assert!(ends.app.bridge.channels().is_empty());
}

#[tokio::test]
async fn an_access_that_ends_is_announced_a_fortnight_before() {
    let clock = Clock::fixed(Millis::parse_rfc3339("2026-11-22T09:00:00Z").unwrap());
    let ends = FacebookLoop::start_apart(clock.clone()).await;
    let admin = admin_with_keys(&ends).await;
    let page = decided(&ends, &admin, &[PAGE], "allow").await.expect(200);
    page.expect_text("The access ends on 20 Feb 2027");
    assert!(!page.says("Connect it again before"), "{}", page.text());
    clock.advance(DAY * 77);
    let admin = ends.person("Berta Admin", Role::Admin).await;
    let told = "The access ends on 20 Feb 2027. It cannot renew itself";
    eventually("administrators are told", async || admin.get("/admin/channels").await.says(told)).await;
    admin.get("/admin/channels").await.expect_text("Needs you");
    admin.get("/desk").await.expect(200).expect_text("The access to Acme on Facebook ends on 20 Feb 2027");
    let again = decided(&ends, &admin, &[PAGE], "allow").await.expect(200);
    assert!(!again.says(told), "{}", again.text());
}
