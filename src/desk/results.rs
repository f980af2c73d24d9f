//! Did it work? `POST /desk/results/{id}`: staff say what a reply of the asker means. It counts for the answer that had
//! reached them, and moves the thread on: what worked waits for nobody, what is still broken waits again, and its
//! verification is put up for a check.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::recheck::put_up;
use super::words;
use crate::answers::{self, AnswerId};
use crate::app::App;
use crate::audit::{self, Act, Entry};
use crate::bridge::{self, RemotePostId};
use crate::clock::Millis;
use crate::comments::CommentId;
use crate::db::{DbError, Tx};
use crate::members::{MemberId, Posted, Staff};
use crate::questions;
use crate::results::{self, Outcome, ResultId, Verdict};
use crate::verifications::{self, RESULTS_COUNT_FOR};
use crate::web::{Error, redirect};

#[derive(Deserialize)]
pub struct Deciding {
    verdict: String,
    /// What stood there when the page was opened; empty: nothing was decided.
    #[serde(default)]
    was: String,
    /// The asker's newest post that was waiting then; 0 without one.
    #[serde(default)]
    newest: i64,
}

/// `POST /desk/results/{id}`
pub async fn decide(
    app: web::Data<App>,
    id: web::Path<ResultId>,
    posted: Posted<Staff, Deciding>,
) -> Result<HttpResponse, Error> {
    let (id, now) = (id.into_inner(), app.clock.now());
    let Posted { by: Staff(by), form, .. } = posted;
    let unknown = || Error::BadRequest(words::NO_VERDICT.to_owned());
    let verdict = Verdict::parse(&form.verdict).ok_or_else(unknown)?;
    let was = if form.was.is_empty() { None } else { Some(Verdict::parse(&form.was).ok_or_else(unknown)?) };
    let (outcome, decided) = app
        .db
        .write(move |tx| {
            let outcome = results::find(tx, id)?;
            // The answer may stand in another thread: both are held, the lower id first.
            let other = outcome.answer_id.map_or(Ok(None), |answer| answers::find_thread(tx, answer))?;
            if let Some(lower) = other.filter(|other| *other < outcome.question_id) {
                questions::hold_whole(tx, lower)?;
            }
            questions::hold_living(tx, outcome.question_id)?;
            if let Some(higher) = other.filter(|other| *other > outcome.question_id) {
                questions::hold_whole(tx, higher)?;
            }
            let decided = results::settle(tx, &outcome, was, verdict, by.id, now)?;
            if decided {
                follow(tx, &outcome, verdict, RemotePostId(form.newest), now)?;
                note(tx, &outcome, verdict, by.id, now)?;
            }
            Ok::<_, DbError>((outcome, decided))
        })
        .await?;
    app.bridge.wake_outbox();
    let late = if decided { "" } else { "?faster=1" };
    let comment = CommentId(outcome.comment_id).post();
    Ok(redirect(format!("/desk/questions/{}{late}#{comment}", outcome.question_id)))
}

/// What a verdict means for the thread and for the answer.
fn follow(
    tx: &mut Tx<'_>,
    outcome: &Outcome,
    verdict: Verdict,
    newest: RemotePostId,
    now: Millis,
) -> Result<(), DbError> {
    match verdict {
        Verdict::Worked => {
            bridge::settle_waiting(tx, outcome.question_id.0, newest)?;
        }
        Verdict::Broken => {
            if !bridge::wait_again(tx, outcome.question_id.0, CommentId(outcome.comment_id).post())? {
                questions::wait_again(tx, outcome.question_id, now)?;
            }
        }
        Verdict::Neither => {}
    }
    match outcome.answer_id {
        Some(answer) => look_again(tx, answer, verdict, now),
        None => Ok(()),
    }
}

/// Puts the answer's verification up for a check where it did not help, or helps fewer than half.
fn look_again(tx: &mut Tx<'_>, answer: AnswerId, verdict: Verdict, now: Millis) -> Result<(), DbError> {
    let Some(live) = verifications::find_live(tx, answer)? else { return Ok(()) };
    let (worked, broken) = results::count_since(tx, answer, now.minus(RESULTS_COUNT_FOR))?;
    let why = match verifications::falls(worked, broken) {
        Some(why) => why,
        None if verdict == Verdict::Broken => words::DID_NOT_HELP.to_owned(),
        None => return Ok(()),
    };
    if answers::find(tx, answer)?.is_some() {
        put_up(tx, live.id, &why, now)?;
    }
    Ok(())
}

fn note(tx: &mut Tx<'_>, outcome: &Outcome, verdict: Verdict, by: MemberId, now: Millis) -> Result<(), DbError> {
    let subject = CommentId(outcome.comment_id).post().to_string();
    let question_id = Some(outcome.question_id.0);
    let words = verdict.label().to_owned();
    audit::record(tx, &Entry { by: Some(by), act: Act::DecideResult, subject, question_id, words, at: now })
}
