//! Threads that are about what a text is about: what is offered to whoever asks, beside each thread, and to staff.

use std::collections::HashMap;

use super::document::marks;
use super::find::{Hit, Sort, Wish};
use super::plan::{Column, Narrow, Test};
use super::query::Asked;
use super::snippet::Marker;
use super::{Search, SearchError, load};
use crate::db::{Conn, DbError, PostRef};
use crate::posts::Text;
use crate::questions::QuestionId;

/// Matched words that are told; more say no more.
const MOST_WORDS: usize = 6;
/// Threads that are looked at closely.
const CANDIDATES: usize = 30;

/// A question that others are compared with. Either may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    pub title: String,
    pub body: String,
}

/// Among which threads it is looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Among {
    /// Every thread that is shown.
    All,
    /// Those with an answer that staff stand by.
    Vouched,
}

/// A thread that is about the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Similar {
    pub question_id: QuestionId,
    /// How well it fits; of use only beside others of the same search.
    pub score: f32,
    /// Of the words of the text that say something and that any post holds, the share, by how much they say, which the other
    /// question holds too: 0 to 1. Comparable between texts.
    pub alike: f32,
    /// The words that it has in common with the text, those of its question first.
    pub words: Vec<String>,
}

pub(super) fn narrow(among: Among) -> Narrow {
    match among {
        Among::All => Narrow::default(),
        Among::Vouched => Narrow { tests: vec![Test { what: Column::Marks(marks::VERIFIED), without: false }] },
    }
}

pub(super) fn wish(except: QuestionId, most: usize) -> Wish {
    Wish { sort: Sort::Relevance, most, counted: None, except: Some(except.0) }
}

impl Search {
    /// The threads that fit a question best, best first, but for `except`. Whether staff still stand by an answer is the
    /// caller's to see.
    pub async fn similar(&self, about: &About, except: QuestionId, among: Among) -> Result<Vec<Similar>, SearchError> {
        let asked = Asked::about(&about.title, &about.body);
        let (false, Some(index)) = (asked.is_empty(), self.index()) else { return Ok(Vec::new()) };
        let looked = self.look_up(&index, asked.clone(), narrow(among), wish(except, CANDIDATES)).await?;
        let (hits, marker, weights) = (looked.hits.best, looked.marker, looked.weights);
        let shown = hits.clone();
        let texts = self.inner.db.read(move |conn| texts_of(conn, &shown)).await?;
        let similar = move || Ok(hits.iter().filter_map(|hit| told(hit, &texts, &marker, &weights)).collect());
        self.looked_up(similar).await
    }
}

type Texts = HashMap<i64, Vec<Text>>;

/// The words of the question and of what was found in its thread.
fn texts_of(conn: &mut Conn, hits: &[Hit]) -> Result<Texts, DbError> {
    let mut posts: Vec<PostRef> = Vec::new();
    for hit in hits {
        posts.push(QuestionId(hit.thread).post());
        if hit.post != QuestionId(hit.thread).post() {
            posts.push(hit.post);
        }
    }
    let mut texts = Texts::new();
    for (text, row) in load::load_shown(conn, &posts)? {
        texts.entry(row.id.0).or_default().push(text);
    }
    for (thread, texts) in &mut texts {
        texts.sort_by_key(|text| text.post != QuestionId(*thread).post());
    }
    Ok(texts)
}

/// `None`: the thread is not shown any more.
fn told(hit: &Hit, texts: &Texts, marker: &Marker, weights: &[(Vec<String>, f32)]) -> Option<Similar> {
    let texts = texts.get(&hit.thread)?;
    let said = |text: &Text| format!("{}\n{}", text.title, text.words());
    let mut words: Vec<String> = Vec::new();
    for text in texts {
        let language = if text.post == hit.post { hit.language } else { hit.asked_in };
        for word in marker.words(&said(text), language) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
    }
    words.truncate(MOST_WORDS);
    let question_id = QuestionId(hit.thread);
    let question = texts.iter().find(|text| text.post == question_id.post())?;
    let held = marker.stems_in(&said(question), hit.asked_in);
    let all: f32 = weights.iter().map(|(_, weight)| weight).sum();
    let of =
        |(stems, weight): &(Vec<String>, f32)| if stems.iter().any(|stem| held.contains(stem)) { *weight } else { 0.0 };
    let alike = if all > 0.0 { weights.iter().map(of).sum::<f32>() / all } else { 0.0 };
    Some(Similar { question_id, score: hit.score, alike, words })
}
