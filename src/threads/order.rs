//! The order of answers: what staff vouch for, what helped the asker, what others think, then age.

use std::cmp::Reverse;

use crate::answers::Answer;

/// Sorts in place. `is_verified` says whether staff vouch for the answer.
pub(super) fn best_first(answers: &mut [Answer], accepted: Option<i64>, is_verified: impl Fn(&Answer) -> bool) {
    answers.sort_by_key(|answer| {
        let is_accepted = accepted == Some(answer.id.0);
        (!is_verified(answer), !is_accepted, Reverse(answer.score), answer.created_at, answer.id)
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::AnswerId;
    use crate::clock::Millis;
    use crate::members::MemberId;
    use crate::posts::Author;
    use crate::questions::QuestionId;

    #[test]
    fn verified_then_accepted_then_score_then_age() {
        let answer = |id: i64, score: i64, at: i64| Answer {
            id: AnswerId(id),
            question_id: QuestionId(1),
            author: Author::Member(MemberId(1)),
            body: String::new(),
            body_html: String::new(),
            revision: 1,
            vouched: None,
            worked: 0,
            broken: 0,
            score,
            created_at: Millis(at),
        };
        let mut answers =
            vec![answer(1, 0, 10), answer(2, 9, 40), answer(3, -2, 30), answer(4, -5, 20), answer(5, 0, 5)];
        best_first(&mut answers, Some(3), |answer| answer.id.0 == 4);
        assert_eq!(answers.iter().map(|answer| answer.id.0).collect::<Vec<_>>(), [4, 3, 2, 5, 1]);
    }
}
