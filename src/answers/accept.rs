//! Accepting: `POST /answers/{id}/accept`. The asker says which answers helped, as many as did; staff may say it in their
//! place, as for a question from a network, whose asker has no account here, but not of an answer of their own. Where threads
//! are merged, the asker of the whole says it of all answers there, and who asked a part of it says it of those that were
//! given to them. Who said it is kept: taken apart again, a thread keeps what its own asker and staff said, and not what the
//! other asker did.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::helped::Said;
use super::words;
use super::{Answer, AnswerId, hold, list_said_by, load_seen, say_helped, set_accepted};
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::clock::Millis;
use crate::db::{Conn, DbError, Tx};
use crate::members::{Member, MemberId, Person, Posted};
use crate::notices::{self, NewNotice};
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

/// Whether this member may say which answers helped.
pub fn may_accept(member: &Member, question: &Question) -> bool {
    question.author.member() == Some(member.id) || member.role.is_staff()
}

/// `POST /answers/{id}/accept`
pub async fn accept(
    app: web::Data<App>,
    id: web::Path<AnswerId>,
    posted: Posted<Member, Accepting>,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let Posted { by, form, .. } = posted;
    let place = app
        .db
        .write(move |tx| {
            hold(tx, id)?;
            let (answer, question) = load_seen(tx, id, Some(&by))?;
            let asked = find_asked(tx, &answer, &by)?;
            if asked.is_none() && !may_accept(&by, &question) {
                let why = words::NOT_YOURS_TO_ACCEPT;
                return Err(Error::Forbidden(why.to_owned()));
            }
            let is_asker = asked.is_some() || question.author.member() == Some(by.id);
            if form.accepted == Wanted::Yes && !is_asker && answer.author.member() == Some(by.id) {
                return Err(Error::Forbidden(words::YOURS_FOR_THE_ASKER.to_owned()));
            }
            if form.accepted == Wanted::Yes && question.private && answer.author.member() == Some(by.id) {
                return Err(Error::Forbidden(words::YOU_WROTE_THIS.to_owned()));
            }
            judge(tx, &answer, asked.as_ref().unwrap_or(&question), form.accepted == Wanted::Yes, &by, now)?;
            // Whoever asked says that it helped, and no more that it did not.
            let person = Person::Member(by.id).to_string();
            if form.accepted == Wanted::Yes
                && is_asker
                && list_said_by(tx, &person, &[id])?.get(&id) == Some(&Said::DidNot)
            {
                say_helped(tx, id, &person, None, now)?;
            }
            Ok(posts::place(question.id.0, &question.title, id.post()))
        })
        .await?;
    Ok(redirect(place))
}

/// The question that this answer was given to, if this member asked it.
pub(super) fn find_asked(conn: &mut Conn, answer: &Answer, by: &Member) -> Result<Option<Question>, DbError> {
    let own = questions::find_living(conn, answer.question_id)?;
    Ok(own.filter(|question| question.author.member() == Some(by.id)))
}

/// Accepts an answer or takes that back; the one way to either. `false`: it was so already.
pub fn judge(
    tx: &mut Tx<'_>,
    answer: &Answer,
    question: &Question,
    accepted: bool,
    by: &Member,
    now: Millis,
) -> Result<bool, DbError> {
    let done = set_accepted(tx, answer.id, accepted.then_some(by.id), now)?;
    if done && accepted {
        tell_author(tx, answer, by.id, now)?;
    }
    // Not the asker, then, but staff in their place.
    if done && question.author.member() != Some(by.id) {
        let line = Entry::new(by.id, Act::Accept, answer.id.post(), now);
        let words = if accepted { "this one" } else { "not after all" }.to_owned();
        audit::record(tx, &Entry { question_id: Some(question.id.0), words, ..line })?;
    }
    Ok(done)
}

/// Once, however often it is taken back and said again.
fn tell_author(tx: &mut Tx<'_>, answer: &Answer, by: MemberId, now: Millis) -> Result<(), DbError> {
    let Some(to) = answer.author.member() else { return Ok(()) };
    let thread = questions::find_merged_into(tx, answer.question_id)?.unwrap_or(answer.question_id);
    let new = NewNotice {
        to,
        kind: notices::Kind::Accepted,
        question_id: Some(thread.0),
        post: Some(answer.id.post()),
        subject: None,
        by: Some(by),
        words: String::new(),
        at: now,
    };
    notices::tell_once(tx, &new, &format!("accepted-{}", answer.id.post())).map(drop)
}
