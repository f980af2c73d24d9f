//! What X lets one do, and how it says no.

use std::io::Write;
use std::time::Duration;

use answerwell::clock::Millis;
use answerwell::sim::x::Refused;
use reqwest::Method;
use serde_json::json;

use super::{ACME, APP, NOW, Stage, USER, answered, ids};

#[actix_web::test]
async fn ids_rise_and_carry_the_time() {
    let stage = Stage::open().await;
    let now = [stage.twin.post("jo", "one", None, None), stage.twin.post("jo", "two", None, None)].map(Result::unwrap);
    let then = Millis(NOW.0 - 86_400_000);
    let old = [stage.twin.post("jo", "older", None, Some(then)), stage.twin.post("jo", "older too", None, Some(then))];
    let old = old.map(Result::unwrap);
    assert!(now[0] < now[1] && old[0] < old[1] && old[1] < now[0], "{now:?} {old:?}");
    assert_eq!(now[0].parse::<u64>().unwrap() >> 22, (NOW.0 - 1_288_834_974_657) as u64);
    let posts = stage.twin.posts();
    assert_eq!(posts.iter().find(|post| post.id == old[0]).unwrap().created_at, then);
}

#[actix_web::test]
async fn the_past_is_told_as_it_was() {
    let stage = Stage::open().await;
    let then = Millis(NOW.0 - 86_400_000);
    let tell = |text: &str, parent: Option<&str>| stage.twin.post_at("jo", text, parent, then).unwrap();
    let first = tell("thanks", None);
    let same = [tell("thanks", None), tell("thanks", Some(&first)), tell(&"long ".repeat(100), None)];
    assert!(same.is_sorted() && first < same[0], "{first} {same:?}");
    assert!(stage.twin.posts().iter().all(|post| post.created_at == then));
    stage.twin.delete("jo", &first).unwrap();
    assert!(tell("and more", Some(&first)) > same[2]);
    assert!(stage.twin.post_at("jo", "lost", Some("7"), then).is_err());
    assert!(stage.twin.post_at("jo", " ", None, then).is_err());
    assert_eq!(stage.reopen().unwrap().posts().len(), 5);
}

#[actix_web::test]
async fn only_a_typed_mention_opens_a_post_to_answers_by_api() {
    let stage = Stage::open().await;
    let summons = stage.says("jo", "@acme my router drops wifi", None);
    let aside = stage.says("jo", "my router is from acme", None);
    let answer = stage.reply(&summons, "Switch it off & on").await;
    assert_eq!((answer.status, answer.body["data"]["text"].as_str()), (201, Some("@jo Switch it off &amp; on")));
    let bare = stage.says("jo", "did not help", Some(answer.body["data"]["id"].as_str().unwrap()));

    for (parent, said) in [(&aside, "cold"), (&bare, "bare follow-up")] {
        let refused = stage.reply(parent, said).await;
        assert_eq!(refused.status, 403, "{said}");
        assert!(
            refused.body["detail"].as_str().unwrap().starts_with("Reply to this conversation is not allowed"),
            "{said}"
        );
    }
    let bare_post = stage.get(&format!("/2/tweets/{bare}?tweet.fields=entities,display_text_range")).await.body;
    assert_eq!(bare_post["data"]["text"], "@acme did not help");
    assert_eq!(bare_post["data"]["display_text_range"], json!([6, 18]));
    assert_eq!(bare_post["data"]["entities"]["mentions"][0]["start"], 0);

    let typed = stage.says("jo", "@acme still nothing", Some(answer.body["data"]["id"].as_str().unwrap()));
    assert_eq!(stage.reply(&typed, "Sorry to hear").await.status, 201);
    assert_eq!(stage.reply(answer.body["data"]["id"].as_str().unwrap(), "and one more thing").await.status, 201);
    assert_eq!(stage.twin.replies_to(&summons).len(), 1);
    assert!(stage.twin.post("acme", "By hand", Some(&aside), None).is_ok(), "X's own pages let people answer anybody");
}

