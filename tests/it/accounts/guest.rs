//! Asking without an account: the question waits for the mail, and then belongs to the account that is made.

use std::time::Duration;

use answerwell::topics::Rules;

use super::{link_in_mail, mails, start};
use crate::forum::{insert_topic, set_rules};
use crate::support::{Answer, MailServer, TestApp, Visitor};

const TITLE: &str = "My router drops the Wi-Fi every evening";
const GUEST: &str = "gus@example.com";

async fn ask(visitor: &Visitor, email: &str, title: &str) -> Answer {
    let page = visitor.get("/ask").await.expect(200);
    let fields: Vec<(String, String)> = page.form("/ask");
    let submission = fields.into_iter().find(|(name, _)| name == "submission").unwrap().1;
    assert!(page.has_field("/ask", "guest_email") && page.body.contains("formaction=\"/ask/guest\""));
    let fields = [
        ("title", title),
        ("body", "For a **minute**, and then it is back."),
        ("topic", ""),
        ("submission", submission.as_str()),
        ("guest_email", email),
    ];
    visitor.post_form("/ask/guest", &fields).await
}

fn stands_on_the_list(page: &Answer) -> bool {
    page.says(TITLE)
}

#[tokio::test]
async fn a_guest_asks_with_an_address_and_the_question_is_theirs_when_the_link_is_used() {
    let server = MailServer::start().await;
    let (app, _jobs, _) = start(&server).await;
    let guest = app.visitor();
    ask(&guest, GUEST, TITLE).await.expect(200).expect_text("a mail is on its way to gus@example.com");
    assert!(!stands_on_the_list(&guest.get("/newest").await), "it waits");
    let link = link_in_mail(&server, GUEST, "/ask/guest/", 1).await;
    // On another device: nobody is signed in there.
    let phone = app.visitor();
    let page = phone.get(&link).await.expect(200);
    page.expect_text("For a **minute**, and then it is back.");
    let nameless = phone.submit(&page, &link, &[("name", " \u{200b} ")]).await.expect(422);
    nameless.expect_text("Your name is missing");
    let thread = phone.submit(&nameless, &link, &[("name", "Gus Guest")]).await.expect(200);
    assert!(thread.path.contains("/questions/") && thread.says("Gus Guest") && thread.says(TITLE), "{}", thread.text());
    assert!(stands_on_the_list(&app.visitor().get("/newest").await));
    phone.get("/account").await.expect(200).expect_text("gus@example.com confirmed");
    // The link is used up, and says where the question is found.
    let dead = app.visitor().get(&link).await.expect(410);
    dead.expect_text("sign in to follow it");
    app.visitor().post_form(&link, &[("name", "Eve")]).await.expect(410);
    // The password comes later, by mail.
    let later = app.visitor();
    later.post_form("/reset", &[("email", GUEST)]).await.expect(200);
    let reset = link_in_mail(&server, GUEST, "/reset/", 2).await;
    later.post_form(&reset, &[("password", "tin whistle lagoon")]).await.expect(200).expect_text("Gus Guest");
}

#[tokio::test]
async fn the_page_is_the_same_whoever_has_an_account_and_who_has_one_signs_in_with_the_words_at_hand() {
    let server = MailServer::start().await;
    let (app, _jobs, _) = start(&server).await;
    let ada = app.customer().await;
    let visitor = app.visitor();
    let unknown = ask(&visitor, GUEST, TITLE).await.expect(200);
    let known = ask(&visitor, &ada.email, TITLE).await.expect(200);
    assert_eq!(unknown.body.replace(GUEST, ""), known.body.replace(&ada.email, ""));
    let subject = |mail: &String| mail.lines().find(|line| line.starts_with("Subject:")).map(str::to_owned);
    let told = (mails(&server, GUEST, 1).await.remove(0), mails(&server, &ada.email, 1).await.remove(0));
    assert_eq!(subject(&told.0), subject(&told.1));
    assert!(!told.0.contains("router"), "nobody sends their words through our mail");
    let link = link_in_mail(&server, &ada.email, "/ask/guest/", 1).await;
    let page = visitor.get(&link).await.expect(200);
    page.expect_text("There is an account with");
    visitor.post_form(&link, &[("name", "Eve")]).await.expect(422);
    let fields = [("password", ada.password.as_str())];
    let resume = visitor.submit(&page, "/sign-in", &fields).await.expect(200);
    let thread = visitor.submit(&resume, "/ask", &[]).await.expect(200);
    assert!(thread.says("Casey Customer") && thread.says(TITLE), "{}", thread.text());
    assert_eq!(thread.path, visitor.submit(&resume, "/ask", &[]).await.path, "once, however often it is sent");
}

