//! The change feed: ids and kinds of what others must see anew, posts and the staff's work, in an order that every tail
//! can trust.
//!
//! Written only by `Db::write`, as the last statement of a transaction. Never holds text.

use diesel::prelude::*;

use super::schema::{change, feed};
use super::{Conn, DbError, PostKind, PostRef, Tx, text_enum};
use crate::clock::Millis;

/// PostgreSQL gives out ids before it commits: this lock makes them visible in order.
const ADVISORY_LOCK: i64 = 0x616e_7377_6665_6564;

/// What a transaction says it has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub post: PostRef,
    pub question_id: i64,
    pub at: Millis,
}

text_enum! {
    /// What changed.
    pub enum ChangeKind {
        Question = "question",
        Answer = "answer",
        Comment = "comment",
        /// Something in the staff's queue; which, is nobody else's to know.
        Work = "work",
        /// What pages show beside the words of posts: of one thread, all over the site, or to one member.
        Shown = "shown",
    }
}

impl From<PostKind> for ChangeKind {
    fn from(kind: PostKind) -> Self {
        match kind {
            PostKind::Question => Self::Question,
            PostKind::Answer => Self::Answer,
            PostKind::Comment => Self::Comment,
        }
    }
}

/// A change as it stands in the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable)]
pub struct Changed {
    pub id: i64,
    pub kind: ChangeKind,
    /// The post; of what is shown to one member, that member; else 0.
    pub post_id: i64,
    /// The thread; 0 for work in no thread, and for what is shown all over the site or to one member.
    pub question_id: i64,
}

impl Changed {
    /// The post that is to be seen anew; `None`: it is no post.
    pub fn post(&self) -> Option<PostRef> {
        let kind = match self.kind {
            ChangeKind::Question => PostKind::Question,
            ChangeKind::Answer => PostKind::Answer,
            ChangeKind::Comment => PostKind::Comment,
            ChangeKind::Work | ChangeKind::Shown => return None,
        };
        Some(PostRef { kind, id: self.post_id })
    }

    /// Whether something else is shown of one thread now, beside the words of its posts.
    pub fn is_shown_of_thread(&self) -> bool {
        self.kind == ChangeKind::Shown && self.question_id != 0
    }

    /// The only member to whom something else is shown; `None`: this is for more than one.
    pub fn member(&self) -> Option<i64> {
        (self.kind == ChangeKind::Shown && self.post_id != 0).then_some(self.post_id)
    }
}

/// What one transaction has to tell.
#[derive(Default)]
pub(super) struct Told {
    pub posts: Vec<Change>,
    /// The threads in whose work something changed, 0 for what has none.
    pub work: Vec<i64>,
    /// The threads of which something else is shown now, 0 for the whole site.
    pub shown: Vec<i64>,
    /// The members to whom alone something else is shown now.
    pub members: Vec<i64>,
}

impl Told {
    pub fn is_empty(&self) -> bool {
        self.posts.is_empty() && self.work.is_empty() && self.shown.is_empty() && self.members.is_empty()
    }

    /// What changed for more than one member, and in which thread; a thread whose posts changed is not told of twice.
    pub fn list(&self) -> impl Iterator<Item = (ChangeKind, i64)> {
        let posts = self.posts.iter().map(|change| (ChangeKind::from(change.post.kind), change.question_id));
        let shown = self.shown.iter().filter(|id| !self.posts.iter().any(|change| change.question_id == **id));
        posts.chain(shown.map(|id| (ChangeKind::Shown, *id))).chain(self.work.iter().map(|id| (ChangeKind::Work, *id)))
    }
}

