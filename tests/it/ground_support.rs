//! The ground itself: that a test has a server, a database and people of its own, and what this run leaves out.

use std::io::Write;

use crate::support::{Browser, Kind, TestApp, eventually, kind, must_run};

#[test]
fn what_a_bare_cargo_test_leaves_out_is_told() {
    if !must_run() && kind() == Kind::Sqlite {
        // Not `eprintln!`: the harness would keep that for failed tests.
        writeln!(std::io::stderr(), "left out: the same tests on PostgreSQL (tests/run does both)").unwrap();
    }
}

#[tokio::test]
async fn each_app_has_people_and_a_database_of_its_own() {
    let app = TestApp::start().await;
    let other = TestApp::start().await;
    let staff = app.staff().await;
    let stranger = other.visitor();
    assert!(staff.cookie("answerwell_session").is_some());
    let fields = [("email", staff.email.as_str()), ("password", staff.password.as_str())];
    stranger.post_form("/sign-in", &fields).await.expect(422);
    app.visitor().post_form("/sign-in", &fields).await;
    staff.post_form("/sign-out", &[]).await;
    assert_eq!(staff.cookie("answerwell_session"), None);
}

#[tokio::test]
async fn waiting_ends_when_the_condition_holds() {
    let mut looks = 0;
    eventually("the third look", async || {
        looks += 1;
        looks == 3
    })
    .await;
    assert_eq!(looks, 3);
}

#[tokio::test]
async fn chromium_opens_pages_with_and_without_script() {
    let app = TestApp::start().await;
    for javascript in [true, false] {
        let Some(browser) = Browser::open(javascript).await else { return };
        browser.goto(format!("{}/sign-in", app.address)).await.unwrap();
        let page = "data:text/html,<title>off</title><script>document.title='on'</script>";
        browser.goto(page).await.unwrap();
        assert_eq!(browser.title().await.unwrap(), if javascript { "on" } else { "off" });
        browser.close().await;
    }
}
