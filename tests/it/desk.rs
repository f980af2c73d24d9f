//! The desk through the eyes of staff, over real HTTP, against the twin of X: verify and send, ask back, decide.

use std::time::Duration;

use answerwell::bridge::Mode;
use answerwell::members::Role;
use answerwell::sim::x::{Fault, FaultKind};
use reqwest::Method;

use crate::support::{Answer, Person, TestApp, TestLoop, Visitor, eventually};

const QUESTION: &str = "@acme my router drops wifi every evening, is it just me?";
const FIX: &str = "It is not just you. Set the channel to 40 under Wi-Fi, Advanced, then restart.";
const EVIDENCE: &str = "Tried on two routers, see the release note of 4.2.1";

/// Answers a question as this member and returns the id of the answer.
async fn answer(who: &Person, question: i64, text: &str) -> i64 {
    let thread = who.get(&format!("/questions/{question}")).await.expect(200);
    let page = who.submit(&thread, &format!("/questions/{question}/answers"), &[("body", text)]).await.expect(200);
    let ids = page.links().into_iter().filter_map(|link| link.strip_prefix("/answers/")?.parse().ok());
    ids.max().expect("the thread shows the answer")
}

fn verify_place(answer: i64) -> String {
    format!("/desk/answers/{answer}/verify")
}

/// Opens the form and sends it with evidence and what else is filled in.
async fn verify(staff: &Person, answer: i64, filled: &[(&str, &str)]) -> Answer {
    let place = verify_place(answer);
    let page = staff.get(&place).await.expect(200);
    let mut fields = vec![("evidence", EVIDENCE)];
    fields.extend_from_slice(filled);
    staff.submit(&page, &place, &fields).await
}

/// Waits until staff read these words on a page.
async fn shown(staff: &Person, path: &str, words: &str) -> Answer {
    eventually(&format!("{path} says {words:?}"), async || staff.get(path).await.says(words)).await;
    let page = staff.get(path).await;
    page.expect_text(words);
    page
}

#[tokio::test]
async fn a_verified_answer_goes_out_as_a_reply_and_the_thread_shows_it() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let desk = staff.get("/desk").await.expect(200);
    desk.expect_text("my router drops wifi every evening").expect_text("@mara_w").expect_text("1,204 followers");
    desk.expect_text("Reply by API").expect_text("No answer yet");
    let answer = answer(&peer, question, FIX).await;
    staff.get("/desk").await.expect_text("1 answer");

    let page = staff.get(&verify_place(answer)).await.expect(200);
    page.expect_text("Verify and send to @mara_w").expect_text("Reply by API").expect_text("Replying to @mara_w");
    assert_eq!(page.field("short_form").as_deref(), Some(FIX));
    assert_eq!(page.field("product").as_deref(), Some(""));
    let sent = verify(&staff, answer, &[("until", "2999-12-31")]).await.expect(200);
    assert!(sent.path.starts_with(&format!("/desk/questions/{question}")), "{}", sent.path);

    let replies = ends.replies(&post, 1).await;
    assert!(replies[0].text.ends_with(FIX), "{}", replies[0].text);
    let desk_thread = format!("/desk/questions/{question}");
    let page = shown(&staff, &desk_thread, "View reply on X").await;
    page.expect_text("Verified by Sam Staff");
    assert!(page.links().iter().any(|link| link.ends_with(&replies[0].id)), "{:?}", page.links());

    let public = ends.visitor().get(&format!("/questions/{question}")).await.expect(200);
    public.expect_text("Verified by Sam Staff").expect_text(EVIDENCE).expect_text("31 Dec 2999");
    public.expect_text("Where it went to @mara_w on X Sent");
    staff.get("/desk").await.expect_text("Nobody waits");
}

