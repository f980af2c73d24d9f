//! Uploaded pictures: taken in within limits, written anew, served under a name that says what they are, and gone when
//! nobody uses them.

use std::path::Path;

use answerwell::files::{self, Place, sweep};
use answerwell::pictures::PictureName;
use answerwell::questions::{self, QuestionId};
use image::ImageFormat;
use reqwest::Method;
use reqwest::multipart::{Form, Part};

use super::picture;
use crate::forum::TITLE;
use crate::support::{Answer, Person, TestApp, Visitor};

/// Uploads as the page's script does.
async fn upload(person: &Visitor, file: &[u8]) -> Answer {
    let form = Form::new().part("file", Part::bytes(file.to_vec()).file_name("picture.png"));
    let request = person.request(Method::POST, "/files").header("sec-fetch-site", "same-origin");
    person.send(request.header("accept", "application/json").multipart(form)).await
}

async fn uploaded(person: &Person, file: &[u8]) -> String {
    upload(person, file).await.expect(200).json()["place"].as_str().unwrap().to_owned()
}

/// How many files lie under a folder.
fn count_files(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.map(|entry| entry.unwrap().path()).map(|path| if path.is_dir() { count_files(&path) } else { 1 }).sum()
}

/// Exif with the orientation "upside down" and a remark.
fn with_exif(jpeg: &[u8]) -> Vec<u8> {
    let exif = b"\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x03\x00\x00\x00\x00\x00\x00";
    let remark = b"\xff\xfe\x00\x0bsecret-at";
    [&jpeg[..2], exif, remark, &jpeg[2..]].concat()
}

#[tokio::test]
async fn a_picture_is_written_anew_and_served_to_everybody_for_good() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    let file = with_exif(&picture(900, 700, ImageFormat::Jpeg, 200));
    let told = upload(&customer, &file).await.expect(200).json();
    assert_eq!((told["width"].as_u64(), told["height"].as_u64()), (Some(694), Some(540)));
    // Until it is posted it is its writer's alone, and no cache keeps it.
    let place = told["place"].as_str().unwrap();
    app.visitor().get(place).await.expect(404);
    let own = customer.get(place).await.expect(200);
    assert_eq!(own.header("cache-control"), Some("private, no-store"));
    let body = format!("It looks like this: ![The light is red]({place})");
    customer.post_form("/ask", &[("title", TITLE), ("body", &body)]).await.expect(200);
    for (place, size) in [(&told["place"], (900, 700)), (&told["shown"], (694, 540))] {
        let served = app.visitor().get(place.as_str().unwrap()).await.expect(200);
        assert_eq!(served.header("content-type"), Some("image/jpeg"));
        assert_eq!(served.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(served.header("cache-control"), Some("public, max-age=31536000, immutable"));
        let read = image::load_from_memory(&served.bytes).unwrap();
        assert_eq!((read.width(), read.height()), size);
        for hidden in [&b"Exif"[..], b"secret-at"] {
            assert!(!served.bytes.windows(hidden.len()).any(|bytes| bytes == hidden));
        }
    }
    // The same file is the same picture; a small one needs no smaller one.
    assert_eq!(upload(&customer, &file).await.expect(200).json(), told);
    let small = upload(&customer, &picture(40, 30, ImageFormat::Png, 3)).await.expect(200).json();
    assert_eq!(small["place"], small["shown"]);
    assert_eq!(count_files(&app.folder().join("files")), 3);
    for nowhere in ["/files/x.png", "/files/..%2Fsecret.key", "/files/0123456789abcdef0123456789abcdef-4x3.png"] {
        app.visitor().get(nowhere).await.expect(404);
    }
}

