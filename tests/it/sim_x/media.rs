//! Pictures in both directions: uploaded at once or in parts, described, posted, shown, gone with their post.

use std::io::Cursor;
use std::time::Duration;

use answerwell::sim::x::With;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::json;

use super::{ACME, Reply, Stage, USER, answered};

const SHOWN: &str = "expansions=attachments.media_keys&media.fields=url,alt_text,type,width,height";

pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image::RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 90]))
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

impl Stage {
    async fn upload(&self, bytes: Vec<u8>, category: &str) -> Reply {
        let form = Form::new()
            .part("media", Part::bytes(bytes).file_name("p.png"))
            .text("media_category", category.to_owned());
        answered(self.request(Method::POST, "/2/media/upload", USER).multipart(form)).await
    }

    async fn describe(&self, id: &str, text: &str) -> Reply {
        let body = json!({"id": id, "metadata": {"alt_text": {"text": text}}});
        answered(self.request(Method::POST, "/2/media/metadata", USER).json(&body)).await
    }
}

fn id(reply: &Reply) -> String {
    reply.body["data"]["id"].as_str().unwrap_or_else(|| panic!("no id in {}", reply.body)).to_owned()
}

#[actix_web::test]
async fn a_picture_with_its_description_goes_out_with_a_post() {
    let stage = Stage::open().await;
    let bytes = png(60, 40);
    let uploaded = stage.upload(bytes.clone(), "tweet_image").await;
    assert_eq!((uploaded.status, uploaded.body["data"]["size"].as_u64()), (200, Some(bytes.len() as u64)));
    let picture = id(&uploaded);
    assert_eq!(stage.describe(&picture, "The reset button").await.status, 200);
    assert_eq!(stage.describe(&picture, &"x".repeat(1_001)).await.status, 400);
    let summons = stage.says("jo", "@acme where is the button?", None);
    let reply = json!({"in_reply_to_tweet_id": summons});
    let sent = stage.send(json!({"text": "Here:", "reply": reply, "media": {"media_ids": [picture]}})).await;
    assert_eq!(sent.status, 201, "{}", sent.body);

    let post =
        stage.get(&format!("/2/tweets/{}?tweet.fields=entities,display_text_range&{SHOWN}", id(&sent))).await.body;
    let text = post["data"]["text"].as_str().unwrap();
    assert!(text.starts_with("@jo Here: https://t.co/"), "{text}");
    assert_eq!(post["data"]["display_text_range"], json!([4, 9]));
    assert!(post["data"]["entities"]["urls"][0]["expanded_url"].as_str().unwrap().ends_with("/photo/1"));
    let key = &post["data"]["attachments"]["media_keys"][0];
    let shown = &post["includes"]["media"][0];
    assert_eq!(
        (key, &shown["alt_text"], &shown["width"]),
        (&shown["media_key"], &json!("The reset button"), &json!(60))
    );
    let url = shown["url"].as_str().unwrap();
    assert_eq!(stage.http.get(url).send().await.unwrap().bytes().await.unwrap(), bytes);
    assert_eq!(stage.twin.replies_to(&summons)[0].pictures[0].alt.as_deref(), Some("The reset button"));
    stage.twin.delete("acme", &id(&sent)).unwrap();
    assert_eq!(stage.http.get(url).send().await.unwrap().status(), 404, "it goes with its post");
}

