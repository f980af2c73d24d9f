//! Taking back what was sent, as long as it has not left.

use std::time::Duration;

use answerwell::clock::{Clock, Millis};
use answerwell::members::Role;

use super::{EVIDENCE, FIX, QUESTION, answer, desk_place, find_action, say, shown, verify, verify_place};
use crate::support::{Answer, TestLoop, eventually};

const WINDOW: Duration = Duration::from_secs(10);

/// Both sides on a clock that stands, with a window.
async fn start(clock: &Clock) -> TestLoop {
    TestLoop::start_on(clock.clone(), |config| config.bridge.undo_window = WINDOW).await
}

fn noon() -> Clock {
    Clock::fixed(Millis(Clock::Real.now().0))
}

fn undo_action(page: &Answer) -> String {
    find_action(page, "/desk/deliveries/", "/undo").expect("the way to take it back")
}

#[tokio::test]
async fn a_message_waits_for_its_window_and_then_leaves_once() {
    let clock = noon();
    let ends = start(&clock).await;
    let staff = ends.staff().await;
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let page = say(&staff, question, "Which model is it?").await.expect(200);
    page.expect_text("Leaves in 10 s").expect_text("Undo").expect_text("Which model is it?");
    clock.advance(WINDOW - Duration::from_millis(1));
    staff.get(&desk_place(question)).await.expect_text("Leaves in 1 s");
    assert!(ends.ours_under(&post).is_empty());
    clock.advance(Duration::from_millis(1));
    ends.replies(&post, 1).await;
    let late = shown(&staff, &desk_place(question), "View reply on X").await;
    assert_eq!(find_action(&late, "/desk/deliveries/", "/undo"), None);
    let late = staff.submit(&page, &undo_action(&page), &[]).await.expect(200);
    late.expect_text("Too late to undo").expect_text("Which model is it?");
    ends.replies(&post, 1).await;
}

#[tokio::test]
async fn a_message_that_is_taken_back_is_in_the_form_again_and_the_asker_waits() {
    let clock = noon();
    let ends = start(&clock).await;
    let staff = ends.staff().await;
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let page = say(&staff, question, "Which modle is it?").await.expect(200);
    let back = staff.submit(&page, &undo_action(&page), &[]).await.expect(200);
    back.expect_text("Taken back: nothing was sent").expect_text("The asker waits for a word from us");
    assert_eq!(back.field("text").as_deref(), Some("Which modle is it?"));
    assert!(!ends.visitor().get(&format!("/questions/{question}")).await.says("Which modle"));
    // A second click says so, and the mended words go out.
    staff.submit(&page, &undo_action(&page), &[]).await.expect(200).expect_text("Too late to undo");
    let messages = format!("{}/messages", desk_place(question));
    staff.submit(&back, &messages, &[("text", "Which model is it?")]).await.expect(200).expect_text("Leaves in 10 s");
    clock.advance(WINDOW);
    let replies = ends.replies(&post, 1).await;
    assert!(replies[0].text.ends_with("Which model is it?"), "{}", replies[0].text);
    assert_eq!(staff.get(&desk_place(question)).await.field("text").as_deref(), Some(""));
}

#[tokio::test]
async fn a_verification_that_is_taken_back_vouches_for_nothing() {
    let clock = noon();
    let ends = start(&clock).await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let answer = answer(&peer, question, FIX).await;
    let filled = [("product", "R7 only"), ("until", "2999-12-31"), ("short_form", "Channel 40 helps.")];
    let page = verify(&staff, answer, &filled).await.expect(200);
    page.expect_text("Leaves in 10 s").expect_text("Verified by Sam Staff");
    let form = staff.submit(&page, &undo_action(&page), &[]).await.expect(200);
    assert!(form.path.starts_with(&verify_place(answer)), "{}", form.path);
    form.expect_text("Taken back: nothing was sent");
    for (name, value) in [filled[0], filled[1], filled[2], ("evidence", EVIDENCE)] {
        assert_eq!(form.field(name).as_deref(), Some(value), "{name}");
    }
    assert!(!ends.visitor().get(&format!("/questions/{question}")).await.says("Verified by"));
    staff.get(&desk_place(question)).await.expect_text("The asker waits for a word from us");
    clock.advance(WINDOW);
    // Sent after all, it goes out once.
    staff.submit(&form, &verify_place(answer), &[("evidence", EVIDENCE)]).await.expect(200);
    clock.advance(WINDOW);
    ends.replies(&post, 1).await;
}

