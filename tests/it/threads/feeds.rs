//! What programs read of the forum: structured data, feeds, the sitemap.

use reqwest::Method;
use reqwest::header::IF_NONE_MATCH;
use serde_json::Value;

use super::Scene;
use crate::forum::insert_topic;
use crate::support::{Answer, TestApp};
use crate::tools::ask_here;

/// The structured data of a page; `None`: it holds none.
fn structured(page: &Answer) -> Option<Value> {
    let (_, rest) = page.body.split_once("<script type=\"application/ld+json\">")?;
    let (json, _) = rest.split_once("</script>").expect("an end");
    Some(serde_json::from_str(json).expect("JSON"))
}

#[tokio::test]
async fn a_thread_says_of_itself_what_search_engines_ask_for() {
    let scene = Scene::set().await;
    let Scene { app, customer, peer, .. } = &scene;
    let evil = "Why does </script><script>alert(1)</script> show up & \"quoted\"?";
    let bare = ask_here(customer, evil).await;
    let page = app.visitor().get(&format!("/questions/{bare}")).await.expect(200);
    assert!(structured(&page).is_none(), "without an answer there is nothing to say");
    peer.post_form(&format!("/questions/{bare}/answers"), &[("body", "Escape `</script>` **first**.")])
        .await
        .expect(200);
    let page = app.visitor().get(&format!("/questions/{bare}")).await.expect(200);
    let json = structured(&page).expect("structured data");
    assert_eq!(json["mainEntity"]["name"], evil);
    assert_eq!(json["mainEntity"]["suggestedAnswer"][0]["text"], "Escape </script> first.");
    assert!(!page.body.contains("<script>alert"));

    customer.post_form("/answers/2/accept", &[("accepted", "yes")]).await.expect(200);
    customer.post_form("/votes", &[("post", "answer-1"), ("value", "1")]).await.expect(200);
    let page = app.visitor().get("/questions/1").await.expect(200);
    let json = structured(&page).expect("structured data");
    let question = &json["mainEntity"];
    let place = format!("{}{}", app.address, page.path);
    assert_eq!((&json["@context"], &json["@type"]), (&"https://schema.org".into(), &"QAPage".into()));
    assert_eq!(
        (&question["@type"], &question["answerCount"], &question["url"]),
        (&"Question".into(), &2.into(), &place.as_str().into())
    );
    assert_eq!(question["text"], "Since last week, at 20:15.");
    assert_eq!(question["author"]["name"], "Casey Customer");
    assert!(question["datePublished"].as_str().is_some_and(|date| date.contains('T')), "{question}");
    let (accepted, suggested) = (&question["acceptedAnswer"], &question["suggestedAnswer"]);
    assert_eq!((accepted.as_array().unwrap().len(), suggested.as_array().unwrap().len()), (1, 1));
    assert_eq!(accepted[0]["url"], format!("{place}#answer-2"));
    assert_eq!((&suggested[0]["upvoteCount"], &suggested[0]["@type"]), (&1.into(), &"Answer".into()));
    for meta in ["og:title", "og:description", "og:url", "og:site_name"] {
        assert!(page.body.contains(&format!("<meta property=\"{meta}\" content=\"")), "{meta}");
    }
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("script-src 'self'"), "data in a script element is no script: {policy}");
}

#[tokio::test]
async fn every_list_has_a_feed_that_costs_nothing_where_it_is_known() {
    let scene = Scene::set().await;
    let Scene { app, customer, .. } = &scene;
    insert_topic(app, "wifi", "Wi-Fi & more").await;
    let form = customer.get("/ask").await.expect(200);
    let filled = [("title", "Is <b>bold</b> & \u{1}odd a title?"), ("body", "Some words\u{b} here."), ("topic", "1")];
    customer.submit(&form, "/ask", &filled).await.expect(200);
    let visitor = app.visitor();
    for (page, feed) in [
        ("/", "/feeds/active"),
        ("/newest", "/feeds/newest"),
        ("/unanswered", "/feeds/unanswered"),
        ("/affected", "/feeds/affected"),
        ("/topics/wifi?list=newest", "/topics/wifi/feed?list=newest"),
        ("/members/caseycustomer", "/members/caseycustomer/feed"),
    ] {
        assert!(
            visitor.get(page).await.expect(200).body.contains(&format!("href=\"{feed}\"")),
            "{page} names its feed"
        );
        let answer = visitor.get(feed).await.expect(200);
        assert_eq!(answer.header("content-type"), Some("application/atom+xml; charset=utf-8"), "{feed}");
        assert!(
            answer.body.contains("<updated>")
                && answer.body.contains(&format!("{}{}", app.address, feed.replace('&', "&#38;")))
        );
        assert!(!answer.body.contains('\u{1}') && !answer.body.contains("<b>"), "{feed}: {}", answer.body);
        assert_eq!(answer.body.matches("<entry>").count(), answer.body.matches("</entry>").count());
        let tag = answer.header("etag").unwrap().to_owned();
        let again = visitor.send(visitor.request(Method::GET, feed).header(IF_NONE_MATCH, tag)).await;
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{feed}");
    }
    let active = visitor.get("/feeds/active").await;
    assert_eq!(active.body.matches("<entry>").count(), 2);
    active.expect_text("Answered, 2 answers. Since last week, at 20:15.");
    assert_eq!(visitor.get("/feeds/unanswered").await.body.matches("<entry>").count(), 1);
    assert_eq!(visitor.get("/feeds/affected").await.body.matches("<entry>").count(), 0);
    for unknown in ["/feeds/nothing", "/topics/nothing/feed", "/topics/wifi/feed?list=x", "/members/nobody/feed"] {
        visitor.get(unknown).await.expect(404);
    }
}

#[tokio::test]
async fn the_sitemap_names_what_everybody_sees_and_robots_are_told_of_it() {
    let scene = Scene::set().await;
    let Scene { app, customer, staff, .. } = &scene;
    let hidden = ask_here(customer, "A question that staff will hide").await;
    staff
        .post_form(&format!("/desk/moderate/question-{hidden}"), &[("act", "hide"), ("reason", "No.")])
        .await
        .expect(200);
    let visitor = app.visitor();
    visitor.get("/robots.txt").await.expect(200).expect_text(&format!("Sitemap: {}/sitemap.xml", app.address));
    let index = visitor.get("/sitemap.xml").await.expect(200);
    for part in ["pages", "0"] {
        assert!(index.body.contains(&format!("<loc>{}/sitemaps/{part}.xml</loc>", app.address)), "{}", index.body);
    }
    let part = visitor.get("/sitemaps/0.xml").await.expect(200);
    let place = "/questions/1/my-router-drops-the-wi-fi-every-evening";
    assert!(part.body.contains(&format!("<loc>{}{place}</loc><lastmod>", app.address)), "{}", part.body);
    assert!(!part.body.contains("staff-will-hide"));
    assert!(visitor.get("/sitemaps/pages.xml").await.expect(200).body.contains("/newest</loc>"));
    for unknown in ["/sitemaps/-1.xml", "/sitemaps/x.xml", "/sitemaps/99999999999999999999.xml"] {
        visitor.get(unknown).await.expect(404);
    }
}

#[tokio::test]
async fn an_empty_site_has_empty_feeds_and_a_sitemap() {
    let app = TestApp::start().await;
    let feed = app.visitor().get("/feeds/active").await.expect(200);
    assert!(feed.body.contains("<updated>1970-01-01") && !feed.body.contains("<entry>"), "{}", feed.body);
    assert!(!app.visitor().get("/sitemap.xml").await.expect(200).body.contains("/sitemaps/0.xml"));
}