#[tokio::test]
async fn bad_questions_and_bad_addresses_are_refused_with_all_that_was_typed() {
    let server = MailServer::start().await;
    let (app, _jobs, clock) = start(&server).await;
    let guest = app.visitor();
    for (email, title, said) in [
        ("", TITLE, "Your e-mail address is missing"),
        ("gus", TITLE, "looks like name@example.com"),
        ("gus@example.com,eve@example.com", TITLE, "looks like name@example.com"),
        (GUEST, "Too short", "needs at least 15"),
        (GUEST, "\u{200b}\u{2060}\u{200d}", "The title is missing"),
    ] {
        let page = ask(&guest, email, title).await.expect(422);
        page.expect_text(said);
        assert_eq!(page.field("guest_email").as_deref(), Some(email));
    }
    // Nobody's mailbox is flooded, and a link does not hold for ever.
    for _ in 0..3 {
        ask(&guest, GUEST, TITLE).await.expect(200);
    }
    ask(&guest, GUEST, TITLE).await.expect(422).expect_text("try again in 15 minutes");
    let link = link_in_mail(&server, GUEST, "/ask/guest/", 3).await;
    guest.get(&link).await.expect(200);
    clock.advance(Duration::from_secs(7 * 24 * 3_600 + 1));
    guest.get(&link).await.expect(410);
    guest.get("/ask/guest/nonsense").await.expect(410);
}

#[tokio::test]
async fn two_windows_ask_once_and_the_rules_of_a_topic_hold() {
    let server = MailServer::start().await;
    let (app, _jobs, _) = start(&server).await;
    let topic = insert_topic(&app, "wifi", "Wi-Fi").await;
    set_rules(&app, topic, Rules { hold_first: 1, ..Rules::default() }).await;
    let guest = app.visitor();
    ask(&guest, GUEST, TITLE).await.expect(200);
    let link = link_in_mail(&server, GUEST, "/ask/guest/", 1).await;
    let (one, two) = (app.visitor(), app.visitor());
    let name = [("name", "Gus Guest")];
    let (left, right) = tokio::join!(one.post_form(&link, &name), two.post_form(&link, &name));
    let mut met = [left.status, right.status];
    met.sort_unstable();
    assert_eq!(met, [200, 410]);
    let held = if left.status == 200 { left } else { right };
    assert!(held.path.starts_with("/held/"), "a first post waits for staff: {}", held.path);
    assert!(!stands_on_the_list(&app.visitor().get("/newest").await));
}

#[tokio::test]
async fn without_mail_nobody_is_promised_any() {
    let app = TestApp::start().await;
    let page = app.visitor().get("/ask").await.expect(200);
    assert!(!page.has_field("/ask", "guest_email"));
    let fields = [("title", TITLE), ("body", "Every evening."), ("guest_email", GUEST)];
    let page = app.visitor().post_form("/ask/guest", &fields).await.expect(401);
    page.expect_text("What you wrote is kept");
    // Who is signed in needs no mail; their words go on to the ordinary form.
    let server = MailServer::start().await;
    let (app, _jobs, _) = start(&server).await;
    let ada = app.customer().await;
    assert!(!ada.get("/ask").await.has_field("/ask", "guest_email"));
}
