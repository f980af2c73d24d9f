//! The versions of an answer: `GET /answers/{id}/history`. Who wrote each, and what they changed, word by word.

use actix_web::web;
use askama::Template;

use super::words;
use super::{Answer, AnswerId, Revision, list_revisions, load_seen};
use crate::app::App;
use crate::members::{Viewer, load_cards};
use crate::posts::history::{Change, Version, Written, versions};
use crate::posts::{self, Author};
use crate::questions::Question;
use crate::web::{Error, Frame, Page};

#[derive(Template)]
#[template(path = "answers/history.html")]
struct HistoryPage {
    frame: Frame,
    question: Question,
    answer: Answer,
    /// Newest first.
    versions: Vec<Version>,
    may_edit: bool,
}

impl HistoryPage {
    fn is_vouched(&self, version: &Version) -> bool {
        self.answer.vouched == Some(version.number)
    }
}

/// `GET /answers/{id}/history`
pub async fn show(
    app: web::Data<App>,
    frame: Frame,
    viewer: Viewer,
    id: web::Path<AnswerId>,
) -> Result<Page<impl Template>, Error> {
    let (id, is_at_desk, who) = (id.into_inner(), viewer.is_at_desk(), viewer);
    let (question, answer, revisions, author, may_edit) = app
        .db
        .read(move |conn| {
            let (answer, question) = load_seen(conn, id, who.0.as_ref())?;
            let author = match answer.author {
                Author::Member(member) => load_cards(conn, &[member])?.remove(&member).map(|card| card.name),
                Author::Remote { origin, .. } => Some(words::author_on(origin.label())),
            };
            let mut revisions = list_revisions(conn, id)?;
            // What somebody took back on a network is not for everybody to read; staff see what they once verified.
            if answer.author.origin().is_some() && !is_at_desk {
                revisions.retain(|one| [answer.shown(), answer.revision].contains(&one.number));
            }
            let may_edit = match &who.0 {
                Some(member) => posts::find_may_edit(conn, answer.author, member)?,
                None => false,
            };
            Ok::<_, Error>((question, answer, revisions, author, may_edit))
        })
        .await?;
    let author = author.unwrap_or_else(|| words::FORMER_MEMBER.to_owned());
    let written = |one: Revision| Written {
        number: one.number,
        by: one.by_name.unwrap_or_else(|| author.clone()),
        handle: one.by_handle,
        written_at: one.written_at,
        reason: one.reason,
        title: String::new(),
        body: one.body,
        body_html: one.body_html,
    };
    let written = revisions.into_iter().map(written).collect();
    let versions = web::block(move || versions(written)).await;
    let versions = versions.map_err(|error| Error::Internal(format!("a history could not be compared: {error}")))?;
    Ok(Page::ok(HistoryPage { frame, question, answer, versions, may_edit }))
}