/// Appends what one transaction changed.
pub(super) fn append(conn: &mut Conn, told: &Told) -> QueryResult<()> {
    if told.is_empty() {
        return Ok(());
    }
    // Whoever settles work need not know the time, and this orders nothing.
    let is_posts = told.posts.len() == told.list().count() && told.members.is_empty();
    let at = if is_posts { Millis(0) } else { conn.database_now()? };
    if let Conn::Postgres(postgres) = conn {
        diesel::sql_query(format!("SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")).execute(postgres)?;
    }
    for change in &told.posts {
        diesel::insert_into(change::table)
            .values((
                change::kind.eq(ChangeKind::from(change.post.kind)),
                change::post_id.eq(change.post.id),
                change::question_id.eq(change.question_id),
                change::at.eq(change.at),
            ))
            .execute(conn)?;
    }
    let others = told.list().skip(told.posts.len()).map(|(kind, question_id)| (kind, 0, question_id));
    let members = told.members.iter().map(|member| (ChangeKind::Shown, *member, 0));
    for (kind, post_id, question_id) in others.chain(members) {
        diesel::insert_into(change::table)
            .values((
                change::kind.eq(kind),
                change::post_id.eq(post_id),
                change::question_id.eq(question_id),
                change::at.eq(at),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// Up to `limit` changes after the cursor, oldest first.
pub fn list_changes(conn: &mut Conn, after: i64, limit: i64) -> Result<Vec<Changed>, DbError> {
    Ok(change::table
        .filter(change::id.gt(after))
        .order(change::id)
        .limit(limit)
        .select((change::id, change::kind, change::post_id, change::question_id))
        .load(conn)?)
}

/// The newest change id; 0 where nothing ever changed.
pub fn newest_change(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(change::table.select(diesel::dsl::max(change::id)).first::<Option<i64>>(conn)?.unwrap_or(0))
}

/// The oldest change id that is still kept; 0 where there is none.
pub fn oldest_change(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(change::table.select(diesel::dsl::min(change::id)).first::<Option<i64>>(conn)?.unwrap_or(0))
}

/// The epoch of this database. A cursor of another epoch means nothing here.
pub fn epoch(conn: &mut Conn) -> Result<String, DbError> {
    Ok(feed::table.select(feed::epoch).first(conn)?)
}

/// Whether a demo filled this database.
pub fn is_demo(conn: &mut Conn) -> Result<bool, DbError> {
    Ok(feed::table.select(feed::demo).first::<i64>(conn)? != 0)
}

/// Says for good that the people in this database are made up.
pub fn mark_demo(tx: &mut Tx<'_>) -> Result<(), DbError> {
    diesel::update(feed::table).set(feed::demo.eq(1)).execute(&mut **tx)?;
    Ok(())
}

/// Throws away at most `limit` changes from before `before`, never the newest one, from which the next goes on. An index
/// that has not seen them yet is built anew. Ids rise with time: the oldest are looked at, and no more.
pub fn prune_changes(tx: &mut Tx<'_>, before: Millis, limit: i64) -> Result<usize, DbError> {
    let newest = newest_change(tx)?;
    let oldest: Vec<(i64, Millis)> = change::table
        .filter(change::id.lt(newest))
        .order(change::id)
        .limit(limit)
        .select((change::id, change::at))
        .load(&mut **tx)?;
    let old: Vec<i64> = oldest.into_iter().take_while(|(_, at)| *at < before).map(|(id, _)| id).collect();
    Ok(diesel::delete(change::table.filter(change::id.eq_any(old))).execute(&mut **tx)?)
}

/// Gives a new database its epoch; several nodes may try at once, one wins.
pub(super) fn begin_epoch(conn: &mut Conn) -> Result<(), DbError> {
    if feed::table.select(feed::epoch).first::<String>(conn).optional()?.is_some() {
        return Ok(());
    }
    let row = (feed::id.eq(1), feed::epoch.eq(new_epoch()?));
    super::per_database!(conn, inner => diesel::insert_into(feed::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(inner))?;
    Ok(())
}

/// Begins another life of the same database: what tailed the first one starts again.
pub(super) fn renew_epoch(conn: &mut Conn) -> Result<(), DbError> {
    diesel::update(feed::table).set(feed::epoch.eq(new_epoch()?)).execute(conn)?;
    Ok(())
}

fn new_epoch() -> Result<String, DbError> {
    let mut bytes = [0u8; 12];
    getrandom::fill(&mut bytes).map_err(|error| DbError::Unreachable(format!("no random numbers: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
