//! How well search finds what people judged to be found: `answerwell search-quality`.
//!
//! Reads a folder in BEIR layout (`corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv`), indexes it through the product's own
//! schema in a temporary folder, and asks the function behind the search page, or the one behind similar questions. The
//! query itself is left out where it stands in the corpus. Writes nothing else.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tantivy::TantivyError;

use super::document::{Document, marks};
use super::find::{COUNTED_THROUGH, Sort, Wish};
use super::index::{Followed, OpenIndex};
use super::language::Language;
use super::plan::Narrow;
use super::query::Asked;
use super::similar::{self, Among};
use super::{PAGE_SIZE, look_up};
use crate::clock::Millis;
use crate::db::{PostKind, PostRef};
use crate::members::MemberId;
use crate::posts::Author;
use crate::questions::QuestionId;

/// Documents that are indexed at once.
const BATCH: usize = 1_000;

#[derive(Debug, thiserror::Error)]
pub enum QualityError {
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    #[error("{path}, line {line}: {why}")]
    Line { path: PathBuf, line: usize, why: String },
    #[error("the index: {0}")]
    Index(#[from] TantivyError),
    #[error("nothing could be measured: no query of queries.jsonl is judged in qrels/test.tsv")]
    NothingJudged,
    #[error("the report cannot be written: {0}")]
    Out(#[from] io::Error),
}

/// What was measured: means over the judged queries, 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quality {
    pub documents: usize,
    pub queries: usize,
    /// Gains discounted by rank over the first ten, against the best order.
    pub ndcg: f64,
    /// Of what was judged to be found, or of ten where there is more.
    pub recall: f64,
    /// How often the first is one of them.
    pub first: f64,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "_id")]
    id: String,
    #[serde(default)]
    title: String,
    text: String,
}

/// Judgements: the grade of each document, by query.
type Judged = HashMap<String, HashMap<String, f64>>;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Behind the search page.
    Search,
    /// Behind similar questions, by a title: as while somebody asks.
    Similar,
    /// Behind similar questions, by the whole question: as beside each thread. Queries that do not stand in the corpus have
    /// nothing but themselves.
    Beside,
}

/// Measures a folder. `folder`: an empty place for the index. `each`: where a line for each query goes.
pub fn measure(
    dir: &Path,
    function: Function,
    folder: &Path,
    mut each: Option<&mut dyn Write>,
) -> Result<Quality, QualityError> {
    let judged = read_judged(&dir.join("qrels/test.tsv"))?;
    let (index, ids) = index(&dir.join("corpus.jsonl"), folder)?;
    let numbers: HashMap<&str, i64> = ids.iter().map(String::as_str).zip(1..).collect();
    let mut wholes: HashMap<String, (String, String)> = HashMap::new();
    if function == Function::Beside {
        for_each_line(&dir.join("corpus.jsonl"), |entry: Entry| {
            if judged.contains_key(&entry.id) {
                wholes.insert(entry.id, (entry.title, entry.text));
            }
            Ok(())
        })?;
    }
    let mut quality = Quality { documents: ids.len(), ..Quality::default() };
    for_each_line(&dir.join("queries.jsonl"), |query: Entry| {
        let Some(grades) = judged.get(&query.id) else { return Ok(()) };
        let own = QuestionId(numbers.get(query.id.as_str()).copied().unwrap_or(0));
        let whole = wholes.get(&query.id).filter(|_| function == Function::Beside);
        let (asked, narrow, wish) = if function == Function::Search {
            let wish =
                Wish { sort: Sort::Relevance, most: PAGE_SIZE, counted: Some(COUNTED_THROUGH), except: Some(own.0) };
            (Asked::read(&query.text), Narrow::default(), wish)
        } else {
            let (title, body) = whole.map_or((&*query.text, ""), |(title, body)| (title, body));
            (Asked::about(title, body), similar::narrow(Among::All), similar::wish(own, PAGE_SIZE))
        };
        let hits = look_up(&index, &asked, &narrow, wish)?.hits.best;
        let name = |thread: i64| usize::try_from(thread - 1).ok().and_then(|at| ids.get(at));
        let grade = |thread: i64| name(thread).and_then(|name| grades.get(name)).copied().unwrap_or(0.0);
        let found: Vec<f64> = hits.iter().map(|hit| grade(hit.thread)).collect();
        let (ndcg, recall, first) = told(&found, grades.values().copied().collect());
        quality.queries += 1;
        quality.ndcg += ndcg;
        quality.recall += recall;
        quality.first += first;
        if let Some(each) = &mut each {
            let names: Vec<&str> = hits.iter().filter_map(|hit| name(hit.thread)).map(String::as_str).collect();
            writeln!(each, "{}\t{ndcg:.4}\t{recall:.4}\t{}\t{}", query.id, names.join(","), query.text)?;
        }
        Ok(())
    })?;
    if quality.queries == 0 {
        return Err(QualityError::NothingJudged);
    }
    let count = quality.queries as f64;
    Ok(Quality { ndcg: quality.ndcg / count, recall: quality.recall / count, first: quality.first / count, ..quality })
}

