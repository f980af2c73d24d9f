//! How many comments are read in a thread: what those who have it open are told as it changes.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::answers::{self, AnswerId};
use crate::comments::{CommentId, Figures};
use crate::db::schema::comment;
use crate::db::{Conn, DbError};
use crate::questions::QuestionId;

type Row = (QuestionId, Option<AnswerId>, i64, Option<CommentId>);

/// The figures of each of these threads that has a comment, without what hangs on an answer that is out of sight. Whether the
/// threads themselves are shown is not asked.
pub fn list_figures(conn: &mut Conn, threads: &[QuestionId]) -> Result<HashMap<QuestionId, Figures>, DbError> {
    let rows: Vec<Row> = comment::table
        .filter(comment::question_id.eq_any(threads))
        .filter(comment::removed_at.is_null())
        .group_by((comment::question_id, comment::answer_id))
        .select((comment::question_id, comment::answer_id, diesel::dsl::count_star(), diesel::dsl::max(comment::id)))
        .load(conn)?;
    let on: Vec<AnswerId> = rows.iter().filter_map(|row| row.1).collect();
    let shown = if on.is_empty() { Vec::new() } else { answers::list_shown(conn, &on)? };
    let mut figures: HashMap<QuestionId, Figures> = HashMap::new();
    for (thread, answer, many, newest) in rows {
        if answer.is_none_or(|answer| shown.contains(&answer)) {
            let newest = newest.map_or(0, |id| id.0);
            figures.entry(thread).or_default().add(Figures { many, newest });
        }
    }
    Ok(figures)
}
