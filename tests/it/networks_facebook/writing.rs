//! What we write on the page: answers, their corrections, what is taken back and what is hidden.

use std::time::Duration;

use answerwell::networks::{Mend, Outcome};
use answerwell::sim::facebook::With;

use super::{Stage, keys};

#[track_caller]
fn id_of(outcome: Outcome) -> String {
    match outcome {
        Outcome::Accepted { remote_id, person: None } => remote_id,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refusal(outcome: Outcome) -> String {
    match outcome {
        Outcome::Refused { reason } => reason,
        other => panic!("{other:?}"),
    }
}

#[actix_web::test]
async fn an_answer_is_posted_corrected_and_taken_back() {
    let stage = Stage::open().await;
    let post = stage.page_post("A release");
    let question = stage.says(&post, "How do I reset it?");
    let answer = id_of(stage.page.reply(&question, "Hold it for five seconds. 👋", &[], "1").await);
    let stands = stage.twin.replies_to(&question);
    assert_eq!((stands[0].id.as_str(), stands[0].text.as_str()), (answer.as_str(), "Hold it for five seconds. 👋"));
    assert_eq!((stands[0].handle.as_str(), stands[0].app), ("acme", true));
    assert_eq!(id_of(stage.page.edit(&answer, "Hold it for ten seconds.").await), answer, "it keeps its id");
    assert_eq!(id_of(stage.page.edit(&answer, "Hold it for ten seconds.").await), answer, "twice does no harm");
    assert_eq!(stage.twin.replies_to(&question)[0].text, "Hold it for ten seconds.");
    assert_eq!(id_of(stage.page.delete(&answer).await), answer);
    assert_eq!(id_of(stage.page.delete(&answer).await), answer, "what is gone counts as deleted");
    assert!(stage.twin.replies_to(&question).is_empty());
    assert!(refusal(stage.page.edit(&answer, "too late").await).contains("gone on Facebook"));
    stage.twin.delete("jo", &question).unwrap();
    let reason = refusal(stage.page.reply(&question, "Hold it.", &[], "2").await);
    assert!(reason.contains("was deleted on Facebook"), "{reason}");
}

#[actix_web::test]
async fn an_answer_to_a_reply_stands_under_the_same_comment() {
    let stage = Stage::open().await;
    let post = stage.page_post("A release");
    let question = stage.says(&post, "How?");
    let reply = stage.says(&question, "It blinks, too.");
    let target = stage.one(&reply).await;
    let target = answerwell::networks::Target {
        id: &target.id,
        parent: target.parent.as_deref(),
        conversation: Some(&target.conversation),
    };
    let under = stage.page.stands_under(target);
    assert_eq!(under, question);
    stage.clock.advance(Duration::from_secs(1));
    let sent = stage.clock.now();
    let answer = id_of(stage.page.reply(&under, "Unplug it.", &[], "1").await);
    assert_eq!(stage.one(&answer).await.parent, Some(question.clone()));
    let by_hand = stage.twin.comment("acme", &post, "By hand, under the post", With::default()).unwrap();
    stage.says(&question, "thanks");
    let found = stage.page.sent_since(sent, &[question.clone(), post.clone(), "122_9".to_owned()]).await.unwrap();
    let found: Vec<_> = found.into_iter().map(|one| (one.id, one.parent, one.text)).collect();
    assert_eq!(
        found,
        [
            (answer, Some(question.clone()), "Unplug it.".to_owned()),
            (by_hand, Some(post), "By hand, under the post".to_owned())
        ]
    );
    stage.clock.advance(Duration::from_secs(5));
    assert_eq!(stage.page.sent_since(stage.clock.now(), &[question]).await.unwrap(), []);
    assert_eq!(stage.page.sent_since(sent, &[]).await.unwrap(), []);
}

#[actix_web::test]
async fn what_was_sent_is_found_beyond_the_first_hundred() {
    let stage = Stage::open().await;
    let post = stage.page_post("A release");
    let sent = stage.clock.now();
    let answer = id_of(stage.page.reply(&post, "Read this first.", &[], "1").await);
    for n in 0..130 {
        stage.says(&post, &format!("comment {n}"));
    }
    let found = stage.page.sent_since(sent, std::slice::from_ref(&post)).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0].id, &found[0].parent), (&answer, &Some(post)));
}

#[actix_web::test]
async fn others_are_hidden_and_shown_again() {
    let stage = Stage::open().await;
    let post = stage.page_post("A release");
    let comment = stage.says(&post, "buy now");
    let visitor = stage.twin.post("jo", "acme", "buy here", With::default()).unwrap();
    for id in [&comment, &visitor] {
        for hidden in [true, true, false] {
            assert_eq!(id_of(stage.page.hide(id, hidden).await), *id);
            assert_eq!(stage.one(id).await.hidden, hidden);
        }
    }
    stage.twin.delete("jo", &comment).unwrap();
    assert!(refusal(stage.page.hide(&comment, true).await).contains("gone"));
    let granted = stage.twin.grant("olga", &["pages_read_engagement", "pages_read_user_content"]).unwrap();
    let page = stage.seat(&granted.page_token, Some(keys()));
    let reason = refusal(page.hide(&visitor, true).await);
    assert!(reason.contains("pages_manage_posts"), "{reason}");
    let outcome = page.reply(&post, "hello", &[], "1").await;
    assert!(
        matches!(&outcome, Outcome::ChannelBroken { mend: Mend::Connect, reason } if reason.contains("Advanced Access")),
        "{outcome:?}"
    );
}

#[actix_web::test]
async fn texts_are_measured_as_facebook_measures_them() {
    let stage = Stage::open().await;
    let post = stage.page_post("A release");
    for (text, used) in [("", 0), ("abc", 3), ("é", 1), ("👋", 2), ("👨\u{200D}👩\u{200D}👧", 8), ("一\n二", 3)]
    {
        assert_eq!((stage.page.length(text).used, stage.page.length(text).limit), (used, 8_000), "{text}");
    }
    let longest = format!("{}👋", "a".repeat(7_998));
    assert!(stage.page.length(&longest).fits());
    id_of(stage.page.reply(&post, &longest, &[], "1").await);
    let longer = format!("{longest}a");
    assert_eq!(stage.page.length(&longer).over(), 1);
    assert!(refusal(stage.page.reply(&post, &longer, &[], "2").await).contains("too long"));
    assert_eq!((stage.page.cut_after(), stage.page.longest_message()), (None, 2_000));
}

#[actix_web::test]
async fn pictures_and_what_is_no_id_are_refused_before_anything_is_sent() {
    let stage = Stage::open().await;
    let before = stage.twin.calls().len();
    let with_picture = stage.page.reply("1_2", "look", &["9".to_owned()], "1").await;
    assert!(refusal(with_picture).contains("picture"));
    assert!(stage.page.upload("image/png", b"x").await.is_err() && stage.page.describe("9", "a cat").await.is_err());
    assert!(stage.page.pictures_scope().is_none());
    for odd in ["", "../me", "1,2", "me?fields=x", "1 2"] {
        assert!(refusal(stage.page.reply(odd, "hello", &[], "1").await).contains("no id"), "{odd}");
        assert!(refusal(stage.page.delete(odd).await).contains("no id"), "{odd}");
        assert!(refusal(stage.page.hide(odd, true).await).contains("no id"), "{odd}");
    }
    assert_eq!(stage.twin.calls().len(), before);
}
