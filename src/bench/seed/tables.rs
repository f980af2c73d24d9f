//! The tables that the threads are written into, in whole rows.

use super::store::Rows;
use crate::db::{DbError, Tx};

pub(super) struct Tables {
    pub question: Rows,
    pub answer: Rows,
    pub revision: Rows,
    pub comment: Rows,
    pub vote: Rows,
    pub reputation: Rows,
    pub tagged: Rows,
    pub affected: Rows,
    pub helped: Rows,
    pub verification: Rows,
    pub remote_author: Rows,
    pub remote_post: Rows,
    pub follow: Rows,
}

impl Tables {
    pub fn new() -> Self {
        Self {
            question: Rows::of(
                "question (id, topic_id, member_id, remote_author_id, origin, title, body, body_html, score, answer_count, \
                 accepted_count, verified_answer_id, affected, created_at, activity_at)",
            ),
            answer: Rows::of(
                "answer (id, question_id, member_id, body, body_html, score, created_at, vouched, accepted_at, helped, not_helped)",
            ),
            revision: Rows::of("answer_revision (answer_id, revision, body, body_html, member_id, created_at)"),
            comment: Rows::of("comment (id, question_id, answer_id, member_id, body, body_html, created_at)"),
            vote: Rows::of("vote (id, member_id, post_kind, post_id, value, created_at)"),
            reputation: Rows::of("reputation (member_id, event, points, at)"),
            tagged: Rows::of("question_tag (question_id, tag_id, activity_at)"),
            affected: Rows::of("affected (question_id, person, created_at)"),
            helped: Rows::of("helped (answer_id, person, value, created_at)"),
            verification: Rows::of(
                "verification (id, question_id, answer_id, revision, member_id, evidence, scope, product_key, valid_until, \
                 short_form, state, created_at)",
            ),
            remote_author: Rows::of("remote_author (id, network, scope, remote_id, handle, name, followers, seen_at)"),
            remote_post: Rows::of(
                "remote_post (id, channel_id, network, scope, remote_id, remote_author_id, conversation_remote_id, text, lang, url, \
                 reply_path, posted_at, received_at, state, post_kind, post_id, question_id)",
            ),
            follow: Rows::of("follow (member_id, kind, ref_id, created_at)"),
        }
    }

    /// What is referred to goes first.
    pub fn flush(&mut self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        for rows in [
            &mut self.remote_author,
            &mut self.question,
            &mut self.remote_post,
            &mut self.answer,
            &mut self.revision,
            &mut self.comment,
            &mut self.vote,
            &mut self.reputation,
            &mut self.tagged,
            &mut self.affected,
            &mut self.helped,
            &mut self.verification,
            &mut self.follow,
        ] {
            rows.flush(tx)?;
        }
        Ok(())
    }
}
