//! The index as one commit left it, with what every search of it needs: its columns opened, its tags by name, the languages
//! that its posts are written in. Made once for each commit, so that no search does it. Knows no query.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::columnar::{ColumnValues, StrColumn};
use tantivy::index::SegmentId;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Searcher, SegmentReader, TERMINATED, TantivyError, Term};

use super::document::key;
use super::index::Fields;
use super::language::Language;
use crate::db::PostRef;

pub(super) struct View {
    pub searcher: Searcher,
    /// Of each segment, in the order of the searcher's.
    pub columns: Vec<Arc<Columns>>,
    /// The languages that any post is written in, the one of most posts first.
    pub languages: Vec<Language>,
    /// The words that say something in a body, on the average.
    pub mean_length: f32,
    pub tags: Arc<TagNames>,
}

pub(super) type Values<T> = Arc<dyn ColumnValues<T>>;

/// What a segment holds of each post beside its words. No commit changes it.
pub(super) struct Columns {
    segment: SegmentId,
    /// What is read of every post that fits, in one place: eight bytes a post.
    posts: Vec<Post>,
    pub key: Values<u64>,
    pub author: Values<u64>,
    pub at: Values<i64>,
    pub score: Values<i64>,
    tag: Option<StrColumn>,
    /// The number of each tag of the segment, which is the same in all of them.
    numbers: Vec<u32>,
    /// The language of each post, by its place among all.
    languages: Vec<u8>,
}

#[derive(Clone, Copy)]
pub(super) struct Post {
    /// One beyond four milliards is one with the others there.
    pub thread: u32,
    /// The topic, and the marks in as many bits as they take.
    rest: u32,
}

impl Post {
    const MARKS: u32 = 12;

    fn new(thread: u64, topic: u64, marks: u64) -> Self {
        let number = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
        Self { thread: number(thread), rest: number(topic) << Self::MARKS | number(marks) & ((1 << Self::MARKS) - 1) }
    }

    pub fn topic(self) -> u32 {
        self.rest >> Self::MARKS
    }

    pub fn marks(self) -> u64 {
        (self.rest & ((1 << Self::MARKS) - 1)).into()
    }
}

/// Every tag that was met, by its number. Only grows, so that a number stays what it is.
#[derive(Clone, Default)]
pub(super) struct TagNames {
    numbers: HashMap<Arc<str>, u32>,
    names: Vec<Arc<str>>,
}

impl View {
    /// `earlier`: the view before this commit, whose segments are most likely still here.
    pub fn of(searcher: Searcher, fields: &Fields, earlier: Option<&Self>) -> Result<Self, TantivyError> {
        let mut tags = earlier.map(|view| Arc::clone(&view.tags)).unwrap_or_default();
        let mut columns = Vec::new();
        for segment in searcher.segment_readers() {
            let mut known = earlier.iter().flat_map(|view| &view.columns);
            columns.push(match known.find(|columns| columns.segment == segment.segment_id()) {
                Some(known) => Arc::clone(known),
                None => Arc::new(Columns::open(segment, fields, &mut tags)?),
            });
        }
        let languages = languages(&searcher, fields)?;
        let mean_length = mean_length(&searcher, fields)?;
        Ok(Self { searcher, columns, languages, mean_length, tags })
    }

    /// The language that a post's words are stemmed by; `None`: it is not in the index.
    pub fn language_of(&self, post: PostRef, fields: &Fields) -> Result<Option<Language>, TantivyError> {
        if let [only] = *self.languages {
            return Ok(Some(only));
        }
        let term = Term::from_field_u64(fields.key, key(post));
        for (segment, columns) in self.searcher.segment_readers().iter().zip(&self.columns) {
            let held = segment.inverted_index(fields.key)?.read_postings(&term, IndexRecordOption::Basic)?;
            if let Some(posts) = held.filter(|it| it.doc() != TERMINATED && !segment.is_deleted(it.doc())) {
                return Ok(Some(columns.language(posts.doc())));
            }
        }
        Ok(None)
    }
}

