//! Pictures that go along with a reply, through the eyes of staff, over real HTTP, against the twin of X: each described,
//! each posted once, and nobody types or chooses anything twice.

use std::io::Cursor;
use std::time::Duration;

use answerwell::bridge::outbound;
use answerwell::clock::{Clock, Millis};
use answerwell::members::Role;
use answerwell::sim::x::{Fault, FaultKind, PostView, Release};

use crate::support::{Answer, Person, TestLoop, eventually};

const QUESTION: &str = "@acme which light is it that should be on?";
const TEXT: &str = "It is the left one of these two.";
const UPLOAD: &str = "/2/media/upload";
const DESCRIBE: &str = "/2/media/metadata";

fn picture(red: u8) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let plain = image::RgbImage::from_pixel(400, 300, image::Rgb([red, 0, 90]));
    image::DynamicImage::ImageRgb8(plain).write_to(&mut file, image::ImageFormat::Png).unwrap();
    file.into_inner()
}

/// A post that waits, with the places of its thread on the desk and of the form there.
struct Case {
    post: String,
    place: String,
    form: String,
}

async fn asked(ends: &TestLoop, handle: &str) -> Case {
    let (post, question) = ends.asks(handle, QUESTION).await;
    let place = format!("/desk/questions/{question}");
    Case { post, form: format!("{place}/messages"), place }
}

impl Case {
    async fn send(&self, staff: &Person, filled: &[(&str, &str)], files: &[(&str, &[u8])]) -> Answer {
        let page = staff.get(&self.place).await.expect(200);
        staff.submit_files(&page, &self.form, filled, files).await
    }

    async fn shown(&self, staff: &Person, words: &str) -> Answer {
        eventually(&format!("the desk says {words:?}"), async || staff.get(&self.place).await.says(words)).await;
        staff.get(&self.place).await
    }
}

fn descriptions(reply: &PostView) -> Vec<&str> {
    reply.pictures.iter().map(|picture| picture.alt.as_deref().unwrap_or("")).collect()
}

fn calls(ends: &TestLoop, path: &str) -> usize {
    ends.twin.calls().iter().filter(|(method, called, _)| method == "POST" && called == path).count()
}

/// Where the first picture of a page is served.
fn picture_on(page: &Answer) -> String {
    let at = page.body.find("/desk/pictures/").expect("a picture on the page");
    page.body[at..].split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_reply_with_two_described_pictures_stands_on_the_network() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let case = asked(&ends, "mara_w").await;
    let filled = [("text", TEXT), ("alt_1", "The red light"), ("alt_2", "Both lights, “off”")];
    let (first, second) = (picture(200), picture(20));
    case.send(&staff, &filled, &[("file_1", &first), ("file_2", &second)]).await.expect(200);
    let replies = ends.replies(&case.post, 1).await;
    assert_eq!(descriptions(&replies[0]), ["The red light", "Both lights, “off”"]);
    assert!(replies[0].text.contains(TEXT), "{}", replies[0].text);

    let page = case.shown(&staff, "View reply on X").await;
    page.expect_text("The red light");
    let address = picture_on(&page);
    let served = staff.get(&address).await.expect(200);
    assert_eq!(served.header("content-type"), Some("image/png"));
    ends.visitor().get(&address).await.expect(401);
    ends.customer().await.get(&address).await.expect(403);
    let public = ends.visitor().get(&case.place.replace("/desk", "")).await.expect(200);
    assert!(!public.body.contains("/desk/pictures/"), "{}", public.body);
    // Without pictures nothing is uploaded.
    let other = asked(&ends, "tom_k").await;
    other.send(&staff, &[("text", "And which is on now?")], &[]).await.expect(200);
    assert_eq!(descriptions(&ends.replies(&other.post, 1).await[0]), [""; 0]);
    assert_eq!((calls(&ends, UPLOAD), calls(&ends, DESCRIBE)), (2, 2));
}

