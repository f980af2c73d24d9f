//! Bad input: each row says what comes in, what the answer's status is and what it tells the person.

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;

use super::{TITLE, answer, ask};
use crate::support::TestApp;

#[tokio::test]
async fn odd_addresses_get_a_clear_answer() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    ask(&customer, TITLE).await;
    super::insert_topic(&app, "wifi", "Wi-Fi").await;
    let nothing = "There is no such page";
    let place = "does not name a place in the list";
    for (path, status, says) in [
        ("/questions/2", 404, nothing),
        ("/questions/0", 404, nothing),
        ("/questions/-1", 404, nothing),
        ("/questions/abc", 404, nothing),
        ("/questions/1x", 404, nothing),
        ("/questions/9223372036854775807", 404, nothing),
        ("/questions/99999999999999999999999999", 404, nothing),
        ("/questions/%00", 404, nothing),
        ("/questions/%FF/x", 404, nothing),
        ("/topics/none", 404, nothing),
        ("/topics/%00", 404, nothing),
        ("/topics/%F0%28%8C%28", 404, nothing),
        ("/topics/wifi?list=odd", 404, nothing),
        ("/members/nobody", 404, nothing),
        ("/members/%00", 404, nothing),
        ("/members/%FF", 404, nothing),
        ("/?after=x", 400, place),
        ("/?after=%00", 400, place),
        ("/?after=%FF-1", 400, place),
        ("/newest?after=1-2-3", 400, place),
        ("/unanswered?after=99999999999999999999-1", 400, place),
        ("/newest?after=1-1", 200, "There are no more questions in this list."),
        ("/newest?after=9223372036854775807-9223372036854775807", 200, TITLE),
        ("/newest?after=-9223372036854775808-1", 400, place),
        ("/newest?after=", 200, TITLE),
        ("/nothing/here", 404, nothing),
        ("/%FF", 404, nothing),
        ("/ask?title=%FF&topic=x", 200, "Ask a question"),
    ] {
        app.visitor().get(path).await.expect(status).expect_text(says);
    }
}

