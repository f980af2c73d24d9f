//! The page of one's own account: the password, and where one is signed in.

use std::time::Duration;

use answerwell::clock::Clock;
use answerwell::members::Role;
use reqwest::Method;

use super::NOW;
use crate::support::{Person, TestApp, Visitor, eventually};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";

async fn start() -> (TestApp, Clock) {
    let clock = Clock::fixed(NOW);
    (TestApp::start_with(clock.clone(), |_| {}).await, clock)
}

/// Signs the same person in at another browser, which says what it is.
async fn other_browser(app: &TestApp, person: &Person, agent: &str) -> Visitor {
    let visitor = app.visitor();
    let form = serde_urlencoded::to_string([("email", &person.email), ("password", &person.password)]).unwrap();
    let request = visitor.request(Method::POST, "/sign-in").header("sec-fetch-site", "same-origin");
    let request = request.header("content-type", "application/x-www-form-urlencoded").header("user-agent", agent);
    visitor.send(request.body(form)).await.expect(303);
    visitor
}

#[tokio::test]
async fn a_member_sees_where_they_are_signed_in_and_ends_what_is_not_theirs() {
    let (app, _) = start().await;
    let ada = app.customer().await;
    let library = other_browser(&app, &ada, FIREFOX).await;
    let page = ada.get("/account").await.expect(200);
    page.expect_text("Firefox on Linux last used");
    page.expect_text("from 127.0.0.1");
    assert_eq!(page.text().matches("(this one)").count(), 1);
    let actions: Vec<String> =
        page.body.split("action=\"").skip(1).filter_map(|after| after.split('"').next()).map(str::to_owned).collect();
    let end = actions.iter().find(|action| action.ends_with("/end")).expect("a way to end it");
    // Somebody else's session is nobody's to end.
    app.peer().await.post_form(end, &[]).await.expect(200);
    library.get("/account").await.expect(200);
    ada.submit(&page, end, &[]).await.expect(200).expect_text("that device has to sign in again");
    library.get("/account").await.expect(401);
    assert!(!ada.get("/account").await.says("Firefox on Linux"));
}

#[tokio::test]
async fn all_other_sessions_end_at_once() {
    let (app, _) = start().await;
    let ada = app.customer().await;
    let (one, two) =
        (other_browser(&app, &ada, FIREFOX).await, other_browser(&app, &ada, "<script>alert(1)</script>").await);
    let page = ada.get("/account").await.expect(200);
    page.expect_text("A device that does not say what it is");
    assert!(!page.body.contains("<script>alert"));
    ada.submit(&page, "/account/sessions/end-others", &[]).await.expect(200);
    one.get("/account").await.expect(401);
    two.get("/account").await.expect(401);
    ada.get("/account").await.expect(200);
}

#[tokio::test]
async fn a_session_that_is_used_says_so() {
    let (app, clock) = start().await;
    let ada = app.customer().await;
    let library = other_browser(&app, &ada, FIREFOX).await;
    clock.advance(Duration::from_secs(3 * 3_600));
    let then = clock.now().to_rfc3339();
    library.get("/").await.expect(200);
    eventually("it is written down", async || {
        let page = ada.get("/account").await;
        page.body.split("Firefox on Linux").nth(1).is_some_and(|after| after.contains(&then))
    })
    .await;
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it_and_ends_every_other_session() {
    let (app, clock) = start().await;
    let ada = app.customer().await;
    let library = other_browser(&app, &ada, FIREFOX).await;
    let change = async |current: &str, new: &str| {
        let page = ada.get("/account/password").await.expect(200);
        let fields = [("current_password", current), ("password", new)];
        ada.submit(&page, "/account/password", &fields).await
    };
    for (current, new, said) in [
        ("not mine at all", "tin whistle lagoon", "This is not your password"),
        ("", "tin whistle lagoon", "Your password is missing"),
        (&ada.password, "short", "at least 8 characters"),
        (&ada.password, "password123", "well known or quickly guessed"),
        (&ada.password, &"x y".repeat(80), "at most 200 characters"),
        (&ada.password, &ada.password, "the password that you have"),
    ] {
        change(current, new).await.expect(422).expect_text(said);
    }
    library.get("/account").await.expect(200);
    change(&ada.password, "tin whistle lagoon").await.expect(200).expect_text("signed out everywhere else");
    library.get("/account").await.expect(401);
    let again = async |password: &str| {
        app.visitor().post_form("/sign-in", &[("email", ada.email.as_str()), ("password", password)]).await.status
    };
    assert_eq!((again(&ada.password).await, again("tin whistle lagoon").await), (422, 200));
    // Who sits down at an open browser cannot try for long.
    for _ in 0..5 {
        change("a guess at it", "copper field notes").await.expect(422);
    }
    change("tin whistle lagoon", "copper field notes").await.expect(422).expect_text("Try again in 1 minute");
    clock.advance(Duration::from_secs(61));
    change("tin whistle lagoon", "copper field notes").await.expect(200);
}

#[tokio::test]
async fn of_two_windows_that_change_the_password_one_wins_and_the_other_learns_it() {
    let (app, _) = start().await;
    let ada = app.customer().await;
    let change = async |new: &str| {
        let fields = [("current_password", ada.password.as_str()), ("password", new)];
        ada.post_form("/account/password", &fields).await.status
    };
    let (left, right) = tokio::join!(change("tin whistle lagoon"), change("copper field notes"));
    assert_eq!([left, right].iter().filter(|status| **status == 200).count(), 1, "{left} {right}");
    let mut gets_in = 0;
    for password in ["tin whistle lagoon", "copper field notes"] {
        let fields = [("email", ada.email.as_str()), ("password", password)];
        gets_in += u32::from(app.visitor().post_form("/sign-in", &fields).await.status == 200);
    }
    assert_eq!(gets_in, 1);
}

#[tokio::test]
async fn an_account_stays_its_owners_where_a_ban_keeps_them_from_writing_and_is_nobody_elses() {
    let (app, clock) = start().await;
    let (ada, admin) = (app.customer().await, app.person("Abe Admin", Role::Admin).await);
    let day = clock.now().plus(Duration::from_secs(7 * 24 * 3_600)).to_rfc3339();
    let fields = [("until", &day[..10]), ("reason", "Spam, again and again.")];
    admin.post_form("/desk/members/caseycustomer/ban", &fields).await.expect(200);
    let fields = [("current_password", ada.password.as_str()), ("password", "tin whistle lagoon")];
    ada.post_form("/account/password", &fields).await.expect(200).expect_text("Your password is changed");
    for path in ["/account", "/account/email", "/account/password", "/account/second"] {
        app.visitor().get(path).await.expect(401);
        ada.get(path).await.expect(200);
    }
}
