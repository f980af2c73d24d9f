//! Pictures that come with posts: seen in the thread, served by us, described as their authors describe them, and gone
//! with their posts. Whatever a host of pictures answers, a thread stays whole.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use answerwell::bridge::Mode;
use answerwell::clock::Clock;
use answerwell::config::XPlace;
use answerwell::sim::x::{Fault, FaultKind, With};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};

use super::hook::{MARA, US, send, tell_deleted};
use crate::support::{Answer, TestLoop, Visitor, eventually};

const LIGHT: &str = "The router's red light, blinking";

fn png(width: u32, height: u32, shade: u8) -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let image = RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, shade]));
    DynamicImage::ImageRgb8(image).write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

/// A post on the twin that mentions us, with these pictures: shade and description.
fn posts(ends: &TestLoop, text: &str, pictures: &[(u8, &str)]) -> String {
    ends.twin.user("mara_w", "Mara", 12).unwrap();
    let added =
        pictures.iter().map(|(shade, alt)| ends.twin.add_picture("mara_w", &png(120, 60, *shade), alt).unwrap());
    let pictures: Vec<String> = added.collect();
    ends.twin.post_with("mara_w", text, With { pictures: &pictures, ..With::default() }).unwrap()
}

/// The paths of our pictures on a page, each with its `alt`.
fn pictures(page: &Answer) -> Vec<(String, String)> {
    let images = page.body.split("<img ").skip(1).map(|tag| tag.split('>').next().unwrap());
    let value = |tag: &str, name: &str| {
        let value = tag.split(&format!("{name}=\"")).nth(1)?.split('"').next()?;
        Some(value.replace("&#39;", "'").replace("&#38;", "&"))
    };
    let ours = images.filter(|tag| tag.contains(".jpg\""));
    ours.map(|tag| {
        assert!(value(tag, "width").is_some() && value(tag, "height").is_some() && tag.contains("loading=\"lazy\""));
        (value(tag, "src").unwrap(), value(tag, "alt").unwrap())
    })
    .collect()
}

/// The page, once it shows so many pictures.
async fn shown(visitor: &Visitor, path: &str, many: usize) -> (Answer, Vec<(String, String)>) {
    eventually(&format!("{path} shows {many} pictures"), async || {
        let page = visitor.get(path).await;
        page.status == 200 && pictures(&page).len() == many
    })
    .await;
    let page = visitor.get(path).await;
    let pictures = pictures(&page);
    (page, pictures)
}

async fn thread_of(ends: &TestLoop, post: &str) -> String {
    format!("/questions/{}", ends.waiting_for(post).await.question_id)
}

#[tokio::test]
async fn a_picture_stands_in_the_thread_with_its_description_and_goes_with_its_post() {
    let ends = TestLoop::start().await;
    let visitor = ends.visitor();
    let post = posts(&ends, "@acme what does this mean?", &[(10, LIGHT), (20, "")]);
    let thread = thread_of(&ends, &post).await;
    let (page, found) = shown(&visitor, &thread, 2).await;
    assert_eq!(found[0].1, LIGHT);
    assert_eq!(found[1].1, "Picture in @mara_w's post, without a description");
    page.expect_text("What does this mean?");
    assert!(
        !page.says("t.co/") && !page.says("photo/1"),
        "the link that stands for the picture is gone: {}",
        page.text()
    );
    assert!(
        !page.body.contains(&format!("{}/media/", ends.twin_address)),
        "nothing is shown from the network's address"
    );

    let picture = visitor.get(&found[0].0).await.expect(200);
    assert_eq!(picture.header("content-type"), Some("image/jpeg"));
    assert_eq!(picture.header("cache-control"), Some("public, no-cache"));
    let tag = picture.header("etag").unwrap().to_owned();
    let again = visitor.request(reqwest::Method::GET, &found[0].0).header("if-none-match", tag);
    visitor.send(again).await.expect(304);
    // What the picture shows is found as the words are.
    eventually("the description is found", async || {
        visitor.get("/search?q=blinking").await.says("What does this mean")
    })
    .await;

    tell_deleted(&ends, &post).await;
    eventually("the thread is gone", async || visitor.get(&thread).await.status == 410).await;
    for (path, _) in &found {
        visitor.get(path).await.expect(404);
        ends.staff().await.get(path).await.expect(404);
    }
}

