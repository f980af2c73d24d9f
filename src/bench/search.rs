//! `answerwell bench search`: what finding costs over the forum in a folder, by kind of query; how large its index is beside the
//! text, how fast it is built, and the memory.
//!
//! Queries are words of the forum's own titles. They go through the functions behind the search page, the suggestions and
//! similar questions, with all that these read from the database.

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use super::seed::count_written;
use super::{cpu_time, list_sample, millis, resident_mb, status_mb};
use crate::alike::{about, asked};
use crate::db::{Db, DbError};
use crate::questions::{self, QuestionId};
use crate::search::{About, Among, Search, Sort, State};

/// Questions whose words are asked for.
const SAMPLE: i64 = 500;
/// Shorter words are seldom what one looks for.
const SHORTEST: usize = 4;
const WARM_UP: usize = 20;
/// How long it is asked as fast as it answers, and by how many at once.
const WINDOW: Duration = Duration::from_secs(3);
const AT_ONCE: usize = 4;

/// A question of the forum.
struct Sample {
    id: QuestionId,
    title: String,
    /// Its text.
    body: String,
    /// The words of its title that one might look for.
    words: Vec<String>,
}

/// What is asked.
#[derive(Clone)]
enum Asked {
    Search(String),
    Suggest(String),
    Similar(About, QuestionId),
}

/// Measures finding in the forum in `folder`, which nobody else serves now.
pub async fn run(folder: &Path, db: &Db, rounds: usize, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    if !matches!(Search::look(folder), State::Follows { .. }) {
        return Err(format!("there is no search index in {}: answerwell bench seed makes one", folder.display()).into());
    }
    let written = db.read(count_written).await?;
    let sample = load_sample(db).await?;
    let search = Search::open(folder.to_owned(), db.clone()).await;
    writeln!(out, "{} posts, {:.1} MB of text", written.posts, written.letters as f64 / 1e6)?;
    let index = Search::size(folder)?;
    let share = 100.0 * index as f64 / written.letters.max(1) as f64;
    writeln!(out, "the index takes {:.1} MB, {share:.0} % of the text", index as f64 / 1e6)?;
    writeln!(
        out,
        "{:<28} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "per query", "found", "CPU p50", "CPU p99", "ms p50", "ms p99", "CPU mean"
    )?;
    for (name, asked) in kinds(&sample) {
        measure(&search, &asked, rounds, name, out).await?;
    }
    let words: Vec<Asked> = (1..=3).flat_map(|many| searches(&sample, many)).collect();
    writeln!(out, "one to three words: {:.0} queries a second, {AT_ONCE} at once", rate(&search, &words).await?)?;
    let (own, mapped) = (status_mb("RssAnon:")?, status_mb("RssFile:")?);
    writeln!(out, "{} MB resident: {own} of its own, {mapped} of files that it may give back", own + mapped)?;
    drop(search);
    build(folder, db, written.posts, out).await
}

async fn load_sample(db: &Db) -> Result<Vec<Sample>, DbError> {
    db.read(|conn| {
        let questions = list_sample(conn, SAMPLE)?;
        let ids: Vec<QuestionId> = questions.iter().map(|(id, _)| *id).collect();
        let texts = questions::load_texts_in_whole(conn, &ids)?;
        let sample = questions.into_iter().filter_map(|(id, title)| {
            let text = texts.iter().find(|text| text.post == id.post())?;
            let is_word = |word: &&str| word.len() >= SHORTEST;
            let words = title.split(|c: char| !c.is_alphanumeric()).filter(is_word).map(str::to_lowercase).collect();
            Some(Sample { id, body: text.words(), title, words })
        });
        Ok(sample.filter(|sample| !sample.words.is_empty()).collect())
    })
    .await
}

/// So many words of each title, from another place each time.
fn searches(sample: &[Sample], many: usize) -> Vec<Asked> {
    let of = |(nth, sample): (usize, &Sample)| {
        let begin = nth % sample.words.len();
        let words = sample.words.iter().cycle().skip(begin).take(many.min(sample.words.len()));
        Asked::Search(words.cloned().collect::<Vec<_>>().join(" "))
    };
    sample.iter().enumerate().map(of).collect()
}

