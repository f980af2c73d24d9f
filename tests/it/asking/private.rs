//! Private questions: what their asker and staff read, and nobody else learns of, on any route and by any notice.

use answerwell::topics::Rules;
use image::ImageFormat;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;

use super::picture;
use crate::forum::{TITLE, answer, ask, insert_topic, set_rules};
use crate::support::{Answer, Person, TestApp, Visitor, eventually};
use crate::told::{Site, confirm, count, is_told};

const ROUTES: &str = include_str!("../../../src/routes.rs");
const SECRET: &str = "Quokka invoice shows the wrong amount";
/// Words of the thread, each of which would give it away.
const WORDS: [&str; 6] = ["Quokka", "quokka", "numbat", "wombat", "bilby", "quoll"];

async fn ask_privately(by: &Visitor, title: &str, body: &str) -> Answer {
    let form = by.get("/ask").await.expect(200);
    by.submit(&form, "/ask", &[("title", title), ("body", body), ("private", "yes"), ("tags", "quoll")]).await
}

/// What a page says of it, beside what stood in its own address.
fn gives_away(page: &Answer, place: &str) -> Option<&'static str> {
    WORDS.into_iter().find(|word| !place.contains(word) && page.body.contains(word))
}

/// A thread that only its asker and staff read: question 1, answer 1 and comment 1.
async fn private_thread(casey: &Person, staff: &Person) {
    let thread = ask_privately(casey, SECRET, "It says numbat instead of 12 euros.").await.expect(200);
    thread.expect_text("Only you and our staff read this question").expect_text(SECRET);
    answer(staff, "We sent you a wombat by mail.").await;
    casey.post_form("/questions/1/comments", &[("body", "The bilby arrived, too.")]).await.expect(200);
}

/// Every address that a `GET` leads to, of things that are there.
fn pages() -> Vec<String> {
    let of_line = |line: &'static str| {
        let route = line.split('"').nth(1).filter(|_| line.contains("get()"))?;
        // Streams never end, and are asked by themselves.
        let is_stream = ["/live", "/desk/live"].contains(&route);
        (!is_stream).then_some(route)
    };
    let filled = |route: &str| {
        let names = [
            ("/answers/{id}", "/answers/1"),
            ("{id}", "1"),
            ("{post}", "question-1"),
            ("{handle}", "caseycustomer"),
            ("{name}", "quoll"),
            ("{slug}", "quokka-invoice-shows-the-wrong-amount"),
            ("{list}", "newest"),
            ("{part}", "1"),
            ("{network}", "x"),
        ];
        names.iter().fold(route.to_owned(), |place, (name, value)| place.replace(name, value))
    };
    let more = [
        "/search?q=quokka",
        "/search?q=numbat",
        "/ask/similar?title=Quokka+invoice+wrong+amount",
        "/people?period=all",
    ];
    let more = more.into_iter().chain(["/live/figures?thread=1", "/report/answer-1", "/report/comment-1"]);
    ROUTES.lines().filter_map(of_line).map(filled).chain(more.map(str::to_owned)).collect()
}