#[tokio::test]
async fn whose_session_is_over_keeps_the_words_and_sends_no_file() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let case = asked(&ends, "mara_w").await;
    let page = staff.get(&case.place).await.expect(200);
    let stranger = ends.visitor();
    let file = picture(200);
    let filled = [("text", TEXT), ("alt_1", "The red light")];
    let asked = stranger.submit_files(&page, &case.form, &filled, &[("file_1", &file)]).await.expect(401);
    assert!(asked.body.contains(TEXT) && asked.body.contains("The red light"), "{}", asked.body);
    assert!(ends.ours_under(&case.post).is_empty());
}

#[tokio::test]
async fn a_verified_answer_without_a_description_keeps_the_form_and_the_picture() {
    let ends = TestLoop::start().await;
    let (peer, staff) = (ends.peer().await, ends.staff().await);
    let colleague = ends.person("Cora Colleague", Role::Staff).await;
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    let thread = peer.get(&format!("/questions/{question}")).await.expect(200);
    let answers = format!("/questions/{question}/answers");
    let answered = peer.submit(&thread, &answers, &[("body", "The left one.")]).await.expect(200);
    let id: i64 =
        answered.links().iter().filter_map(|link| link.strip_prefix("/answers/")?.parse().ok()).max().unwrap();
    let verify = format!("/desk/answers/{id}/verify");
    let page = staff.get(&verify).await.expect(200);
    page.expect_text("Attach pictures");

    let big = vec![7; 10 * 1024 * 1024 + 1];
    let (good, files) = (picture(1), [("file_2", &b"<svg onload=alert(1)>"[..]), ("file_3", &big[..])]);
    let files = [("file_1", good.as_slice()), files[0], files[1]];
    let evidence = ("evidence", "Looked at one in the lab");
    let page = staff.submit_files(&page, &verify, &[evidence, ("short_form", TEXT)], &files).await.expect(422);
    page.expect_text("The description of picture 1 is missing");
    page.expect_text("picture 2 is not a picture that can be read");
    page.expect_text("picture 3 is larger than 10 MB");
    assert_eq!(page.field("evidence").as_deref(), Some(evidence.1));
    assert_eq!(page.field("short_form").as_deref(), Some(TEXT));
    let hash = page.field("hash_1").expect("the picture is kept");
    assert!(picture_on(&page).ends_with(&hash));
    assert!(ends.ours_under(&post).is_empty());

    // A picture that somebody else put into a form is not ours to send; a description alone is no picture.
    let fields = [evidence, ("alt_2", "Both lights"), ("hash_1", hash.as_str())];
    let stolen = colleague.post_form(&verify, &fields).await.expect(422);
    stolen.expect_text("Picture 1 is not kept any more").expect_text("Picture 2 has a description, but no file");

    // A look sends nothing.
    let page = staff.submit(&page, &verify, &[("alt_1", "The left light"), ("look", "1")]).await.expect(200);
    assert_eq!(page.field("alt_1").as_deref(), Some("The left light"));
    assert!(page.body.contains("x-pictures"), "the preview shows it");
    let long = "a".repeat(1_001);
    let page = staff.submit(&page, &verify, &[("alt_1", &long)]).await.expect(422);
    page.expect_text("has 1001 characters; 1000 are allowed");
    assert!(ends.ours_under(&post).is_empty());
    staff.submit(&page, &verify, &[("alt_1", "The left light")]).await.expect(200);
    assert_eq!(descriptions(&ends.replies(&post, 1).await[0]), ["The left light"]);
}

#[tokio::test]
async fn a_picture_that_x_works_on_is_waited_for() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let case = asked(&ends, "mara_w").await;
    ends.twin.set_processing(Duration::from_secs(2));
    let file = picture(3);
    case.send(&staff, &[("text", TEXT), ("alt_1", "The left light")], &[("file_1", &file)]).await.expect(200);
    assert_eq!(descriptions(&ends.replies(&case.post, 1).await[0]), ["The left light"]);
    assert_eq!(calls(&ends, UPLOAD), 1);
}

