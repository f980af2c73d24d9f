//! Writing a question and an answer without script: pictures, a preview, what was answered before, and odd words.

use std::time::Duration;

use answerwell::jobs::Jobs;
use image::ImageFormat;

use super::picture;
use crate::forum::{TITLE, ask};
use crate::support::{Answer, Person, TestApp, eventually};

const BODY: &str = "Since **last week**, at 20:15.";

/// The address of the first picture of a text.
fn place_in(text: &str) -> String {
    let at = text.find("/files/").unwrap_or_else(|| panic!("no picture in {text}"));
    text[at..].split(')').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_picture_comes_with_the_form_and_says_what_it_shows() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    let form = customer.get("/ask").await.expect(200);
    let file = picture(900, 600, ImageFormat::Png, 20);
    // Added to the text: it is shown as it will look, and nothing is asked yet.
    let filled = [("title", TITLE), ("body", BODY), ("alt", "The [red] light")];
    let mut with_button = form.clone();
    with_button.body = with_button.body.replace(
        "<input type=\"hidden\" name=\"seen\"",
        "<input name=\"then\" value=\"picture\"><input type=\"hidden\" name=\"seen\"",
    );
    let look = customer.submit_files(&with_button, "/ask", &filled, &[("file_1", &file)]).await.expect(200);
    look.expect_text("How it will look");
    let body = look.field("body").unwrap();
    assert!(body.starts_with(BODY) && body.contains("![The \\[red\\] light](/files/"), "{body}");
    assert!(look.body.contains("alt=\"The [red] light\" width=\"720\" height=\"480\""), "{}", look.body);
    assert_eq!(look.field("alt").as_deref(), Some(""));
    app.visitor().get("/questions/1").await.expect(404);
    let thread = customer.submit(&look, "/ask", &[]).await.expect(200);
    assert!(thread.body.contains("alt=\"The [red] light\""));
    app.visitor().get(&place_in(&body)).await.expect(200);
}

#[tokio::test]
async fn a_picture_without_words_or_one_that_cannot_be_read_keeps_the_form() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    let form = customer.get("/ask").await.expect(200);
    let filled = [("title", TITLE), ("body", BODY)];
    let svg = b"<svg onload=alert(1)>".to_vec();
    let refused = customer.submit_files(&form, "/ask", &filled, &[("file_1", &svg)]).await.expect(422);
    refused.expect_text("The picture cannot be read. Choose a whole PNG, JPEG, WebP or GIF");
    assert_eq!(refused.field("body").as_deref(), Some(BODY));
    let file = picture(60, 40, ImageFormat::Png, 20);
    let refused = customer.submit_files(&form, "/ask", &filled, &[("file_1", &file)]).await.expect(422);
    refused.expect_text("Your question has a picture that says nothing to people who do not see it.");
    let body = refused.field("body").unwrap();
    // The picture is kept: only its words are missing, in the field or in the text.
    let shows = |page: &Answer, what: &str| page.body.contains(&format!("alt=\"{what}\" width=\"60\" height=\"40\""));
    let look = [("alt", "The first light"), ("then", "preview")];
    let look = customer.submit(&refused, "/ask", &look).await.expect(200);
    assert!(shows(&look, "The first light"), "{}", look.body);
    let mended = body.replace("![](", "![The second light](");
    let thread = customer.submit(&refused, "/ask", &[("body", &mended)]).await.expect(200);
    assert!(shows(&thread, "The second light"), "{}", thread.body);
}