#[tokio::test]
async fn nobody_but_its_asker_and_staff_meets_a_private_question_on_any_page() {
    let site = Site::start().await;
    let app = &site.app;
    let (casey, parker, staff) = (app.customer().await, app.peer().await, app.staff().await);
    private_thread(&casey, &staff).await;
    // Something public, so that no page is empty for want of anything.
    ask(&parker, TITLE).await;
    eventually("the search knows the public one", async || app.visitor().get("/search?q=router").await.says(TITLE))
        .await;
    let (visitor, pages) = (app.visitor(), pages());
    assert!(pages.len() > 60 && pages.contains(&"/questions/1/history".to_owned()), "{pages:?}");
    for place in &pages {
        for (who, called) in [(&visitor, "a stranger"), (&*parker, "another member")] {
            let page = who.get(place).await;
            assert_eq!(gives_away(&page, place), None, "{place}, for {called}");
        }
    }
    for place in ["/questions/1", "/questions/1/quokka-invoice-shows-the-wrong-amount", "/questions/1/history"] {
        for (who, status) in [(&visitor, 404), (&*parker, 404), (&*casey, 200), (&*staff, 200)] {
            assert_eq!(who.get(place).await.status, status, "{place}");
        }
    }
    for place in ["/answers/1", "/comments/1", "/answers/1/history", "/comments/1/history"] {
        for (who, status) in [(&visitor, 404), (&*parker, 404), (&*casey, 200), (&*staff, 200)] {
            assert_eq!(who.get(place).await.status, status, "{place}");
        }
    }
    assert!(visitor.get("/search?q=quokka").await.body.find("/questions/1/").is_none());
    assert_eq!(visitor.get("/live/figures?thread=1").await.expect(200).body, "[]");
    // Its asker and staff read it where they look for it, with its mark.
    casey.get("/members/caseycustomer").await.expect(200).expect_text(SECRET);
    assert!(casey.get("/members/caseycustomer").await.body.contains("chip private"));
    staff.get("/desk/questions/1").await.expect(200).expect_text("Only the asker and the desk read it");
    let own = casey.get("/questions/1").await.expect(200);
    assert!(own.body.contains("noindex") && !own.body.contains("canonical") && !own.body.contains("og:title"));
    assert!(!own.body.contains("ld+json") && !own.body.contains("/votes"));
    let export = casey.get("/account/export").await.expect(200).json();
    assert_eq!(export["questions"][0]["not_shown_because"], "private");
    assert_eq!(export["comments"][0]["question"], SECRET);
}

#[tokio::test]
async fn nobody_but_its_asker_and_staff_writes_in_a_private_thread() {
    let app = TestApp::start().await;
    let (casey, parker, staff) = (app.customer().await, app.peer().await, app.staff().await);
    private_thread(&casey, &staff).await;
    let posts: [(&str, &[(&str, &str)]); 12] = [
        ("/questions/1/answers", &[("body", "Let me in.")]),
        ("/questions/1/comments", &[("body", "Let me in.")]),
        ("/questions/1/comments", &[("body", "Let me in."), ("answer_id", "1")]),
        ("/questions/1/edit", &[("title", TITLE), ("body", "Mine."), ("revision", "1")]),
        ("/questions/1/details", &[("topic", ""), ("tags", "mine")]),
        ("/questions/1/affected", &[("affected", "yes")]),
        ("/answers/1/edit", &[("body", "Mine."), ("revision", "1")]),
        ("/answers/1/accept", &[("accepted", "yes")]),
        ("/answers/1/helped", &[("helped", "yes")]),
        ("/comments/1/edit", &[("body", "Mine."), ("revision", "1")]),
        ("/votes", &[("post", "answer-1"), ("value", "1")]),
        ("/follow", &[("what", "question-1"), ("follow", "yes")]),
    ];
    for (place, fields) in posts {
        let refused = parker.post_form(place, fields).await;
        assert_eq!(refused.status, 404, "{place}");
        assert_eq!(gives_away(&refused, place), None, "{place}");
    }
    parker.post_form("/report/answer-1", &[("reason", "spam")]).await.expect(404);
    // Who may: an answer and a comment more, another title, what helped.
    casey
        .post_form("/answers/1/accept", &[("accepted", "yes")])
        .await
        .expect(200)
        .expect_text("Helped the person who asked");
    casey.post_form("/questions/1/answers", &[("body", "I solved it.")]).await.expect(200);
    staff.post_form("/questions/1/comments", &[("body", "Good."), ("answer_id", "2")]).await.expect(200);
    let edit = casey.get("/questions/1/edit").await.expect(200);
    edit.expect_text("The person who asked and our staff read this in the history.");
    assert!(!edit.says("Everybody reads"));
    casey
        .submit(&edit, "/questions/1/edit", &[("body", "It says 21 euros.")])
        .await
        .expect(200)
        .expect_text("21 euros");
    staff.post_form("/questions/1/title", &[("title", "The invoice of May is wrong")]).await.expect(200);
    casey.get("/questions/1/history").await.expect(200).expect_text("The invoice of May is wrong");
    // Nobody votes, vouches or has this too, where nobody else reads it.
    casey.post_form("/votes", &[("post", "answer-1"), ("value", "1")]).await.expect(404);
    staff.get("/desk/answers/1/verify").await.expect(404);
    // What is accepted there counts on no list of who helped most.
    assert!(!app.visitor().get("/people?period=all").await.expect(200).says("Sam Staff"));
}