#[tokio::test]
async fn what_is_no_honest_picture_is_refused_with_a_reason() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    let png = picture(60, 40, ImageFormat::Png, 7);
    let gif = picture(60, 40, ImageFormat::Gif, 7);
    let jpeg = picture(400, 300, ImageFormat::Jpeg, 7);
    let mut bomb = gif.clone();
    bomb[6..10].copy_from_slice(&[0xff; 4]);
    let polyglot = b"GIF89a/*<svg onload=alert(1)>*/=1;".to_vec();
    let kinds = "cannot be read. Choose a whole PNG, JPEG, WebP or GIF";
    for (name, file, says) in [
        ("an animation of a vast size", bomb, kinds),
        ("an SVG", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(), kinds),
        ("a script that begins as a GIF", polyglot, kinds),
        ("a torn PNG", png[..png.len() / 2].to_vec(), kinds),
        ("a torn JPEG", jpeg[..jpeg.len() / 2].to_vec(), kinds),
        ("a text", b"Dear diary".to_vec(), kinds),
        ("more than 10 MB", vec![7; 10 * 1024 * 1024 + 1], "is larger than 10 MB"),
    ] {
        let refused = upload(&customer, &file).await;
        assert_eq!(refused.status, 422, "{name}");
        assert!(refused.json()["problem"].as_str().unwrap().contains(says), "{name}: {}", refused.body);
    }
    upload(&customer, b"").await.expect(400);
    assert_eq!(upload(&app.visitor(), &png).await.status, 401);
    let other_site = customer.request(Method::POST, "/files").header("sec-fetch-site", "cross-site");
    assert_eq!(customer.send(other_site.body("")).await.status, 403);
    assert_eq!(count_files(&app.folder().join("files")), 0);
    // What goes on behind the picture does not come along.
    let more = [jpeg.as_slice(), b"<script>alert(1)</script>"].concat();
    let served = customer.get(&uploaded(&customer, &more).await).await.expect(200);
    assert!(!served.body.contains("<script"));
}

#[tokio::test]
async fn a_picture_stays_as_long_as_a_post_shows_it() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    let (shown, unused) = (
        uploaded(&customer, &picture(900, 600, ImageFormat::Png, 1)).await,
        uploaded(&customer, &picture(900, 600, ImageFormat::Png, 2)).await,
    );
    let form = customer.get("/ask").await.expect(200);
    let body = format!("It looks like this: ![The light is red]({shown})");
    let thread = customer.submit(&form, "/ask", &[("title", TITLE), ("body", &body)]).await.expect(200);
    assert!(thread.body.contains(&format!("<a href=\"{shown}\"")), "{}", thread.body);
    assert!(thread.body.contains("alt=\"The light is red\" width=\"720\" height=\"480\" loading=\"lazy\""));

    // A week later, the form that the other one was for was never sent.
    sweep(&app.app).await.unwrap();
    customer.get(&unused).await.expect(200);
    let week_later = app.app.clock.now().plus(std::time::Duration::from_secs(1));
    app.db().write(move |tx| files::prune_drafts(tx, week_later, 100)).await.unwrap();
    sweep(&app.app).await.unwrap();
    customer.get(&unused).await.expect(404);
    customer.get(&shown).await.expect(200);
    assert_eq!(count_files(&app.folder().join("files")), 2);
    // Uploaded once more, it is there once more.
    assert_eq!(uploaded(&customer, &picture(900, 600, ImageFormat::Png, 2)).await, unused);
    customer.get(&unused).await.expect(200);

    app.db().write(move |tx| questions::remove(tx, QuestionId(1), week_later)).await.unwrap();
    sweep(&app.app).await.unwrap();
    customer.get(&shown).await.expect(404);
}

#[tokio::test]
async fn a_member_is_a_place_of_a_picture_too_and_uploads_have_an_end() {
    let app = TestApp::start().await;
    let customer = app.customer().await;
    let place = uploaded(&customer, &picture(50, 50, ImageFormat::Png, 9)).await;
    let (name, id) = (PictureName::of_place(&place).unwrap(), customer.id);
    let now = app.app.clock.now();
    let at = Place::Member(id);
    app.db().write(move |tx| files::used(tx, at, Some(id), &[name], now)).await.unwrap();
    sweep(&app.app).await.unwrap();
    customer.get(&place).await.expect(200);
    app.db().write(move |tx| files::released(tx, at)).await.unwrap();
    sweep(&app.app).await.unwrap();
    customer.get(&place).await.expect(404);
    for number in 0..60 {
        uploaded(&customer, &picture(4, 4, ImageFormat::Png, number)).await;
    }
    let refused = upload(&customer, &picture(4, 4, ImageFormat::Png, 99)).await.expect(422);
    assert!(refused.body.contains("60 pictures that stand in no post yet"), "{}", refused.body);
}
