//! The photo of a member: `POST /account/photo` takes one, written anew as a small square, or takes it away.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::edit::EditPage;
use super::words;
use crate::app::App;
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::files::{self, Place};
use crate::members::{MemberId, Own, PostedWithFiles, set_photo};
use crate::pictures::{PictureName, Shape};
use crate::posts::author_changed;
use crate::web::{Error, Frame, Page, redirect};

/// Pixels a side: twice as many as the largest that is shown.
const SIDE: u32 = 256;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct PhotoForm {
    /// `remove`, of the button that takes it away.
    act: String,
}

/// `POST /account/photo`
pub async fn change(
    app: web::Data<App>,
    frame: Frame,
    posted: PostedWithFiles<Own, PhotoForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (Own(member), now) = (posted.by, app.clock.now());
    let id = member.id;
    if posted.form.act == "remove" {
        app.db.write(move |tx| put(tx, id, None, now)).await?;
        return Ok(redirect("/account/profile"));
    }
    let Some(file) = posted.files.into_iter().find(|file| file.field == "file_photo") else {
        return again(&app, frame, id, words::NO_PHOTO, &request).await;
    };
    match files::keep(&app, &member, file.bytes, Shape::Square(SIDE)).await? {
        Ok(name) => {
            app.db.write(move |tx| put(tx, id, Some(&name), now)).await?;
            Ok(redirect("/account/profile"))
        }
        Err(why) => again(&app, frame, id, &why, &request).await,
    }
}

/// The photo, its use and the pages that show it, or none of it.
fn put(tx: &mut Tx<'_>, id: MemberId, name: Option<&PictureName>, now: Millis) -> Result<(), DbError> {
    files::released(tx, Place::Member(id))?;
    if let Some(name) = name {
        files::used(tx, Place::Member(id), Some(id), std::slice::from_ref(name), now)?;
    }
    set_photo(tx, id, name.map(ToString::to_string).as_deref())?;
    author_changed(tx, id, now)
}

async fn again(app: &App, frame: Frame, id: MemberId, why: &str, request: &HttpRequest) -> Result<HttpResponse, Error> {
    let mut page = EditPage::load(app, frame, id).await?;
    page.photo_problems.add("file_photo", words::the_photo(why));
    Page::unprocessable(page).render(request)
}
