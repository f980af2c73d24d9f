//! Notes: what colleagues tell each other about a thread or a private conversation, with @mentions. Nobody else ever sees
//! them: they make no change row, so no index, feed, cache or public page learns of them.
//!
//! Owns the table `note`. Whom a reader may show which subject to is the desk's to see.

mod store;

pub use store::{find_mentioned, insert, list, remove};

use crate::clock::Millis;
use crate::db::id_type;
use crate::members::{Card, MemberId};
use crate::queue::Subject;
use crate::web::markdown::{self, CleanHtml};

id_type!(
    /// The id of a note.
    NoteId
);

/// Characters of a note.
pub const LONGEST: usize = 4_000;
/// More people are not called by one note.
const MOST_MENTIONS: usize = 20;

/// A note as colleagues see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub id: NoteId,
    pub by: MemberId,
    /// Only [`CleanHtml`] is ever stored here.
    pub body_html: String,
    pub created_at: Millis,
}

/// A note to be written. Rendered before the transaction, in which nothing is.
#[derive(Clone, Debug)]
pub struct NewNote {
    pub subject: Subject,
    pub by: MemberId,
    /// Plain text.
    pub body: String,
    pub body_html: CleanHtml,
    /// Who is told of it.
    pub mentioned: Vec<MemberId>,
}

/// The handles that a text names with an `@`, in their order, each once.
pub fn mentions(text: &str) -> Vec<String> {
    let mut handles: Vec<String> = Vec::new();
    for (_, handle) in spots(text) {
        if !handles.iter().any(|known| known == handle) && handles.len() < MOST_MENTIONS {
            handles.push(handle.to_owned());
        }
    }
    handles
}

/// Where a text names handles: the place of the `@`, and the handle. An `@` inside a word is an e-mail address.
fn spots(text: &str) -> Vec<(usize, &str)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let begins = |at: usize| !text[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/'));
    text.match_indices('@')
        .filter(|(at, _)| begins(*at))
        .filter_map(|(at, _)| {
            let rest = &text[at + 1..];
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let handle = rest[..end].trim_end_matches(['-', '_']);
            (!handle.is_empty()).then_some((at, handle))
        })
        .collect()
}

/// Renders a note. The people at the desk that it names become links; other handles stay text.
pub fn render(text: &str, known: &[Card]) -> CleanHtml {
    markdown::from_plain_with(text, |word| {
        let (at, handle) = spots(word).into_iter().next()?;
        let card = known.iter().find(|card| card.handle == handle)?;
        Some((at..at + 1 + handle.len(), format!("/members/{}", card.handle)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::members::Role;

    #[test]
    fn mentions_are_handles_and_no_addresses() {
        let text = "@sam-staff and (@lee_lead), not mail@acme.com nor @ alone; @sam-staff again. Ask @kim.";
        assert_eq!(mentions(text), ["sam-staff", "lee_lead", "kim"]);
        assert_eq!(mentions(&"@a ".repeat(3)), ["a"]);
        assert_eq!(mentions(&(0..99).map(|n| format!("@p{n} ")).collect::<String>()).len(), MOST_MENTIONS);
    }

    #[test]
    fn who_works_at_the_desk_becomes_a_link_and_nobody_else() {
        let card = Card {
            id: MemberId(1),
            handle: "sam".to_owned(),
            name: "Sam".to_owned(),
            title: String::new(),
            role: Role::Staff,
            label: None,
            photo: None,
        };
        let html = render("Ask (@sam), or @mara & <b>co</b>", &[card]).into_string();
        assert!(html.contains("href=\"/members/sam\"") && html.contains(">@sam</a>)"), "{html}");
        assert!(html.contains("@mara") && !html.contains("/members/mara"), "{html}");
        assert!(html.contains("&lt;b&gt;"), "{html}");
    }
}
