//! The index folder: its fields, how it is opened, written and closed. Blocking throughout.
//!
//! Holds no text: a hit is a post's kind and id, and what is shown comes from the database. So an index that lags or is
//! stolen shows nothing that was taken away. Knows neither the feed nor the slices.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use tantivy::directory::MmapDirectory;
use tantivy::indexer::IndexWriterOptions;
use tantivy::schema::{FAST, Field, IndexRecordOption, NumericOptions, STRING, Schema, TextFieldIndexing, TextOptions};
use tantivy::{DocSet, Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, TERMINATED, TantivyError, Term};

use super::document::{Document, key};
use super::language::Stems;
use super::view::View;

/// The least that tantivy takes. Larger batches are written out in parts.
const WRITER_MEMORY: usize = 15_000_000;
/// While an index is built, larger parts make fewer of them to merge.
const BUILDER_MEMORY: usize = 60_000_000;

/// How far the index has followed the feed. Kept in each commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Followed {
    pub epoch: String,
    pub change: i64,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    /// The post, as one number.
    pub key: Field,
    /// The question of the thread in which it is read.
    pub thread: Field,
    /// Of the whole document: tells whether it is as the database has it.
    pub checksum: Field,
    pub author: Field,
    pub topic: Field,
    pub tag: Field,
    pub marks: Field,
    pub score: Field,
    pub at: Field,
    /// The code of the language that its words are stemmed by.
    pub language: Field,
    /// Titles and bodies as written, with the places of the words, for phrases and beginnings of words.
    pub title: Field,
    pub body: Field,
    /// The stems of the words that say something: what ranks.
    pub title_stems: Field,
    pub body_stems: Field,
}

/// An index that is open. Views taken from it go on working whatever happens to the folder.
pub(super) struct OpenIndex {
    folder: PathBuf,
    pub fields: Fields,
    pub stems: Arc<Stems>,
    index: Index,
    reader: IndexReader,
    view: RwLock<Arc<View>>,
    /// Made when there is something to write. Idle it holds two threads and no memory worth the name.
    writer: Mutex<Option<IndexWriter>>,
}

impl OpenIndex {
    /// Makes an empty index. The folder must not exist.
    pub fn create(folder: &Path) -> Result<Self, TantivyError> {
        std::fs::create_dir_all(folder)?;
        let directory = MmapDirectory::open(folder)?;
        Self::over(folder, Index::create(directory, schema().0, IndexSettings::default())?)
    }

    /// Opens the index of this folder. One of another make is an error, like a broken one.
    pub fn open(folder: &Path) -> Result<Self, TantivyError> {
        let index = Index::open_in_dir(folder)?;
        if index.schema() != schema().0 {
            return Err(TantivyError::SchemaError("its fields are not those of this version".to_owned()));
        }
        Self::over(folder, index)
    }

    fn over(folder: &Path, index: Index) -> Result<Self, TantivyError> {
        // By hand: each commit is ours, and nobody need watch the folder for it.
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let fields = schema().1;
        let view = RwLock::new(Arc::new(View::of(reader.searcher(), &fields, None)?));
        let (folder, writer) = (folder.to_owned(), Mutex::new(None));
        Ok(Self { folder, fields, stems: Arc::default(), index, reader, view, writer })
    }

