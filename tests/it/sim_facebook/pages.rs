//! The pages: being any customer, a colleague at the page, both sides of Messenger, and the workshop.

use reqwest::header::LOCATION;
use reqwest::multipart::{Form, Part};

use super::{Reply, Stage, answered, png};

impl Stage {
    async fn page(&self, path: &str) -> Reply {
        answered(self.http.get(format!("{}{path}", self.base)).header("accept", "text/html")).await
    }

    async fn submit(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        let request = self.http.post(format!("{}{path}", self.base)).header("accept", "text/html");
        answered(request.header("sec-fetch-site", "same-origin").form(form)).await
    }
}

fn text(reply: &Reply) -> &str {
    reply.body.as_str().unwrap_or_default()
}

#[actix_web::test]
async fn anybody_can_post_comment_edit_and_remove() {
    let stage = Stage::open().await;
    assert!(text(&stage.page("/").await).contains("Nobody has posted yet"));
    let posted = stage.submit("/write", &[("as", "acme"), ("wall", "acme"), ("text", "A <b>new</b> release")]).await;
    assert_eq!(posted.status, 303, "{}", posted.body);
    let post = stage.twin.posts().pop().unwrap();
    let comment = [("as", "@new.one"), ("name", "New <One>"), ("on", post.id.as_str()), ("text", "my router & I")];
    let written = stage.submit("/write", &comment).await;
    assert_eq!(written.status, 303, "{}", written.body);
    let question = stage.twin.comments().pop().unwrap();
    assert_eq!((question.handle.as_str(), question.text.as_str()), ("new.one", "my router & I"));
    let wall = text(&stage.page("/").await).to_owned();
    for shown in ["A &#60;b&#62;new&#60;/b&#62; release", "New &#60;One&#62;", "my router &#38; I", "twin of Facebook"]
    {
        assert!(wall.contains(shown), "{shown}: {wall}");
    }
    let place = written.headers[LOCATION].to_str().unwrap().to_owned();
    let thread = stage.page(place.split('#').next().unwrap()).await;
    assert!(thread.status == 200 && text(&thread).contains("my router"));

    let found = stage.get(&format!("/{}?fields=permalink_url", question.id)).await.body;
    let address = found["permalink_url"].as_str().unwrap().strip_prefix(&stage.base).unwrap().to_owned();
    let pointed = stage.page(&address).await;
    assert!(text(&pointed).contains("post depth-1 pointed"), "{}", text(&pointed));

    let item = format!("/items/{}", question.id);
    assert_eq!(stage.submit(&format!("{item}/edit"), &[("text", "my router and I")]).await.status, 303);
    assert_eq!(stage.submit(&format!("{item}/hide"), &[("hidden", "true")]).await.status, 303);
    let after = stage.twin.comments().pop().unwrap();
    assert!(after.hidden && after.edited && after.text == "my router and I");
    assert_eq!(stage.submit(&format!("{item}/delete"), &[("as", "acme")]).await.status, 303);
    assert!(text(&stage.page(&address).await).contains("This comment was removed."));
    assert_eq!(stage.submit(&format!("/items/{}/delete", post.id), &[]).await.headers[LOCATION], "/");
    assert_eq!(stage.page(&address).await.status, 404);
    assert_eq!(stage.page("/nobody").await.status, 404);
}

#[actix_web::test]
async fn what_was_typed_survives_a_refusal() {
    let stage = Stage::open().await;
    let post = stage.page_post("A new release");
    let long = "é".repeat(8_001);
    for (handle, typed, said) in [
        ("jo", long.as_str(), "has 8001 characters"),
        ("jo", " ", "needs a text"),
        ("no handle", "hello there", "letters, digits, points or underscores"),
        ("", "hello there", "letters, digits, points or underscores"),
    ] {
        let refused = stage.submit("/write", &[("as", handle), ("on", &post), ("text", typed)]).await;
        assert_eq!(refused.status, 422, "{said}");
        assert!(text(&refused).contains(said) && text(&refused).contains(typed), "{said}");
    }
    assert!(stage.twin.comments().is_empty());
    let foreign = stage.http.post(format!("{}/write", stage.base)).header("sec-fetch-site", "cross-site");
    assert_eq!(answered(foreign.form(&[("as", "jo"), ("on", &post), ("text", "x")])).await.status, 403);
}

