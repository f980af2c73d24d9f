//! `answerwell bench seed`: a forum of any size that reads like one, the same each time, in an empty database.
//!
//! Whole rows go in by the hundred, into the same tables that the product writes, and every figure on a page is the true sum
//! of rows: votes, answers, what was accepted and verified, reputation. What only tells people of news is left out: nobody is
//! told of a past that never was. Its channel is disconnected, so that a server over it speaks to no network.

mod store;
mod words;

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use self::store::{Rows, Value};
use self::words::{Dice, Pieces, TAGS, TOPICS};
use super::resident_mb;
use crate::db::{Db, DbError, PostKind, PostRef, Tx};
use crate::members::{Hasher, MemberId};
use crate::reputation::Event;
use crate::search::Search;
use crate::web::markdown;

/// Whoever was made has this password.
pub const PASSWORD: &str = "a password for the bench";
/// The end of the corpus, always the same: 1 November 2026.
const END: i64 = 1_793_491_200_000;
const YEARS: i64 = 5;
const DAY: i64 = 24 * 3_600 * 1_000;
/// Questions in one transaction.
const BATCH: usize = 2_000;
/// Questions that go in with one statement for each table.
const AT_ONCE: usize = 100;
const STAFF: usize = 8;
/// Out of a hundred questions so many came from X.
const MIRRORED: usize = 8;
/// How many answers each of twenty questions has: three on the average, exactly.
const ANSWERS: [usize; 20] = [3, 0, 2, 4, 3, 1, 5, 3, 2, 7, 3, 0, 4, 3, 1, 5, 3, 2, 4, 5];
const HANDLE: &str = "acme";

/// Fills the empty database behind `db`, then builds its search index, and reports to `out`.
pub async fn run(db: &Db, search: &Search, questions: usize, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    if !db.read(store::is_empty).await? {
        return Err("the database holds members or questions already: a corpus goes into an empty one".into());
    }
    let password = Hasher::default().hash(PASSWORD.to_owned()).await.map_err(|error| error.to_string())?;
    let members = (questions / 20).max(STAFF + 12);
    db.write(move |tx| write_people(tx, members, &password)).await?;
    let mut corpus = Some(Corpus::new(questions, members));
    for begin in (0..questions).step_by(BATCH) {
        let Some(mut at_work) = corpus.take() else { break };
        let end = (begin + BATCH).min(questions);
        at_work = db.write(move |tx| at_work.write(tx, begin, end)).await?;
        corpus = Some(at_work);
    }
    db.write(|tx| {
        store::count(tx, END)?;
        store::settle(tx, &TABLES)
    })
    .await?;
    let Some(made) = corpus.map(|corpus| corpus.made) else { return Ok(()) };
    writeln!(
        out,
        "{questions} questions, {} answers, {} comments, {} votes, {members} members in {:.1} s, {} MB resident",
        made.answers,
        made.comments,
        made.votes,
        begun.elapsed().as_secs_f64(),
        resident_mb()?
    )?;
    let begun = Instant::now();
    search.rebuild().await?;
    writeln!(out, "all of it in the search index after {:.1} s", begun.elapsed().as_secs_f64())?;
    writeln!(out, "staff1@example.com signs in with \"{PASSWORD}\"")?;
    Ok(())
}

/// The tables whose ids are given here.
const TABLES: [&str; 11] = [
    "topic",
    "tag",
    "member",
    "channel",
    "remote_author",
    "question",
    "answer",
    "comment",
    "vote",
    "remote_post",
    "verification",
];

