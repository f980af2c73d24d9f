//! Suggest, do not send: what was verified for one question is offered for the next that asks the same, with why; one key
//! takes it into the reply, and what staff took is counted.

use super::{FIX, action, answer, ask_about, kinds_told, thread, verify, verify_place, waiting};
use crate::support::{Answer, Person, TestApp, TestLoop, eventually};

const SHORT: &str = "Set the channel to 40 under Wi-Fi, then restart.";

/// The desk's page of a question once something is suggested on it.
async fn suggested(staff: &Person, question: i64) -> Answer {
    let place = format!("/desk/questions/{question}");
    eventually("something is suggested", async || staff.get(&place).await.says("Verified answers that may fit")).await;
    staff.get(&place).await
}

/// Where the first suggestion is taken.
#[track_caller]
fn take_place(page: &Answer) -> String {
    let found = page.links().into_iter().find(|link| link.contains("take="));
    found.unwrap_or_else(|| panic!("nothing can be taken on {}: {}", page.path, page.text()))
}

#[tokio::test]
async fn a_verified_answer_answers_the_next_who_asks_the_same() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let (first_post, first) = ends.asks("mara_w", "@acme my router drops the wifi every evening, is it just me?").await;
    let id = answer(&peer, first, FIX).await;
    verify(&staff, id, &[("short_form", SHORT), ("product", "R7"), ("version", "4.2")]).await.expect(200);
    ends.replies(&first_post, 1).await;
    let (other_post, other) = ends.asks("tom_k", "@acme where do I find the invoice of last month?").await;
    let (post, question) = ends.asks("lea_p", "@acme our wifi router drops each evening at nine, what now?").await;

    let page = suggested(&staff, question).await;
    page.expect_text("same words:").expect_text("drops").expect_text("for R7 4.2").expect_text("verified by Sam Staff");
    page.expect_text(SHORT);
    assert!(page.body.contains("data-key=\"1\""), "one key takes it");
    assert!(!staff.get(&format!("/desk/questions/{other}")).await.says("Verified answers that may fit"));
    assert!(!staff.get(&format!("/desk/questions/{first}")).await.says("Verified answers that may fit"));

    let taking = staff.get(&take_place(&page)).await.expect(200);
    assert_eq!(taking.field("text").as_deref(), Some(SHORT));
    assert!(ends.ours_under(&post).is_empty(), "taking sends nothing");
    let messages = format!("/desk/questions/{question}/messages");
    let words = format!("{SHORT} Tell us how it went.");
    staff.submit(&taking, &messages, &[("text", &words)]).await.expect(200);
    let reply = ends.replies(&post, 1).await.remove(0);
    assert!(reply.text.ends_with(&words), "{}", reply.text);
    let shown = thread(&ends, question).await;
    shown.expect_text("Tell us how it went.");
    assert!(shown.links().iter().any(|link| link.contains(&format!("/questions/{first}/"))), "{:?}", shown.links());
    let again = staff.get(&format!("/desk/questions/{question}")).await.expect(200);
    assert!(!again.says("Verified answers that may fit"), "there is a word of ours now");
    staff.get("/desk/suggestions").await.expect(200).expect_text("Taken by staff 1 (100 %)");
    eventually("its author is told that it arrived there, too", async || {
        kinds_told(ends.db(), peer.id).await.iter().filter(|kind| *kind == "sent").count() == 2
    })
    .await;

    // What the asker says there is about that answer.
    ends.says("lea_p", "@acme that worked, thank you", Some(&reply.id));
    eventually("it is offered as the result", async || !waiting(ends.db(), "result").await.is_empty()).await;
    let page = staff.get(&format!("/desk/questions/{question}")).await.expect(200);
    page.expect_text("that worked, thank you");
    let decide = action(&page, "/desk/results/", "");
    staff.post_form(&decide, &[("verdict", "worked"), ("was", "")]).await.expect(200);
    thread(&ends, first).await.expect_text("worked for the one who told us");
    assert!(ends.ours_under(&other_post).is_empty());
}

#[tokio::test]
async fn what_nobody_stands_by_any_more_is_neither_offered_nor_taken() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let (_, first) = ends.asks("mara_w", "@acme my router drops the wifi every evening, is it just me?").await;
    let id = answer(&peer, first, FIX).await;
    verify(&staff, id, &[("short_form", SHORT), ("product", "R7")]).await.expect(200);
    let (post, question) = ends.asks("lea_p", "@acme our wifi router drops each evening at nine, what now?").await;
    let page = suggested(&staff, question).await;
    let taking = staff.get(&take_place(&page)).await.expect(200);
    // Meanwhile a version comes out.
    let releases = staff.get("/desk/releases").await.expect(200);
    staff.submit(&releases, "/desk/releases", &[("product", "R7"), ("version", "5")]).await.expect(200);
    let messages = format!("/desk/questions/{question}/messages");
    let late = staff.submit(&taking, &messages, &[]).await.expect(422);
    late.expect_text("Staff do not stand by the answer that you took any more");
    assert_eq!(late.field("text").as_deref(), Some(SHORT), "what was written is still there");
    assert!(!late.says("Verified answers that may fit"));
    // An id that is no verification, and one of this very thread.
    for forged in ["999999", "-1"] {
        staff.submit(&taking, &messages, &[("suggestion", forged)]).await.expect(422);
    }
    assert!(ends.ours_under(&post).is_empty());
    // Checked again it may be taken.
    verify(&staff, id, &[("version", "5"), ("send", "")]).await.expect(200);
    let page = suggested(&staff, question).await;
    let taking = staff.get(&take_place(&page)).await.expect(200);
    staff.submit(&taking, &messages, &[]).await.expect(200);
    ends.replies(&post, 1).await;
}

