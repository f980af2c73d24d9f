//! Merging and splitting from the desk: `POST /desk/questions/{id}/merge` and `…/unmerge`; `GET` and `POST
//! /desk/posts/{post}/split`, and `POST /desk/questions/{id}/unsplit`.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::words;
use crate::app::App;
use crate::bridge::title_of_words;
use crate::db::PostRef;
use crate::members::{Posted, Staff};
use crate::merges::{self, NotMerged, NotSplit, Part, load_part};
use crate::posts::check_title;
use crate::questions::{self, Question, QuestionId};
use crate::web::{Error, Frame, Page, Problems, redirect};

#[derive(Deserialize)]
pub struct Merging {
    /// The other thread: its address, or its number.
    into: String,
}

#[derive(Template)]
#[template(path = "desk/merge.html")]
struct MergePage {
    frame: Frame,
    problems: Problems,
    question: Question,
    into: String,
}

/// `POST /desk/questions/{id}/merge`: to the other thread.
pub async fn merge(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<QuestionId>,
    posted: Posted<Staff, Merging>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, now, by) = (id.into_inner(), app.clock.now(), posted.by.0.id);
    let why = match read_thread(&posted.form.into) {
        Some(into) => match app.db.write(move |tx| merges::merge(tx, id, into, by, now)).await {
            Ok(into) => return Ok(redirect(format!("/desk/questions/{into}#also-asked"))),
            Err(NotMerged::Db(error)) => return Err(error.into()),
            Err(why) => why.to_string(),
        },
        None => words::NO_THREAD.to_owned(),
    };
    let question = app.db.read(move |conn| questions::load_living(conn, id)).await?;
    let mut problems = Problems::default();
    problems.add("into", why);
    Page::unprocessable(MergePage { frame, problems, question, into: posted.form.into }).render(&request)
}

/// The question that an address of this site leads to, or whose number this is.
fn read_thread(text: &str) -> Option<QuestionId> {
    let text = text.trim();
    let number = match text.split_once("/questions/") {
        Some((_, after)) => after.split(['/', '#', '?']).next().unwrap_or_default(),
        None => text.trim_start_matches('#'),
    };
    number.parse().ok().map(QuestionId)
}

/// `POST /desk/questions/{id}/unmerge`: to the thread that stands for itself again.
pub async fn unmerge(app: web::Data<App>, by: Staff, id: web::Path<QuestionId>) -> Result<HttpResponse, Error> {
    let (id, now, by) = (id.into_inner(), app.clock.now(), by.0.id);
    match app.db.write(move |tx| merges::unmerge(tx, id, by, now)).await {
        Ok(()) => Ok(redirect(format!("/desk/questions/{id}"))),
        Err(NotMerged::Db(error)) => Err(error.into()),
        Err(_) => Ok(redirect(format!("/desk/questions/{id}?faster=1"))),
    }
}

#[derive(Deserialize)]
pub struct Splitting {
    title: String,
}

#[derive(Template)]
#[template(path = "desk/split.html")]
struct SplitPage {
    frame: Frame,
    problems: Problems,
    part: Part,
    title: String,
}

fn parse(post: &str) -> Result<PostRef, Error> {
    PostRef::parse(post).ok_or(Error::NotFound)
}

/// `GET /desk/posts/{post}/split`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    _by: Staff,
    post: web::Path<String>,
) -> Result<Page<impl Template>, Error> {
    let post = parse(&post)?;
    let part = app.db.read(move |conn| load_part(conn, post)).await?;
    let title = title_of_words(&part.body);
    Ok(Page::ok(SplitPage { frame, problems: Problems::default(), part, title }))
}

/// `POST /desk/posts/{post}/split`: to the new question.
pub async fn split(
    app: web::Data<App>,
    frame: Frame,
    post: web::Path<String>,
    posted: Posted<Staff, Splitting>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let post = parse(&post)?;
    let part = app.db.read(move |conn| load_part(conn, post)).await?;
    let mut problems = Problems::default();
    let title = check_title(&mut problems, "title", &posted.form.title);
    let (now, by, taken) = (app.clock.now(), posted.by.0.id, part.clone());
    if problems.is_empty() {
        match app.db.write(move |tx| merges::split(tx, taken, &title, by, now)).await {
            Ok(question) => return Ok(redirect(format!("/desk/questions/{question}"))),
            Err(NotSplit::Db(error)) => return Err(error.into()),
            Err(why) => problems.add("title", why.to_string()),
        }
    }
    Page::unprocessable(SplitPage { frame, problems, part, title: posted.form.title }).render(&request)
}

/// `POST /desk/questions/{id}/unsplit`: to the thread that has its post back.
pub async fn unsplit(app: web::Data<App>, by: Staff, id: web::Path<QuestionId>) -> Result<HttpResponse, Error> {
    let (id, now, by) = (id.into_inner(), app.clock.now(), by.0.id);
    match app.db.write(move |tx| merges::unsplit(tx, id, by, now)).await {
        Ok(thread) => Ok(redirect(format!("/desk/questions/{thread}"))),
        Err(NotSplit::Db(error)) => Err(error.into()),
        Err(why) => Err(Error::BadRequest(words::nothing_changed(why))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_named_by_address_or_number() {
        for text in ["12", " #12 ", "https://help.acme.com/questions/12/wifi-drops#answer-3", "/desk/questions/12?x=1"]
        {
            assert_eq!(read_thread(text), Some(QuestionId(12)), "{text}");
        }
        for text in ["", "wifi", "https://help.acme.com/questions/newest", "/members/12x"] {
            assert_eq!(read_thread(text), None, "{text}");
        }
    }
}
