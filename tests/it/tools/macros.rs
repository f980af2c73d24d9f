//! Macros: kept by staff, filled in for each thread, in the asker's language where there is one.

use answerwell::members::Role;

use super::{QUESTION, desk_place};
use crate::support::{Answer, Person, TestApp, TestLoop};

async fn write(staff: &Person, name: &str, lang: &str, body: &str) -> Answer {
    let page = staff.get("/desk/macros/new").await.expect(200);
    staff.submit(&page, "/desk/macros", &[("name", name), ("lang", lang), ("body", body)]).await
}

/// The address of the first macro in the list.
async fn first(staff: &Person) -> String {
    let list = staff.get("/desk/macros").await.expect(200);
    let id = |link: &String| link.trim_start_matches("/desk/macros/").bytes().all(|byte| byte.is_ascii_digit());
    list.links().into_iter().find(|link| link.starts_with("/desk/macros/") && id(link)).expect("a macro")
}

#[tokio::test]
async fn macros_are_written_changed_and_deleted() {
    let app = TestApp::start().await;
    let (staff, customer) = (app.staff().await, app.customer().await);
    assert!(staff.get("/desk").await.links().contains(&"/desk/macros".to_owned()), "the desk leads there");
    staff.get("/desk/macros").await.expect(200).expect_text("No macro yet");
    let refused = write(&staff, "Model", "en", "Hi {{customer}}, about {{topic}}").await.expect(422);
    refused.expect_text("{{customer}} is no placeholder").expect_text("{{question.link}}");
    assert_eq!(refused.field("body").as_deref(), Some("Hi {{customer}}, about {{topic}}"));
    write(&staff, "Model", "english", "Hi").await.expect(422).expect_text("This is no language");
    write(&staff, "Model", "en", "Hi {{asker}}, which model is it?")
        .await
        .expect(200)
        .expect_text("which model is it?");
    write(&staff, "Model", "en", "Again").await.expect(422).expect_text("There is a macro \"Model\"");
    write(&staff, "Model", "de", "Hallo {{asker}}, welches Modell?").await.expect(200).expect_text("welches Modell");

    let place = first(&staff).await;
    let page = staff.get(&place).await.expect(200);
    staff.submit(&page, &place, &[("body", "Which model?")]).await.expect(200).expect_text("Which model?");
    // Somebody who had it open does not undo that unseen.
    let colleague = app.person("Lee Lead", Role::Staff).await;
    let late = colleague.submit(&page, &place, &[("body", "What model?")]).await.expect(422);
    late.expect_text("A colleague changed this text meanwhile").expect_text("Which model?");
    assert_eq!(late.field("body").as_deref(), Some("What model?"));
    colleague.submit(&late, &place, &[]).await.expect(200).expect_text("What model?");
    let list = staff.get("/desk/macros").await;
    let delete = format!("{place}/delete");
    staff.post_form(&delete, &[("revision", "1")]).await.expect(200);
    staff.get(&place).await.expect(200).expect_text("What model?");
    staff.submit(&list, &delete, &[]).await.expect(200);
    staff.get(&place).await.expect(404);
    // Deleted while it was open: saving makes it anew.
    let late = colleague.submit(&late, &place, &[("body", "Once more")]).await.expect(422);
    colleague.submit(&late, "/desk/macros", &[]).await.expect(200).expect_text("Once more");
    customer.get("/desk/macros").await.expect(403);
    customer.post_form("/desk/macros", &[("name", "x")]).await.expect(403);
}

#[tokio::test]
async fn a_macro_lands_in_the_form_with_its_placeholders_filled() {
    let ends = TestLoop::start().await;
    let staff = ends.staff().await;
    let (post, question) = ends.asks("mara_w", QUESTION).await;
    write(&staff, "Model", "en", "{{asker}}, which model is it? {{staff.name}}, {{product}}").await.expect(200);
    write(&staff, "About", "en", "It is about {{topic}}").await.expect(200);
    write(&staff, "Link", "en", "See {{question.link}}").await.expect(200);
    let place = desk_place(question);
    let page = staff.get(&place).await.expect(200);
    let option = |page: &Answer, name: &str| {
        let at = page.body.find(&format!(">{name}<")).expect("an option");
        page.body[..at].rsplit("value=\"").next().unwrap().split('"').next().unwrap().to_owned()
    };
    let insert = format!("{place}/insert");
    staff.post_form(&insert, &[("text", "Hi")]).await.expect(422).expect_text("Choose a macro first");
    let id = option(&page, "Model");
    let filled = staff.post_form(&insert, &[("text", "Hi"), ("macro", &id)]).await.expect(200);
    let text = filled.field("text").expect("the form");
    assert_eq!(text, "Hi\n\n@mara_w, which model is it? Sam Staff, Acme Help");
    filled.expect_text("52 of 280 characters");
    let link = option(&page, "Link");
    let with_script = staff.get(&format!("/desk/macros/{link}/text?question={question}")).await.expect(200).json();
    assert!(with_script["text"].as_str().unwrap().contains(&format!("/questions/{question}/")), "{with_script}");

    // What nothing stood for does not leave.
    let about = staff.post_form(&insert, &[("macro", &option(&page, "About"))]).await.expect(200);
    let messages = format!("{place}/messages");
    let refused = staff.submit(&about, &messages, &[]).await.expect(422);
    refused.expect_text("still holds {{topic}}");
    assert!(ends.ours_under(&post).is_empty());
    staff.submit(&filled, &messages, &[]).await.expect(200);
    assert!(ends.replies(&post, 1).await[0].text.contains("which model is it?"));
}
