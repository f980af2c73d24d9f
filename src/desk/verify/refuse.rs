//! Not verified: `POST /desk/answers/{id}/refuse`. Staff do not vouch for an answer, and its author is told why.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::super::queue::Filter;
use super::words;
use super::{LONGEST_WHY, VerifyPage, hold_case};
use crate::answers::AnswerId;
use crate::app::App;
use crate::members::{Posted, Staff};
use crate::verifications;
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Refusing {
    why: String,
    /// The revision that its writer read.
    revision: i64,
    /// The list of the queue that stands beside it.
    queue: String,
}

/// `POST /desk/answers/{id}/refuse`
pub async fn refuse(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<AnswerId>,
    posted: Posted<Staff, Refusing>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let Posted { by: Staff(by), form, .. } = posted;
    let mut problems = Problems::default();
    let why = problems.text("why", "The reason", &form.why, LONGEST_WHY);
    if problems.is_empty() {
        let (member, revision) = (by.id, form.revision);
        let place = app
            .db
            .write(move |tx| {
                let case = hold_case(tx, id)?;
                let refused = verifications::refuse(tx, id, revision, member, &why, now)?;
                Ok::<_, Error>(refused.then(|| case.place()))
            })
            .await?;
        if let Some(place) = place {
            return Ok(redirect(place));
        }
        let news = words::REFUSED_OR_CHANGED;
        problems.add("why", news);
    }
    let page = VerifyPage::of(&app, frame, by, id, Filter::parse(&form.queue)).await?;
    Page::unprocessable(VerifyPage { problems, why: form.why, ..page }).render(&request)
}
