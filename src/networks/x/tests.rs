//! What X sends, friendly and hostile, and what becomes of it.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::*;
use crate::clock::Millis;
use crate::networks::http::GuardSettings;
use crate::networks::watch::Watch;
use crate::networks::{
    Account, Inbound, MediaKind, PostPage, RemoteAuthor, RemoteMedia, RemotePost, ReplyPath, compare_marks,
};

const US: &str = "1111111111111111111";
const ANN: &str = "2222222222222222222";

/// One for all tests: building a client reads the certificates of the machine.
fn x() -> &'static X {
    static ADAPTER: LazyLock<X> = LazyLock::new(|| X {
        http: Guarded::new(GuardSettings::default()).unwrap(),
        base_url: BASE_URL.to_owned(),
        web_url: WEB_URL.to_owned(),
        account: Us { id: US.to_owned(), handle: "acme".to_owned() },
        longest_post: EVERYBODYS_LONGEST,
        access_token: Secret::new("access"),
        bearer_token: None,
        clock: Clock::fixed(Millis(0)),
        watch: Watch::nobody(),
    });
    &ADAPTER
}

fn page(body: &Value) -> PostPage {
    x().parse_page(body.to_string().as_bytes()).unwrap()
}

fn only_post(body: &Value) -> RemotePost {
    let mut page = page(body);
    assert_eq!((page.posts.len(), page.unreadable.as_slice()), (1, &[][..]));
    page.posts.remove(0)
}

