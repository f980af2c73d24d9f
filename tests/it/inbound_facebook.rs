//! What arrives from Facebook, on its way into the forum: in any order, more than once, for others as well.

use std::time::Duration;

use answerwell::sim::facebook::{Fault, FaultKind};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{Answer, FacebookLoop, PAGE, eventually};

#[tokio::test]
async fn a_thread_follows_what_its_asker_edits_and_goes_with_what_they_delete() {
    let ends = FacebookLoop::start().await;
    let visitor = ends.visitor();
    let (post, question) = ends.asks("jo", "The router drops wifi every evening").await;
    let comment = ends.says("kim", "Same on our street", Some(&post));
    let thread = format!("/questions/{question}");
    eventually("the comment is here", async || visitor.get(&thread).await.says("Same on our street")).await;
    ends.twin.edit("jo", &post, "The router drops wifi every morning").unwrap();
    eventually("the new words are here", async || visitor.get(&thread).await.says("every morning")).await;
    assert!(!visitor.get(&thread).await.says("every evening"));
    ends.twin.delete("kim", &comment).unwrap();
    eventually("the comment is gone", async || !visitor.get(&thread).await.says("Same on our street")).await;
    ends.twin.delete("jo", &post).unwrap();
    eventually("the thread is gone", async || visitor.get(&thread).await.status == 410).await;
    ends.says("kim", "Nothing here hears me", None);
    eventually("others go on", async || visitor.get("/newest").await.says("Nothing here hears me")).await;
}

#[tokio::test]
async fn an_edit_or_a_deletion_that_overtakes_its_post_has_the_last_word() {
    let ends = FacebookLoop::start().await;
    let visitor = ends.visitor();
    ends.twin.set_fault(Fault::new(FaultKind::WebhookSwapped, 1));
    let post = ends.says("jo", "The first words of a question", None);
    ends.twin.edit("jo", &post, "The second words of a question").unwrap();
    let newest = shown(&ends, "The second words of a question").await;
    assert!(!newest.says("The first words"), "{}", newest.text());

    ends.twin.set_fault(Fault::new(FaultKind::WebhookSwapped, 1));
    let regretted = ends.says("jo", "What was never meant to be said", None);
    ends.twin.delete("jo", &regretted).unwrap();
    eventually("everything is told", async || ends.twin.is_told()).await;
    ends.says("kim", "What was meant to be said", None);
    let newest = shown(&ends, "What was meant to be said").await;
    assert!(!newest.says("never meant"), "{}", newest.text());
    assert!(!visitor.get("/search?q=never+meant").await.says("What was never meant"));
}

#[tokio::test]
async fn one_body_may_hold_many_things_for_many_pages_and_some_of_them_twice() {
    let ends = FacebookLoop::start().await;
    let visitor = ends.visitor();
    let long = "9".repeat(30);
    let ours = |number: &str, words: &str| change(&format!("{PAGE}_{number}"), words);
    let twice = ours("801", "My bill is wrong and nobody answers");
    let body = json!({ "object": "page", "entry": [
        { "id": "555000111222333", "time": 1, "changes": [change("555000111222333_1", "For another company")] },
        { "id": PAGE.to_string(), "time": 1, "changes": [
            twice, ours(&long, "An id of thirty digits is an id"), { "field": "reactions", "value": 7 }, twice,
        ] },
        { "id": PAGE.to_string(), "time": 2, "changes": [twice] },
        { "id": PAGE.to_string(), "time": 3, "messaging": [{ "sender": { "id": "1" }, "read": { "watermark": 1 } }] },
    ] });
    for _ in 0..2 {
        assert_eq!(deliver(&ends, &body).await, 200);
    }
    shown(&ends, "An id of thirty digits is an id").await;
    let newest = shown(&ends, "My bill is wrong").await;
    assert!(!newest.says("For another company"), "{}", newest.text());
    let threads = newest.links().into_iter().filter(|link| link.starts_with("/questions/")).count();
    assert_eq!(threads, 2, "{:?}", newest.links());
    assert!(!ends.staff().await.get("/desk").await.says("could not be read"));
    let unsigned = visitor.request(Method::POST, "/webhooks/facebook").body(body.to_string());
    visitor.send(unsigned).await.expect(403);
}

#[tokio::test]
async fn what_no_webhook_told_is_read_from_the_page() {
    let ends = FacebookLoop::start_with(|config| config.bridge.poll_every = Duration::from_secs(1)).await;
    let (post, question) = ends.asks("jo", "The router drops wifi every evening").await;
    ends.twin.set_fault(Fault::new(FaultKind::WebhookOff, 3));
    ends.says("kim", "A question that no webhook told", None);
    let comment = ends.says("kim", "A comment that no webhook told", Some(&post));
    ends.says("jo", "A reply that no webhook told", Some(&comment));
    shown(&ends, "A question that no webhook told").await;
    let visitor = ends.visitor();
    let thread = format!("/questions/{question}");
    eventually("the reply is here", async || visitor.get(&thread).await.says("A reply that no webhook told")).await;
    visitor.get(&thread).await.expect_text("A comment that no webhook told");
}

/// The list of new questions, once it says this.
async fn shown(ends: &FacebookLoop, words: &str) -> Answer {
    let visitor = ends.visitor();
    eventually(&format!("{words:?} is a question"), async || visitor.get("/newest").await.says(words)).await;
    visitor.get("/newest").await
}

/// A visitor's post, as Meta tells of it.
fn change(post: &str, words: &str) -> Value {
    json!({ "field": "feed", "value": {
        "item": "status", "verb": "add", "post_id": post, "from": { "id": "71000000000001", "name": "Jo Miller" },
        "message": words, "created_time": 1_795_000_000,
    } })
}

/// Posts a body that is signed as Meta signs it.
async fn deliver(ends: &FacebookLoop, body: &Value) -> u16 {
    let body = body.to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(b"app-secret").unwrap();
    mac.update(body.as_bytes());
    let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let meta = ends.visitor();
    let request = meta.request(Method::POST, "/webhooks/facebook");
    let request = request.header("x-hub-signature-256", format!("sha256={signature}")).body(body);
    meta.send(request).await.status
}