#[tokio::test]
async fn odd_forms_get_a_clear_answer_and_change_nothing() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    ask(&customer, "My television box does not start").await;
    answer(&peer, "Try another channel.").await;
    let before = app.visitor().get("/questions/1").await.text();
    let long = |length: usize| "x".repeat(length);
    let (title151, body30001, comment1001) = (long(151), long(30_001), long(1_001));
    let good = "A text that is good.";
    let nothing = "There is no such page";
    for (person, path, fields, status, says) in [
        (&customer, "/ask", vec![], 422, "The title is missing."),
        (&customer, "/ask", vec![("title", TITLE)], 422, "Your question is missing."),
        (
            &customer,
            "/ask",
            vec![("title", "Short"), ("body", good)],
            422,
            "The title has 5 characters and needs at least 15.",
        ),
        (
            &customer,
            "/ask",
            vec![("title", &title151), ("body", good)],
            422,
            "The title has 151 characters; 150 are allowed.",
        ),
        (&customer, "/ask", vec![("title", "\u{200B}\u{2060}\u{FEFF}"), ("body", good)], 422, "The title is missing."),
        (&customer, "/ask", vec![("title", TITLE), ("body", "\u{200B}\u{200D}")], 422, "Your question is missing."),
        (&customer, "/ask", vec![("title", TITLE), ("body", "\0\0")], 422, "Your question is missing."),
        (&customer, "/ask", vec![("title", TITLE), ("body", &body30001)], 422, "Shorten it by 1."),
        (
            &customer,
            "/ask",
            vec![("title", TITLE), ("body", good), ("topic", "99")],
            422,
            "There is no such topic any more.",
        ),
        (
            &customer,
            "/ask",
            vec![("title", TITLE), ("title", TITLE), ("body", good)],
            400,
            "The form could not be read",
        ),
        (&peer, "/questions/1/answers", vec![], 422, "Your answer is missing."),
        (&peer, "/questions/1/answers", vec![("body", "***")], 422, "would show no words"),
        (
            &peer,
            "/questions/1/answers",
            vec![("body", &body30001)],
            422,
            "Your answer has 30001 characters; 30000 are allowed.",
        ),
        (&peer, "/questions/99/answers", vec![("body", good)], 404, nothing),
        (&peer, "/questions/99/answers", vec![], 404, nothing),
        (&peer, "/questions/abc/answers", vec![("body", good)], 404, nothing),
        (
            &peer,
            "/questions/1/comments",
            vec![("body", &comment1001)],
            422,
            "Your comment has 1001 characters; 1000 are allowed.",
        ),
        (&peer, "/questions/1/comments", vec![("body", good), ("answer_id", "99")], 404, nothing),
        (&peer, "/questions/2/comments", vec![("body", good), ("answer_id", "1")], 404, nothing),
        (&peer, "/questions/1/comments", vec![("body", good), ("answer_id", "x")], 400, "The form could not be read"),
        (&peer, "/questions/99/comments", vec![("body", good)], 404, nothing),
        (&peer, "/votes", vec![], 400, "The form could not be read"),
        (&peer, "/votes", vec![("post", "question-1"), ("value", "7")], 400, "A vote is 1, -1, or 0 to take it back."),
        (&peer, "/votes", vec![("post", "question-1"), ("value", "x")], 400, "The form could not be read"),
        (&peer, "/votes", vec![("post", "comment-1"), ("value", "1")], 404, nothing),
        (&peer, "/votes", vec![("post", "question-"), ("value", "1")], 404, nothing),
        (&peer, "/votes", vec![("post", "question-99"), ("value", "1")], 404, nothing),
        (&peer, "/votes", vec![("post", "answer-99"), ("value", "1")], 404, nothing),
        (&peer, "/votes", vec![("post", "answer-99999999999999999999"), ("value", "1")], 404, nothing),
        (&customer, "/answers/99/accept", vec![("accepted", "yes")], 404, nothing),
        (&customer, "/answers/1/accept", vec![("accepted", "maybe")], 400, "The form could not be read"),
        (&staff, "/questions/1/title", vec![("title", "Short")], 422, "needs at least 15"),
        (&staff, "/questions/99/title", vec![("title", "Short")], 404, nothing),
        (&staff, "/questions/99/title", vec![("title", TITLE)], 404, nothing),
    ] {
        let answer = person.post_form(path, &fields).await;
        let named: Vec<_> =
            fields.iter().map(|(name, value)| (name, value.chars().take(20).collect::<String>())).collect();
        assert_eq!(answer.status, status, "{path} {named:?}: {}", answer.text());
        assert!(answer.says(says), "{path} {named:?}: {}", answer.text());
        if status == 422 && path != "/questions/1/title" {
            for (name, value) in fields.iter().filter(|(name, _)| matches!(*name, "title" | "body")) {
                let typed = value.replace('\0', "");
                assert_eq!(answer.field(name), Some(typed), "{path} {named:?} keeps {name}");
            }
        }
    }
    assert_eq!(app.visitor().get("/questions/1").await.text(), before);
    app.visitor().get("/questions/3").await.expect(404);
}

#[tokio::test]
async fn bodies_that_are_no_form_are_refused_and_broken_text_is_mended() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    let post = |kind: &'static str, body: Vec<u8>| {
        let request = customer.request(Method::POST, "/ask").header("sec-fetch-site", "same-origin");
        customer.send(request.header(CONTENT_TYPE, kind).body(body))
    };
    let form = "application/x-www-form-urlencoded";
    post("application/json", b"{}".to_vec()).await.expect(400).expect_text("Send this as a form");
    post(form, vec![b'x'; 1024 * 1024 + 1]).await.expect(413).expect_text("At most 1 MB can be sent at once.");
    let made =
        post(form, b"title=My+router+drops+\xFF%FE+each+evening&body=A+text+with+%00+and+%E2%80%AE+in+it".to_vec())
            .await;
    assert_eq!(made.expect(303).location(), Some("/questions/1/my-router-drops-each-evening"));
    let thread = customer.get("/questions/1").await.expect(200);
    thread.expect_text("My router drops \u{FFFD}\u{FFFD} each evening").expect_text("A text with and in it");
}

#[tokio::test]
async fn what_people_write_cannot_become_part_of_the_page() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    let title = "<script>alert(1)</script> \"><img src=x onerror=alert(2)>";
    let form = customer.get("/ask").await;
    let body = "<script>alert(3)</script> [x](javascript:alert(4)) <img src=x onerror=alert(5)> words";
    customer.submit(&form, "/ask", &[("title", title), ("body", body)]).await.expect(200);
    for path in ["/", "/questions/1", "/members/caseycustomer"] {
        let page = app.visitor().get(path).await.expect(200);
        page.expect_text("<script>alert(1)</script>");
        for mark in ["<script>alert", "<img src=x", "\"javascript:"] {
            assert!(!page.body.contains(mark), "{path} holds {mark}");
        }
    }
}
