//! What a topic asks is changed by staff: its name, whether it is a must, and what can be chosen, while what customers
//! answered stays readable.

use answerwell::topics::{TopicId, fields};

use super::admin;
use crate::asking::carries::topic_that_asks;
use crate::forum::TITLE;
use crate::support::{Answer, Person, TestApp};

const DEVICE: &str = "/admin/fields/1/edit";

async fn ask_with(person: &Person, title: &str, device: &str) -> Answer {
    let form = person.get("/ask?topic=wifi").await.expect(200);
    let filled = [("title", title), ("body", "Since last week."), ("field_1", device), ("seen", "yes")];
    person.submit(&form, "/ask", &filled).await.expect(200)
}

#[tokio::test]
async fn another_name_and_other_choices_leave_what_was_answered_readable() {
    let app = TestApp::start().await;
    topic_that_asks(&app).await;
    let (ada, customer) = (admin(&app).await, app.customer().await);
    ask_with(&customer, TITLE, "AC-200").await.expect_text("Device AC-200");
    ask_with(&customer, "My hub is too loud at night", "Hub 3").await.expect_text("Device Hub 3");
    customer.get(DEVICE).await.expect(403);
    customer.post_form(DEVICE, &[("name", "Mine")]).await.expect(403);

    let page = ada.get("/admin/topics/1/fields").await.expect(200);
    assert!(page.links().contains(&DEVICE.to_owned()));
    let page = ada.get(DEVICE).await.expect(200);
    // One gets another name, one ends, one is new.
    let filled = [("name", "Model"), ("choice_0", "AC-200 (2024)"), ("choice_1", ""), ("choices", "Hub 4")];
    let list = ada.submit(&page, DEVICE, &filled).await.expect(200);
    list.expect_text("Model").expect_text("one of: AC-200 (2024), Hub 4");

    // What was answered is read with the new name, and stays where the choice ended.
    let visitor = app.visitor();
    visitor.get("/questions/1").await.expect_text("Model AC-200 (2024)");
    visitor.get("/questions/2").await.expect_text("Model Hub 3");
    // Whoever changes the tags of that question does not lose it; nobody else chooses it.
    let form = customer.get("/questions/2/details").await.expect(200);
    customer.submit(&form, "/questions/2/details", &[("tags", "noise"), ("field_1", "Hub 3")]).await.expect(200);
    visitor.get("/questions/2").await.expect_text("Model Hub 3").expect_text("noise");
    let form = customer.get("/ask?topic=wifi").await.expect(200);
    let filled = [("title", "Another hub, another question"), ("body", "Since today."), ("field_1", "Hub 3")];
    customer.submit(&form, "/ask", &filled).await.expect(422).expect_text("has no such choice any more");

    // It may be left out from now on, and the log says all of it.
    let page = ada.get(DEVICE).await.expect(200);
    assert_eq!(page.field("required").as_deref(), Some("yes"));
    let unticked = [("name", "Model"), ("was_0", "AC-200 (2024)"), ("choice_0", "AC-200 (2024)"), ("was_1", "Hub 4")];
    ada.post_form(DEVICE, &[&unticked[..], &[("choice_1", "Hub 4")]].concat()).await.expect(200);
    let asked = app.db().read(|conn| fields::list(conn, TopicId(1))).await.unwrap();
    assert!(!asked[0].required);
    let log = ada.get("/admin/audit").await.expect(200);
    log.expect_text("“Device” is called “Model”")
        .expect_text("“AC-200” is called “AC-200 (2024)”")
        .expect_text("“Hub 3” can be chosen no more")
        .expect_text("new choice “Hub 4”")
        .expect_text("“Model” may be left out");
}