#[tokio::test]
async fn only_asker_and_staff_are_told_of_a_private_thread() {
    let site = Site::start().await;
    let app = &site.app;
    insert_topic(app, "bills", "Bills").await;
    let (casey, parker, staff) = (app.customer().await, app.peer().await, app.staff().await);
    for who in [&parker, &staff] {
        who.post_form("/follow", &[("what", "topic-1"), ("follow", "yes")]).await.expect(200);
        who.post_form("/follow", &[("what", &format!("member-{}", casey.id)), ("follow", "yes")]).await.expect(200);
        confirm(app, who).await;
    }
    confirm(app, &casey).await;
    let form = casey.get("/ask?topic=bills").await.expect(200);
    let words = [("title", SECRET), ("body", "What would @parkerpeer say?"), ("private", "yes")];
    casey.submit(&form, "/ask", &words).await.expect(200);
    is_told(&staff, &format!("Casey Customer asked “{SECRET}”")).await;
    answer(&staff, "We sent you a wombat by mail, and told @parkerpeer nothing.").await;
    is_told(&casey, &format!("Sam Staff answered “{SECRET}”")).await;
    site.settle().await;
    assert_eq!(count(app, &format!("notice WHERE member_id = {}", parker.id)).await, 0);
    assert!(site.mails_to(&parker).is_empty());
    let mails = site.mails_to(&casey);
    assert!(mails.iter().any(|mail| mail.contains("wombat")), "{mails:?}");
    // The desk has it in its queue with its mark, and again when its asker goes on.
    staff.get("/desk").await.expect(200);
    casey.post_form("/questions/1/comments", &[("body", "The bilby arrived, too.")]).await.expect(200);
    let queue = staff.get("/desk").await.expect(200);
    assert!(queue.expect_text(SECRET).body.contains("chip private"), "{}", queue.body);
    is_told(&staff, "Casey Customer asked").await;
}

#[tokio::test]
async fn a_picture_in_a_private_question_is_sent_to_its_readers_alone() {
    let app = TestApp::start().await;
    let (casey, parker, staff) = (app.customer().await, app.peer().await, app.staff().await);
    let form = casey.get("/ask").await.expect(200);
    let filled = [("title", SECRET), ("body", "The numbat of the invoice:"), ("alt", "The invoice")];
    let file = picture(90, 60, ImageFormat::Png, 77);
    let mut with_box = form.clone();
    let seen = "<input type=\"hidden\" name=\"seen\"";
    let ticked = format!("<input type=\"hidden\" name=\"private\" value=\"yes\">{seen}");
    with_box.body = with_box.body.replace(seen, &ticked);
    let thread = casey.submit_files(&with_box, "/ask", &filled, &[("file_1", &file)]).await.expect(200);
    thread.expect_text("Only you and our staff read this question");
    let at = thread.body.find("/files/").unwrap();
    let place = thread.body[at..].split('"').next().unwrap().to_owned();
    for who in [&*casey, &*staff] {
        let sent = who.get(&place).await.expect(200);
        assert_eq!(sent.header("cache-control"), Some("private, no-store"));
    }
    for who in [&app.visitor(), &*parker] {
        who.get(&place).await.expect(404);
    }
    // Public, it is everybody's; private again, no more.
    for (readers, status) in [("everybody", 200), ("asker", 404)] {
        let fields = [("readers", readers), ("reason", "As you asked us to")];
        staff.post_form("/desk/questions/1/readers", &fields).await.expect(200);
        app.visitor().get(&place).await.expect(status);
    }
}