fn kinds(sample: &[Sample]) -> Vec<(&'static str, Vec<Asked>)> {
    let each = |make: &dyn Fn(usize, &Sample) -> Asked| -> Vec<Asked> {
        sample.iter().enumerate().map(|(nth, sample)| make(nth, sample)).collect()
    };
    let longest = |sample: &Sample| sample.words.iter().max_by_key(|word| word.len()).cloned().unwrap_or_default();
    // As far as somebody has typed it who stops within the second or third word.
    let typed = |nth: usize, sample: &Sample| {
        let words = &sample.words[..sample.words.len().min(2 + nth % 2)];
        let text = words.join(" ");
        text[..text.floor_char_boundary(text.len() - 1 - nth % 3)].to_owned()
    };
    vec![
        ("one word", searches(sample, 1)),
        ("two words", searches(sample, 2)),
        ("three words", searches(sample, 3)),
        ("a whole title", each(&|_, sample| Asked::Search(sample.title.clone()))),
        (
            "two words in a row",
            each(&|_, sample| match &*sample.words {
                [one, two, ..] => Asked::Search(format!("\"{one} {two}\"")),
                [one, ..] => Asked::Search(one.clone()),
                [] => Asked::Search(String::new()),
            }),
        ),
        (
            "a word, narrowed down",
            each(&|_, sample| Asked::Search(format!("{} is:verified tag:wifi", sample.words[0]))),
        ),
        (
            "a misspelt word",
            each(&|_, sample| {
                let word = longest(sample);
                let (begin, end) = word.split_at(word.floor_char_boundary(word.len() / 2));
                Asked::Search(format!("{begin}q{end}"))
            }),
        ),
        ("suggestions, two letters", each(&|_, sample| Asked::Suggest(longest(sample).chars().take(2).collect()))),
        ("suggestions, words", each(&|nth, sample| Asked::Suggest(typed(nth, sample)))),
        ("similar to a title", each(&|_, sample| Asked::Similar(asked(&sample.title), sample.id))),
        ("similar to a question", each(&|_, sample| Asked::Similar(about(&sample.title, &sample.body), sample.id))),
    ]
}

/// Asks once and returns how many were found.
async fn ask(search: &Search, asked: &Asked) -> Result<usize, Box<dyn Error>> {
    Ok(match asked {
        Asked::Search(words) => search.search(words, Sort::Relevance, 1).await?.total,
        Asked::Suggest(typed) => search.suggest(typed).await?.len(),
        Asked::Similar(about, except) => search.similar(about, *except, Among::All).await?.len(),
    })
}

/// One after the other.
async fn measure(
    search: &Search,
    asked: &[Asked],
    rounds: usize,
    name: &str,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    for one in asked.iter().take(WARM_UP) {
        ask(search, one).await?;
    }
    let (mut cpus, mut waits, mut found) = (Vec::new(), Vec::new(), 0);
    for one in asked.iter().cycle().take(rounds) {
        let (cpu, begun) = (cpu_time(), Instant::now());
        found += ask(search, one).await?;
        waits.push(begun.elapsed());
        cpus.push(cpu_time().saturating_sub(cpu));
    }
    cpus.sort_unstable();
    waits.sort_unstable();
    let at = |sorted: &[Duration], share: usize| sorted.get(sorted.len() * share / 100).copied().map_or(0.0, millis);
    let mean = millis(cpus.iter().sum()) / rounds.max(1) as f64;
    writeln!(
        out,
        "{name:<28} {:>9} {:>9.2} {:>9.2} {:>9.2} {:>9.2} {mean:>9.2}",
        found / rounds.max(1),
        at(&cpus, 50),
        at(&cpus, 99),
        at(&waits, 50),
        at(&waits, 99),
    )?;
    Ok(())
}

/// Queries a second, several at once.
async fn rate(search: &Search, asked: &[Asked]) -> Result<f64, Box<dyn Error>> {
    let begun = Instant::now();
    let one = async |first: usize| -> Result<usize, Box<dyn Error>> {
        let mut done = 0;
        for next in asked.iter().cycle().skip(first * asked.len() / AT_ONCE) {
            if begun.elapsed() > WINDOW {
                break;
            }
            ask(search, next).await?;
            done += 1;
        }
        Ok(done)
    };
    let done = futures_util::future::try_join_all((0..AT_ONCE).map(one)).await?;
    Ok(done.into_iter().sum::<usize>() as f64 / begun.elapsed().as_secs_f64())
}

/// Builds the index anew, from the database, in a folder of its own.
async fn build(folder: &Path, db: &Db, posts: i64, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let scratch = folder.join("bench-search");
    std::fs::create_dir_all(&scratch)?;
    let search = Search::open(scratch.clone(), db.clone()).await;
    let (cpu, begun) = (cpu_time(), Instant::now());
    search.rebuild().await?;
    let (took, cpu) = (begun.elapsed().as_secs_f64(), cpu_time().saturating_sub(cpu).as_secs_f64());
    drop(search);
    std::fs::remove_dir_all(&scratch)?;
    let rate = posts as f64 / took.max(1e-9);
    writeln!(out, "built in {took:.1} s: {rate:.0} posts a second, {cpu:.1} s of CPU, {} MB resident", resident_mb()?)?;
    Ok(())
}