#[actix_web::test]
async fn uploads_in_parts_are_worked_on() {
    let stage = Stage::open().await;
    stage.twin.set_processing(Duration::from_secs(4));
    let bytes = png(200, 200);
    let begin = json!({"media_category": "tweet_image", "media_type": "image/png", "total_bytes": bytes.len()});
    let begun = answered(stage.request(Method::POST, "/2/media/upload/initialize", USER).json(&begin)).await;
    let upload = id(&begun);
    let end = format!("/2/media/upload/{upload}/finalize");
    let (one, two) = bytes.split_at(bytes.len() / 2);
    let append = |number: u16, piece: &[u8]| {
        let form = Form::new().part("media", Part::bytes(piece.to_vec())).text("segment_index", number.to_string());
        stage.request(Method::POST, &format!("/2/media/upload/{upload}/append"), USER).multipart(form)
    };
    assert_eq!(answered(append(0, one)).await.status, 200);
    assert_eq!(answered(stage.request(Method::POST, &end, USER)).await.status, 400, "half is missing");
    let json = json!({"media": STANDARD.encode(two), "segment_index": 1});
    let path = format!("/2/media/upload/{upload}/append");
    assert_eq!(answered(stage.request(Method::POST, &path, USER).json(&json)).await.status, 200);
    let ended = answered(stage.request(Method::POST, &end, USER)).await;
    assert_eq!(ended.body["data"]["processing_info"]["state"], "pending", "{}", ended.body);
    let post = json!({"text": "soon", "media": {"media_ids": [upload]}});
    assert_eq!(stage.send(post.clone()).await.status, 400, "it is not finished");
    let status = format!("/2/media/upload?command=STATUS&media_id={upload}");
    for (seconds, state) in [(1, "in_progress"), (3, "succeeded")] {
        stage.clock.advance(Duration::from_secs(seconds));
        assert_eq!(stage.get(&status).await.body["data"]["processing_info"]["state"], state);
    }
    assert_eq!(stage.send(post).await.status, 201);
    assert_eq!(stage.reopen().unwrap().posts()[0].pictures.len(), 1);
}

#[actix_web::test]
async fn what_is_no_picture_or_not_ours_is_refused() {
    let stage = Stage::open().await;
    assert_eq!(stage.upload(b"<svg onload=alert(1)>".to_vec(), "tweet_image").await.status, 400);
    assert_eq!(stage.upload(png(3, 3), "poem").await.status, 400);
    let mut large = png(3, 3);
    large.resize((5 << 20) + 1, 0);
    assert_eq!(stage.upload(large, "tweet_image").await.status, 400);
    let garbled = stage.request(Method::POST, "/2/media/upload", USER);
    let garbled = garbled.header("content-type", "multipart/form-data; boundary=x").body("--y");
    assert_eq!(answered(garbled).await.status, 400);
    let jos = stage.twin.add_picture("jo", &png(3, 3), "").unwrap();
    assert_eq!(stage.send(json!({"text": "stolen", "media": {"media_ids": [jos]}})).await.status, 400);
    assert_eq!(stage.send(json!({"text": "none", "media": {"media_ids": []}})).await.status, 400);
    let own = id(&stage.upload(png(3, 3), "tweet_image").await);
    let five = json!({"text": "five", "media": {"media_ids": [own, own, own, own, own]}});
    assert_eq!(stage.send(five).await.status, 400);
    stage.clock.advance(Duration::from_secs(25 * 3600));
    assert_eq!(stage.send(json!({"text": "old", "media": {"media_ids": [own]}})).await.status, 400);
}

#[actix_web::test]
async fn a_customer_posts_a_picture_on_the_page() {
    let stage = Stage::open().await;
    let form = Form::new()
        .part("picture", Part::bytes(png(30, 30)).file_name("screen.png"))
        .text("alt", "A red light")
        .text("as", "jo")
        .text("text", "@acme what does this mean?");
    let sent = stage.http.post(format!("{}/posts", stage.base)).header("sec-fetch-site", "same-origin").multipart(form);
    assert_eq!(answered(sent).await.status, 303);
    let listed = stage.get(&format!("/2/users/{ACME}/mentions?{SHOWN}")).await.body;
    assert_eq!(listed["includes"]["media"][0]["alt_text"], "A red light");
    let page = answered(stage.http.get(format!("{}/", stage.base))).await;
    assert!(page.body.as_str().unwrap().contains("alt=\"A red light\""));
    let picture = stage.twin.add_picture("jo", &png(9, 9), "").unwrap();
    let only = stage.twin.post_with("jo", "", With { pictures: &[picture], ..With::default() }).unwrap();
    let post = stage.get(&format!("/2/tweets/{only}?{SHOWN}")).await.body;
    assert!(post["data"]["text"].as_str().unwrap().starts_with("https://t.co/"), "{post}");
    assert!(post["includes"]["media"][0].get("alt_text").is_none());
}