/// nDCG@10, recall@10 and P@1 of one query, from the grades of what was found, in order, and of all that was judged.
fn told(found: &[f64], mut judged: Vec<f64>) -> (f64, f64, f64) {
    let discounted = |grades: &[f64]| -> f64 {
        grades.iter().take(PAGE_SIZE).zip(2_u32..).map(|(grade, rank)| grade / f64::from(rank).log2()).sum()
    };
    judged.retain(|grade| *grade > 0.0);
    judged.sort_by(|left, right| right.total_cmp(left));
    let best = discounted(&judged);
    if best == 0.0 {
        return (0.0, 0.0, 0.0);
    }
    let hits = found.iter().take(PAGE_SIZE).filter(|grade| **grade > 0.0).count();
    let first = if found.first().is_some_and(|grade| *grade > 0.0) { 1.0 } else { 0.0 };
    (discounted(found) / best, hits as f64 / judged.len().min(PAGE_SIZE) as f64, first)
}

/// Indexes a corpus. The thread of each document is its number, from 1, in the order of the names that are given back.
fn index(path: &Path, folder: &Path) -> Result<(OpenIndex, Vec<String>), QualityError> {
    let index = OpenIndex::create(&folder.join("index"))?;
    let mut ids = Vec::new();
    let mut batch = Vec::new();
    for_each_line(path, |entry: Entry| {
        ids.push(entry.id);
        let number = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        batch.push(document(number, entry.title, entry.text));
        if batch.len() == BATCH {
            index.fill(&std::mem::take(&mut batch))?;
        }
        Ok(())
    })?;
    index.fill(&batch)?;
    index.finish(&Followed { epoch: String::new(), change: 0 })?;
    drop(index);
    Ok((OpenIndex::open(&folder.join("index"))?, ids))
}

fn document(number: i64, title: String, body: String) -> Document {
    Document {
        post: PostRef { kind: PostKind::Question, id: number },
        thread: number,
        language: Language::of(&format!("{title}\n{body}")).unwrap_or(Language::ENGLISH),
        title,
        body,
        author: Author::Member(MemberId(1)),
        topic: 0,
        tags: Vec::new(),
        marks: marks::QUESTION,
        score: 0,
        created_at: Millis(0),
    }
}

fn read_judged(path: &Path) -> Result<Judged, QualityError> {
    let mut judged = Judged::new();
    for (line, number) in open(path)?.lines().zip(1..) {
        let line = line.map_err(|error| QualityError::File(path.to_owned(), error))?;
        // The first line names the columns.
        if number == 1 || line.trim().is_empty() {
            continue;
        }
        let wrong = |why: &str| QualityError::Line { path: path.to_owned(), line: number, why: why.to_owned() };
        let mut columns = line.split('\t');
        let (Some(query), Some(document), Some(grade)) = (columns.next(), columns.next(), columns.next()) else {
            return Err(wrong("three columns are needed: query, document and grade, with a tab between them"));
        };
        let grade = grade.trim().parse().map_err(|_| wrong("the grade is no number"))?;
        judged.entry(query.to_owned()).or_default().insert(document.to_owned(), grade);
    }
    Ok(judged)
}

fn open(path: &Path) -> Result<BufReader<File>, QualityError> {
    File::open(path).map(BufReader::new).map_err(|error| QualityError::File(path.to_owned(), error))
}

fn for_each_line(path: &Path, mut each: impl FnMut(Entry) -> Result<(), QualityError>) -> Result<(), QualityError> {
    for (line, number) in open(path)?.lines().zip(1..) {
        let line = line.map_err(|error| QualityError::File(path.to_owned(), error))?;
        if line.trim().is_empty() {
            continue;
        }
        let wrong = |error: serde_json::Error| QualityError::Line {
            path: path.to_owned(),
            line: number,
            why: error.to_string(),
        };
        each(serde_json::from_str(&line).map_err(wrong)?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_those_that_are_meant() {
        assert_eq!(told(&[1.0], vec![1.0]), (1.0, 1.0, 1.0));
        let (ndcg, recall, first) = told(&[0.0, 1.0], vec![1.0]);
        assert!((ndcg - 1.0 / 3_f64.log2()).abs() < 1e-9 && recall == 1.0 && first == 0.0);
        let (ndcg, recall, _) = told(&[1.0, 2.0], vec![2.0, 1.0, 1.0, 0.0]);
        let best = 2.0 + 1.0 / 3_f64.log2() + 0.5;
        assert!((ndcg - (1.0 + 2.0 / 3_f64.log2()) / best).abs() < 1e-9 && (recall - 2.0 / 3.0).abs() < 1e-9);
        assert_eq!(told(&[], vec![1.0]), (0.0, 0.0, 0.0));
    }
}