#[tokio::test]
async fn for_a_question_asked_here_it_becomes_a_comment() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let _jobs = answerwell::app::App::start(&app.app);
    let first = ask_about(&customer, "Router drops the wifi", "Every evening at nine the router drops it.").await;
    let id = answer(&peer, first, FIX).await;
    verify(&staff, id, &[]).await.expect(200);
    let question = ask_about(&customer, "The wifi drops in the evening", "My router drops it at nine, why?").await;
    let page = suggested(&staff, question).await;
    let taking = staff.get(&take_place(&page)).await.expect(200);
    let take = format!("/desk/questions/{question}/take");
    assert_eq!(taking.field("text").as_deref(), Some(FIX));
    staff.submit(&taking, &take, &[("text", " ")]).await.expect(422).expect_text("Your message is missing");
    customer.post_form(&take, &[("text", FIX), ("suggestion", "1")]).await.expect(403);
    // Whoever answered meanwhile is read first.
    let said = [("body", "Mine does that, too.")];
    peer.post_form(&format!("/questions/{question}/comments"), &said).await.expect(200);
    let taking = staff.submit(&taking, &take, &[]).await.expect(422);
    taking.expect_text("Somebody wrote a comment in this thread");
    staff.submit(&taking, &take, &[]).await.expect(200);
    let shown = thread(&app, question).await;
    shown.expect_text(FIX);
    assert!(shown.links().iter().any(|link| link.contains(&format!("/questions/{first}/"))), "{:?}", shown.links());
    // The asker's next word here is about that answer.
    let page = customer.get(&format!("/questions/{question}")).await.expect(200);
    let comments = format!("/questions/{question}/comments");
    customer.submit(&page, &comments, &[("body", "Still broken, sorry")]).await.expect(200);
    assert_eq!(waiting(app.db(), "result").await.len(), 1);
    let page = staff.get(&format!("/desk/questions/{question}")).await.expect(200);
    page.expect_text("It reads like: Still broken.");
    let decide = action(&page, "/desk/results/", "");
    staff.post_form(&decide, &[("verdict", "broken"), ("was", "")]).await.expect(200);
    thread(&app, first).await.expect_text("it did not help somebody who asked");
    staff.get(&verify_place(id)).await.expect_text("Check an answer again");
}

#[tokio::test]
async fn what_was_verified_in_a_merged_question_is_offered_where_it_is_read() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let (_, main) = ends.asks("mara_w", "@acme my router drops the wifi every evening, is it just me?").await;
    let (_, part) = ends.asks("kim_b", "@acme zephyrquill goes away at night").await;
    let id = answer(&peer, part, FIX).await;
    verify(&staff, id, &[("short_form", SHORT), ("product", "R7")]).await.expect(200);
    let merge = [("into", &*main.to_string())];
    staff.post_form(&format!("/desk/questions/{part}/merge"), &merge).await.expect(200);
    let (post, question) = ends.asks("lea_p", "@acme our wifi router drops each evening at nine, what now?").await;
    let page = suggested(&staff, question).await;
    page.expect_text("router drops the wifi every evening").expect_text(SHORT).expect_text("for R7");
    let place = format!("#answer-{id}");
    let read = page.links().into_iter().find(|link| link.ends_with(&place)).expect("the way to the answer");
    assert!(read.starts_with(&format!("/questions/{main}/")), "{read}");
    ends.visitor().get(&read).await.expect(200).expect_text("verified by Sam Staff");
    // Beside the part, which is worked on by itself, its own answer is no news.
    let own = staff.get(&format!("/desk/questions/{part}")).await.expect(200);
    assert!(!own.says("Verified answers that may fit"));
    let taking = staff.get(&take_place(&page)).await.expect(200);
    staff.submit(&taking, &format!("/desk/questions/{question}/messages"), &[]).await.expect(200);
    assert!(ends.replies(&post, 1).await.remove(0).text.ends_with(SHORT));
    // Taken out, it is where it was given, and goes with its own question.
    staff.post_form(&format!("/desk/questions/{part}/unmerge"), &[]).await.expect(200);
    let (_, third) = ends.asks("tom_k", "@acme the wifi of this router drops each evening").await;
    let page = staff.get(&format!("/desk/questions/{third}")).await.expect(200);
    assert!(!page.says(SHORT), "{}", page.text());
}
