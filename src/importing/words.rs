//! Every sentence that this slice says to people. No rule, no query.

use std::io;
use std::path::Path;

pub const ENDS_TOO_EARLY: &str = "the file ends in the middle";

pub fn no_folder(folder: &Path) -> String {
    format!("there is no folder {}. Unpack the dump and name the folder that holds its Posts.xml", folder.display())
}

pub fn no_posts(folder: &Path) -> String {
    format!(
        "{} holds no Posts.xml, without which there is nothing to bring over. Name the folder of one site, unpacked",
        folder.display()
    )
}

pub fn unreadable(file: &Path, error: &io::Error) -> String {
    format!(
        "{} cannot be read: {error}. Look whether this user may read it, and whether the disk is well",
        file.display()
    )
}

pub fn broken(file: &Path, at: u64, last: Option<&str>, why: &str) -> String {
    let behind = last.map_or_else(String::new, |id| format!(", behind the row with the Id {id}"));
    format!(
        "{} is broken at byte {at}{behind}: {why}. Unpack the dump again, or fetch it anew; then start the import once more. \
         Every file is read through before anything of it is brought over",
        file.display()
    )
}

pub fn changed_meanwhile(file: &Path) -> String {
    format!("{} changed while it was read. Start the import once more when nobody writes to it", file.display())
}

pub fn nameless(site: &str) -> String {
    format!("{site:?} is no name of a site. Give one with --site, such as --site beer.example.com")
}

pub const AT_WORK: &str =
    "another import is at work in this data folder. Wait for its end, or stop it; this one goes on from there";

/// Somebody of whom the dump holds a number alone.
pub fn nobody_named(user: &str) -> String {
    format!("user{user}")
}

/// Where a picture of a post has only the words that the editor there put in.
pub const PICTURE: &str = "Picture";

/// What begins a text that is to be opened on purpose.
pub const SPOILER: &str = "Spoiler:";

/// A question of which the dump holds no title.
pub fn no_title(id: i64) -> String {
    format!("Question {id}")
}

/// Why a question was closed there, by the code of the dump.
pub fn closed_as(code: Option<i64>) -> &'static str {
    match code {
        Some(1 | 101) => "It was asked before.",
        Some(2 | 102) => "It is not about what this site is for.",
        Some(3) => "It asks for opinions and arguments more than for an answer.",
        Some(4 | 103) => "It does not say clearly enough what is asked.",
        Some(7) => "It helps nobody but its asker.",
        Some(10) => "Any general work of reference answers it.",
        Some(20) => "It is noise.",
        Some(104) => "It asks for too much at once.",
        Some(105) => "Its answers would be opinions more than facts.",
        _ => "It was closed where it was asked.",
    }
}

pub const LEFT_NO_ID: &str = "rows without an Id";
pub const LEFT_TORN: &str = "rows that cannot be read";
pub const LEFT_TWICE: &str = "rows whose Id came before";
pub const LEFT_NO_QUESTION: &str = "posts that are neither question nor answer (descriptions of tags and the like)";
pub const LEFT_ORPHAN_ANSWER: &str = "answers whose question is not in the dump";
pub const LEFT_ORPHAN_COMMENT: &str = "comments on posts that are not in the dump";
pub const LEFT_ORPHAN_LINK: &str = "links of which an end is not here or is no question, or of an unknown kind";
pub const LEFT_ORPHAN_VOTE: &str = "votes on posts that are not here, such as deleted ones";
pub const LEFT_OTHER_VOTE: &str = "votes that say nothing of a post's worth (bounties, bookmarks, closing, moderation)";
pub const LEFT_ORPHAN_ACCEPTED: &str = "accepted answers that are not in the dump";
pub const LEFT_REMOVED: &str = "answers and comments under what was removed here";
pub const LEFT_EMPTY: &str = "comments without words";
pub const LEFT_SILENT: &str = "members who wrote nothing, and need no account";
pub const LEFT_BADGE: &str = "badges";
pub const LEFT_TAGS: &str = "tags beyond the five that a question has here, or without a letter";
pub const MADE_FORMER: &str = "more accounts, of authors of whom the dump holds a name or a number alone";
pub const MENDED_TAG: &str = "tags that are written as tags are here (c++ is cpp)";
pub const MENDED_DATE: &str = "dates that could not be true; another one stands in their place";
pub const MENDED_TITLE: &str = "questions without a title, named by their number";
pub const MENDED_ID: &str =
    "questions and answers with another number here, because theirs was taken; their old addresses lead to them";
pub const MENDED_HTML: &str =
    "texts taken from their HTML, because the dump holds no Markdown that shows the same here";