fn owned(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

fn mention(start: usize, handle: &str, id: &str) -> Value {
    json!({ "start": start, "end": start + handle.len() + 1, "username": handle, "id": id })
}

#[test]
fn a_page_is_read_in_both_dialects() {
    let legacy = json!({
        "data": [{
            "id": "2080765813578191303", "author_id": ANN, "conversation_id": "2080765813578191000",
            "created_at": "2026-07-24T21:23:23.000Z", "lang": "en", "in_reply_to_user_id": "333",
            "text": "@bob @acme it drops &amp; drops: https://t.co/ab",
            "display_text_range": [5, 46],
            "entities": {
                "mentions": [mention(0, "bob", "333"), mention(5, "acme", US)],
                "urls": [{ "url": "https://t.co/ab", "expanded_url": "https://example.com/log" }]
            },
            "referenced_tweets": [{ "type": "replied_to", "id": "2080765813578191001" }],
            "edit_history_tweet_ids": ["2080765813578191002", "2080765813578191303"],
            "note_tweet": { "text": "@bob @acme it drops &amp; drops all evening: https://t.co/ab" }
        }],
        "includes": {
            "users": [{
                "id": ANN, "username": "ann", "name": "Ann <3", "profile_image_url": "https://pbs.twimg.com/a_normal.jpg",
                "public_metrics": { "followers_count": 97 }
            }],
            "tweets": [{ "id": "2080765813578191001", "text": "parent", "author_id": "333" }]
        },
        "meta": { "result_count": 1, "newest_id": "2080765813578191303", "next_token": "abc" }
    });
    let newer = legacy.to_string();
    let newer = newer.replace("referenced_tweets", "referenced_posts").replace("note_tweet", "note_post");
    let newer = newer.replace("edit_history_tweet_ids", "edit_history_post_ids");
    let newer = newer.replace("\"tweets\"", "\"posts\"");

    let read = page(&legacy);
    assert_eq!((read.newest.as_deref(), read.next_token.as_deref()), (Some("2080765813578191303"), Some("abc")));
    assert_eq!((read.included.len(), read.included[0].text.as_str()), (1, "parent"));
    let post = &read.posts[0];
    assert_eq!(post.text, "@acme it drops & drops all evening: https://example.com/log");
    assert_eq!(post.addressed, [US]);
    assert_eq!(post.parent.as_deref(), Some("2080765813578191001"));
    assert_eq!(post.conversation, "2080765813578191000");
    assert_eq!(post.posted_at, Millis(1_784_928_203_000));
    assert_eq!(post.lang.as_deref(), Some("en"));
    assert_eq!(post.earlier_ids, ["2080765813578191002"]);
    assert_eq!(serde_json::from_str::<Value>(&post.raw).unwrap(), legacy["data"][0]);
    let ann = RemoteAuthor {
        id: ANN.to_owned(),
        handle: "ann".to_owned(),
        name: "Ann <3".to_owned(),
        picture_url: Some("https://pbs.twimg.com/a_normal.jpg".to_owned()),
        followers: Some(97),
    };
    assert_eq!(post.author, ann);
    assert_eq!(x().reply_path(post), ReplyPath::Api);

    let mut other = x().parse_page(newer.as_bytes()).unwrap();
    other.posts[0].raw.clone_from(&post.raw);
    assert_eq!(other, read);
}

#[test]
fn both_spellings_in_one_body_are_no_contradiction() {
    let post = only_post(&json!({ "data": { "id": "5", "text": "hi",
        "referenced_tweets": [{ "type": "replied_to", "id": "4" }], "referenced_posts": [{ "type": "replied_to", "id": "4" }],
        "note_tweet": { "text": "long" }, "note_post": { "text": "long" } } }));
    assert_eq!((post.parent.as_deref(), post.text.as_str()), (Some("4"), "long"));
}

#[test]
fn a_post_knows_its_other_versions() {
    for (history, earlier, later) in [
        (json!(["5"]), vec![], vec![]),
        (json!(["3", "4", "5"]), vec!["3", "4"], vec![]),
        (json!(["10", "5", "9", "4", "4"]), vec!["4"], vec!["9", "10"]),
        (json!([4, "5"]), vec!["4"], vec![]),
        (json!("4"), vec![], vec![]),
        (json!(["nonsense", "4"]), vec![], vec![]),
        (json!(null), vec![], vec![]),
    ] {
        let post = only_post(&json!({ "data": { "id": "5", "text": "hi", "edit_history_tweet_ids": history } }));
        assert_eq!((post.earlier_ids, post.later_ids), (owned(&earlier), owned(&later)), "{history}");
    }
}

#[test]
fn only_what_its_author_typed_counts_as_addressed() {
    let reply = json!([{ "type": "replied_to", "id": "4" }]);
    let us_first = json!([mention(0, "acme", US)]);
    let cases = [
        (
            "a new post that begins with us",
            json!({ "text": "@acme help", "entities": { "mentions": us_first } }),
            vec![US],
            "@acme help",
        ),
        (
            "a bare reply to us",
            json!({ "text": "@acme thanks", "referenced_tweets": reply, "display_text_range": [6, 12], "entities": { "mentions": us_first } }),
            vec![],
            "thanks",
        ),
        (
            "X's own sample: the range begins within the first word",
            json!({ "text": "@acme thanks", "referenced_tweets": reply, "display_text_range": [7, 12], "entities": { "mentions": us_first } }),
            vec![],
            "thanks",
        ),
        (
            "a reply without a range",
            json!({ "text": "@acme thanks", "referenced_tweets": reply, "entities": { "mentions": us_first } }),
            vec![],
            "thanks",
        ),
        (
            "a reply that names us again",
            json!({ "text": "@acme thanks @acme", "referenced_tweets": reply, "display_text_range": [6, 18],
                "entities": { "mentions": [mention(0, "acme", US), mention(13, "acme", US)] } }),
            vec![US],
            "thanks @acme",
        ),
        (
            "a reply to another, us typed first",
            json!({ "text": "@bob @acme see this", "referenced_tweets": reply, "display_text_range": [5, 19],
                "entities": { "mentions": [mention(0, "bob", "333"), mention(5, "acme", US)] } }),
            vec![US],
            "@acme see this",
        ),
        (
            "a mention without an id, known by our handle",
            json!({ "text": "hey @ACME", "entities": { "mentions": [{ "start": 4, "username": "ACME" }] } }),
            vec![US],
            "hey @ACME",
        ),
        (
            "a mention without place or id in a reply",
            json!({ "text": "@acme thanks", "in_reply_to_user_id": US, "entities": { "mentions": [{ "username": "Acme" }] } }),
            vec![],
            "thanks",
        ),
        (
            "a quoted post of ours, by what came along",
            json!({ "text": "is it?", "referenced_tweets": [{ "type": "quoted", "id": "9" }] }),
            vec![US],
            "is it?",
        ),
        (
            "a quoted post of ours, by its link",
            json!({ "text": "is it? https://t.co/q", "referenced_tweets": [{ "type": "quoted", "id": "8" }],
                "entities": { "urls": [{ "url": "https://t.co/q", "expanded_url": "https://x.com/Acme/status/8?s=20" }] } }),
            vec![US],
            "is it? https://x.com/Acme/status/8?s=20",
        ),
        (
            "a link to another post of ours is no quotation",
            json!({ "text": "https://t.co/q", "referenced_tweets": [{ "type": "quoted", "id": "8" }],
                "entities": { "urls": [{ "url": "https://t.co/q", "expanded_url": "https://x.com/acme/status/88" }] } }),
            vec![],
            "https://x.com/acme/status/88",
        ),
        (
            "our handle as mere text",
            json!({ "text": "mail me at a@acme or @acme" }),
            vec![],
            "mail me at a@acme or @acme",
        ),
    ];
    for (what, mut fields, addressed, text) in cases {
        fields["id"] = json!("10");
        let post = only_post(&json!({ "data": [fields], "includes": { "tweets": [{ "id": "9", "author_id": US }] } }));
        assert_eq!(
            (post.addressed, post.text.as_str()),
            (addressed.into_iter().map(str::to_owned).collect(), text),
            "{what}"
        );
    }
}

#[test]
fn a_post_may_lack_almost_everything() {
    let post = only_post(&json!({ "data": { "id": "1578516295611748353" } }));
    assert_eq!((post.text.as_str(), post.author.id.as_str(), post.author.handle.as_str()), ("", "", ""));
    assert_eq!((post.conversation.as_str(), post.parent), ("1578516295611748353", None));
    assert_eq!(post.posted_at.to_rfc3339(), "2022-10-07T22:43:06Z", "the id says when");
    assert_eq!(page(&json!({ "meta": { "result_count": 0 } })), PostPage::default());
}

#[test]
fn what_is_missing_is_named() {
    let body = json!({
        "data": [{ "id": "7" }],
        "errors": [
            { "value": "8", "resource_type": "tweet", "type": "https://api.twitter.com/2/problems/resource-not-found", "parameter": "ids" },
            { "resource_id": "9", "resource_type": "post", "type": "https://api.x.com/2/problems/not-authorized-for-resource" },
            { "value": "9", "resource_type": "tweet", "type": "https://api.x.com/2/problems/resource-not-found" },
            { "value": "55", "resource_type": "user", "type": "https://api.x.com/2/problems/resource-not-found" },
            { "value": "66", "resource_type": "tweet", "type": "https://api.x.com/2/problems/field-unauthorized" }
        ]
    });
    assert_eq!(page(&body).missing, ["8", "9"]);
    let alone = json!({ "errors": body["errors"] });
    assert_eq!((page(&alone).missing.len(), page(&alone).posts.len()), (2, 0));
}

#[test]
fn one_unreadable_post_costs_only_itself() {
    let read = page(&json!({ "data": [
        { "id": "8", "text": "fine" }, { "text": "no id" }, { "id": 9, "text": "a number" }, { "id": 1.5 }, { "id": "1/../2" },
        { "id": "7", "author_id": { "a": 1 } }, { "id": "6", "referenced_tweets": "none" }, null, "text", [], 17,
        { "id": "5", "text": 5, "lang": [], "entities": 7, "created_at": {}, "display_text_range": "x", "note_tweet": [] }
    ] }));
    assert_eq!(read.posts.iter().map(|post| post.id.as_str()).collect::<Vec<_>>(), ["8", "9", "5"]);
    assert_eq!(read.unreadable.len(), 9);
    assert_eq!(read.newest.as_deref(), Some("9"));
}

#[test]
fn bodies_that_are_not_x_s_are_malformed() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_post = format!(r#"{{"data":[{{"id":"1","x":{deep}}}]}}"#);
    let bodies = [
        "",
        "null",
        "[]",
        "7",
        "{}",
        "<html>",
        r#"{"data":"#,
        r#"{"data":7}"#,
        r#"{"data":"x"}"#,
        &deep,
        &deep_post,
        "\u{0}",
    ];
    for body in bodies {
        assert!(x().parse_page(body.as_bytes()).is_err(), "page {}", &body[..body.len().min(40)]);
        assert!(x().parse_webhook(body.as_bytes()).is_err(), "webhook {}", &body[..body.len().min(40)]);
    }
    assert!(x().parse_page(b"{\"data\":[\"\xff\xfe\"]}").is_err(), "broken UTF-8");
    let events = [
        json!({ "data": {} }),
        json!({ "data": { "event_type": 7 } }),
        json!({ "data": { "event_type": "post.mention.create" } }),
        json!({ "data": { "event_type": "post.mention.create", "payload": {} } }),
        json!({ "data": { "event_type": "post.mention.create", "payload": { "id": "x" } } }),
        json!({ "data": { "event_type": "post.delete", "payload": { "id": null } } }),
    ];
    for event in events {
        assert!(x().parse_webhook(event.to_string().as_bytes()).is_err(), "{event}");
    }
}

#[test]
fn events_become_what_they_mean() {
    let mention_event = json!({ "data": { "event_type": "post.mention.create", "filter": { "user_id": US },
        "payload": { "id": "9", "text": "@acme again", "author_id": ANN, "in_reply_to_user_id": US },
        "includes": { "users": [{ "data": { "id": ANN, "username": "ann", "name": "Ann" } }, { "id": "bad" }, 5] } } });
    let read = x().parse_webhook(mention_event.to_string().as_bytes()).unwrap();
    let [Inbound::Post(post)] = read.as_slice() else { panic!("{read:?}") };
    assert_eq!((post.author.handle.as_str(), post.addressed.as_slice()), ("ann", &[US.to_owned()][..]));

    let mut reply_event = mention_event;
    reply_event["data"]["event_type"] = json!("post.reply.create");
    let read = x().parse_webhook(reply_event.to_string().as_bytes()).unwrap();
    let [Inbound::Post(post)] = read.as_slice() else { panic!("{read:?}") };
    assert_eq!(x().reply_path(post), ReplyPath::ByHand, "a bare reply is no summons");

    let others = [
        (
            json!({ "data": { "event_type": "post.delete", "payload": { "id": "9", "author_id": ANN } } }),
            Inbound::Deleted { id: "9".to_owned() },
        ),
        (json!({ "data": { "event_type": "like.create", "payload": {} } }), Inbound::Ignored("like.create".to_owned())),
        (
            json!({ "data": { "event_type": "post.mention.create", "filter": { "user_id": ANN },
                "payload": { "id": "9", "text": "@ann hello", "author_id": "77" } } }),
            Inbound::Ignored("post.mention.create".to_owned()),
        ),
        (
            json!({ "data": { "event_type": "post.delete", "filter": { "user_id": US }, "payload": { "id": "9" } } }),
            Inbound::Deleted { id: "9".to_owned() },
        ),
        (json!({ "data": { "event_type": "oauth.revoke" } }), Inbound::Ignored("oauth.revoke".to_owned())),
        (
            json!({ "data": { "event_type": "oauth.revoke", "filter": {}, "payload": { "user_id": ANN } } }),
            Inbound::Ignored("oauth.revoke".to_owned()),
        ),
        (
            json!({ "data": { "event_type": "oauth.revoke", "filter": {}, "payload": { "user_id": US } } }),
            Inbound::Revoked,
        ),
        (json!({ "for_user_id": US, "favorite_events": [] }), Inbound::Ignored("favorite_events".to_owned())),
    ];
    for (event, expected) in others {
        assert_eq!(x().parse_webhook(event.to_string().as_bytes()).unwrap(), [expected], "{event}");
    }
}

#[test]
fn hostile_people_are_only_text() {
    let post = only_post(&json!({
        "data": [{ "id": "7", "author_id": ANN, "text": "<script>alert(1)</script> \u{202E}evil\u{202C} \u{0}\u{200B}" }],
        "includes": { "users": [{ "id": ANN, "username": "../../admin", "name": format!("<b>{}</b>\u{202E}", "n".repeat(10_000)),
            "profile_image_url": "javascript:alert(1)", "public_metrics": { "followers_count": -5 } }] }
    }));
    assert_eq!(post.text, "<script>alert(1)</script> evil");
    assert_eq!((post.author.handle.as_str(), post.author.name.chars().count()), ("", 80));
    assert_eq!((post.author.picture_url, post.author.followers), (None, None));
}

#[test]
fn vast_lists_are_read_in_a_moment() {
    let mentions: Vec<Value> = (0..5_000).map(|n| mention(n * 3, "ab", &(n + 1).to_string())).collect();
    let urls: Vec<Value> = (0..5_000)
        .map(|n| json!({ "url": format!("https://t.co/{n}"), "expanded_url": "https://example.com/" }))
        .collect();
    let text = (0..5_000).map(|n| format!("https://t.co/{n} ")).collect::<String>();
    let post = only_post(
        &json!({ "data": [{ "id": "7", "text": text, "entities": { "mentions": mentions, "urls": urls } }] }),
    );
    assert_eq!(post.addressed.len(), 5_000);
    assert_eq!(post.text.matches("https://example.com/").count(), 5_000);
    let all_leading =
        only_post(&json!({ "data": [{ "id": "7", "text": "@ab ".repeat(5_000), "in_reply_to_user_id": ANN,
        "entities": { "mentions": (0..5_000).map(|n| mention(n * 4, "ab", "5")).collect::<Vec<_>>() } }] }));
    assert_eq!((all_leading.text.as_str(), all_leading.addressed.len()), ("", 0));
}

#[test]
fn ids_rise_as_numbers_and_addresses_carry_them_safely() {
    let mut ids = ["10", "9", "2080765813578191303", "11"];
    ids.sort_by(|a, b| compare_marks(a, b));
    assert_eq!(ids, ["9", "10", "11", "2080765813578191303"]);
    let author = |handle: &str| RemoteAuthor {
        id: ANN.to_owned(),
        handle: handle.to_owned(),
        name: String::new(),
        picture_url: None,
        followers: None,
    };
    let url = |handle: &str, id: &str| {
        let read = page(&json!({ "data": [{ "id": "9", "text": "hello", "author_id": ANN }], "meta": {} }));
        let post = read.posts[0].clone();
        x().post_url(&RemotePost { id: id.to_owned(), author: author(handle), ..post })
    };
    assert_eq!(url("ann", "9"), "https://x.com/ann/status/9");
    assert_eq!(url("", "9"), "https://x.com/i/status/9");
    assert_eq!(
        intent_url(&x().web_url, "9", "50% off? a+b & \"ü\"\n"),
        "https://x.com/intent/tweet?in_reply_to=9&text=50%25%20off%3F%20a%2Bb%20%26%20%22%C3%BC%22%0A"
    );
}

#[test]
fn secrets_do_not_print() {
    let printed = format!("{:?}", x());
    assert!(!printed.contains("\"access\"") && !printed.contains("\"consumer\""), "{printed}");
}

#[test]
fn pictures_come_with_their_posts_and_say_what_is_to_be_seen() {
    let photo = |key: &str, url: &str| json!({ "media_key": key, "type": "photo", "url": url });
    let body = json!({
        "data": [
            {
                "id": "2080765813578191303", "author_id": ANN, "text": "@acme see https://t.co/ab https://t.co/pic",
                "entities": { "urls": [
                    { "url": "https://t.co/ab", "expanded_url": "https://x.com/bob/status/7/photo/1" },
                    { "url": "https://t.co/pic", "expanded_url": "https://x.com/ann/status/2080765813578191303/video/1" },
                ] },
                "attachments": { "media_keys": ["../3", "3_12", "7_13", "3_99", "16_14", "3_js"] },
            },
            { "id": "2080765813578191304", "author_id": ANN, "text": "@acme no picture", "attachments": "none" },
            { "id": "2080765813578191305", "author_id": ANN, "text": "all", "attachments": { "media_keys": ["3_12", "3_12", "3_12", "3_12", "3_12"] } },
        ],
        "includes": { "media": [
            { "media_key": "3_12", "type": "photo", "url": "https://pbs.twimg.com/media/a.jpg", "width": 1200, "height": 800,
              "alt_text": "The router &amp; its \u{202E}red light" },
            { "media_key": "7_13", "type": "video", "preview_image_url": "https://pbs.twimg.com/still.jpg" },
            { "media_key": "16_14", "type": "animated_gif", "alt_text": "x".repeat(5_000) },
            photo("3_js", "javascript:alert(1)"),
            photo("../3", "https://pbs.twimg.com/media/b.jpg"),
            photo("3_unused", "https://pbs.twimg.com/media/c.jpg"),
            { "type": "photo" },
            17,
        ] },
    });
    let page = page(&body);
    let photo = RemoteMedia {
        key: "3_12".to_owned(),
        kind: MediaKind::Photo,
        url: Some("https://pbs.twimg.com/media/a.jpg".to_owned()),
        alt: "The router & its red light".to_owned(),
    };
    let film = RemoteMedia {
        key: "7_13".to_owned(),
        kind: MediaKind::Film,
        url: Some("https://pbs.twimg.com/still.jpg".to_owned()),
        alt: String::new(),
    };
    // What did not come along, or without a usable address, is known by its key alone.
    let unseen = |key: &str, kind| RemoteMedia { key: key.to_owned(), kind, url: None, alt: String::new() };
    let moving = RemoteMedia { alt: "x".repeat(1_000), ..unseen("16_14", MediaKind::Film) };
    assert_eq!(page.posts[0].media, [photo, film, unseen("3_99", MediaKind::Photo), moving]);
    assert_eq!(
        page.posts[0].text, "@acme see https://x.com/bob/status/7/photo/1",
        "the post's own pictures need no link"
    );
    assert_eq!((page.posts[1].media.len(), page.posts[2].media.len()), (0, 4));
    assert!(page.unreadable.is_empty());
}

#[test]
fn a_webhook_may_name_its_pictures_by_their_keys_alone_and_in_either_dialect() {
    for media in [json!(null), json!([{ "media_key": "3_12", "type": "photo", "url": "https://pbs.twimg.com/a.jpg" }])]
    {
        let known = media.is_array();
        let body = json!({ "data": {
            "event_type": "post.mention.create", "filter": { "user_id": US },
            "payload": {
                "id": "2080765813578191303", "author_id": ANN, "text": "@acme https://t.co/p",
                "edit_history_post_ids": ["2080765813578191300", "2080765813578191303"],
                "entities": { "urls": [{ "url": "https://t.co/p",
                    "expanded_url": "https://twitter.com/ann/status/2080765813578191300/photo/1" }] },
                "attachments": { "media_keys": ["3_12"] },
            },
            "includes": { "media": media, "posts": [] },
        } });
        let read = x().parse_webhook(body.to_string().as_bytes()).unwrap().remove(0);
        let Inbound::Post(post) = read else { panic!("{read:?}") };
        assert_eq!(post.text, "@acme");
        assert_eq!((post.media[0].key.as_str(), post.media[0].url.is_some()), ("3_12", known));
    }
}

#[test]
fn a_description_of_a_picture_is_cut_where_x_cuts_it() {
    let media = json!({ "media_key": "3_1", "type": "photo", "url": "https://pbs.twimg.com/a.jpg", "alt_text": "語".repeat(5_000) });
    let post = json!({ "id": "7", "author_id": ANN, "text": "", "attachments": { "media_keys": ["3_1"] } });
    let post = only_post(&json!({ "data": [post], "includes": { "media": [media] } }));
    assert_eq!(post.media[0].alt.chars().count(), 1_000);
}