#[tokio::test]
async fn an_upload_that_fails_posts_nothing_holds_up_no_text_and_is_tried_again() {
    let clock = Clock::fixed(Millis::parse_rfc3339("2026-11-22T09:00:00Z").unwrap());
    let ends = TestLoop::start_on(clock.clone(), |_| {}).await;
    let staff = ends.staff().await;
    let case = asked(&ends, "mara_w").await;
    ends.twin.set_fault(Fault::new(FaultKind::DropAfter, 1).on("POST", UPLOAD));
    let file = picture(4);
    case.send(&staff, &[("text", TEXT), ("alt_1", "The left light")], &[("file_1", &file)]).await.expect(200);
    case.shown(&staff, "Nothing was posted").await.expect_text("Waiting to be sent").expect_text("It is tried again");
    let other = asked(&ends, "tom_k").await;
    other.send(&staff, &[("text", "Is it blinking?")], &[]).await.expect(200);
    ends.replies(&other.post, 1).await;
    assert!(ends.ours_under(&case.post).is_empty());
    // The second time X's limit on uploads is used up: that is obeyed, and holds up no text either.
    ends.twin.set_fault(Fault::new(FaultKind::TooManyRequests, 1).on("POST", UPLOAD).seconds(600));
    clock.advance(Duration::from_secs(31));
    case.shown(&staff, "limit for this is used up").await;
    let third = asked(&ends, "ina_l").await;
    third.send(&staff, &[("text", "Is it green?")], &[]).await.expect(200);
    ends.replies(&third.post, 1).await;
    clock.advance(Duration::from_secs(700));
    assert_eq!(descriptions(&ends.replies(&case.post, 1).await[0]), ["The left light"]);
}

#[tokio::test]
async fn a_picture_that_x_refuses_is_for_a_person_and_can_be_sent_again() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let case = asked(&ends, "mara_w").await;
    ends.connect_without("media.write").await;
    let file = picture(5);
    case.send(&staff, &[("text", TEXT), ("alt_1", "The left light")], &[("file_1", &file)]).await.expect(200);
    let page = case.shown(&staff, "X does not take a picture of it, so nothing was posted").await;
    page.expect_text("Download picture 1").expect_text("Not sent");
    let (_, form) = page.body.split_once("action=\"/desk/deliveries/").expect("a form");
    let form = format!("/desk/deliveries/{}", form.split('"').next().unwrap());
    ends.connect_again().await;
    staff.submit(&page, &form, &[("act", "send_again")]).await.expect(200);
    assert_eq!(descriptions(&ends.replies(&case.post, 1).await[0]), ["The left light"]);
}

#[tokio::test]
async fn access_that_is_taken_back_between_upload_and_description_costs_no_second_upload() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let case = asked(&ends, "mara_w").await;
    ends.twin.set_fault(Fault::new(FaultKind::RevokedToken, 1).on("POST", DESCRIBE));
    let file = picture(6);
    case.send(&staff, &[("text", TEXT), ("alt_1", "The left light")], &[("file_1", &file)]).await.expect(200);
    case.shown(&staff, "Connect the account again").await;
    assert!(ends.ours_under(&case.post).is_empty());
    ends.connect_again().await;
    assert_eq!(descriptions(&ends.replies(&case.post, 1).await[0]), ["The left light"]);
    assert_eq!(calls(&ends, UPLOAD), 1);
}

