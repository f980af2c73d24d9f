//! Private messages through the eyes of staff, over real HTTP, against the twin of X: they arrive once, are answered once,
//! and nobody else ever reads a word of them.

use std::time::Duration;

use answerwell::sim::x::{Fault, FaultKind};

use crate::support::{Answer, Person, TestLoop, eventually};

const SEND: &str = "/2/dm_conversations/with/";
const SECRET: &str = "My customer number is zephyrquill 4471, please keep it to yourselves";
const REPLY: &str = "Thank you, we have found your order and send a new router today.";

/// Somebody writes to us in private; who is not known on the twin yet is made.
fn writes(ends: &TestLoop, handle: &str, text: &str) -> String {
    ends.twin.user(handle, handle, 12).expect("a handle");
    ends.twin.message(handle, "acme", text, None).expect("a message that X takes")
}

/// Waits until this text stands in the list of those who wait in private, and opens its thread.
async fn open(staff: &Person, words: &str) -> Answer {
    eventually("the message waits on the desk", async || staff.get("/desk/private").await.says(words)).await;
    let list = staff.get("/desk/private").await;
    let thread = list.links().into_iter().find(|link| {
        link.strip_prefix("/desk/private/").is_some_and(|id| id.bytes().all(|byte| byte.is_ascii_digit()))
    });
    staff.get(&thread.expect("a link to the thread")).await.expect(200)
}

async fn answer(staff: &Person, thread: &Answer, text: &str) -> Answer {
    staff.submit(thread, &format!("{}/messages", place(thread)), &[("text", text)]).await
}

/// The address of a thread's page without what follows it.
fn place(page: &Answer) -> &str {
    page.path.split(['?', '#']).next().unwrap()
}

async fn shown(staff: &Person, path: &str, words: &str) -> Answer {
    eventually(&format!("{path} says {words:?}"), async || staff.get(path).await.says(words)).await;
    staff.get(path).await
}

/// What our account wrote to somebody.
fn ours(ends: &TestLoop, handle: &str) -> Vec<String> {
    let messages = ends.twin.messages("acme", handle);
    messages.into_iter().filter(|message| message.from == "acme").map(|message| message.text).collect()
}

async fn sent(ends: &TestLoop, handle: &str) {
    eventually("our message stands on the twin", async || !ours(ends, handle).is_empty()).await;
}

#[tokio::test]
async fn a_private_message_arrives_once_is_answered_once_and_only_staff_read_it() {
    let ends = TestLoop::start_with(|config| config.bridge.read_messages_every = Duration::from_secs(2)).await;
    let (staff, customer, visitor) = (ends.staff().await, ends.customer().await, ends.visitor());
    let (_, question) = ends.asks("mara_w", "@acme where is my parcel? You ask for a direct message").await;
    ends.twin.set_fault(Fault::new(FaultKind::DuplicateWebhook, 1));
    writes(&ends, "mara_w", SECRET);
    let thread = open(&staff, "zephyrquill").await;
    thread.expect_text(SECRET).expect_text("Only staff see this").expect_text("waits for a word from us");
    thread.expect_text("Asked in public Where is my parcel?");
    staff.get(&format!("/desk/questions/{question}")).await.expect_text("The asker has written to us in private");

    answer(&staff, &thread, REPLY).await.expect(200);
    sent(&ends, "mara_w").await;
    let path = place(&thread).to_owned();
    shown(&staff, &path, "Sam Staff as @acme").await;
    // The message after it has come by the poller: ours have come back as well by then, and twice, too.
    ends.twin.set_fault(Fault::new(FaultKind::WebhookOff, 1));
    writes(&ends, "mara_w", "Great, thanks!");
    let page = shown(&staff, &path, "Great, thanks!").await;
    for words in [SECRET, REPLY, "Great, thanks!"] {
        // The queue beside the conversation says the newest words, too.
        let text = page.text();
        let conversation = &text[text.find("Only staff see this").expect("its head")..];
        assert_eq!(conversation.matches(words).count(), 1, "{words}: {text}");
    }
    assert_eq!(ours(&ends, "mara_w"), [REPLY]);
    page.expect_text("Sent");
    staff.submit(&page, &format!("{path}/settle"), &[]).await.expect(200).expect_text("Nobody waits in private");
    staff.get("/desk/private?all=1").await.expect_text("No reply needed");

    for public in ["/", "/newest", "/search?q=zephyrquill", &format!("/questions/{question}"), "/search?q=router"] {
        for who in [&visitor, &*customer, &*staff] {
            let page = who.get(public).await.expect(200);
            assert!(!page.says("customer number") && !page.says("found your order"), "{public}: {}", page.text());
        }
    }
    for hidden in [path.as_str(), "/desk/private", "/desk/private?all=1"] {
        visitor.get(hidden).await.expect(401);
        customer.get(hidden).await.expect(403);
    }
}