#[actix_web::test]
async fn texts_that_x_refuses() {
    let stage = Stage::open().await;
    let first = stage.send(json!({"text": "Hello"})).await;
    assert_eq!(first.status, 201);
    let gone = stage.says("jo", "@acme gone soon", None);
    stage.twin.delete("jo", &gone).unwrap();
    let long = "a".repeat(281);
    let cases = [
        (json!({"text": "Hello"}), 403, "duplicate content"),
        (json!({"text": "  \n "}), 400, "invalid-request"),
        (json!({}), 400, "invalid-request"),
        (json!({"text": long}), 400, "too long"),
        (json!({"text": "x", "reply": {"in_reply_to_tweet_id": gone}}), 403, "deleted or not visible"),
        (json!({"text": "x", "reply": {"in_reply_to_tweet_id": "12x"}}), 400, "invalid-request"),
        (json!({"text": "x", "reply": {}}), 400, "required"),
        (json!({"text": "x", "txet": 1}), 400, "additional properties"),
        (json!({"text": 7}), 400, "not a string"),
        (json!([1]), 400, "invalid-request"),
    ];
    for (body, status, said) in cases {
        let refused = stage.send(body.clone()).await;
        assert_eq!(refused.status, status, "{body}");
        assert!(refused.body.to_string().contains(said), "{body}: {}", refused.body);
    }
    let form = stage.request(Method::POST, "/2/tweets", USER).form(&[("text", "hello there")]);
    assert!(answered(form).await.body.to_string().contains("application/json"));
    let exact = format!("{} https://example.com/a/long/way/{}", "a".repeat(256), "b".repeat(100));
    assert_eq!(stage.send(json!({"text": exact})).await.status, 201, "a link weighs 23");
    stage.clock.advance(Duration::from_secs(25 * 3600));
    assert_eq!(stage.send(json!({"text": "Hello"})).await.status, 201, "a day later it is no duplicate");
}

#[actix_web::test]
async fn tokens_open_what_they_are_for() {
    let stage = Stage::open().await;
    let nobody = answered(stage.request(Method::GET, "/2/users/me", "wrong")).await;
    assert_eq!(nobody.status, 401);
    assert_eq!(
        nobody.body,
        json!({"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"})
    );
    let app = answered(stage.request(Method::GET, "/2/users/me", APP)).await;
    assert_eq!(app.status, 403);
    assert!(app.body["type"].as_str().unwrap().ends_with("/unsupported-authentication"));
    assert_eq!(answered(stage.request(Method::GET, "/2/webhooks", USER)).await.status, 403);
    assert_eq!(answered(stage.request(Method::GET, &format!("/2/users/{ACME}/mentions"), APP)).await.status, 200);
    assert_eq!(stage.get("/2/no/such/thing").await.status, 404);
}

#[actix_web::test]
async fn one_deletes_only_ones_own() {
    let stage = Stage::open().await;
    let other = stage.says("jo", "mine", None);
    let own = stage.send(json!({"text": "ours"})).await.body["data"]["id"].as_str().unwrap().to_owned();
    let delete = |id: &str| stage.request(Method::DELETE, &format!("/2/tweets/{id}"), USER);
    assert_eq!(answered(delete(&other)).await.status, 403);
    assert_eq!(answered(delete(&own)).await.body, json!({"data": {"deleted": true}}));
    let gone = stage.get(&format!("/2/tweets/{own}")).await;
    assert_eq!((gone.status, gone.body.get("data")), (200, None));
    assert_eq!(gone.body["errors"][0]["title"], "Not Found Error");
    let both = stage.get(&format!("/2/tweets?ids={own},{other}")).await.body;
    assert_eq!((ids(&both), both["errors"][0]["resource_id"].as_str()), (vec![other.as_str()], Some(own.as_str())));
    assert!(matches!(stage.twin.delete("jo", &own), Err(Refused::NoSuchPost)));
}

