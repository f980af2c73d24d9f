//! Taking back what was sent, as long as it has not left: `POST /desk/deliveries/{id}/undo`. What was written with it goes
//! in the same transaction, the asker waits again, and the form opens with what was in it.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::words;
use crate::answers::{self, AnswerId};
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::bridge::outbound::undo::{self as outbox, NotUndone, Undone, What};
use crate::bridge::{Cargo, DeliveryId};
use crate::clock::Millis;
use crate::comments::{self, CommentId};
use crate::db::{DbError, Tx};
use crate::drafts::{self, Fields, Place};
use crate::members::{MemberId, Posted, Staff};
use crate::private;
use crate::queue::Subject;
use crate::verifications::{self, Scope, VerificationId};
use crate::web::frame::local_path;
use crate::web::{Error, redirect};

/// What a page tells after Undo was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undo {
    Done,
    /// It had left, or was taken back already.
    Left,
}

impl Undo {
    pub(super) fn is_done(self) -> bool {
        self == Self::Done
    }
}

#[derive(Deserialize)]
pub struct Undoing {
    back: Option<String>,
}

/// `POST /desk/deliveries/{id}/undo`: to the form, or back to where it was pressed if it was too late.
pub async fn undo(
    app: web::Data<App>,
    id: web::Path<DeliveryId>,
    posted: Posted<Staff, Undoing>,
) -> Result<HttpResponse, Error> {
    let (id, now, by) = (id.into_inner(), app.clock.now(), posted.by.0.id);
    match app.db.write(move |tx| take_back(tx, id, by, now)).await {
        Ok(place) => Ok(redirect(place)),
        Err(NotUndone::Late(_)) => {
            let back = local_path(posted.form.back.as_deref()).split('?').next().unwrap_or("/desk");
            Ok(redirect(format!("{back}?left=1#delivery-{id}")))
        }
        Err(NotUndone::Db(error)) => Err(error.into()),
    }
}

fn take_back(tx: &mut Tx<'_>, id: DeliveryId, by: MemberId, now: Millis) -> Result<String, NotUndone> {
    let undone = outbox::undo(tx, id, by, now)?;
    let (subject, place) = match undone.what {
        What::Message(message) => {
            let thread = private::list_addressees(tx, &[message])?.remove(&message).map(|to| to.thread_id);
            let thread = thread.ok_or(gone())?;
            (Subject::Private(thread.0), format!("/desk/private/{thread}?again={message}"))
        }
        What::Reply { question_id, cargo: Cargo::Comment { comment_id } | Cargo::Elsewhere { comment_id, .. } } => {
            comments::remove(tx, CommentId(comment_id), now)?;
            let fields = fields_of(&undone, "text");
            drafts::discard(tx, by, Place::message(question_id))?;
            drafts::save(tx, by, Place::message(question_id), &fields, now)?;
            (Subject::Question(question_id), format!("/desk/questions/{question_id}?undone=1#reply"))
        }
        What::Reply { cargo: Cargo::Answer { verification_id, answer_id }, .. } => {
            let question_id = unverify(tx, &undone, verification_id, answer_id, by, now)?;
            (Subject::Question(question_id), format!("/desk/answers/{answer_id}/verify?undone=1"))
        }
    };
    let (question_id, subject) = (subject.question_id(), subject.to_string());
    let words = format!("delivery {id}");
    audit::record(tx, &Entry { by: Some(by), act: Act::Undo, subject, question_id, words, at: now })?;
    Ok(place)
}

/// Takes the verification back that was written with a delivery; its words are in the form again. Returns the thread.
fn unverify(
    tx: &mut Tx<'_>,
    undone: &Undone,
    verification_id: i64,
    answer_id: i64,
    by: MemberId,
    now: Millis,
) -> Result<i64, NotUndone> {
    let answer = answers::find(tx, AnswerId(answer_id))?.ok_or(gone())?;
    let question_id = answer.question_id.0;
    let mut fields = fields_of(undone, "short_form");
    if let Some(standing) = verifications::load_standing(tx, question_id)?.remove(&answer_id) {
        let until = standing.valid_until.map(Millis::to_rfc3339).unwrap_or_default();
        fields.insert("evidence".to_owned(), standing.evidence);
        let Scope { product, version, region } = standing.scope;
        for (name, value) in [("product", product), ("version", version), ("region", region)] {
            fields.insert(name.to_owned(), value);
        }
        fields.insert("until".to_owned(), until.split('T').next().unwrap_or_default().to_owned());
    }
    // One that was withdrawn meanwhile stays so.
    let _withdrawn = verifications::withdraw(tx, VerificationId(verification_id), Some(by), words::TAKEN_BACK, now)?;
    let place = Place::verification(question_id, answer_id);
    drafts::discard(tx, by, place)?;
    drafts::save(tx, by, place, &fields, now)?;
    Ok(question_id)
}

/// The form as it was sent.
fn fields_of(undone: &Undone, text: &str) -> Fields {
    let mut fields = Fields::from([(text.to_owned(), undone.text.clone())]);
    for (number, picture) in (1..).zip(&undone.pictures) {
        fields.insert(format!("hash_{number}"), picture.hash.clone());
        fields.insert(format!("alt_{number}"), picture.alt.clone());
    }
    fields
}

fn gone() -> DbError {
    DbError::from(diesel::result::Error::NotFound)
}
