//! The page of notices and the bell.

use answerwell::clock::Millis;
use answerwell::db::DbError;
use answerwell::notices::{self, Kind, NewNotice};

use super::{count, told};
use crate::forum::{TITLE, ask};
use crate::support::{Person, TestApp};

async fn tell(app: &TestApp, to: &Person, kind: Kind, at: i64) {
    let to = to.id;
    let new = NewNotice {
        to,
        kind,
        question_id: Some(1),
        post: None,
        subject: None,
        by: None,
        words: format!("Number {at}"),
        at: Millis(at),
    };
    app.db().write(move |tx| notices::tell(tx, &new).map(drop)).await.unwrap();
}

#[tokio::test]
async fn unread_notices_stand_first_and_opening_one_reads_it() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    told(&customer).await.expect_text("Nothing to tell you yet");
    ask(&customer, TITLE).await;
    tell(&app, &customer, Kind::Locked, 1).await;
    tell(&app, &customer, Kind::Unlocked, 2).await;
    let page = told(&customer).await;
    assert!(page.body.contains("aria-label=\"Notices, 2 unread\""), "the bell counts");
    page.expect_text("unlocked your thread").expect_text("Why: Number 2");
    let thread = customer.submit(&page, "/notices/2", &[]).await.expect(200);
    assert_eq!(thread.path, "/questions/1/my-router-drops-the-wi-fi-every-evening");
    let page = told(&customer).await;
    assert!(page.body.contains("aria-label=\"Notices, 1 unread\""));
    let (first, second) = (page.text().find("Number 1"), page.text().find("Number 2"));
    assert!(first < second, "what was not read stands first: {}", page.text());
}

#[tokio::test]
async fn reading_all_reads_what_the_page_showed_and_nothing_newer() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    for number in 1..=3 {
        tell(&app, &customer, Kind::Warned, number).await;
    }
    let page = told(&customer).await;
    tell(&app, &customer, Kind::Warned, 4).await;
    let after = customer.submit(&page, "/notices/read", &[]).await.expect(200);
    assert!(after.body.contains("aria-label=\"Notices, 1 unread\""));
    assert_eq!(count(&app, "notice WHERE read_at IS NULL").await, 1);
}

#[tokio::test]
async fn many_notices_come_in_pages_each_of_them_once() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    let to = customer.id;
    app.db()
        .write(move |tx| {
            for number in 1..=65 {
                let new = NewNotice {
                    to,
                    kind: Kind::Warned,
                    question_id: None,
                    post: None,
                    subject: None,
                    by: None,
                    words: format!("Number {number} of all."),
                    at: Millis(number),
                };
                notices::tell(tx, &new)?;
            }
            Ok::<_, DbError>(())
        })
        .await
        .unwrap();
    customer.post_form("/notices/40", &[]).await.expect(200);
    let (mut path, mut seen) = ("/notices".to_owned(), String::new());
    loop {
        let page = customer.get(&path).await.expect(200);
        seen.push_str(&page.text());
        match page.links().into_iter().find(|link| link.starts_with("/notices?after=")) {
            Some(next) => path = next,
            None => break,
        }
    }
    for number in 1..=65 {
        assert_eq!(seen.matches(&format!("Number {number} of all.")).count(), 1, "number {number}");
    }
    assert!(
        seen.ends_with("Number 40 of all.") || seen.rfind("Number 40") > seen.rfind("Number 1 of"),
        "read ones last"
    );
}

#[tokio::test]
async fn nobody_reads_the_notices_of_somebody_else() {
    let app = TestApp::start().await;
    let (customer, peer) = (app.customer().await, app.peer().await);
    tell(&app, &customer, Kind::Warned, 1).await;
    assert!(!told(&peer).await.says("Number 1"));
    peer.post_form("/notices/1", &[]).await.expect(404);
    peer.post_form("/notices/read", &[("newest", "99")]).await.expect(200);
    app.visitor().get("/notices").await.expect(401);
    app.visitor().post_form("/notices/1", &[]).await.expect(401);
    assert_eq!(count(&app, "notice WHERE read_at IS NULL").await, 1);
    customer.post_form("/notices/1", &[]).await.expect(200);
    assert_eq!(count(&app, "notice WHERE read_at IS NULL").await, 0);
}

#[tokio::test]
async fn a_page_for_strangers_knows_no_bell() {
    let app = TestApp::start().await;
    ask(&app.customer().await, TITLE).await;
    for path in ["/", "/questions/1", "/ask"] {
        let page = app.visitor().get(path).await.expect(200);
        assert!(!page.body.contains("/notices") && page.header("etag").is_some(), "{path}");
    }
}
