//! Addresses of posts stay, whatever becomes of their threads.

use reqwest::Method;

use super::Scene;
use crate::support::{Answer, TestApp};
use crate::tools::{ask_here, desk_place};

async fn follow(app: &TestApp, path: &str) -> Answer {
    let visitor = app.visitor();
    visitor.send(visitor.request(Method::GET, path)).await
}

#[tokio::test]
async fn an_answer_and_a_comment_are_found_after_a_merge_and_a_split() {
    let scene = Scene::set().await;
    let Scene { app, customer, peer, staff } = &scene;
    customer.post_form("/questions/1/comments", &[("body", "Which one?"), ("answer_id", "1")]).await.expect(200);
    let home = "/questions/1/my-router-drops-the-wi-fi-every-evening";
    for (path, anchor) in [("/answers/1", "answer-1"), ("/comments/1", "comment-1")] {
        let led = follow(app, path).await;
        assert_eq!((led.status, led.header("cache-control")), (301, Some("no-cache")), "{path}");
        assert_eq!(led.location(), Some(format!("{home}#{anchor}").as_str()), "{path}");
    }
    let main = ask_here(peer, "Zephyrquill network goes away at night").await;
    let page = staff.get(&desk_place(1)).await.expect(200);
    let merge = format!("{}/merge", desk_place(1));
    staff.submit(&page, &merge, &[("into", &main.to_string())]).await.expect(200);
    let merged = format!("/questions/{main}/zephyrquill-network-goes-away-at-night");
    for (path, anchor) in [("/answers/1", "answer-1"), ("/comments/1", "comment-1"), ("/questions/1", "question-1")] {
        let led = follow(app, path).await;
        assert_eq!((led.status, led.location()), (301, Some(format!("{merged}#{anchor}").as_str())), "{path}");
        assert!(app.visitor().get(path).await.expect(200).body.contains(&format!("id=\"{anchor}\"")), "{path}");
    }
    let page = staff.get(&desk_place(main)).await;
    staff.submit(&page, &format!("{}/unmerge", desk_place(1)), &[]).await.expect(200);

    let form = staff.get("/desk/posts/answer-2/split").await.expect(200);
    staff.submit(&form, "/desk/posts/answer-2/split", &[("title", "How do I update an AC-200?")]).await.expect(200);
    let led = follow(app, "/answers/2").await;
    assert!(led.location().is_some_and(|place| place.ends_with("/how-do-i-update-an-ac-200")), "{:?}", led.location());
    staff.post_form("/desk/moderate/answer-1", &[("act", "hide"), ("reason", "Wrong.")]).await.expect(200);
    for gone in ["/answers/1", "/comments/1", "/answers/99", "/comments/99"] {
        assert_eq!(follow(app, gone).await.status, 404, "{gone}");
    }
}