#[tokio::test]
async fn our_reply_that_comes_back_is_its_delivery_and_what_a_colleague_wrote_is_an_answer() {
    let ends = TestLoop::start_with(|config| config.bridge.poll_every = Duration::from_secs(1)).await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let answer = answer(&peer, question, FIX).await;
    verify(&staff, answer, &[]).await.expect(200);
    ends.replies(&post, 1).await;
    // In X's own app, after our reply: when it is here, our reply has come back as well.
    ends.says("acme", "We have sent you the form, too.", Some(&post));
    let thread = format!("/questions/{question}");
    shown(&staff, &thread, "We have sent you the form, too.").await;
    let page = ends.visitor().get(&thread).await;
    page.expect_text("1 answer");
    page.expect_text("The conversation on X");
    assert_eq!(page.text().matches("in reply to @mara_w").count(), 1, "{}", page.text());
}

#[tokio::test]
async fn who_deleted_the_original_takes_it_away_here_without_anybodys_help() {
    let ends = TestLoop::start().await;
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let anybody = ends.visitor();
    let place = format!("/questions/{question}/remove");
    let page = anybody.get(&place).await.expect(200);
    let deleted = format!("{place}/deleted");
    let page = anybody.submit(&page, &deleted, &[]).await.expect(409);
    page.expect_text("still shows the original");
    ends.twin.delete("mara_w", &post).unwrap();
    anybody.submit(&page, &deleted, &[]).await.expect(410);
    anybody.get(&format!("/questions/{question}")).await.expect(410);
    assert!(!anybody.get("/").await.says("router drops wifi"));
    ends.staff().await.get("/desk").await.expect_text("Nobody waits");
}

#[tokio::test]
async fn a_follow_up_that_may_be_answered_gets_the_reply() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let more = ends.says("mara_w", "@acme it is an R7, by the way", Some(&post));
    assert_eq!(ends.waiting_for(&more).await.question_id, question);
    let answer = answer(&peer, question, FIX).await;
    verify(&staff, answer, &[]).await.expect(200);
    ends.replies(&more, 1).await;
    assert!(ends.ours_under(&post).is_empty());
}

#[tokio::test]
async fn what_the_api_may_not_answer_is_posted_by_hand() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    // A reply to our own post that does not type our handle: X tells us of it, and its API lets nobody answer.
    let ours = ends.says("acme", "Version 4.2 is out", None);
    let post = ends.says("tom_k", "Since then the light is red and nobody helps", Some(&ours));
    let question = ends.waiting_for(&post).await.question_id;
    staff.get("/desk").await.expect_text("By hand");
    let answer = answer(&peer, question, FIX).await;
    staff.get(&verify_place(answer)).await.expect_text("Verify and post by hand").expect_text("X lets its API answer");
    verify(&staff, answer, &[]).await.expect(200);

    let list = staff.get("/desk/deliveries").await.expect(200);
    list.expect_text("To be posted by hand").expect_text("Open X's page");
    let intent = list.links().into_iter().find(|link| link.contains("/intent/tweet")).expect("X's own page");
    assert!(intent.contains(&format!("in_reply_to={post}")) && intent.contains("channel%20to%2040"), "{intent}");
    assert!(ends.ours_under(&post).is_empty());

    let link = format!("{}/acme/status/99", ends.twin_address);
    let id = delivery_id(&list);
    let action = format!("/desk/deliveries/{id}");
    let wrong = staff.submit(&list, &action, &[("act", "posted"), ("link", "javascript:alert(1)")]).await;
    wrong.expect(400).expect_text("must be the address of the post");
    staff.submit(&list, &action, &[("act", "posted"), ("link", &link)]).await.expect(200);
    let page = staff.get(&format!("/desk/questions/{question}")).await.expect(200);
    assert!(page.links().contains(&link), "{:?}", page.links());
    staff.get("/desk/deliveries").await.expect_text("Every delivery arrived");
    // The button of a page that is out of date changes nothing and says so.
    let stale = staff.submit(&list, &action, &[("act", "withdraw")]).await.expect(200);
    stale.expect_text("was faster");
}

