//! The site's name and address: changed on one node, seen on all, and what follows from them.

use answerwell::app::{self, App};
use answerwell::clock::Clock;
use answerwell::db::Db;
use answerwell::settings;
use reqwest::Method;

use super::admin;
use crate::support::{Answer, Person, TestApp, Visitor, config, eventually};

const NEW: &str = "https://help.acme.com";

async fn rename(ada: &Person, filled: &[(&str, &str)]) -> Answer {
    let page = ada.get("/admin/site").await.expect(200);
    ada.submit(&page, "/admin/site", filled).await
}

/// How a sign-in at this address sets its cookie.
async fn cookie_of(who: &Person) -> String {
    let form = [("email", who.email.as_str()), ("password", who.password.as_str())];
    let request = who.request(Method::POST, "/sign-in").header("sec-fetch-site", "same-origin").form(&form);
    let answer = who.send(request).await.expect(303);
    answer.header("set-cookie").expect("a session").to_owned()
}

#[tokio::test]
async fn a_new_name_and_address_count_at_once() {
    let app = TestApp::start().await;
    let ada = admin(&app).await;
    assert!(!cookie_of(&ada).await.contains("Secure"));
    let unsure =
        rename(&ada, &[("site_name", "Acme Answers"), ("address", "https://Help.Acme.com/")]).await.expect(422);
    unsure.expect_text("does not lead here yet").expect_text("it leads here");
    assert_eq!(unsure.field("site_name").as_deref(), Some("Acme Answers"));
    assert_eq!(app.app.identity.now().name, "Acme Help");
    let saved = ada.submit(&unsure, "/admin/site", &[("sure", "yes")]).await.expect(200);
    saved.expect_text("Saved.").expect_text("Acme Answers");
    // What only the server's settings decide is at least shown.
    saved.expect_text("Nobody verifies an answer of their own").expect_text("single_staff = false");
    assert_eq!(saved.field("address").as_deref(), Some(NEW));
    app.visitor().get("/").await.expect(200).expect_text("Acme Answers");
    // Cookies travel encrypted from now on.
    assert!(cookie_of(&ada).await.contains("Secure"));
    // Where a browser says only the origin, both addresses are ours, and no other is.
    for (origin, status) in [(NEW, 303), (app.address.as_str(), 303), ("https://evil.example", 403), ("null", 403)] {
        let form = app.visitor().request(Method::POST, "/theme").header("origin", origin);
        let answer = app.visitor().send(form.form(&[("theme", "dark"), ("back", "/")])).await;
        assert_eq!(answer.status, status, "{origin}");
    }
}

#[tokio::test]
async fn two_at_once_are_told_and_what_cannot_be_is_named() {
    let app = TestApp::start().await;
    let ada = admin(&app).await;
    let old = ada.get("/admin/site").await.expect(200);
    rename(&ada, &[("site_name", "First")]).await.expect(200);
    let late = ada.submit(&old, "/admin/site", &[("site_name", "Second")]).await.expect(422);
    late.expect_text("Somebody else saved this page").expect_text("\"First\"");
    assert_eq!(late.field("site_name").as_deref(), Some("Second"));
    assert_eq!(app.app.identity.now().name, "First");
    ada.submit(&late, "/admin/site", &[]).await.expect(200);
    assert_eq!(app.app.identity.now().name, "Second");
    for (field, value, said) in [
        ("site_name", "", "The name of the site is missing"),
        ("address", "help.acme.com", "must be whole"),
        ("address", "https://help.acme.com/forum", "at the top of its host"),
        ("address", "ftp://help.acme.com", "must begin with https://"),
    ] {
        let answer = rename(&ada, &[(field, value)]).await;
        answer.clone().expect(422).expect_text(said);
        assert_eq!(answer.field(field).as_deref(), Some(value));
    }
    assert_eq!(app.app.identity.now().name, "Second");
    let unsure = rename(&ada, &[("address", "http://forum.example")]).await.expect(422);
    // Somebody may listen on the way.
    ada.submit(&unsure, "/admin/site", &[("sure", "yes")]).await.expect(200).expect_text("is not encrypted");
}

#[tokio::test]
async fn another_node_follows_and_a_restart_keeps_it() {
    let app = TestApp::start().await;
    let ada = admin(&app).await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let database = app.app.config.database.clone();
    let db = Db::open_migrated(database.clone()).unwrap();
    let other = App::over(db.clone(), config(database, folder.path()), Clock::Real).await.unwrap();
    let other = actix_web::web::Data::new(other);
    let jobs = App::start(&other);
    let server = app::server(other.clone(), listener).unwrap();
    let handle = server.handle();
    tokio::spawn(server);
    let visitor = Visitor::at(&address);
    visitor.get("/").await.expect(200).expect_text("Acme Help");
    rename(&ada, &[("site_name", "Acme Answers")]).await.expect(200);
    eventually("the other node has the new name", async || visitor.get("/").await.says("Acme Answers")).await;
    jobs.shut_down(std::time::Duration::from_secs(10)).await;
    drop(handle.stop(false));
    // Whoever starts later, with another name in its settings file, goes by the page, too.
    let late = App::over(db, config(app.app.config.database.clone(), folder.path()), Clock::Real).await.unwrap();
    assert_eq!(late.identity.now().name, "Acme Answers");
    let own = late.config.site.clone();
    let site = app.db().read(move |conn| settings::lay_over(conn, own)).await.unwrap();
    assert_eq!(site.name, "Acme Answers");
}
