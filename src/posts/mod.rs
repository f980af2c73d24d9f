//! What the three kinds of post have in common: who wrote them, what a text must be like, where they are found.
//!
//! Owns no table, and writes none. Decodes the author columns in one place, so that a row which contradicts itself is
//! refused everywhere alike; and is the only way to the words of posts that not everybody sees.

pub mod history;
mod sight;
mod store;
mod words;

use std::fmt;

pub use sight::{
    AnyPost, HiddenAs, Readable, Readers, Sight, Titles, count_shown, count_since, find_author, find_readable,
    find_readers, list_all_of, list_judged_of, list_newest_of, list_shown_of, list_unshown_in, list_unshown_of,
    load_for, load_titles, load_told_titles, may_read,
};
pub use store::{OwnWords, author_changed, find_merged_into, list_shown_tags, list_tags_of, list_words_of};
pub use words::gone;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::clock::Millis;
use crate::db::{Conn, DbError, PostKind, PostRef, id_type, text_enum};
use crate::members::{Card, Member, MemberId, load_cards};
use crate::pictures::LONGEST_ALT;
use crate::web::Problems;
use crate::web::markdown::{self, CleanHtml};

/// Characters of a question's or an answer's text.
pub const LONGEST_BODY: usize = 30_000;
pub const LONGEST_COMMENT: usize = 1_000;
/// Shorter titles say too little to be found; longer ones are texts.
pub const SHORTEST_TITLE: usize = 15;
pub const LONGEST_TITLE: usize = 150;
const LONGEST_SLUG: usize = 80;

id_type!(
    /// The id of somebody who wrote on a network and has no account here.
    RemoteAuthorId
);

text_enum! {
    /// The network that a mirrored post came from.
    pub enum Origin {
        X = "x",
        Facebook = "facebook",
    }
}

impl Origin {
    pub const ALL: [Self; 2] = [Self::X, Self::Facebook];

    /// The network's name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::X => "X",
            Self::Facebook => "Facebook",
        }
    }

    /// Whether people name each other there by handles, which nobody else has.
    pub fn has_handles(self) -> bool {
        self == Self::X
    }

    /// How somebody there is named in a sentence. `handle`: without the leading `@`; an account of ours has its name there
    /// where the network knows no handles. Either may be empty.
    pub fn called(self, handle: &str, name: &str) -> Called {
        let who = match (self.has_handles() && !handle.is_empty(), name.is_empty()) {
            (true, _) => format!("@{handle}"),
            (false, false) => name.to_owned(),
            (false, true) => handle.to_owned(),
        };
        Called { origin: self, who }
    }

    /// How people write the name of an account there: `@acme`, or as it stands where nobody has a handle.
    pub fn name_of(self, handle: &str) -> String {
        self.called(handle, "").to_string()
    }
}

/// Somebody on a network as a sentence names them: "@mara_w", "Jo Miller"; where the network does not say who it is,
/// "Somebody on Facebook".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    origin: Origin,
    /// Empty: nobody said.
    who: String,
}

impl Called {
    pub fn is_named(&self) -> bool {
        !self.who.is_empty()
    }

    /// The network, to go on after the name: " on X". Empty where the name says it already.
    pub fn on(&self) -> String {
        if self.is_named() { format!(" on {}", self.origin.label()) } else { String::new() }
    }

    /// Where the network is named beside it: "@mara_w", "Jo Miller", or "somebody".
    pub fn who(&self) -> String {
        if self.is_named() { self.who.clone() } else { "somebody".to_owned() }
    }

    /// Without the `@`, as the letters of a picture are taken from it.
    pub fn letters(&self) -> &str {
        if self.is_named() { self.who.trim_start_matches('@') } else { "?" }
    }
}

impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_named() {
            true => f.write_str(&self.who),
            false => write!(f, "Somebody on {}", self.origin.label()),
        }
    }
}

/// Who wrote a post: a member here or somebody on a network, never both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Author {
    Member(MemberId),
    Remote { author: RemoteAuthorId, origin: Origin },
}

/// Whether a member may write another version of a post: who wrote it, staff, and trusted members where it is not the word
/// of the company. What somebody wrote on a network is theirs alone, and changed there. `card`: of the author; `None`: they
/// left.
pub fn may_edit(author: Author, card: Option<&Card>, by: &Member) -> bool {
    let Some(writer) = author.member() else { return false };
    let is_peer = by.trusted && !by.role.is_at_desk();
    writer == by.id || by.role.is_staff() || (is_peer && !card.is_some_and(Card::speaks_for_us))
}

/// As [`may_edit`], looking up who the author is.
pub fn find_may_edit(conn: &mut Conn, author: Author, by: &Member) -> Result<bool, DbError> {
    let cards = load_cards(conn, author.member().as_slice())?;
    Ok(may_edit(author, author.member().and_then(|id| cards.get(&id)), by))
}