#[tokio::test]
async fn the_poller_brings_pictures_too_also_of_replies() {
    let clock = Clock::fixed(Clock::Real.now());
    let ends = TestLoop::start_on(clock.clone(), |config| config.bridge.poll_every = Duration::from_secs(60)).await;
    let visitor = ends.visitor();
    ends.twin.set_fault(Fault::new(FaultKind::WebhookOff, 2));
    let post = posts(&ends, "@acme what does this mean?", &[(10, LIGHT)]);
    let added = ends.twin.add_picture("mara_w", &png(40, 40, 50), "Now it is green").unwrap();
    let with = With { in_reply_to: Some(&post), pictures: &[added], ..With::default() };
    ends.twin.post_with("mara_w", "@acme and since a minute this", with).unwrap();
    clock.advance(Duration::from_secs(60));
    eventually("the poller read it", async || visitor.get("/newest").await.says("What does this mean")).await;
    let (_, found) = shown(&visitor, "/questions/1", 2).await;
    assert_eq!(found.iter().map(|(_, alt)| alt.as_str()).collect::<Vec<_>>(), [LIGHT, "Now it is green"]);
}

#[tokio::test]
async fn a_picture_of_a_held_post_is_seen_by_staff_alone() {
    let ends = TestLoop::start_connected(|_| {}, |access| access.mode = Mode::Hold).await;
    let (visitor, staff) = (ends.visitor(), ends.staff().await);
    let post = posts(&ends, "@acme what does this mean?", &[(10, LIGHT)]);
    let (list, found) = shown(&staff, "/desk/held", 1).await;
    let picture = &found[0].0;
    visitor.get(picture).await.expect(404);
    assert_eq!(staff.get(picture).await.expect(200).header("cache-control"), Some("private, no-cache"));
    // The other address of a picture, under which only portraits lie.
    staff.get(&picture.replace(".jpg", ".png")).await.expect(404);
    let form = |list: &Answer| {
        let at = list.body.find("/desk/held/").expect("a form");
        list.body[at..].split('"').next().unwrap().to_owned()
    };
    staff.submit(&list, &form(&list), &[("act", "publish")]).await.expect(200);
    visitor.get(picture).await.expect(200);
    let thread = thread_of(&ends, &post).await;
    shown(&visitor, &thread, 1).await;

    // Edited, it waits again, and is not shown until staff have seen it; refused, it is nobody's any more.
    ends.twin.edit("mara_w", &post, "@acme what on earth does this mean?").unwrap();
    let (list, _) = shown(&staff, "/desk/held", 1).await;
    visitor.get(picture).await.expect(404);
    assert!(pictures(&visitor.get(&thread).await.expect(200)).is_empty());
    staff.submit(&list, &form(&list), &[("act", "refuse")]).await.expect(200);
    staff.get(picture).await.expect(404);
}

