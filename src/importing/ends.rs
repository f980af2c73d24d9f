//! What is left when the posts are here: the links between questions, and the count of the votes that are in their scores.

use super::dump::Part;
use super::row::{Cast, Link};
use super::{BATCH, ImportError, LinkKind, Reason, Run, Stream, row, store};
use crate::db::{DbError, PostKind};
use crate::questions::QuestionId;

impl Run<'_> {
    pub(super) async fn bring_links(&mut self) -> Result<(), ImportError> {
        let mut rows = self.dump.rows(Part::PostLinks)?;
        loop {
            let batch = self.next_rows(&mut rows, BATCH, |_| true)?;
            if batch.is_empty() {
                return Ok(());
            }
            let (many, source) = (batch.len() as u64, self.source);
            let ends = batch.iter().flat_map(|row| [row.number("PostId"), row.number("RelatedPostId")]);
            let ends: Vec<i64> = ends.flatten().collect();
            let here = self.db.read(move |conn| store::list_here(conn, source, Stream::Post, &ends)).await?;
            let question = |foreign: Option<i64>| {
                let post = here.get(&foreign?)?.post;
                (post.kind == PostKind::Question).then_some(QuestionId(post.id))
            };
            let mut links: Vec<(QuestionId, QuestionId, LinkKind)> = Vec::new();
            for row in &batch {
                let kind = row::link(row).map(|link| match link {
                    Link::Related => LinkKind::Related,
                    Link::Duplicate => LinkKind::Duplicate,
                });
                let ends = (question(row.number("PostId")), question(row.number("RelatedPostId")));
                if let (Some(kind), (Some(from), Some(to))) = (kind, ends) {
                    links.push((from, to, kind));
                }
            }
            let whole = links.len() as u64;
            let new = self
                .db
                .write(move |tx| {
                    let mut new = 0;
                    for (from, to, kind) in links {
                        if store::insert_link(tx, from, to, kind)? {
                            new += 1;
                            tx.shown_in(from.0);
                        }
                    }
                    Ok::<_, DbError>(new)
                })
                .await?;
            self.report.links.new += new;
            self.report.links.known += whole - new;
            self.report.note_many(Reason::OrphanLink, many - whole);
        }
    }

    /// Votes name nobody: what they came to is in the scores, and no more of them can be here.
    pub(super) async fn count_votes(&mut self) -> Result<(), ImportError> {
        let mut rows = self.dump.rows(Part::Votes)?;
        loop {
            let batch = self.next_rows(&mut rows, BATCH * 5, |_| true)?;
            if batch.is_empty() {
                return Ok(());
            }
            let source = self.source;
            let mut ids: Vec<i64> = batch.iter().filter_map(|row| row.number("PostId")).collect();
            ids.sort_unstable();
            ids.dedup();
            let here = self.db.read(move |conn| store::list_here(conn, source, Stream::Post, &ids)).await?;
            for row in &batch {
                let on = row.number("PostId").and_then(|id| here.get(&id));
                match (row::cast(row), on) {
                    (Cast::Other, _) => self.report.note(Reason::OtherVote),
                    (_, None) => self.report.note(Reason::OrphanVote),
                    (_, Some(here)) if here.run == self.number => self.report.votes.new += 1,
                    (_, Some(_)) => self.report.votes.known += 1,
                }
            }
        }
    }
}