#[tokio::test]
async fn nothing_is_settled_that_nobody_saw() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    writes(&ends, "tom_h", "Is anybody there?");
    let thread = open(&staff, "Is anybody there?").await;
    let settle = format!("{}/settle", place(&thread));
    for unseen in ["0", "999999999", "9223372036854775807"] {
        staff.post_form(&settle, &[("last", unseen)]).await.expect(200).expect_text("your button changed nothing");
    }
    staff.get("/desk/private").await.expect_text("Is anybody there?");
    staff.submit(&thread, &settle, &[]).await.expect(200).expect_text("Nobody waits in private");
}

#[tokio::test]
async fn a_message_with_an_address_that_x_writes_out_is_still_ours() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    writes(&ends, "lena_k", "Where is the manual?");
    let thread = open(&staff, "Where is the manual?").await;
    ends.twin.set_fault(Fault::new(FaultKind::DropAfter, 1).on("POST", SEND));
    answer(&staff, &thread, "It is at acme.com/manual, have a look").await.expect(200);
    sent(&ends, "lena_k").await;
    let path = place(&thread).to_owned();
    eventually("it is seen there", async || {
        let page = staff.get(&path).await;
        page.says("Sent") && !page.says("Not sure it arrived") && !page.says("Being sent")
    })
    .await;
    let page = staff.get(&path).await;
    assert!(!page.says("A colleague"), "{}", page.text());
    assert_eq!(page.text().matches("have a look").count(), 1, "{}", page.text());
    assert_eq!(ours(&ends, "lena_k").len(), 1);
}

#[tokio::test]
async fn what_a_colleague_wrote_in_xs_own_app_is_theirs_and_answers() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    writes(&ends, "tom_h", "Is anybody there?");
    let thread = open(&staff, "Is anybody there?").await;
    ends.twin.message("acme", "tom_h", "Yes! I look into it.", None).unwrap();
    let page = shown(&staff, place(&thread), "Yes! I look into it.").await;
    page.expect_text("A colleague in X's own app");
    staff.get("/desk/private").await.expect_text("Nobody waits in private");
}

#[tokio::test]
async fn a_send_of_unknown_fate_is_found_in_the_conversation() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    writes(&ends, "lena_k", "My card was charged twice");
    let thread = open(&staff, "charged twice").await;
    ends.twin.set_fault(Fault::new(FaultKind::DropAfter, 1).on("POST", SEND));
    answer(&staff, &thread, REPLY).await.expect(200);
    sent(&ends, "lena_k").await;
    let path = place(&thread).to_owned();
    eventually("it is seen there", async || {
        let page = staff.get(&path).await;
        page.says("Sent") && !page.says("Not sure it arrived") && !page.says("Being sent")
    })
    .await;
    assert_eq!(ours(&ends, "lena_k"), [REPLY]);
    staff.get("/desk/deliveries").await.expect_text("Every delivery arrived");
}

#[tokio::test]
async fn a_send_that_nobody_saw_waits_for_a_person_who_sends_it_again() {
    let ends = TestLoop::start_with(|config| config.bridge.read_back_lag = Duration::from_secs(1)).await;
    let staff = ends.staff().await;
    writes(&ends, "omar", "The invoice is wrong");
    let thread = open(&staff, "invoice is wrong").await;
    ends.twin.set_fault(Fault::new(FaultKind::DropBefore, 1).on("POST", SEND));
    answer(&staff, &thread, REPLY).await.expect(200);
    let page = shown(&staff, "/desk/deliveries", "did not see it, which proves nothing").await;
    page.expect_text("Private message to @omar");
    page.expect_text("It is not there, send it again");
    let (_, form) = page.body.split_once("action=\"/desk/deliveries/").expect("a form");
    let form = format!("/desk/deliveries/{}", form.split('"').next().unwrap());
    staff.submit(&page, &form, &[("act", "send_again")]).await.expect(200);
    sent(&ends, "omar").await;
    shown(&staff, "/desk/deliveries", "Every delivery arrived").await;
    assert_eq!(ours(&ends, "omar"), [REPLY]);
}