impl Columns {
    fn open(segment: &SegmentReader, fields: &Fields, tags: &mut Arc<TagNames>) -> Result<Self, TantivyError> {
        let columns = segment.fast_fields();
        let unsigned = |name: &str| columns.column_first_or_default::<u64>(name);
        let signed = |name: &str| columns.column_first_or_default::<i64>(name);
        let tag = columns.str("tag")?;
        let mut numbers = Vec::new();
        if let Some(tag) = &tag {
            let mut stream = tag.dictionary().stream()?;
            while stream.advance() {
                numbers.push(number_of(tags, &String::from_utf8_lossy(stream.key())));
            }
        }
        let (thread, topic, marks) = (unsigned("thread")?, unsigned("topic")?, unsigned("marks")?);
        let post = |doc| Post::new(thread.get_val(doc), topic.get_val(doc), marks.get_val(doc));
        Ok(Self {
            segment: segment.segment_id(),
            posts: (0..segment.max_doc()).map(post).collect(),
            key: unsigned("key")?,
            author: unsigned("author")?,
            at: signed("at")?,
            score: signed("score")?,
            tag,
            numbers,
            languages: languages_of_posts(segment, fields)?,
        })
    }

    /// The language that a post's words are stemmed by.
    pub fn language(&self, doc: DocId) -> Language {
        Language::all().nth(self.languages[doc as usize].into()).unwrap_or(Language::ENGLISH)
    }

    pub fn post(&self, doc: DocId) -> Post {
        self.posts[doc as usize]
    }

    /// The numbers of a post's tags.
    pub fn tags(&self, doc: DocId) -> impl Iterator<Item = u32> {
        let ords = self.tag.iter().flat_map(move |tag| tag.term_ords(doc));
        ords.filter_map(|ord| usize::try_from(ord).ok().and_then(|ord| self.numbers.get(ord)).copied())
    }
}

impl TagNames {
    pub fn number(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    pub fn name(&self, number: usize) -> Option<&Arc<str>> {
        self.names.get(number)
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }
}

fn number_of(tags: &mut Arc<TagNames>, name: &str) -> u32 {
    if let Some(known) = tags.number(name) {
        return known;
    }
    let tags = Arc::make_mut(tags);
    let (number, name) = (u32::try_from(tags.names.len()).unwrap_or(u32::MAX), Arc::<str>::from(name));
    tags.names.push(Arc::clone(&name));
    tags.numbers.insert(name, number);
    number
}

fn languages(searcher: &Searcher, fields: &Fields) -> Result<Vec<Language>, TantivyError> {
    let mut counted = Vec::new();
    for language in Language::all() {
        let posts = searcher.doc_freq(&Term::from_field_text(fields.language, language.code()))?;
        if posts > 0 {
            counted.push((posts, language));
        }
    }
    counted.sort_by_key(|(posts, _)| std::cmp::Reverse(*posts));
    Ok(counted.into_iter().map(|(_, language)| language).collect())
}

fn languages_of_posts(segment: &SegmentReader, fields: &Fields) -> Result<Vec<u8>, TantivyError> {
    let mut of_posts = vec![u8::MAX; segment.max_doc() as usize];
    let written = segment.inverted_index(fields.language)?;
    for (place, language) in (0..).zip(Language::all()) {
        let term = Term::from_field_text(fields.language, language.code());
        let Some(mut posts) = written.read_postings(&term, IndexRecordOption::Basic)? else { continue };
        while posts.doc() != TERMINATED {
            of_posts[posts.doc() as usize] = place;
            posts.advance();
        }
    }
    Ok(of_posts)
}

fn mean_length(searcher: &Searcher, fields: &Fields) -> Result<f32, TantivyError> {
    let (mut words, mut posts) = (0, 0);
    for segment in searcher.segment_readers() {
        words += segment.inverted_index(fields.body_stems)?.total_num_tokens();
        posts += u64::from(segment.max_doc());
    }
    Ok((words as f32 / (posts as f32).max(1.0)).max(1.0))
}
