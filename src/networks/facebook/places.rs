//! What Facebook's ids say by themselves, and where people find what they name. Pure.
//!
//! A post's id is `{wall}_{post}`, a comment's `{post}_{comment}`: the two parts are all that a page of Facebook's own
//! needs to be found.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;

use crate::networks::{RemotePost, Us};

/// Whether a post stands on the wall of this page.
pub fn is_on(page: &str, post: &str) -> bool {
    post.strip_prefix(page).is_some_and(|rest| rest.starts_with('_'))
}

/// The post under which a comment stands, if that is on this page; its own id, where it says nothing.
pub fn post_of_comment(page: &str, comment: &str) -> String {
    match comment.split_once('_') {
        Some((post, _)) => format!("{page}_{post}"),
        None => comment.to_owned(),
    }
}

/// Whether this parent of a comment is its post, by the ids of both.
pub fn is_post_of(parent: &str, comment: &str) -> bool {
    comment.split_once('_').is_some_and(|(post, _)| parent.rsplit_once('_').is_some_and(|(_, last)| last == post))
}

/// The page of a post or comment, on `web_url`.
pub fn url_of(web_url: &str, us: &Us, post: &RemotePost) -> String {
    let at = post.url.clone().unwrap_or_else(|| post_url(web_url, &us.id, &post.conversation));
    match &post.parent {
        None => at,
        Some(_) if post.url.is_some() => at,
        Some(parent) => comment_url(&at, &post.conversation, parent, &post.id),
    }
}

/// The page of a post or comment of ours, by its id alone.
pub fn own_url(web_url: &str, us: &Us, id: &str) -> String {
    if is_on(&us.id, id) {
        return post_url(web_url, &us.id, id);
    }
    let post = post_of_comment(&us.id, id);
    comment_url(&post_url(web_url, &us.id, &post), &post, &post, id)
}

/// The page of a comment, from that of its post.
pub fn comment_url(post_url: &str, post: &str, parent: &str, comment: &str) -> String {
    let sign = if post_url.contains('?') { '&' } else { '?' };
    let comment = encoded(last_part(comment));
    if parent == post {
        format!("{post_url}{sign}comment_id={comment}")
    } else {
        format!("{post_url}{sign}comment_id={}&reply_comment_id={comment}", encoded(last_part(parent)))
    }
}

/// The id of the post or comment that a link leads to, as in `https://www.facebook.com/7/posts/10?comment_id=1`. What is
/// named in another way than by numbers cannot be told.
pub fn id_in_link(link: &str) -> Option<String> {
    let url = Url::parse(link).ok()?;
    let number =
        |text: &str| (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.to_owned());
    let one = |name: &str| url.query_pairs().find(|(known, _)| known == name).and_then(|(_, value)| number(&value));
    let parts: Vec<&str> = url.path_segments()?.collect();
    let at = parts.iter().position(|part| *part == "posts");
    let post = at.and_then(|at| parts.get(at + 1)).and_then(|part| number(part)).or_else(|| one("story_fbid"))?;
    match one("reply_comment_id").or_else(|| one("comment_id")) {
        Some(comment) => Some(format!("{post}_{comment}")),
        None => {
            let wall = at.and_then(|at| at.checked_sub(1)).and_then(|at| number(parts[at])).or_else(|| one("id"))?;
            Some(format!("{wall}_{post}"))
        }
    }
}

/// The page's own inbox.
pub fn inbox_url(web_url: &str, us: &Us, person: &str) -> String {
    format!("{web_url}/{}/inbox/?selected_item_id={}", encoded(&us.id), encoded(person))
}

fn post_url(web_url: &str, page: &str, post: &str) -> String {
    let (wall, post) = post.split_once('_').unwrap_or((page, post));
    format!("{web_url}/{}/posts/{}", encoded(wall), encoded(post))
}

fn last_part(id: &str) -> &str {
    id.rsplit_once('_').map_or(id, |(_, last)| last)
}

fn encoded(text: &str) -> String {
    const KEPT: percent_encoding::AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, &KEPT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lead_to_pages() {
        let us = Us { id: "7".to_owned(), handle: "Acme".to_owned() };
        let web = "https://www.facebook.com";
        assert_eq!(own_url(web, &us, "7_10"), "https://www.facebook.com/7/posts/10");
        assert_eq!(own_url(web, &us, "10_1"), "https://www.facebook.com/7/posts/10?comment_id=1");
        assert_eq!(own_url(web, &us, "71_1"), "https://www.facebook.com/7/posts/71?comment_id=1");
        assert_eq!(own_url(web, &us, "101"), "https://www.facebook.com/7/posts/101?comment_id=101");
        assert_eq!(
            comment_url("https://f/permalink.php?story_fbid=10", "7_10", "10_1", "10_2"),
            "https://f/permalink.php?story_fbid=10&comment_id=1&reply_comment_id=2"
        );
        assert!(is_on("7", "7_10") && !is_on("7", "71_10") && !is_on("7", "7"));
    }

    #[test]
    fn links_lead_to_ids() {
        for (link, expected) in [
            ("https://www.facebook.com/7/posts/10", Some("7_10")),
            ("https://www.facebook.com/7/posts/10?comment_id=1&__tn__=R", Some("10_1")),
            ("https://www.facebook.com/acme/posts/10?comment_id=1&reply_comment_id=2", Some("10_2")),
            ("https://www.facebook.com/permalink.php?story_fbid=10&id=7", Some("7_10")),
            ("https://m.facebook.com/story.php?story_fbid=10&id=7&comment_id=3#x", Some("10_3")),
            ("https://www.facebook.com/acme/posts/10", None),
            ("https://www.facebook.com/acme/posts/pfbid02abc?comment_id=1", None),
            ("https://x.com/acme/status/123", None),
            ("https://www.facebook.com/7/posts/", None),
            ("posts/10", None),
            ("", None),
        ] {
            assert_eq!(id_in_link(link).as_deref(), expected, "{link}");
        }
    }
}
