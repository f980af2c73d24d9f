//! The askers of merged threads: who else receives an answer that is verified in one of them. Each gets a delivery of their
//! own, in their own thread.

use super::talk::newest_of;
use super::words;
use crate::app::App;
use crate::bridge::outbound::{Target, find_target};
use crate::bridge::view::load_deliveries_in;
use crate::db::{Conn, DbError};
use crate::questions::{self, QuestionId};
use crate::web::Problems;
use crate::web::form::Kept;

/// More receive nothing by one act.
const MOST: usize = 50;
/// The name of their boxes in the form.
const FIELD: &str = "also";

/// Somebody who asked the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Also {
    pub question_id: i64,
    pub title: String,
    pub target: Target,
    /// The post has a reply of ours already, or is about to get one.
    pub has_reply: bool,
}

impl Also {
    /// What a box says of them: the thread, the post that is answered, and the newest that its reader saw waiting.
    pub fn mark(&self) -> String {
        format!("{}-{}-{}", self.question_id, self.target.remote_post_id, newest_of(&self.target))
    }
}

/// The askers of the threads that are one with this, as far as there is a post to answer.
pub(super) fn load(conn: &mut Conn, question: QuestionId) -> Result<Vec<Also>, DbError> {
    let whole = questions::find_merged_into(conn, question)?;
    let mut parts = questions::list_merged_into(conn, whole.unwrap_or(question), MOST)?;
    parts.retain(|part| part.id != question);
    if let Some(whole) = whole {
        parts.extend(questions::find(conn, whole)?);
    }
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let threads: Vec<i64> = parts.iter().map(|part| part.id.0).collect();
    let sent = load_deliveries_in(conn, &threads)?;
    let mut also = Vec::new();
    for part in parts {
        let Some(target) = find_target(conn, part.id.0)? else { continue };
        let has_reply = sent.iter().any(|one| one.counts() && one.target == Some(target.remote_post_id));
        also.push(Also { question_id: part.id.0, title: part.title, target, has_reply });
    }
    Ok(also)
}

/// Whom the form names, as the boxes were ticked.
pub(super) fn read(kept: &Kept) -> Vec<String> {
    kept.fields.iter().filter(|(name, _)| name == FIELD).map(|(_, mark)| mark.clone()).collect()
}

/// Those who were chosen. `Err`: one of them is not as they were when the form was opened.
pub(super) fn choose(also: &[Also], marks: &[String]) -> Result<Vec<Also>, Problems> {
    let mut chosen: Vec<Also> = Vec::new();
    for mark in marks {
        match also.iter().find(|one| one.mark() == *mark) {
            Some(one) if chosen.contains(one) => {}
            Some(one) => chosen.push(one.clone()),
            None => {
                let mut problems = Problems::default();
                let news = words::OTHERS_CHANGED;
                problems.add("recipient", news);
                return Err(problems);
            }
        }
    }
    Ok(chosen)
}

/// Whether the text may go to each of them, by the rules of their networks.
pub(super) fn check(problems: &mut Problems, app: &App, chosen: &[Also], field: &'static str, name: &str, text: &str) {
    let mut seen = Vec::new();
    for one in chosen {
        if !seen.contains(&one.target.channel_id) && problems.of(field).is_none() {
            seen.push(one.target.channel_id);
            super::check_outgoing(problems, &app.bridge, &one.target, field, name, text);
        }
    }
}
