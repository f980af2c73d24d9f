//! The order of answers: what staff vouch for, what helped the asker, what others think, then age.

use std::cmp::Reverse;

use crate::answers::Answer;

/// Sorts in place. `is_verified` says whether staff vouch for the answer.
pub(super) fn best_first(answers: &mut [Answer], is_verified: impl Fn(&Answer) -> bool) {
    answers.sort_by_key(|answer| {
        (!is_verified(answer), answer.accepted_at.is_none(), Reverse(answer.score), answer.created_at, answer.id)
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
        let answer = |id: i64, accepted: bool, score: i64, at: i64| Answer {
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
            accepted_at: accepted.then_some(Millis(at)),
            helped: 0,
            not_helped: 0,
            created_at: Millis(at),
        };
        let mut answers = vec![
            answer(1, false, 0, 10),
            answer(2, false, 9, 40),
            answer(3, true, -2, 30),
            answer(4, false, -5, 20),
            answer(5, false, 0, 5),
            answer(6, true, 1, 50),
        ];
        best_first(&mut answers, |answer| answer.id.0 == 4);
        assert_eq!(answers.iter().map(|answer| answer.id.0).collect::<Vec<_>>(), [4, 6, 3, 2, 5, 1]);
    }
}