/// The id of the one delivery on a page.
#[tokio::test]
async fn an_asker_who_writes_again_while_staff_write_goes_on_waiting() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let (place, messages) = (format!("/desk/questions/{question}"), format!("/desk/questions/{question}/messages"));
    let page = staff.get(&place).await.expect(200);
    staff.submit(&page, &messages, &[("text", "Which model is it?")]).await.expect(200);
    let asked = ends.replies(&post, 1).await[0].id.clone();
    let opened = shown(&staff, &place, "Sent").await;
    // Without our handle in it, the API may still answer the first post alone: the target stays what it was.
    let white = ends.says("mara_w", "It is the white one", Some(&asked));
    ends.waiting_for(&white).await;
    let text = [("text", "Then hold reset for ten seconds.")];
    let late = staff.submit(&opened, &messages, &text).await.expect(422);
    late.expect_text("The asker wrote again since you opened this page").expect_text("It is the white one");
    assert_eq!(late.field("text").as_deref(), Some(text[0].1));
    // The same for the button that says that no reply is needed.
    let tall = ends.says("mara_w", "The tall white one", Some(&asked));
    ends.waiting_for(&tall).await;
    let back = staff.submit(&late, &format!("{place}/settle"), &[]).await.expect(200);
    back.expect_text("Somebody or something was faster").expect_text("The asker waits");
    staff.submit(&back, &format!("{place}/settle"), &[]).await.expect(200).expect_text("Nobody waits");
}

fn delivery_id(page: &Answer) -> i64 {
    let at = page.body.find("/desk/deliveries/").expect("a delivery to decide about");
    let id: String = page.body[at + "/desk/deliveries/".len()..].chars().take_while(char::is_ascii_digit).collect();
    id.parse().expect("the id of a delivery")
}

#[tokio::test]
async fn nobody_verifies_their_own_answer_but_a_single_staff_member() {
    let app = TestApp::start().await;
    let (customer, staff) = (app.customer().await, app.staff().await);
    let question = ask_here(&customer).await;
    let own = answer(&staff, question, FIX).await;
    staff.get(&verify_place(own)).await.expect(403).expect_text("nobody verifies their own");
    let fields = [("evidence", EVIDENCE), ("revision", "1")];
    let refused = staff.post_form(&verify_place(own), &fields).await.expect(403);
    refused.expect_text("nobody verifies their own");
    assert!(refused.links().contains(&format!("/desk/questions/{question}")), "{:?}", refused.links());
    let thread = staff.get(&format!("/questions/{question}")).await.expect(200);
    assert!(!thread.links().contains(&verify_place(own)), "it is not offered");
    assert!(!app.visitor().get(&format!("/questions/{question}")).await.says("Verified by"));

    let alone = TestApp::start_with(answerwell::clock::Clock::Real, |config| config.site.single_staff = true).await;
    let (customer, staff) = (alone.customer().await, alone.staff().await);
    let question = ask_here(&customer).await;
    let own = answer(&staff, question, FIX).await;
    staff.get(&verify_place(own)).await.expect(200).expect_text("You wrote this answer yourself");
    verify(&staff, own, &[]).await.expect(200);
    let public = alone.visitor().get(&format!("/questions/{question}")).await;
    public.expect_text("Verified by Sam Staff").expect_text("wrote this answer and verified it");
}

/// Asks on the site itself and returns the id of the question.
async fn ask_here(customer: &Person) -> i64 {
    let page = customer.get("/ask").await.expect(200);
    let words =
        [("title", "Wifi drops in the evening"), ("body", "Every evening at nine. What can I do?"), ("seen", "yes")];
    let thread = customer.submit(&page, "/ask", &words).await.expect(200);
    thread.path.split('/').nth(2).and_then(|id| id.parse().ok()).expect("the thread")
}

