//! Who reads a question: `POST /desk/questions/{id}/readers` makes one private, for its asker and the desk alone, or public.
//! What everybody may know already, on a network or by our word, is not made private.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::act::PostPage;
use super::check_reason;
use super::people::Typed;
use super::sight;
use super::thread::{back_to, note};
use super::words;
use crate::answers;
use crate::app::App;
use crate::audit::Act;
use crate::clock::Millis;
use crate::db::{DbError, Tx};
use crate::members::{Member, Posted, Staff};
use crate::merges;
use crate::notices;
use crate::questions::{self, Question, QuestionId};
use crate::queue;
use crate::verifications::{list_awaiting, load_standing};
use crate::web::{Error, Frame, Page, Problems};

#[derive(Deserialize)]
pub struct Choosing {
    readers: Chosen,
    #[serde(default)]
    reason: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Chosen {
    Everybody,
    Asker,
}

/// `POST /desk/questions/{id}/readers`
pub async fn set(
    app: web::Data<App>,
    frame: Frame,
    id: web::Path<QuestionId>,
    posted: Posted<Staff, Choosing>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let Posted { by: Staff(by), form, .. } = posted;
    let mut problems = Problems::default();
    let reason = check_reason(&mut problems, &form.reason);
    if problems.is_empty() {
        let who = by.clone();
        let done = app.db.write(move |tx| carry_out(tx, id, form.readers, &who, reason, now)).await?;
        match done {
            Ok(done) => return Ok(back_to(id, done)),
            Err(why) => problems.add("reason", why),
        }
    }
    let typed = Typed { form: "readers", reason: form.reason, ..Typed::default() };
    let page = PostPage::of(&app, frame, by, id.post()).await?;
    Page::unprocessable(page.with_form(typed, problems)).render(&request)
}

/// `Ok(false)`: somebody was faster. `Err`: why it stays as it is.
fn carry_out(
    tx: &mut Tx<'_>,
    id: QuestionId,
    chosen: Chosen,
    by: &Member,
    reason: String,
    now: Millis,
) -> Result<Result<bool, String>, Error> {
    questions::hold(tx, id)?;
    let question = questions::load_seen(tx, id, Some(by))?;
    let private = chosen == Chosen::Asker;
    if question.private == private {
        return Ok(Ok(false));
    }
    if private && let Some(why) = why_public(tx, &question)? {
        return Ok(Err(why.to_owned()));
    }
    questions::set_private(tx, id, private, now)?;
    answers::recount_accepted(tx, id, now)?;
    let (act, kind) = match private {
        true => {
            // Nobody vouches for what only its asker reads.
            for answer in answers::list(tx, id)? {
                queue::close(tx, queue::Kind::Verify, answer.id.0)?;
            }
            (Act::MakePrivate, notices::Kind::MadePrivate)
        }
        false => {
            sight::shown_again(tx, id, now)?;
            (Act::MakePublic, notices::Kind::MadePublic)
        }
    };
    note(tx, &question, by.id, (act, kind), reason, now)?;
    Ok(Ok(true))
}

/// Why a question cannot become private; `None`: it can.
fn why_public(tx: &mut Tx<'_>, question: &Question) -> Result<Option<&'static str>, DbError> {
    if question.author.remote().is_some() {
        return Ok(Some(words::ON_A_NETWORK));
    }
    if !load_standing(tx, question.id.0)?.is_empty() || !list_awaiting(tx, question.id)?.is_empty() {
        return Ok(Some(words::HAS_A_VERIFICATION));
    }
    let has_parts = !questions::list_ids_merged_into(tx, question.id, 1)?.is_empty();
    if has_parts || !merges::list_splits(tx, question.id)?.is_empty() {
        return Ok(Some(words::HAS_PARTS));
    }
    Ok(None)
}
