//! Another e-mail address: by its own mailbox, with the password, and never unseen by the old one.

use super::{link_in_mail, mails, start};
use crate::support::{MailServer, Person, TestApp};

async fn ask(person: &Person, email: &str) -> crate::support::Answer {
    let page = person.get("/account/email").await.expect(200);
    person.submit(&page, "/account/email", &[("email", email), ("password", &person.password)]).await
}

async fn gets_in(app: &TestApp, email: &str, password: &str) -> bool {
    app.visitor().post_form("/sign-in", &[("email", email), ("password", password)]).await.status == 200
}

#[tokio::test]
async fn an_address_is_changed_by_whoever_has_the_password_and_the_new_mailbox() {
    let server = MailServer::start().await;
    let (app, _jobs, _) = start(&server).await;
    let ada = app.customer().await;
    let page = ada.get("/account/email").await.expect(200);
    let wrong = [("email", "ada@new.example"), ("password", "not mine at all")];
    let refused = ada.submit(&page, "/account/email", &wrong).await.expect(422);
    refused.expect_text("This is not your password");
    assert_eq!(refused.field("email").as_deref(), Some("ada@new.example"), "what was typed stays");
    ask(&ada, "ada@new.example").await.expect(200).expect_text("A mail is on its way to the new address");
    mails(&server, &ada.email, 1).await.remove(0).find("another e-mail address").expect("the old address is told");
    let link = link_in_mail(&server, "ada@new.example", "/email/", 1).await;
    assert!(gets_in(&app, &ada.email, &ada.password).await, "nothing is changed yet");
    let elsewhere = app.visitor();
    let page = elsewhere.get(&link).await.expect(200);
    elsewhere.submit(&page, &link, &[]).await.expect(200).expect_text("you sign in with ada@new.example");
    assert!(gets_in(&app, "ada@new.example", &ada.password).await);
    assert!(!gets_in(&app, &ada.email, &ada.password).await);
    ada.get("/account").await.expect(200).expect_text("ada@new.example confirmed");
    elsewhere.post_form(&link, &[]).await.expect(410).expect_text("does not hold any more");
}

#[tokio::test]
async fn the_page_does_not_tell_that_somebody_else_has_the_address_and_its_mailbox_learns_it() {
    let server = MailServer::start().await;
    let (app, _jobs, _) = start(&server).await;
    let (ada, parker) = (app.customer().await, app.peer().await);
    ask(&ada, &parker.email).await.expect(200).expect_text("A mail is on its way to the new address");
    let mail = mails(&server, &parker.email, 1).await.remove(0);
    assert!(mail.contains("has an account already") && !mail.contains("/email/"), "{mail}");
    // Free when it was asked for, taken when the link was opened: one of the two has it.
    ask(&ada, "both@example.com").await.expect(200);
    ask(&parker, "both@example.com").await.expect(200);
    let links = mails(&server, "both@example.com", 2).await;
    let links = links.iter().map(|mail| {
        let begin = mail.find("/email/").expect("a link");
        mail[begin..].split_whitespace().next().unwrap().to_owned()
    });
    let mut met = Vec::new();
    for link in links {
        met.push(app.visitor().post_form(&link, &[]).await.status);
    }
    met.sort_unstable();
    assert_eq!(met, [200, 410]);
}

#[tokio::test]
async fn a_new_password_ends_a_change_that_a_thief_began() {
    let server = MailServer::start().await;
    let (app, _jobs, _) = start(&server).await;
    let ada = app.customer().await;
    ask(&ada, "thief@example.com").await.expect(200);
    let link = link_in_mail(&server, "thief@example.com", "/email/", 1).await;
    let page = ada.get("/account/password").await;
    let fields = [("current_password", ada.password.as_str()), ("password", "tin whistle lagoon")];
    ada.submit(&page, "/account/password", &fields).await.expect(200);
    app.visitor().post_form(&link, &[]).await.expect(410);
    assert!(gets_in(&app, &ada.email, "tin whistle lagoon").await);
}

#[tokio::test]
async fn bad_addresses_are_refused_and_without_mail_a_good_one_counts_at_once() {
    let app = TestApp::start().await;
    let (ada, parker) = (app.customer().await, app.peer().await);
    for (email, said) in [
        ("", "is missing"),
        ("  \u{200b} ", "is missing"),
        ("ada", "looks like name@example.com"),
        (&"a".repeat(201), "201 characters"),
        (&ada.email, "This is your address already"),
        (&parker.email, "There is an account with this e-mail address already"),
    ] {
        ask(&ada, email).await.expect(422).expect_text(said);
    }
    ask(&ada, "ada@new.example").await.expect(200).expect_text("Your address is changed");
    assert!(gets_in(&app, "ada@new.example", &ada.password).await);
}