#[tokio::test]
async fn an_answer_to_a_question_asked_here_is_verified_and_nothing_is_sent() {
    let app = TestApp::start().await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let question = ask_here(&customer).await;
    let answer = answer(&peer, question, FIX).await;
    let page = staff.get(&verify_place(answer)).await.expect(200);
    assert_eq!(page.field("short_form"), None);
    verify(&staff, answer, &[]).await.expect(200);
    // A second verification is answered with words.
    staff.get(&verify_place(answer)).await.expect(200).expect_text("This answer is verified");
    let again = staff.submit(&page, &verify_place(answer), &[("evidence", "Another look")]).await;
    again.expect(422).expect_text("One verification stands at a time");
    // Withdrawn, it can be verified anew.
    let standing = staff.get(&verify_place(answer)).await;
    let at = standing.body.find("/desk/verifications/").expect("the way to withdraw");
    let action = standing.body[at..].split('"').next().unwrap().to_owned();
    staff.submit(&standing, &action, &[]).await.expect(200);
    assert!(!app.visitor().get(&format!("/questions/{question}")).await.says("Verified by"));
    verify(&staff, answer, &[("product", "R7"), ("version", "4.2")]).await.expect(200);
    app.visitor().get(&format!("/questions/{question}")).await.expect_text("for R7 4.2");
}

#[tokio::test]
async fn a_form_that_cannot_be_taken_comes_back_with_everything_in_it() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let answer = answer(&peer, question, FIX).await;
    let long = "語".repeat(150);
    let cases: [(&[(&str, &str)], &str); 6] = [
        (&[("short_form", &long)], "counts 300 characters on X; 280 are allowed. Shorten it by 20."),
        (&[("short_form", "  ")], "The short form is missing"),
        (&[("evidence", " ")], "Evidence is missing"),
        (&[("version", "4.2"), ("product", "")], "A version alone says nothing"),
        (&[("until", "2001-01-31")], "That day has begun or passed"),
        (&[("until", "soon")], "This is no day"),
    ];
    for (filled, words) in cases {
        let page = staff.get(&verify_place(answer)).await.expect(200);
        let mut fields = vec![("evidence", EVIDENCE), ("short_form", "Channel 40 helps."), ("product", "R7")];
        fields.retain(|(name, _)| filled.iter().all(|(changed, _)| changed != name));
        fields.extend_from_slice(filled);
        let back = staff.submit(&page, &verify_place(answer), &fields).await.expect(422);
        back.expect_text(words);
        for (name, value) in fields {
            assert_eq!(back.field(name).unwrap().trim(), value.trim(), "{name} after {words}");
        }
    }
    assert!(ends.ours_under(&post).is_empty());
    staff.get(&format!("/desk/questions/{question}")).await.expect_text("The asker waits");
}

#[tokio::test]
async fn what_changed_since_the_form_was_opened_is_told_before_anything_goes() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let answer = answer(&peer, question, FIX).await;
    let place = verify_place(answer);
    let page = staff.get(&place).await.expect(200);
    // Another revision than the current one.
    let fields = [("evidence", EVIDENCE), ("revision", "7")];
    let back = staff.submit(&page, &place, &fields).await.expect(422);
    back.expect_text("The answer changed since you opened this page");
    assert_eq!(back.field("evidence").as_deref(), Some(EVIDENCE));
    // The asker wrote again.
    let more = ends.says("mara_w", "@acme never mind, it works again", Some(&post));
    ends.waiting_for(&more).await;
    let back = staff.submit(&page, &place, &[("evidence", EVIDENCE)]).await.expect(422);
    back.expect_text("another one now").expect_text("never mind, it works again");
    // A colleague sent something.
    let colleague = ends.staff().await;
    let desk = colleague.get(&format!("/desk/questions/{question}")).await.expect(200);
    let message = [("text", "Good to hear!")];
    colleague.submit(&desk, &format!("/desk/questions/{question}/messages"), &message).await.expect(200);
    let late = staff.submit(&back, &place, &[]).await.expect(422);
    late.expect_text("Something was sent in this thread").expect_text("Good to hear!");
    late.expect_text("This post has a reply of ours already");
    ends.replies(&more, 1).await;
    // Having read all of it, one may still send.
    staff.submit(&late, &place, &[]).await.expect(200);
    ends.replies(&more, 2).await;
}

