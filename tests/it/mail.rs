//! The outbox of mail against a real mail server: taken once, tried again while it was not, and never guessed at.

use std::time::Duration;

use answerwell::app::App;
use answerwell::cli::doctor::{Reach, Verdict, examine};
use answerwell::clock::{Clock, Millis};
use answerwell::jobs::Jobs;
use answerwell::mail::{self, MailId, MailRow, NewMail, State, Way};
use answerwell::members::Role;

use crate::support::{MailServer, Manner, TestApp, eventually};

fn to(address: &str, event: &str) -> NewMail {
    NewMail {
        to: None,
        event: event.to_owned(),
        address: address.to_owned(),
        subject: format!("About {event}"),
        text: "Ada answered your question.".to_owned(),
        html: "<p>Ada answered your question.</p>".to_owned(),
        thread: None,
        unsubscribe: None,
    }
}

async fn post(app: &App, new: NewMail) -> bool {
    let now = app.clock.now();
    let posted = app.db.write(move |tx| mail::post(tx, &new, now)).await.unwrap();
    app.mail.wake.notify_one();
    posted
}

async fn rows(app: &App) -> Vec<MailRow> {
    app.db.read(|conn| mail::list_newest(conn, State::EVERY, MailId(i64::MAX), 100)).await.unwrap()
}

async fn newest(app: &App) -> MailRow {
    rows(app).await.swap_remove(0)
}

async fn becomes(app: &App, state: State) {
    eventually(&format!("the newest mail is {}", state.as_str()), async || newest(app).await.state == state).await;
}

/// An app that mails through this server, with its work running, at a moment that the test sets.
async fn app_over(server: &MailServer) -> (TestApp, Jobs, Clock) {
    let clock = Clock::fixed(Millis(1_800_000_000_000));
    let way = server.way();
    let app = TestApp::start_with(clock.clone(), |config| config.mail = way).await;
    let jobs = App::start(&app.app);
    (app, jobs, clock)
}

#[tokio::test]
async fn a_mail_goes_out_once_however_often_it_is_posted() {
    let server = MailServer::start().await;
    let (app, _jobs, _) = app_over(&server).await;
    assert!(post(&app.app, to("ada@example.com", "notice-1")).await);
    assert!(!post(&app.app, to("ada@example.com", "notice-1")).await, "the same again");
    assert!(post(&app.app, to("bo@example.com", "notice-1")).await, "the same to somebody else");
    eventually("both are sent", async || rows(&app.app).await.iter().all(|row| row.state == State::Sent)).await;
    assert_eq!((server.mails_to("ada@example.com").len(), server.mails_to("bo@example.com").len()), (1, 1));
    let mail = server.mails_to("ada@example.com").remove(0);
    assert!(mail.contains("From: \"Acme Help\" <help@acme.test>") && mail.contains("Ada answered your question."));
}