/// Checks the reason of an edit, on one line. Whoever changes what a peer wrote must give one: its author reads it.
pub fn check_reason_of(problems: &mut Problems, text: &str, author: Author, by: &Member) -> String {
    let reason = check_reason(problems, text);
    if reason.is_empty() && problems.of("reason").is_none() && must_say_why(author, by) {
        problems.add("reason", words::REASON_MISSING);
    }
    reason
}

/// Whether this member changes the words of a peer.
pub fn must_say_why(author: Author, by: &Member) -> bool {
    author.member() != Some(by.id) && !by.role.is_staff()
}

/// Characters of the reason of an edit.
const LONGEST_REASON: usize = 200;

/// Checks the reason of an edit, on one line; it may be empty.
pub fn check_reason(problems: &mut Problems, text: &str) -> String {
    let reason = problems.optional_text("reason", "The reason", text, LONGEST_REASON);
    reason.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The three columns that hold an [`Author`]: member, remote author, origin.
pub type AuthorColumns = (Option<MemberId>, Option<RemoteAuthorId>, Option<Origin>);

impl Author {
    /// Reads the three columns. Any combination that is no author is [`DbError::Inconsistent`].
    pub fn decode(columns: AuthorColumns) -> Result<Self, DbError> {
        match columns {
            (Some(member), None, None) => Ok(Self::Member(member)),
            (None, Some(author), Some(origin)) => Ok(Self::Remote { author, origin }),
            other => Err(DbError::Inconsistent { what: "author of a post", value: format!("{other:?}") }),
        }
    }

    pub fn columns(self) -> AuthorColumns {
        match self {
            Self::Member(member) => (Some(member), None, None),
            Self::Remote { author, origin } => (None, Some(author), Some(origin)),
        }
    }

    pub fn member(self) -> Option<MemberId> {
        self.columns().0
    }

    pub fn remote(self) -> Option<RemoteAuthorId> {
        self.columns().1
    }

    pub fn origin(self) -> Option<Origin> {
        self.columns().2
    }
}

/// The words of a post that may be shown, as the index and its snippets need them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub post: PostRef,
    pub question_id: i64,
    /// The answer that a comment is about.
    pub answer_id: Option<i64>,
    /// Of questions; empty for the others.
    pub title: String,
    /// Markdown of a member, plain text of a remote author.
    pub body: String,
    pub author: Author,
    /// An answer that staff vouch for, or the question of one.
    pub vouched: bool,
    /// Of answers.
    pub accepted: bool,
    pub has_picture: bool,
    pub created_at: Millis,
}

impl Text {
    /// The body without its marks. Parses Markdown: not for inside a transaction.
    pub fn words(&self) -> String {
        match self.author.origin() {
            Some(_) => self.body.clone(),
            None => markdown::to_text(&self.body),
        }
    }
}

/// A text that passed the rules, with its rendering: ready for a transaction, in which nothing is rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    pub source: String,
    pub html: CleanHtml,
}

/// Checks and renders the Markdown of a member's post. `None`: `problems` says why, at `field`.
pub fn check_body(
    problems: &mut Problems,
    field: &'static str,
    name: &str,
    text: &str,
    longest: usize,
) -> Option<Body> {
    let source = problems.text(field, name, text, longest);
    if problems.of(field).is_some() {
        return None;
    }
    let said = markdown::descriptions(&source);
    let longest_said = said.iter().map(|said| said.chars().count()).max();
    if said.iter().any(String::is_empty) {
        problems.add(field, words::says_nothing(name));
        return None;
    }
    if let Some(many) = longest_said.filter(|many| *many > LONGEST_ALT) {
        problems.add(field, words::says_too_much(name, many, LONGEST_ALT));
        return None;
    }
    let html = markdown::to_html(&source);
    if markdown::to_text(&source).trim().is_empty() {
        problems.add(field, words::shows_no_words(name));
        return None;
    }
    Some(Body { source, html })
}

/// Checks the title that a member gives a question; returns it on one line.
pub fn check_title(problems: &mut Problems, field: &'static str, text: &str) -> String {
    let title = problems.text(field, "The title", text, LONGEST_TITLE).split_whitespace().collect::<Vec<_>>().join(" ");
    let length = title.chars().count();
    if problems.of(field).is_none() && length < SHORTEST_TITLE {
        problems.add(field, words::title_too_short(length, SHORTEST_TITLE));
    }
    title
}

