//! How a kept page travels, and for whom none is kept.

use std::io::Read;

use flate2::read::GzDecoder;
use reqwest::Method;

use super::{House, is_kept};
use crate::forum::{TITLE, answer, ask};
use crate::support::{Answer, eventually};

const THREAD: &str = "/questions/1/my-router-drops-the-wi-fi-every-evening";

async fn with(house: &House, path: &str, headers: &[(&str, &str)]) -> Answer {
    let visitor = house.app.visitor();
    let request =
        headers.iter().fold(visitor.request(Method::GET, path), |request, (name, value)| request.header(*name, *value));
    visitor.send(request).await
}

/// The same, once it is answered by a page that is kept: a node that is too busy to look into the feed makes each anew.
async fn kept_with(house: &House, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut kept = None;
    eventually("a kept page answers", async || {
        let answer = with(house, path, headers).await;
        let found = is_kept(&answer);
        kept = Some(answer);
        found
    })
    .await;
    kept.expect("an answer")
}

#[tokio::test]
async fn a_kept_page_is_compressed_known_again_and_the_same_for_all() {
    let house = House::start().await;
    ask(&house.app.customer().await, TITLE).await;
    answer(&house.app.peer().await, "Change the channel to 11.").await;
    // Made for this request, and the same bytes as from then on.
    let made = with(&house, THREAD, &[("accept-encoding", "gzip")]).await.expect(200);
    let plain = house.keep(THREAD).await;
    assert_eq!(plain.header("content-encoding"), None);
    for (name, value) in [
        ("cache-control", "no-cache"),
        ("vary", "Cookie, Accept-Encoding"),
        ("content-type", "text/html; charset=utf-8"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(plain.header(name), Some(value), "{name}");
    }
    assert!(plain.header("x-request-id").is_some() && plain.header("content-security-policy").is_some());
    for zipped in [made, with(&house, THREAD, &[("accept-encoding", "br, gzip")]).await.expect(200)] {
        assert_eq!(zipped.header("content-encoding"), Some("gzip"));
        let mut read = String::new();
        GzDecoder::new(&zipped.bytes[..]).read_to_string(&mut read).expect("gzip");
        assert_eq!((read, zipped.header("etag")), (plain.body.clone(), plain.header("etag")));
        assert!(zipped.bytes.len() * 2 < plain.bytes.len());
    }
    let tag = plain.header("etag").expect("a tag").to_owned();
    let known = kept_with(&house, THREAD, &[("if-none-match", &tag), ("accept-encoding", "gzip")]).await.expect(304);
    assert_eq!((known.bytes.len(), known.header("etag")), (0, Some(tag.as_str())));
    kept_with(&house, THREAD, &[("if-none-match", "\"other\"")]).await.expect(200);
    let visitor = house.app.visitor();
    let head = visitor.send(visitor.request(Method::HEAD, THREAD)).await.expect(200);
    assert_eq!((head.bytes.len(), head.header("etag")), (0, Some(tag.as_str())));
}

#[tokio::test]
async fn whoever_is_known_neither_gets_a_kept_page_nor_leaves_one() {
    let house = House::start().await;
    let (customer, peer, guest) = (house.app.customer().await, house.app.peer().await, house.app.visitor());
    ask(&customer, TITLE).await;
    answer(&peer, "Change the channel to 11.").await;
    house.keep(THREAD).await;
    house.keep("/").await;
    for path in [THREAD, "/"] {
        let own = customer.get(path).await.expect(200);
        assert!(!is_kept(&own) && own.body.contains("Sign out"), "{path}");
        assert_eq!(own.header("cache-control"), Some("private, no-store"));
        let stranger = house.keep(path).await;
        assert!(!stranger.body.contains("Sign out"), "{path}: theirs was not kept");
    }
    // What a guest said stands on their page alone.
    guest.post_form("/questions/1/affected", &[("affected", "yes")]).await.expect(200);
    house.keep(THREAD).await;
    let own = guest.get(THREAD).await.expect(200);
    assert!(!is_kept(&own));
    own.expect_text("You have this too");
    assert!(!house.read(THREAD).await.says("You have this too"));
    // A name that was made up is as good as none, and is not looked at more closely.
    assert!(!is_kept(&with(&house, THREAD, &[("cookie", "answerwell_guest=nobody")]).await));
    assert!(!is_kept(&with(&house, THREAD, &[("cookie", "answerwell_session=nobody")]).await));
    // The theme is a style sheet of its own.
    kept_with(&house, THREAD, &[("cookie", "answerwell_theme=dark; other=1")]).await;
}

#[tokio::test]
async fn only_pages_that_are_there_are_kept() {
    let house = House::start().await;
    let staff = house.app.staff().await;
    ask(&house.app.customer().await, TITLE).await;
    house.keep("/tags").await.expect_text("No tags yet");
    let json = with(&house, "/tags?begins=wi", &[("accept", "application/json")]).await.expect(200);
    assert_eq!(json.json()["tags"].as_array().map(Vec::len), Some(0));
    for path in ["/sign-in", "/search?q=router", "/ask", "/questions/99/nothing", "/theme.css", "/health"] {
        for _ in 0..2 {
            assert!(!is_kept(&house.read(path).await), "{path}");
        }
    }
    // An address that nobody would type is not kept, or others would be pushed out.
    let long = format!("/?x={}", "y".repeat(500));
    for _ in 0..2 {
        assert!(!is_kept(&house.read(&long).await.expect(200)));
    }
    house.keep("/?x=short").await;
    // A page that may be kept does not stay in the way of what is not there any more.
    house.keep(THREAD).await;
    let hide = [("act", "hide"), ("reason", "It breaks our rules.")];
    staff.post_form("/desk/moderate/question-1", &hide).await.expect(200);
    for _ in 0..2 {
        assert!(!is_kept(&house.read(THREAD).await.expect(410)));
    }
}
