//! Forgotten passwords, from the form to the mail and back.

use std::time::Duration;

use super::{link_in_mail, start};
use crate::moderation::count;
use crate::support::{MailServer, TestApp, eventually};

async fn link(server: &MailServer, address: &str, count: usize) -> String {
    link_in_mail(server, address, "/reset/", count).await
}

#[tokio::test]
async fn a_forgotten_password_is_changed_by_a_link_that_holds_once() {
    let server = MailServer::start().await;
    let (app, _jobs, _) = start(&server).await;
    let ada = app.customer().await;
    let anybody = app.visitor();
    let page = anybody.get("/reset").await.expect(200);
    anybody.submit(&page, "/reset", &[("email", ada.email.as_str())]).await.expect(200).expect_text("is on its way");
    let link = link(&server, &ada.email, 1).await;
    let page = anybody.get(&link).await.expect(200);
    let weak = anybody.submit(&page, &link, &[("password", "password123")]).await.expect(422);
    weak.expect_text("well known or quickly guessed");
    anybody.submit(&weak, &link, &[("password", "tin whistle lagoon")]).await.expect(200).expect_text("Casey Customer");
    // Whoever knew the old one is out, and the link is used up.
    ada.get("/notices").await.expect(401);
    app.visitor().get(&link).await.expect(410).expect_text("does not hold any more");
    let again = [("email", ada.email.as_str()), ("password", ada.password.as_str())];
    app.visitor().post_form("/sign-in", &again).await.expect(422);
    let new = [("email", ada.email.as_str()), ("password", "tin whistle lagoon")];
    app.visitor().post_form("/sign-in", &new).await.expect(200);
}

#[tokio::test]
async fn a_link_ends_after_an_hour_and_when_a_newer_one_is_mailed() {
    let server = MailServer::start().await;
    let (app, _jobs, clock) = start(&server).await;
    let ada = app.customer().await;
    let anybody = app.visitor();
    let ask = async || anybody.post_form("/reset", &[("email", ada.email.as_str())]).await.expect(200);
    ask().await;
    let first = link(&server, &ada.email, 1).await;
    ask().await;
    let second = link(&server, &ada.email, 2).await;
    anybody.get(&first).await.expect(410);
    anybody.get(&second).await.expect(200);
    clock.advance(Duration::from_secs(3_601));
    anybody.get(&second).await.expect(410);
    anybody.post_form(&second, &[("password", "tin whistle lagoon")]).await.expect(410);
    anybody.get("/reset/nonsense").await.expect(410);
}

#[tokio::test]
async fn nobody_reads_on_the_page_who_has_an_account_and_nobody_is_flooded_with_mail() {
    let server = MailServer::start().await;
    let (app, _jobs, clock) = start(&server).await;
    let ada = app.customer().await;
    let anybody = app.visitor();
    let unknown = anybody.post_form("/reset", &[("email", "nobody@example.com")]).await.expect(200);
    let known = anybody.post_form("/reset", &[("email", ada.email.as_str())]).await.expect(200);
    assert_eq!(unknown.text().replace("nobody@example.com", ""), known.text().replace(&ada.email, ""));
    for _ in 0..2 {
        anybody.post_form("/reset", &[("email", ada.email.as_str())]).await.expect(200);
    }
    let refused = anybody.post_form("/reset", &[("email", ada.email.as_str())]).await.expect(422);
    refused.expect_text("try again in 15 minutes");
    assert_eq!(refused.field("email"), Some(ada.email.clone()));
    link(&server, &ada.email, 3).await;
    clock.advance(Duration::from_secs(901));
    anybody.post_form("/reset", &[("email", ada.email.as_str())]).await.expect(200);
    link(&server, &ada.email, 4).await;
}

#[tokio::test]
async fn what_a_server_has_taken_is_not_kept_here() {
    let server = MailServer::start().await;
    let (app, _jobs, _) = start(&server).await;
    let ada = app.customer().await;
    app.visitor().post_form("/reset", &[("email", ada.email.as_str())]).await.expect(200);
    let link = link(&server, &ada.email, 1).await;
    let left = async || count(&app, "mail WHERE state = 'sent' AND text = '' AND html = ''").await == 1;
    eventually("the link stands nowhere in the database", left).await;
    app.visitor().get(&link).await.expect(200);
}

#[tokio::test]
async fn a_site_without_mail_says_who_can_help() {
    let app = TestApp::start().await;
    app.visitor().get("/reset").await.expect(200).expect_text("Ask the people who run it");
}
