//! A post as it is indexed: its words, and what it can be narrowed down by. Pure but for the fields of the index.

use sha2::{Digest, Sha256};
use tantivy::TantivyDocument;
use tantivy::tokenizer::{PreTokenizedString, Token};

use super::index::Fields;
use super::language::{Language, Stems, spelled};
use super::words;
use crate::clock::Millis;
use crate::db::{PostKind, PostRef};
use crate::members::MemberId;
use crate::posts::{Author, Origin, RemoteAuthorId};

/// What is true of a post, a bit each. Those of a thread stand on every post of it, so that a thread is counted once
/// whichever of its posts is found.
pub(super) mod marks {
    /// Of the thread: staff stand by an answer.
    pub const VERIFIED: u64 = 1;
    /// Of the thread: an answer is accepted.
    pub const ACCEPTED: u64 = 1 << 1;
    /// Of the thread: nobody has answered.
    pub const OPEN: u64 = 1 << 2;
    /// Of the thread: it was asked on a network.
    pub const MIRRORED: u64 = 1 << 3;
    pub const FROM_X: u64 = 1 << 4;
    pub const FROM_FACEBOOK: u64 = 1 << 5;
    /// Of the post: staff stand by it.
    pub const VOUCHED: u64 = 1 << 8;
    /// Of the post: it is accepted.
    pub const CHOSEN: u64 = 1 << 9;
    /// Of the post: it has a picture.
    pub const IMAGE: u64 = 1 << 10;
    /// Of the post: it is the question.
    pub const QUESTION: u64 = 1 << 11;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Document {
    pub post: PostRef,
    /// The thread in which it is read, which is another than its own where that was merged.
    pub thread: i64,
    /// Of questions only.
    pub title: String,
    /// Plain words, no Markdown.
    pub body: String,
    pub language: Language,
    pub author: Author,
    /// 0: of no topic.
    pub topic: i64,
    /// Of the thread.
    pub tags: Vec<String>,
    pub marks: u64,
    /// Of the thread's question.
    pub score: i64,
    pub created_at: Millis,
}

/// A post as one number.
pub(super) fn key(post: PostRef) -> u64 {
    let kind = match post.kind {
        PostKind::Question => 0,
        PostKind::Answer => 1,
        PostKind::Comment => 2,
    };
    (post.id.unsigned_abs() << 2) | kind
}

/// The post behind a number; `None`: there is none.
pub(super) fn post_of(key: u64) -> Option<PostRef> {
    let kind = match key & 3 {
        0 => PostKind::Question,
        1 => PostKind::Answer,
        2 => PostKind::Comment,
        _ => return None,
    };
    Some(PostRef { kind, id: i64::try_from(key >> 2).ok()? })
}

/// Somebody as one number.
pub(super) fn author_key(author: Author) -> u64 {
    match author {
        Author::Member(id) => member_key(id),
        Author::Remote { author, .. } => remote_key(author),
    }
}

pub(super) fn member_key(id: MemberId) -> u64 {
    id.0.unsigned_abs() << 1
}

pub(super) fn remote_key(id: RemoteAuthorId) -> u64 {
    (id.0.unsigned_abs() << 1) | 1
}

/// The marks of a thread for where it was asked.
pub(super) fn origin_marks(origin: Option<Origin>) -> u64 {
    match origin {
        None => 0,
        Some(Origin::X) => marks::MIRRORED | marks::FROM_X,
        Some(Origin::Facebook) => marks::MIRRORED | marks::FROM_FACEBOOK,
    }
}

impl Document {
    /// The same for the same document: what differs was changed since.
    pub fn checksum(&self) -> u64 {
        let mut digest = Sha256::new();
        for text in [&self.title, &self.body].into_iter().chain(&self.tags) {
            digest.update(text.len().to_le_bytes());
            digest.update(text);
        }
        digest.update(self.language.code());
        let author = author_key(self.author);
        for number in [key(self.post), self.thread.unsigned_abs(), author, self.topic.unsigned_abs(), self.marks] {
            digest.update(number.to_le_bytes());
        }
        for number in [self.score, self.created_at.0] {
            digest.update(number.to_le_bytes());
        }
        let mut first = [0; 8];
        first.copy_from_slice(&digest.finalize()[..8]);
        u64::from_le_bytes(first)
    }

    /// The document as it goes into the index.
    pub fn row(&self, fields: &Fields, checksum: u64, known: &Stems) -> TantivyDocument {
        let mut row = TantivyDocument::default();
        row.add_u64(fields.key, key(self.post));
        row.add_u64(fields.thread, self.thread.unsigned_abs());
        row.add_u64(fields.checksum, checksum);
        row.add_u64(fields.author, author_key(self.author));
        row.add_u64(fields.topic, self.topic.unsigned_abs());
        row.add_u64(fields.marks, self.marks);
        row.add_i64(fields.score, self.score);
        row.add_i64(fields.at, self.created_at.0);
        row.add_text(fields.language, self.language.code());
        for tag in &self.tags {
            row.add_text(fields.tag, tag);
        }
        for (text, exact, stems) in
            [(&self.title, fields.title, fields.title_stems), (&self.body, fields.body, fields.body_stems)]
        {
            if text.is_empty() {
                continue;
            }
            let (words, stemmed) = self.words(text, known);
            row.add_pre_tokenized_text(exact, words);
            row.add_pre_tokenized_text(stems, stemmed);
        }
        row
    }

    /// The words of a text as they are written, without accents, and the stems of those that say something.
    fn words(&self, text: &str, known: &Stems) -> (PreTokenizedString, PreTokenizedString) {
        let tokens: Vec<Token> = words::tokens(text).collect();
        let stemmed = tokens.iter().filter_map(|token| {
            let stem = known.of(self.language, &token.text)?;
            Some(Token { text: spelled(self.language, &stem), ..token_at(token) })
        });
        let stemmed = PreTokenizedString { text: String::new(), tokens: stemmed.collect() };
        let plain = |token: Token| Token { text: words::without_accents(&token.text), ..token };
        (PreTokenizedString { text: String::new(), tokens: tokens.into_iter().map(plain).collect() }, stemmed)
    }
}

fn token_at(token: &Token) -> Token {
    Token {
        offset_from: token.offset_from,
        offset_to: token.offset_to,
        position: token.position,
        text: String::new(),
        position_length: token.position_length,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_is_one_number() {
        for kind in [PostKind::Question, PostKind::Answer, PostKind::Comment] {
            let post = PostRef { kind, id: 4_711 };
            assert_eq!(post_of(key(post)), Some(post));
        }
    }

    #[test]
    fn another_word_or_another_place_is_another_checksum() {
        let document = Document {
            post: PostRef { kind: PostKind::Answer, id: 1 },
            thread: 1,
            title: String::new(),
            body: "Hold the button".to_owned(),
            language: Language::ENGLISH,
            author: Author::Member(MemberId(1)),
            topic: 0,
            tags: vec!["wifi".to_owned()],
            marks: 0,
            score: 0,
            created_at: Millis(0),
        };
        assert_eq!(document.checksum(), document.clone().checksum());
        let moved = Document { thread: 2, ..document.clone() };
        let edited = Document { body: "Hold the knob".to_owned(), ..document.clone() };
        let vouched = Document { marks: marks::VOUCHED, ..document.clone() };
        for other in [moved, edited, vouched] {
            assert_ne!(other.checksum(), document.checksum());
        }
    }
}
