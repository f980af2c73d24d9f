//! A text as it will stand in its thread, by the same rendering: `POST /preview` while one writes. Without script a button of
//! each form shows it.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use crate::app::App;
use crate::db::{Db, DbError};
use crate::mentions;
use crate::posts::{LONGEST_BODY, check_body};
use crate::web::form::Form;
use crate::web::{Error, Problems};

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Writing {
    body: String,
}

/// A text as it would be shown, or why it would not be taken.
pub enum Shown {
    Html(String),
    Problem(String),
}

/// Renders a text as it is rendered when it is sent.
pub async fn shown(db: &Db, text: &str) -> Result<Shown, DbError> {
    shown_within(db, text, LONGEST_BODY).await
}

/// As [`shown`], of a text that may have so many characters.
pub async fn shown_within(db: &Db, text: &str, longest: usize) -> Result<Shown, DbError> {
    let mut problems = Problems::default();
    Ok(match check_body(&mut problems, "body", "Your text", text, longest) {
        Some(body) => Shown::Html(mentions::link(db, body).await?.html.into_string()),
        None => Shown::Problem(problems.of("body").unwrap_or_default().to_owned()),
    })
}

/// `POST /preview`: `{html}` of the field `body`, or `{problem}`. For everybody: nothing is kept.
pub async fn show(app: web::Data<App>, form: Form<Writing>) -> Result<HttpResponse, Error> {
    let told = match shown(&app.db, &form.value.body).await? {
        Shown::Html(html) => json!({ "html": html }),
        Shown::Problem(problem) => json!({ "problem": problem }),
    };
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(told))
}
