//! What a question carries beside its words: tags, and the answers to its topic's own fields.

use answerwell::db::DbError;
use answerwell::members::Role;
use answerwell::questions::{self, QuestionId};
use answerwell::topics::fields::{self, FieldId, Kind};

use crate::forum::{TITLE, ask, insert_topic};
use crate::support::{Answer, Person, TestApp};

const BODY: &str = "Since last week, at 20:15.";

async fn ask_tagged(person: &Person, title: &str, tags: &str) -> Answer {
    let form = person.get("/ask").await.expect(200);
    person.submit(&form, "/ask", &[("title", title), ("body", BODY), ("tags", tags)]).await
}

#[tokio::test]
async fn tags_are_written_in_one_way_and_lead_to_a_list() {
    let app = TestApp::start().await;
    let (customer, visitor) = (app.customer().await, app.visitor());
    visitor.get("/tags").await.expect(200).expect_text("No tags yet");
    let thread = ask_tagged(&customer, TITLE, " #WiFi, Smart  Home, wifi").await.expect(200);
    assert!(thread.links().contains(&"/tags/smart-home".to_owned()), "{:?}", thread.links());
    ask_tagged(&customer, "My television box does not start", "wifi").await.expect(200);
    ask(&customer, "A question without any tag at all").await;
    visitor.get("/tags").await.expect(200).expect_text("wifi 2").expect_text("smart-home 1");
    let list = visitor.get("/tags/wifi").await.expect(200);
    list.expect_text(TITLE).expect_text("My television box does not start");
    assert!(!list.says("without any tag"));
    let home = visitor.get("/").await.expect(200);
    assert_eq!(home.links().iter().filter(|link| *link == "/tags/wifi").count(), 2);
    for nowhere in ["/tags/none", "/tags/WiFi", "/tags/wi%20fi", "/tags/%00", "/tags/%FF", "/tags/%3Cb%3E"] {
        visitor.get(nowhere).await.expect(404);
    }
    visitor.get("/tags/wifi?after=x").await.expect(400).expect_text("does not name a place in the list");
    let typed = visitor.request(reqwest::Method::GET, "/tags?begins=%23WI").header("accept", "application/json");
    assert_eq!(visitor.send(typed).await.json()["tags"], serde_json::json!(["wifi"]));

    // A question that is gone takes its tag's page with it.
    let now = app.app.clock.now();
    app.db().write(move |tx| questions::remove(tx, QuestionId(1), now)).await.unwrap();
    visitor.get("/tags/smart-home").await.expect(404);
    assert!(!visitor.get("/tags").await.says("smart-home"));
    let typed = visitor.request(reqwest::Method::GET, "/tags?begins=smart").header("accept", "application/json");
    assert_eq!(visitor.send(typed).await.json()["tags"], serde_json::json!([]));
}

#[tokio::test]
async fn odd_tags_are_refused_with_a_reason_and_good_ones_taken() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    let long = "a".repeat(31);
    for (tags, says) in [
        ("a, b, c, d, e, f", Some("These are 6 tags; 5 are allowed.")),
        ("<script>alert(1)</script>", Some("cannot be a tag")),
        ("wifi, 😀", Some("\"😀\" cannot be a tag")),
        (&long, Some("cannot be a tag")),
        ("../..", Some("cannot be a tag")),
        ("a, b, c, d, e", None),
        (" , \u{200B}, ", None),
        ("\u{202E}wifi", None),
        ("مودم, größe", None),
    ] {
        let answer = ask_tagged(&customer, TITLE, tags).await;
        match says {
            Some(says) => {
                answer.clone().expect(422).expect_text(says);
                assert_eq!(answer.field("tags").as_deref(), Some(tags));
                assert_eq!(answer.field("body").as_deref(), Some(BODY));
            }
            None => assert_eq!(answer.status, 200, "{tags}: {}", answer.text()),
        }
    }
    app.visitor().get("/tags/wifi").await.expect(200).expect_text(TITLE);
    app.visitor().get("/tags/%D9%85%D9%88%D8%AF%D9%85").await.expect(200).expect_text("مودم");
}