#[tokio::test]
async fn staff_make_a_question_public_or_private_with_a_reason_that_its_asker_reads() {
    let site = Site::start().await;
    let app = &site.app;
    let (casey, parker, staff) = (app.customer().await, app.peer().await, app.staff().await);
    private_thread(&casey, &staff).await;
    let page = staff.get("/desk/moderate/question-1").await.expect(200);
    page.expect_text("After this everybody does").expect_text("Make it public");
    let action = "/desk/questions/1/readers";
    let refused = staff.post_form(action, &[("readers", "everybody"), ("reason", " ")]).await.expect(422);
    refused.expect_text("The reason is missing");
    app.visitor().get("/questions/1").await.expect(404);
    parker.post_form(action, &[("readers", "everybody"), ("reason", "Let me")]).await.expect(403);
    casey.post_form(action, &[("readers", "everybody"), ("reason", "Let me")]).await.expect(403);
    let why = [("readers", "everybody"), ("reason", "You said that others may read it")];
    staff.post_form(action, &why).await.expect(200).expect_text("Make it private");
    app.visitor().get("/questions/1").await.expect(200).expect_text(SECRET).expect_text("wombat").expect_text("bilby");
    assert!(app.visitor().get("/newest").await.says(SECRET));
    for word in ["quokka", "wombat"] {
        let path = format!("/search?q={word}");
        eventually("it is found", async || app.visitor().get(&path).await.says(SECRET)).await;
    }
    is_told(&casey, "You said that others may read it")
        .await
        .expect_text(&format!("made your private question “{SECRET}” public"));
    let late = staff.post_form(action, &why).await.expect(200);
    assert!(late.path.ends_with("faster=1"), "{}", late.path);
    // Others wrote in it, and then it is private: nobody finds it, not even they.
    answer(&parker, "Have you looked at the second page?").await;
    let why = [("readers", "asker"), ("reason", "Your address stands in it")];
    staff.post_form(action, &why).await.expect(200).expect_text("Make it public");
    for who in [&app.visitor(), &*parker] {
        who.get("/questions/1").await.expect(404);
        who.get("/answers/2").await.expect(404);
        assert!(!who.get("/newest").await.says(SECRET) && !who.get("/members/parkerpeer").await.says(SECRET));
    }
    for word in ["quokka", "wombat", "second"] {
        let path = format!("/search?q={word}");
        eventually("it is not found", async || !app.visitor().get(&path).await.says(SECRET)).await;
    }
    is_told(&casey, "Your address stands in it").await;
    let admin = app.person("Ada Admin", answerwell::members::Role::Admin).await;
    let log = admin.get("/admin/audit").await.expect(200);
    log.expect_text("made private").expect_text("made public").expect_text("Your address stands in it");
    // Hidden and shown again, it stays private.
    staff.post_form("/desk/moderate/question-1", &[("act", "hide"), ("reason", "A look first")]).await.expect(200);
    casey.get("/questions/1").await.expect(200).expect_text("Our staff have hidden this question");
    app.visitor().get("/questions/1").await.expect(404);
    staff.post_form("/desk/moderate/question-1", &[("act", "restore")]).await.expect(200);
    app.visitor().get("/questions/1").await.expect(404);
    casey.get("/questions/1").await.expect(200).expect_text("Only you and our staff read this question");
}

