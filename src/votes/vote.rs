//! Voting: `POST /votes` with `post=question-1` or `answer-5` and `value` 1, -1 or 0. The value is what the vote shall
//! be, so that a double click is one vote; the button of a standing vote carries 0 and so takes it back.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::words;
use super::{CastError, Vote, cast};
use crate::answers::{self, AnswerId};
use crate::app::App;
use crate::clock::Millis;
use crate::db::{DbError, PostKind, PostRef, Tx};
use crate::members::{Member, MemberId, Posted};
use crate::posts;
use crate::questions::{self, QuestionId};
use crate::web::{Error, redirect};

/// Tries against requests of the same member at the same moment.
const TRIES: usize = 3;

#[derive(Deserialize)]
pub struct Voting {
    post: String,
    value: i64,
}

/// `POST /votes`
pub async fn vote(app: web::Data<App>, posted: Posted<Member, Voting>) -> Result<HttpResponse, Error> {
    let Posted { by, form, .. } = posted;
    let post = PostRef::parse(&form.post).filter(|post| post.kind != PostKind::Comment).ok_or(Error::NotFound)?;
    let wanted = match form.value {
        1 => Some(Vote::Up),
        -1 => Some(Vote::Down),
        0 => None,
        _ => return Err(Error::BadRequest(words::NO_VOTE.to_owned())),
    };
    let now = app.clock.now();
    for _ in 0..TRIES {
        match app.db.write(move |tx| attempt(tx, by.id, post, wanted, now)).await {
            Ok(place) => return Ok(redirect(place)),
            Err(Failure::Raced) => {}
            Err(Failure::Other(error)) => return Err(error),
        }
    }
    Err(Error::Busy { kept: None })
}

fn attempt(
    tx: &mut Tx<'_>,
    member: MemberId,
    post: PostRef,
    wanted: Option<Vote>,
    now: Millis,
) -> Result<String, Failure> {
    let (question, author) = match post.kind {
        PostKind::Answer => {
            let (answer, question) = answers::load_seen(tx, AnswerId(post.id), None)?;
            (question, answer.author)
        }
        PostKind::Question | PostKind::Comment => {
            let question = questions::load_whole(tx, QuestionId(post.id), None)?;
            let author = posts::find_author(tx, post)?.ok_or(Error::NotFound)?;
            (question, author)
        }
    };
    if author.member() == Some(member) {
        let why = words::YOU_WROTE_THIS;
        return Err(Failure::Other(Error::Forbidden(why.to_owned())));
    }
    cast(tx, member, post, wanted, now)?;
    Ok(posts::place(question.id.0, &question.title, post))
}

enum Failure {
    Raced,
    Other(Error),
}

impl From<CastError> for Failure {
    fn from(error: CastError) -> Self {
        match error {
            CastError::Raced => Self::Raced,
            CastError::Db(error) => Self::Other(error.into()),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        Self::Other(error.into())
    }
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Self::Other(error.into())
    }
}
