//! What webhooks say, in the shapes of real ones, and what is left of those that lack something.

use serde_json::json;

use super::*;

const PAGE: &str = "102938475610293";
const POST: &str = "102938475610293_122131676912594941";

fn us() -> Us {
    Us { id: PAGE.to_owned(), handle: "Acme".to_owned() }
}

fn of(body: &Value) -> Vec<Inbound> {
    read(body.to_string().as_bytes(), &us()).unwrap_or_else(|error| panic!("{error}: {body}"))
}

fn entry(changes: Value) -> Value {
    json!({"object": "page", "entry": [{"id": PAGE, "time": 1_784_928_300, "changes": changes}]})
}

fn feed(value: Value) -> Vec<Inbound> {
    of(&entry(json!([{"field": "feed", "value": value}])))
}

fn comment(id: &str, more: Value) -> Value {
    let mut value = json!({
        "item": "comment", "verb": "add", "comment_id": id, "post_id": POST, "parent_id": POST,
        "created_time": 1_784_928_203, "from": {"id": "55", "name": "Zoë Example"}, "message": "How?",
        "post": {"id": POST, "permalink_url": "https://www.facebook.com/102938475610293/posts/122131676912594941"},
    });
    for (name, one) in more.as_object().into_iter().flatten() {
        value[name] = one.clone();
    }
    value
}

