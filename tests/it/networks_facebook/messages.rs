//! Private answers and conversations: once for a comment, within a day of what a person wrote, within a week as a human.

use std::time::Duration;

use answerwell::networks::{Addressee, MessagePage, Outcome, Window, compare_marks};
use answerwell::sim::facebook::With;

use super::{HOUR, Stage, keys};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[track_caller]
fn reason_of(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Refused { reason } | Outcome::ByHand { reason } => reason,
        other => panic!("{other:?}"),
    }
}

#[actix_web::test]
async fn the_author_of_a_comment_is_answered_privately_once() {
    let stage = Stage::open().await;
    let post = stage.page_post("A release");
    let comment = stage.says(&post, "My order 42 never came");
    let visitor = stage.twin.post("jo", "acme", "Mine neither", With::default()).unwrap();
    assert!(!stage.page.was_written_to(&comment).await.unwrap());
    let author = |post| Addressee::AuthorOf { post };
    let sent = stage.page.message(author(&comment), "Which address?", "17").await;
    let Outcome::Accepted { remote_id, person } = sent else { panic!("{sent:?}") };
    assert_eq!(person, Some(stage.twin.psid("jo").unwrap()));
    let there = stage.twin.messages("jo").remove(0);
    assert_eq!((there.id.as_str(), there.metadata.as_deref()), (remote_id.as_str(), Some("answerwell:17")));
    assert_eq!(there.answers.as_deref(), Some(comment.as_str()));
    assert!(stage.page.was_written_to(&comment).await.unwrap());
    assert!(reason_of(&stage.page.message(author(&comment), "Again", "18").await).contains("once"));
    let sent = stage.page.message(author(&visitor), "Which address?", "19").await;
    assert!(matches!(sent, Outcome::Accepted { .. }), "a visitor's post: {sent:?}");

    let own = stage.page_post("Ours");
    assert!(reason_of(&stage.page.message(author(&own), "x", "1").await).contains("no private answer"));
    assert!(reason_of(&stage.page.message(author("1_2"), "x", "1").await).contains("deleted"));
    let late = stage.says(&post, "hello?");
    stage.clock.advance(8 * DAY);
    assert!(reason_of(&stage.page.message(author(&late), "x", "1").await).contains("seven days"));
    assert!(stage.page.was_written_to(&late).await.unwrap(), "it cannot be done any more");
    assert!(stage.page.was_written_to("1_2").await.is_err());
}

#[actix_web::test]
async fn a_person_is_answered_within_the_window() {
    let stage = Stage::open().await;
    let jo = stage.twin.psid("jo").unwrap();
    stage.twin.message("jo", "order 42?", With::default()).unwrap();
    let wrote_at = stage.clock.now();
    let to = || Addressee::Person { id: &jo, wrote_at: Some(wrote_at) };
    let mut reviewed = keys();
    reviewed.may_answer_late = true;
    let human = stage.seat(super::TOKEN, Some(reviewed));
    let window = |page: &dyn answerwell::networks::Account| page.message_window(Some(wrote_at), stage.clock.now());

    assert_eq!(window(stage.page.as_ref()), Window::Open { until: Some(wrote_at.plus(DAY)) });
    assert_eq!(window(human.as_ref()), Window::Open { until: Some(wrote_at.plus(7 * DAY)) });
    let sent = stage.page.message(to(), "On it.", "1").await;
    assert!(matches!(sent, Outcome::Accepted { person: None, .. }), "{sent:?}");

    stage.clock.advance(DAY);
    assert_eq!(window(stage.page.as_ref()), Window::Closed { since: wrote_at.plus(DAY) });
    let calls = stage.twin.calls().len();
    let closed = stage.page.message(to(), "Found it.", "2").await;
    assert!(matches!(&closed, Outcome::ByHand { reason } if reason.contains("24 hours")), "{closed:?}");
    assert_eq!(stage.twin.calls().len(), calls, "it is known before Facebook is asked");
    let sent = human.message(to(), "Found it.", "3").await;
    assert!(matches!(sent, Outcome::Accepted { .. }), "as a human agent: {sent:?}");
    stage.twin.set_human_agent(false).unwrap();
    let refused = human.message(to(), "Found it.", "4").await;
    assert!(matches!(&refused, Outcome::ByHand { reason } if reason.contains("Human Agent")), "{refused:?}");

    stage.clock.advance(6 * DAY);
    assert_eq!(window(human.as_ref()), Window::Closed { since: wrote_at.plus(7 * DAY) });
    assert!(matches!(human.message(to(), "Too late", "5").await, Outcome::ByHand { .. }));
    assert!(matches!(stage.page.message_window(None, stage.clock.now()), Window::Closed { .. }));
    // We believe that the window is open; Facebook knows better.
    let wrong = Addressee::Person { id: &jo, wrote_at: Some(stage.clock.now()) };
    let refused = stage.page.message(wrong, "x", "6").await;
    assert!(matches!(&refused, Outcome::ByHand { reason } if reason.contains("2018278")), "{refused:?}");
    stage.twin.message("jo", "hello", With::default()).unwrap();
    stage.twin.close_messages("jo", true).unwrap();
    let refused = stage.page.message(wrong, "x", "7").await;
    assert!(matches!(&refused, Outcome::Refused { reason } if reason.contains("551")), "{refused:?}");
    let nobody = Addressee::Person { id: "12", wrote_at: Some(stage.clock.now()) };
    assert!(reason_of(&stage.page.message(nobody, "x", "8").await).contains("cannot be written to"));
}