#[tokio::test]
async fn a_used_up_limit_of_private_messages_is_said_and_holds_up_no_reply() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let (post, question) = ends.asks("mara_w", "@acme my router drops wifi every evening").await;
    writes(&ends, "mara_w", "This is my serial number: 99-1");
    let thread = open(&staff, "serial number").await;
    let path = place(&thread).to_owned();
    let mut fault = Fault::new(FaultKind::TooManyRequests, 1).on("POST", SEND);
    fault.seconds = Some(600);
    ends.twin.set_fault(fault);
    answer(&staff, &thread, REPLY).await.expect(200);
    let page = shown(&staff, &path, "X lets us send no private message until").await;
    page.expect_text("Waiting to be sent").expect_text("It is tried again");
    // A reply in public goes on meanwhile.
    let desk = format!("/desk/questions/{question}");
    let public = staff.get(&desk).await;
    staff.submit(&public, &format!("{desk}/messages"), &[("text", "Which firmware is it?")]).await.expect(200);
    ends.replies(&post, 1).await;
    assert_eq!(ours(&ends, "mara_w"), [""; 0]);
}

#[tokio::test]
async fn who_takes_no_messages_is_not_written_to_and_the_text_is_kept_for_a_person() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    writes(&ends, "ina", "Hello?");
    let thread = open(&staff, "Hello?").await;
    ends.twin.set_fault(Fault::new(FaultKind::ServerError, 1).on("POST", SEND));
    let long = "x".repeat(10_001);
    let page = answer(&staff, &thread, &long).await.expect(422);
    page.expect_text("Your message has 10001 characters; 10000 are allowed. Shorten it by 1.");
    assert_eq!(page.field("text").as_deref(), Some(long.as_str()));
    writes(&ends, "ina", "It is urgent");
    shown(&staff, place(&thread), "It is urgent").await;
    // The form still says what its writer saw.
    let page = answer(&staff, &thread, REPLY).await.expect(422);
    page.expect_text("Something was written here since you opened the page");
    assert_eq!(page.field("text").as_deref(), Some(REPLY));
    assert_eq!(ours(&ends, "ina"), [""; 0]);
}

#[tokio::test]
async fn who_deletes_what_they_asked_in_public_keeps_their_name_in_private() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let (post, question) = ends.asks("mara_w", "@acme my router drops wifi every evening").await;
    writes(&ends, "mara_w", "I tell you more here");
    let thread = open(&staff, "I tell you more here").await;
    ends.twin.delete("mara_w", &post).unwrap();
    let (anybody, public) = (ends.visitor(), format!("/questions/{question}"));
    let form = anybody.get(&format!("{public}/remove")).await.expect(200);
    anybody.submit(&form, &format!("{public}/remove/deleted"), &[]).await.expect(410);
    let page = staff.get(place(&thread)).await.expect(200);
    page.expect_text("@mara_w").expect_text("I tell you more here");
    assert!(!page.says("Asked in public"), "{}", page.text());
}

#[tokio::test]
async fn a_picture_that_came_along_is_shown_to_staff_alone() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    ends.twin.user("mara_w", "Mara", 12).unwrap();
    let mut file = std::io::Cursor::new(Vec::new());
    let red = image::RgbImage::from_pixel(400, 300, image::Rgb([200, 0, 0]));
    image::DynamicImage::ImageRgb8(red).write_to(&mut file, image::ImageFormat::Png).unwrap();
    let picture = ends.twin.add_picture("mara_w", file.get_ref(), "").unwrap();
    ends.twin.message("mara_w", "acme", "See what it shows", Some(&picture)).unwrap();
    let thread = open(&staff, "See what it shows").await;
    let path = place(&thread).to_owned();
    let is_shown = |page: &Answer| page.links().into_iter().find(|link| link.starts_with("/desk/private/pictures/"));
    eventually("the picture is shown", async || is_shown(&staff.get(&path).await).is_some()).await;
    let address = is_shown(&staff.get(&path).await).unwrap();
    let shown = staff.get(&address).await.expect(200);
    assert_eq!(shown.header("content-type"), Some("image/jpeg"));
    assert_eq!(shown.header("cache-control"), Some("private, no-store"));
    ends.visitor().get(&address).await.expect(401);
    ends.customer().await.get(&address).await.expect(403);
}
