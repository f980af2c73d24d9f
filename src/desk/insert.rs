//! A macro in the form: `POST …/insert` of each form brings the form back with its text, for pages without script;
//! `GET /desk/macros/{id}/text` gives the text alone.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::attach::Attaching;
use super::talk::{self, Talking};
use super::verify::{VerifyPage, Verifying};
use super::words;
use super::writing::{filled, place_of_answer, with_inserted};
use crate::answers::AnswerId;
use crate::app::App;
use crate::macros::MacroId;
use crate::members::{AtDesk, Member, PostedWithFiles};
use crate::questions::QuestionId;
use crate::web::form::Kept;
use crate::web::{Error, Frame, Problems};

/// `POST /desk/questions/{id}/insert`
pub async fn message(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<QuestionId>,
    posted: PostedWithFiles<AtDesk, Talking>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let PostedWithFiles { by: AtDesk(by), form, mut kept, files } = posted;
    let mut problems = Problems::default();
    let text = chosen(&app, &frame, id, &by, &kept, &form.text, &mut problems).await?;
    let pictures = Attaching::take_in(&app, by.id, &mut kept, files, &mut problems).await?;
    talk::again(&app, frame, by, id, (Talking { text, ..form }, pictures), problems, &request).await
}

/// `POST /desk/answers/{id}/verify/insert`
pub async fn verification(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<AnswerId>,
    posted: PostedWithFiles<AtDesk, Verifying>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let PostedWithFiles { by: AtDesk(by), form, mut kept, files } = posted;
    let mut problems = Problems::default();
    let place = app.db.read(move |conn| place_of_answer(conn, id)).await?;
    let question = QuestionId(place.question_id);
    let short_form = chosen(&app, &frame, question, &by, &kept, form.short_form(), &mut problems).await?;
    let pictures = Attaching::take_in(&app, by.id, &mut kept, files, &mut problems).await?;
    let page = VerifyPage::asked(&app, frame, by, id, form.filter(), None).await?;
    page.again(&app, form.with_short_form(short_form), pictures, problems).render(&request)
}

/// The text with the macro that was chosen in the form.
async fn chosen(
    app: &web::Data<App>,
    frame: &Frame,
    question: QuestionId,
    by: &Member,
    kept: &Kept,
    text: &str,
    problems: &mut Problems,
) -> Result<String, Error> {
    let asked = kept.fields.iter().find(|(name, _)| name == "macro").and_then(|(_, id)| id.parse().ok());
    let Some(id) = asked else {
        problems.add("macro", words::NO_MACRO_CHOSEN);
        return Ok(text.to_owned());
    };
    match filled(app, frame, question, by, MacroId(id)).await? {
        Some(inserted) => Ok(with_inserted(text, &inserted)),
        None => {
            problems.add("macro", words::MACRO_DELETED);
            Ok(text.to_owned())
        }
    }
}

#[derive(Deserialize)]
pub struct Towards {
    question: QuestionId,
}

/// `GET /desk/macros/{id}/text?question=7`: `{text}`, its placeholders filled.
pub async fn text(
    app: web::Data<App>,
    frame: Frame,
    by: AtDesk,
    id: web::Path<MacroId>,
    towards: web::Query<Towards>,
) -> Result<HttpResponse, Error> {
    let text = filled(&app, &frame, towards.question, &by.0, id.into_inner()).await?.ok_or(Error::NotFound)?;
    let answer = serde_json::json!({ "text": text });
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(answer))
}
