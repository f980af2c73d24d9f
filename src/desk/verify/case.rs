//! What one verification is about, as it is at one moment, and what is written when somebody vouches.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::super::also::{self, Also};
use super::super::talk::{find_news, known_of, newest_of, refuse_claimed, wrote_again};
use super::form::Verifying;
use super::words;
use crate::answers::{self, Answer, AnswerId, Revision};
use crate::bridge::outbound::pictures::Attached;
use crate::bridge::outbound::state::Label;
use crate::bridge::outbound::{self, Letter, Target, enqueue, find_target};
use crate::bridge::view::{DeliveryView, load_deliveries};
use crate::bridge::{Cargo, is_our_account, newest_delivery};
use crate::clock::Millis;
use crate::db::{Conn, DbError, Tx};
use crate::members::{Member, MemberId, load_cards};
use crate::questions::{self, Question};
use crate::queue::Subject;
use crate::verifications::{
    self, NewVerification, NotAllowed, Record, Review, Rules, Scope, Standing, VerificationId, Vouched, find_awaiting,
    find_live, find_review, is_seen, load_standing, needs_second,
};
use crate::web::{Error, Problems};

/// What one verification is about, as it is at one moment.
pub struct Case {
    pub answer: Answer,
    /// The version that would be vouched for: the newest.
    pub newest: Revision,
    pub question: Question,
    /// The thread that this one is part of, in which the answer is read.
    pub whole: Option<Question>,
    /// Who vouches for this answer already, be it that it is being checked again.
    pub standing: Option<Standing>,
    /// Somebody vouched, and a second person has to.
    pub awaiting: Option<Awaiting>,
    /// Why staff did not verify it.
    pub review: Option<Review>,
    /// Somebody of the staff has read it here before.
    pub is_seen: bool,
    /// The topic asks for a second person.
    pub needs_second: bool,
    /// The short form of these very words when they were verified the last time.
    pub said_before: Option<String>,
    /// The post that is to be answered. `None`: there is nobody to send to.
    pub target: Option<Target>,
    /// The thread in which that is: this one, or, where this was asked here, one that is merged with it.
    pub(super) target_in: i64,
    /// The other askers of the threads that are one with this.
    pub also: Vec<Also>,
    /// The answer is a reply that our own account wrote in the network's own app: it stands there already.
    pub is_there: bool,
    /// What went to the target already, or is to go.
    pub earlier: Vec<DeliveryView>,
    /// The id of the newest delivery of the thread; 0 without one.
    pub(super) last_delivery: i64,
    /// The newest answer and comment of the thread, as the form carries them.
    pub(super) known: String,
}

/// A verification that waits for its second person.
pub struct Awaiting {
    pub record: Record,
    pub by_name: String,
}

/// What staff say of an answer, checked.
pub struct Vouching {
    pub evidence: String,
    pub scope: Scope,
    pub valid_until: Option<Millis>,
    /// The words for the target; none without one, or where nothing is to be sent.
    pub short_form: Option<String>,
    /// What goes along with them.
    pub pictures: Vec<Attached>,
    /// Who else receives it.
    pub also: Vec<Also>,
    /// How long it may be taken back before it leaves.
    pub window: Duration,
}

/// What leaves with a verification.
pub(super) struct Outgoing {
    pub short_form: Option<String>,
    pub pictures: Vec<Attached>,
    pub also: Vec<Also>,
    pub window: Duration,
}