#[tokio::test]
async fn a_double_click_sends_once() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let answer = answer(&peer, question, FIX).await;
    let place = verify_place(answer);
    let page = staff.get(&place).await.expect(200);
    let click = || staff.submit(&page, &place, &[("evidence", EVIDENCE)]);
    let (first, second, third) = tokio::join!(click(), click(), click());
    for click in [first, second, third] {
        assert!(click.expect(200).path.starts_with(&format!("/desk/questions/{question}")));
    }
    click().await.expect(200);
    ends.replies(&post, 1).await;
    staff.get("/desk/deliveries").await.expect_text("Every delivery arrived");
}

#[tokio::test]
async fn a_refusal_of_the_network_becomes_words_and_a_decision() {
    let ends = TestLoop::start_with(|config| config.bridge.read_back_lag = Duration::from_millis(100)).await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    // The post is deleted while the answer is on its way: X refuses.
    let (gone, question) = ends.asks("tom_k", "@acme my light is red since the update, what now?").await;
    let first = answer(&peer, question, FIX).await;
    ends.twin.delete("tom_k", &gone).unwrap();
    verify(&staff, first, &[]).await.expect(200);
    let list = shown(&staff, "/desk/deliveries", "Not sent").await;
    list.expect_text("deleted or not visible").expect_text("Nothing was posted");
    let action = format!("/desk/deliveries/{}", delivery_id(&list));
    staff.submit(&list, &action, &[("act", "withdraw")]).await.expect(200);
    staff.get("/desk/deliveries").await.expect_text("Every delivery arrived");
    // Withdrawn is not answered: the asker is on the desk again.
    staff.get("/desk").await.expect_text("my light is red since the update");

    // X knows these very words of ours: nobody can tell whether that was this reply, so a person decides.
    let aside = ends.says("mara_w", "Nice weather today", None);
    ends.says("acme", "Channel 40 helps.", Some(&aside));
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let second = answer(&peer, question, FIX).await;
    verify(&staff, second, &[("short_form", "Channel 40 helps.")]).await.expect(200);
    let list = shown(&staff, "/desk/deliveries", "which proves nothing").await;
    list.expect_text("duplicate content").expect_text("Not sure it arrived");
    assert!(ends.ours_under(&post).is_empty());
}

#[tokio::test]
async fn what_may_have_arrived_is_never_sent_again_but_by_a_person() {
    let ends = TestLoop::start_with(|config| config.bridge.read_back_lag = Duration::from_millis(100)).await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    ends.twin.set_lag(Duration::from_secs(3600));
    for (fault, arrived, act) in [(FaultKind::DropAfter, 1, "posted"), (FaultKind::DropBefore, 0, "send_again")] {
        let (post, question) = ends.asks("mara_w", &format!("{QUESTION} Asked before {act}")).await;
        let answer = answer(&peer, question, FIX).await;
        ends.twin.set_fault(Fault::new(fault, 1).on("POST", "/2/tweets"));
        if arrived == 1 {
            // Else X tells of the post, and nobody has to decide.
            ends.twin.set_fault(Fault::new(FaultKind::WebhookOff, 1));
        }
        let short_form = format!("Channel 40 helps: {act}.");
        verify(&staff, answer, &[("short_form", &short_form)]).await.expect(200);
        let list = shown(&staff, "/desk/deliveries", "which proves nothing").await;
        assert_eq!(ends.ours_under(&post).len(), arrived);
        let action = format!("/desk/deliveries/{}", delivery_id(&list));
        staff.submit(&list, &action, &[("act", act)]).await.expect(200);
        ends.replies(&post, 1).await;
        shown(&staff, &format!("/desk/questions/{question}"), "Sent").await;
        staff.get("/desk/deliveries").await.expect_text("Every delivery arrived");
    }
}

