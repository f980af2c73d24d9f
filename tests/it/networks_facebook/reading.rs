//! What stands on the page, read by polling: as the second source beside webhooks, and to look at single posts again.

use std::time::Duration;

use answerwell::networks::{Failure, MediaKind, Network, ReplyPath, Stretch, Target, Timeline};
use answerwell::sim::facebook::{FaultKind, With};

use super::{HOUR, NOW, PAGE, Stage, ids, keys, texts};

#[actix_web::test]
async fn a_turn_reads_all_that_was_written_since_the_last() {
    let stage = Stage::open().await;
    let post = stage.page_post("A new release");
    let old = stage.says(&post, "before");
    let first = stage.since(None).await;
    assert_eq!(ids(&first.posts), [old.as_str(), post.as_str()], "newest first");
    let mark = first.newest.unwrap();
    assert_eq!(mark, stage.network.mark_at(stage.clock.now()));

    stage.clock.advance(2 * HOUR);
    let question = stage.says(&post, "How do I reset it?");
    let reply = stage.says(&question, "It blinks, too.");
    stage.clock.advance(Duration::from_secs(1));
    let visitor = stage.twin.post("jo", "acme", "Does it come in blue?", With::default()).unwrap();
    let below = stage.says(&visitor, "or green?");
    stage.clock.advance(Duration::from_secs(1));
    let elsewhere = stage.twin.post("jo", "jo", "Ask @acme", With::default()).unwrap();
    let since = stage.network.mark_at(stage.network.moment_of(&mark).plus(HOUR));
    let page = stage.since(Some(&since)).await;
    let found = [&elsewhere, &below, &visitor, &reply, &question].map(String::as_str);
    assert_eq!(ids(&page.posts), found);
    assert_eq!(ids(&page.included), [post.as_str()], "it came along with what is new under it");
    assert_eq!((page.oldest, page.next_token), (None, None));
    assert_eq!(page.newest, Some(stage.network.mark_at(stage.clock.now())));
    let by_id = |id: &str| page.posts.iter().find(|post| post.id == id).unwrap();
    assert_eq!((by_id(&reply).parent.as_ref(), &by_id(&reply).conversation), (Some(&question), &post));
    assert_eq!((by_id(&question).parent.as_ref(), &by_id(&question).conversation), (Some(&post), &post));
    for id in [&question, &reply, &visitor, &below, &elsewhere] {
        assert_eq!(by_id(id).addressed, [PAGE.to_string()], "{id}");
        assert_eq!(stage.page.reply_path(by_id(id)), ReplyPath::Api);
        let page = reqwest::get(stage.page.post_url(by_id(id))).await.unwrap();
        assert_eq!(page.status(), 200, "{id}");
    }
    let own = stage.page.timeline(Timeline::Own, Stretch::default()).await.unwrap();
    assert_eq!(stage.page.parse_page(&own).unwrap().posts, []);
    let beyond = stage.page.beyond_timeline(Stretch::default()).await;
    assert!(matches!(beyond, Err(Failure::Refused(_))) && stage.page.reaches_beyond().is_none());
}

