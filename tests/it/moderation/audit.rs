//! The audit log: what is in it, who reads it, and that nothing takes anything out of it.

use answerwell::db::DbError;
use answerwell::members::Role;
use diesel::prelude::*;

use super::{count, moderate};
use crate::forum::{TITLE, answer, ask};
use crate::support::TestApp;

#[tokio::test]
async fn the_log_is_filtered_by_person_act_subject_and_day() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let admin = app.person("Ada Admin", Role::Admin).await;
    admin.get("/admin/audit").await.expect(200).expect_text("Nobody has done anything yet");
    ask(&customer, TITLE).await;
    answer(&peer, "Try another channel.").await;
    moderate(&staff, "answer-1", "hide", "It is about another product.").await.expect(200);
    moderate(&admin, "answer-1", "restore", "It is not.").await.expect(200);
    let log = admin.get("/admin/audit").await.expect(200);
    log.expect_text("Sam Staff hid : answer 1 in question 1").expect_text("It is about another product.");
    log.expect_text("Ada Admin showed again : answer 1");
    let (newest, oldest) = (log.text().find("It is not."), log.text().find("another product."));
    assert!(newest < oldest, "newest first");
    let today = answerwell::clock::Clock::Real.now().to_rfc3339()[..10].to_owned();
    for (query, shown, hidden) in [
        ("by=samstaff", "another product", "It is not."),
        ("by=%40adaadmin", "It is not.", "another product"),
        ("act=restore", "It is not.", "another product"),
        ("act=hide&subject=answer-1", "another product", "It is not."),
        ("subject=question-1", "another product", "Nothing to show"),
        ("subject=question-2", "No act of staff fits", "another product"),
        (&format!("day={today}"), "another product", "Nothing to show"),
        ("day=2001-01-31", "No act of staff fits", "another product"),
        ("by=nobody", "Nobody here has the handle nobody", "another product"),
        ("day=soon", "This is no day", "another product"),
        ("act=juggle", "There is no such act", "another product"),
    ] {
        let page = admin.get(&format!("/admin/audit?{query}")).await.expect(200);
        page.expect_text(shown);
        assert!(!page.says(hidden), "{query}: {}", page.text());
    }
}

#[tokio::test]
async fn a_long_log_comes_in_pages() {
    let app = TestApp::start().await;
    let (customer, staff) = (app.customer().await, app.staff().await);
    let admin = app.person("Ada Admin", Role::Admin).await;
    ask(&customer, TITLE).await;
    for number in 0..30 {
        for act in ["lock", "unlock"] {
            let reason = format!("Reason {number} to {act}");
            staff.post_form("/desk/questions/1/lock", &[("act", act), ("reason", &reason)]).await.expect(200);
        }
    }
    let first = admin.get("/admin/audit?by=samstaff").await.expect(200);
    let next = first.links().into_iter().find(|link| link.contains("before=")).expect("there is more");
    assert!(next.starts_with("/admin/audit?by=samstaff&before="), "{next}");
    let second = admin.get(&next).await.expect(200);
    second.expect_text("Reason 0 to lock");
    assert!(first.says("Reason 29 to lock") && !second.says("Reason 29 to lock"));
    let lines = |page: &crate::support::Answer| page.text().matches("Reason ").count();
    assert_eq!((lines(&first), lines(&second)), (50, 10));
}

#[tokio::test]
async fn only_administrators_read_it() {
    let app = TestApp::start().await;
    let (customer, staff) = (app.customer().await, app.staff().await);
    app.visitor().get("/admin/audit").await.expect(401);
    customer.get("/admin/audit").await.expect(403);
    staff.get("/admin/audit").await.expect(403);
    app.person("Ada Admin", Role::Admin).await.get("/admin/audit").await.expect(200);
}

#[tokio::test]
async fn nothing_changes_a_line_or_takes_it_out() {
    let app = TestApp::start().await;
    let (customer, staff) = (app.customer().await, app.staff().await);
    ask(&customer, TITLE).await;
    moderate(&staff, "question-1", "hide", "Wrong place.").await.expect(200);
    for statement in ["UPDATE audit SET words = 'nothing happened'", "DELETE FROM audit"] {
        let refused =
            app.db().write(move |tx| Ok::<_, DbError>(diesel::sql_query(statement).execute(&mut **tx)?)).await;
        let error = refused.expect_err(statement).to_string();
        assert!(error.contains("the audit log is never changed"), "{error}");
    }
    assert_eq!(count(&app, "audit WHERE words = 'Wrong place.'").await, 1);
}
