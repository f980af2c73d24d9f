//! The index folder: its fields, how it is opened, written and closed. Blocking throughout.
//!
//! Holds no text: a hit is a post's kind and id, and what is shown comes from the database. So an index that lags or is
//! stolen shows nothing that was taken away. Knows neither the feed nor the slices.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tantivy::directory::MmapDirectory;
use tantivy::indexer::IndexWriterOptions;
use tantivy::schema::{FAST, Field, IndexRecordOption, NumericOptions, STRING, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::TokenizerManager;
use tantivy::{
    Index, IndexReader, IndexSettings, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, TantivyError, Term,
};

use super::words;
use crate::clock::Millis;
use crate::db::{PostKind, PostRef};

/// What stands in the field `vouched` of what staff vouch for.
pub(super) const VOUCHED: &str = "yes";
/// The least that tantivy takes. Larger batches are written out in parts.
const WRITER_MEMORY: usize = 15_000_000;

/// A post as it is indexed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Document {
    pub post: PostRef,
    pub question_id: i64,
    /// The answer that a comment stands under; it goes when the answer goes.
    pub answer_id: Option<i64>,
    /// Of questions only.
    pub title: String,
    /// Plain words, no Markdown.
    pub body: String,
    /// An answer that staff vouch for, or the question of one.
    pub vouched: bool,
    pub created_at: Millis,
}

/// How far the index has followed the feed. Kept in each commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Followed {
    pub epoch: String,
    pub change: i64,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    /// `answer-5`.
    pub key: Field,
    /// The keys of what the post stands under: they take it along when they go.
    pub under: Field,
    /// [`VOUCHED`], or nothing.
    pub vouched: Field,
    pub kind: Field,
    pub post_id: Field,
    pub question_id: Field,
    pub created_at: Field,
    /// Titles and bodies, each as written and as stems: exact words rank higher.
    pub title: Field,
    pub title_stems: Field,
    pub body: Field,
    pub body_stems: Field,
}

/// An index that is open. Searchers taken from it go on working whatever happens to the folder.
pub(super) struct OpenIndex {
    folder: PathBuf,
    pub fields: Fields,
    index: Index,
    reader: IndexReader,
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

    fn over(folder: &Path, mut index: Index) -> Result<Self, TantivyError> {
        let tokenizers = TokenizerManager::default();
        tokenizers.register(words::EXACT, words::exact());
        tokenizers.register(words::STEMS, words::stems());
        index.set_tokenizers(tokenizers);
        // By hand: each commit is ours, and nobody need watch the folder for it.
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { folder: folder.to_owned(), fields: schema().1, index, reader, writer: Mutex::new(None) })
    }

    pub fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    /// Takes up what another process has committed.
    pub fn reload(&self) -> Result<(), TantivyError> {
        self.reader.reload()
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

    /// Takes out what is gone with all that stands under it, puts in the documents in place of what had their keys, and
    /// commits. The same again changes nothing.
    pub fn follow(&self, gone: &[PostRef], documents: &[Document], to: &Followed) -> Result<(), TantivyError> {
        let mut guard = self.writer();
        let writer = self.awake(&mut guard)?;
        for post in gone {
            writer.delete_term(Term::from_field_text(self.fields.key, &post.to_string()));
            writer.delete_term(Term::from_field_text(self.fields.under, &post.to_string()));
        }
        for document in documents {
            writer.delete_term(Term::from_field_text(self.fields.key, &document.post.to_string()));
            writer.add_document(self.fields.row(document))?;
        }
        commit(writer, to)?;
        self.reader.reload()
    }

    /// Puts documents into a new index; nothing is seen before [`Self::finish`].
    pub fn fill(&self, documents: &[Document]) -> Result<(), TantivyError> {
        let mut guard = self.writer();
        let writer = self.awake(&mut guard)?;
        for document in documents {
            writer.add_document(self.fields.row(document))?;
        }
        Ok(())
    }

    /// Commits what was filled in and gives the writer back.
    pub fn finish(&self, to: &Followed) -> Result<(), TantivyError> {
        let mut guard = self.writer();
        commit(self.awake(&mut guard)?, to)?;
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
    ) -> Result<&'a mut IndexWriter, TantivyError> {
        match &mut **guard {
            Some(writer) => Ok(writer),
            empty => {
                let options = IndexWriterOptions::builder()
                    .num_worker_threads(1)
                    .num_merge_threads(1)
                    .memory_budget_per_thread(WRITER_MEMORY)
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

impl Fields {
    fn row(&self, document: &Document) -> TantivyDocument {
        let mut row = TantivyDocument::default();
        row.add_text(self.key, document.post.to_string());
        if document.post.kind != PostKind::Question {
            row.add_text(self.under, PostRef { kind: PostKind::Question, id: document.question_id }.to_string());
        }
        if let Some(id) = document.answer_id {
            row.add_text(self.under, PostRef { kind: PostKind::Answer, id }.to_string());
        }
        if document.vouched {
            row.add_text(self.vouched, VOUCHED);
        }
        row.add_u64(self.kind, kind_number(document.post.kind));
        row.add_i64(self.post_id, document.post.id);
        row.add_i64(self.question_id, document.question_id);
        row.add_i64(self.created_at, document.created_at.0);
        for (field, text) in [
            (self.title, &document.title),
            (self.title_stems, &document.title),
            (self.body, &document.body),
            (self.body_stems, &document.body),
        ] {
            if !text.is_empty() {
                row.add_text(field, text);
            }
        }
        row
    }
}

const KINDS: [PostKind; 3] = [PostKind::Question, PostKind::Answer, PostKind::Comment];

fn kind_number(kind: PostKind) -> u64 {
    match kind {
        PostKind::Question => 0,
        PostKind::Answer => 1,
        PostKind::Comment => 2,
    }
}

/// The kind of post behind the column `kind`.
pub(super) fn kind_of(number: u64) -> Option<PostKind> {
    KINDS.into_iter().find(|kind| kind_number(*kind) == number)
}

/// What is in the index. A change here needs another folder name.
fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let text = |tokenizer: &str, record| {
        TextOptions::default().set_indexing_options(
            TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(record).set_fieldnorms(true),
        )
    };
    let exact = text(words::EXACT, IndexRecordOption::WithFreqsAndPositions);
    let stems = text(words::STEMS, IndexRecordOption::WithFreqs);
    let column = NumericOptions::from(FAST);
    let fields = Fields {
        key: schema.add_text_field("key", STRING),
        under: schema.add_text_field("under", STRING),
        vouched: schema.add_text_field("vouched", STRING),
        kind: schema.add_u64_field("kind", column.clone()),
        post_id: schema.add_i64_field("post_id", column.clone()),
        question_id: schema.add_i64_field("question_id", column.clone()),
        created_at: schema.add_i64_field("created_at", column),
        title: schema.add_text_field("title", exact.clone()),
        title_stems: schema.add_text_field("title_stems", stems.clone()),
        body: schema.add_text_field("body", exact),
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
