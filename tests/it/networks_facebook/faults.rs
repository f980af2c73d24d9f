//! What becomes of calls when Facebook is out of order, rude, slow or gone, and what a limit does.

use std::time::Duration;

use answerwell::networks::{Addressee, Failure, Mend, Network, Outcome, Stretch, Timeline};
use answerwell::secret::Secret;
use answerwell::sim::facebook::{End, Fault, FaultKind, Release};

use super::{Stage, keys, network, seat};

/// The kind of an outcome in a word.
fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted { .. } => "accepted",
        Outcome::RetryAfter { .. } => "retry",
        Outcome::Unreachable { .. } => "unreachable",
        Outcome::Refused { .. } => "refused",
        Outcome::ByHand { .. } => "by hand",
        Outcome::ChannelBroken { .. } => "broken",
        Outcome::TokenRefused { .. } => "token",
        Outcome::Unknown { there: true, .. } => "unknown, there",
        Outcome::Unknown { there: false, .. } => "unknown",
    }
}

fn failure<T>(read: &Result<T, Failure>) -> &'static str {
    match read {
        Ok(_) => "read",
        Err(Failure::Unavailable(_)) => "unavailable",
        Err(Failure::RetryAfter(_)) => "retry",
        Err(Failure::ChannelBroken(..)) => "broken",
        Err(Failure::TokenRefused(_)) => "token",
        Err(Failure::Refused(_)) => "refused",
    }
}

#[actix_web::test]
async fn a_send_is_only_tried_again_where_nothing_was_done() {
    let stage = Stage::open().await;
    let post = stage.page_post("A release");
    // What goes wrong, the outcome of a reply, that of hiding, what a reading call says, and whether the reply stands.
    let rows = [
        (Fault::new(FaultKind::TooManyRequests, 1), "retry", "retry", "retry", false),
        (Fault::new(FaultKind::ServerError, 1), "unknown, there", "retry", "retry", false),
        (Fault::new(FaultKind::ServerError, 1).code(1, None), "unknown, there", "retry", "retry", false),
        (Fault::new(FaultKind::ErrorInside, 1).code(200, None), "broken", "refused", "broken", false),
        (Fault::new(FaultKind::ErrorInside, 1), "unknown, there", "retry", "retry", false),
        (Fault::new(FaultKind::GraphError, 1).code(368, None), "retry", "retry", "retry", false),
        (
            Fault::new(FaultKind::GraphError, 1).code(506, Some(1_455_006)),
            "unknown, there",
            "refused",
            "refused",
            false,
        ),
        (Fault::new(FaultKind::GraphError, 1).code(1_609_005, None), "refused", "refused", "refused", false),
        (Fault::new(FaultKind::GraphError, 1).code(190, Some(459)), "broken", "broken", "broken", false),
        (Fault::new(FaultKind::Unauthorized, 1), "token", "token", "token", false),
        (Fault::new(FaultKind::DropBefore, 1), "unknown", "retry", "unavailable", false),
        (Fault::new(FaultKind::DropAfter, 1), "unknown", "retry", "unavailable", true),
        (Fault::new(FaultKind::Html, 1), "unknown", "retry", "unavailable", false),
        (Fault::new(FaultKind::HtmlError, 1), "unknown", "retry", "unavailable", false),
        (Fault::new(FaultKind::HugeBody, 1), "unknown", "retry", "unavailable", false),
        (Fault::new(FaultKind::Redirect, 1), "unknown", "retry", "unavailable", false),
        (Fault::new(FaultKind::WrongClock, 1), "accepted", "accepted", "read", true),
    ];
    for (fault, reply, hide, reading, stands) in rows {
        let comment = stage.says(&post, "How?");
        let kind = fault.kind;
        stage.twin.set_fault(fault.clone());
        let outcome = stage.page.reply(&comment, "Hold it.", &[], "1").await;
        assert_eq!(word(&outcome), reply, "{kind:?}: {outcome:?}");
        assert_eq!(!stage.twin.replies_to(&comment).is_empty(), stands, "{kind:?}");
        stage.twin.set_fault(fault.clone());
        let outcome = stage.page.hide(&comment, true).await;
        assert_eq!(word(&outcome), hide, "{kind:?}: {outcome:?}");
        stage.twin.set_fault(fault);
        let read = stage.page.timeline(Timeline::Mentions, Stretch::default()).await;
        assert_eq!(failure(&read), reading, "{kind:?}: {read:?}");
        assert_eq!(stage.twin.count_faults(), 0, "{kind:?}");
    }
}

