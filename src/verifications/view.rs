//! What pages show of verifications. Reads only.

use std::collections::HashMap;

use diesel::prelude::*;

use super::VerificationId;
use crate::clock::Millis;
use crate::db::schema::{member, verification};
use crate::db::{Conn, DbError};

/// A verification that stands: shown with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub id: VerificationId,
    pub answer_id: i64,
    /// Which revision of the answer was vouched for.
    pub revision: i64,
    pub by_name: String,
    pub by_handle: String,
    pub by_title: String,
    pub evidence: String,
    pub scope: String,
    pub valid_until: Option<Millis>,
    pub created_at: Millis,
}

impl Standing {
    /// Whether its end date has passed: it is still shown, and says so.
    pub fn expired(&self, now: Millis) -> bool {
        self.valid_until.is_some_and(|until| until < now)
    }
}

/// The standing verifications of a thread by the answer they vouch for, in one query.
pub fn load_standing(conn: &mut Conn, question_id: i64) -> Result<HashMap<i64, Standing>, DbError> {
    type Row = (VerificationId, i64, i64, String, String, String, String, String, Option<Millis>, Millis);
    let rows: Vec<Row> = verification::table
        .inner_join(member::table)
        .filter(verification::question_id.eq(question_id))
        .filter(verification::withdrawn_at.is_null())
        .select((
            verification::id,
            verification::answer_id,
            verification::revision,
            member::name,
            member::handle,
            member::title,
            verification::evidence,
            verification::scope,
            verification::valid_until,
            verification::created_at,
        ))
        .load(conn)?;
    let standing =
        |(id, answer_id, revision, by_name, by_handle, by_title, evidence, scope, valid_until, created_at): Row| {
            (
                answer_id,
                Standing {
                    id,
                    answer_id,
                    revision,
                    by_name,
                    by_handle,
                    by_title,
                    evidence,
                    scope,
                    valid_until,
                    created_at,
                },
            )
        };
    Ok(rows.into_iter().map(standing).collect())
}
