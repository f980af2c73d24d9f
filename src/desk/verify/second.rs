//! The second person: `POST /desk/verifications/{id}/confirm` and `/refuse`. Confirming sends what the first one wrote,
//! after the same looks at the thread as verifying; refusing says why, and nothing leaves.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::super::also;
use super::super::queue::Filter;
use super::super::queue::next::url as next_url;
use super::case::{Outgoing, look_around, send_out};
use super::words;
use super::{Case, LONGEST_WHY, VerifyPage, Verifying, decode, hold_case};
use crate::app::App;
use crate::bridge::outbound::pictures::{self, Attached};
use crate::db::{Conn, Tx};
use crate::members::{Member, Posted, Staff};
use crate::verifications::{self, NotAllowed, Record, VerificationId};
use crate::web::form::Kept;
use crate::web::once::try_once;
use crate::web::{Error, Frame, Page, Problems, redirect};

/// `POST /desk/verifications/{id}/confirm`
pub async fn confirm(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<VerificationId>,
    posted: Posted<Staff, Verifying>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let Posted { by: Staff(by), form, kept } = posted;
    let (record, gone) = app.db.read(move |conn| load_with_pictures(conn, id)).await?;
    let filter = Filter::parse(&form.queue);
    let page = VerifyPage::of(&app, frame.clone(), by.clone(), record.answer_id, filter.clone()).await?;
    let mut problems = Problems::default();
    if gone {
        let why = words::PICTURE_NOT_KEPT;
        problems.add("standing", why);
    }
    check_text(&mut problems, &app, &page.case, &record, &also::read(&kept));
    if !problems.is_empty() {
        return again(page, problems, false, &request);
    }
    match write(&app, kept, form, record.clone(), &by).await? {
        Ok(place) => {
            app.bridge.wake_outbox();
            Ok(redirect(place))
        }
        Err((problems, forbidden)) => {
            again(VerifyPage::of(&app, frame, by, record.answer_id, filter).await?, problems, forbidden, &request)
        }
    }
}

/// What keeps a confirmation from being carried out; whether it is the person who may not.
type Refusal = (Problems, bool);

async fn write(
    app: &App,
    kept: Kept,
    form: Verifying,
    record: Record,
    by: &Member,
) -> Result<Result<String, Refusal>, Error> {
    let (by, now, window) = (by.id, app.clock.now(), app.config.bridge.undo_window);
    let marks = also::read(&kept);
    try_once(&app.db, kept, now, move |tx| {
        let case = hold_case(tx, record.answer_id)?;
        let mut problems = Problems::default();
        case.changes(&form, &mut problems);
        if problems.is_empty() {
            problems = look_around(tx, &case, &form, by, now)?;
        }
        if !problems.is_empty() {
            return Ok(Err((problems, false)));
        }
        let confirmed = match verifications::confirm(tx, record.id, by, now)? {
            Ok(confirmed) => confirmed,
            Err(refusal) => return Ok(Err(said(refusal))),
        };
        let pictures = decode(&confirmed.pictures)?;
        let also = match also::choose(&case.also, &marks) {
            Ok(also) => also,
            Err(problems) => return Ok(Err((problems, false))),
        };
        let outgoing = Outgoing { short_form: confirmed.short_form, pictures, also, window };
        send_out(tx, &case, confirmed.id, outgoing, by, now)?;
        Ok(Ok(if form.then == "next" { next_url(&form.queue, &form.at) } else { case.place() }))
    })
    .await
}

fn said(refusal: NotAllowed) -> Refusal {
    let mut problems = Problems::default();
    problems.add("standing", refusal.to_string());
    (problems, matches!(refusal, NotAllowed::Own | NotAllowed::Same))
}

fn again(page: VerifyPage, problems: Problems, forbidden: bool, request: &HttpRequest) -> Result<HttpResponse, Error> {
    let status = if forbidden { StatusCode::FORBIDDEN } else { StatusCode::UNPROCESSABLE_ENTITY };
    Page::with_status(VerifyPage { problems, ..page }, status).render(request)
}

/// The record, and whether one of its pictures is gone.
fn load_with_pictures(conn: &mut Conn, id: VerificationId) -> Result<(Record, bool), Error> {
    let record = verifications::load_record(conn, id)?;
    let hashes: Vec<String> = decode(&record.pictures)?.into_iter().map(|Attached { hash, .. }| hash).collect();
    let gone = !pictures::are_kept(conn, &hashes)?;
    Ok((record, gone))
}

/// The words of the first person, by the rules of the networks of all who receive them, as they are today.
fn check_text(problems: &mut Problems, app: &App, case: &Case, record: &Record, marks: &[String]) {
    let (Some(target), Some(text)) = (&case.target, &record.short_form) else { return };
    let (field, name) = ("standing", words::SHORT_FORM);
    super::super::check_outgoing(problems, &app.bridge, target, field, name, text);
    // Who changed meanwhile is told of in the transaction.
    if let Ok(chosen) = also::choose(&case.also, marks) {
        also::check(problems, app, &chosen, field, name, text);
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Refusing {
    why: String,
    /// The list of the queue that stands beside it.
    queue: String,
}

/// `POST /desk/verifications/{id}/refuse`
pub async fn refuse(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<VerificationId>,
    posted: Posted<Staff, Refusing>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let Posted { by: Staff(by), form, .. } = posted;
    let record = app.db.read(move |conn| verifications::load_record(conn, id)).await?;
    let mut problems = Problems::default();
    let why = problems.text("why", "The reason", &form.why, LONGEST_WHY);
    let (answer, member) = (record.answer_id, by.id);
    let refused = if problems.is_empty() {
        let work = move |tx: &mut Tx<'_>| {
            hold_case(tx, answer)?;
            Ok::<_, Error>(verifications::refuse_second(tx, id, member, &why, now)?.map(drop))
        };
        app.db.write(work).await?.map_err(said)
    } else {
        Err((problems, false))
    };
    match refused {
        Ok(()) => Ok(redirect(format!("/desk/questions/{}#{}", record.question_id, answer.post()))),
        Err((problems, forbidden)) => {
            let page = VerifyPage::of(&app, frame, by, answer, Filter::parse(&form.queue)).await?;
            again(VerifyPage { why: form.why, ..page }, problems, forbidden, &request)
        }
    }
}