#[tokio::test]
async fn what_the_server_does_not_take_now_is_tried_again() {
    let server = MailServer::start().await;
    server.behave(Manner::NotNow);
    let (app, _jobs, clock) = app_over(&server).await;
    post(&app.app, to("ada@example.com", "notice-1")).await;
    eventually("the refusal is written down", async || newest(&app.app).await.reason.is_some()).await;
    let row = newest(&app.app).await;
    assert_eq!((row.state, row.due_at), (State::Queued, Some(clock.now().plus(Duration::from_secs(60)))));
    assert!(row.reason.unwrap().contains("come back later"));
    server.behave(Manner::Takes);
    clock.advance(Duration::from_secs(60));
    app.app.mail.wake.notify_one();
    becomes(&app.app, State::Sent).await;
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_reader_who_is_not_there_is_no_reason_to_keep_others_waiting() {
    let server = MailServer::start().await;
    server.behave(Manner::NoSuchReader);
    let (app, _jobs, _) = app_over(&server).await;
    post(&app.app, to("nobody@example.com", "notice-1")).await;
    becomes(&app.app, State::Failed).await;
    assert!(newest(&app.app).await.reason.unwrap().contains("nobody of that name"));
    server.behave(Manner::Takes);
    post(&app.app, to("ada@example.com", "notice-2")).await;
    becomes(&app.app, State::Sent).await;
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn what_may_have_been_taken_is_never_sent_again_but_by_a_person() {
    let server = MailServer::start().await;
    server.behave(Manner::HangsUp);
    let (app, _jobs, clock) = app_over(&server).await;
    post(&app.app, to("ada@example.com", "notice-1")).await;
    becomes(&app.app, State::Uncertain).await;
    server.behave(Manner::Takes);
    clock.advance(Duration::from_secs(24 * 3_600));
    post(&app.app, to("bo@example.com", "notice-2")).await;
    becomes(&app.app, State::Sent).await;
    assert_eq!(server.mails_to("ada@example.com").len(), 1, "it had been taken");
    // A person looks, and wants it sent once more.
    let (now, id) = (clock.now(), rows(&app.app).await[1].id);
    let again = |app: &App| {
        let db = app.db.clone();
        async move { db.write(move |tx| mail::again(tx, id, now)).await }
    };
    assert!(again(&app.app).await.unwrap());
    assert!(!again(&app.app).await.unwrap(), "it is under way");
    app.app.mail.wake.notify_one();
    eventually("it is sent", async || rows(&app.app).await[1].state == State::Sent).await;
    assert_eq!(server.mails_to("ada@example.com").len(), 2);
}

#[tokio::test]
async fn two_nodes_share_an_outbox_and_send_each_mail_once() {
    let server = MailServer::start().await;
    let (app, _jobs, _) = app_over(&server).await;
    let _other_node = App::start(&app.app);
    for number in 0..40 {
        post(&app.app, to(&format!("reader{number}@example.com"), "notice-1")).await;
    }
    eventually("all are sent", async || rows(&app.app).await.iter().all(|row| row.state == State::Sent)).await;
    assert_eq!(server.mails().len(), 40);
}

#[tokio::test]
async fn a_server_that_takes_its_time_gets_a_mail_once_and_keeps_no_page_waiting() {
    let server = MailServer::start().await;
    server.behave(Manner::Slow);
    let (app, _jobs, _) = app_over(&server).await;
    let _other_node = App::start(&app.app);
    post(&app.app, to("ada@example.com", "notice-1")).await;
    eventually("the server has it, and has not said so", async || server.mails().len() == 1).await;
    assert_eq!(newest(&app.app).await.state, State::Sending);
    app.visitor().get("/").await.expect(200);
    server.behave(Manner::Takes);
    becomes(&app.app, State::Sent).await;
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up_and_what_it_may_have_is_not_sent_again() {
    // Twenty seconds of real silence each, side by side.
    let (before, after) = (MailServer::start().await, MailServer::start().await);
    before.behave(Manner::Mute);
    after.behave(Manner::Slow);
    let ((app, _jobs, clock), (other, _other_jobs, other_clock)) = tokio::join!(app_over(&before), app_over(&after));
    post(&app.app, to("ada@example.com", "notice-1")).await;
    post(&other.app, to("bo@example.com", "notice-1")).await;
    // It had nothing yet: the mail waits for its next turn.
    eventually("the silence is written down", async || newest(&app.app).await.reason.is_some()).await;
    assert_eq!((newest(&app.app).await.state, before.mails().len()), (State::Queued, 0));
    before.behave(Manner::Takes);
    clock.advance(Duration::from_secs(60));
    app.app.mail.wake.notify_one();
    becomes(&app.app, State::Sent).await;
    assert_eq!(before.mails().len(), 1);
    // It had the mail, and never said so: a person decides.
    becomes(&other.app, State::Uncertain).await;
    assert!(newest(&other.app).await.reason.unwrap().contains("did not confirm it in time"));
    after.behave(Manner::Takes);
    other_clock.advance(Duration::from_secs(24 * 3_600));
    other.app.mail.wake.notify_one();
    post(&other.app, to("cy@example.com", "notice-2")).await;
    eventually("the next one is sent", async || after.mails_to("cy@example.com").len() == 1).await;
    assert_eq!(after.mails_to("bo@example.com").len(), 1);
}

#[tokio::test]
async fn an_administrator_sees_what_is_stuck_and_why_and_decides() {
    let server = MailServer::start().await;
    let (app, _jobs, _) = app_over(&server).await;
    let (admin, staff) = (app.person("Ada Admin", Role::Admin).await, app.staff().await);
    staff.get("/admin/mail").await.expect(403);
    admin.get("/admin/mail").await.expect(200).expect_text("Nothing is stuck").expect_text("help@acme.test");
    server.behave(Manner::NoSuchReader);
    post(&app.app, to("nobody@example.com", "notice-1")).await;
    becomes(&app.app, State::Failed).await;
    server.behave(Manner::HangsUp);
    post(&app.app, to("ada@example.com", "notice-2")).await;
    becomes(&app.app, State::Uncertain).await;
    server.behave(Manner::Takes);
    admin.get("/admin").await.expect(200).expect_text("2 mails wait for your decision");
    let page = admin.get("/admin/mail").await.expect(200);
    page.expect_text("nobody of that name lives here").expect_text("Trying again may send it twice.");
    assert!(!page.says("Ada answered your question."), "the words of a mail are its reader's");
    // One is left, the other tried again; a button that is pressed late says so.
    let left = admin.submit(&page, "/admin/mail/1", &[("act", "give_up")]).await.expect(200);
    left.expect_text("It is given up: nobody gets it.");
    let again = admin.submit(&page, "/admin/mail/2", &[("act", "again")]).await.expect(200);
    again.expect_text("It is tried again now.");
    becomes(&app.app, State::Sent).await;
    let late = admin.submit(&page, "/admin/mail/2", &[("act", "give_up")]).await.expect(200);
    late.expect_text("this mail was settled meanwhile");
    let done = admin.get("/admin/mail?which=done").await.expect(200);
    done.expect_text("Given up").expect_text("About notice-2");
    admin.get("/admin/audit").await.expect(200).expect_text("decided about a mail");
    admin.post_form("/admin/mail/77", &[("act", "again")]).await.expect(404);
    admin.post_form("/admin/mail/1", &[("act", "burn")]).await.expect(400);
    assert_eq!(server.mails_to("nobody@example.com").len(), 0);
}

#[tokio::test]
async fn a_mail_that_waits_can_be_tried_at_once() {
    let server = MailServer::start().await;
    server.behave(Manner::NotNow);
    let (app, _jobs, _) = app_over(&server).await;
    let admin = app.person("Ada Admin", Role::Admin).await;
    post(&app.app, to("ada@example.com", "notice-1")).await;
    eventually("the refusal is written down", async || newest(&app.app).await.reason.is_some()).await;
    let page = admin.get("/admin/mail?which=waiting").await.expect(200);
    page.expect_text("come back later").expect_text("Try now");
    server.behave(Manner::Takes);
    admin.submit(&page, "/admin/mail/1", &[("act", "again")]).await.expect(200);
    becomes(&app.app, State::Sent).await;
}

#[tokio::test]
async fn a_demo_shows_its_mail_on_a_page_and_no_other_site_does() {
    let app = TestApp::start_with(Clock::Real, |config| config.mail = Way::Page).await;
    let _jobs = App::start(&app.app);
    let ada = app.customer().await;
    app.visitor().get("/demo/mail").await.expect(200).expect_text("No mail yet");
    app.visitor().post_form("/reset", &[("email", ada.email.as_str())]).await.expect(200);
    becomes(&app.app, State::Sent).await;
    let list = app.visitor().get("/demo/mail").await.expect(200);
    list.expect_text("Choose a new password").expect_text(&ada.email);
    let place = list.links().into_iter().find(|link| link.starts_with("/demo/mail/")).expect("a mail");
    let mail = app.visitor().get(&place).await.expect(200);
    let begins = format!("{}/reset/", app.address);
    let link = mail.links().into_iter().find(|link| link.starts_with(&begins)).expect("the mail's link");
    app.visitor().get(link.strip_prefix(&app.address).unwrap()).await.expect(200);
    let server = MailServer::start().await;
    let (real, _jobs, _) = app_over(&server).await;
    for place in ["/demo/mail", "/demo/mail/1"] {
        real.visitor().get(place).await.expect(404);
    }
}

#[tokio::test]
async fn the_doctor_says_whether_mail_can_leave() {
    let server = MailServer::start().await;
    let (app, _jobs, _) = app_over(&server).await;
    let mut config = app.app.config.clone();
    let said = async |config: &_, reach| {
        let findings = examine(config, &Clock::Real, reach).await;
        let found = findings.into_iter().find(|one| one.about == "mail").expect("a line about mail");
        (found.verdict, found.said)
    };
    let (verdict, words) = said(&config, Reach::Networks).await;
    assert!(verdict == Verdict::Well && words.contains("takes our greeting"), "{words}");
    config.mail = Way::None;
    let (verdict, words) = said(&config, Reach::Offline).await;
    assert!(verdict == Verdict::Mind && words.contains("mail.server"), "{words}");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    if let Way::Server { mut relay, from } = server.way() {
        relay.port = port;
        config.mail = Way::Server { relay, from };
    }
    let (verdict, words) = said(&config, Reach::Networks).await;
    assert!(verdict == Verdict::Ill && words.contains("cannot be talked to"), "{words}");
}