/// A host of pictures that behaves as its paths say, and remembers what it was asked for.
#[derive(Clone)]
struct Host {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Host {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let host = Self { address, asked: Arc::default() };
        let serving = host.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let host = serving.clone();
                std::thread::spawn(move || host.answer(stream));
            }
        });
        host
    }

    fn answer(&self, mut stream: TcpStream) {
        let mut request = [0; 4096];
        let read = stream.read(&mut request).unwrap_or(0);
        let request = String::from_utf8_lossy(&request[..read]).into_owned();
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        self.asked.lock().unwrap().push(path.clone());
        // One request a connection, and said so: a caller that takes a closing connection for one it may use again
        // fails, and asks the next time a minute later.
        let with = |status: &str, header: &str, body: &[u8]| {
            let length = body.len();
            let head =
                format!("HTTP/1.1 {status}\r\nconnection: close\r\n{header}\r\ncontent-length: {length}\r\n\r\n");
            [head.as_bytes(), body].concat()
        };
        let whole = |kind: &str, body: &[u8]| with("200 OK", &format!("content-type: {kind}"), body);
        let answer = match path.as_str() {
            "/red.png" => whole("image/png", &png(120, 60, 10)),
            "/green.png" => whole("image/png", &png(60, 120, 90)),
            "/huge.jpg" => whole("image/jpeg", &vec![0xff; 16 * 1024 * 1024]),
            "/page.jpg" => whole("image/jpeg", b"<html><script>alert(1)</script>"),
            "/drawing.jpg" => whole("image/jpeg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
            "/half.png" => whole("image/png", &png(120, 60, 10)[..400]),
            "/away.jpg" => with("302 Found", "location: http://127.0.0.1:9/x", b""),
            "/inside.jpg" => with("302 Found", "location: https://169.254.169.254/x", b""),
            "/drip.jpg" => {
                let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n");
                while stream.write_all(b"x").is_ok() {
                    std::thread::park_timeout(Duration::from_millis(100));
                }
                return;
            }
            _ => with("404 Not Found", "content-type: application/json", b"{}"),
        };
        let _gone = stream.write_all(&answer);
    }

    fn was_asked(&self, path: &str) -> bool {
        self.asked.lock().unwrap().iter().any(|asked| asked == path)
    }

    /// A forum that takes this for the network, and so may fetch from it.
    async fn forum(&self) -> TestLoop {
        let address = self.address.clone();
        TestLoop::start_with(move |config| {
            config.x = XPlace::twin(&address);
            config.bridge.send_timeout = Duration::from_secs(2);
        })
        .await
    }

    fn media(&self, kind: &str, path: &str, alt: &str) -> Value {
        let place = if kind == "photo" { "url" } else { "preview_image_url" };
        let number = path.bytes().fold(7_u64, |sum, byte| sum * 31 % 1_000_003 + u64::from(byte));
        json!({
            "media_key": format!("{}_{number}", if kind == "photo" { 3 } else { 7 }), "type": kind,
            place: format!("{}{path}", self.address), "alt_text": alt,
        })
    }
}

/// Tells the app of a version of a post with pictures that mentions us.
async fn tell(ends: &TestLoop, versions: &[&str], text: &str, media: &[Value]) {
    let id = versions.last().unwrap();
    let keys: Vec<&Value> = media.iter().map(|one| &one["media_key"]).collect();
    let link = format!("https://x.com/{}/status/{id}/photo/1", MARA.1);
    let post = json!({
        "id": id, "text": format!("{text} https://t.co/pic"), "author_id": MARA.0, "conversation_id": versions[0],
        "edit_history_tweet_ids": versions, "attachments": { "media_keys": keys },
        "entities": { "urls": [{ "url": "https://t.co/pic", "expanded_url": link, "media_key": keys[0] }] },
    });
    let includes = json!({ "users": [{ "id": MARA.0, "username": MARA.1, "name": MARA.1 }], "media": media });
    let filter = json!({ "user_id": US });
    let data = json!({ "event_type": "post.mention.create", "filter": filter, "payload": post, "includes": includes });
    send(ends, &json!({ "data": data })).await;
}

const FIRST: &str = "2080765813578191303";
const SECOND: &str = "2080765813578191400";
const THIRD: &str = "2080765813578191500";