/// Loads what a verification of this answer is about. Unknown and removed answers are [`Error::NotFound`] and
/// [`Error::Gone`].
pub fn load_case(conn: &mut Conn, id: AnswerId) -> Result<Case, Error> {
    let answer = answers::load(conn, id)?;
    // What is read in the thread that this one is part of is verified here all the same: each of them has its own asker.
    let question = questions::find_in_whole(conn, answer.question_id)?.ok_or(Error::NotFound)?;
    let whole = match questions::find_merged_into(conn, question.id)? {
        Some(whole) => questions::find(conn, whole)?,
        None => None,
    };
    let is_there = is_ours(conn, &answer)?;
    let mut also = also::load(conn, question.id)?;
    let (target_in, target) = match find_target(conn, question.id.0)? {
        _ if is_there => (question.id.0, None),
        None if !also.is_empty() => {
            let first = also.remove(0);
            (first.question_id, Some(first.target))
        }
        own => (question.id.0, own),
    };
    let deliveries = load_deliveries(conn, target_in)?;
    let to_target =
        |one: &DeliveryView| one.counts() && target.as_ref().is_some_and(|t| Some(t.remote_post_id) == one.target);
    let earlier = deliveries.into_iter().filter(to_target).collect();
    let awaiting = match find_awaiting(conn, id)? {
        Some(record) => {
            let by_name = load_cards(conn, &[record.by])?.remove(&record.by).map(|card| card.name).unwrap_or_default();
            Some(Awaiting { record, by_name })
        }
        None => None,
    };
    Ok(Case {
        newest: answers::load_revision(conn, id, answer.revision)?,
        standing: load_standing(conn, question.id.0)?.remove(&id.0),
        review: find_review(conn, id)?.filter(|review| review.revision == answer.revision),
        is_seen: is_seen(conn, id)?,
        said_before: find_live(conn, id)?.filter(|one| one.revision == answer.revision).and_then(|one| one.short_form),
        needs_second: needs_second(conn, &question)?,
        known: known_of(conn, question.id)?,
        also,
        answer,
        question,
        whole,
        awaiting,
        target,
        target_in,
        is_there,
        earlier,
        last_delivery: newest_delivery(conn, target_in)?,
    })
}

fn is_ours(conn: &mut Conn, answer: &Answer) -> Result<bool, DbError> {
    match answer.author.remote() {
        Some(author) => is_our_account(conn, author),
        None => Ok(false),
    }
}

/// The case as it is now, and stays until this transaction ends.
pub(super) fn hold_case(tx: &mut Tx<'_>, id: AnswerId) -> Result<Case, Error> {
    answers::hold(tx, id)?;
    load_case(tx, id)
}

