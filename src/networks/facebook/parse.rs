//! Graph's posts and comments, and the bodies that our reading calls return, to neutral posts. Pure.
//!
//! A reading call often takes several of Facebook's answers, so what it returns is a frame of our own around Graph's
//! objects as they came:
//!
//! ```json
//! {"since": 1784927603000, "newest": "1784928203000", "next": "v25.0/1_2/comments?after=…",
//!  "posts": [{"id": "1_2", …, "comments": {"data": […]}}], "post": "1_2", "comments": […], "missing": ["2_9"]}
//! ```
//!
//! `since`: posts before it only came along with their comments; `newest`: how far everything was read, in unix
//! milliseconds; `post`: what the bare `comments` stand under. Any of them may be missing.

use serde_json::{Value, json};

use super::{places, wire};
use crate::clock::Millis;
use crate::networks::{Malformed, MediaKind, PostPage, RemoteAuthor, RemoteMedia, RemotePost, Unreadable, Us, text};

/// Most pictures of one post that are shown.
const MOST_PICTURES: usize = 4;
/// Longest description of a picture that is kept, in characters.
const ALT_LIMIT: usize = 1_000;

/// Reads a frame.
pub fn page(raw: &[u8], us: &Us) -> Result<PostPage, Malformed> {
    let frame = wire::json(raw)?;
    let parts = ["posts", "comments", "missing"];
    if !frame.is_object() || parts.iter().all(|part| !frame[*part].is_array()) {
        return Err(Malformed("no page of posts".to_owned()));
    }
    let mut page = PostPage {
        missing: wire::list(&frame["missing"]).iter().filter_map(wire::id).collect(),
        newest: mark(&frame["newest"]),
        next_token: frame["next"].as_str().filter(|token| !token.is_empty()).map(str::to_owned),
        ..PostPage::default()
    };
    let since = frame["since"].as_i64().map(Millis);
    for value in wire::list(&frame["posts"]) {
        let alone = without_comments(value);
        match post(&alone, us) {
            Ok(post) if since.is_some_and(|since| post.posted_at < since) => page.included.push(post),
            Ok(post) => page.posts.push(post),
            Err(Malformed(reason)) => page.unreadable.push(unreadable(reason, &json!({ "posts": [alone] }))),
        }
        read_comments(&mut page, wire::list(&value["comments"]), wire::id(&value["id"]).as_deref(), us);
    }
    read_comments(&mut page, wire::list(&frame["comments"]), wire::id(&frame["post"]).as_deref(), us);
    page.posts.sort_by_key(|post| std::cmp::Reverse(post.posted_at));
    Ok(page)
}

fn read_comments(page: &mut PostPage, values: &[Value], post: Option<&str>, us: &Us) {
    for value in values {
        match comment(value, post, us) {
            Ok(comment) => page.posts.push(comment),
            Err(Malformed(reason)) => {
                page.unreadable.push(unreadable(reason, &json!({ "comments": [value], "post": post })));
            }
        }
    }
}

fn unreadable(reason: String, page: &Value) -> Unreadable {
    Unreadable { reason, page: page.to_string().into_bytes() }
}

fn mark(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    (!text.is_empty() && text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.to_owned())
}

fn without_comments(post: &Value) -> Value {
    let mut post = post.clone();
    if let Some(members) = post.as_object_mut() {
        members.shift_remove("comments");
    }
    post
}

/// Reads a post as Graph shows it.
pub fn post(value: &Value, us: &Us) -> Result<RemotePost, Malformed> {
    let id = wire::id(&value["id"]).ok_or_else(|| Malformed("a post without a readable id".to_owned()))?;
    let media = post_media(value, &id);
    read(value, Stands { conversation: id.clone(), parent: None, id }, media, us)
}