#[tokio::test]
async fn adding_no_picture_or_saying_too_much_of_one_is_answered_with_what_to_do() {
    let app = TestApp::start().await;
    let (customer, peer) = (app.customer().await, app.peer().await);
    ask(&customer, TITLE).await;
    let thread = peer.get("/questions/1").await.expect(200);
    let place = "/questions/1/answers";
    let pressed = [("body", "Try **40**."), ("then", "picture")];
    let none = peer.submit(&thread, place, &pressed).await.expect(422);
    none.expect_text("No picture was chosen. Choose one, say what it shows, and add it to the text.");
    assert_eq!(none.field("body").as_deref(), Some("Try **40**."));

    // The picture is kept, and what it shows can be shortened.
    let (file, long) = (picture(60, 40, ImageFormat::Png, 20), "so ".repeat(101).trim().to_owned());
    let said = [("body", "Try **40**."), ("alt", long.as_str())];
    let refused = peer.submit_files(&none, place, &said, &[("file_1", &file)]).await.expect(422);
    refused.expect_text("What the picture shows has 302 characters; 300 are allowed.");
    assert_eq!(refused.field("alt").as_deref(), Some(long.as_str()));
    let body = refused.field("body").unwrap();
    assert!(body.contains("![](/files/"), "{body}");
    // Nor is it said in the text itself at any length.
    let typed = body.replace("![]", &format!("![{long}]"));
    let refused = peer.submit(&refused, place, &[("body", &typed), ("alt", "")]).await.expect(422);
    refused.expect_text("Your answer says what a picture shows in 302 characters; 300 are allowed.");
    let answered = peer.submit(&refused, place, &[("body", &body), ("alt", "Where it is set")]).await.expect(200);
    assert!(answered.body.contains("alt=\"Where it is set\" width=\"60\""), "{}", answered.body);
}

#[tokio::test]
async fn a_comment_is_looked_at_first_and_takes_a_picture_then() {
    let app = TestApp::start().await;
    let (customer, peer, visitor) = (app.customer().await, app.peer().await, app.visitor());
    ask(&customer, TITLE).await;
    peer.post_form("/questions/1/answers", &[("body", "Try 40.")]).await.expect(200);
    let (thread, place) = (customer.get("/questions/1").await.expect(200), "/questions/1/comments");
    let words = [("body", "Is it **this** one?"), ("answer_id", "1"), ("then", "preview")];
    assert!(thread.has_field(place, "then"), "beside each of these forms there is the button");
    let look = customer.post_form(place, &words).await.expect(200);
    look.expect_text("How it will look");
    assert!(look.body.contains("<strong>this</strong>") && !visitor.get("/questions/1").await.says("Is it this one?"));
    let kept = ["body", "answer_id"].map(|name| look.field(name).unwrap_or_default());
    assert_eq!(kept, ["Is it **this** one?", "1"]);
    let file = picture(60, 40, ImageFormat::Png, 22);
    let said = customer.submit_files(&look, place, &[("alt", "The light")], &[("file_1", &file)]).await.expect(200);
    assert!(said.expect_text("Is it this one?").body.contains("alt=\"The light\" width=\"60\""), "{}", said.body);
    // Too long for a comment, it is said at the look already.
    let long = "x".repeat(1_001);
    let look = customer.submit(&thread, place, &[("body", &long), ("then", "preview")]).await.expect(200);
    look.expect_text("1000 are allowed");
    assert_eq!(look.field("body").as_deref(), Some(long.as_str()));
}

#[tokio::test]
async fn answers_take_pictures_and_show_a_preview_too() {
    let app = TestApp::start().await;
    let (customer, peer) = (app.customer().await, app.peer().await);
    ask(&customer, TITLE).await;
    let place = "/questions/1/answers";
    let thread = peer.get("/questions/1").await.expect(200);
    let look = peer.submit(&thread, place, &[("body", "Try **40**."), ("then", "preview")]).await.expect(200);
    look.expect_text("How it will look");
    assert!(look.body.contains("<strong>40</strong>"));
    assert!(!app.visitor().get("/questions/1").await.says("Try 40"));
    let file = picture(60, 40, ImageFormat::Jpeg, 20);
    let filled = [("alt", "Where the channel is set")];
    let answered = peer.submit_files(&look, place, &filled, &[("file_1", &file)]).await.expect(200);
    assert!(answered.body.contains("alt=\"Where the channel is set\" width=\"60\""), "{}", answered.body);

    let page = peer.get("/answers/1/edit").await.expect(200);
    let words = [("body", "Try __41__."), ("then", "preview")];
    let look = peer.submit(&page, "/answers/1/edit", &words).await.expect(200);
    assert!(look.body.contains("<strong>41</strong>") && look.field("revision").as_deref() == Some("1"));
    let filled = [("alt", "Another one")];
    let edited = peer.submit_files(&look, "/answers/1/edit", &filled, &[("file_1", &file)]).await.expect(200);
    assert!(edited.body.contains("alt=\"Another one\""), "{}", edited.body);
    app.visitor().get("/questions/1").await.expect_text("Try 41 .");
}

