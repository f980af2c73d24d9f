//! The versions of a post's words, and what each changed of the one before, word by word. Pure.

use similar::{ChangeTag, TextDiff};

use crate::clock::Millis;

/// Longer texts are compared by lines: word by word they would take long, and show nothing that can be read.
const LONGEST_BY_WORDS: usize = 8_000;

/// A stretch of words that stayed, came or went.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    pub kind: Change,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Same,
    Added,
    Removed,
}

/// A version as it was written.
pub struct Written {
    pub number: i64,
    /// The name of who wrote it.
    pub by: String,
    /// Their own page here; none for a remote author.
    pub handle: Option<String>,
    pub written_at: Millis,
    /// Why; may be empty.
    pub reason: String,
    /// Empty where posts of this kind have none.
    pub title: String,
    pub body: String,
    pub body_html: String,
}

/// A version, and what it changed of the one before.
pub struct Version {
    pub number: i64,
    pub by: String,
    pub handle: Option<String>,
    pub written_at: Millis,
    pub reason: String,
    pub title: String,
    pub body_html: String,
    /// None: the title stayed, or it is the first version.
    pub title_pieces: Vec<Piece>,
    /// None: the words stayed, or it is the first version.
    pub pieces: Vec<Piece>,
    pub is_first: bool,
}

/// So many are shown, the newest: each is compared word by word.
pub const MOST: usize = 50;

/// Each with what it changed of the one that stands behind it: newest first, at most 50. Takes a while where they are long:
/// not for the async threads.
pub fn versions(mut written: Vec<Written>) -> Vec<Version> {
    written.truncate(MOST + 1);
    let befores: Vec<Option<(String, String)>> =
        written.iter().skip(1).map(|before| Some((before.title.clone(), before.body.clone()))).chain([None]).collect();
    let changed = |before: &str, after: &str| if before == after { Vec::new() } else { compare(before, after) };
    let version = |(one, before): (Written, Option<(String, String)>)| Version {
        number: one.number,
        by: one.by,
        handle: one.handle,
        written_at: one.written_at,
        reason: one.reason,
        is_first: before.is_none(),
        title_pieces: before.as_ref().map(|(title, _)| changed(title, &one.title)).unwrap_or_default(),
        pieces: before.map(|(_, body)| changed(&body, &one.body)).unwrap_or_default(),
        title: one.title,
        body_html: one.body_html,
    };
    written.into_iter().zip(befores).take(MOST).map(version).collect()
}

/// What came and went from one text to another, in reading order; neighbours of one kind are one piece.
pub fn compare(before: &str, after: &str) -> Vec<Piece> {
    let diff = if before.len().max(after.len()) > LONGEST_BY_WORDS {
        TextDiff::from_lines(before, after)
    } else {
        TextDiff::from_words(before, after)
    };
    let mut pieces: Vec<Piece> = Vec::new();
    for change in diff.iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => Change::Same,
            ChangeTag::Insert => Change::Added,
            ChangeTag::Delete => Change::Removed,
        };
        match pieces.last_mut().filter(|last| last.kind == kind) {
            Some(last) => last.text.push_str(change.value()),
            None => pieces.push(Piece { kind, text: change.value().to_owned() }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_and_went_is_told_apart() {
        let said = |before: &str, after: &str| -> String {
            let piece = |piece: &Piece| match piece.kind {
                Change::Same => piece.text.clone(),
                Change::Added => format!("[+{}]", piece.text),
                Change::Removed => format!("[-{}]", piece.text),
            };
            compare(before, after).iter().map(piece).collect()
        };
        assert_eq!(said("Set channel 40 now", "Set channel 44 now"), "Set channel [-40][+44] now");
        assert_eq!(said("", "All new"), "[+All new]");
        assert_eq!(said("Same", "Same"), "Same");
        let long = format!("{}\n", "word ".repeat(LONGEST_BY_WORDS / 4));
        assert_eq!(compare(&long, &format!("{long}more")).len(), 2, "by lines");
    }
}
