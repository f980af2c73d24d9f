//! `answerwell bench seed`: a forum of any size that reads like one, the same each time, in an empty database.
//!
//! Whole rows go in by the hundred, into the same tables that the product writes, and every figure on a page is the true sum
//! of rows: votes, answers, what was accepted and verified, reputation. What only tells people of news is left out: nobody is
//! told of a past that never was. Its channel is disconnected, so that a server over it speaks to no network.

mod corpus;
mod hanging;
mod people;
mod store;
mod tables;
mod words;

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use self::corpus::Corpus;
pub(super) use self::store::count_written;
use super::resident_mb;
use crate::db::Db;
use crate::members::Hasher;
use crate::search::Search;

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
    db.write(move |tx| people::write_people(tx, members, &password)).await?;
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
