//! Threads that staff have verified an answer in, and that are about what a text is about: what is suggested to them.

use std::collections::{HashMap, HashSet};

use super::find::{Hit, find_vouched};
use super::query::Asked;
use super::{Search, SearchError, load, snippet};
use crate::db::{Conn, DbError, PostRef};
use crate::posts::Text;
use crate::questions::QuestionId;

/// Matched words that are told; more say no more.
const MOST_WORDS: usize = 6;
/// Threads that are looked at closely.
const CANDIDATES: usize = 30;

/// A thread with a verified answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Similar {
    pub question_id: QuestionId,
    /// How well it fits; of use only beside others of the same search.
    pub score: f32,
    /// The words that it has in common with the text.
    pub words: Vec<String>,
}

impl Search {
    /// The threads with a verified answer that fit a text best, best first, but for `except`. Whether staff still stand by
    /// the answer is the caller's to see.
    pub async fn similar(&self, text: &str, except: QuestionId) -> Result<Vec<Similar>, SearchError> {
        let (Some(asked), Some(index)) = (Asked::about(text), self.index()) else { return Ok(Vec::new()) };
        let again = asked.clone();
        let mut hits = self.looked_up(move || Ok(find_vouched(&index, &again)?)).await?;
        hits.retain(|hit| hit.question_id != except.0);
        hits.truncate(CANDIDATES);
        let shown = hits.clone();
        let texts = self.inner.db.read(move |conn| texts_of(conn, &shown)).await?;
        let stems = asked.stems();
        let similar = move || Ok(hits.into_iter().map(|hit| told(&hit, &texts, &stems)).collect());
        self.looked_up(similar).await
    }
}

type Texts = HashMap<i64, Vec<Text>>;

/// The words of the question and of what was found in its thread.
fn texts_of(conn: &mut Conn, hits: &[Hit]) -> Result<Texts, DbError> {
    let mut posts: Vec<PostRef> = Vec::new();
    for hit in hits {
        posts.push(QuestionId(hit.question_id).post());
        if hit.post != QuestionId(hit.question_id).post() {
            posts.push(hit.post);
        }
    }
    let mut texts = Texts::new();
    for text in load::load_shown(conn, &posts)? {
        texts.entry(text.question_id).or_default().push(text);
    }
    Ok(texts)
}

fn told(hit: &Hit, texts: &Texts, stems: &HashSet<String>) -> Similar {
    let mut words: Vec<String> = Vec::new();
    for text in texts.get(&hit.question_id).into_iter().flatten() {
        let marked = snippet::whole(&format!("{}\n{}", text.title, text.words()), stems);
        for piece in marked.into_iter().filter(|piece| piece.marked) {
            let word = piece.text.to_lowercase();
            if !words.contains(&word) {
                words.push(word);
            }
        }
    }
    words.truncate(MOST_WORDS);
    Similar { question_id: QuestionId(hit.question_id), score: hit.score, words }
}