#[actix_web::test]
async fn a_picture_comes_with_a_comment_and_goes_with_it() {
    let stage = Stage::open().await;
    let post = stage.page_post("A new release");
    let form = Form::new().text("as", "jo").text("on", post.clone()).text("text", "");
    let form = form.part("picture", Part::bytes(png(12, 8)).file_name("light.png"));
    let sent = stage.http.post(format!("{}/write", stage.base)).multipart(form);
    assert_eq!(answered(sent).await.status, 303);
    let comment = stage.twin.comments().pop().unwrap();
    let wall = text(&stage.page("/").await).to_owned();
    let src = wall.split("src=\"").find(|part| part.starts_with("/media/")).unwrap().split('"').next().unwrap();
    let picture = stage.http.get(format!("{}{src}", stage.base)).send().await.unwrap();
    assert_eq!(picture.bytes().await.unwrap(), png(12, 8));
    stage.twin.delete("jo", &comment.id).unwrap();
    assert_eq!(stage.page(src).await.status, 404);
    let form = Form::new().text("as", "jo").text("on", post).part("picture", Part::bytes(b"no picture".to_vec()));
    let sent = answered(stage.http.post(format!("{}/write", stage.base)).multipart(form)).await;
    assert!(sent.status == 422 && text(&sent).contains("must be a JPEG"), "{}", sent.body);
}

#[actix_web::test]
async fn both_sides_of_messenger_can_be_played() {
    let stage = Stage::open().await;
    let sent = stage.submit("/messages", &[("with", "jo"), ("side", "page"), ("text", "Buy this!")]).await;
    assert!(sent.status == 422 && text(&sent).contains("within 24 hours") && text(&sent).contains("Buy this!"));
    assert_eq!(stage.submit("/messages", &[("with", "jo"), ("text", "order <42>")]).await.status, 303);
    assert_eq!(stage.submit("/messages", &[("with", "jo"), ("side", "page"), ("text", "On it")]).await.status, 303);
    let page = text(&stage.page("/messages?with=jo").await).to_owned();
    for shown in ["order &#60;42&#62;", "On it", "The page may answer until 25 Jul 2026", "Jo Miller and Acme"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let first = stage.twin.messages("jo").remove(0);
    let edit = format!("/messages/{}/edit", first.id);
    assert_eq!(stage.submit(&edit, &[("with", "jo"), ("text", "order 43")]).await.status, 303);
    let unsend = format!("/messages/{}/unsend", first.id);
    assert_eq!(stage.submit(&unsend, &[("with", "jo")]).await.status, 303);
    assert_eq!(stage.twin.messages("jo").len(), 1);
}

#[actix_web::test]
async fn the_workshop_and_the_profiles_steer_the_twin() {
    let stage = Stage::open().await;
    let set = [("kind", "graph_error"), ("calls", "2"), ("method", "POST"), ("path", "/comments"), ("code", "368")];
    assert_eq!(stage.submit("/sim/faults", &set).await.status, 303);
    assert_eq!(stage.submit("/sim/lag", &[("seconds", "7")]).await.status, 303);
    stage.get("/me?fields=name").await;
    let page = stage.page("/sim").await;
    for shown in ["by its code 368, 2 more POST /comments", "value=\"7\"", "GET /v25.0/me", "Nobody has registered"] {
        assert!(text(&page).contains(shown), "{shown}: {}", text(&page));
    }
    let receiver = super::webhooks::Receiver::default();
    let url = receiver.listen();
    let wrong = stage.submit("/sim/webhook", &[("url", &url), ("verify_token", "wrong")]).await;
    assert!(wrong.status == 422 && text(&wrong).contains("HTTP Status Code = 403"), "{}", wrong.body);
    assert_eq!(stage.submit("/sim/webhook", &[("url", &url), ("verify_token", "word")]).await.status, 303);
    assert!(text(&stage.page("/sim").await).contains(&url));
    assert_eq!(stage.submit("/sim/access", &[]).await.status, 303);
    let post = stage.page_post("A new release");
    stage.says("jo", &post, "unheard");
    let unheard = stage.get(&format!("/{post}/comments")).await.body;
    assert_eq!(unheard["data"].as_array().unwrap().len(), 0, "no advanced access any more");

    let role = [("as", "jo"), ("MODERATE", "1"), ("MESSAGING", "1")];
    assert_eq!(stage.submit("/people/acme/roles", &role).await.status, 303);
    assert!(text(&stage.page("/acme").await).contains("MESSAGING, MODERATE"));
    assert!(text(&stage.page("/jo").await).contains("Works for"));
    assert_eq!(stage.submit("/people/acme/roles", &[("as", "jo"), ("take", "1")]).await.status, 303);
    assert!(!text(&stage.page("/jo").await).contains("Works for"));
    assert_eq!(stage.submit("/people/jo/traits", &[("closed", "1")]).await.status, 303);
    assert_eq!(stage.submit("/settings/apps/olga/end", &[("how", "460")]).await.status, 303);
    assert_eq!(stage.get("/me").await.code(), (190, Some(460)));
}
