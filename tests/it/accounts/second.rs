//! The second factor: set up with a phone, asked for at the sign-in, used once, and off again only by its owner.

use std::time::Duration;

use answerwell::clock::Clock;
use totp_rs::{Builder, Secret, Totp};

use super::{NOW, link_in_mail};
use crate::moderation::on_database;
use crate::support::{Answer, MailServer, Person, TestApp, Visitor};

/// What a member holds in their hand.
pub(crate) struct Phone(Totp);

impl Phone {
    /// Takes over what the page shows.
    pub(crate) fn of(page: &Answer) -> Self {
        let secret: String =
            page.body.split("<code dir=\"ltr\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
        let secret = Secret::try_from_base32(secret.replace(' ', "")).unwrap();
        Self(Builder::new().with_secret(secret).build().unwrap())
    }

    pub(crate) fn code(&self, clock: &Clock) -> String {
        self.0.generate(u64::try_from(clock.now().0 / 1_000).unwrap()).to_string()
    }
}

async fn start() -> (TestApp, Clock) {
    let clock = Clock::fixed(NOW);
    (TestApp::start_with(clock.clone(), |_| {}).await, clock)
}

/// Sets it up, and returns the phone and the recovery codes.
async fn set_up(person: &Person, clock: &Clock) -> (Phone, Vec<String>) {
    let page = person.get("/account/second").await.expect(200);
    let page = person.submit(&page, "/account/second", &[("password", &person.password)]).await.expect(200);
    assert!(page.body.contains("<svg") && page.body.contains("viewBox"), "a picture to take in");
    let phone = Phone::of(&page);
    let page = person.submit(&page, "/account/second/on", &[("code", &phone.code(clock))]).await.expect(200);
    page.expect_text("Keep these recovery codes");
    let codes =
        page.body.split("<li><code dir=\"ltr\">").skip(1).map(|after| after.split('<').next().unwrap().to_owned());
    (phone, codes.collect())
}

async fn password_only(app: &TestApp, person: &Person) -> (Visitor, Answer) {
    let visitor = app.visitor();
    let page = visitor.get("/sign-in?next=%2Fnotices").await;
    let fields = [("email", person.email.as_str()), ("password", person.password.as_str())];
    let page = visitor.submit(&page, "/sign-in", &fields).await.expect(200);
    page.expect_text("Type the code that your phone shows now");
    (visitor, page)
}

#[tokio::test]
async fn after_the_password_a_code_of_the_phone_is_asked_for_and_each_is_good_once() {
    let (app, clock) = start().await;
    let ada = app.customer().await;
    let (phone, codes) = set_up(&ada, &clock).await;
    assert_eq!(codes.len(), 10);
    let (visitor, page) = password_only(&app, &ada).await;
    visitor.get("/notices").await.expect(401);
    // The code that turned it on was seen by whoever looked over the shoulder.
    let again = visitor.submit(&page, "/sign-in/second", &[("code", &phone.code(&clock))]).await.expect(422);
    again.expect_text("or it was used already");
    clock.advance(Duration::from_secs(30));
    let code = phone.code(&clock);
    let (spaced, other) = (format!(" {} {}", &code[..3], &code[3..]), password_only(&app, &ada).await);
    // A newer sign-in ends the step of the earlier one; its page leads back to the password.
    let late = visitor.submit(&again, "/sign-in/second", &[("code", &code)]).await.expect(422);
    late.expect_text("Type your password again");
    assert_eq!(late.field("next").as_deref(), Some("/notices"));
    let inside = other.0.submit(&other.1, "/sign-in/second", &[("code", &spaced)]).await.expect(200);
    assert_eq!(inside.path, "/notices", "where they were going");
    let (visitor, page) = password_only(&app, &ada).await;
    visitor.submit(&page, "/sign-in/second", &[("code", &code)]).await.expect(422).expect_text("used already");
}

#[tokio::test]
async fn a_recovery_code_gets_in_once_and_new_ones_end_the_old() {
    let (app, clock) = start().await;
    let ada = app.customer().await;
    let (phone, codes) = set_up(&ada, &clock).await;
    let sign_in = async |code: &str| {
        let (visitor, page) = password_only(&app, &ada).await;
        visitor.submit(&page, "/sign-in/second", &[("code", code)]).await.status
    };
    assert_eq!(sign_in(&codes[0].to_uppercase()).await, 200);
    assert_eq!(sign_in(&codes[0]).await, 422, "used");
    let page = ada.get("/account/second").await.expect(200);
    page.expect_text("9 are left");
    clock.advance(Duration::from_secs(60));
    ada.submit(&page, "/account/second/codes", &[("code", &phone.code(&clock))])
        .await
        .expect(200)
        .expect_text("Keep these recovery codes");
    assert_eq!(sign_in(&codes[1]).await, 422, "new ones were made");
}

#[tokio::test]
async fn of_two_who_use_one_code_at_once_one_gets_in() {
    let (app, clock) = start().await;
    let ada = app.customer().await;
    let (_, codes) = set_up(&ada, &clock).await;
    let (visitor, page) = password_only(&app, &ada).await;
    let token = page.field("token").unwrap();
    let press = async |who: &Visitor| {
        who.post_form("/sign-in/second", &[("token", token.as_str()), ("code", codes[0].as_str())]).await.status
    };
    let thief = app.visitor();
    let (left, right) = tokio::join!(press(&visitor), press(&thief));
    let mut met = [left, right];
    met.sort_unstable();
    assert_eq!(met[0], 200);
    // Whoever comes when the other is through already finds the sign-in ended.
    assert!([404, 422].contains(&met[1]), "{met:?}");
}

#[tokio::test]
async fn guesses_at_a_code_are_braked_whichever_window_they_come_from() {
    let (app, clock) = start().await;
    let ada = app.customer().await;
    let (phone, _) = set_up(&ada, &clock).await;
    clock.advance(Duration::from_secs(60));
    for _ in 0..5 {
        let (visitor, page) = password_only(&app, &ada).await;
        visitor.submit(&page, "/sign-in/second", &[("code", "000000")]).await.expect(422);
    }
    let (visitor, page) = password_only(&app, &ada).await;
    let braked = visitor.submit(&page, "/sign-in/second", &[("code", &phone.code(&clock))]).await.expect(422);
    braked.expect_text("Try again in 1 minute");
    clock.advance(Duration::from_secs(61));
    visitor.submit(&braked, "/sign-in/second", &[("code", &phone.code(&clock))]).await.expect(200);
}

#[tokio::test]
async fn it_is_turned_on_only_by_a_code_and_off_only_by_password_and_code() {
    let (app, clock) = start().await;
    let ada = app.customer().await;
    let other_window = app.visitor();
    let fields = [("email", ada.email.as_str()), ("password", ada.password.as_str())];
    other_window.post_form("/sign-in", &fields).await.expect(200);
    let page = ada.get("/account/second").await;
    ada.submit(&page, "/account/second", &[("password", "not mine")])
        .await
        .expect(422)
        .expect_text("not your password");
    let page = ada.submit(&page, "/account/second", &[("password", &ada.password)]).await.expect(200);
    let wrong = ada.submit(&page, "/account/second/on", &[("code", "12345")]).await.expect(422);
    wrong.expect_text("not the code that your phone should show");
    assert!(ada.get("/account").await.says("Off: the password alone"));
    let (phone, _) = set_up(&ada, &clock).await;
    other_window.get("/account").await.expect(401);
    let page = ada.get("/account/second").await;
    let off = async |password: &str, code: &str| {
        ada.submit(&page, "/account/second/off", &[("password", password), ("code", code)]).await
    };
    clock.advance(Duration::from_secs(60));
    off(&ada.password, "").await.expect(422).expect_text("The code is missing");
    off("not mine", &phone.code(&clock)).await.expect(422).expect_text("This is not your password");
    off(&ada.password, &phone.code(&clock)).await.expect(200).expect_text("The second step is off");
    app.visitor().post_form("/sign-in", &fields).await.expect(200).expect_text("Casey Customer");
}

#[tokio::test]
async fn a_mailbox_alone_does_not_get_in_and_what_was_written_goes_along() {
    let server = MailServer::start().await;
    let (app, _jobs, clock) = super::start(&server).await;
    let ada = app.customer().await;
    let (_, codes) = set_up(&ada, &clock).await;
    let visitor = app.visitor();
    visitor.post_form("/reset", &[("email", &ada.email)]).await.expect(200);
    let link = link_in_mail(&server, &ada.email, "/reset/", 1).await;
    let page = visitor.post_form(&link, &[("password", "tin whistle lagoon")]).await.expect(200);
    page.expect_text("Type the code that your phone shows now");
    visitor.get("/account").await.expect(401);
    // A question that waits for the sign-in waits for the code, too.
    let words = [("title", "My router drops the Wi-Fi"), ("body", "Every evening, for a minute.")];
    let asked = app.visitor();
    let page = asked.post_form("/ask", &words).await.expect(401);
    let fields = [("email", ada.email.as_str()), ("password", "tin whistle lagoon")];
    let page = asked.submit(&page, "/sign-in", &fields).await.expect(200);
    let page = asked.submit(&page, "/sign-in/second", &[("code", &codes[0])]).await.expect(200);
    asked.submit(&page, "/ask", &[]).await.expect(200).expect_text("My router drops the Wi-Fi");
}

#[tokio::test]
async fn whose_address_is_not_sure_cannot_shut_its_owner_out() {
    let server = MailServer::start().await;
    let (app, _jobs, clock) = super::start(&server).await;
    let eve = app.visitor();
    let fields = [("name", "Eve"), ("email", "ada@example.com"), ("password", "three odd words")];
    eve.post_form("/sign-up", &fields).await.expect(200);
    let page = eve.get("/account/second").await.expect(200);
    page.expect_text("Confirm your e-mail address first");
    assert!(page.field("password").is_none());
    let refused = eve.post_form("/account/second", &[("password", "three odd words")]).await.expect(422);
    refused.expect_text("Confirm your e-mail address first");
    let link = link_in_mail(&server, "ada@example.com", "/confirm/", 1).await;
    eve.post_form(&link, &[]).await.expect(200);
    let page = eve.post_form("/account/second", &[("password", "three odd words")]).await.expect(200);
    let phone = Phone::of(&page);
    // A site that had no mail when it was turned on: the mailbox is opened for the first time by the reset.
    let unconfirm = || on_database(&app, "UPDATE member SET confirmed_at = NULL WHERE email = 'ada@example.com'");
    unconfirm().await;
    eve.post_form("/account/second/on", &[("code", &phone.code(&clock))]).await.expect(200);
    assert!(eve.get("/account").await.says("Off: the password alone"), "nor by a secret from before");
    on_database(&app, "UPDATE member SET confirmed_at = 1 WHERE email = 'ada@example.com'").await;
    eve.post_form("/account/second/on", &[("code", &phone.code(&clock))])
        .await
        .expect(200)
        .expect_text("Keep these recovery codes");
    unconfirm().await;
    let ada = app.visitor();
    ada.post_form("/reset", &[("email", "ada@example.com")]).await.expect(200);
    let link = link_in_mail(&server, "ada@example.com", "/reset/", 2).await;
    ada.post_form(&link, &[("password", "tin whistle lagoon")]).await.expect(200);
    ada.get("/account")
        .await
        .expect(200)
        .expect_text("ada@example.com confirmed")
        .expect_text("Off: the password alone");
}

#[tokio::test]
async fn address_and_password_are_changed_by_password_and_code() {
    let (app, clock) = start().await;
    let ada = app.customer().await;
    let (phone, codes) = set_up(&ada, &clock).await;
    clock.advance(Duration::from_secs(60));
    for (place, name, mut fields) in [
        ("/account/email", "password", vec![("email", "ada@new.example")]),
        ("/account/password", "current_password", vec![("password", "tin whistle lagoon")]),
    ] {
        fields.push((name, &ada.password));
        let page = ada.get(place).await.expect(200);
        let refused = ada.submit(&page, place, &fields).await.expect(422);
        refused.expect_text("The code is missing");
        assert!(ada.get("/account").await.says(&ada.email));
    }
    let page = ada.get("/account/email").await;
    let code = phone.code(&clock);
    let fields = [("email", "ada@new.example"), ("password", ada.password.as_str()), ("code", code.as_str())];
    ada.submit(&page, "/account/email", &fields).await.expect(200).expect_text("Your address is changed");
    let page = ada.get("/account/password").await;
    let fields =
        [("current_password", ada.password.as_str()), ("password", "tin whistle lagoon"), ("code", codes[0].as_str())];
    ada.submit(&page, "/account/password", &fields).await.expect(200).expect_text("Your password is changed");
}

#[tokio::test]
async fn the_secret_is_sealed_in_the_database() {
    use diesel::prelude::*;
    use diesel::sql_types::Text;

    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        totp_secret: String,
    }
    let (app, clock) = start().await;
    let ada = app.customer().await;
    let (phone, _) = set_up(&ada, &clock).await;
    let stored = app
        .db()
        .read(|conn| {
            let rows: Vec<Row> =
                diesel::sql_query("SELECT totp_secret FROM member WHERE totp_secret IS NOT NULL").load(conn)?;
            Ok::<_, answerwell::db::DbError>(rows)
        })
        .await
        .unwrap();
    assert_eq!(stored.len(), 1);
    assert!(stored[0].totp_secret.starts_with("1.") && !stored[0].totp_secret.contains(&phone.0.secret().to_base32()));
}