#[tokio::test]
async fn what_everybody_knows_is_not_made_private_and_what_is_private_is_not_merged() {
    let app = TestApp::start().await;
    let (casey, parker, staff) = (app.customer().await, app.peer().await, app.staff().await);
    private_thread(&casey, &staff).await;
    ask(&parker, TITLE).await;
    let refused = staff.post_form("/desk/questions/1/merge", &[("into", "2")]).await.expect(422);
    refused.expect_text("One of the two is private");
    staff
        .post_form("/desk/questions/2/merge", &[("into", "1")])
        .await
        .expect(422)
        .expect_text("One of the two is private");
    staff.get("/desk/posts/answer-1/split").await.expect(404);
    app.visitor().get("/questions/1").await.expect(404);
    // Staff vouch for an answer in public: first that ends.
    casey.post_form("/questions/2/answers", &[("body", "Set the channel to 40.")]).await.expect(200);
    let form = staff.get("/desk/answers/2/verify").await.expect(200);
    staff.submit(&form, "/desk/answers/2/verify", &[("evidence", "Tried it"), ("product", "R7")]).await.expect(200);
    let why = [("readers", "asker"), ("reason", "It names a street")];
    let refused = staff.post_form("/desk/questions/2/readers", &why).await.expect(422);
    refused.expect_text("Withdraw the verification first");
    let kept = ("reason".to_owned(), "It names a street".to_owned());
    assert!(refused.form("/desk/questions/2/readers").contains(&kept), "{}", refused.body);
    app.visitor().get("/questions/2").await.expect(200);
}

#[tokio::test]
async fn the_box_survives_looks_and_steps_and_a_private_question_waits_for_no_review() {
    let app = TestApp::start().await;
    let topic = insert_topic(&app, "bills", "Bills").await;
    set_rules(&app, topic, Rules { hold_first: 1, ..Rules::default() }).await;
    let (casey, visitor) = (app.customer().await, app.visitor());
    let form = casey.get("/ask").await.expect(200);
    let box_is = |page: &Answer| page.form("/ask").contains(&("private".to_owned(), "yes".to_owned()));
    assert!(!box_is(&form), "nobody asks in private by accident");
    let fields = [("title", "Wrong"), ("body", "It says numbat."), ("private", "yes"), ("topic", "1")];
    let refused = casey.submit(&form, "/ask", &fields).await.expect(422);
    assert!(box_is(&refused));
    let look = visitor.post_form("/ask/preview", &fields).await.expect(200);
    assert!(box_is(&look));
    let request = visitor.request(Method::POST, "/ask").header("sec-fetch-site", "same-origin");
    let body = "title=Quokka+invoice+shows+nothing&body=A+numbat.&private=yes";
    let keep =
        visitor.send(request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body)).await.expect(401);
    assert!(keep.body.contains("private"), "it comes along to the sign-in");
    // In the topic whose first posts wait for staff: a public one waits, a private one is theirs to read anyway.
    let asked = casey.submit(&refused, "/ask", &[("title", SECRET)]).await.expect(200);
    assert!(asked.path.starts_with("/questions/1/"), "{}", asked.path);
    asked.expect_text("Only you and our staff read this question");
    let form = casey.get("/ask").await.expect(200);
    let public = [("title", TITLE), ("body", "Every evening."), ("topic", "1")];
    assert!(casey.submit(&form, "/ask", &public).await.expect(200).path.starts_with("/held/"));
}

#[tokio::test]
async fn the_desk_sees_on_the_customer_card_what_somebody_asked_in_private() {
    let app = TestApp::start().await;
    let (casey, parker, staff) = (app.customer().await, app.peer().await, app.staff().await);
    private_thread(&casey, &staff).await;
    ask(&casey, TITLE).await;
    let page = staff.get("/desk/questions/2").await.expect(200);
    let card = page.body.split("class=\"card customer\"").nth(1).and_then(|rest| rest.split("</details>").next());
    let card = card.expect("a card");
    assert!(card.contains(SECRET) && card.contains("/desk/questions/1") && card.contains("chip private"), "{card}");
    // Beside the private one the public one is listed, without the mark.
    let page = staff.get("/desk/questions/1").await.expect(200);
    let card = page.body.split("class=\"card customer\"").nth(1).and_then(|rest| rest.split("</details>").next());
    let card = card.expect("a card");
    assert!(card.contains(TITLE) && !card.contains("chip private"), "{card}");
    parker.get("/desk/questions/2").await.expect(403);
    assert_eq!(gives_away(&app.visitor().get("/members/caseycustomer").await.expect(200), ""), None);
}