/// The readable part of a question's address: `wifi-drops-every-evening`. Empty where the title holds no Latin letter
/// and no digit.
pub fn slug(title: &str) -> String {
    let mut slug = String::with_capacity(LONGEST_SLUG);
    let plain = title.nfkd().filter(|c| !is_combining_mark(*c) && *c != '\'' && *c != '’');
    for c in plain.flat_map(char::to_lowercase) {
        if slug.len() == LONGEST_SLUG {
            break;
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if PAGES.contains(&slug) { String::new() } else { slug.to_owned() }
}

/// What stands behind a question's address for its other pages: no title makes an address of its thread that leads there.
const PAGES: [&str; 3] = ["edit", "history", "remove"];

/// The address of a question: `/questions/12/wifi-drops-every-evening`.
pub fn question_place(question_id: i64, title: &str) -> String {
    match slug(title) {
        slug if slug.is_empty() => format!("/questions/{question_id}"),
        slug => format!("/questions/{question_id}/{slug}"),
    }
}

/// The address of an answer or a comment that stays, wherever it is shown: `/answers/5`.
pub fn permalink(question_id: i64, title: &str, post: PostRef) -> String {
    match post.kind {
        PostKind::Question => question_place(question_id, title),
        PostKind::Answer => format!("/answers/{}", post.id),
        PostKind::Comment => format!("/comments/{}", post.id),
    }
}

/// The address of any post in its thread: `/questions/12/wifi-drops-every-evening#answer-5`.
pub fn place(question_id: i64, title: &str, post: PostRef) -> String {
    let question = question_place(question_id, title);
    match post.kind {
        PostKind::Question => question,
        PostKind::Answer | PostKind::Comment => format!("{question}#{post}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_member_or_a_remote_author_is_an_author() {
        let (member, remote, x) = (MemberId(1), RemoteAuthorId(2), Origin::X);
        for author in [Author::Member(member), Author::Remote { author: remote, origin: x }] {
            assert_eq!(Author::decode(author.columns()).unwrap(), author);
        }
        for wrong in [
            (None, None, None),
            (Some(member), Some(remote), Some(x)),
            (Some(member), None, Some(x)),
            (None, Some(remote), None),
            (None, None, Some(x)),
        ] {
            assert!(matches!(Author::decode(wrong), Err(DbError::Inconsistent { .. })), "{wrong:?}");
        }
    }

    #[test]
    fn people_are_named_as_their_network_names_them() {
        let named = |origin: Origin, handle, name| {
            let called = origin.called(handle, name);
            (called.to_string(), called.on())
        };
        let said = |called: &str, on: &str| (called.to_owned(), on.to_owned());
        assert_eq!(named(Origin::X, "mara_w", "Mara"), said("@mara_w", " on X"));
        assert_eq!(named(Origin::X, "", "Mara"), said("Mara", " on X"));
        assert_eq!(named(Origin::Facebook, "", "Jo Miller"), said("Jo Miller", " on Facebook"));
        // A page of ours, known by its name alone.
        assert_eq!(named(Origin::Facebook, "Acme Help", ""), said("Acme Help", " on Facebook"));
        assert_eq!(named(Origin::Facebook, "", ""), said("Somebody on Facebook", ""));
    }

    #[test]
    fn slugs_are_short_plain_and_never_end_in_a_dash() {
        for (title, expected) in [
            ("Wifi drops every evening!", "wifi-drops-every-evening"),
            ("  Größe & “Maß” — café? ", "gro-e-ma-cafe"),
            ("It's 5G; isn’t it?", "its-5g-isnt-it"),
            ("موجه لا يعمل", ""),
            ("../../etc/passwd", "etc-passwd"),
            ("Как посмотреть history?", ""),
        ] {
            assert_eq!(slug(title), expected);
        }
        let long = slug(&"word ".repeat(100));
        assert!(long.len() <= LONGEST_SLUG && !long.ends_with('-'));
    }

    #[test]
    fn a_post_is_found_in_its_thread() {
        let answer = PostRef { kind: PostKind::Answer, id: 5 };
        assert_eq!(place(12, "Wifi drops", answer), "/questions/12/wifi-drops#answer-5");
        assert_eq!(place(12, "؟", PostRef { kind: PostKind::Question, id: 12 }), "/questions/12");
    }

    #[test]
    fn a_body_that_would_show_nothing_is_refused() {
        for text in ["", " \n\t ", "\u{200B}\u{FEFF}", "\0", "[x]: https://example.com", "***"] {
            let mut problems = Problems::default();
            assert_eq!(check_body(&mut problems, "body", "Your answer", text, 100), None, "{text:?}");
            assert!(problems.of("body").is_some(), "{text:?}");
        }
        let mut problems = Problems::default();
        let body = check_body(&mut problems, "body", "Your answer", "**Hold**\0 it", 100).unwrap();
        assert_eq!((body.source.as_str(), body.html.as_str()), ("**Hold** it", "<p><strong>Hold</strong> it</p>\n"));
    }
}
