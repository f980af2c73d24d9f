//! The desk on Facebook, over real HTTP, against its twin: people without handles, posts hidden from here, private words to
//! their authors, and a window that says when it shuts.

use std::time::Duration;

use answerwell::clock::{Clock, Millis};
use answerwell::sim::facebook::{Fault, FaultKind, With};

use crate::support::{Answer, FacebookLoop, Person, eventually};

const QUESTION: &str = "My router drops wifi every evening, is it just me?";
const WORD: &str = "Would you tell us your serial number here? We will look into it at once.";
const HOUR: Duration = Duration::from_secs(3600);

async fn shown(staff: &Person, path: &str, words: &str) -> Answer {
    eventually(&format!("{path} says {words:?}"), async || staff.get(path).await.says(words)).await;
    staff.get(path).await
}

/// Jo Miller asks on the page: the ids of the post and of the question, and the desk's page of it.
async fn asked(ends: &FacebookLoop) -> (String, i64, String) {
    ends.twin.person("jo", "Jo Miller").unwrap();
    let (post, question) = ends.asks("jo", QUESTION).await;
    (post, question, format!("/desk/questions/{question}"))
}

/// The action of the only form of a page whose action begins and ends so.
fn action(page: &Answer, begin: &str, end: &str) -> String {
    let actions = page.body.split("action=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let mut found = actions.filter(|action| action.starts_with(begin) && action.ends_with(end));
    let found = found.next();
    found.unwrap_or_else(|| panic!("no form {begin}…{end}: {}", page.text())).to_owned()
}

fn link(page: &Answer, begin: &str, end: &str) -> String {
    let found = page.links().into_iter().find(|link| link.starts_with(begin) && link.ends_with(end));
    found.unwrap_or_else(|| panic!("no link {begin}…{end}: {}", page.text()))
}

/// What the page wrote to this person in private.
fn ours(ends: &FacebookLoop, handle: &str) -> Vec<String> {
    let messages = ends.twin.messages(handle);
    messages.into_iter().filter(|message| message.from == "acme").map(|message| message.text).collect()
}

fn noon() -> Clock {
    Clock::fixed(Millis::parse_rfc3339("2026-11-22T12:00:00Z").unwrap())
}

#[tokio::test]
async fn people_have_names_and_no_handles_and_what_only_x_has_is_not_offered() {
    let ends = FacebookLoop::start().await;
    let (staff, peer) = (ends.staff().await, ends.peer().await);
    let (post, question, desk) = asked(&ends).await;
    let list = staff.get("/desk").await.expect(200);
    list.expect_text("Jo Miller").expect_text("View on Facebook").expect_text("Reply by API");
    let page = staff.get(&desk).await.expect(200);
    page.expect_text("Jo Miller on Facebook").expect_text("Reply to Jo Miller").expect_text("Send to Jo Miller");
    let public = peer.get(&format!("/questions/{question}")).await.expect(200);
    public.expect_text("Asked on Facebook by Jo Miller ,");
    for page in [&list, &page, &public] {
        // The note's form says how a colleague is named.
        let text = page.text().replace("Name a colleague as @handle", "");
        assert!(!text.contains('@') && !text.contains("Attach pictures"), "{text}");
    }

    let fix = "Set the channel to 40, see acme.com/wifi, then restart.";
    let answered = peer.submit(&public, &format!("/questions/{question}/answers"), &[("body", fix)]).await.expect(200);
    let ids = answered.links().into_iter().filter_map(|link| link.strip_prefix("/answers/")?.parse::<i64>().ok());
    let verify = format!("/desk/answers/{}/verify", ids.max().expect("an answer"));
    let form = staff.get(&verify).await.expect(200);
    form.expect_text("Verify and send to Jo Miller").expect_text("of 8000 characters");
    assert!(!form.says("bills") && !form.says("Attach pictures"), "{}", form.text());
    staff.submit(&form, &verify, &[("evidence", "Tried it on two routers")]).await.expect(200);
    assert_eq!(ends.replies(&post, 1).await[0].text, fix);
    shown(&staff, &desk, "to Jo Miller on Facebook").await;
}

#[tokio::test]
async fn who_is_not_named_is_somebody_on_facebook() {
    let ends = FacebookLoop::start().await;
    let staff = ends.staff().await;
    ends.twin.person("jo", "Jo Miller").unwrap();
    ends.twin.hide_person("jo", true).unwrap();
    let (_, question) = ends.asks("jo", QUESTION).await;
    let page = staff.get(&format!("/desk/questions/{question}")).await.expect(200);
    page.expect_text("Somebody on Facebook").expect_text("Send to Somebody on Facebook");
    let text = page.text().replace("Name a colleague as @handle", "");
    assert!(!text.contains("Facebook on Facebook") && !text.contains('@'), "{text}");
    let public = ends.visitor().get(&format!("/questions/{question}")).await.expect(200);
    public.expect_text("Asked on Facebook by somebody ,");
}

#[tokio::test]
async fn what_staff_hide_is_hidden_on_both_sides_waits_for_review_and_comes_back() {
    let ends = FacebookLoop::start().await;
    let (staff, visitor) = (ends.staff().await, ends.visitor());
    let (post, question, desk) = asked(&ends).await;
    let spam = ends.says("spammer", "Buy my wonderful pills at pills.example now", Some(&post));
    let page = shown(&staff, &desk, "wonderful pills").await;
    let public = format!("/questions/{question}");
    // The last one of the page is the spammer's.
    let hide =
        page.body.rsplit_once("/hide\"").and_then(|(before, _)| before.rsplit_once("action=\"")).expect("a form");
    let hide = format!("{}/hide", hide.1);
    let hidden = staff.post_form(&hide, &[("act", "hide")]).await.expect(200);
    hidden.expect_text("Show on Facebook again").expect_text("It is hidden there");
    assert!(ends.twin.comments().iter().any(|item| item.id == spam && item.hidden));
    assert!(!visitor.get(&public).await.expect(200).says("pills"));
    staff.post_form(&hide, &[("act", "hide")]).await.expect(200);

    // Edited where it is hidden: nobody here reads the new words.
    ends.twin.edit("spammer", &spam, "Buy my wonderful pills twice").unwrap();
    let held = shown(&staff, "/desk/held", "pills twice").await;
    held.expect_text("Hidden on Facebook");
    assert!(!held.says("edited after it was published"), "{}", held.text());
    assert!(!visitor.get(&public).await.expect(200).says("pills"));

    // Published all the same, it stands here, and there it stays hidden.
    staff.submit(&held, &action(&held, "/desk/held/", ""), &[("act", "publish")]).await.expect(200);
    visitor.get(&public).await.expect(200).expect_text("pills twice");
    staff.get(&desk).await.expect_text("Show on Facebook again");
    // What its author writes into it then waits again.
    ends.twin.edit("spammer", &spam, "Buy my wonderful pills thrice").unwrap();
    shown(&staff, "/desk/held", "pills thrice").await;
    assert!(!visitor.get(&public).await.expect(200).says("pills"));

    staff.post_form(&hide, &[("act", "show")]).await.expect(200).expect_text("Hide on Facebook");
    visitor.get(&public).await.expect(200).expect_text("pills thrice");
    assert!(ends.twin.comments().iter().all(|item| !item.hidden));
    // A colleague hides it on the page itself.
    ends.twin.hide(&spam, true).unwrap();
    shown(&staff, &desk, "Show on Facebook again").await;
    ends.twin.hide(&spam, false).unwrap();
    eventually("it stands here again", async || visitor.get(&public).await.says("pills thrice")).await;

    ends.visitor().post_form(&hide, &[("act", "hide")]).await.expect(401);
    ends.customer().await.post_form(&hide, &[("act", "hide")]).await.expect(403);
}

#[tokio::test]
async fn what_facebook_does_not_hide_is_told_and_changes_nothing() {
    let ends = FacebookLoop::start().await;
    let staff = ends.staff().await;
    let (post, question, desk) = asked(&ends).await;
    let page = staff.get(&desk).await.expect(200);
    let hide = action(&page, "/desk/posts/", "/hide");
    for (kind, words) in [
        (FaultKind::ServerError, "Press again in 1 min."),
        (FaultKind::DropBefore, "Press again in 1 min."),
        (FaultKind::TooManyRequests, "Facebook has not said that it is hidden."),
    ] {
        ends.twin.set_fault(Fault::new(kind, 1).on("POST", "/v25.0/"));
        staff.post_form(&hide, &[("act", "hide")]).await.expect(422).expect_text(words);
        ends.visitor().get(&format!("/questions/{question}")).await.expect(200).expect_text(QUESTION);
        assert!(ends.twin.posts().iter().any(|item| item.id == post && !item.hidden));
    }
}

#[tokio::test]
async fn one_private_word_goes_to_the_author_of_a_post_and_the_talk_goes_on_when_they_answer() {
    let ends = FacebookLoop::start().await;
    let staff = ends.staff().await;
    let (_, _, desk) = asked(&ends).await;
    let page = staff.get(&desk).await.expect(200);
    page.expect_text("Reply in private until");
    let begin = link(&page, "/desk/posts/", "/private");
    let form = staff.get(&begin).await.expect(200);
    form.expect_text("Reply to Jo Miller in private").expect_text(QUESTION).expect_text("allows one private message");
    staff.submit(&form, &begin, &[("text", " ")]).await.expect(422);
    let long = "too long ".repeat(400);
    let kept = staff.submit(&form, &begin, &[("text", &long)]).await.expect(422);
    assert_eq!(kept.field("text").map(|text| text.trim().to_owned()).as_deref(), Some(long.trim()));
    let thread = staff.submit(&form, &begin, &[("text", WORD)]).await.expect(200);
    thread.expect_text(WORD).expect_text("It began with a post").expect_text("They must answer before you can go on");
    assert!(!thread.has_field(&thread.path, "text"));
    eventually("our word stands on the twin", async || !ours(&ends, "jo").is_empty()).await;
    // The same form once more, another one, and the link: there is one conversation.
    let again = staff.submit(&form, &begin, &[("text", WORD)]).await.expect(200);
    again.expect_text("They must answer before you can go on");
    let other = staff.submit(&form, &begin, &[("text", "Something else")]).await.expect(200);
    other.expect_text("They must answer before you can go on");
    assert_eq!(staff.get(&begin).await.expect(200).path, other.path.split(['?', '#']).next().unwrap());
    staff.get(&desk).await.expect_text("Private conversation");
    // Nothing gets past the page.
    let place = other.path.split(['?', '#']).next().unwrap().to_owned();
    let refused = staff.post_form(&format!("{place}/messages"), &[("text", "Are you there?"), ("last", "1")]).await;
    refused.expect(422).expect_text("Are you there?").expect_text("What you wrote, not sent");
    assert_eq!(ours(&ends, "jo"), [WORD]);

    ends.twin.message("jo", "It is 99-1, thank you!", With::default()).unwrap();
    let page = shown(&staff, &place, "It is 99-1").await;
    page.expect_text("Facebook takes your answer until").expect_text("Send to Jo Miller");
    staff
        .submit(&page, &format!("{place}/messages"), &[("text", "Thank you, a new one is on its way.")])
        .await
        .expect(200);
    eventually("it stands there", async || ours(&ends, "jo").len() == 2).await;
    staff.get("/desk/private?all=1").await.expect_text("Jo Miller");
}

#[tokio::test]
async fn a_private_word_that_did_not_go_out_frees_another_try() {
    let ends = FacebookLoop::start().await;
    let staff = ends.staff().await;
    let (_, _, desk) = asked(&ends).await;
    ends.twin.close_messages("jo", true).unwrap();
    let begin = link(&staff.get(&desk).await.expect(200), "/desk/posts/", "/private");
    let form = staff.get(&begin).await.expect(200);
    let thread = staff.submit(&form, &begin, &[("text", WORD)]).await.expect(200);
    let place = thread.path.split(['?', '#']).next().unwrap().to_owned();
    let failed = shown(&staff, &place, "Not sent").await;
    ends.twin.close_messages("jo", false).unwrap();
    staff.submit(&failed, &action(&failed, "/desk/deliveries/", ""), &[("act", "withdraw")]).await.expect(200);
    let free = staff.get(&place).await.expect(200);
    staff.submit(&free, &format!("{place}/messages"), &[("text", "Would you write to us?")]).await.expect(200);
    eventually("it stands there", async || ours(&ends, "jo") == ["Would you write to us?"]).await;
}

#[tokio::test]
async fn the_time_for_a_private_word_ends_and_the_page_says_so_first() {
    let clock = noon();
    let ends = FacebookLoop::start_on(clock.clone(), |_| {}).await;
    let staff = ends.staff().await;
    let (_, _, desk) = asked(&ends).await;
    let begin = link(&staff.get(&desk).await.expect(200), "/desk/posts/", "/private");
    let form = staff.get(&begin).await.expect(200);
    clock.advance(HOUR * 24 * 7);
    staff.sign_in().await;
    assert!(!staff.get(&desk).await.expect(200).says("Reply in private"));
    staff.get(&begin).await.expect(200).expect_text("allowed a private word about this post until");
    let late = staff.submit(&form, &begin, &[("text", WORD)]).await.expect(422);
    late.expect_text(WORD).expect_text("is over");
    assert!(ours(&ends, "jo").is_empty());
}

#[tokio::test]
async fn the_window_of_a_conversation_is_said_before_typing_and_held_to_after_it() {
    let clock = noon();
    let ends = FacebookLoop::start_on(clock.clone(), |_| {}).await;
    let staff = ends.staff().await;
    ends.twin.person("jo", "Jo Miller").unwrap();
    ends.twin.message("jo", "Where is my parcel?", With::default()).unwrap();
    let list = shown(&staff, "/desk/private", "Where is my parcel?").await;
    // Messenger names people by id alone; their name comes when the conversation is read.
    list.expect_text("In private on Facebook");
    assert!(!list.says("XChat"), "{}", list.text());
    let place = link(&list, "/desk/private/", "");
    let page = staff.get(&place).await.expect(200);
    page.expect_text("Facebook takes your answer until").expect_text("23 Nov 2026");
    let said = ends.twin.message("jo", "Forget it", With::default()).unwrap();
    shown(&staff, &place, "Forget it").await;
    ends.twin.unsend(&said).unwrap();
    let gone = shown(&staff, &place, "They took this message back.").await;
    assert!(!gone.says("Forget it"), "{}", gone.text());
    clock.advance(HOUR * 25);
    staff.sign_in().await;
    let shut = staff.get(&place).await.expect(200);
    shut.expect_text("they must write to us first").expect_text("Open on Facebook");
    assert!(!shut.has_field(&format!("{place}/messages"), "text"));
    let refused = staff.submit(&page, &format!("{place}/messages"), &[("text", "It is on its way.")]).await.expect(422);
    refused.expect_text("It is on its way.").expect_text("they must write to us first");
    assert!(ours(&ends, "jo").is_empty());
    ends.twin.message("jo", "Hello?", With::default()).unwrap();
    shown(&staff, &place, "Hello?").await.expect_text("Facebook takes your answer until");
}
