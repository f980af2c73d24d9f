//! The photo of a member: taken in as a square, shown beside their words, and gone when they say so or leave.

use image::ImageFormat;

use crate::asking::picture;
use crate::moderation::count;
use crate::support::{Answer, Person, TestApp};

const FORM: &str = "/account/photo";

async fn send(person: &Person, file: &[u8]) -> Answer {
    let page = person.get("/account/profile").await.expect(200);
    person.submit_files(&page, FORM, &[], &[("file_photo", file)]).await
}

/// The address of the photo on a page, if there is one.
fn photo(page: &Answer) -> Option<String> {
    page.body
        .split("src=\"")
        .skip(1)
        .filter_map(|after| after.split('"').next())
        .find(|src| src.starts_with("/files/"))
        .map(str::to_owned)
}

#[tokio::test]
async fn a_photo_is_shown_as_a_square_beside_what_its_owner_wrote_until_they_remove_it() {
    let app = TestApp::start().await;
    let ada = app.customer().await;
    let words = [("title", "My router drops the Wi-Fi"), ("body", "Every evening.")];
    ada.post_form("/ask", &words).await.expect(200);
    send(&ada, &picture(900, 700, ImageFormat::Jpeg, 200)).await.expect(200);
    let shown = photo(&app.visitor().get("/questions/1").await.expect(200)).expect("beside the question");
    let served = app.visitor().get(&shown).await.expect(200);
    let read = image::load_from_memory(&served.bytes).unwrap();
    assert_eq!((read.width(), read.height()), (256, 256));
    assert_eq!(photo(&app.visitor().get("/members/caseycustomer").await).as_deref(), Some(shown.as_str()));
    // Another one takes its place, and nothing keeps the first.
    send(&ada, &picture(300, 300, ImageFormat::Png, 10)).await.expect(200);
    assert_ne!(photo(&app.visitor().get("/questions/1").await), Some(shown));
    assert_eq!(count(&app, "upload_use").await, 1);
    ada.post_form(FORM, &[("act", "remove")]).await.expect(200);
    assert_eq!(photo(&app.visitor().get("/questions/1").await), None);
    assert_eq!(count(&app, "upload_use").await, 0);
}

#[tokio::test]
async fn what_is_no_photo_is_refused_and_the_one_that_is_there_stays() {
    let app = TestApp::start().await;
    let ada = app.customer().await;
    send(&ada, &picture(300, 300, ImageFormat::Png, 10)).await.expect(200);
    let before = photo(&ada.get("/account/profile").await).expect("a photo");
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    let cut = &picture(300, 300, ImageFormat::Png, 90)[..200];
    for file in [&svg[..], cut, b"GIF89a", &vec![0; 10 * 1024 * 1024 + 1]] {
        let page = send(&ada, file).await.expect(422);
        page.expect_text("The photo");
        assert_eq!(photo(&page).as_deref(), Some(before.as_str()));
    }
    send(&ada, b"").await.expect(422).expect_text("The photo is missing");
    app.visitor().post_form(FORM, &[("act", "remove")]).await.expect(401);
}

#[tokio::test]
async fn a_photo_leaves_with_its_owner() {
    let app = TestApp::start().await;
    let ada = app.customer().await;
    send(&ada, &picture(300, 300, ImageFormat::Png, 10)).await.expect(200);
    ada.post_form("/account/leave", &[("password", &ada.password)]).await.expect(200);
    assert_eq!(count(&app, "upload_use").await, 0);
    assert_eq!(count(&app, "member WHERE photo IS NOT NULL").await, 0);
}