/// A topic that asks for a device, and may be told a version.
pub(crate) async fn topic_that_asks(app: &TestApp) {
    let topic = insert_topic(app, "wifi", "Wi-Fi").await;
    app.db()
        .write(move |tx| {
            let devices = ["AC-200".to_owned(), "Hub 3".to_owned()];
            fields::add(tx, topic, "Device", Kind::Choice, &devices, true)?;
            fields::add(tx, topic, "Firmware", Kind::Text, &[], false)?;
            Ok::<_, DbError>(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_topic_asks_its_own_fields_as_a_step_and_the_thread_shows_the_answers() {
    let app = TestApp::start().await;
    topic_that_asks(&app).await;
    let customer = app.customer().await;
    // Chosen in the form: the fields come as a step, and nothing is asked yet.
    let form = customer.get("/ask").await.expect(200);
    assert!(!form.says("Firmware"));
    let filled = [("title", TITLE), ("body", BODY), ("topic", "1")];
    let step = customer.submit(&form, "/ask", &filled).await.expect(200);
    step.expect_text("Not asked yet").expect_text("Device").expect_text("Firmware");
    assert_eq!(step.field("title").as_deref(), Some(TITLE));
    app.visitor().get("/questions/1").await.expect(404);
    let long = "x".repeat(201);
    for (fields, says) in [
        (vec![], "“Device” is missing. Choose one."),
        (vec![("field_1", "Toaster")], "“Device” has no such choice any more."),
        (vec![("field_1", "Hub 3"), ("field_2", long.as_str())], "“Firmware” has 201 characters; 200 are allowed."),
    ] {
        let refused = customer.submit(&step, "/ask", &fields).await.expect(422);
        refused.expect_text(says);
        for (name, value) in fields.iter().filter(|(name, _)| *name == "field_2") {
            assert_eq!(refused.field(name).as_deref(), Some(*value));
        }
    }
    let thread =
        customer.submit(&step, "/ask", &[("field_1", "Hub 3"), ("field_2", "<b>4.2</b> 😀")]).await.expect(200);
    thread.expect_text("Device Hub 3").expect_text("Firmware <b>4.2</b> 😀");
    app.visitor().get("/questions/1").await.expect_text("Device Hub 3");
    // With the topic in the address they are in the form at once.
    let form = customer.get("/ask?topic=wifi").await.expect(200);
    assert!(!form.says("Not asked yet"));
    let filled = [("title", "My hub is too loud at night"), ("body", BODY), ("field_1", "AC-200")];
    let thread = customer.submit(&form, "/ask", &filled).await.expect(200);
    thread.expect_text("Device AC-200");
    assert!(!thread.says("Firmware"));
    let part = customer.get("/ask/fields?topic=1").await.expect(200);
    assert!(part.body.contains("name=\"field_1\"") && part.body.contains("name=\"fields_of\" value=\"1\""));
    customer.get("/ask/fields?topic=none").await.expect(200);
}

/// Without script a tab that waits for the sign-in is what is closed most: the form travels whole.
#[tokio::test]
async fn what_a_topic_asks_stays_typed_through_a_look_and_the_sign_in() {
    let app = TestApp::start().await;
    topic_that_asks(&app).await;
    let (stranger, customer) = (app.visitor(), app.customer().await);
    let form = stranger.get("/ask?topic=wifi").await.expect(200);
    let filled = [("title", TITLE), ("body", BODY), ("field_1", "Hub 3"), ("field_2", "4.2 beta")];
    let look = stranger.post_form("/ask/preview", &[("topic", "1"), filled[0], filled[1], filled[2], filled[3]]).await;
    assert_eq!(look.expect(200).field("field_2").as_deref(), Some("4.2 beta"));
    let sign_in = stranger.submit(&form, "/ask", &filled).await.expect(401);
    let who = [("email", customer.email.as_str()), ("password", customer.password.as_str())];
    let step = stranger.submit(&sign_in, "/sign-in", &who).await.expect(200);
    let thread = stranger.submit(&step, "/ask", &[]).await.expect(200);
    thread.expect_text("Device Hub 3").expect_text("Firmware 4.2 beta");
}

#[tokio::test]
async fn whoever_asked_and_staff_change_topic_tags_and_answers_later() {
    let app = TestApp::start().await;
    topic_that_asks(&app).await;
    let (customer, peer, staff) = (app.customer().await, app.peer().await, app.staff().await);
    ask(&customer, TITLE).await;
    let place = "/questions/1/details";
    app.visitor().get(place).await.expect(401);
    peer.get(place).await.expect(403).expect_text("Only the person who asked and staff");
    peer.post_form(place, &[("tags", "mine")]).await.expect(403);
    customer.post_form("/questions/9/details", &[("tags", "mine")]).await.expect(404);
    assert!(!peer.get("/questions/1").await.links().contains(&place.to_owned()));

    let page = customer.get(place).await.expect(200);
    let step = customer.submit(&page, place, &[("topic", "1"), ("tags", "wifi")]).await.expect(200);
    step.expect_text("Not saved yet");
    customer.submit(&step, place, &[]).await.expect(422).expect_text("“Device” is missing");
    let thread = customer.submit(&step, place, &[("field_1", "AC-200"), ("field_2", "4.1")]).await.expect(200);
    thread.expect_text("Device AC-200").expect_text("Firmware 4.1").expect_text("wifi");
    // Out of the topic and back: the answers are there again.
    let page = staff.get(place).await.expect(200);
    assert_eq!(page.field("field_2").as_deref(), Some("4.1"));
    let thread = staff.submit(&page, place, &[("topic", ""), ("tags", "")]).await.expect(200);
    assert!(!thread.says("Device") && !thread.says("wifi"), "{}", thread.text());
    let page = staff.get(place).await.expect(200);
    let step = staff.submit(&page, place, &[("topic", "1")]).await.expect(200);
    staff.submit(&step, place, &[("field_1", "Hub 3"), ("field_2", "")]).await.expect(200);
    let thread = app.visitor().get("/questions/1").await;
    thread.expect_text("Device Hub 3");
    assert!(!thread.says("Firmware"));
}

#[tokio::test]
async fn administrators_say_what_a_topic_asks() {
    let app = TestApp::start().await;
    let (ada, customer) = (app.person("Ada Admin", Role::Admin).await, app.customer().await);
    insert_topic(&app, "wifi", "Wi-Fi").await;
    let place = "/admin/topics/1/fields";
    customer.get(place).await.expect(403);
    customer.post_form(place, &[("name", "Device"), ("kind", "text")]).await.expect(403);
    let page = ada.get(place).await.expect(200);
    page.expect_text("Nothing yet");
    let long = "x".repeat(61);
    for (fields, says) in [
        (vec![("name", "")], "The name is missing."),
        (vec![("name", "\u{200B}")], "The name is missing."),
        (vec![("name", long.as_str())], "The name has 61 characters; 60 are allowed."),
        (vec![("name", "Device"), ("kind", "colour")], "Choose how it is answered"),
        (vec![("name", "Device"), ("kind", "choice"), ("choices", "\n one \n one ")], "at least two things"),
    ] {
        ada.submit(&page, place, &fields).await.expect(422).expect_text(says);
    }
    ada.submit(&page, place, &[("name", "Device"), ("kind", "choice"), ("choices", "Hub 3\nAC-200")]).await.expect(200);
    let page = ada.get(place).await.expect(200);
    ada.submit(&page, place, &[("name", "Firmware"), ("kind", "text"), ("required", "yes")]).await.expect(200);
    let page = ada.get(place).await.expect(200);
    ada.submit(&page, place, &[("name", "device"), ("kind", "text")])
        .await
        .expect(422)
        .expect_text("asks for that already");
    let names = async || {
        let asked = app.db().read(|conn| fields::list(conn, answerwell::topics::TopicId(1))).await.unwrap();
        asked.iter().map(|field| format!("{}{}", field.name, if field.required { "!" } else { "" })).collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["Device", "Firmware!"]);
    for (act, expected) in [
        ("down", vec!["Firmware!", "Device"]),
        ("down", vec!["Firmware!", "Device"]),
        ("up", vec!["Device", "Firmware!"]),
        ("require", vec!["Device!", "Firmware!"]),
        ("relax", vec!["Device", "Firmware!"]),
        ("end", vec!["Firmware!"]),
        ("resume", vec!["Device", "Firmware!"]),
    ] {
        ada.post_form("/admin/fields/1", &[("act", act)]).await.expect(200);
        assert_eq!(names().await, expected, "{act}");
    }
    ada.post_form("/admin/fields/1", &[("act", "juggle")]).await.expect(400);
    ada.post_form("/admin/fields/99", &[("act", "up")]).await.expect(404);

    // A topic that ends takes its fields along.
    let form = customer.get("/ask?topic=wifi").await.expect(200);
    let filled = [("title", TITLE), ("body", BODY), ("field_1", "Hub 3"), ("field_2", "4.2")];
    customer.submit(&form, "/ask", &filled).await.expect(200).expect_text("Firmware 4.2");
    ada.post_form("/admin/topics/1/delete", &[("to", "none")]).await.expect(200);
    let kept = app.db().read(|conn| questions::list_values(conn, QuestionId(1))).await.unwrap();
    assert!(!kept.contains_key(&FieldId(1)));
    app.visitor().get("/questions/1").await.expect(200).expect_text(TITLE);
}