    pub fn view(&self) -> Arc<View> {
        Arc::clone(&self.view.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes up what was committed, by this process or another.
    pub fn reload(&self) -> Result<(), TantivyError> {
        self.reader.reload()?;
        let (searcher, known) = (self.reader.searcher(), self.view());
        if searcher.generation().segments() == known.searcher.generation().segments() {
            return Ok(());
        }
        let view = View::of(searcher, &self.fields, Some(&known))?;
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(view);
        Ok(())
    }

    /// How far the last commit has followed the feed; `None` where that cannot be told.
    pub fn followed(&self) -> Result<Option<Followed>, TantivyError> {
        let payload = self.index.load_metas()?.payload;
        Ok(payload.and_then(|payload| serde_json::from_str(&payload).ok()))
    }

    /// Whether the folder still holds this index.
    pub fn is_there(&self) -> bool {
        self.folder.join("meta.json").exists()
    }

    /// Whether a file is missing, or holds something else than what was written. Reads the whole index.
    pub fn is_damaged(&self) -> bool {
        // Opened anew, since what is open does not notice that a file went.
        let damaged = Self::open(&self.folder).and_then(|fresh| fresh.index.validate_checksum());
        damaged.map_or(true, |files| !files.is_empty())
    }

    /// Makes these threads hold these documents and no others, and commits. What is in the index as it should be stays
    /// untouched, so that the same again changes nothing.
    pub fn follow(&self, threads: &[i64], documents: &[Document], to: &Followed) -> Result<(), TantivyError> {
        let mut guard = self.writer();
        let writer = self.awake(&mut guard, WRITER_MEMORY)?;
        let held = self.held(threads)?;
        let wanted: HashMap<u64, u64> =
            documents.iter().map(|document| (key(document.post), document.checksum())).collect();
        for post in held.keys().filter(|post| !wanted.contains_key(post)) {
            writer.delete_term(Term::from_field_u64(self.fields.key, *post));
        }
        for document in documents {
            let (post, checksum) = (key(document.post), document.checksum());
            if held.get(&post) != Some(&checksum) {
                // It may stand in another thread's place.
                writer.delete_term(Term::from_field_u64(self.fields.key, post));
                writer.add_document(document.row(&self.fields, checksum, &self.stems))?;
            }
        }
        commit(writer, to)?;
        self.reload()
    }

    /// The posts that stand in these threads, with their checksums.
    fn held(&self, threads: &[i64]) -> Result<HashMap<u64, u64>, TantivyError> {
        let mut held = HashMap::new();
        for segment in self.view().searcher.segment_readers() {
            let columns = segment.fast_fields();
            let (keys, checksums) = (columns.u64("key")?, columns.u64("checksum")?);
            let inverted = segment.inverted_index(self.fields.thread)?;
            for thread in threads {
                let term = Term::from_field_u64(self.fields.thread, thread.unsigned_abs());
                let Some(mut postings) = inverted.read_postings(&term, IndexRecordOption::Basic)? else { continue };
                while postings.doc() != TERMINATED {
                    let doc = postings.doc();
                    if !segment.is_deleted(doc)
                        && let (Some(post), Some(checksum)) = (keys.first(doc), checksums.first(doc))
                    {
                        held.insert(post, checksum);
                    }
                    postings.advance();
                }
            }
        }
        Ok(held)
    }

    /// Every post in the index: its thread, itself, its checksum, in this order. 24 bytes a post.
    pub fn list_held(&self) -> Result<Vec<(i64, u64, u64)>, TantivyError> {
        let mut held = Vec::new();
        for segment in self.view().searcher.segment_readers() {
            let columns = segment.fast_fields();
            let (keys, checksums, threads) = (columns.u64("key")?, columns.u64("checksum")?, columns.u64("thread")?);
            for doc in segment.doc_ids_alive() {
                let found = (threads.first(doc), keys.first(doc), checksums.first(doc));
                if let (Some(thread), Some(post), Some(checksum)) = found {
                    held.push((i64::try_from(thread).unwrap_or(i64::MAX), post, checksum));
                }
            }
        }
        held.sort_unstable();
        Ok(held)
    }

    /// Puts documents into a new index; nothing is seen before [`Self::finish`].
    pub fn fill(&self, documents: &[Document]) -> Result<(), TantivyError> {
        let mut guard = self.writer();
        let writer = self.awake(&mut guard, BUILDER_MEMORY)?;
        for document in documents {
            writer.add_document(document.row(&self.fields, document.checksum(), &self.stems))?;
        }
        Ok(())
    }

    /// Commits what was filled in and gives the writer back.
    pub fn finish(&self, to: &Followed) -> Result<(), TantivyError> {
        let mut guard = self.writer();
        commit(self.awake(&mut guard, BUILDER_MEMORY)?, to)?;
        drop(guard);
        self.rest()
    }

    /// Gives the writer's memory and threads back. What was not committed is dropped.
    pub fn rest(&self) -> Result<(), TantivyError> {
        let writer = self.writer().take();
        writer.map_or(Ok(()), IndexWriter::wait_merging_threads)
    }

    fn writer(&self) -> MutexGuard<'_, Option<IndexWriter>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn awake<'a>(
        &self,
        guard: &'a mut MutexGuard<'_, Option<IndexWriter>>,
        memory: usize,
    ) -> Result<&'a mut IndexWriter, TantivyError> {
        match &mut **guard {
            Some(writer) => Ok(writer),
            empty => {
                let options = IndexWriterOptions::builder()
                    .num_worker_threads(1)
                    .num_merge_threads(1)
                    .memory_budget_per_thread(memory)
                    .build();
                Ok(empty.insert(self.index.writer_with_options(options)?))
            }
        }
    }
}

fn commit(writer: &mut IndexWriter, to: &Followed) -> Result<(), TantivyError> {
    let payload = serde_json::to_string(to).map_err(|error| TantivyError::InternalError(error.to_string()))?;
    let mut prepared = writer.prepare_commit()?;
    prepared.set_payload(&payload);
    prepared.commit()?;
    Ok(())
}

/// What is in the index. A change here needs another folder name.
fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let text = |record| {
        TextOptions::default()
            .set_indexing_options(TextFieldIndexing::default().set_index_option(record).set_fieldnorms(true))
    };
    let exact = text(IndexRecordOption::WithFreqsAndPositions);
    let stems = text(IndexRecordOption::WithFreqs);
    let column = NumericOptions::from(FAST);
    let found_by = column.clone().set_indexed();
    let word = TextOptions::default().set_fast("raw");
    let fields = Fields {
        key: schema.add_u64_field("key", found_by.clone()),
        thread: schema.add_u64_field("thread", found_by),
        checksum: schema.add_u64_field("checksum", column.clone()),
        author: schema.add_u64_field("author", column.clone()),
        topic: schema.add_u64_field("topic", column.clone()),
        tag: schema.add_text_field("tag", word),
        marks: schema.add_u64_field("marks", column.clone()),
        score: schema.add_i64_field("score", column.clone()),
        at: schema.add_i64_field("at", column),
        language: schema.add_text_field("language", STRING),
        title: schema.add_text_field("title", exact.clone()),
        body: schema.add_text_field("body", exact),
        title_stems: schema.add_text_field("title_stems", stems.clone()),
        body_stems: schema.add_text_field("body_stems", stems),
    };
    (schema.build(), fields)
}

/// Removes a folder that may not be there.
pub(super) fn remove_folder(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
