//! The versions of an answer: `GET /answers/{id}/history`. Who wrote each, and what they changed, word by word.

use actix_web::web;
use askama::Template;
use similar::{ChangeTag, TextDiff};

use super::{Answer, AnswerId, Revision, list_revisions, load};
use crate::app::App;
use crate::clock::Millis;
use crate::members::{Viewer, load_cards};
use crate::posts::Author;
use crate::questions::{self, Question};
use crate::web::{Error, Frame, Page};

/// Longer texts are compared by lines: word by word they would take long, and show nothing that can be read.
const LONGEST_BY_WORDS: usize = 8_000;

/// A stretch of words that stayed, came or went.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub kind: Change,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Same,
    Added,
    Removed,
}

/// A version, and what it changed of the one before.
struct Version {
    number: i64,
    by: String,
    /// Their own page here; none for a remote author.
    handle: Option<String>,
    written_at: Millis,
    body_html: String,
    pieces: Vec<Piece>,
}

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
    let (id, is_at_desk) = (id.into_inner(), viewer.is_at_desk());
    let (question, answer, revisions, author) = app
        .db
        .read(move |conn| {
            let answer = load(conn, id)?;
            let question = questions::load(conn, answer.question_id)?;
            let author = match answer.author {
                Author::Member(member) => load_cards(conn, &[member])?.remove(&member).map(|card| card.name),
                Author::Remote { origin, .. } => Some(format!("its author on {}", origin.label())),
            };
            let mut revisions = list_revisions(conn, id)?;
            // What somebody took back on a network is not for everybody to read; staff see what they once verified.
            if answer.author.origin().is_some() && !is_at_desk {
                revisions.retain(|one| [answer.shown(), answer.revision].contains(&one.number));
            }
            Ok::<_, Error>((question, answer, revisions, author))
        })
        .await?;
    let author = author.unwrap_or_else(|| "somebody who left".to_owned());
    let is_ours = answer.author.origin().is_none();
    let may_edit = is_ours && viewer.0.as_ref().is_some_and(|member| answer.may_be_edited_by(member));
    let versions = versions(revisions, &author);
    Ok(Page::ok(HistoryPage { frame, question, answer, versions, may_edit }))
}

/// Each with what it changed of the one that stands behind it.
fn versions(revisions: Vec<Revision>, author: &str) -> Vec<Version> {
    let befores: Vec<Option<String>> =
        revisions.iter().skip(1).map(|before| Some(before.body.clone())).chain([None]).collect();
    let version = |(revision, before): (Revision, Option<String>)| Version {
        number: revision.number,
        by: revision.by_name.unwrap_or_else(|| author.to_owned()),
        handle: revision.by_handle,
        written_at: revision.written_at,
        pieces: before.map(|before| compare(&before, &revision.body)).unwrap_or_default(),
        body_html: revision.body_html,
    };
    revisions.into_iter().zip(befores).map(version).collect()
}

/// What came and went from one text to another, in reading order; neighbours of one kind are one piece.
pub(crate) fn compare(before: &str, after: &str) -> Vec<Piece> {
    let diff = if before.len().max(after.len()) > LONGEST_BY_WORDS {
        TextDiff::from_lines(before, after)
    } else {
        TextDiff::from_words(before, after)
    };
    let mut pieces: Vec<Piece> = Vec::new();
    for change in diff.iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => Change::Same,
            ChangeTag::Insert => Change::Added,
            ChangeTag::Delete => Change::Removed,
        };
        match pieces.last_mut().filter(|last| last.kind == kind) {
            Some(last) => last.text.push_str(change.value()),
            None => pieces.push(Piece { kind, text: change.value().to_owned() }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_and_went_is_told_apart() {
        let said = |before: &str, after: &str| -> String {
            let piece = |piece: &Piece| match piece.kind {
                Change::Same => piece.text.clone(),
                Change::Added => format!("[+{}]", piece.text),
                Change::Removed => format!("[-{}]", piece.text),
            };
            compare(before, after).iter().map(piece).collect()
        };
        assert_eq!(said("Set channel 40 now", "Set channel 44 now"), "Set channel [-40][+44] now");
        assert_eq!(said("", "All new"), "[+All new]");
        assert_eq!(said("Same", "Same"), "Same");
        let long = format!("{}\n", "word ".repeat(LONGEST_BY_WORDS / 4));
        assert_eq!(compare(&long, &format!("{long}more")).len(), 2, "by lines");
    }
}
