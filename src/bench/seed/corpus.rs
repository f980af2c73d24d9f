//! The threads, one after the other, each by dice of its own: the same number gives the same thread.

use super::store::Value;
use super::tables::Tables;
use super::words::{self, Dice, Pieces, TAGS, TOPICS};
use super::{ANSWERS, AT_ONCE, DAY, END, HANDLE, MIRRORED, STAFF, YEARS};
use crate::db::{DbError, PostKind, PostRef, Tx};
use crate::reputation::Event;
use crate::web::markdown;

/// How much was made so far.
#[derive(Default)]
pub(super) struct Made {
    pub answers: i64,
    pub comments: i64,
    pub votes: i64,
    pub verifications: i64,
    pub remotes: i64,
}

/// The tables that are being written, and where their ids are.
pub(super) struct Corpus {
    pub pieces: Pieces,
    pub questions: usize,
    pub members: usize,
    pub made: Made,
    pub tables: Tables,
}

/// What is known of a thread while it is written.
pub(super) struct Thread {
    pub id: i64,
    pub dice: Dice,
    pub asked_at: i64,
    /// `None`: it came from X.
    pub asker: Option<i64>,
    pub answers: Vec<Answer>,
}

pub(super) struct Answer {
    pub id: i64,
    pub by: i64,
    pub at: i64,
    pub accepted: bool,
    pub verified_by: Option<i64>,
}

impl Corpus {
    pub(super) fn new(questions: usize, members: usize) -> Self {
        Self { pieces: Pieces::render(), questions, members, made: Made::default(), tables: Tables::new() }
    }

    /// Writes the questions from `begin` to below `end`, with all that hangs on them.
    pub(super) fn write(mut self, tx: &mut Tx<'_>, begin: usize, end: usize) -> Result<Self, DbError> {
        for number in begin..end {
            self.write_thread(number);
            if number % AT_ONCE == 0 {
                self.tables.flush(tx)?;
            }
        }
        self.tables.flush(tx)?;
        Ok(self)
    }

    fn write_thread(&mut self, number: usize) {
        use Value::{Number, Text};
        let mut dice = Dice::new(1_000 + number as u64);
        let span = YEARS * 365 * DAY;
        let step = span / i64::try_from(self.questions.max(1)).unwrap_or(i64::MAX);
        let id = i64::try_from(number).unwrap_or(0) + 1;
        let asked_at = END - span + step * (id - 1) + i64::try_from(dice.below(60_000)).unwrap_or(0);
        let asker = if dice.chance(MIRRORED) { None } else { Some(self.member(&mut dice)) };
        let mut thread = Thread { id, dice, asked_at, asker, answers: Vec::new() };
        let (origin, words, remote) = match asker {
            Some(_) => ("", self.pieces.question(&mut thread.dice), None),
            None => {
                let (text, author) = self.remote(&mut thread);
                ("x", words::Piece { html: markdown::from_plain(&text).into_string(), source: text }, Some(author))
            }
        };
        let many = ANSWERS[number % ANSWERS.len()];
        let (is_accepted, is_verified) = (thread.dice.chance(45), thread.dice.chance(30));
        let mut activity = asked_at;
        for nth in 0..many {
            let by = self.other(&mut thread.dice, asker.unwrap_or(0));
            let at = later(&mut thread.dice, asked_at, 3 * DAY);
            let accepted = is_accepted && nth == 0;
            // Nobody vouches for their own words.
            let staff = i64::try_from(thread.dice.below(STAFF)).unwrap_or(0) + 1;
            let verified_by = (is_verified && nth + 1 == many && staff != by).then_some(staff);
            self.made.answers += 1;
            thread.answers.push(Answer { id: self.made.answers, by, at, accepted, verified_by });
            activity = activity.max(at);
        }
        activity = activity.max(self.write_comments(&mut thread));
        let score = self.write_votes(&mut thread, PostRef { kind: PostKind::Question, id }, asker, asked_at);
        let affected = self.write_affected(&mut thread);
        for nth in 0..thread.answers.len() {
            self.write_answer(&mut thread, nth);
        }
        let verified = thread.answers.iter().find(|answer| answer.verified_by.is_some()).map(|answer| answer.id);
        let topic = i64::try_from(thread.dice.skewed(TOPICS.len())).unwrap_or(0) + 1;
        let accepted = thread.answers.iter().filter(|answer| answer.accepted).count();
        let title = words::title(&mut thread.dice);
        self.tables.question.add(&[
            Number(id),
            Number(topic),
            Value::maybe(asker),
            Value::maybe(remote),
            if origin.is_empty() { Value::Null } else { Text(origin) },
            Text(&title),
            Text(&words.source),
            Text(&words.html),
            Number(score),
            Number(i64::try_from(many).unwrap_or(0)),
            Number(i64::try_from(accepted).unwrap_or(0)),
            Value::maybe(verified),
            Number(affected),
            Number(asked_at),
            Number(activity),
        ]);
        let mut tags: Vec<usize> = (0..1 + thread.dice.below(3)).map(|_| thread.dice.skewed(TAGS)).collect();
        tags.sort_unstable();
        tags.dedup();
        for tag in tags {
            self.tables.tagged.add(&[Number(id), Number(i64::try_from(tag).unwrap_or(0) + 1), Number(activity)]);
        }
        let mut writers: Vec<i64> = thread.answers.iter().map(|answer| answer.by).chain(asker).collect();
        writers.sort_unstable();
        writers.dedup();
        for writer in writers {
            self.tables.follow.add(&[Number(writer), Text("question"), Number(id), Number(asked_at)]);
        }
    }

