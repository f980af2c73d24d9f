//! A question that reads like one asked before: suggested to staff with why, merged by one button and taken out again, or kept
//! apart for good. Nothing happens without them.

use super::{FIX, ask_here, desk_place, trainee, verify};
use crate::moderation::{logged, moderate};
use crate::support::{Answer, Person, TestApp, TestLoop, eventually};
use crate::tools::answer;
use crate::verifying::ask_about;

const TOLD: &str = "Looks like:";
const FIRST: &str = "@acme my router drops the wifi every evening, is it just me?";
const SECOND: &str = "@acme my wifi router drops every evening at nine, what now?";

/// The desk's page of a question once it is suggested that it was asked before.
async fn suggested(staff: &Person, question: i64) -> Answer {
    let place = desk_place(question);
    eventually("something is suggested", async || staff.get(&place).await.says(TOLD)).await;
    staff.get(&place).await
}

#[tokio::test]
async fn a_post_that_asks_the_same_is_suggested_with_why_and_merged_by_one_button() {
    let ends = TestLoop::start().await;
    let (peer, staff, trainee) = (ends.peer().await, ends.staff().await, trainee(&ends).await);
    let (_, first) = ends.asks("mara_w", FIRST).await;
    let id = answer(&peer, first, FIX).await;
    verify(&staff, id, &[]).await.expect(200);
    peer.post_form(&format!("/questions/{first}/affected"), &[("affected", "yes")]).await.expect(200);
    let (_, other) = ends.asks("tom_k", "@acme where do I find the invoice of last month?").await;
    let (_, vague) = ends.asks("kim_b", "@acme the router is the worst, please fix it").await;
    let (_, second) = ends.asks("lea_p", SECOND).await;

    let page = suggested(&staff, second).await;
    page.expect_text("router drops the wifi every evening").expect_text("verified answer");
    page.expect_text("same words:").expect_text("drops").expect_text("1 person has this too");
    // It is the later one that asks again, and what is about something else is nothing of the kind.
    for question in [first, other, vague] {
        assert!(!staff.get(&desk_place(question)).await.expect(200).says(TOLD), "{question}");
    }
    let seen = trainee.get(&desk_place(second)).await.expect(200);
    assert!(seen.says(TOLD) && !seen.body.contains("Merge into it"), "they see it, and staff decide");
    let strange = ends.visitor().get(&format!("/questions/{second}")).await.expect(200);
    assert!(!strange.says(TOLD) && strange.path.starts_with(&format!("/questions/{second}/")), "nothing is merged yet");

    let merge = format!("{}/merge", desk_place(second));
    assert!(page.form(&merge).contains(&("into".to_owned(), first.to_string())), "{:?}", page.form(&merge));
    let joined = staff.submit(&page, &merge, &[]).await.expect(200);
    assert_eq!(joined.path.split('#').next(), Some(desk_place(first).as_str()));
    let read = ends.visitor().get(&format!("/questions/{second}")).await.expect(200);
    read.expect_text("Also asked").expect_text("drops every evening at nine");
    assert!(!staff.get(&desk_place(second)).await.says(TOLD), "it is part of it now");
    staff.submit(&joined, &format!("{}/unmerge", desk_place(second)), &[]).await.expect(200);
    suggested(&staff, second).await;
}

#[tokio::test]
async fn what_is_not_the_same_is_not_suggested_again() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let _jobs = answerwell::app::App::start(&app.app);
    let first = ask_about(&customer, "Wifi drops every evening at nine", "The router is new.").await;
    answer(&peer, first, "Restart it.").await;
    let second = ask_about(&peer, "The wifi drops in the evening", "At nine, with a new router.").await;
    let page = suggested(&staff, second).await;
    page.expect_text("Wifi drops every evening at nine").expect_text("1 answer");
    let apart = format!("{}/apart", desk_place(second));
    let after = staff.submit(&page, &apart, &[]).await.expect(200);
    after.expect_text("Noted: these two are not the same question.");
    assert!(!after.says(TOLD));
    // Once more, as with two tabs, is nothing more; and neither is what makes no sense.
    staff.submit(&page, &apart, &[]).await.expect(200);
    for odd in [second.to_string(), "999999".to_owned()] {
        staff.post_form(&apart, &[("other", &odd)]).await.expect(400).expect_text("Nothing was changed");
    }
    for who in [&customer, &trainee(&app).await] {
        who.post_form(&apart, &[("other", &first.to_string())]).await.expect(403);
    }
    assert_eq!(logged(&app, "keep_apart").await, 2);
    assert!(!staff.get(&desk_place(second)).await.says(TOLD));
    // Another one that reads the same is, and theirs to merge by hand it stays.
    let third = ask_about(&customer, "Why does the wifi drop in the evening?", "At nine, the router is new.").await;
    let page = suggested(&staff, third).await;
    page.expect_text("The wifi drops in the evening");
    let merged = staff.post_form(&format!("{}/merge", desk_place(second)), &[("into", &first.to_string())]).await;
    merged.expect(200);
}

#[tokio::test]
async fn what_is_out_of_sight_or_settled_is_not_suggested() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let _jobs = answerwell::app::App::start(&app.app);
    let first = ask_here(&customer, "Wifi drops every evening").await;
    let second = ask_here(&peer, "The wifi of my router drops").await;
    suggested(&staff, second).await;
    moderate(&staff, &format!("question-{first}"), "hide", "It names a neighbour.").await.expect(200);
    assert!(!staff.get(&desk_place(second)).await.expect(200).says(TOLD));
    moderate(&staff, &format!("question-{first}"), "restore", "").await.expect(200);
    suggested(&staff, second).await;
    let readers = [("readers", "asker"), ("reason", "It names a neighbour.")];
    staff.post_form(&format!("{}/readers", desk_place(first)), &readers).await.expect(200);
    assert!(!staff.get(&desk_place(second)).await.expect(200).says(TOLD));
    let readers = [("readers", "everybody"), ("reason", "It names nobody now.")];
    staff.post_form(&format!("{}/readers", desk_place(first)), &readers).await.expect(200);
    suggested(&staff, second).await;
    // Staff stand by an answer in it: it needs no other.
    let id = answer(&customer, second, FIX).await;
    verify(&staff, id, &[]).await.expect(200);
    assert!(!staff.get(&desk_place(second)).await.expect(200).says(TOLD));
}