#[tokio::test]
async fn whoever_was_writing_meanwhile_loses_no_answer_in_silence() {
    let app = TestApp::start().await;
    topic_that_asks(&app).await;
    let (ada, customer) = (admin(&app).await, app.customer().await);
    let form = customer.get("/ask?topic=wifi").await.expect(200);
    let page = ada.get(DEVICE).await.expect(200);
    let renamed = [("name", "Model"), ("choice_0", "AC-200 (2024)"), ("choice_1", "Hub 3 (2023)")];
    ada.submit(&page, DEVICE, &renamed).await.expect(200);
    let page = ada.get(DEVICE).await.expect(200);
    ada.submit(&page, DEVICE, &[("choice_0", "AC-200 of 2024"), ("choice_1", ""), ("choices", "Hub 4")])
        .await
        .expect(200);
    ada.post_form("/admin/fields/2", &[("act", "end")]).await.expect(200);

    // A field that is asked no more: nothing is asked before its answer was seen once more.
    let words = [("title", TITLE), ("body", "Since last week."), ("field_1", "AC-200"), ("field_2", "4.2 beta")];
    let told = customer.submit(&form, "/ask", &words).await.expect(200);
    told.expect_text("Not asked yet.").expect_text("“ Firmware ” is not asked any more. You had answered “ 4.2 beta ”");
    app.visitor().get("/questions/1").await.expect(404);
    // A choice that was renamed twice is chosen still.
    assert_eq!(told.field("field_1").as_deref(), Some("AC-200 of 2024"));
    let written = [("body", "Since last week, with firmware 4.2 beta.")];
    let thread = customer.submit(&told, "/ask", &written).await.expect(200);
    thread.expect_text("Model AC-200 of 2024").expect_text("firmware 4.2 beta");
    // One that ended is named.
    let words = [("title", "My hub is too loud at night"), ("body", "Since today."), ("field_1", "Hub 3")];
    let refused = customer.submit(&form, "/ask", &words).await.expect(422);
    refused.expect_text("“Model” has no such choice any more. You chose “Hub 3”: choose another.");
    customer.submit(&refused, "/ask", &[("field_1", "Hub 4")]).await.expect(200).expect_text("Model Hub 4");

    // So do those who change it later.
    let details = customer.get("/questions/1/details").await.expect(200);
    ada.post_form("/admin/fields/1", &[("act", "end")]).await.expect(200);
    let told = customer.submit(&details, "/questions/1/details", &[("field_1", "Hub 4")]).await.expect(200);
    told.expect_text("Not saved yet.").expect_text("You had answered “ Hub 4 ”");
    customer.submit(&details, "/questions/1/details", &[("tags", "noise")]).await.expect(200).expect_text("noise");
    app.visitor().get("/questions/1").await.expect_text("Model AC-200 of 2024");
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field_and_what_was_typed_stays() {
    let app = TestApp::start().await;
    topic_that_asks(&app).await;
    let ada = admin(&app).await;
    let long = "x".repeat(61);
    let page = ada.get(DEVICE).await.expect(200);
    for (filled, field, says) in [
        (vec![("name", " ")], "name", "The name is missing."),
        (vec![("name", "firmware")], "name", "asks for that already"),
        (vec![("choice_0", "Hub 3")], "choice_0", "“Hub 3” is another choice here."),
        (vec![("choice_1", long.as_str())], "choice_1", "is longer than 60 characters"),
        (vec![("choice_0", ""), ("choice_1", " ")], "choices", "at least two things"),
        (vec![("choices", long.as_str())], "choices", "is longer than 60 characters"),
    ] {
        let refused = ada.submit(&page, DEVICE, &filled).await.expect(422);
        refused.expect_text(says);
        assert!(refused.body.contains(&format!("id=\"{field}-error\"")), "{field}: {}", refused.body);
        for (name, value) in filled.into_iter().filter(|(name, _)| *name != "choices") {
            assert_eq!(refused.field(name).unwrap_or_default().trim(), value.trim(), "{name}");
        }
    }
    // Two at once: the later one sees what the first one saved, with what they typed.
    ada.submit(&page, DEVICE, &[("choice_1", "Hub 5")]).await.expect(200);
    let late = ada.submit(&page, DEVICE, &[("name", "Model"), ("choice_0", "AC-210")]).await.expect(422);
    late.expect_text("A colleague changed this meanwhile");
    assert_eq!(late.field("choice_0").as_deref(), Some("AC-210"));
    assert_eq!(late.field("choice_1").as_deref(), Some("Hub 5"));
    ada.submit(&late, DEVICE, &[]).await.expect(200).expect_text("one of: AC-210, Hub 5");
    ada.get("/admin/fields/99/edit").await.expect(404);
    ada.post_form("/admin/fields/99/edit", &[("name", "x")]).await.expect(404);
}