/// Writes the verification, and the delivery that carries it where there is a target and no second person has to vouch
/// first. Call `Bridge::wake_outbox` after it. `Err`: the rules refuse it, and the transaction must be undone.
pub fn vouch(
    tx: &mut Tx<'_>,
    case: &Case,
    vouching: Vouching,
    by: MemberId,
    rules: Rules,
    now: Millis,
) -> Result<Result<VerificationId, NotAllowed>, Error> {
    let Vouching { evidence, scope, valid_until, short_form, pictures, also, window } = vouching;
    let new = NewVerification {
        question_id: case.question.id,
        answer_id: case.answer.id,
        revision: case.newest.number,
        by,
        evidence,
        scope,
        valid_until,
        short_form: short_form.clone(),
        pictures: encode(&pictures)?,
    };
    let Vouched { id, awaits_second } = match verifications::vouch(tx, &new, rules, now)? {
        Ok(vouched) => vouched,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !awaits_second {
        send_out(tx, case, id, Outgoing { short_form, pictures, also, window }, by, now)?;
    }
    Ok(Ok(id))
}

/// Puts the short form of a verification that stands now on its way. What was to carry an earlier one stays here.
pub(super) fn send_out(
    tx: &mut Tx<'_>,
    case: &Case,
    id: VerificationId,
    outgoing: Outgoing,
    by: MemberId,
    now: Millis,
) -> Result<(), DbError> {
    let Outgoing { short_form, pictures, also, window } = outgoing;
    let (question_id, answer_id) = (case.target_in, case.answer.id.0);
    if case.standing.is_some() {
        outbound::withdraw_answer(tx, case.question.id.0, answer_id, Some(by), now)?;
    }
    let (true, Some(text)) = (case.target.is_some(), short_form) else { return Ok(()) };
    // Read anew: what was withdrawn lets the asker wait again.
    if let Some(target) = find_target(tx, question_id)? {
        let cargo = Cargo::Answer { verification_id: id.0, answer_id };
        for one in also {
            let (question_id, target) = (one.question_id, one.target);
            let (text, pictures) = (text.clone(), pictures.clone());
            enqueue(tx, Letter { question_id, cargo, target, text, pictures, by, window }, now)?;
        }
        enqueue(tx, Letter { question_id, cargo, target, text, pictures, by, window }, now)?;
    }
    Ok(())
}

/// Pictures as a verification keeps them until a second person has confirmed.
#[derive(Serialize, Deserialize)]
struct Kept {
    hash: String,
    alt: String,
}

fn encode(pictures: &[Attached]) -> Result<String, Error> {
    let kept: Vec<Kept> = pictures.iter().map(|one| Kept { hash: one.hash.clone(), alt: one.alt.clone() }).collect();
    serde_json::to_string(&kept).map_err(|error| Error::Internal(format!("pictures as JSON: {error}")))
}

/// What was to go along with a verification.
pub(super) fn decode(pictures: &str) -> Result<Vec<Attached>, DbError> {
    let kept: Vec<Kept> = serde_json::from_str(pictures)
        .map_err(|_| DbError::Inconsistent { what: "list of pictures", value: pictures.to_owned() })?;
    Ok(kept.into_iter().map(|Kept { hash, alt }| Attached { hash, alt }).collect())
}

impl Case {
    pub fn place(&self) -> String {
        format!("/desk/questions/{}#{}", self.question.id, self.answer.id.post())
    }

    /// Whether the words that would be vouched for are this member's: they wrote the answer, or this version of it.
    pub(super) fn is_by(&self, member: &Member) -> bool {
        self.answer.author.member() == Some(member.id) || self.newest.by == Some(member.id)
    }

    /// Staff stand by what the answer says now: there is nothing to verify.
    pub(super) fn is_settled(&self, now: Millis) -> bool {
        self.standing.as_ref().is_some_and(|one| one.holds(now) && one.revision == self.newest.number)
    }

    /// Somebody vouched for what the answer says now, and a second person has to.
    pub(super) fn waits_for_second(&self) -> Option<&Awaiting> {
        self.awaiting.as_ref().filter(|one| one.record.revision == self.newest.number)
    }

    /// This answer has reached the target before, or may have.
    pub(super) fn has_arrived(&self) -> bool {
        let arrived = |one: &DeliveryView| {
            matches!(one.state.label(), Label::Sent | Label::Sending | Label::Uncertain)
                && one.answer_id == Some(self.answer.id.0)
        };
        self.earlier.iter().any(arrived)
    }

    pub(super) fn target_id(&self) -> i64 {
        self.target.as_ref().map_or(0, |target| target.remote_post_id.0)
    }

    pub(super) fn newest_post(&self) -> i64 {
        self.target.as_ref().map_or(0, newest_of)
    }

    /// What changed since the form was opened, or forbids the act as it stands now.
    pub(super) fn conflicts(&self, form: &Verifying, now: Millis) -> Problems {
        let mut problems = Problems::default();
        if let Some(standing) = self.standing.as_ref().filter(|_| self.is_settled(now)) {
            problems.add("standing", already_verified(standing));
        }
        if let Some(awaiting) = self.waits_for_second() {
            let who = &awaiting.by_name;
            problems.add("standing", words::vouched_meanwhile(who));
        }
        self.changes(form, &mut problems);
        problems
    }

    /// What changed of the words and of the thread since a form was opened.
    pub(super) fn changes(&self, form: &Verifying, problems: &mut Problems) {
        if form.revision != self.newest.number {
            problems.add("answer", words::ANSWER_CHANGED);
        }
        if form.target != self.target_id() {
            let news = words::TARGET_CHANGED;
            problems.add("recipient", news);
        } else if self.target.as_ref().is_some_and(|target| wrote_again(target, form.newest)) {
            problems.add("recipient", crate::desk::words::WROTE_AGAIN);
        } else if form.last_delivery != self.last_delivery {
            let news = words::SENT_MEANWHILE;
            problems.add("earlier", news);
        }
    }
}

/// What else happened in the thread since the form was opened: somebody answered, or a colleague has claimed it.
pub(super) fn look_around(
    tx: &mut Tx<'_>,
    case: &Case,
    form: &Verifying,
    by: MemberId,
    now: Millis,
) -> Result<Problems, DbError> {
    let mut problems = Problems::default();
    if let Some(news) = find_news(tx, case.question.id, &form.known)? {
        problems.add("answer", news);
    } else if let Some(claimed) =
        refuse_claimed(tx, Subject::Question(case.question.id.0), by, !form.take_over.is_empty(), now)?
    {
        problems.add("claim", claimed);
    }
    Ok(problems)
}

fn already_verified(standing: &Standing) -> String {
    words::already_verified(&standing.by(), &standing.created_at.to_day())
}