#[actix_web::test]
async fn timelines_page_and_go_on_from_the_last_seen() {
    let stage = Stage::open().await;
    let mentions = format!("/2/users/{ACME}/mentions");
    assert_eq!(stage.get(&mentions).await.body, json!({"meta": {"result_count": 0}}));
    let said: Vec<String> = (0..12).map(|n| stage.says("jo", &format!("@acme question {n}"), None)).collect();
    stage.says("jo", "nothing for anybody", None);

    let first = stage.get(&format!("{mentions}?max_results=5")).await.body;
    assert_eq!(ids(&first), said.iter().rev().take(5).collect::<Vec<_>>());
    assert_eq!(first["meta"]["newest_id"], said[11].as_str());
    let mut seen = ids(&first).len();
    let mut next = first["meta"]["next_token"].as_str().map(str::to_owned);
    while let Some(token) = next {
        let page = stage.get(&format!("{mentions}?max_results=5&pagination_token={token}")).await.body;
        seen += ids(&page).len();
        next = page["meta"]["next_token"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, 12);
    let newer = stage.get(&format!("{mentions}?since_id={}", said[9])).await.body;
    assert_eq!(ids(&newer), [&said[11], &said[10]]);
    for wrong in
        ["max_results=4", "max_results=101", "pagination_token=no", "since_id=x", "sort=up", "tweet.fields=all"]
    {
        let refused = stage.get(&format!("{mentions}?{wrong}")).await;
        assert_eq!(refused.status, 400, "{wrong}");
        assert!(refused.body["type"].as_str().unwrap().ends_with("/invalid-request"), "{wrong}");
    }
}

#[actix_web::test]
async fn search_knows_the_language_of_brand_monitoring() {
    let stage = Stage::open().await;
    stage.twin.user("kim", "Kim", 3).unwrap();
    let long_ago = Millis(NOW.0 - 8 * 86_400_000);
    stage.twin.post("jo", "@acme from last week", None, Some(long_ago)).unwrap();
    let root = stage.says("jo", "@acme my router drops wifi #help", None);
    let answer =
        stage.reply(&root, "See https://acme.example/wifi").await.body["data"]["id"].as_str().unwrap().to_owned();
    let other = stage.says("kim", "same router here", Some(&root));
    for (query, found) in [
        (format!("conversation_id:{root}"), vec![&other, &answer, &root]),
        ("@acme -from:kim".to_owned(), vec![&root]),
        ("router -is:retweet".to_owned(), vec![&other, &root]),
        ("\"router drops\" OR from:acme".to_owned(), vec![&answer, &root]),
        ("(router is:reply) OR #HELP".to_owned(), vec![&other, &root]),
        ("has:links".to_owned(), vec![&answer]),
    ] {
        let listed = stage.http.get(format!("{}/2/tweets/search/recent", stage.base)).bearer_auth(APP);
        let listed = answered(listed.query(&[("query", &query)])).await;
        assert_eq!(ids(&listed.body), found, "{query}: {}", listed.body);
    }
    for wrong in ["", "(router", "router )", "colour:red", "-", "OR"] {
        let refused = stage.http.get(format!("{}/2/tweets/search/recent", stage.base)).bearer_auth(APP);
        assert_eq!(answered(refused.query(&[("query", wrong)])).await.status, 400, "{wrong}");
    }
}

#[actix_web::test]
async fn own_posts_come_into_timelines_late() {
    let stage = Stage::open().await;
    stage.twin.set_lag(Duration::from_secs(30));
    let summons = stage.says("jo", "@acme help", None);
    let sent = stage.reply(&summons, "Coming").await.body["data"]["id"].as_str().unwrap().to_owned();
    let own = format!("/2/users/{ACME}/tweets");
    let thread = format!("/2/tweets/search/recent?query=conversation_id:{summons}");
    assert_eq!(stage.get(&own).await.body["meta"]["result_count"], 0);
    assert_eq!(ids(&stage.get(&thread).await.body), [&summons]);
    assert_eq!(
        stage.get(&format!("/2/tweets/{sent}")).await.body["data"]["id"],
        sent.as_str(),
        "by id it is there at once"
    );
    stage.clock.advance(Duration::from_secs(30));
    assert_eq!(ids(&stage.get(&own).await.body), [&sent]);
    assert_eq!(ids(&stage.get(&thread).await.body), [&sent, &summons]);
}

#[actix_web::test]
async fn limits_are_counted_and_end() {
    let stage = Stage::open().await;
    let first = stage.get("/2/users/me").await;
    let header = |reply: &super::Reply, name: &str| reply.headers[name].to_str().unwrap().parse::<i64>().unwrap();
    assert_eq!((header(&first, "x-rate-limit-limit"), header(&first, "x-rate-limit-remaining")), (75, 74));
    assert!(header(&first, "x-rate-limit-reset") > NOW.0 / 1000);
    for _ in 0..74 {
        assert_eq!(stage.get("/2/users/me").await.status, 200);
    }
    let over = stage.get("/2/users/me").await;
    assert_eq!((over.status, over.body["title"].as_str()), (429, Some("Too Many Requests")));
    assert_eq!(stage.get(&format!("/2/users/{ACME}/mentions")).await.status, 200, "each endpoint has its own");
    stage.clock.advance(Duration::from_secs(15 * 60));
    assert_eq!(stage.get("/2/users/me").await.status, 200);
}

#[actix_web::test]
async fn the_journal_survives_a_restart_and_a_torn_line() {
    let stage = Stage::open().await;
    let kept = stage.says("jo", "@acme kept", None);
    let deleted = stage.says("jo", "@acme deleted", None);
    stage.twin.delete("jo", &deleted).unwrap();
    let before = serde_json::to_value(stage.twin.posts()).unwrap();
    std::fs::OpenOptions::new()
        .append(true)
        .open(stage.journal())
        .unwrap()
        .write_all(b"{\"change\":\"post\",\"id\":12")
        .unwrap();

    let again = stage.reopen().unwrap();
    assert_eq!(serde_json::to_value(again.posts()).unwrap(), before);
    assert!(again.posts().iter().any(|post| post.id == deleted && post.deleted));
    let after = again.post("jo", "after the crash", None, None).unwrap();
    assert!(after > deleted && deleted > kept);
    let third = stage.reopen().unwrap();
    assert_eq!(third.posts().len(), 3, "what was written after the torn line is whole");

    std::fs::write(stage.journal(), "not ours\n{\"change\":\"unsubscribe\",\"id\":1}\n").unwrap();
    let error = stage.reopen().map(drop).unwrap_err();
    assert!(error.to_string().contains("line 1"), "{error}");
}

#[actix_web::test]
async fn hostile_requests_get_an_answer() {
    let stage = Stage::open().await;
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let odd = "\u{202e}\u{200b}@acme <script>\u{0}".to_owned();
    let many = "@acme ".repeat(4_000);
    for (body, status) in [
        (vec![0xff, 0xfe, 0x00], 400),
        (deep.into_bytes(), 400),
        (json!({"text": odd}).to_string().into_bytes(), 201),
        (json!({"text": many}).to_string().into_bytes(), 400),
        (json!({"text": "x", "reply": {"in_reply_to_tweet_id": "99999999999999999999"}}).to_string().into_bytes(), 400),
        (vec![b'a'; (1 << 20) + 1], 413),
    ] {
        let sent = stage.request(Method::POST, "/2/tweets", USER).header("content-type", "application/json").body(body);
        assert_eq!(answered(sent).await.status, status);
    }
    for path in
        ["/2/", "/2/users//mentions", "/2/tweets/-1", "/2/tweets?ids=", "/2/tweets?ids=1,,x", "/2/users/me?%ff=%ff"]
    {
        let status = stage.get(path).await.status;
        assert!((200..500).contains(&status), "{path}: {status}");
    }
    let nested = "(".repeat(400);
    let search = stage.http.get(format!("{}/2/tweets/search/recent", stage.base)).bearer_auth(APP);
    assert_eq!(answered(search.query(&[("query", &nested)])).await.status, 400);
    assert_eq!(stage.send(json!({"text": "still alive"})).await.status, 201);
}
