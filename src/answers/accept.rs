//! Accepting: `POST /answers/{id}/accept`. The asker says which answer helped; for a question from a network, whose
//! asker has no account here, staff may say it.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::{AnswerId, load};
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::members::{Member, Posted};
use crate::posts;
use crate::questions::{self, Question};
use crate::web::{Error, redirect};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wanted {
    Yes,
    No,
}

/// The button says what it will do, so that a double click does not undo itself.
#[derive(Deserialize)]
pub struct Accepting {
    accepted: Wanted,
}

/// Whether this member may say which answer helped.
pub fn may_accept(member: &Member, question: &Question) -> bool {
    match question.author.member() {
        Some(asker) => asker == member.id,
        None => member.role.is_staff(),
    }
}

/// `POST /answers/{id}/accept`
pub async fn accept(
    app: web::Data<App>,
    id: web::Path<AnswerId>,
    posted: Posted<Member, Accepting>,
) -> Result<HttpResponse, Error> {
    let id = id.into_inner();
    let now = app.clock.now();
    let place = app
        .db
        .write(move |tx| {
            let answer = load(tx, id)?;
            let question = questions::load(tx, answer.question_id)?;
            if !may_accept(&posted.by, &question) {
                let why = "Only the person who asked can say which answer helped. You can vote for it instead.";
                return Err(Error::Forbidden(why.to_owned()));
            }
            let is_accepted = question.accepted_answer_id == Some(id.0);
            match posted.form.accepted {
                Wanted::Yes if !is_accepted => questions::set_accepted(tx, question.id, Some(id.0), now)?,
                Wanted::No if is_accepted => questions::set_accepted(tx, question.id, None, now)?,
                Wanted::Yes | Wanted::No => return Ok(posts::place(question.id.0, &question.title, id.post())),
            }
            // Not the asker, then, but staff in their place.
            if question.author.member() != Some(posted.by.id) {
                let words = if question.accepted_answer_id == Some(id.0) { "not after all" } else { "this one" };
                let line = Entry::new(posted.by.id, Act::Accept, id.post(), now);
                audit::record(tx, &Entry { question_id: Some(question.id.0), words: words.to_owned(), ..line })?;
            }
            Ok::<_, Error>(posts::place(question.id.0, &question.title, id.post()))
        })
        .await?;
    Ok(redirect(place))
}