#[tokio::test]
async fn an_edit_changes_the_pictures_with_the_words() {
    let host = Host::open();
    let ends = host.forum().await;
    let visitor = ends.visitor();
    let red = host.media("photo", "/red.png", "Call me on 555-123-4567 & see");
    tell(&ends, &[FIRST], "@acme what does this mean?", std::slice::from_ref(&red)).await;
    let (_, first) = shown(&visitor, "/questions/1", 1).await;
    assert_eq!(first[0].1, "Call me on [phone number removed] & see", "masked as the words are");

    let (red, green) = (host.media("photo", "/red.png", LIGHT), host.media("photo", "/green.png", "Now green"));
    tell(&ends, &[FIRST, SECOND], "@acme what does this mean?", &[green.clone(), red]).await;
    let (_, second) = shown(&visitor, "/questions/1", 2).await;
    let alts: Vec<&str> = second.iter().map(|(_, alt)| alt.as_str()).collect();
    assert_eq!(alts, ["Now green", LIGHT], "in their author's order, the same words or not");
    assert_eq!(second[1].0, first[0].0, "what stays is not fetched twice");

    tell(&ends, &[FIRST, SECOND, THIRD], "@acme what does green mean?", &[green]).await;
    let (page, _) = shown(&visitor, "/questions/1", 1).await;
    page.expect_text("What does green mean?");
    visitor.get(&first[0].0).await.expect(404);
    let green = second[0].0.clone();
    visitor.get(&green).await.expect(200);

    // The same picture in somebody else's post stays when the first one goes.
    let other = host.media("photo", "/green.png", "Mine, too");
    tell(&ends, &["2080765813578191600"], "@acme my bill shows the same", &[other]).await;
    let (_, mine) = shown(&visitor, "/questions/2", 1).await;
    assert_eq!(mine[0], (green.clone(), "Mine, too".to_owned()));
    tell_deleted(&ends, THIRD).await;
    eventually("the thread is gone", async || visitor.get("/questions/1").await.status == 410).await;
    visitor.get(&green).await.expect(200);
    tell_deleted(&ends, "2080765813578191600").await;
    eventually("the picture is gone", async || visitor.get(&green).await.status == 404).await;
}

#[tokio::test]
async fn whatever_a_host_answers_the_thread_says_where_its_pictures_are() {
    let host = Host::open();
    let ends = host.forum().await;
    let visitor = ends.visitor();
    let photos = |paths: &[&str]| paths.iter().map(|path| host.media("photo", path, "x")).collect::<Vec<_>>();
    let told = [
        (FIRST, "@acme this is one of them", photos(&["/huge.jpg", "/page.jpg", "/drawing.jpg", "/half.png"])),
        (SECOND, "@acme this is two of them", photos(&["/away.jpg", "/inside.jpg", "/drip.jpg", "/gone.jpg"])),
        (THIRD, "@acme this is all of them", {
            let inward = json!({ "media_key": "3_55", "type": "photo", "url": "https://127.0.0.1:1/x.jpg" });
            vec![host.media("photo", "/red.png", LIGHT), host.media("video", "/green.png", ""), inward]
        }),
    ];
    for (id, text, media) in &told {
        tell(&ends, &[id], text, media).await;
    }
    // The third is shown, whatever the hosts of the others are at.
    eventually("the third is here", async || visitor.get("/newest").await.says("This is all of them")).await;
    let list = visitor.get("/newest").await;
    let place = |words: &str| {
        let link = list.links().into_iter().find(|link| link.starts_with("/questions/") && link.contains(words));
        link.unwrap_or_else(|| panic!("{words}: {}", list.text()))
    };
    let (page, found) = shown(&visitor, &place("all-of-them"), 2).await;
    assert_eq!(found[0].1, LIGHT);
    assert_eq!(found[1].1, "Still of a video in @mara_w's post, without a description");
    page.expect_text("Watch the video on X").expect_text("1 picture on X");
    let links = page.links().into_iter().filter(|link| link.ends_with(&format!("/mara_w/status/{THIRD}"))).count();
    assert!(links >= 3, "the still, the missing picture and the post lead to the original: {:?}", page.links());

    eventually("each was asked for", async || {
        told.iter().flat_map(|(_, _, media)| media).all(|one| {
            let path = one["url"].as_str().or(one["preview_image_url"].as_str()).unwrap().strip_prefix(&host.address);
            path.is_none_or(|path| host.was_asked(path))
        })
    })
    .await;
    for (words, missing) in [("one-of-them", "4 pictures on X"), ("two-of-them", "4 pictures on X")] {
        let page = visitor.get(&place(words)).await.expect(200);
        page.expect_text(missing);
        assert!(pictures(&page).is_empty());
    }
    visitor.get(&format!("/pictures/{}.jpg", "0".repeat(64))).await.expect(404);
    visitor.get("/pictures/..%2f..%2fetc.jpg").await.expect(404);
}