#[actix_web::test]
async fn a_token_that_ends_in_mid_send_is_named_by_how_it_ended() {
    for (end, expected, words) in [
        (End::AppRemoved, "token", "removed our app"),
        (End::PasswordChanged, "token", "password"),
        (End::Expired, "token", "expired"),
        (End::RoleLost, "token", "no role"),
        (End::Checkpoint, "broken", "sign in at facebook.com"),
        (End::Inactive, "token", "90 days"),
    ] {
        let stage = Stage::open().await;
        let post = stage.page_post("A release");
        stage.twin.set_fault(Fault::new(FaultKind::RevokedToken, 1).code(190, Some(end.subcode())));
        let outcome = stage.page.reply(&post, "Hold it.", &[], "1").await;
        assert_eq!(word(&outcome), expected, "{outcome:?}");
        assert!(format!("{outcome:?}").contains(words), "{outcome:?}");
        let read = stage.page.messages(None).await;
        assert_eq!(failure(&read), expected, "{read:?}");
    }
}

#[actix_web::test]
async fn an_answer_that_does_not_come_leaves_a_doubt() {
    let stage = Stage::open().await;
    let post = stage.page_post("A release");
    let settings = answerwell::networks::http::GuardSettings {
        timeout: Duration::from_secs(2),
        allowed_origins: vec![stage.base.clone()],
    };
    let hasty = answerwell::networks::facebook::FacebookNetwork {
        http: answerwell::networks::http::Guarded::new(settings).unwrap(),
        ..stage.network.clone()
    };
    let page = hasty.seat(seat(super::TOKEN, Some(keys()), &stage.told));
    stage.twin.set_fault(Fault::new(FaultKind::HoldAfter, 1));
    let outcome = page.reply(&post, "Hold it.", &[], "1").await;
    assert_eq!(word(&outcome), "unknown", "{outcome:?}");
    stage.twin.release(Release::GoOn);
    assert_eq!(stage.page.sent_since(super::NOW, std::slice::from_ref(&post)).await.unwrap().len(), 1, "it is there");

    let nowhere = network("http://127.0.0.1:9", &stage.clock).seat(seat(super::TOKEN, Some(keys()), &stage.told));
    assert_eq!(word(&nowhere.reply(&post, "x", &[], "1").await), "unreachable");
    let author = Addressee::AuthorOf { post: &post };
    assert_eq!(word(&nowhere.message(author, "x", "1").await), "unreachable");
    assert_eq!(failure(&nowhere.me().await), "unavailable");
}

#[actix_web::test]
async fn a_limit_is_told_before_it_is_used_up_and_waited_for() {
    let stage = Stage::open().await;
    stage.twin.set_limit(20);
    let remaining =
        |told: &[answerwell::networks::watch::Observed]| told.iter().flat_map(|one| one.limits.clone()).count();
    for _ in 0..18 {
        stage.page.me().await.unwrap();
    }
    assert_eq!(remaining(&stage.told.lock().unwrap()), 0);
    stage.page.me().await.unwrap();
    assert_eq!(remaining(&stage.told.lock().unwrap()), 1, "95 percent");
    stage.page.me().await.unwrap();
    let read = stage.page.me().await;
    let Err(Failure::RetryAfter(wait)) = read else { panic!("{read:?}") };
    assert_eq!(wait, Duration::from_secs(3600), "as long as Facebook says");
    let last = stage.told.lock().unwrap().last().cloned().unwrap();
    assert_eq!((last.limits[0].remaining, last.limits[0].reset_at), (0, stage.clock.now().plus(wait)));
    assert!(last.read.is_empty() && last.written.is_none(), "nothing has a price there");
    let post = stage.page_post("A release");
    assert_eq!(word(&stage.page.reply(&post, "x", &[], "1").await), "retry");
}

#[actix_web::test]
async fn a_secret_that_is_no_longer_the_apps_is_named() {
    let stage = Stage::open().await;
    let post = stage.page_post("A release");
    stage.twin.rotate_app_secret("newer").unwrap();
    let outcome = stage.page.reply(&post, "x", &[], "1").await;
    assert!(
        matches!(&outcome, Outcome::ChannelBroken { mend: Mend::EnterKeys, reason } if reason.contains("App secret")),
        "{outcome:?}"
    );
    assert_eq!(failure(&stage.page.me().await), "broken");
    let mut rotated = keys();
    rotated.earlier_signing_secret = Some(std::mem::replace(&mut rotated.signing_secret, Secret::new("newer")));
    let page = stage.seat(super::TOKEN, Some(rotated));
    assert_eq!(word(&page.reply(&post, "x", &[], "1").await), "accepted");
}
