//! Guessed passwords are braked, for each account and for each address, and an honest person gets in all the same.

use std::time::Duration;

use answerwell::clock::{Clock, Millis};

use crate::support::TestApp;

async fn start() -> (TestApp, Clock) {
    let clock = Clock::fixed(Millis(1_800_000_000_000));
    (TestApp::start_with(clock.clone(), |_| {}).await, clock)
}

async fn guess(app: &TestApp, email: &str, password: &str) -> crate::support::Answer {
    app.visitor().post_form("/sign-in", &[("email", email), ("password", password)]).await
}

#[tokio::test]
async fn after_five_wrong_passwords_an_account_rests_for_a_minute_and_then_for_two() {
    let (app, clock) = start().await;
    let ada = app.customer().await;
    for _ in 0..5 {
        guess(&app, &ada.email, "wrong password").await.expect(422).expect_text("do not belong together");
    }
    // Right or wrong, it is not looked at; and no other account is touched.
    let rests = guess(&app, &ada.email, &ada.password).await.expect(429);
    rests.expect_text("Try again in 1 minute");
    assert_eq!(rests.header("retry-after"), Some("60"), "a machine is told as well");
    assert_eq!(rests.field("email").as_deref(), Some(ada.email.as_str()), "what was typed stays");
    let other = app.peer().await;
    guess(&app, &other.email, &other.password).await.expect(200);
    clock.advance(Duration::from_secs(61));
    guess(&app, &ada.email, "wrong password").await.expect(422).expect_text("do not belong together");
    let rests = guess(&app, &ada.email, &ada.password).await.expect(429);
    assert_eq!(rests.expect_text("Try again in 2 minutes").header("retry-after"), Some("120"));
    clock.advance(Duration::from_secs(121));
    guess(&app, &ada.email, &ada.password).await.expect(200);
    // Who got in begins anew.
    guess(&app, &ada.email, "wrong password").await.expect(422).expect_text("do not belong together");
    guess(&app, &ada.email, &ada.password).await.expect(200);
}

#[tokio::test]
async fn an_address_that_tries_many_accounts_rests_as_well() {
    let (app, _) = start().await;
    for number in 0..50 {
        guess(&app, &format!("guess{number}@example.com"), "summer2026").await.expect(422);
    }
    guess(&app, "one.more@example.com", "summer2026").await.expect(429).expect_text("Try again in 1 minute");
}

#[tokio::test]
async fn a_password_that_machines_guess_first_is_refused_with_what_to_do() {
    let (app, _) = start().await;
    let sign_up = async |password: &str| {
        let fields = [("name", "Nora Newman"), ("email", "nora.newman@example.com"), ("password", password)];
        app.visitor().post_form("/sign-up", &fields).await
    };
    for weak in ["password", "12345678", "qwertyuiop", "NoraNewman", "nora.newman", "aaaaaaaaaa", "iloveyou1"] {
        let page = sign_up(weak).await;
        assert_eq!(page.status, 422, "{weak} is refused");
        page.expect_text("Take three odd words");
        assert_eq!(page.field("name").as_deref(), Some("Nora Newman"), "{weak}");
    }
    sign_up("three odd words").await.expect(200);
}