/// Reads a comment as Graph shows it; `post`: what it stands under, where that is known.
pub fn comment(value: &Value, post: Option<&str>, us: &Us) -> Result<RemotePost, Malformed> {
    let id = wire::id(&value["id"]).ok_or_else(|| Malformed("a comment without a readable id".to_owned()))?;
    let parent = wire::id(&value["parent"]["id"]);
    let object = wire::id(&value["object"]["id"]).filter(|object| object.contains('_'));
    let conversation = post.map(str::to_owned).or(object).unwrap_or_else(|| places::post_of_comment(&us.id, &id));
    let parent = Some(parent.unwrap_or_else(|| conversation.clone()));
    let media = picture(&value["attachment"], id.clone()).into_iter().collect();
    read(value, Stands { id, parent, conversation }, media, us)
}

/// Where something stands.
struct Stands {
    id: String,
    parent: Option<String>,
    conversation: String,
}

fn read(value: &Value, stands: Stands, media: Vec<RemoteMedia>, us: &Us) -> Result<RemotePost, Malformed> {
    let Stands { id, parent, conversation } = stands;
    let posted_at = wire::moment(&value["created_time"]);
    let author = author(&value["from"], &id);
    Ok(RemotePost {
        posted_at: posted_at.ok_or_else(|| Malformed(format!("{id} does not say when it was written")))?,
        text: words(&value["message"]),
        addressed: addressed(us, &author, &conversation, names(&value["message_tags"], &us.id)),
        quoted: None,
        lang: None,
        media,
        earlier_ids: Vec::new(),
        later_ids: Vec::new(),
        url: wire::address(&value["permalink_url"]),
        hidden: value["is_hidden"] == true,
        raw: value.to_string(),
        author,
        parent,
        conversation,
        id,
    })
}

/// Who wrote it. Whom the app may not see is nobody twice: each of their posts has an author of its own.
pub fn author(from: &Value, of: &str) -> RemoteAuthor {
    let id = wire::id(&from["id"]).unwrap_or_else(|| format!("?{of}"));
    let name = from["name"].as_str().map(text::name).unwrap_or_default();
    RemoteAuthor { id, handle: String::new(), name, picture_url: None, followers: None }
}

/// Text for people: as it was written, without what cannot be seen.
pub fn words(message: &Value) -> String {
    message.as_str().map(|message| text::visible(message).trim().to_owned()).unwrap_or_default()
}

/// Whatever people write on our page is for us, and what names it elsewhere.
pub fn addressed(us: &Us, author: &RemoteAuthor, conversation: &str, named: bool) -> Vec<String> {
    let theirs = author.id != us.id;
    if theirs && (named || places::is_on(&us.id, conversation)) { vec![us.id.clone()] } else { Vec::new() }
}

/// Whether the tags of a text name this page. They are a list, or by their places an object of lists.
fn names(tags: &Value, page: &str) -> bool {
    match tags {
        Value::Array(tags) => {
            tags.iter().any(|tag| names(tag, page) || wire::id(&tag["id"]).is_some_and(|id| id == page))
        }
        Value::Object(places) => places.values().filter(|tags| tags.is_array()).any(|tags| names(tags, page)),
        _ => false,
    }
}

/// The pictures of a post: those of its attachments, or the one that stands for it.
fn post_media(value: &Value, id: &str) -> Vec<RemoteMedia> {
    let attachments = wire::list(&value["attachments"]);
    let all = attachments.iter().flat_map(|attachment| match wire::list(&attachment["subattachments"]) {
        [] => std::slice::from_ref(attachment),
        several => several,
    });
    let key = |at: usize| if at == 0 { id.to_owned() } else { format!("{id}.{at}") };
    let shown = all.enumerate().filter_map(|(at, attachment)| picture(attachment, key(at)));
    let media: Vec<RemoteMedia> = shown.take(MOST_PICTURES).collect();
    if !media.is_empty() || !attachments.is_empty() {
        return media;
    }
    let url = wire::address(&value["full_picture"]);
    url.map(|url| photo(key(0), Some(url))).into_iter().collect()
}