#[tokio::test]
async fn held_posts_are_published_or_refused() {
    let ends = TestLoop::start_connected(|_| {}, |access| access.mode = Mode::Hold).await;
    let staff = ends.staff().await;
    ends.says("mara_w", QUESTION, None);
    ends.says("spammer", "@acme cheap routers at my shop, click here", None);
    let list = shown(&staff, "/desk/held", "cheap routers").await;
    let list = if list.says("drops wifi") { list } else { shown(&staff, "/desk/held", "drops wifi").await };
    assert!(ends.visitor().get("/newest").await.says("No questions yet"));
    let action = |words: &str| {
        let before = &list.body[list.body.find(words).expect("the post")..];
        let at = before.find("/desk/held/").expect("its form");
        before[at..].split('"').next().unwrap().to_owned()
    };
    let (publish, refuse) = (action("drops wifi"), action("cheap routers"));
    staff.submit(&list, &publish, &[("act", "publish")]).await.expect(200);
    staff.submit(&list, &refuse, &[("act", "refuse")]).await.expect(200).expect_text("Nothing is held");
    // A second click changes nothing.
    staff.submit(&list, &publish, &[("act", "publish")]).await.expect(200);
    let newest = ends.visitor().get("/newest").await;
    newest.expect_text("drops wifi");
    assert!(!newest.says("cheap routers"));
    staff.get("/desk").await.expect_text("drops wifi").expect_text("Everything 1");
}

#[tokio::test]
async fn a_granted_request_takes_the_thread_away_everywhere() {
    let ends = TestLoop::start().await;
    let (peer, staff, visitor) = (ends.peer().await, ends.staff().await, ends.visitor());
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    answer(&peer, question, FIX).await;
    shown(&staff, "/search?q=wifi", "drops wifi every evening").await;
    let place = format!("/questions/{question}/remove");
    let page = visitor.get(&place).await.expect(200);
    page.expect_text("The fastest way: delete the original");
    assert!(page.links().iter().any(|link| link.ends_with(&post)));
    visitor.submit(&page, &place, &[("contact", " ")]).await.expect(422).expect_text("How we can reach you is missing");
    let words = [("contact", "@mara_w"), ("message", "It shows my address")];
    visitor.submit(&page, &place, &words).await.expect(200).expect_text("Your request arrived");

    let list = staff.get("/desk/removals").await.expect(200);
    list.expect_text("It shows my address").expect_text("@mara_w").expect_text("drops wifi");
    let at = list.body.find("/desk/removals/").expect("its form");
    let action = list.body[at..].split('"').next().unwrap().to_owned();
    staff.submit(&list, &action, &[("act", "remove")]).await.expect(200).expect_text("Nobody asked for a removal");
    for gone in [format!("/questions/{question}"), format!("/desk/questions/{question}"), place] {
        visitor_or(&staff, &visitor, &gone).await.expect(410);
    }
    for list in ["/", "/newest", "/desk"] {
        assert!(!staff.get(list).await.says("drops wifi"), "{list}");
    }
    eventually("the search has forgotten it", async || {
        !visitor.get("/search?q=wifi").await.says("drops wifi every evening")
    })
    .await;
}

async fn visitor_or(staff: &Person, visitor: &Visitor, path: &str) -> Answer {
    if path.starts_with("/desk") { staff.get(path).await } else { visitor.get(path).await }
}

#[tokio::test]
async fn staff_ask_back_and_the_answer_lands_in_the_thread() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let place = format!("/desk/questions/{question}");
    let action = format!("{place}/messages");
    let page = staff.get(&place).await.expect(200);
    page.expect_text("Ask back").expect_text("The asker waits");
    for (text, words) in [("", "Your message is missing"), ("語".repeat(141).as_str(), "Shorten it by 2.")] {
        let back = staff.submit(&page, &action, &[("text", text)]).await.expect(422);
        back.expect_text(words);
        assert_eq!(back.field("text").as_deref(), Some(text));
    }
    let message = "Which model is it, and *which* firmware?";
    let sent = staff.submit(&page, &action, &[("text", message)]).await.expect(200);
    assert!(!sent.says("The asker waits"));
    let reply = ends.replies(&post, 1).await.remove(0);
    assert!(reply.text.ends_with(message), "{}", reply.text);
    let public = shown(&staff, &format!("/questions/{question}"), "View reply on X").await;
    public.expect_text(message);
    let more = ends.says("mara_w", "An R7 with 4.2", Some(&reply.id));
    ends.waiting_for(&more).await;
    let page = staff.get(&place).await.expect(200);
    page.expect_text("An R7 with 4.2").expect_text("Comment by the asker");
    // A thank-you needs no reply.
    staff.submit(&page, &format!("{place}/settle"), &[]).await.expect(200).expect_text("Nobody waits");
}