#[actix_web::test]
async fn a_post_with_many_comments_is_read_to_its_end() {
    let stage = Stage::open().await;
    let post = stage.page_post("Win a widget!");
    let mark = stage.network.mark_at(stage.clock.now());
    let said: Vec<String> = (0..180).map(|n| stage.says(&post, &format!("comment {n}"))).collect();
    let page = stage.since(Some(&mark)).await;
    let mut found: Vec<&str> = ids(&page.posts);
    found.retain(|id| *id != post);
    found.reverse();
    assert_eq!(found, said.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(page.newest, Some(stage.network.mark_at(stage.clock.now())));
    let calls = stage.twin.calls();
    assert!(calls.len() < 10, "{calls:?}");
}

#[actix_web::test]
async fn what_a_turn_does_not_reach_is_read_by_the_next() {
    let stage = Stage::open().await;
    stage.twin.raise_limits(100);
    let post = stage.page_post("Win a widget!");
    let mut mark = stage.network.mark_at(stage.clock.now());
    // 3,200 comments in nine hours: a turn reads 50 and 60 times 50 more.
    for n in 0..3_200 {
        stage.clock.advance(Duration::from_secs(9));
        stage.says(&post, &format!("comment {n}"));
    }
    let mut found = std::collections::BTreeSet::new();
    for turn in 0..2 {
        let page = stage.since(Some(&mark)).await;
        let newest = page.newest.clone().unwrap();
        let is_all = stage.network.moment_of(&newest) == stage.clock.now();
        assert_eq!(is_all, turn == 1, "turn {turn} read to {newest}");
        found.extend(page.posts.iter().filter(|one| one.id != post).map(|one| one.id.clone()));
        mark = newest;
    }
    assert_eq!(found.len(), 3_200);
}

#[actix_web::test]
async fn comments_under_old_posts_are_found() {
    let stage = Stage::open().await;
    let posts: Vec<String> = (0..230).map(|n| stage.page_post(&format!("Tip {n}"))).collect();
    let mark = stage.network.mark_at(stage.clock.now().plus(Duration::from_secs(1)));
    stage.clock.advance(HOUR);
    let said = [0, 1, 100, 228].map(|at| stage.says(&posts[at], "Still true?"));
    let page = stage.since(Some(&mark)).await;
    let mut found = ids(&page.posts);
    found.reverse();
    assert_eq!(found, said.each_ref().map(String::as_str));
    assert!(page.included.iter().any(|post| post.id == posts[0]));
}

#[actix_web::test]
async fn whoever_and_whatever_it_is_it_can_be_shown() {
    let stage = Stage::open().await;
    let post = stage.page_post("A release");
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(40, 30).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    let picture = stage.twin.add_picture(&bytes.into_inner()).unwrap();
    stage.clock.advance(Duration::from_secs(1));
    let photo = stage.twin.comment("jo", &post, "", With { picture: Some(&picture), ..With::default() }).unwrap();
    let sticker = stage.twin.comment("jo", &post, "", With { sticker: true, ..With::default() }).unwrap();
    let shown = stage.twin.post("jo", "acme", "look", With { picture: Some(&picture), ..With::default() }).unwrap();
    let hidden = stage.says(&post, "buy now");
    stage.twin.hide(&hidden, true).unwrap();
    stage.twin.hide(&shown, true).unwrap();
    stage.twin.person("kim", "Kim").unwrap();
    stage.twin.hide_person("kim", true).unwrap();
    let unseen = stage.twin.comment("kim", &post, "who am I?", With::default()).unwrap();
    let page = stage.since(Some("1")).await;
    let of = |id: &str| page.posts.iter().find(|post| post.id == id).unwrap_or_else(|| panic!("{id} is not there"));
    for id in [&photo, &sticker, &shown] {
        let media = &of(id).media;
        assert_eq!((media.len(), media[0].kind, &media[0].key), (1, MediaKind::Photo, id));
        assert_eq!(reqwest::get(media[0].url.as_deref().unwrap()).await.unwrap().status(), 200, "{media:?}");
    }
    assert_eq!((of(&photo).text.as_str(), of(&sticker).text.as_str()), ("", ""));
    assert_eq!((of(&hidden).hidden, of(&shown).hidden, of(&photo).hidden), (true, true, false));
    assert_eq!((of(&unseen).author.id.clone(), of(&unseen).author.name.as_str()), (format!("?{unseen}"), ""));
    assert_eq!(stage.one(&hidden).await, of(&hidden).clone().with_raw_of(&stage.one(&hidden).await));
}

/// Which fields came along differs from call to call, and with them what is kept as it arrived.
trait WithRawOf {
    fn with_raw_of(self, other: &Self) -> Self;
}

impl WithRawOf for answerwell::networks::RemotePost {
    fn with_raw_of(mut self, other: &Self) -> Self {
        self.raw.clone_from(&other.raw);
        self
    }
}

#[actix_web::test]
async fn posts_are_looked_up_together_and_what_is_gone_is_named() {
    let stage = Stage::open().await;
    let post = stage.page_post("A release");
    let comments: Vec<String> = (0..60).map(|n| stage.says(&post, &format!("comment {n}"))).collect();
    let all: Vec<String> = comments.iter().chain([&post]).cloned().collect();
    let before = stage.twin.calls().len();
    let page = stage.page.parse_page(&stage.page.posts(&all).await.unwrap()).unwrap();
    assert_eq!((page.posts.len(), page.missing.len()), (61, 0));
    assert_eq!(stage.twin.calls().len() - before, 3, "fifty at once, and posts for themselves");

    stage.twin.delete("jo", &comments[3]).unwrap();
    stage.twin.edit("jo", &comments[4], "in other words").unwrap();
    let nobodys = "122_999999999999999999999999999999".to_owned();
    let wanted = [comments[3].clone(), comments[4].clone(), nobodys.clone(), post.clone()];
    let page = stage.page.parse_page(&stage.page.versions(&wanted).await.unwrap()).unwrap();
    let mut found = texts(&page.posts);
    found.sort_unstable();
    assert_eq!((found, page.missing), (vec!["A release", "in other words"], vec![comments[3].clone(), nobodys]));

    // A post elsewhere looks like a comment until it is asked.
    let elsewhere = stage.twin.post("jo", "jo", "Ask @acme", With::default()).unwrap();
    let found = stage.one(&elsewhere).await;
    assert_eq!((found.id.as_str(), found.parent.as_deref()), (elsewhere.as_str(), None));
    assert_eq!(found.addressed, [PAGE.to_string()]);
}

#[actix_web::test]
async fn what_we_may_not_see_any_more_is_not_taken_for_gone() {
    let stage = Stage::open().await;
    let post = stage.page_post("A release");
    let comment = stage.says(&post, "How?");
    let granted = stage.twin.grant("olga", &["pages_read_engagement", "pages_manage_engagement"]).unwrap();
    let page = stage.seat(&granted.page_token, Some(keys()));
    let looked = page.versions(std::slice::from_ref(&comment)).await;
    let Err(Failure::ChannelBroken(_, reason)) = looked else { panic!("{looked:?}") };
    assert!(reason.contains("pages_read_user_content"), "{reason}");
    let read = page.timeline(Timeline::Mentions, Stretch::default()).await;
    assert!(matches!(read, Err(Failure::ChannelBroken(..) | Failure::Refused(_)) | Ok(_)), "{read:?}");
    stage.twin.delete("jo", &comment).unwrap();
    let body = stage.page.versions(std::slice::from_ref(&comment)).await.unwrap();
    assert_eq!(stage.page.parse_page(&body).unwrap().missing, [comment], "this one is");
}

#[actix_web::test]
async fn a_conversation_is_read_a_page_at_a_time() {
    let stage = Stage::open().await;
    let post = stage.page_post("A release");
    let top = stage.says(&post, "first");
    let said: Vec<String> =
        (0..150).map(|n| stage.says(if n % 2 == 0 { &post } else { &top }, &format!("{n}"))).collect();
    let first = stage.page.parse_page(&stage.page.conversation(&post, None).await.unwrap()).unwrap();
    let token = first.next_token.clone().unwrap();
    let second = stage.page.parse_page(&stage.page.conversation(&post, Some(&token)).await.unwrap()).unwrap();
    assert_eq!((first.posts.len(), second.posts.len(), second.next_token), (100, 51, None));
    assert_eq!(first.posts[0].id, said[149]);
    assert!(first.posts.iter().chain(&second.posts).all(|one| one.conversation == post));
    let gone = stage.page.conversation("122_1", None).await;
    assert!(matches!(gone, Err(Failure::Refused(_))), "{gone:?}");
}

#[actix_web::test]
async fn a_page_with_something_unreadable_keeps_the_rest() {
    let stage = Stage::open().await;
    let post = stage.page_post("A release");
    let other = stage.page_post("Another");
    let comment = stage.says(&other, "How?");
    stage.twin.set_fault(answerwell::sim::facebook::Fault::new(FaultKind::OddPost, 1).on("GET", "/feed"));
    let body = stage.page.timeline(Timeline::Mentions, Stretch { since: Some("1"), until: None }).await.unwrap();
    let page = stage.page.parse_page(&body).unwrap();
    assert_eq!(ids(&page.posts), [comment.as_str(), post.as_str()]);
    assert_eq!(page.unreadable.len(), 1);
    let alone = stage.page.parse_page(&page.unreadable[0].page).unwrap();
    assert_eq!((alone.posts.len(), alone.unreadable.len()), (0, 1), "it can be tried again");
}

#[actix_web::test]
async fn a_reply_stands_beside_the_one_it_answers() {
    let stage = Stage::open().await;
    let under = |id, parent, conversation| stage.page.stands_under(Target { id, parent, conversation });
    assert_eq!(under("7_1", None, Some("7_1")), "7_1");
    assert_eq!(under("1_2", Some("7_1"), Some("7_1")), "1_2");
    assert_eq!(under("1_3", Some("1_2"), Some("7_1")), "1_2");
    assert_eq!(under("1_3", Some("1_2"), None), "1_2", "their ids say that both stand under one post");
    assert_eq!(under("1_3", Some("7_1"), None), "1_3");
    let (mark, moment) = (stage.network.mark_at(NOW), stage.network.moment_of("1784928203000"));
    assert_eq!((mark.as_str(), moment), ("1784928203000", NOW));
}