#[tokio::test]
async fn an_edit_of_each_kind_takes_a_picture_and_shows_a_preview() {
    let app = TestApp::start().await;
    let (customer, peer, visitor) = (app.customer().await, app.peer().await, app.visitor());
    ask(&customer, TITLE).await;
    peer.post_form("/questions/1/answers", &[("body", "Try 40.")]).await.expect(200);
    peer.post_form("/questions/1/comments", &[("body", "Which band?")]).await.expect(200);
    let file = picture(60, 40, ImageFormat::Png, 21);
    for (who, place) in [(&customer, "/questions/1/edit"), (&peer, "/answers/1/edit"), (&peer, "/comments/1/edit")] {
        let form = who.get(place).await.expect(200);
        let words = format!("Try __41__ at {place}");
        let filled = [("body", words.as_str()), ("reason", "40 is taken"), ("then", "preview")];
        let look = who.submit(&form, place, &filled).await.expect(200);
        look.expect_text("How it will look");
        assert!(look.body.contains("<strong>41</strong>"), "{}", look.body);
        let kept = ["body", "reason", "revision"].map(|name| look.field(name).unwrap_or_default());
        assert_eq!(kept, [words.as_str(), "40 is taken", "1"]);
        assert!(!visitor.get("/questions/1").await.says(place), "nothing is written yet");
        let svg = b"<svg onload=alert(1)>".to_vec();
        let refused = who.submit_files(&look, place, &[], &[("file_1", &svg)]).await.expect(422);
        refused.expect_text("The picture cannot be read.");
        let refused = who.submit_files(&refused, place, &[], &[("file_1", &file)]).await.expect(422);
        refused.expect_text("has a picture that says nothing to people who do not see it.");
        let shows = format!("at {place}</p>\n<p><img src=");
        let thread = who.submit(&refused, place, &[("alt", place)]).await.expect(200);
        assert!(thread.body.contains(&format!("alt=\"{place}\" width=\"60\"")), "{}", thread.body);
        let seen = visitor.get("/questions/1").await.expect(200);
        assert!(seen.body.contains(&shows), "{}", seen.body);
        visitor.get(&place_in(&refused.field("body").unwrap())).await.expect(200);
        let history = visitor.get(&place.replace("edit", "history")).await.expect(200);
        history.expect_text("Version 2").expect_text("Why: 40 is taken");
        assert!(history.body.contains(&format!("alt=\"{place}\"")), "{}", history.body);
    }
}

#[tokio::test]
async fn the_preview_is_what_the_thread_shows_later() {
    let app = TestApp::start().await;
    let (customer, visitor) = (app.customer().await, app.visitor());
    let body = "# Steps\n\n1. <b>hold</b>\n2. `reset`\n\n| a | b |\n|---|---|\n| 😀 | مودم |\n\nhttps://example.com";
    let told = visitor.post_form("/preview", &[("body", body)]).await.expect(200).json();
    let form = customer.get("/ask").await.expect(200);
    let thread = customer.submit(&form, "/ask", &[("title", TITLE), ("body", body)]).await.expect(200);
    assert!(thread.body.contains(told["html"].as_str().unwrap()), "{told}");
    for (body, says) in [
        ("", "Your text is missing."),
        (" \u{200B} ", "Your text is missing."),
        ("***", "would show no words"),
        (&"x".repeat(30_001), "30000 are allowed"),
    ] {
        let told = visitor.post_form("/preview", &[("body", body)]).await.expect(200).json();
        assert!(told["problem"].as_str().unwrap().contains(says), "{told}");
    }
    // Somebody without an account looks, and nothing is lost; to ask they sign in.
    let form = visitor.get("/ask").await.expect(200);
    let fields = [("title", TITLE), ("body", BODY), ("tags", "wifi")];
    let look = visitor.post_form("/ask/preview", &fields).await.expect(200);
    assert!(look.body.contains("<strong>last week</strong>"));
    for (name, value) in fields {
        assert_eq!(look.field(name).as_deref(), Some(value));
    }
    assert!(form.body.contains("formaction=\"/ask/preview\"") && !form.has_field("/ask", "file_1"));
}

