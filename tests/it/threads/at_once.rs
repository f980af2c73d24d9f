//! Two who change a thread and one that is part of it in the same moment: both go through, whoever is first.

use super::merged::Twice;
use crate::moderation::count;
use crate::tools::{EVIDENCE, answer, desk_place, verify_place};

#[tokio::test]
async fn accepting_while_the_answer_is_edited_does_both() {
    let twice = Twice::set().await;
    let Twice { customer, rita, channel, main, .. } = &twice;
    twice.merge().await;
    let (accepting, editing) = (format!("/answers/{channel}/accept"), format!("/answers/{channel}/edit"));
    for round in 0..12 {
        let page = rita.get(&editing).await.expect(200);
        let body = format!("Change the channel to {round}.");
        let wanted = [("accepted", if round % 2 == 0 { "yes" } else { "no" })];
        let words = [("body", body.as_str())];
        let (accepted, edited) =
            tokio::join!(customer.post_form(&accepting, &wanted), rita.submit(&page, &editing, &words));
        assert_eq!((accepted.status, edited.status), (200, 200), "{} / {}", accepted.text(), edited.text());
        let page = twice.read(*main).await;
        page.expect_text(&body);
        assert_eq!(page.says("Helped the person who asked"), round % 2 == 0);
    }
}

#[tokio::test]
async fn of_two_who_edit_the_same_answer_the_second_is_told() {
    let twice = Twice::set().await;
    let Twice { rita, staff, channel, .. } = &twice;
    twice.merge().await;
    let place = format!("/answers/{channel}/edit");
    for round in 0..8 {
        let (hers, theirs) = (rita.get(&place).await.expect(200), staff.get(&place).await.expect(200));
        let (one, two) = (format!("Channel 11, says Rita, {round}."), format!("Channel 13, says staff, {round}."));
        let (one, two) = ([("body", one.as_str())], [("body", two.as_str()), ("reason", "It is 13")]);
        let (hers, theirs) = tokio::join!(rita.submit(&hers, &place, &one), staff.submit(&theirs, &place, &two));
        let mut said = [hers.status, theirs.status];
        said.sort_unstable();
        assert_eq!(said, [200, 422], "{} / {}", hers.text(), theirs.text());
    }
}

#[tokio::test]
async fn answering_voting_and_hiding_while_another_accepts_does_all() {
    let twice = Twice::set().await;
    let Twice { app, customer, peer, staff, olga, channel, main, cable, .. } = &twice;
    twice.merge().await;
    let place = format!("/desk/moderate/answer-{channel}");
    for round in 0..6 {
        let act = [("act", if round % 2 == 0 { "hide" } else { "restore" }), ("reason", "It is looked at.")];
        let more = format!("Number {round}: restart it.");
        let wanted = [("accepted", if round % 2 == 0 { "yes" } else { "no" })];
        let accepting = format!("/answers/{cable}/accept");
        let vote = [("post", format!("answer-{cable}")), ("value", (round % 2).to_string())];
        let vote: Vec<(&str, &str)> = vote.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (hidden, answered, accepted, voted) = tokio::join!(
            staff.post_form(&place, &act),
            answer(olga, *main, &more),
            customer.post_form(&accepting, &wanted),
            peer.post_form("/votes", &vote),
        );
        assert!(answered > 0);
        assert_eq!((hidden.status, accepted.status, voted.status), (200, 200, 200), "{}", hidden.text());
    }
    // Everything was counted once.
    let shown =
        count(app, &format!("answer WHERE question_id IN ({main}, {}) AND removed_at IS NULL", twice.part)).await;
    assert_eq!(count(app, &format!("question WHERE id = {main} AND answer_count = {shown}")).await, 1);
    assert_eq!(count(app, &format!("question WHERE id = {main} AND accepted_count = 0")).await, 1);
}

#[tokio::test]
async fn what_is_accepted_or_verified_while_the_threads_are_merged_counts_in_the_right_one() {
    let twice = Twice::set().await;
    let Twice { app, peer, staff, channel, main, part, .. } = &twice;
    let lee = app.person("Lee Lead", answerwell::members::Role::Staff).await;
    let into = main.to_string();
    let (merging, apart) = (format!("{}/merge", desk_place(*part)), format!("{}/unmerge", desk_place(*part)));
    for round in 0..6 {
        let wanted = [("accepted", if round % 2 == 0 { "yes" } else { "no" })];
        let (fields, place) = ([("into", into.as_str())], if round % 2 == 0 { &merging } else { &apart });
        let merged = staff.post_form(place, if round % 2 == 0 { &fields } else { &[] });
        let accepting = format!("/answers/{channel}/accept");
        let (merged, accepted) = tokio::join!(merged, peer.post_form(&accepting, &wanted));
        assert_eq!((merged.status, accepted.status), (200, 200), "{} / {}", merged.text(), accepted.text());
        let helped = i64::from(round % 2 == 0);
        let both = if round % 2 == 0 { helped } else { 0 };
        assert_eq!(count(app, &format!("question WHERE id = {part} AND accepted_count = {helped}")).await, 1);
        assert_eq!(count(app, &format!("question WHERE id = {main} AND accepted_count = {both}")).await, 1, "{round}");
    }
    // The one verifies, the other merges.
    let page = lee.get(&verify_place(*channel)).await.expect(200);
    let fields = [("into", into.as_str())];
    let place = verify_place(*channel);
    let (merged, verified) =
        tokio::join!(staff.post_form(&merging, &fields), lee.submit(&page, &place, &[("evidence", EVIDENCE)]));
    assert_eq!((merged.status, verified.status), (200, 200), "{}", verified.text());
    for thread in [main, part] {
        assert_eq!(count(app, &format!("question WHERE id = {thread} AND verified_answer_id = {channel}")).await, 1);
    }
}