#[actix_web::test]
async fn conversations_are_read_page_by_page_with_falling_marks() {
    let stage = Stage::open().await;
    // Fifty people write, several in the same second, and one of them much.
    for n in 0..50 {
        stage.twin.person(&format!("p{n}"), &format!("Person {n}")).unwrap();
        stage.twin.message(&format!("p{n}"), &format!("hello from {n}"), With::default()).unwrap();
        if n % 7 == 0 {
            stage.clock.advance(Duration::from_secs(1));
        }
    }
    for n in 0..70 {
        stage.twin.message("p0", &format!("and {n}"), With::default()).unwrap();
    }
    let mut found = std::collections::BTreeSet::new();
    let (mut token, mut lowest, mut pages): (Option<String>, Option<String>, usize) = (None, None, 0);
    loop {
        let body = stage.page.messages(token.as_deref()).await.unwrap();
        let page: MessagePage = stage.page.parse_messages(&body).unwrap();
        assert_eq!(page.unreadable, []);
        found.extend(page.messages.iter().map(|message| message.text.clone()));
        assert!(page.messages.iter().all(|message| message.with.name.starts_with("Person") && !message.ours));
        let top = page.marks.iter().max_by(|a, b| compare_marks(a, b)).unwrap();
        assert!(lowest.is_none_or(|lowest| compare_marks(top, &lowest).is_lt()), "{top}");
        lowest = page.marks.iter().min_by(|a, b| compare_marks(a, b)).cloned();
        pages += 1;
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!((found.len(), pages), (120, 3));
}

#[actix_web::test]
async fn one_conversation_is_read_to_find_what_was_sent() {
    let stage = Stage::open().await;
    stage.twin.person("kim", "Kim").unwrap();
    let jo = stage.twin.psid("jo").unwrap();
    stage.twin.message("jo", "order 42?", With::default()).unwrap();
    stage.twin.message("kim", "me too", With::default()).unwrap();
    stage.clock.advance(Duration::from_secs(2));
    let to = Addressee::Person { id: &jo, wrote_at: Some(stage.clock.now()) };
    let sent = stage.page.message(to, "On it.", "1").await;
    let Outcome::Accepted { remote_id, .. } = sent else { panic!("{sent:?}") };
    let page = stage.page.messages_with(&jo).await.unwrap();
    let said: Vec<_> = page.messages.iter().map(|one| (one.ours, one.text.as_str(), one.with.id.as_str())).collect();
    assert_eq!(said, [(true, "On it.", jo.as_str()), (false, "order 42?", jo.as_str())]);
    assert_eq!((&page.messages[0].id, page.messages[1].with.name.as_str()), (&remote_id, "Jo Miller"));
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(40, 30).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    let picture = stage.twin.add_picture(&bytes.into_inner()).unwrap();
    stage.clock.advance(HOUR);
    stage.twin.message("jo", "", With { picture: Some(&picture), ..With::default() }).unwrap();
    stage.twin.message("jo", "", With { sticker: true, ..With::default() }).unwrap();
    let page = stage.page.messages_with(&jo).await.unwrap();
    for message in &page.messages[..2] {
        let attachment = &message.attachments[0];
        assert!(attachment.is_photo && message.text.is_empty(), "{message:?}");
        assert!(!stage.page.message_picture(attachment.url.as_deref().unwrap()).await.unwrap().is_empty());
    }
    assert_eq!(stage.page.messages_with("12").await.unwrap().messages, []);
}

#[actix_web::test]
async fn without_the_permission_for_messages_the_rest_goes_on() {
    let stage = Stage::open().await;
    let scopes = ["pages_read_engagement", "pages_read_user_content", "pages_manage_engagement"];
    let granted = stage.twin.grant("olga", &scopes).unwrap();
    let page = stage.seat(&granted.page_token, Some(keys()));
    let read = page.messages(None).await;
    assert!(matches!(read, Err(answerwell::networks::Failure::Refused(_))), "{read:?}");
    let post = stage.page_post("A release");
    let comment = stage.says(&post, "How?");
    let refused = page.message(Addressee::AuthorOf { post: &comment }, "x", "1").await;
    assert!(reason_of(&refused).contains("pages_messaging"), "{refused:?}");
    assert!(matches!(page.reply(&comment, "Hold it.", &[], "1").await, Outcome::Accepted { .. }));
}