#[tokio::test]
async fn the_counter_counts_by_the_rule_of_the_network() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let place = &format!("/desk/count?channel={}&origin=x&to=mara_w&by=api", ends.app.bridge.channels()[0].id);
    let long = format!("see https://example.com/{}", "a".repeat(300));
    for (text, used, dear) in [("Hello, world! 👋", 16, false), (long.as_str(), 27, true), ("<b>語", 5, false)] {
        let count = staff.post_form(place, &[("text", text)]).await.expect(200).json();
        assert_eq!((&count["used"], &count["limit"], &count["over"]), (&used.into(), &280.into(), &false.into()));
        let html = count["preview_html"].as_str().unwrap();
        assert!(html.contains("@mara_w") && html.contains("@acme") && !html.contains("<b>語"), "{html}");
        assert_eq!(html.contains("$0.20"), dear, "{html}");
    }
    let count = staff.post_form(place, &[("text", &"a".repeat(281))]).await.json();
    assert_eq!((&count["over"], &count["used"]), (&true.into(), &281.into()));
    staff.post_form("/desk/count?origin=y", &[("text", "x")]).await.expect(400);
}

/// Every address of the desk in the route table, with its method.
fn desk_addresses() -> Vec<(Method, String)> {
    let table = include_str!("../../src/routes.rs");
    let address = |line: &str| {
        let (_, rest) = line.split_once(".route(\"")?;
        let (path, rest) = rest.split_once('"')?;
        let method = if rest.contains("post()") { Method::POST } else { Method::GET };
        path.starts_with("/desk").then(|| (method, path.replace("{id}", "1")))
    };
    table.lines().filter_map(address).collect()
}

#[tokio::test]
async fn only_staff_reach_the_desk() {
    let app = TestApp::start().await;
    let (customer, staff, visitor) = (app.customer().await, app.staff().await, app.visitor());
    let addresses = desk_addresses();
    assert!(addresses.len() >= 14, "{addresses:?}");
    for (method, path) in addresses {
        let ask = async |who: &Visitor| match method {
            Method::GET => who.get(&path).await,
            _ => who.post_form(&path, &[("act", "publish"), ("text", "x")]).await,
        };
        ask(&customer).await.expect(403).expect_text("This is for staff");
        ask(&visitor).await.expect(401).expect_text("Please sign in");
        if path == "/desk/live" {
            // It would be read to an end that it does not have.
            continue;
        }
        let status = ask(&staff).await.status;
        if path.ends_with("/hand-in") {
            assert_eq!(status, 403, "staff send at once: {path}");
            continue;
        }
        assert!(![401, 403, 405, 500].contains(&status), "{method} {path} answered staff {status}");
    }
}

#[tokio::test]
async fn a_channel_without_access_is_told_on_top() {
    let no_token = answerwell::secret::Secret::new("no such token");
    let ends = TestLoop::start_connected(|_| {}, |access| access.tokens.access = no_token).await;
    let staff = ends.staff().await;
    shown(&staff, "/desk", "@acme on X has no access").await.expect_text("Nothing is sent or read there");
    let admin = ends.person("Ada Admin", Role::Admin).await;
    let page = admin.get("/admin/channels").await.expect(200);
    page.expect_text("@acme on X has no access").expect_text("Needs you");
    assert!(page.links().iter().any(|link| link.starts_with("/admin/channels/x/connect")), "{:?}", page.links());
}