/// An answer that staff vouch for, to a question about Wi-Fi in the evening.
async fn answered(app: &TestApp, customer: &Person) {
    let (peer, staff) = (app.peer().await, app.staff().await);
    ask(customer, "Wifi drops every evening at nine").await;
    let thread = peer.get("/questions/1").await.expect(200);
    let text = "Set the *channel* to 40 under Wi-Fi, Advanced, then restart.";
    peer.submit(&thread, "/questions/1/answers", &[("body", text)]).await.expect(200);
    let page = staff.get("/desk/answers/1/verify").await.expect(200);
    let filled = [("evidence", "Tried on two routers in the lab"), ("product", "R7")];
    staff.submit(&page, "/desk/answers/1/verify", &filled).await.expect(200);
}

#[tokio::test]
async fn what_was_answered_before_is_a_step_before_asking() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    answered(&app, &customer).await;
    let mut jobs = Jobs::default();
    let (search, stop) = (app.app.search.clone(), jobs.stop());
    jobs.spawn(async move { search.run(stop).await });
    let place = "/ask/similar?title=The+wifi+drops+each+evening+at+nine";
    eventually("it is found", async || app.visitor().get(place).await.says("Set the channel to 40")).await;
    let found: Answer = app.visitor().get(place).await.expect(200);
    found.expect_text("Wifi drops every evening at nine").expect_text("Verified by Sam Staff").expect_text("for R7");
    assert!(found.links().iter().any(|link| link.ends_with("#answer-1")), "{:?}", found.links());
    for nothing in ["/ask/similar", "/ask/similar?title=%FF", "/ask/similar?title=invoice+of+last+month"] {
        assert_eq!(app.visitor().get(nothing).await.expect(200).body, "", "{nothing}");
    }

    let form = customer.get("/ask").await.expect(200);
    let filled = [("title", "My wifi drops each evening at nine"), ("body", BODY)];
    let step = customer.submit(&form, "/ask", &filled).await.expect(200);
    step.expect_text("Not asked yet")
        .expect_text("Set the channel to 40")
        .expect_text("None of these: ask my question");
    assert_eq!(step.field("body").as_deref(), Some(BODY));
    app.visitor().get("/questions/2").await.expect(404);
    customer.submit(&step, "/ask", &[]).await.expect(200).expect_text("My wifi drops each evening at nine");
    // Nothing like it: it is asked at once.
    let other = [("title", "Where is the invoice of last month?"), ("body", BODY)];
    customer.submit(&form, "/ask", &other).await.expect(200).expect_text("No answer yet");
    jobs.shut_down(Duration::from_secs(60)).await;
}

#[tokio::test]
async fn odd_words_are_shown_as_words_or_refused_with_a_reason() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    let deep = format!("{} deep", "> ".repeat(10_000));
    let brackets = "[".repeat(100_000);
    let table = format!("{}|\n{}|\n{}", "|a".repeat(1_000), "|-".repeat(1_000), "|b|\n".repeat(4_000));
    for (title, body, says) in [
        (TITLE, &brackets[..], Some("has 100000 characters; 30000 are allowed")),
        (TITLE, &brackets[..30_000], None),
        (TITLE, &deep, None),
        (TITLE, &table, None),
        ("\u{202E}gnihtemos si siht\u{202C} and more", "\u{202E}olleh\u{202C} words", None),
        ("😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀", "😀", None),
        ("   \u{200B}\u{2060}   ", "words", Some("The title is missing.")),
        (TITLE, "\u{FE0F}\u{200D}\u{00AD}", Some("Your question is missing.")),
    ] {
        let form = customer.get("/ask").await.expect(200);
        let answer = customer.submit(&form, "/ask", &[("title", title), ("body", body)]).await;
        match says {
            Some(says) => {
                answer.clone().expect(422).expect_text(says);
                assert_eq!(answer.field("body").as_deref(), Some(body));
            }
            None => {
                let begin: String = body.chars().take(10).collect();
                assert_eq!(answer.status, 200, "{begin}");
                assert!(answer.path.starts_with("/questions/"), "{begin} led to {}", answer.path);
                assert!(answer.body.len() < 900_000, "{begin}: a page of {} bytes", answer.body.len());
                assert!(!answer.body.contains('\u{202E}'), "{begin}");
            }
        }
    }
}