#[tokio::test]
async fn a_worker_that_dies_after_the_upload_leaves_no_doubt_and_nothing_twice() {
    let clock = Clock::fixed(Millis::parse_rfc3339("2026-11-22T09:00:00Z").unwrap());
    let ends = TestLoop::start_still(clock.clone(), |config| {
        config.bridge.send_timeout = Duration::from_secs(3);
        config.bridge.lease = Duration::from_secs(4);
    })
    .await;
    let staff = ends.staff().await;
    let app = ends.app.clone();
    let reading = tokio::spawn(async move {
        loop {
            answerwell::bridge::inbound::step(&app).await.expect("an inbox that works");
            tokio::task::yield_now().await;
        }
    });
    let case = asked(&ends, "mara_w").await;
    reading.abort();
    let file = picture(7);
    case.send(&staff, &[("text", TEXT), ("alt_1", "The left light")], &[("file_1", &file)]).await.expect(200);
    ends.twin.set_fault(Fault::new(FaultKind::HoldBefore, 1).on("POST", DESCRIBE));
    let app = ends.app.clone();
    let sending = tokio::spawn(async move { outbound::step(&app).await });
    eventually("X has the picture, and not its description", async || !ends.twin.held().is_empty()).await;
    sending.abort();
    ends.twin.release(Release::GoOn);

    let app = ends.app.clone();
    eventually("the delivery waits for its next try", async || {
        outbound::step(&app).await.unwrap();
        staff.get(&case.place).await.says("Answerwell stopped while the pictures were uploaded")
    })
    .await;
    assert!(ends.ours_under(&case.post).is_empty());
    clock.advance(Duration::from_secs(31));
    eventually("it is sent", async || {
        outbound::step(&app).await.unwrap();
        !ends.ours_under(&case.post).is_empty()
    })
    .await;
    assert_eq!(descriptions(&ends.replies(&case.post, 1).await[0]), ["The left light"]);
    assert_eq!(calls(&ends, UPLOAD), 1);
}

#[tokio::test]
async fn an_upload_of_yesterday_is_made_anew() {
    let clock = Clock::fixed(Millis::parse_rfc3339("2026-11-22T09:00:00Z").unwrap());
    let ends = TestLoop::start_on(clock.clone(), |_| {}).await;
    let staff = ends.staff().await;
    let case = asked(&ends, "mara_w").await;
    ends.twin.set_fault(Fault::new(FaultKind::TooManyRequests, 1).on("POST", "/2/tweets").seconds(86_000));
    let file = picture(10);
    case.send(&staff, &[("text", TEXT), ("alt_1", "The left light")], &[("file_1", &file)]).await.expect(200);
    case.shown(&staff, "limit for this is used up").await;
    assert_eq!(calls(&ends, UPLOAD), 1);
    clock.advance(Duration::from_secs(86_100));
    assert_eq!(descriptions(&ends.replies(&case.post, 1).await[0]), ["The left light"]);
    assert_eq!(calls(&ends, UPLOAD), 2);
}

#[tokio::test]
async fn posted_by_hand_the_pictures_are_there_to_download_with_their_words() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let ours = ends.says("acme", "Version 4.2 is out", None);
    let post = ends.says("tom_k", "Since then the light is red and nobody helps", Some(&ours));
    let question = ends.waiting_for(&post).await.question_id;
    let place = format!("/desk/questions/{question}");
    let case = Case { post, form: format!("{place}/messages"), place };
    let file = picture(8);
    case.send(&staff, &[("text", TEXT), ("alt_1", "The left light")], &[("file_1", &file)]).await.expect(200);
    let list = staff.get("/desk/deliveries").await.expect(200);
    list.expect_text("To be posted by hand").expect_text("Download picture 1").expect_text("The left light");
    staff.get(&picture_on(&list)).await.expect(200);
    assert_eq!(calls(&ends, UPLOAD), 0);
}

#[tokio::test]
async fn an_access_without_the_permission_says_so_and_texts_go_out() {
    let scopes = "tweet.read tweet.write users.read offline.access dm.read dm.write";
    let ends = TestLoop::start_connected(|_| {}, |access| access.tokens.scopes = scopes.to_owned()).await;
    let staff = ends.staff().await;
    let case = asked(&ends, "mara_w").await;
    let file = picture(9);
    let filled = [("text", TEXT), ("alt_1", "The left light")];
    let page = case.send(&staff, &filled, &[("file_1", &file)]).await.expect(422);
    page.expect_text("does not let us upload pictures").expect_text("connect the account again");
    staff.submit(&page, &case.form, &[("drop_1", "1")]).await.expect(200);
    assert_eq!(descriptions(&ends.replies(&case.post, 1).await[0]), [""; 0]);
}