fn post_of(events: &[Inbound]) -> &RemotePost {
    match events.first() {
        Some(Inbound::Post(post)) => post,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_comment_stands_under_its_post_and_a_reply_under_its_comment() {
    let events = feed(comment("12_1", json!({})));
    let top = post_of(&events);
    assert_eq!((top.id.as_str(), top.parent.as_deref(), top.conversation.as_str()), ("12_1", Some(POST), POST));
    assert_eq!((top.text.as_str(), top.author.name.as_str(), top.author.handle.as_str()), ("How?", "Zoë Example", ""));
    assert_eq!((top.posted_at, top.hidden), (Millis(1_784_928_203_000), false));
    assert_eq!(top.addressed, [PAGE]);
    let url = "https://www.facebook.com/102938475610293/posts/122131676912594941?comment_id=1";
    assert_eq!(top.url.as_deref(), Some(url));
    let events = feed(comment("12_2", json!({"parent_id": "12_1", "from": {"id": PAGE, "name": "Acme"}})));
    let reply = post_of(&events);
    assert_eq!((reply.parent.as_deref(), reply.conversation.as_str()), (Some("12_1"), POST));
    assert_eq!((reply.addressed.len(), reply.author.id.as_str()), (0, PAGE), "our own is not addressed to us");
    assert_eq!(reply.url.as_deref(), Some(format!("{url}&reply_comment_id=2").as_str()));
}

#[test]
fn what_changes_names_what_changed() {
    let id = || "12_1".to_owned();
    for (verb, expected) in [
        ("edited", Inbound::Changed { id: id() }),
        ("edit", Inbound::Changed { id: id() }),
        ("remove", Inbound::Deleted { id: id() }),
        ("hide", Inbound::Hidden { id: id(), hidden: true }),
        ("unhide", Inbound::Hidden { id: id(), hidden: false }),
        ("mute", Inbound::Ignored("feed comment mute".to_owned())),
    ] {
        assert_eq!(feed(comment("12_1", json!({ "verb": verb }))), [expected]);
        // The field sets of edits and removals are the least certain.
        if verb != "mute" {
            assert_eq!(feed(json!({"item": "comment", "verb": verb, "comment_id": "12_1"})).len(), 1);
        }
    }
    let removed = json!({"item": "status", "verb": "remove", "post_id": POST, "created_time": 1});
    assert_eq!(feed(removed), [Inbound::Deleted { id: POST.to_owned() }]);
}

#[test]
fn posts_of_visitors_and_of_the_page_are_roots() {
    for item in ["post", "status", "photo", "video", "share", "album"] {
        let value = json!({"item": item, "verb": "add", "post_id": POST, "message": "help?", "created_time": 1_784_928_203,
            "from": {"id": "55", "name": "Jo"}, "is_hidden": true});
        let events = feed(value);
        let post = post_of(&events);
        assert_eq!((post.parent.as_deref(), post.conversation.as_str(), post.hidden), (None, POST, true), "{item}");
    }
    let photo = json!({"item": "photo", "verb": "add", "post_id": POST, "link": "https://a/p.jpg", "created_time": 1,
        "from": {"id": "55"}});
    assert_eq!(post_of(&feed(photo)).media[0].url.as_deref(), Some("https://a/p.jpg"));
    let draft = json!({"item": "status", "verb": "add", "post_id": POST, "published": 0, "created_time": 1});
    assert_eq!(feed(draft), [Inbound::Ignored("feed status add unpublished".to_owned())]);
    for item in ["reaction", "like", "event", "rating", "what comes next", ""] {
        let value = json!({"item": item, "verb": "add", "post_id": POST, "comment_id": "12_1", "from": {"id": "55"}});
        assert!(matches!(feed(value).as_slice(), [Inbound::Ignored(_)]), "{item}");
    }
}

#[test]
fn what_lacks_something_is_still_something() {
    let mut anonymous = comment("12_1", json!({}));
    anonymous.as_object_mut().unwrap().remove("from");
    let events = feed(anonymous);
    assert_eq!((post_of(&events).author.id.as_str(), post_of(&events).author.name.as_str()), ("?12_1", ""));
    assert_eq!(post_of(&events).addressed, [PAGE]);

    let photo = feed(comment("12_1", json!({"message": null, "photo": "https://a/p.jpg"})));
    let shown = &post_of(&photo).media[0];
    assert_eq!((post_of(&photo).text.as_str(), shown.key.as_str(), photo.len()), ("", "12_1", 1));
    let sticker = feed(comment("12_1", json!({ "message": null })));
    assert_eq!(sticker[1], Inbound::Changed { id: "12_1".to_owned() }, "Facebook is asked what it shows");

    let no_parent = feed(comment("12_1", json!({"parent_id": null, "post_id": null})));
    assert_eq!(post_of(&no_parent).conversation, format!("{PAGE}_12"));
    let no_time = feed(comment("12_1", json!({ "created_time": {} })));
    assert_eq!(post_of(&no_time).posted_at, Millis(1_784_928_300_000), "that of its entry");
    let long = "1".repeat(30);
    let events = feed(comment(&long, json!({"from": {"id": long}})));
    assert_eq!((&post_of(&events).id, &post_of(&events).author.id), (&long, &long), "ids of thirty digits");
}

#[test]
fn a_mention_elsewhere_is_for_us() {
    let value = json!({"sender_id": "55", "sender_name": "Jane", "item": "comment", "verb": "add", "post_id": "99_100",
        "comment_id": "100_101", "message": "@Acme help", "created_time": 1_784_928_203});
    let events = of(&entry(json!([{"field": "mention", "value": value}])));
    let post = post_of(&events);
    assert_eq!(
        (post.id.as_str(), post.parent.as_deref(), post.conversation.as_str()),
        ("100_101", Some("99_100"), "99_100")
    );
    assert_eq!((post.author.id.as_str(), post.author.name.as_str()), ("55", "Jane"));
    assert_eq!(post.addressed, [PAGE]);
}

#[test]
fn one_change_that_cannot_be_read_costs_itself_alone() {
    let good = json!({"field": "feed", "value": comment("12_1", json!({}))});
    let odd = [
        json!({"field": "feed", "value": comment("../x", json!({}))}),
        json!({"field": "feed", "value": comment("1", json!({"comment_id": 1.5e40}))}),
        json!({"field": "feed", "value": {"item": "comment", "verb": "add"}}),
        json!({"value": {}}),
        json!(7),
    ];
    for bad in odd {
        assert_eq!(of(&entry(json!([bad, good]))).len(), 1, "{bad}");
        let alone = entry(json!([bad])).to_string();
        assert!(read(alone.as_bytes(), &us()).is_err(), "{bad}");
    }
    let half = entry(json!([good])).to_string().replace("How?", "How? \\ud83d");
    let events = read(half.as_bytes(), &us()).unwrap();
    assert_eq!(post_of(&events).text, "How? \u{fffd}", "half an emoji does not lose the comment");
}

#[test]
fn what_is_for_others_is_let_go() {
    let other = json!({"object": "page", "entry": [{"id": "1", "changes": [{"field": "feed", "value": comment("1", json!({}))}]}]});
    assert_eq!(of(&other), [Inbound::Ignored("entry of another page".to_owned())]);
    let instagram = json!({"object": "instagram", "entry": [{"id": PAGE}]});
    assert_eq!(of(&instagram), [Inbound::Ignored("object instagram".to_owned())]);
    let more = json!({"object": "page", "entry": [{"id": PAGE, "standby": [{}], "changes": [{"field": "ratings", "value": 7}]}]});
    let names = ["ratings", "standby"].map(|name| Inbound::Ignored(name.to_owned()));
    assert_eq!(of(&more), names);
    assert_eq!(of(&json!({"object": "page", "entry": [{"id": PAGE, "time": 1}]})), []);
}

#[test]
fn hostile_bodies_are_errors_and_no_more() {
    let deep = format!(
        r#"{{"object":"page","entry":[{{"id":"{PAGE}","changes":{}{}}}]}}"#,
        "[".repeat(9_000),
        "]".repeat(9_000)
    );
    for raw in ["", "{}", "[]", "null", "<html>", r#"{"entry":7}"#, &deep] {
        assert!(read(raw.as_bytes(), &us()).is_err(), "{raw:.40}");
    }
    assert!(read(b"{\"object\":\"page\",\"entry\":[{\"id\":\"\xff\"}]}", &us()).is_err());
    let odd = json!({"object": "page", "entry": [7, null, {"id": PAGE, "changes": {}, "messaging": "x"}, {"id": []}]});
    assert!(of(&odd).iter().all(|event| matches!(event, Inbound::Ignored(_))));
}
