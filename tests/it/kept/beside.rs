//! What takes long takes nobody else's time: pages are made while passwords are hashed.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::{join, join_all};
use reqwest::Method;

use crate::forum::{TITLE, ask};
use crate::support::TestApp;

#[tokio::test]
async fn pages_are_made_while_many_sign_in() {
    const SIGN_INS: usize = 24;
    let app = TestApp::start().await;
    let customer = app.customer().await;
    ask(&customer, TITLE).await;
    let (begun, done, between) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    // Each by a visitor of their own, all at once; none of them has an account, which costs the same work.
    let sign_ins = join_all((0..SIGN_INS).map(|number| {
        let (app, begun, done) = (&app, &begun, &done);
        async move {
            let visitor = app.visitor();
            let email = format!("nobody{number}@example.com");
            let form = [("email", email.as_str()), ("password", "three odd words")];
            begun.fetch_add(1, Ordering::SeqCst);
            let answer = visitor.post_form("/sign-in", &form).await;
            done.fetch_add(1, Ordering::SeqCst);
            answer.status
        }
    }));
    let reading = async {
        let visitor = app.visitor();
        while done.load(Ordering::SeqCst) < SIGN_INS {
            let page = visitor.send(visitor.request(Method::GET, "/newest")).await;
            assert_eq!(page.status, 200);
            if begun.load(Ordering::SeqCst) == SIGN_INS && done.load(Ordering::SeqCst) < SIGN_INS {
                between.fetch_add(1, Ordering::SeqCst);
            }
        }
    };
    let (statuses, ()) = join(sign_ins, reading).await;
    // Too many from one address are told to wait; the others were looked at, and nobody was let in.
    assert!(statuses.iter().all(|status| matches!(status, 401 | 403 | 422 | 429)), "{statuses:?}");
    let between = between.load(Ordering::SeqCst);
    assert!(between >= 3, "only {between} pages while {SIGN_INS} signed in");
}