/// The picture of an attachment. What stands for a link is the link's, and no picture of its author.
fn picture(attachment: &Value, key: String) -> Option<RemoteMedia> {
    let kind = attachment["type"].as_str()?;
    let kind = match kind {
        _ if kind.contains("video") || kind.contains("animated") => MediaKind::Film,
        _ if kind.contains("photo") || kind.contains("sticker") || kind == "album" => MediaKind::Photo,
        _ => return None,
    };
    let alt: String = words(&attachment["description"]).chars().take(ALT_LIMIT).collect();
    let url = wire::address(&attachment["media"]["image"]["src"]);
    Some(RemoteMedia { key, kind, url, alt })
}

/// A photo of which no more is known than where it lies.
pub fn photo(key: String, url: Option<String>) -> RemoteMedia {
    RemoteMedia { key, kind: MediaKind::Photo, url, alt: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us() -> Us {
        Us { id: "7".to_owned(), handle: "Acme".to_owned() }
    }

    fn of(frame: &Value) -> PostPage {
        page(frame.to_string().as_bytes(), &us()).unwrap()
    }

    #[test]
    fn a_post_brings_its_comments_along() {
        let frame = json!({
            "since": 1_784_928_000_000_i64, "newest": "1784928203000", "next": "on",
            "posts": [{
                "id": "7_10", "message": "A release", "from": {"id": "7", "name": "Acme"},
                "created_time": "2026-07-20T21:23:23+0000",
                "comments": {"data": [
                    {"id": "10_1", "message": "¿Cómo? \u{202e}x", "from": {"id": "55", "name": " Zoë \n E."},
                     "created_time": "2026-07-24T21:23:22+0000", "is_hidden": true,
                     "permalink_url": "https://www.facebook.com/7/posts/10?comment_id=1"},
                    {"id": "10_2", "created_time": "2026-07-24T21:23:23+0000", "parent": {"id": "10_1"}},
                ]},
            }],
        });
        let page = of(&frame);
        assert_eq!((page.newest.as_deref(), page.next_token.as_deref()), (Some("1784928203000"), Some("on")));
        let old = &page.included[0];
        assert_eq!((old.id.as_str(), &old.parent, old.conversation.as_str()), ("7_10", &None, "7_10"));
        assert_eq!((old.addressed.len(), old.raw.contains("comments")), (0, false));
        let [reply, top] = page.posts.as_slice() else { panic!("{page:?}") };
        assert_eq!((top.parent.as_deref(), top.conversation.as_str()), (Some("7_10"), "7_10"));
        assert_eq!((top.text.as_str(), top.author.name.as_str(), top.hidden), ("¿Cómo? x", "Zoë E.", true));
        assert_eq!((top.addressed.as_slice(), top.author.handle.as_str()), (&["7".to_owned()][..], ""));
        assert_eq!(top.url.as_deref(), Some("https://www.facebook.com/7/posts/10?comment_id=1"));
        assert_eq!((reply.parent.as_deref(), reply.conversation.as_str()), (Some("10_1"), "7_10"));
        assert_eq!((reply.author.id.as_str(), reply.author.name.as_str(), reply.text.as_str()), ("?10_2", "", ""));
        assert_eq!(reply.posted_at, Millis(1_784_928_203_000));
    }

    #[test]
    fn a_comment_alone_says_what_it_stands_under_or_its_id_does() {
        let at = "2026-07-24T21:23:23+0000";
        let conversation = |value: Value| {
            let page = of(&json!({ "comments": [value] }));
            (page.posts[0].conversation.clone(), page.posts[0].parent.clone().unwrap())
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let named = json!({"id": "10_1", "created_time": at, "object": {"id": "99_10"}, "parent": {"id": "10_0"}});
        assert_eq!(conversation(named), pair("99_10", "10_0"));
        assert_eq!(conversation(json!({"id": "10_1", "created_time": at})), pair("7_10", "7_10"));
        let of_photo = json!({"id": "10_1", "created_time": at, "object": {"id": "10"}});
        assert_eq!(conversation(of_photo), pair("7_10", "7_10"));
        assert_eq!(conversation(json!({"id": "101", "created_time": at})), pair("101", "101"));
    }

    #[test]
    fn who_names_us_elsewhere_writes_to_us() {
        let at = "2026-07-24T21:23:23+0000";
        for (tags, expected) in [
            (json!([{"id": "7", "name": "Acme", "type": "page"}]), 1),
            (json!({"5": [{"id": 7}]}), 1),
            (json!([{"id": "8"}]), 0),
            (json!("7"), 0),
            (json!({"id": "7"}), 0),
        ] {
            let frame = json!({"posts": [{"id": "99_1", "created_time": at, "message_tags": tags}]});
            assert_eq!(of(&frame).posts[0].addressed.len(), expected, "{frame}");
        }
    }

    #[test]
    fn pictures_are_those_of_their_author() {
        let at = "2026-07-24T21:23:23+0000";
        let shown = |key: &str, value: Value| {
            let frame = if key == "attachment" {
                json!({"comments": [{"id": "10_1", "created_time": at, "attachment": value}]})
            } else {
                json!({"posts": [{"id": "7_1", "created_time": at, key: value}]})
            };
            let media = of(&frame).posts[0].media.clone();
            media.into_iter().map(|one| (one.key, one.kind, one.url.unwrap_or_default())).collect::<Vec<_>>()
        };
        let image = |kind: &str, src: &str| json!({"type": kind, "media": {"image": {"src": src}}});
        let (photo, film) = (MediaKind::Photo, MediaKind::Film);
        let one = |key: &str, kind, url: &str| vec![(key.to_owned(), kind, url.to_owned())];
        assert_eq!(shown("attachment", image("photo", "https://a/p.jpg")), one("10_1", photo, "https://a/p.jpg"));
        assert_eq!(shown("attachment", image("sticker", "https://a/s.png")), one("10_1", photo, "https://a/s.png"));
        assert_eq!(shown("attachment", image("video_inline", "https://a/v.jpg")), one("10_1", film, "https://a/v.jpg"));
        assert_eq!(shown("attachment", image("photo", "javascript:x")), one("10_1", photo, ""));
        assert_eq!(shown("attachment", image("share", "https://a/link.jpg")), []);
        assert_eq!(shown("attachment", json!([])), []);
        assert_eq!(shown("full_picture", json!("https://a/f.jpg")), one("7_1", photo, "https://a/f.jpg"));
        let many: Vec<Value> = (0..6).map(|n| image("photo", &format!("https://a/{n}.jpg"))).collect();
        let album = shown("attachments", json!({"data": [{"type": "album", "subattachments": {"data": many}}]}));
        let keys: Vec<&str> = album.iter().map(|(key, ..)| key.as_str()).collect();
        assert_eq!(keys, ["7_1", "7_1.1", "7_1.2", "7_1.3"]);
    }

    #[test]
    fn what_cannot_be_read_costs_itself_alone() {
        let at = "2026-07-24T21:23:23+0000";
        let frame = json!({"posts": [
            {"id": "7_1", "created_time": {}, "comments": {"data": [{"id": "1_1", "created_time": at}, 7, null]}},
            {"id": "../x", "created_time": at},
            {"id": "7_2", "created_time": at, "from": 7, "message": {"a": 1}, "comments": "none"},
        ], "missing": ["7_9", {}, 8]});
        let page = of(&frame);
        let ids: Vec<&str> = page.posts.iter().map(|post| post.id.as_str()).collect();
        assert_eq!((ids, page.unreadable.len(), page.missing), (vec!["1_1", "7_2"], 4, vec!["7_9".into(), "8".into()]));
        for part in &page.unreadable {
            let alone = super::page(&part.page, &us()).unwrap();
            assert_eq!((alone.posts.len(), alone.unreadable.len()), (0, 1), "{part:?}");
        }
        for odd in ["", "[]", "{}", "7", "<html>", r#"{"posts":{}}"#] {
            assert!(super::page(odd.as_bytes(), &us()).is_err(), "{odd}");
        }
    }
}
