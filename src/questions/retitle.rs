//! A better title: `POST /questions/{id}/title`, for staff. A mirrored question begins with its first sentence.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::{NewVersion, Question, QuestionId, load_seen, revise};
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::members::{Posted, Staff};
use crate::posts;
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize)]
pub struct Retitle {
    title: String,
    #[serde(default)]
    reason: String,
}

#[derive(Template)]
#[template(path = "questions/retitle.html")]
struct RetitlePage {
    frame: Frame,
    problems: Problems,
    form: Retitle,
    question: Question,
}

/// `POST /questions/{id}/title`
pub async fn retitle(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<QuestionId>,
    posted: Posted<Staff, Retitle>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let mut problems = Problems::default();
    let title = posts::check_title(&mut problems, "title", &posted.form.title);
    let reason = posts::check_reason(&mut problems, &posted.form.reason);
    if !problems.is_empty() {
        let question = app.db.read(move |conn| load_seen(conn, id, Some(&posted.by.0))).await?;
        return Page::unprocessable(RetitlePage { frame, problems, form: posted.form, question }).render(&request);
    }
    let now = app.clock.now();
    let place = posts::question_place(id.0, &title);
    app.db
        .write(move |tx| {
            let question = load_seen(tx, id, Some(&posted.by.0))?;
            let version = NewVersion { title: &title, body: None, by: posted.by.0.id, reason: &reason };
            if question.title == title || !revise(tx, id, question.revision, &version, now)? {
                return Ok(());
            }
            let line = Entry::new(posted.by.0.id, Act::Retitle, id.post(), now);
            audit::record(tx, &Entry { question_id: Some(id.0), words: title, ..line })?;
            Ok::<_, Error>(())
        })
        .await?;
    Ok(redirect(place))
}
