//! A new address is confirmed by its mail, once, and by nobody else.

use std::time::Duration;

use answerwell::admin::first_run;

use super::{link_in_mail, mails, start};
use crate::support::{MailServer, TestApp, Visitor};

const NORA: &str = "nora@example.com";

async fn sign_up(app: &TestApp, email: &str) -> Visitor {
    let visitor = app.visitor();
    let fields = [("name", "Nora Newman"), ("email", email), ("password", "three odd words")];
    visitor.post_form("/sign-up", &fields).await.expect(200);
    visitor
}

#[tokio::test]
async fn who_signs_up_is_in_at_once_and_confirms_the_address_by_a_link_that_holds_once() {
    let server = MailServer::start().await;
    let (app, _jobs, _) = start(&server).await;
    let nora = sign_up(&app, NORA).await;
    nora.get("/account").await.expect(200).expect_text("Confirm that nora@example.com is yours");
    let link = link_in_mail(&server, NORA, "/confirm/", 1).await;
    // Whatever looks at links in a mail changes nothing; a person presses the button, on whichever device.
    let elsewhere = app.visitor();
    let page = elsewhere.get(&link).await.expect(200);
    assert!(nora.get("/account").await.says("not confirmed yet"));
    elsewhere.submit(&page, &link, &[]).await.expect(200).expect_text("Your address is confirmed");
    let account = nora.get("/account").await.expect(200);
    assert!(account.says("nora@example.com confirmed") && !account.says("Send me another mail"), "{}", account.text());
    for answer in [elsewhere.get(&link).await, elsewhere.post_form(&link, &[]).await] {
        let dead = answer.expect(410);
        dead.expect_text("If you used it, your address is confirmed");
        assert!(dead.links().contains(&"/account".to_owned()), "there is a way on");
    }
}

#[tokio::test]
async fn another_mail_ends_the_earlier_link_and_there_are_not_many_of_them() {
    let server = MailServer::start().await;
    let (app, _jobs, clock) = start(&server).await;
    let nora = sign_up(&app, NORA).await;
    let first = link_in_mail(&server, NORA, "/confirm/", 1).await;
    let account = nora.get("/account").await;
    nora.submit(&account, "/account/confirm", &[]).await.expect(200).expect_text("is on its way");
    let second = link_in_mail(&server, NORA, "/confirm/", 2).await;
    nora.get(&first).await.expect(410);
    nora.get(&second).await.expect(200);
    for _ in 0..2 {
        nora.post_form("/account/confirm", &[]).await.expect(200);
    }
    nora.post_form("/account/confirm", &[]).await.expect(200).expect_text("asked for several times");
    let last = link_in_mail(&server, NORA, "/confirm/", 4).await;
    clock.advance(Duration::from_secs(48 * 3_600 + 1));
    nora.post_form(&last, &[]).await.expect(410);
    assert!(nora.get("/account").await.says("not confirmed yet"));
    app.visitor().post_form("/account/confirm", &[]).await.expect(401);
}

#[tokio::test]
async fn a_link_for_one_thing_does_nothing_else() {
    let server = MailServer::start().await;
    let (app, _jobs, _) = start(&server).await;
    let nora = sign_up(&app, NORA).await;
    let token = link_in_mail(&server, NORA, "/confirm/", 1).await.replace("/confirm/", "");
    for path in [format!("/reset/{token}"), format!("/email/{token}")] {
        app.visitor().get(&path).await.expect(410);
        app.visitor().post_form(&path, &[("password", "tin whistle lagoon")]).await.expect(410);
    }
    nora.get("/confirm/nonsense").await.expect(410);
    nora.post_form(&format!("/confirm/{token}"), &[]).await.expect(200);
}

#[tokio::test]
async fn a_site_without_mail_asks_nobody_and_promises_nothing() {
    let app = TestApp::start().await;
    let nora = sign_up(&app, NORA).await;
    let account = nora.get("/account").await.expect(200);
    assert!(!account.says("confirm") && !account.says("mail that we sent"), "{}", account.text());
    nora.post_form("/account/confirm", &[]).await.expect(200);
}

#[tokio::test]
async fn a_name_says_nothing_in_the_mail_and_nothing_unseen_on_the_page() {
    let server = MailServer::start().await;
    let (app, _jobs, _) = start(&server).await;
    let sign_up = async |name: &str, email: &str| {
        let fields = [("name", name), ("email", email), ("password", "three odd words")];
        app.visitor().post_form("/sign-up", &fields).await
    };
    for name in ["", " \t ", "\u{200b}\u{200d}\u{feff}", &"n".repeat(61)] {
        sign_up(name, "first@example.com").await.expect(422).expect_text("Your name");
    }
    for email in
        ["", "nora", "nora@", "no ra@example.com", "nora@example.com\r\nBcc: eve@example.com", &"n".repeat(201)]
    {
        sign_up("Nora", email).await.expect(422);
    }
    // Markup is only text, an emoji is a name, and what would turn the line round is taken out.
    sign_up("<b>Eve</b>\u{202e} 🦊", "second@example.com").await.expect(200).expect_text("<b>Eve</b> 🦊");
    let mail = mails(&server, "second@example.com", 1).await.remove(0);
    assert!(!mail.contains("Eve"), "nobody sends their words through our mail: {mail}");
}

#[tokio::test]
async fn the_first_administrator_is_mailed_too_from_the_site_as_they_named_it() {
    let server = MailServer::start().await;
    let (app, _jobs, _) = start(&server).await;
    let link = first_run::invite(&app.app).await.unwrap().expect("nobody is at the desk yet");
    let link = link.strip_prefix(&app.address).expect("our address").to_owned();
    let sam = app.visitor();
    let page = sam.get(&link).await.expect(200);
    let filled = [
        ("name", "Sam Stone"),
        ("email", "sam@acme.example"),
        ("password", "three odd words"),
        ("site_name", "Stone Help"),
    ];
    sam.submit(&page, &link, &filled).await.expect(200).expect_text("Welcome");
    let mail = mails(&server, "sam@acme.example", 1).await.remove(0);
    assert!(mail.contains("Stone Help"), "{mail}");
    let link = link_in_mail(&server, "sam@acme.example", "/confirm/", 1).await;
    sam.post_form(&link, &[]).await.expect(200);
    sam.get("/account").await.expect(200).expect_text("sam@acme.example confirmed");
}
