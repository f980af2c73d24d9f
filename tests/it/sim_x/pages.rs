//! The pages: being any customer, answering by hand, and what a mirrored question links to.

use answerwell::clock::Millis;
use reqwest::header::LOCATION;

use super::{ACME, NOW, Reply, Stage, answered};

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
async fn anybody_can_post_and_answer_and_delete() {
    let stage = Stage::open().await;
    assert!(text(&stage.page("/").await).contains("Nobody has posted yet"));
    let posted = stage
        .submit("/posts", &[("as", "@new_one"), ("name", "New <One>"), ("text", "@acme my <b>router</b> & I")])
        .await;
    assert_eq!(posted.status, 303);
    let question = stage.twin.posts().pop().unwrap();
    let timeline = text(&stage.page("/").await).to_owned();
    assert!(timeline.contains("New &#60;One&#62;") && timeline.contains("my &#60;b&#62;router"), "{timeline}");
    assert!(timeline.contains("twin of X for trying out Answerwell"));

    let answer = [("as", "jo"), ("text", "same here"), ("in_reply_to", question.id.as_str())];
    assert_eq!(stage.submit("/posts", &answer).await.status, 303);
    let answer = stage.twin.replies_to(&question.id).pop().unwrap();
    let original = format!("/new_one/status/{}", question.id);
    assert!(text(&stage.page(&original).await).contains("same here"));
    let elsewhere = stage.page(&format!("/i/web/status/{}", question.id)).await;
    assert_eq!((elsewhere.status, elsewhere.headers[LOCATION].to_str().unwrap()), (303, original.as_str()));
    assert_eq!(stage.page(&format!("/jo/status/{}", question.id)).await.headers[LOCATION], original);

    assert_eq!(stage.submit(&format!("/posts/{}/delete", question.id), &[]).await.status, 303);
    assert_eq!(stage.page(&original).await.status, 404);
    let rest = stage.page(&format!("/jo/status/{}", answer.id)).await;
    assert!(rest.status == 200 && text(&rest).contains("deleted by its author"));
    assert_eq!((stage.page("/jo").await.status, stage.page("/nobody").await.status), (200, 404));
}

#[actix_web::test]
async fn what_was_typed_survives_a_refusal() {
    let stage = Stage::open().await;
    let long = "é".repeat(300);
    for (handle, typed, said) in [
        ("jo", long.as_str(), "weighs 300"),
        ("jo", " ", "needs a text"),
        ("no handle", "hello there", "letters, digits or underscores"),
        ("", "hello there", "letters, digits or underscores"),
    ] {
        let refused = stage.submit("/posts", &[("as", handle), ("text", typed)]).await;
        assert_eq!(refused.status, 422, "{said}");
        assert!(text(&refused).contains(said) && text(&refused).contains(typed), "{said}");
    }
    let twice = [("as", "jo"), ("text", "double click")];
    assert_eq!(stage.submit("/posts", &twice).await.status, 303);
    assert_eq!(stage.submit("/posts", &twice).await.status, 422);
    assert_eq!(stage.twin.posts().len(), 1);

    let foreign = stage.http.post(format!("{}/posts", stage.base)).header("sec-fetch-site", "cross-site").form(&twice);
    assert_eq!(answered(foreign).await.status, 403);
}

#[actix_web::test]
async fn staff_answer_by_hand_what_the_api_may_not() {
    let stage = Stage::open().await;
    let aside = stage.says("jo", "my acme router is slow", None);
    let page = stage.page(&format!("/intent/tweet?in_reply_to={aside}&text=Try%20%3Cb%3E")).await;
    assert!(text(&page).contains("my acme router is slow") && text(&page).contains("Try &#60;b&#62;"));
    let sent = stage.submit("/intent/tweet", &[("in_reply_to", aside.as_str()), ("text", "Try channel 11")]).await;
    assert_eq!(sent.status, 303);
    let reply = stage.twin.replies_to(&aside).pop().unwrap();
    assert_eq!((reply.handle.as_str(), reply.text.as_str()), ("acme", "@jo Try channel 11"));
    stage.twin.delete("jo", &aside).unwrap();
    let late = stage.submit("/intent/tweet", &[("in_reply_to", aside.as_str()), ("text", "Too late")]).await;
    assert!(late.status == 422 && text(&late).contains("deleted or was never there"));
}

#[actix_web::test]
async fn the_workshop_sets_faults_and_shows_what_happened() {
    let stage = Stage::open().await;
    let set = [("kind", "drop_after"), ("calls", "2"), ("method", "POST"), ("path", "/2/tweets"), ("seconds", "")];
    assert_eq!(stage.submit("/sim/faults", &set).await.status, 303);
    assert_eq!(stage.submit("/sim/lag", &[("seconds", "7")]).await.status, 303);
    stage.get(&format!("/2/users/{ACME}/mentions?max_results=5")).await;
    let page = stage.page("/sim").await;
    for shown in ["Accept, then drop the answer, 2 more POST /2/tweets", "value=\"7\"", "mentions?max_results=5"] {
        assert!(text(&page).contains(shown), "{shown}: {}", text(&page));
    }
    assert_eq!(stage.submit("/sim/faults/clear", &[]).await.status, 303);
    assert!(text(&stage.page("/sim").await).contains("No fault waits"));
}

#[actix_web::test]
async fn faces_are_pictures_of_the_twin_itself() {
    let stage = Stage::open().await;
    let user = stage.get("/2/users/by/username/jo?user.fields=profile_image_url,public_metrics").await.body;
    let url = user["data"]["profile_image_url"].as_str().unwrap();
    assert!(url.starts_with(&stage.base), "{url}");
    let bytes = stage.http.get(url).send().await.unwrap().bytes().await.unwrap();
    let picture = image::load_from_memory(&bytes).unwrap();
    assert_eq!(
        (picture.width(), picture.height(), user["data"]["public_metrics"]["followers_count"].as_u64()),
        (48, 48, Some(97))
    );
    assert_eq!(stage.page("/profile_images/5/photo_normal.png").await.status, 404);
}

#[actix_web::test]
async fn a_long_timeline_has_pages() {
    let stage = Stage::open().await;
    for n in 0..35 {
        stage.twin.post("jo", &format!("post number {n}."), None, Some(Millis(NOW.0 - 1000 * n))).unwrap();
    }
    let first = stage.page("/").await;
    assert!(text(&first).contains("post number 0.") && !text(&first).contains("post number 34."));
    assert!(text(&stage.page("/?page=1").await).contains("post number 34."));
    assert_eq!(stage.page("/?page=99999999999999999999").await.status, 400);
}
