//! What hangs on a question: its answers with what staff say of them, votes, comments, and who has it too.

use super::corpus::{Answer, Corpus, Thread, later};
use super::store::Value;
use super::{DAY, END};
use crate::db::{PostKind, PostRef};
use crate::members::MemberId;
use crate::reputation::Event;

impl Corpus {
    pub(super) fn write_answer(&mut self, thread: &mut Thread, nth: usize) {
        use Value::{Null, Number, Text};
        let Answer { id, by, at, accepted, verified_by } = thread.answers[nth];
        let words = self.pieces.answer(&mut thread.dice);
        let score = self.write_votes(thread, PostRef { kind: PostKind::Answer, id }, Some(by), at);
        let (mut helped, mut not_helped) = (0, 0);
        if thread.dice.chance(15) {
            for reader in self.others(&mut thread.dice, by, 4) {
                let value = if thread.dice.chance(80) { 1 } else { -1 };
                helped += i64::from(value == 1);
                not_helped += i64::from(value == -1);
                let said_at = later(&mut thread.dice, at, 30 * DAY);
                let person = format!("member-{reader}");
                self.tables.helped.add(&[Number(id), Text(&person), Number(value), Number(said_at)]);
            }
        }
        let accepted_at = accepted.then(|| later(&mut thread.dice, at, DAY));
        self.tables.answer.add(&[
            Number(id),
            Number(thread.id),
            Number(by),
            Text(&words.source),
            Text(&words.html),
            Number(score),
            Number(at),
            Value::maybe(verified_by.map(|_| 1)),
            Value::maybe(accepted_at),
            Number(helped),
            Number(not_helped),
        ]);
        self.tables.revision.add(&[
            Number(id),
            Number(1),
            Text(&words.source),
            Text(&words.html),
            Number(by),
            Number(at),
        ]);
        if let Some(accepted_at) = accepted_at {
            self.count(by, Event::Accepted { answer: id }, accepted_at);
        }
        let Some(staff) = verified_by else { return };
        let verified_at = later(&mut thread.dice, at, 2 * DAY);
        self.count(by, Event::Verified { answer: id }, verified_at);
        self.made.verifications += 1;
        let until = thread.dice.chance(20).then_some(END + 10 * 365 * DAY);
        let product = if thread.dice.chance(50) { "R7" } else { "" };
        let short = if thread.asker.is_none() {
            Text("Please try the fixed channel, that helps with most of these.")
        } else {
            Null
        };
        self.tables.verification.add(&[
            Number(self.made.verifications),
            Number(thread.id),
            Number(id),
            Number(1),
            Number(staff),
            Text("Tried it in our lab, twice."),
            Text(product),
            Text(&product.to_lowercase()),
            Value::maybe(until),
            short,
            Text("standing"),
            Number(verified_at),
        ]);
    }

    /// Writes the votes on a post and returns their sum.
    pub(super) fn write_votes(&mut self, thread: &mut Thread, post: PostRef, author: Option<i64>, at: i64) -> i64 {
        use Value::{Number, Text};
        let mut score = 0;
        for voter in self.others(&mut thread.dice, author.unwrap_or(0), 6) {
            let value = if thread.dice.chance(88) { 1 } else { -1 };
            let cast_at = later(&mut thread.dice, at, 60 * DAY);
            self.made.votes += 1;
            let row = [
                Number(self.made.votes),
                Number(voter),
                Text(post.kind.as_str()),
                Number(post.id),
                Number(value),
                Number(cast_at),
            ];
            self.tables.vote.add(&row);
            if let Some(author) = author {
                self.count(author, Event::Vote { post, by: MemberId(voter), value }, cast_at);
            }
            score += value;
        }
        score
    }

    /// Writes comments and returns when the last one was written.
    pub(super) fn write_comments(&mut self, thread: &mut Thread) -> i64 {
        use Value::{Number, Text};
        let mut last = 0;
        let many = if thread.dice.chance(45) { 1 + thread.dice.below(4) } else { 0 };
        for _ in 0..many {
            let under = thread.dice.below(thread.answers.len() + 1);
            let answer = under.checked_sub(1).map(|nth| &thread.answers[nth]);
            let (answer_id, after) = answer.map_or((None, thread.asked_at), |answer| (Some(answer.id), answer.at));
            let at = later(&mut thread.dice, after, 2 * DAY);
            let by = self.member(&mut thread.dice);
            let words = self.pieces.comment(&mut thread.dice);
            self.made.comments += 1;
            let row = [
                Number(self.made.comments),
                Number(thread.id),
                Value::maybe(answer_id),
                Number(by),
                Text(&words.source),
                Text(&words.html),
                Number(at),
            ];
            self.tables.comment.add(&row);
            last = last.max(at);
        }
        last
    }

    /// Writes who has it too and returns how many they are.
    pub(super) fn write_affected(&mut self, thread: &mut Thread) -> i64 {
        use Value::{Number, Text};
        if !thread.dice.chance(20) {
            return 0;
        }
        let people = self.others(&mut thread.dice, thread.asker.unwrap_or(0), 6);
        for person in &people {
            let at = later(&mut thread.dice, thread.asked_at, 90 * DAY);
            let person = format!("member-{person}");
            self.tables.affected.add(&[Number(thread.id), Text(&person), Number(at)]);
        }
        i64::try_from(people.len()).unwrap_or(0)
    }
}