    /// A post of X that the thread begins with: its text, and the id of its author.
    fn remote(&mut self, thread: &mut Thread) -> (String, i64) {
        use Value::{Number, Text};
        self.made.remotes += 1;
        let author = self.made.remotes;
        let (text, name) = (words::shout(&mut thread.dice, HANDLE), words::name(&mut thread.dice));
        let (remote_id, handle) = (format!("{}", 5_000_000 + author), format!("customer{author}"));
        let followers = i64::try_from(thread.dice.below(3_000)).unwrap_or(0);
        self.tables.remote_author.add(&[
            Number(author),
            Text("x"),
            Text(""),
            Text(&remote_id),
            Text(&handle),
            Text(&name),
            Number(followers),
            Number(thread.asked_at),
        ]);
        let post = format!("{}", 9_000_000 + author);
        let url = format!("https://x.com/{handle}/status/{post}");
        self.tables.remote_post.add(&[
            Number(author),
            Number(1),
            Text("x"),
            Text(""),
            Text(&post),
            Number(author),
            Text(&post),
            Text(&text),
            Text("en"),
            Text(&url),
            Text("api"),
            Number(thread.asked_at),
            Number(thread.asked_at),
            Text("mirrored"),
            Text("question"),
            Number(thread.id),
            Number(thread.id),
        ]);
        (text, author)
    }

    pub(super) fn count(&mut self, of: i64, event: Event, at: i64) {
        let name = event.to_string();
        let row = [Value::Number(of), Value::Text(&name), Value::Number(event.points()), Value::Number(at)];
        self.tables.reputation.add(&row);
    }

    /// A member; a few write most.
    pub(super) fn member(&self, dice: &mut Dice) -> i64 {
        i64::try_from(dice.skewed(self.members)).unwrap_or(0) + 1
    }

    /// A member who is not this one.
    fn other(&self, dice: &mut Dice, than: i64) -> i64 {
        let one = self.member(dice);
        if one == than { one % i64::try_from(self.members).unwrap_or(1) + 1 } else { one }
    }

    /// Fewer than `most` different members, this one not among them.
    pub(super) fn others(&self, dice: &mut Dice, than: i64, most: usize) -> Vec<i64> {
        let many = dice.below(most);
        let mut found: Vec<i64> = (0..many).map(|_| self.other(dice, than)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Within so many milliseconds after another moment, and not after the end.
pub(super) fn later(dice: &mut Dice, after: i64, within: i64) -> i64 {
    let within = usize::try_from(within).unwrap_or(1);
    (after + 60_000 + i64::try_from(dice.below(within)).unwrap_or(0)).min(END.max(after))
}