fn write_people(tx: &mut Tx<'_>, members: usize, password: &str) -> Result<(), DbError> {
    use Value::{Null, Number, Text};
    let mut topics = Rows::of("topic (id, slug, name, description, position)");
    for (id, name) in (1_i64..).zip(TOPICS) {
        let slug = crate::posts::slug(name);
        let about = format!("All about: {}.", name.to_lowercase());
        topics.add(&[Number(id), Text(&slug), Text(name), Text(&about), Number(id)]);
    }
    topics.flush(tx)?;
    let mut tags = Rows::of("tag (id, name, created_at)");
    for (id, number) in (1_i64..).zip(0..TAGS) {
        tags.add(&[Number(id), Text(&words::tag(number)), Number(END - YEARS * 365 * DAY)]);
    }
    tags.flush(tx)?;
    let mut rows = Rows::of(
        "member (id, handle, name, email, email_key, title, role, password_hash, created_at, confirmed_at, bio, bio_html)",
    );
    let mut dice = Dice::new(2);
    for (id, number) in (1_i64..).zip(0..members) {
        let is_staff = number < STAFF;
        let (role, title) = match number {
            0 => ("admin", "Head of support"),
            _ if is_staff => ("staff", "Support engineer"),
            _ => ("member", ""),
        };
        let name = words::name(&mut dice);
        let (kind, number) = if is_staff { ("staff", number + 1) } else { ("member", number + 1 - STAFF) };
        let email = format!("{kind}{number}@example.com");
        let handle = format!("{kind}{number}");
        let bio = if dice.chance(20) { "I like things that simply work." } else { "" };
        let bio_html = markdown::to_html(bio);
        let created = END - YEARS * 365 * DAY - DAY;
        rows.add(&[
            Number(id),
            Text(&handle),
            Text(&name),
            Text(&email),
            Text(&email),
            Text(title),
            Text(role),
            Text(password),
            Number(created),
            Number(created),
            Text(bio),
            Text(bio_html.as_str()),
        ]);
    }
    rows.flush(tx)?;
    let mut channel =
        Rows::of("channel (id, network, remote_id, handle, mode, topic_id, state, created_at, disconnected_at)");
    channel.add(&[
        Number(1),
        Text("x"),
        Text("1000"),
        Text(HANDLE),
        Text("mirror"),
        Null,
        Text("live"),
        Number(END),
        Number(END),
    ]);
    channel.flush(tx)
}

/// How much was made so far.
#[derive(Default)]
struct Made {
    answers: i64,
    comments: i64,
    votes: i64,
    verifications: i64,
    remotes: i64,
}

/// The tables that are being written, and where their ids are.
struct Corpus {
    pieces: Pieces,
    questions: usize,
    members: usize,
    made: Made,
    tables: Tables,
}

struct Tables {
    question: Rows,
    answer: Rows,
    revision: Rows,
    comment: Rows,
    vote: Rows,
    reputation: Rows,
    tagged: Rows,
    affected: Rows,
    helped: Rows,
    verification: Rows,
    remote_author: Rows,
    remote_post: Rows,
    follow: Rows,
}

/// What is known of a thread while it is written.
struct Thread {
    id: i64,
    dice: Dice,
    asked_at: i64,
    /// `None`: it came from X.
    asker: Option<i64>,
    answers: Vec<Answer>,
}

struct Answer {
    id: i64,
    by: i64,
    at: i64,
    accepted: bool,
    verified_by: Option<i64>,
}

impl Corpus {
    fn new(questions: usize, members: usize) -> Self {
        let tables = Tables {
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
        };
        Self { pieces: Pieces::render(), questions, members, made: Made::default(), tables }
    }

    /// Writes the questions from `begin` to below `end`, with all that hangs on them.
    fn write(mut self, tx: &mut Tx<'_>, begin: usize, end: usize) -> Result<Self, DbError> {
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

    fn write_answer(&mut self, thread: &mut Thread, nth: usize) {
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
    fn write_votes(&mut self, thread: &mut Thread, post: PostRef, author: Option<i64>, at: i64) -> i64 {
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
    fn write_comments(&mut self, thread: &mut Thread) -> i64 {
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
    fn write_affected(&mut self, thread: &mut Thread) -> i64 {
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

    fn count(&mut self, of: i64, event: Event, at: i64) {
        let name = event.to_string();
        let row = [Value::Number(of), Value::Text(&name), Value::Number(event.points()), Value::Number(at)];
        self.tables.reputation.add(&row);
    }

    /// A member; a few write most.
    fn member(&self, dice: &mut Dice) -> i64 {
        i64::try_from(dice.skewed(self.members)).unwrap_or(0) + 1
    }

    /// A member who is not this one.
    fn other(&self, dice: &mut Dice, than: i64) -> i64 {
        let one = self.member(dice);
        if one == than { one % i64::try_from(self.members).unwrap_or(1) + 1 } else { one }
    }

    /// Fewer than `most` different members, this one not among them.
    fn others(&self, dice: &mut Dice, than: i64, most: usize) -> Vec<i64> {
        let many = dice.below(most);
        let mut found: Vec<i64> = (0..many).map(|_| self.other(dice, than)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Within so many milliseconds after another moment, and not after the end.
fn later(dice: &mut Dice, after: i64, within: i64) -> i64 {
    let within = usize::try_from(within).unwrap_or(1);
    (after + 60_000 + i64::try_from(dice.below(within)).unwrap_or(0)).min(END.max(after))
}

impl Tables {
    /// What is referred to goes first.
    fn flush(&mut self, tx: &mut Tx<'_>) -> Result<(), DbError> {
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
