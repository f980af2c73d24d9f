//! Posts that not everybody sees: hidden by staff, held for review, private, merged or split off. The only way to their
//! words: each function asks for whoever looks, and gives the desk everything, an author their own, and nobody else anything.
//!
//! A private question, with everything in its thread, is read by its asker and the desk: [`Readers`] is that rule, and every
//! page, notice and picture asks it.

use std::collections::HashMap;

use super::{Author, store};
use crate::clock::Millis;
use crate::db::{Conn, DbError, PostKind, PostRef, text_enum};
use crate::members::{AtDesk, Member, MemberId, Role, Viewer};
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
        /// Only its asker and the desk see it; of questions alone.
        Private = "private",
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

    pub fn is_private(&self) -> bool {
        self.why() == Some(HiddenAs::Private)
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

/// Who reads a thread that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    Everybody,
    /// It is private: whoever asked it, and the desk.
    Asker(Author),
}

impl Readers {
    /// Whether this member is among them.
    pub fn include(self, id: MemberId, role: Role) -> bool {
        match self {
            Self::Everybody => true,
            Self::Asker(asker) => role.is_at_desk() || asker.member() == Some(id),
        }
    }

    /// As [`Self::include`]; `None`: somebody who is not signed in.
    pub fn include_viewer(self, viewer: Option<&Member>) -> bool {
        self == Self::Everybody || viewer.is_some_and(|member| self.include(member.id, member.role))
    }
}

/// Whether somebody may see what is not shown to everybody.
fn may_see(viewer: &Viewer, author: Author) -> bool {
    Readers::Asker(author).include_viewer(viewer.0.as_ref())
}

/// A post for somebody who may see it in whatever state: the desk any, others what is shown and their own. Anything else is
/// [`Error::NotFound`].
pub fn load_for(conn: &mut Conn, post: PostRef, viewer: &Viewer) -> Result<AnyPost, Error> {
    let found = store::find(conn, post)?.ok_or(Error::NotFound)?;
    let is_open = found.is_shown() && find_readers(conn, found.question_id)?.include_viewer(viewer.0.as_ref());
    if is_open || may_see(viewer, found.author) { Ok(found) } else { Err(Error::NotFound) }
}

/// Who reads a thread while it is not hidden or removed.
pub fn find_readers(conn: &mut Conn, thread: i64) -> Result<Readers, DbError> {
    store::find_readers(conn, thread)
}

/// Whether this viewer may see what stands in a post, as a picture does: the post in its thread, or in the thread that this
/// one is part of.
pub fn may_read(conn: &mut Conn, post: PostRef, viewer: &Viewer) -> Result<bool, DbError> {
    let Some(found) = store::find(conn, post)? else { return Ok(false) };
    let is_in_thread = found.is_shown() || found.is_private() || found.why() == Some(HiddenAs::Merged);
    let readers = if is_in_thread { store::find_readers_of_whole(conn, found.question_id)? } else { None };
    Ok(readers.is_some_and(|readers| readers.include_viewer(viewer.0.as_ref())) || may_see(viewer, found.author))
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
    posts.retain(|post| post.is_hidden() || post.is_held() || post.is_private());
    if !viewer.is_at_desk() {
        let threads: Vec<i64> = posts.iter().map(|post| post.question_id).collect();
        let titles = store::load_titles(conn, &threads)?;
        // Of a thread that they do not read they do not see the title.
        for post in posts.iter_mut().filter(|post| post.post.kind != PostKind::Question) {
            post.title = titles.for_reader(post.question_id, member, Role::Member).unwrap_or_default().to_owned();
        }
    }
    Ok(posts)
}

/// The newest posts of an author, in whatever state, for the desk.
pub fn list_all_of(conn: &mut Conn, author: Author, _reader: &AtDesk) -> Result<Vec<AnyPost>, DbError> {
    store::list_of(conn, author, LISTED)
}

/// The newest posts of a member that are shown themselves, newest first, of the last `limit` of each kind. Whether their threads
/// are shown is not asked.
pub fn list_newest_of(conn: &mut Conn, member: MemberId, limit: i64) -> Result<Vec<AnyPost>, DbError> {
    let mut posts = store::list_of(conn, Author::Member(member), limit)?;
    posts.retain(AnyPost::is_shown);
    Ok(posts)
}

/// Up to `limit` posts of an author that everybody sees, written at `since` or later.
pub fn list_shown_of(conn: &mut Conn, author: Author, since: Millis, limit: i64) -> Result<Vec<PostRef>, DbError> {
    store::list_shown_of(conn, author, since, limit)
}

/// How many posts of a member everybody sees.
pub fn count_shown(conn: &mut Conn, member: MemberId) -> Result<i64, DbError> {
    store::count_shown(conn, member)
}

/// The titles of threads, each for those who read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Titles(pub(super) HashMap<i64, (String, Readers)>);

impl Titles {
    /// `None`: this member does not read the thread, or nobody does.
    pub fn for_reader(&self, thread: i64, id: MemberId, role: Role) -> Option<&str> {
        let (title, readers) = self.0.get(&thread)?;
        readers.include(id, role).then_some(title.as_str())
    }
}

/// The titles of those of these threads that are shown, to everybody or to some.
pub fn load_titles(conn: &mut Conn, threads: &[i64]) -> Result<Titles, DbError> {
    store::load_titles(conn, threads)
}

/// As [`load_titles`], and of those that are part of another thread: who asked or followed one knows it by its own title.
pub fn load_told_titles(conn: &mut Conn, threads: &[i64]) -> Result<Titles, DbError> {
    let mut titles = store::load_titles(conn, threads)?;
    store::add_merged_titles(conn, &mut titles, threads)?;
    Ok(titles)
}

/// A post that is shown to its readers, with what whoever tells of it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readable {
    pub readers: Readers,
    pub question_id: i64,
    /// Of its thread.
    pub title: String,
    pub topic_id: Option<i64>,
    pub author: Author,
    /// Markdown of a member, plain text of a remote author.
    pub body: String,
}

/// `None`: it, or its thread, is out of sight. Tell of it only to its readers.
pub fn find_readable(conn: &mut Conn, post: PostRef) -> Result<Option<Readable>, DbError> {
    store::find_readable(conn, post)
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
