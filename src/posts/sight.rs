//! Posts that not everybody sees: hidden by staff, held for review, merged or split off. The only way to their words: each
//! function asks for whoever looks, and gives the desk everything, an author their own, and nobody else anything.

use std::collections::HashMap;

use super::{Author, store};
use crate::clock::Millis;
use crate::db::{Conn, DbError, PostKind, PostRef, text_enum};
use crate::members::{AtDesk, MemberId, Viewer};
use crate::web::Error;

/// Posts of one thread or of one author that are listed at once.
const LISTED: i64 = 100;

text_enum! {
    /// Why a post that is not shown may come back. Beside no such reason, `removed_at` is for good.
    pub enum HiddenAs {
        /// By staff.
        Hidden = "hidden",
        /// Until staff have looked at it, or because they did not let it through.
        Held = "held",
        /// Its thread is part of another one.
        Merged = "merged",
        /// It became a question of its own.
        Split = "split",
    }
}

/// Who sees a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Everybody, as far as its thread is shown.
    Shown,
    Unshown {
        why: HiddenAs,
        since: Millis,
    },
}

/// A post of any kind, shown or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnyPost {
    pub post: PostRef,
    pub question_id: i64,
    pub author: Author,
    /// Of its thread.
    pub title: String,
    /// Clean, as it is stored.
    pub body_html: String,
    pub sight: Sight,
    pub created_at: Millis,
}

impl AnyPost {
    pub fn is_shown(&self) -> bool {
        self.sight == Sight::Shown
    }

    /// Why it is not shown; `None`: it is.
    pub fn why(&self) -> Option<HiddenAs> {
        match self.sight {
            Sight::Shown => None,
            Sight::Unshown { why, .. } => Some(why),
        }
    }

    pub fn is_hidden(&self) -> bool {
        self.why() == Some(HiddenAs::Hidden)
    }

    pub fn is_held(&self) -> bool {
        self.why() == Some(HiddenAs::Held)
    }

    /// Its address in its thread.
    pub fn place(&self) -> String {
        super::place(self.question_id, &self.title, self.post)
    }

    /// The word for people.
    pub fn kind(&self) -> &'static str {
        match self.post.kind {
            PostKind::Question => "Question",
            PostKind::Answer => "Answer",
            PostKind::Comment => "Comment",
        }
    }
}

/// Whether somebody may see what is not shown to everybody.
fn may_see(viewer: &Viewer, author: Author) -> bool {
    viewer.is_at_desk() || (viewer.id().is_some() && author.member() == viewer.id())
}

/// A post for somebody who may see it in whatever state: the desk any, others what is shown and their own. Anything else is
/// [`Error::NotFound`].
pub fn load_for(conn: &mut Conn, post: PostRef, viewer: &Viewer) -> Result<AnyPost, Error> {
    let found = store::find(conn, post)?.ok_or(Error::NotFound)?;
    if found.is_shown() || may_see(viewer, found.author) { Ok(found) } else { Err(Error::NotFound) }
}

/// The hidden and held answers and comments of a thread that this viewer may see, oldest first. Costs nothing for those
/// who are not signed in.
pub fn list_unshown_in(conn: &mut Conn, thread: i64, viewer: &Viewer) -> Result<Vec<AnyPost>, DbError> {
    if viewer.id().is_none() {
        return Ok(Vec::new());
    }
    let mut posts = store::list_unshown_in(conn, thread, LISTED)?;
    posts.retain(|post| may_see(viewer, post.author));
    Ok(posts)
}

/// What a member wrote that is hidden or held, newest first; nothing for a viewer who may not see it.
pub fn list_unshown_of(conn: &mut Conn, member: MemberId, viewer: &Viewer) -> Result<Vec<AnyPost>, DbError> {
    let author = Author::Member(member);
    if !may_see(viewer, author) {
        return Ok(Vec::new());
    }
    let mut posts = store::list_unshown_of(conn, member, LISTED)?;
    posts.retain(|post| post.is_hidden() || post.is_held());
    if !viewer.is_at_desk() {
        let threads: Vec<i64> = posts.iter().map(|post| post.question_id).collect();
        let titles = store::list_titles(conn, &threads)?;
        // Of somebody else's thread they see what everybody sees.
        for post in posts.iter_mut().filter(|post| post.post.kind != PostKind::Question) {
            post.title = titles.get(&post.question_id).cloned().unwrap_or_default();
        }
    }
    Ok(posts)
}

/// The newest posts of an author, in whatever state, for the desk.
pub fn list_all_of(conn: &mut Conn, author: Author, _reader: &AtDesk) -> Result<Vec<AnyPost>, DbError> {
    store::list_of(conn, author, LISTED)
}

/// Up to `limit` posts of an author that everybody sees, written at `since` or later.
pub fn list_shown_of(conn: &mut Conn, author: Author, since: Millis, limit: i64) -> Result<Vec<PostRef>, DbError> {
    store::list_shown_of(conn, author, since, limit)
}

/// How many posts of a member everybody sees.
pub fn count_shown(conn: &mut Conn, member: MemberId) -> Result<i64, DbError> {
    store::count_shown(conn, member)
}

/// The titles of those of these threads that everybody sees.
pub fn list_titles(conn: &mut Conn, threads: &[i64]) -> Result<HashMap<i64, String>, DbError> {
    store::list_titles(conn, threads)
}

/// A post that everybody sees, with what whoever tells of it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Public {
    pub question_id: i64,
    /// Of its thread.
    pub title: String,
    pub topic_id: Option<i64>,
    pub author: Author,
    /// Markdown of a member, plain text of a remote author.
    pub body: String,
}

/// `None`: not everybody sees it, or its thread.
pub fn find_public(conn: &mut Conn, post: PostRef) -> Result<Option<Public>, DbError> {
    store::find_public(conn, post)
}

/// Who wrote a post, whatever became of it; `None`: it never was.
pub fn find_author(conn: &mut Conn, post: PostRef) -> Result<Option<Author>, DbError> {
    store::find_author(conn, post)
}

/// The questions and answers of a member, on which others may vote, whatever became of them. Tells nobody their words.
pub fn list_judged_of(conn: &mut Conn, member: MemberId) -> Result<Vec<PostRef>, DbError> {
    store::list_judged_of(conn, member)
}

/// How many posts a member wrote since then, shown or not; more than `most` of a kind are not counted.
pub fn count_since(conn: &mut Conn, member: MemberId, since: Millis, most: i64) -> Result<usize, DbError> {
    store::count_since(conn, member, since, most)
}