#[tokio::test]
async fn a_private_message_is_taken_back_into_its_form() {
    let clock = noon();
    let ends = start(&clock).await;
    let (staff, colleague) = (ends.staff().await, ends.person("Lee Lead", answerwell::members::Role::Staff).await);
    ends.twin.user("mara_w", "mara_w", 12).unwrap();
    ends.twin.message("mara_w", "acme", "My customer number is 4471", None).unwrap();
    eventually("it waits", async || staff.get("/desk/private").await.says("customer number")).await;
    let list = staff.get("/desk/private").await;
    let is_thread = |link: &String| link.trim_start_matches("/desk/private/").bytes().all(|byte| byte.is_ascii_digit());
    let place = list.links().into_iter().find(|link| link.starts_with("/desk/private/") && is_thread(link)).unwrap();
    let thread = staff.get(&place).await;
    let page = staff.submit(&thread, &format!("{place}/messages"), &[("text", "We send a new one.")]).await.expect(200);
    page.expect_text("Leaves in 10 s");
    let back = staff.submit(&page, &undo_action(&page), &[]).await.expect(200);
    back.expect_text("Taken back").expect_text("waits for a word from us");
    assert_eq!(back.field("text").as_deref(), Some("We send a new one."));
    // The same address shows nobody else's words in the form.
    assert_eq!(colleague.get(&back.path).await.field("text").as_deref(), Some(""));
    clock.advance(WINDOW);
    let ours = || ends.twin.messages("acme", "mara_w").into_iter().filter(|message| message.from == "acme").count();
    staff.submit(&back, &format!("{place}/messages"), &[]).await.expect(200);
    clock.advance(WINDOW);
    eventually("it left", async || ours() > 0).await;
    assert_eq!(ours(), 1);
}

#[tokio::test]
async fn undo_and_the_sender_at_once_never_both_win() {
    let clock = noon();
    let ends = start(&clock).await;
    let staff = ends.staff().await;
    for round in 0..6 {
        let (post, question) = ends.asks("mara_w", &format!("{QUESTION} Number {round}")).await;
        let page = say(&staff, question, &format!("Which model is number {round}?")).await.expect(200);
        let action = undo_action(&page);
        clock.advance(WINDOW);
        ends.app.bridge.wake_outbox();
        let answer = staff.submit(&page, &action, &[]).await.expect(200);
        let place = desk_place(question);
        eventually("it is settled", async || {
            let page = staff.get(&place).await;
            page.says("View reply on X") || page.says("The asker waits for a word from us")
        })
        .await;
        let sent = ends.ours_under(&post).len();
        assert_eq!(sent, usize::from(answer.says("Too late to undo")), "{round}: {}", answer.text());
        assert_eq!(sent, usize::from(!answer.says("Taken back")), "{round}");
    }
}

#[tokio::test]
async fn only_staff_take_back_and_nobody_from_outside() {
    let clock = noon();
    let ends = start(&clock).await;
    let (staff, customer, trainee) = (ends.staff().await, ends.customer().await, super::trainee(&ends).await);
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let page = say(&staff, question, "Which model is it?").await.expect(200);
    let action = undo_action(&page);
    trainee.post_form(&action, &[]).await.expect(403);
    customer.post_form(&action, &[]).await.expect(403);
    ends.visitor().post_form(&action, &[]).await.expect(401);
    staff.post_form("/desk/deliveries/999999/undo", &[]).await.expect(404);
    // What is not staff's does not offer it either.
    assert!(!ends.visitor().get(&format!("/questions/{question}")).await.says("Undo"));
    clock.advance(WINDOW);
    ends.replies(&post, 1).await;
}

#[tokio::test]
async fn the_next_page_offers_the_way_back_while_there_is_time() {
    let clock = noon();
    let ends = start(&clock).await;
    let (staff, colleague) = (ends.staff().await, ends.person("Lee Lead", Role::Staff).await);
    let trainee = ends.person("Tara Trainee", Role::Trainee).await;
    let (first, question) = ends.asks("mara_w", QUESTION).await;
    let (_, second) = ends.asks("tom_k", "@acme the second of three, please").await;
    let page = staff.get(&desk_place(question)).await.expect(200);
    let messages = format!("{}/messages", desk_place(question));
    let next = staff.submit(&page, &messages, &[("text", "Which modle is it?"), ("then", "next")]).await.expect(200);
    assert_eq!(next.path, desk_place(second));
    next.expect_text("To @mara_w . Leaves in 10 s").expect_text("Undo");
    // It goes along to every page of the desk, and to nobody else's. In its own thread it stands where it was written.
    for path in ["/desk", "/desk/held", "/desk/private"] {
        staff.get(path).await.expect(200).expect_text("Leaves in 10 s");
    }
    for other in [&colleague, &trainee] {
        assert!(!other.get("/desk").await.expect(200).says("Leaves in"));
    }
    assert_eq!(staff.get(&desk_place(question)).await.body.matches("/undo\"").count(), 1);
    let back = staff.submit(&next, &undo_action(&next), &[]).await.expect(200);
    assert!(back.path.starts_with(&desk_place(question)), "{}", back.path);
    assert_eq!(back.field("text").as_deref(), Some("Which modle is it?"));

    let again = [("text", "Which model is it?"), ("then", "next")];
    let next = staff.submit(&back, &messages, &again).await.expect(200);
    clock.advance(WINDOW);
    ends.replies(&first, 1).await;
    assert!(!staff.get("/desk").await.says("Leaves"));
    // Pressed too late, it leads to where one sees what became of it.
    let late = staff.submit(&next, &undo_action(&next), &[]).await.expect(200);
    late.expect_text("Too late to undo").expect_text("Which model is it?");
}
